from odoo import fields, models


class FaultyThing(models.Model):
    """Something that the faulty service is told of."""

    _name = "brp.faulty.thing"
    _description = "Thing"

    name = fields.Char(required=True)
    ref = fields.Char(help="What the service calls it.")
    comment = fields.Char()
