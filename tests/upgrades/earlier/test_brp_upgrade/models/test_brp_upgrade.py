from odoo import fields, models


class TestBrpUpgrade(models.Model):
    """A bill of two figures, as the version 19.0.1.0.0 has it."""

    _name = "test.brp.upgrade"
    _description = "Upgrade: Bill"

    number = fields.Char(required=True)
    is_paid = fields.Boolean()
