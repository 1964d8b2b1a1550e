from odoo import api, fields, models
from odoo.exceptions import UserError


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    slot_id = fields.Many2one(
        "brp.slot",
        string="Time",
        copy=False,
        check_company=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('company_id', '=', company_id), ('state', '=', 'open'), ('start', '>', 'now'),"
        " ('free', '>', 0)]",
        help="Its places are booked when the order is confirmed, a booking for each.",
    )
    booking_ids = fields.One2many("brp.booking", "order_line_id", readonly=True)

    @api.onchange("slot_id")
    def _onchange_slot_id(self):
        if self.slot_id:
            self.update(self.slot_id._prepare_order_line())

    @api.depends("slot_id")
    def _compute_name(self):
        return super()._compute_name()

    def _get_sale_order_line_multiline_description_sale(self):
        description = super()._get_sale_order_line_multiline_description_sale()
        if self.slot_id:
            slot = self.slot_id.with_context(lang=self.order_id._get_lang())
            description = f"{description}\n{slot.display_name}"
        return description

    @api.depends("slot_id")
    def _compute_price_unit(self):  # pylint: disable=missing-return
        # What is asked for a time stands with the time: it is what was shown to the customer. What is booked
        # keeps its price.
        times = self.filtered("slot_id")
        super(SaleOrderLine, self - times)._compute_price_unit()
        for line in times.filtered(lambda line: not line.booking_ids):
            line.price_unit = line.technical_price_unit = line.slot_id.price_unit

    @api.depends("slot_id")
    def _compute_discount(self):  # pylint: disable=missing-return
        times = self.filtered("slot_id")
        super(SaleOrderLine, self - times)._compute_discount()
        times.filtered(lambda line: not line.booking_ids).discount = 0

    def copy_data(self, default=None):
        copies = super().copy_data(default)
        for line, values in zip(self, copies, strict=True):
            if line.slot_id and not values.get("slot_id"):
                values.pop("name", None)  # it tells of the time, which is not the copy's
        return copies

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        # What is put on an order that is confirmed already is sold at once.
        if not self.env.context.get("booking"):
            lines.filtered(lambda line: line.state == "sale")._book_slots()
        return lines

    def write(self, vals):
        if {"product_uom_qty", "slot_id", "product_id"} & vals.keys() and not self.env.context.get("booking"):
            for line in self.filtered(lambda line: line._get_booked()):
                if any(name in vals and line._is_changed(name, vals[name]) for name in
                       ("product_uom_qty", "slot_id", "product_id")):  # fmt: skip
                    raise UserError(
                        self.env._(
                            "%s is booked: cancel or move its bookings instead.", line.slot_id.display_name
                        )
                    )
        done = super().write(vals)
        if vals.get("slot_id") and not self.env.context.get("booking"):
            self.filtered(lambda line: line.state == "sale")._book_slots()
        return done

    def _is_changed(self, name, value):
        return self._fields[name].convert_to_write(self[name], self) != value

    # === BOOKING === #

    def _get_booked(self):
        """Return the bookings of the line that are not cancelled."""
        return self.booking_ids.filtered(lambda booking: booking.state == "booked")

    def _get_booking_invoice(self):
        """Return the invoice by which the line's bookings are charged: the latest, if one was reversed."""
        invoices = self.invoice_lines.move_id.filtered(
            lambda move: move.move_type == "out_invoice" and move.state == "posted"
        )
        valid = invoices.filtered(lambda move: move.payment_state != "reversed")
        return (valid or invoices).sorted("id")[-1:]

    def _count_invoiced(self):
        """Return how many places are charged by invoices: what others, as a till, charge is theirs."""
        items = self.invoice_lines.filtered(lambda item: item.parent_state == "posted")
        sold = items.filtered(lambda item: item.move_type == "out_invoice")
        return round(sum(sold.mapped("quantity")) - sum((items - sold).mapped("quantity")))

    def _book_slots(self):
        """Book the places of the lines' times that are not booked yet.

        :raise UserError: somebody was first, or the time is not for sale
        """
        self._check_time_chosen()
        for line in self.filtered(lambda line: line.slot_id and not line._get_booked()):
            slot = line.slot_id
            if not line.product_uom_qty and line.booking_ids:
                continue  # all of it was cancelled
            if line.currency_id != slot.currency_id:
                raise UserError(
                    self.env._(
                        "%(time)s is priced in %(currency)s: choose a price list in it.",
                        time=slot.display_name,
                        currency=slot.currency_id.name,
                    )
                )
            count = round(line.product_uom_qty)
            if count < 1 or count != line.product_uom_qty:
                raise UserError(
                    self.env._("%s: places are booked in whole numbers, one or more.", slot.display_name)
                )
            rows = line._find_held()[:count]
            if missing := count - len(rows):
                at_desk = (line.order_id.booking_source or "desk") == "desk"
                if obstacle := slot._find_obstacle(at_desk):
                    raise UserError(obstacle)
                rows += slot._take_all(missing, line._prepare_occupancy())
            line._make_bookings(rows)

    def _check_time_chosen(self):
        """Refuse to sell a time to book without saying which: it would be paid, and nobody's."""
        for line in self:
            if line.product_id.is_slot and not line.slot_id and line.product_uom_qty > 0:
                raise UserError(
                    self.env._(
                        "%s is a time to book: choose which one in the column Time.",
                        line.product_id.display_name,
                    )
                )

    def _find_held(self):
        """Return the ids of the places that are held for the line's order: they need not be taken."""
        key = self.order_id.booking_hold
        if not key:
            return []
        Occupancy = self.env["brp.occupancy"].sudo()
        return Occupancy.search(
            [*Occupancy._get_live_domain(key), ("slot_id", "=", self.slot_id.id)], order="place"
        ).ids

    def _prepare_occupancy(self):
        """Return what is noted with places that are taken for the line."""
        return {}

    def _make_bookings(self, rows, **values):
        """Make the bookings of places that have been taken for the line."""
        self.ensure_one()
        price = self.currency_id.round(self.price_total / len(rows))
        return (
            self.env["brp.booking"]
            .sudo()
            ._book(
                rows,
                [
                    {
                        "slot_id": self.slot_id.id,
                        "partner_id": self.order_id.partner_id.id,
                        "order_line_id": self.id,
                        "price": price,
                        "source": self.order_id.booking_source or "desk",
                        **values,
                    }
                    for _row in rows
                ],
            )
        )

    # === MOVING === #

    def _follow_bookings(self):
        """Have lines tell the time that their bookings were moved to, as soon as all of them are there.

        So do their draft invoices; those that are posted tell what was sold.
        """
        for line in self:
            slot = line.booking_ids.filtered(lambda booking: booking.state == "booked").slot_id
            if len(slot) == 1 and slot != line.slot_id:
                line.with_context(booking=True).slot_id = slot
                drafts = line.invoice_lines.filtered(lambda item: item.parent_state == "draft")
                drafts.name = line._prepare_invoice_line()["name"]
