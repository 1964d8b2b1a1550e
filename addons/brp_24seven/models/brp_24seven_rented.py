from odoo import api, fields, models
from odoo.exceptions import ValidationError


class Rented(models.AbstractModel):
    """A line of what is rented out from one day until another."""

    _name = "brp.24seven.rented"
    _description = "Rented From One Day Until Another"

    rent_start = fields.Date(string="Rented From")
    rent_stop = fields.Date(string="Rented Until", help="The last day, included.")

    @api.constrains("rent_start", "rent_stop")
    def _check_rent(self):
        for line in self:
            if line.rent_start and line.rent_stop and line.rent_stop < line.rent_start:
                raise ValidationError(
                    self.env._(
                        "%s: the rent ends before it begins.", line.product_id.display_name or line.name
                    )
                )
