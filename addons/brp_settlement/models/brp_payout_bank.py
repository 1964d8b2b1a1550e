from odoo import fields, models
from odoo.exceptions import UserError


class Payout(models.Model):
    """Payouts and the bank statement."""

    _inherit = "brp.payout"

    bank_line_id = fields.Many2one("account.bank.statement.line", compute="_compute_bank_line_id")
    on_bank = fields.Boolean(string="Seen on the Bank", compute="_compute_on_bank", search="_search_on_bank")

    def _compute_bank_line_id(self):
        for payout in self:
            payout.bank_line_id = payout._find_bank_line()

    def _find_bank_line(self):
        """Return the bank statement's line that the payout can be matched with, if there is exactly one.

        It carries the reference, or is of the same amount within a week.
        """
        self.ensure_one()
        if self.state != "posted" or not self._get_paid_item():
            return self.env["account.bank.statement.line"]
        Line = self.env["account.bank.statement.line"]
        domain = [
            ("company_id", "=", self.company_id.id),
            ("is_reconciled", "=", False),
            ("amount", "=", self.amount_paid),
            ("currency_id", "=", self.currency_id.id),
        ]
        found = Line.search([*domain, ("payment_ref", "ilike", self.name)], limit=2)
        if not found:
            week = fields.Date.add(self.date, days=7)
            found = Line.search([*domain, ("date", ">=", self.date), ("date", "<=", week)], limit=2)
        return found if len(found) == 1 else Line

    def _find_bank_lines(self):
        """Return the lines of bank statements that the payout has been matched with."""
        account = self.channel_id.paid_account_id
        paid = self.move_id.line_ids.filtered(lambda item: item.account_id == account)
        others = paid.matched_debit_ids.debit_move_id | paid.matched_credit_ids.credit_move_id
        return others.statement_line_id

    def _get_paid_item(self):
        """Return the item that waits for the bank statement."""
        account = self.channel_id.paid_account_id
        return self.move_id.line_ids.filtered(
            lambda item: item.account_id == account and account.reconcile and not item.reconciled
        )

    def action_match_bank(self):
        """Match what was paid out with its line of the bank statement."""
        for payout in self:
            line = payout._find_bank_line()
            if not line:
                raise UserError(
                    self.env._("The bank statement has no line, or several, that %s could be.", payout.name)
                )
            suspense = line.journal_id.suspense_account_id
            counterpart = line.line_ids.filtered(lambda item, suspense=suspense: item.account_id == suspense)
            item = payout._get_paid_item()
            counterpart.with_context(force_delete=True, skip_readonly_check=True).account_id = item.account_id
            (counterpart + item).reconcile()

    def _compute_on_bank(self):
        for payout in self:
            payout.on_bank = payout.state == "posted" and not payout._get_paid_item()

    def _search_on_bank(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        waiting = self.search([("state", "=", "posted")]).filtered(lambda payout: payout._get_paid_item())
        seen = (True in value) == (operator == "in")
        return [("state", "=", "posted"), ("id", "not in" if seen else "in", waiting.ids)]
