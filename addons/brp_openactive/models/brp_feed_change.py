from odoo import api, fields, models
from odoo.tools import SQL


class FeedChange(models.Model):
    """Something that feeds have to tell anew: noted by the transaction that changes it, told when it is done.

    Rows are only ever added here, so that transactions that change the same time do not wait for each other.
    """

    _name = "brp.feed.change"
    _description = "Change to Publish"
    _log_access = False
    _order = "id"

    resource_id = fields.Integer(help="Times of this resource that overlap with start to stop.")
    start = fields.Datetime()
    stop = fields.Datetime()
    channel_order_id = fields.Integer()
    facilities = fields.Boolean(help="All facilities.")

    @api.model
    def _note_times(self, times):
        """Note that what is told of times may have changed.

        :param times: [(resource id, start, stop)]
        """
        if times:
            resources, starts, stops = (list(column) for column in zip(*set(times), strict=True))
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO brp_feed_change (resource_id, start, stop)
                    SELECT * FROM UNNEST(%s::int[], %s::timestamp[], %s::timestamp[])
                    """,
                    resources,
                    starts,
                    stops,
                )
            )

    @api.model
    def _note_orders(self, orders):
        """Note that orders of marketplaces have changed after they were booked."""
        self.env.cr.execute(
            SQL("INSERT INTO brp_feed_change (channel_order_id) SELECT UNNEST(%s::int[])", orders.ids)
        )

    @api.model
    def _note_facilities(self):
        """Note that what is told of facilities may have changed."""
        self.env.cr.execute(SQL("INSERT INTO brp_feed_change (facilities) VALUES (TRUE)"))

    @api.model
    def _is_any(self):
        return bool(self.env.execute_query(SQL("SELECT FROM brp_feed_change LIMIT 1")))

    @api.model
    def _take(self, limit):
        """Return what is to be told anew, and forget it.

        :return: (ids of slots, ids of orders, whether facilities)
        """
        self.env.cr.execute(
            SQL(
                """
                WITH taken AS (
                    DELETE FROM brp_feed_change
                     WHERE id IN (SELECT id FROM brp_feed_change ORDER BY id LIMIT %s)
                 RETURNING resource_id, start, stop, channel_order_id, facilities
                )
                SELECT ARRAY(SELECT DISTINCT slot.id
                               FROM taken JOIN brp_slot slot
                                 ON slot.resource_id = taken.resource_id
                                AND slot.start < taken.stop AND slot.stop > taken.start
                           ORDER BY slot.id),
                       ARRAY(SELECT DISTINCT channel_order_id FROM taken WHERE channel_order_id IS NOT NULL),
                       EXISTS (SELECT FROM taken WHERE facilities)
                """,
                limit,
            )
        )
        return self.env.cr.fetchone()
