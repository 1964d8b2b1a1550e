from odoo import fields, models


class TestBrpUpgrade(models.Model):
    """The bill of 19.0.1.1.0: its number is called reference, and a state tells more than that it is paid."""

    _name = "test.brp.upgrade"
    _description = "Upgrade: Bill"

    reference = fields.Char(required=True)
    state = fields.Selection(
        [("open", "Open"), ("paid", "Paid"), ("canceled", "Canceled")], default="open", required=True
    )
