from odoo import fields, models


class Exchange(models.Model):
    _inherit = "brp.exchange"

    operation = fields.Selection(
        selection_add=[
            ("bl_voucher", "Voucher to Björn Lundén"),
            ("bl_document", "Attachment to Björn Lundén"),
            ("sie_file", "SIE File to the Folder"),
        ],
        ondelete={"bl_voucher": "cascade", "bl_document": "cascade", "sie_file": "cascade"},
    )
