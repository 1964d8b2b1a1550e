from odoo import api, fields, models
from odoo.exceptions import ValidationError


class AccountingDimension(models.Model):
    """The cost centre or project of the other system that an analytic account stands for."""

    _name = "brp.accounting.dimension"
    _description = "Cost Centre or Project"
    _order = "kind, code, id"

    connection_id = fields.Many2one("brp.connection", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    analytic_account_id = fields.Many2one(
        "account.analytic.account", required=True, ondelete="cascade", index=True
    )
    kind = fields.Selection(
        [("cost_centre", "Cost centre"), ("project", "Project")], required=True, default="cost_centre"
    )
    code = fields.Char(required=True, help="Letters and digits, at most six.")

    _account_unique = models.UniqueIndex(
        "(connection_id, analytic_account_id)", "The analytic account stands in the list already."
    )

    @api.constrains("code")
    def _check_code(self):
        for dimension in self:
            code = dimension.code
            if not (code.isascii() and code.isalnum() and len(code) <= 6):
                raise ValidationError(
                    self.env._("%s is no code: write one to six letters a to z and digits.", code)
                )

    def write(self, vals):
        self.env["brp.connection"].browse(vals.get("connection_id")).check_access("write")
        before = [(dimension, dimension.kind, dimension.code) for dimension in self]
        done = super().write(vals)
        for dimension, kind, code in before:
            if (dimension.kind, dimension.code) != (kind, code):
                dimension.connection_id._note_dimension_changed(
                    kind, code, dimension.code if dimension.kind == kind else False
                )
        return done
