from odoo import fields, models
from odoo.exceptions import UserError


class AccountingExportAnew(models.TransientModel):
    """The question before days are exported again, after an account was wrong or vouchers were deleted."""

    _name = "brp.accounting.export.anew"
    _description = "Export Again"

    connection_id = fields.Many2one("brp.connection", required=True, readonly=True, ondelete="cascade")
    start = fields.Date(string="From", required=True, default=lambda self: fields.Date.context_today(self))

    def action_export(self):
        """Export the days from the date on again."""
        self.ensure_one()
        connection = self.connection_id
        connection._check_manager()
        if connection.state != "active":
            raise UserError(self.env._("%s is not active.", connection.name))
        gone, vouchers = connection.sudo()._export_anew(self.start)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "sticky": True,
                "message": self.env._(
                    "%(gone)s vouchers were gone and are exported again; %(new)s vouchers were made.",
                    gone=len(gone),
                    new=len(vouchers),
                ),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
