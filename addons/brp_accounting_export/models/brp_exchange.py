from odoo import fields, models


class Exchange(models.Model):
    _inherit = "brp.exchange"

    operation = fields.Selection(
        selection_add=[
            ("bl_voucher", "Voucher to Björn Lundén"),
            ("bl_document", "Attachment to Björn Lundén"),
            ("bl_entry_document", "Journal Entry's Document to Björn Lundén"),
            ("sie_file", "SIE File to the Folder"),
        ],
        ondelete={
            "bl_voucher": "cascade",
            "bl_document": "cascade",
            "bl_entry_document": "cascade",
            "sie_file": "cascade",
        },
    )

    def action_open_record(self):
        """Open the voucher that a document goes with: a document has no page of its own."""
        action = super().action_open_record()
        if self.res_model == "brp.accounting.document":
            voucher = self.env[self.res_model].browse(self.res_id).voucher_id
            action |= {"res_model": voucher._name, "res_id": voucher.id}
        return action
