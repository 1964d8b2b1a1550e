from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.brp_settlement.kinds import COLLECTED


class Payout(models.Model):
    """Klarna's payouts as what is booked: a voucher per day of orders, and the payout's own."""

    _inherit = "brp.payout"

    klarna_mode = fields.Selection(related="channel_id.connection_id.klarna_mode")
    klarna_day_ids = fields.One2many("brp.klarna.day", "payout_id", string="Days", readonly=True)
    klarna_unsplit = fields.Integer(
        string="Rows Without VAT", compute="_compute_klarna_unsplit", store=True, readonly=True
    )

    klarna_waits = fields.Integer(string="Waiting Days", compute="_compute_klarna_waits")

    @api.depends("line_ids.klarna_shares", "line_ids.kind", "line_ids.item_id")
    def _compute_klarna_unsplit(self):
        counts = {
            payout.id: count
            for payout, count in self.env["brp.payout.line"]._read_group(
                [
                    ("payout_id", "in", self._origin.ids),
                    ("kind", "in", ("sale", "refund")),
                    ("klarna_shares", "=", False),
                    ("item_id", "=", False),
                    ("amount", "!=", 0),
                ],
                ["payout_id"],
                ["__count"],
            )
        }
        for payout in self:
            payout.klarna_unsplit = counts.get(payout._origin.id, 0)

    def _note_lines_changed(self):
        self.env.add_to_compute(self._fields["klarna_unsplit"], self)
        return super()._note_lines_changed()

    @api.depends(
        "klarna_state",
        "klarna_unsplit",
        "klarna_mode",
        "channel_id.connection_id.klarna_rate_ids.use",
        "channel_id.connection_id.klarna_rate_ids.rate",
        "channel_id.connection_id.klarna_rate_ids.account_id",
        "channel_id.connection_id.klarna_rate_ids.vat_account_id",
    )
    def _compute_state(self):
        return super()._compute_state()

    @api.depends("klarna_day_ids.state")
    def _compute_problem(self):
        done = super()._compute_problem()
        for payout in self.filtered(lambda payout: payout.state == "posted"):
            if payout.klarna_waits:
                payout.problem = self.env._(
                    "Days that wait for their voucher: %s. Each tells why.", payout.klarna_waits
                )
        return done

    @api.depends("klarna_day_ids.state")
    def _compute_klarna_waits(self):
        for payout in self:
            payout.klarna_waits = len(payout.klarna_day_ids.filtered(lambda day: day.state == "waiting"))

    def _is_klarna_full(self):
        return bool(self.klarna_state) and self.klarna_mode == "full"

    def _find_problems(self):
        if self.klarna_state == "waiting":
            return [self.env._("Its rows have not been fetched from Klarna yet.")]
        if self.klarna_state == "asking":
            return [
                self.env._(
                    "Klarna is being asked what some orders were for. If it does not answer, give up the"
                    " exchange, and go on with what the rows tell."
                )
            ]
        problems = super()._find_problems()
        if self._is_klarna_full():
            if self.klarna_unsplit:
                problems.append(
                    self.env._(
                        "Rows whose VAT is not known: %s. Choose their rate on the rows.",
                        self.klarna_unsplit,
                    )
                )
            problems += self._find_missing_rates()
        return problems

    def _get_klarna_rates(self):
        """Return {(use, rate in percent): where it is booked}."""
        rates = self.sudo().channel_id.connection_id.klarna_rate_ids
        return {(rate.use, rate.rate): rate for rate in rates}

    def _find_missing_rates(self):
        """Return a sentence for each rate of the rows that has no account."""
        self.env["brp.payout.line"].flush_model()
        found = self.env.execute_query(
            SQL(
                """
                SELECT share->>0, (share->>1)::float, BOOL_OR((share->>3)::bigint <> 0)
                  FROM brp_payout_line line, jsonb_array_elements(line.klarna_shares) share
                 WHERE line.payout_id = %s AND line.kind IN ('sale', 'refund') AND line.item_id IS NULL
              GROUP BY 1, 2 ORDER BY 1, 2
                """,
                self._origin.id or None,
            )
        )
        rates = self._get_klarna_rates()
        return [
            self._describe_missing_rate(use, percent)
            for use, percent, vat in found
            if (use, percent) not in rates or not rates[use, percent]._is_complete(vat)
        ]

    def _describe_missing_rate(self, use, percent):
        uses = dict(self.env["brp.klarna.rate"]._fields["use"]._description_selection(self.env))
        return self.env._(
            "There is no account for %(use)s with %(rate)g %% VAT. Add it to the settings of %(connection)s.",
            use=uses[use],
            rate=percent,
            connection=self.sudo().channel_id.connection_id.name,
        )

    # === POSTING === #

    def _post(self):
        done = super()._post()
        if self._is_klarna_full():
            self._settle_klarna()
            self.env.ref("brp_klarna.ir_cron_days").sudo()._trigger()
        if self.klarna_state:
            self._attach_klarna_report()
        return done

    def _prepare_entries_along(self):
        along = super()._prepare_entries_along()
        if self._is_klarna_full():
            self._make_klarna_days()
            along |= self.klarna_day_ids.sudo()._prepare_entries()
        return along

    def _make_klarna_days(self):
        """Note the days that the payout has sales and refunds of."""
        there = set(self.klarna_day_ids.mapped("date"))
        self.env["brp.klarna.day"].sudo().create(
            [
                {
                    "payout_id": self.id,
                    "date": day,
                    "amount_sales": sales or 0,
                    "amount_refunds": -(refunds or 0),
                    "order_count": orders,
                }
                for day, sales, refunds, orders in self._group_klarna_days()
                if day not in there
            ]
        )

    def _group_klarna_days(self):
        self.env["brp.payout.line"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT date, SUM(amount) FILTER (WHERE kind = 'sale'),
                       SUM(amount) FILTER (WHERE kind = 'refund'),
                       COUNT(DISTINCT order_reference) FILTER (WHERE kind = 'sale')
                  FROM brp_payout_line
                 WHERE payout_id = %s AND kind IN ('sale', 'refund') AND amount <> 0
                   AND item_id IS NULL -- others are in the books already
              GROUP BY date ORDER BY date
                """,
                self.id,
            )
        )
        return self.env.cr.fetchall()

    def _sum_klarna_shares(self, days):
        """Return what was sold on some days, in öre; what was given back is negative.

        :return: {day: {(kind, id of the account that the payout clears): {(use, percent): (net, VAT)}}}
        """
        self.env["brp.payout.line"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                SELECT line.date, line.kind, line.account_id, share->>0, (share->>1)::float,
                       SUM(SIGN(line.amount) * (share->>2)::bigint),
                       SUM(SIGN(line.amount) * (share->>3)::bigint)
                  FROM brp_payout_line line, jsonb_array_elements(line.klarna_shares) share
                 WHERE line.payout_id = %s AND line.date = ANY(%s) AND line.kind IN ('sale', 'refund')
                   AND line.item_id IS NULL
              GROUP BY 1, 2, 3, 4, 5
              ORDER BY 1, 2 DESC, 3, 4 DESC, 5 DESC
                """,
                self.id,
                list(days),
            )
        )
        sums = {}
        for day, kind, account, use, rate, net, vat in self.env.cr.fetchall():
            sums.setdefault(day, {}).setdefault((kind, account), {})[use, rate] = (int(net), int(vat))
        return sums

    def _get_moves(self):
        return super()._get_moves() + self.klarna_day_ids.move_id

    def _settle_klarna(self):
        """Match what the payout has cleared with the days that are booked."""
        accounts = self.env["brp.payout.line"]._read_group(
            [("payout_id", "=", self.id), ("kind", "in", COLLECTED), ("item_id", "=", False)], ["account_id"]
        )
        Item = self.env["account.move.line"].with_context(payout_entries=True)
        items = Item.search(
            [
                ("move_id", "in", self._get_moves().ids),
                ("account_id", "in", [account.id for (account,) in accounts if account.reconcile]),
                ("reconciled", "=", False),
                ("parent_state", "=", "posted"),
            ]
        )
        plan = [of_account for of_account in items.grouped("account_id").values() if len(of_account) > 1]
        Item._reconcile_plan(plan)
        items.move_id.invalidate_recordset(["reconciled_payment_ids"])

    def _undo(self):
        days = self.klarna_day_ids
        done = super()._undo()
        days.sudo().unlink()
        return done

    def action_view_klarna_unsplit(self):
        """Show the rows whose VAT is not known, to be told by hand."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Rows Without VAT"),
            "res_model": "brp.payout.line",
            "views": [(self.env.ref("brp_klarna.brp_payout_line_view_list_vat").id, "list")],
            "domain": [("id", "in", self._search_klarna_unsplit().ids)],
        }

    def action_klarna_post_days(self):
        """Book the days that have waited for their period to be opened."""
        self.check_access("write")
        for payout in self.filtered("move_id"):
            payout._lock()
            payout.klarna_day_ids.sudo().filtered(lambda day: day.state == "waiting")._try_to_post()

    def action_view_klarna_days(self):
        """Show the payout's days."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("brp_klarna.brp_klarna_day_action")
        action["domain"] = [("payout_id", "=", self.id)]
        return action
