from odoo import api, fields, models

from odoo.addons.brp_connector.models.brp_connection import Provider


class Connection(models.Model):
    _inherit = "brp.connection"

    provider = fields.Selection(selection_add=[("sie", "SIE")], ondelete={"sie": "cascade"})

    @api.model
    def _get_providers(self):
        return super()._get_providers() | {
            "sie": Provider(
                description=self.env._(
                    "Each day's sales as vouchers in a SIE file, which every Swedish accounting system reads."
                ),
                logo="/brp_accounting_export/static/img/sie.png",
                manual_export=True,
            )
        }

    @api.model
    def _get_accounting_providers(self):
        return [*super()._get_accounting_providers(), "sie"]
