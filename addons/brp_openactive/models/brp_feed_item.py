import logging
from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL

from ..openactive import PAGE_SIZE, facility_use_data

_logger = logging.getLogger(__name__)
# Whoever gives out change numbers holds this lock until they are committed: so that nobody sees a number
# before all lower ones can be seen.
_LOCK = "brp_openactive.change_number"
_BATCH = 500
#: Deleted items are told of at least this long (RPDE 1.0).
_TOLD_DELETED = timedelta(days=7)


class ChangeNumber(fields.Integer):
    """A number that may exceed the 2 147 483 647 of Odoo's own."""

    _column_type = ("int8", "int8")


class FeedItem(models.Model):
    """What a feed tells of one thing: ready to be sent, by the number of its last change.

    Change numbers are given out by who reads a feed, in a short transaction of its own, for what has been
    committed by then. So they come in the order in which they can be seen, nobody who sells waits for
    another, and nothing is lost when a process dies.
    """

    _name = "brp.feed.item"
    _description = "Published Item"
    _order = "change_number"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    connection_id = fields.Many2one("brp.connection", ondelete="cascade", help="Whose alone it is.")
    feed = fields.Selection(
        [("facility", "Facilities"), ("slot", "Times"), ("order", "Orders")], required=True
    )
    key = fields.Char(required=True, help="What it is called in the feed.")
    kind = fields.Char(required=True)
    change_number = ChangeNumber(required=True)
    data = fields.Text(help="JSON. Empty when it is deleted.")
    changed = fields.Datetime(required=True)

    _pages = models.UniqueIndex("(company_id, feed, connection_id, change_number)")
    _once = models.UniqueIndex("(company_id, feed, COALESCE(connection_id, 0), key)")

    def init(self):
        self.env.cr.execute("CREATE SEQUENCE IF NOT EXISTS brp_feed_item_change_number")

    # === READING === #

    @api.model
    def _read_page(self, company, feed, after=None, connection=None):
        """Return the rows of a page, all that has been committed until now.

        :param after: change number
        :return: [(change number, kind, key, data or None)]
        """
        with self.env["brp.occupancy"]._at_once() as own:
            items = own.env["brp.feed.item"]
            items._catch_up(_BATCH)
            return items._get_rows(company.id, feed, after or 0, connection and connection.id)

    @api.model
    def _get_rows(self, company, feed, after, connection):
        return self.env.execute_query(
            SQL(
                """
                SELECT change_number, kind, key, data
                  FROM brp_feed_item
                 WHERE company_id = %s AND feed = %s AND connection_id %s AND change_number > %s
              ORDER BY change_number
                 LIMIT %s
                """,
                company,
                feed,
                SQL("= %s", connection) if connection else SQL("IS NULL"),
                after,
                PAGE_SIZE,
            )
        )

    # === TELLING WHAT HAS CHANGED === #

    @api.model
    def _catch_up(self, limit):
        """Give what has changed its numbers, in a transaction that ends with it.

        :param limit: how many changes
        :return: whether there may be more
        """
        Change = self.env["brp.feed.change"]
        self._free_expired()
        if not Change._is_any():
            return False
        self.env.cr.execute(SQL("SELECT pg_advisory_xact_lock(hashtext(%s))", _LOCK))
        slots, gone, orders, facilities = Change._take(limit)
        if facilities:
            self._tell_facilities()
        if slots:
            self._tell_slots(self.env["brp.slot"].browse(slots))
        if gone:
            self._tell_gone(gone)
        if orders:
            self._tell_orders(self.env["brp.channel.order"].browse(orders))
        more = Change._is_any()
        # The numbers can be seen, and the next one may give out more.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        return more

    @api.model
    def _free_expired(self):
        """Free places whose holding has expired, for everybody to see."""
        Occupancy = self.env["brp.occupancy"]
        if Occupancy.search_count([("expires", "<", fields.Datetime.now())], limit=1):
            Occupancy._forget_expired()

    @api.model
    def _tell_facilities(self):
        """Tell of all facilities that online tills serve, and that others are not there any more.

        Times are only told of with their facility: those of one that comes or goes are noted.
        """
        rows = []
        moved = self.env["brp.resource"]
        items = self.search([("feed", "=", "facility")]).grouped("company_id")
        for company in self.env["res.company"].search([]):  # pylint: disable=no-search-all
            told = items.get(company, self.browse())
            uses = company._get_openactive_facility_uses()
            rows += [
                (company.id, None, use.identifier, use.kind, facility_use_data(use)) for use in uses.values()
            ]
            rows += [(company.id, None, item.key, item.kind, None) for item in told if item.key not in uses]
            if turned := set(told.filtered("data").mapped("key")) ^ uses.keys():
                moved += moved.search([("company_id", "=", company.id)]).filtered(
                    lambda resource, turned=turned: resource._get_openactive_key() in turned
                )
        self._store("facility", rows)
        moved._note_all_times()

    @api.model
    def _tell_slots(self, slots):
        """Tell of times: those that can be booked, and that others are not there."""
        texts = slots._get_openactive_texts()
        self._store(
            "slot",
            [(slot.company_id.id, None, str(slot.id), slot._get_openactive_kind(), texts.get(slot.id))
             for slot in slots],
        )  # fmt: skip

    @api.model
    def _tell_gone(self, slots):
        """Tell that times are not there any more.

        :param slots: ids of times that are deleted
        """
        self.env.cr.execute(
            SQL(
                """
                UPDATE brp_feed_item
                   SET data = NULL, changed = %s, change_number = NEXTVAL('brp_feed_item_change_number')
                 WHERE feed = 'slot' AND key = ANY(%s) AND data IS NOT NULL
                """,
                fields.Datetime.now(),
                [str(slot) for slot in slots],
            )
        )
        self.invalidate_model()

    @api.model
    def _tell_orders(self, orders):
        """Tell marketplaces of their orders that have changed after they were booked."""
        rows = []
        for order in orders:
            try:
                data = order._get_openactive_data()
            except ValueError as error:
                # One order that makes no sense is no reason not to tell of anything any more.
                _logger.error("%s cannot be told of: %s", order, error)
            else:
                rows.append((order.company_id.id, order.connection_id.id, order.uuid, "Order", data))
        self._store("order", rows)

    @api.model
    def _store(self, feed, rows):
        """Store what is told of things, with new numbers for what differs from what was told before.

        :param rows: [(company id, connection id or None, key, kind, data or None)]; of what never was told,
            nothing is told when it is not there
        """
        if not rows:
            return
        companies, connections, keys, kinds, texts = (list(column) for column in zip(*rows, strict=True))
        self.env.cr.execute(
            SQL(
                """
                WITH told(company, connection, key, kind, data, row) AS (
                    SELECT * FROM UNNEST(%(companies)s::int[], %(connections)s::int[], %(keys)s::text[],
                                         %(kinds)s::text[], %(texts)s::text[]) WITH ORDINALITY
                ),
                different AS (
                    SELECT told.*
                      FROM told
                 LEFT JOIN brp_feed_item item
                        ON item.company_id = told.company AND item.feed = %(feed)s
                       AND COALESCE(item.connection_id, 0) = COALESCE(told.connection, 0)
                       AND item.key = told.key
                     WHERE CASE WHEN item.id IS NULL THEN told.data IS NOT NULL
                           ELSE item.data IS DISTINCT FROM told.data OR item.kind <> told.kind END
                  ORDER BY told.row
                )
                INSERT INTO brp_feed_item
                            (company_id, connection_id, feed, key, kind, data, change_number, changed)
                SELECT company, connection, %(feed)s, key, kind, data,
                       NEXTVAL('brp_feed_item_change_number'), %(now)s
                  FROM different
           ON CONFLICT (company_id, feed, COALESCE(connection_id, 0), key)
         DO UPDATE SET data = EXCLUDED.data, kind = EXCLUDED.kind,
                       change_number = EXCLUDED.change_number, changed = EXCLUDED.changed
                """,
                companies=companies,
                connections=connections,
                keys=keys,
                kinds=kinds,
                texts=texts,
                feed=feed,
                now=fields.Datetime.now(),
            )
        )
        self.invalidate_model()

    # === JOBS === #

    @api.model
    def _cron_publish(self):
        """Tell what has changed, what time has brought, and forget what was deleted long ago."""
        self._note_what_time_brings()
        progress = self.env["ir.cron"]
        progress._commit_progress()
        more = True
        while more:
            with self.env["brp.occupancy"]._at_once() as own:
                more = own.env["brp.feed.item"]._catch_up(_BATCH)
            if not progress._commit_progress(1, remaining=int(more)):
                break
        with self.env["brp.occupancy"]._at_once() as own:
            own.env["brp.feed.item"]._forget_deleted()
        # What a facility lacks is shown on the cards of those who are to sell its times.
        self.env["brp.connection"]._find_tills()._refresh_problem()

    @api.model
    def _note_what_time_brings(self):
        """Note the times that have begun, and those that have come near enough to be sold.

        Facilities are noted as well: what is told of them stands in many places.
        """
        self.env["brp.feed.change"]._note_facilities()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO brp_feed_change (resource_id, start, stop)
                SELECT slot.resource_id, slot.start, slot.stop
                  FROM brp_slot slot
                  JOIN brp_feed_item item
                    ON item.feed = 'slot' AND item.company_id = slot.company_id AND item.key = slot.id::text
                 WHERE item.data IS NOT NULL AND slot.start <= %(now)s
                 UNION ALL
                SELECT slot.resource_id, slot.start, slot.stop
                  FROM brp_slot slot
             LEFT JOIN brp_feed_item item
                    ON item.feed = 'slot' AND item.company_id = slot.company_id AND item.key = slot.id::text
                 WHERE item.data IS NULL AND slot.state = 'open' AND slot.start > %(now)s
                   AND slot.start <= (
                       SELECT MAX(%(now)s + till.marketplace_horizon * INTERVAL '1 day')
                         FROM brp_connection till
                         JOIN brp_connection_brp_facility_rel served ON served.brp_connection_id = till.id
                        WHERE till.provider = 'marketplace' AND till.state = 'active'
                          AND served.brp_facility_id = slot.facility_id)
                """,
                now=fields.Datetime.now(),
            )
        )
        # Times that the database itself has deleted, with what they belonged to.
        self.env.cr.execute(
            """
            INSERT INTO brp_feed_change (slot_id)
            SELECT item.key::int
              FROM brp_feed_item item
             WHERE item.feed = 'slot' AND item.data IS NOT NULL
               AND NOT EXISTS (SELECT FROM brp_slot slot WHERE slot.id = item.key::int)
            """
        )

    @api.model
    def _forget_deleted(self):
        self.env.cr.execute(
            SQL(
                "DELETE FROM brp_feed_item WHERE data IS NULL AND changed < %s",
                fields.Datetime.now() - _TOLD_DELETED,
            )
        )
