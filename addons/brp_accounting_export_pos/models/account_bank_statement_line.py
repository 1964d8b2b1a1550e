from odoo import api, models


class AccountBankStatementLine(models.Model):
    _inherit = "account.bank.statement.line"

    @api.model_create_multi
    def create(self, vals_list):
        """Override of ``account``: what a drawer lacks is of the day on which it was counted."""
        if counted := self.env.context.get("till_counted_on"):
            vals_list = [vals | {"date": counted} for vals in vals_list]
        return super().create(vals_list)
