from odoo import api, fields, models

_SHOWN = 10


class Payout(models.Model):
    """What a marketplace's payout leaves to wonder about, though its rows add up."""

    _inherit = "brp.payout"

    marketplace_notice = fields.Text(compute="_compute_marketplace_notice")

    @api.depends("state", "amount_lines", "line_ids.item_id")
    @api.depends_context("lang")
    def _compute_marketplace_notice(self):
        for payout in self:
            till = payout.channel_id.connection_id.sudo()
            notices = []
            if till.provider == "marketplace" and payout.state != "ignored":
                notices = [payout._describe_missing(), payout._describe_commission(till)]
            payout.marketplace_notice = "\n".join(filter(None, notices)) or False

    def _find_doubt(self):
        return self.marketplace_notice or super()._find_doubt()

    def _describe_missing(self):
        """Return which sales and refunds of the payout's time it does not have, or nothing."""
        [[first, last]] = self.env["brp.payout.line"]._read_group(
            [("payout_id", "=", self._origin.id), ("kind", "in", ("sale", "refund"))],
            [],
            ["date:min", "date:max"],
        )
        if not last:
            return None
        missing = self.env["account.move.line"].search(
            [
                ("account_id", "=", self.channel_id.receivable_account_id.id),
                ("company_id", "=", self.company_id.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
                ("date", ">=", first.replace(day=1)),
                ("date", "<=", last),
                ("id", "not in", self._get_taken_items()),
            ],
            order="date, id",
        )
        if not missing:
            return None
        names = [
            f"{item.payment_id.memo or item.move_name} {self.currency_id.format(item.amount_residual)}"
            for item in missing[:_SHOWN]
        ]
        more = [self.env._("and %s more", len(missing) - _SHOWN)] if len(missing) > _SHOWN else []
        return self.env._(
            "Missing from it, of the same time: %(documents)s. Together %(sum)s.",
            documents=", ".join(names + more),
            sum=self.currency_id.format(sum(missing.mapped("amount_residual"))),
        )

    def _get_taken_items(self):
        """Return the ids of the open items that rows of payouts of the channel are to settle."""
        items = self.env["brp.payout.line"]._read_group(
            [("payout_id.channel_id", "=", self.channel_id.id), ("payout_id.move_id", "=", False)],
            ["item_id"],
        )
        return [item.id for (item,) in items if item]

    def _describe_commission(self, till):
        """Return how the commission differs from what was agreed upon, or nothing."""
        collected = self.amount_sales + self.amount_refunds
        expected = till._compute_commission(collected)
        [[taken]] = self.env["brp.payout.line"]._read_group(
            [("payout_id", "=", self._origin.id), ("kind", "in", ("fee", "commission"))], [], ["amount:sum"]
        )
        taken = -(taken or 0.0)
        # The marketplace may round each sale by itself.
        if abs(taken - expected) <= 0.01 * max(1, self.env["brp.payout.line"].search_count(
                [("payout_id", "=", self._origin.id), ("kind", "in", ("sale", "refund"))])):  # fmt: skip
            return None
        return self.env._(
            "The commission is %(taken)s; %(percent)s %% of %(sold)s is %(expected)s.",
            taken=self.currency_id.format(taken),
            percent=f"{till.marketplace_commission:g}",
            sold=self.currency_id.format(collected),
            expected=self.currency_id.format(expected),
        )
