from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.brp_marketplace.models.brp_slot import at_the_same_time


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
    slot_id = fields.Integer(help="This time is deleted.")
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
    def _note_gone(self, slots):
        """Note that times are about to be deleted."""
        self.env.cr.execute(SQL("INSERT INTO brp_feed_change (slot_id) SELECT UNNEST(%s::int[])", slots.ids))

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
        """Return what is to be told anew, and forget it; always something if there is anything.

        :param limit: of times, roughly: one change can be of many
        :return: (ids of slots, of slots that are deleted, of orders, whether facilities)
        """
        self.env.cr.execute(
            SQL(
                """
                WITH oldest AS (
                    SELECT id, resource_id, start, stop FROM brp_feed_change ORDER BY id LIMIT %(limit)s
                ),
                counted AS (
                    SELECT id,
                           SUM((SELECT COUNT(*) FROM brp_slot slot
                                 WHERE oldest.resource_id IS NOT NULL AND %(of_oldest)s))
                           OVER earlier AS slots,
                           ROW_NUMBER() OVER earlier AS number
                      FROM oldest
                    WINDOW earlier AS (ORDER BY id)
                ),
                taken AS (
                    DELETE FROM brp_feed_change
                     WHERE id IN (SELECT id FROM counted WHERE slots <= %(limit)s OR number = 1)
                 RETURNING resource_id, start, stop, slot_id, channel_order_id, facilities
                )
                SELECT ARRAY(SELECT DISTINCT slot.id
                               FROM taken JOIN brp_slot slot ON %(of_taken)s
                              WHERE taken.resource_id IS NOT NULL
                           ORDER BY slot.id),
                       ARRAY(SELECT DISTINCT slot_id FROM taken WHERE slot_id IS NOT NULL ORDER BY slot_id),
                       ARRAY(SELECT DISTINCT channel_order_id FROM taken
                              WHERE channel_order_id IS NOT NULL ORDER BY channel_order_id),
                       EXISTS (SELECT FROM taken WHERE facilities)
                """,
                limit=limit,
                of_oldest=at_the_same_time("slot", "oldest"),
                of_taken=at_the_same_time("slot", "taken"),
            )
        )
        return self.env.cr.fetchone()
