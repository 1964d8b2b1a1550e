from datetime import timedelta
from operator import ge, gt, le, lt

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_datetime, format_time

_COMPARE = {">": gt, ">=": ge, "<": lt, "<=": le, "in": lambda free, values: free in values}


def at_the_same_time(first, second):
    """Return the condition that two rows with resource_id, start and stop are of a resource at a time.

    Written as the indexes have it: to compare start and stop one by one would read all that ever was. None of
    the columns may be empty: an empty one would be any resource, and any time.

    :param first, second: names of tables in the query; or of the second, (resource id, start, stop)
    """
    if isinstance(second, str):
        second = [SQL.identifier(second, column) for column in ("resource_id", "start", "stop")]
    resource, start, stop = second
    first = SQL.identifier(first)
    return SQL(
        "int4range(%(first)s.resource_id, %(first)s.resource_id, '[]')"
        " && int4range(%(resource)s, %(resource)s, '[]')"
        " AND tsrange(%(first)s.start, %(first)s.stop) && tsrange(%(start)s, %(stop)s)",
        first=first,
        resource=resource,
        start=start,
        stop=stop,
    )


class Slot(models.Model):
    """A time of a resource that can be booked."""

    _name = "brp.slot"
    _description = "Time"
    _order = "start, resource_id, stop"
    _rec_names_search = ["resource_id"]
    _check_company_auto = True

    resource_id = fields.Many2one(
        "brp.resource", required=True, index=True, ondelete="cascade", check_company=True
    )
    facility_id = fields.Many2one(related="resource_id.facility_id", store=True, precompute=True, index=True)
    activity_id = fields.Many2one(related="resource_id.activity_id", store=True, precompute=True, index=True)
    company_id = fields.Many2one(related="resource_id.company_id", store=True, precompute=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    template_id = fields.Many2one(
        "brp.slot.template", string="Weekly Times", readonly=True, copy=False, index="btree_not_null",
        ondelete="set null",
    )  # fmt: skip
    product_id = fields.Many2one(
        "product.product",
        required=True,
        index=True,
        check_company=True,
        domain="[('is_slot', '=', True)]",
        ondelete="restrict",
    )
    start = fields.Datetime(required=True, index=True)
    stop = fields.Datetime(
        required=True, compute="_compute_stop", store=True, readonly=False, precompute=True, string="End"
    )
    duration = fields.Float(
        compute="_compute_duration", inverse="_inverse_duration", string="Length", help="In hours."
    )
    places = fields.Integer(
        compute="_compute_places", store=True, readonly=False, precompute=True, help="How many are sold."
    )
    price_unit = fields.Float(
        string="Price of the Product",
        digits="Product Price",
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        precompute=True,
        help="With or without VAT as the product's VAT tells.",
    )
    has_own_price = fields.Boolean(
        readonly=True, copy=False, help="Somebody has changed the price: new prices do not change it."
    )
    price = fields.Monetary(
        compute="_compute_price", store=True, help="What the customer pays for a place, VAT included."
    )
    state = fields.Selection(
        [("open", "For Sale"), ("closed", "Closed"), ("withdrawn", "Withdrawn")],
        default="open",
        required=True,
        copy=False,
        index=True,
        help="Withdrawn: its weekly times do not make it any more.",
    )
    booking_ids = fields.One2many("brp.booking", "slot_id", readonly=True)
    taken = fields.Integer(compute="_compute_free", string="Booked", help="Places of it that are taken.")
    free = fields.Integer(
        compute="_compute_free",
        search="_search_free",
        help="Places that can be booked: of the resource as well, which other times may have taken.",
    )
    calendar_name = fields.Char(compute="_compute_calendar_name")
    free_text = fields.Char(compute="_compute_free", string="Free Places")

    _once = models.UniqueIndex(
        "(resource_id, start, stop)", "The resource has a time with this start and end already."
    )
    _resource_time = models.Index(
        "USING gist (int4range(resource_id, resource_id, '[]'), tsrange(start, stop))"
    )
    _lasts = models.Constraint("CHECK(stop > start)", "A time ends later than it starts.")
    _places_positive = models.Constraint("CHECK(places >= 1)", "A time has at least one place.")
    _price_sensible = models.Constraint(
        "CHECK(price_unit >= 0)", "A time costs something or nothing, never less than nothing."
    )

    # === COMPUTE METHODS === #

    @api.depends("start")
    def _compute_stop(self):
        for slot in self:
            if slot.start and (not slot.stop or slot.stop <= slot.start):
                slot.stop = slot.start + timedelta(hours=1)

    @api.depends("start", "stop")
    def _compute_duration(self):
        for slot in self:
            slot.duration = (slot.stop - slot.start).total_seconds() / 3600 if slot.start and slot.stop else 0

    @api.onchange("duration")
    def _inverse_duration(self):
        for slot in self.filtered("start"):
            slot.stop = slot.start + timedelta(minutes=round(slot.duration * 60))

    @api.depends("resource_id")
    def _compute_places(self):
        for slot in self:
            slot.places = min(slot.places or slot.resource_id.places, slot.resource_id.places) or 1

    @api.depends("product_id")
    def _compute_price_unit(self):
        for slot in self.filtered("product_id"):
            slot.price_unit = self._get_list_price(slot.product_id, slot.template_id.pricelist_id)

    @api.model
    def _get_list_price(self, product, pricelist):
        """Return the price of a product for a place, in kronor; with or without VAT as its VAT tells."""
        if pricelist:
            return pricelist._get_product_price(product, 1.0)
        return product.lst_price

    @api.depends(
        "price_unit", "product_id.taxes_id.amount", "product_id.taxes_id.price_include", "company_id"
    )
    def _compute_price(self):
        for slot in self:
            slot.price = slot._compute_taxes()["total_included"]

    def _compute_taxes(self):
        """Return Odoo's ``compute_all`` of a place: what it costs with and without VAT, and its VAT."""
        self.ensure_one()
        return self.product_id.taxes_id._filter_taxes_by_company(self.company_id).compute_all(
            self.price_unit, self.currency_id, 1.0, product=self.product_id
        )

    @api.depends("places", "resource_id.places", "start", "stop", "state", "booking_ids.state")
    def _compute_free(self):
        counts = self._count_places()
        now = fields.Datetime.now()
        for slot in self:
            taken, free = counts.get(slot._origin.id, (0, slot.places))
            slot.taken = taken
            slot.free = free if slot.state == "open" and slot.stop and slot.stop > now else 0
            slot.free_text = f"{slot.free}/{slot.places}"

    def _count_places(self, but_for=None):
        """Return {slot id: (places of it that are taken, places that can be taken)}; one query for all.

        :param but_for: bookings whose places count as free
        """
        self.flush_recordset()
        self.env["brp.occupancy"].flush_model()
        return {
            slot: (taken, free)
            for slot, taken, free in self.env.execute_query(
                SQL(
                    "%s WHERE slot.id = ANY(%s) GROUP BY slot.id, resource.id",
                    self._free_query(but_for),
                    self.ids,
                )
            )
        }

    def _free_query(self, but_for=None):
        """Return the query of (id, places taken, places free) of times; what is held and expired is free.

        :param but_for: bookings whose places count as free
        """
        return SQL(
            """
            SELECT slot.id,
                   COUNT(taken.id) FILTER (WHERE taken.slot_id = slot.id),
                   GREATEST(0, LEAST(
                       slot.places - COUNT(taken.id) FILTER (WHERE taken.slot_id = slot.id),
                       resource.places - COUNT(DISTINCT taken.place)))
              FROM brp_slot slot
              JOIN brp_resource resource ON resource.id = slot.resource_id
         LEFT JOIN brp_occupancy taken
                ON %s
               AND (taken.expires IS NULL OR taken.expires >= %s)
               AND %s
            """,
            at_the_same_time("taken", "slot"),
            fields.Datetime.now(),
            SQL("COALESCE(taken.booking_id <> ALL(%s), TRUE)", but_for.ids) if but_for else SQL("TRUE"),
        )

    def _search_free(self, operator, value):
        if operator not in _COMPARE:
            return NotImplemented
        self.flush_model()
        self.env["brp.occupancy"].flush_model()
        sellable = Domain("state", "=", "open") & Domain("stop", ">", fields.Datetime.now())
        query = SQL(
            "(SELECT id FROM (%s WHERE slot.state = 'open' AND slot.stop > %s GROUP BY slot.id, resource.id)"
            " AS counted(id, taken, free) WHERE free %s)",
            self._free_query(),
            fields.Datetime.now(),
            SQL("= ANY(%s)", list(value)) if operator == "in" else SQL("%s %s", SQL(operator), value),
        )
        found = Domain("id", "in", query)
        # Of what is not for sale, nothing is free.
        return found | ~sellable if _COMPARE[operator](0, value) else found

    @api.depends("resource_id.display_name", "start", "stop")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for slot in self:
            slot.display_name = f"{slot.resource_id.display_name or ''}, {slot._describe_time()}"

    @api.depends("resource_id", "state", "booking_ids.state")
    @api.depends_context("lang")
    def _compute_calendar_name(self):
        for slot in self:
            slot.calendar_name = slot._describe_in_calendar()

    def _describe_in_calendar(self):
        """Return what stands on the time where its place tells when it is: who has booked it, or how many."""
        name = self.resource_id.display_name or ""
        if self.taken and self.places == 1:
            booked = self.booking_ids.filtered(lambda booking: booking.state == "booked")
            return f"{name}: {booked[:1].partner_id.name or self.env._('Held')}"
        if self.state != "open":
            return self.env._("%s (closed)", name)
        if not self.free and self.taken < self.places and self.stop > fields.Datetime.now():
            return self.env._("%s (blocked)", name)
        return self.env._("%(name)s, %(free)s free", name=name, free=self.free) if self.places > 1 else name

    def _describe_time(self):
        """Return when it is on the clocks of the facility: tors 26 nov. 17:00–18:00."""
        self.ensure_one()
        if not (self.start and self.stop):
            return ""
        tz = self.facility_id.tz
        starts = format_datetime(self.env, self.start, tz=tz, dt_format="EEE d MMM HH:mm")
        return f"{starts}–{format_time(self.env, self.stop, tz=tz, time_format='HH:mm')}"

    # === CONSTRAINT METHODS === #

    @api.constrains("places", "resource_id")
    def _check_places(self):
        for slot in self:
            if slot.places > slot.resource_id.places:
                raise ValidationError(
                    self.env._(
                        "%(resource)s has %(places)s places, no more can be sold.",
                        resource=slot.resource_id.name,
                        places=slot.resource_id.places,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        slots = super().create(vals_list)
        slots._note_changed()
        return slots

    def write(self, vals):
        moved = self.filtered(lambda slot: slot._is_moved(vals))
        if moved:
            moved._check_movable()
        by_hand = not self.env.context.get("making_slots")
        left = [slot._prepare_left() for slot in moved if slot.template_id and by_hand]
        if by_hand and "price_unit" in vals:
            vals = {"has_own_price": True, **vals}
        if moved and by_hand:
            vals = {**vals, "template_id": False}
        done = super().write(vals)
        if left:
            self.flush_recordset()
        # Where a weekly time was moved from, it is not made anew.
        self.env["brp.slot"].create(left)
        self._note_changed()
        return done

    def _is_moved(self, vals):
        return (
            any(
                self._fields[name].convert_to_cache(vals[name], self) != self[name]
                for name in ("start", "stop")
                if name in vals
            )
            or vals.get("resource_id", self.resource_id.id) != self.resource_id.id
        )

    def _check_movable(self):
        for slot in self:
            if booking := slot.booking_ids.filtered(lambda booking: booking.state == "booked")[:1]:
                raise UserError(
                    self.env._(
                        "%(time)s is booked by %(customer)s: move or cancel the booking first.",
                        time=slot.display_name,
                        customer=booking.partner_id.display_name,
                    )
                )

    def _prepare_left(self):
        return {
            "resource_id": self.resource_id.id,
            "start": self.start,
            "stop": self.stop,
            "product_id": self.product_id.id,
            "template_id": self.template_id.id,
            "state": "closed",
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for slot in self:
            if slot.booking_ids:
                raise UserError(self.env._("%s has been booked: close it instead.", slot.display_name))
            if slot.template_id and slot.start > fields.Datetime.now():
                raise UserError(
                    self.env._(
                        "%s comes from weekly times, which would make it anew: close it instead.",
                        slot.display_name,
                    )
                )
        self._note_times([(slot.resource_id.id, slot.start, slot.stop) for slot in self])

    def _get_key(self):
        return self.resource_id.id, self.start, self.stop

    # === ACTIONS === #

    def action_close(self):
        """Take the times from sale; what is booked stays booked."""
        self.filtered(lambda slot: slot.state != "closed").state = "closed"

    def action_open(self):
        """Sell the times."""
        self.state = "open"

    def action_book(self):
        """Open the dialog that books the time for a customer."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Book %s", self.display_name),
            "res_model": "brp.booking.desk",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_slot_id": self.id},
        }

    # === CHANGES === #

    def _note_changed(self):
        """Tell that what is seen of the times may have changed: addons that show them elsewhere listen."""
        self._note_times([(slot.resource_id.id, slot.start, slot.stop) for slot in self])

    @api.model
    def _note_times(self, times):
        """Tell that something has changed for all times that overlap with some.

        :param times: [(resource id, start, stop)]
        """

    # === BOOKING === #

    def _find_obstacle(self, at_desk=False):
        """Return why the time cannot be sold at all, or nothing; that it is full is another thing.

        :param at_desk: whoever stands at the desk may have what is left of a time that has begun
        """
        self.ensure_one()
        if self.state != "open" or not self.resource_id.active or not self.facility_id.active:
            return self.env._("%s is not for sale.", self.display_name)
        now = fields.Datetime.now()
        if self.stop <= now:
            return self.env._("%s is over.", self.display_name)
        if self.start <= now and not at_desk:
            return self.env._("%s has begun.", self.display_name)
        return False

    def _find_online_obstacle(self):
        """Return why the time cannot be booked by who is not at the desk, or nothing.

        The product tells when booking opens and closes; that the time is full is another thing.
        """
        if obstacle := self._find_obstacle():
            return obstacle
        now = fields.Datetime.now()
        opens, closes = self.product_id._get_booking_window()
        if opens is not None and now < self.start - opens:
            opening = format_datetime(
                self.env, self.start - opens, tz=self.facility_id.tz, dt_format="d MMM HH:mm"
            )
            return self.env._(
                "%(time)s can be booked from %(opening)s.", time=self.display_name, opening=opening
            )
        if now > self.start - closes:
            return self.env._("%s can no longer be booked online.", self.display_name)
        return False

    def _take(self, count, values):
        """Take places of the time.

        :param values: who takes them: columns of ``brp.occupancy``
        :return: the ids of the rows, fewer than asked for if there were not enough
        """
        self.ensure_one()
        Occupancy = self.env["brp.occupancy"].sudo()
        Occupancy._lock(self.resource_id)
        rows = Occupancy._take(
            self.resource_id,
            self.start,
            self.stop,
            count,
            {"slot_id": self.id, **values},
            within=(self.id, self.places),
        )
        if rows:
            self._note_changed()
        return rows

    def _take_all(self, count, values):
        """Take places, or say that there are not enough.

        :raise UserError:
        """
        rows = self._take(count, values)
        if len(rows) < count:
            raise UserError(self._describe_full(len(rows)))
        return rows

    def _prepare_order_line(self):
        """Return the values of an order line that sells a place."""
        return {"product_id": self.product_id.id, "slot_id": self.id, "product_uom_qty": 1}

    def _describe_full(self, free):
        if free:
            return self.env._("%(time)s has only %(free)s free places.", time=self.display_name, free=free)
        return self.env._("%s is fully booked: somebody was first.", self.display_name)
