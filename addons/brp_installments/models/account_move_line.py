from odoo import fields, models

from .permission import is_permitted


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def write(self, vals):
        if "date_maturity" in vals and not is_permitted(self.env):
            due = fields.Date.to_date(vals["date_maturity"])
            for line in self:
                if (
                    line.parent_state == "posted"
                    and line.move_id._is_installment()
                    and line.date_maturity != due
                ):
                    line.move_id._refuse_breaking_purchase()
        return super().write(vals)
