from odoo import fields, models
from odoo.exceptions import UserError


class AccountingExportNow(models.TransientModel):
    """The question before a manual export: what is there now is sent, today's included."""

    _name = "brp.accounting.export.now"
    _description = "Manual Export"

    connection_id = fields.Many2one("brp.connection", required=True, readonly=True, ondelete="cascade")
    until = fields.Date(
        string="Up To and Including",
        required=True,
        default=lambda self: self.env["brp.connection"]._get_swedish_date(),
    )

    def action_export(self):
        """Make the vouchers and have them sent."""
        self.ensure_one()
        connection = self.connection_id
        connection.check_access("read")
        if connection.state != "active":
            raise UserError(self.env._("%s is not active.", connection.name))
        vouchers = connection.sudo()._close_days(min(self.until, connection._get_swedish_date()))
        held = len(connection.sudo()._get_held_days())
        told = []
        if vouchers:
            told.append(self.env._("Vouchers on their way: %s.", len(vouchers)))
        if held:
            told.append(self.env._("Held days, which are not exported: %s. See what is missing.", held))
        if not told:
            told.append(self.env._("There was nothing new to export."))
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if held else "success" if vouchers else "info",
                "message": " ".join(told),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
