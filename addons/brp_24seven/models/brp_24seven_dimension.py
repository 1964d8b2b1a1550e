from odoo import fields, models


class SevenDimension(models.Model):
    """Which project or department at 24SevenOffice an analytic account is."""

    _name = "brp.24seven.dimension"
    _description = "Dimension at 24SevenOffice"
    _order = "kind, number"
    _rec_name = "analytic_account_id"

    connection_id = fields.Many2one("brp.connection", required=True, index=True, ondelete="cascade")
    analytic_account_id = fields.Many2one(
        "account.analytic.account", required=True, index=True, ondelete="cascade"
    )
    kind = fields.Selection(
        [("ProjectId", "Project"), ("DepartmentId", "Department")], required=True, default="DepartmentId"
    )
    number = fields.Integer(string="ID There", required=True)

    _once = models.UniqueIndex(
        "(connection_id, analytic_account_id, kind)", "The analytic account has its number already."
    )
    _number_positive = models.Constraint("CHECK(number > 0)", "An ID at 24SevenOffice is above zero.")
