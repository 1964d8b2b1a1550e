from odoo import models


class Connection(models.Model):
    """What the tills of a company are paid by, by name and in advance."""

    _inherit = "brp.connection"

    def _get_tills(self):
        return self.env["pos.config"].sudo().search([("company_id", "=", self.company_id.id)])

    def _find_keys_in_use(self):
        """Ask for the account numbers of a new till before its first day is closed."""
        tills = self._get_tills()
        accounts = self._get_till_receivables(tills)
        accounts |= tills.payment_method_ids.outstanding_account_id
        cash = tills.payment_method_ids.journal_id.filtered(lambda journal: journal.type == "cash")
        accounts |= cash.default_account_id | cash.profit_account_id | cash.loss_account_id
        return [*super()._find_keys_in_use(), *(f"account:{account.id}" for account in accounts)]

    def _get_till_receivables(self, tills):
        """Return the accounts that a till's payments go through; they are even when a session is closed."""
        own = tills.payment_method_ids.receivable_account_id
        return own | self.company_id.sudo().account_default_pos_receivable_account_id if tills else own

    def _get_methods_of_accounts(self):
        names = super()._get_methods_of_accounts()
        for method in self._get_tills().payment_method_ids:
            account = method.outstanding_account_id
            if account and method.name not in names.get(account.id, []):
                names[account.id] = [*names.get(account.id, []), method.name]
        return names
