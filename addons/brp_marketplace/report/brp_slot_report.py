from odoo import fields, models
from odoo.tools import SQL
from odoo.tools.query import Query

WEEKDAYS = [
    ("1", "Monday"),
    ("2", "Tuesday"),
    ("3", "Wednesday"),
    ("4", "Thursday"),
    ("5", "Friday"),
    ("6", "Saturday"),
    ("7", "Sunday"),
]


class SlotReport(models.Model):
    """What was offered, what was sold of it, for how much: by facility, product, weekday and hour."""

    _name = "brp.slot.report"
    _description = "Booking Analysis"
    _auto = False
    _order = "start desc"

    slot_id = fields.Many2one("brp.slot", string="Time", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    facility_id = fields.Many2one("brp.facility", readonly=True)
    resource_id = fields.Many2one("brp.resource", readonly=True)
    activity_id = fields.Many2one("brp.activity", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    start = fields.Datetime(readonly=True)
    weekday = fields.Selection(WEEKDAYS, readonly=True, help="On the clocks of the facility.")
    hour = fields.Char(readonly=True, help="When it starts on the clocks of the facility.")
    places = fields.Integer(string="Places Offered", readonly=True)
    booked = fields.Integer(string="Places Booked", readonly=True)
    channel_booked = fields.Integer(string="Booked at Marketplaces", readonly=True)
    hours = fields.Float(string="Hours Offered", readonly=True)
    hours_booked = fields.Float(readonly=True)
    occupancy = fields.Float(aggregator="avg", readonly=True, help="Hours booked, of hours offered.")
    sales = fields.Monetary(readonly=True, help="VAT included, less what was cancelled.")
    commission = fields.Monetary(readonly=True, help="Expected, without VAT.")

    @property
    def _table_query(self):
        return SQL(
            """
            WITH sold AS (
                SELECT slot_id,
                       COUNT(*) AS booked,
                       COUNT(*) FILTER (WHERE source = 'channel') AS channel_booked,
                       SUM(price) AS sales,
                       SUM(commission) AS commission
                  FROM brp_booking
                 WHERE state = 'booked'
              GROUP BY slot_id
            )
            SELECT slot.id, slot.id AS slot_id, slot.company_id, slot.facility_id, slot.resource_id,
                   slot.activity_id, slot.product_id, slot.start,
                   EXTRACT(ISODOW FROM local.start)::int::text AS weekday,
                   TO_CHAR(local.start, 'HH24:00') AS hour,
                   offered.places,
                   COALESCE(sold.booked, 0) AS booked,
                   COALESCE(sold.channel_booked, 0) AS channel_booked,
                   offered.places * length.hours AS hours,
                   COALESCE(sold.booked, 0) * length.hours AS hours_booked,
                   COALESCE(sold.booked, 0)::float / offered.places AS occupancy,
                   COALESCE(sold.sales, 0) AS sales,
                   COALESCE(sold.commission, 0) AS commission
              FROM brp_slot slot
              JOIN brp_facility facility ON facility.id = slot.facility_id
         LEFT JOIN sold ON sold.slot_id = slot.id
        CROSS JOIN LATERAL (SELECT slot.start AT TIME ZONE 'UTC' AT TIME ZONE facility.tz AS start) AS local
        CROSS JOIN LATERAL (
                   SELECT EXTRACT(EPOCH FROM slot.stop - slot.start) / 3600 AS hours) AS length
             -- Of a time that is not sold any longer, what was booked is what was offered.
        CROSS JOIN LATERAL (
                   SELECT CASE WHEN slot.state = 'open' THEN slot.places ELSE sold.booked END AS places
                   ) AS offered
             WHERE offered.places > 0
            """
        )

    def _read_group_select(self, aggregate_spec: str, query: Query) -> SQL:
        # Of a group it is that of its sums, not the average of its times.
        if aggregate_spec != "occupancy:avg":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "SUM(%(booked)s) / NULLIF(SUM(%(offered)s), 0)",
            booked=self._field_to_sql(self._table, "hours_booked", query),
            offered=self._field_to_sql(self._table, "hours", query),
        )
