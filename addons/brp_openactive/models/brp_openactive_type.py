from odoo import fields, models


class OpenactiveType(models.Model):
    """A type of facility that marketplaces know: an entry of OpenActive's list, or of another one."""

    _name = "brp.openactive.type"
    _description = "OpenActive Facility Type"
    _order = "name"

    name = fields.Char(required=True, translate=True)
    label = fields.Char(required=True, help="As the list has it, in English.")
    uri = fields.Char(string="Address", required=True)
    scheme = fields.Char(string="List", required=True, default="https://openactive.io/facility-types")

    _uri_unique = models.UniqueIndex("(uri)", "This type is here already.")
