from odoo import fields, models


class Activity(models.Model):
    """What people do when they have booked a time: padel, massage."""

    _name = "brp.activity"
    _description = "Activity"
    _inherit = ["image.mixin"]
    _order = "sequence, name, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    color = fields.Integer()
    description = fields.Text(translate=True, help="Shown to those who book. Plain text.")
