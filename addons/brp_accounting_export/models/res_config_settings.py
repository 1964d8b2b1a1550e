from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    bjorn_lunden_client_id = fields.Char(
        string="Client ID",
        config_parameter="brp_accounting_export.bjorn_lunden_client_id",
        groups="base.group_system",
        help="Björn Lundén gives it to integrators; one is for all companies.",
    )
    bjorn_lunden_client_secret = fields.Char(
        string="Client Secret",
        config_parameter="brp_accounting_export.bjorn_lunden_client_secret",
        groups="base.group_system",
    )
    accounting_sie_directory = fields.Char(
        string="Folder for SIE Files",
        config_parameter="brp_accounting_export.sie_directory",
        groups="base.group_system",
        help="A folder on the server, in which each company has a subfolder.",
    )
