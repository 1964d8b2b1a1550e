from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _queue_autogiro_invoices(self, moves):
        """Have invoices mailed by Odoo's own job, as its dialog for many invoices does."""
        for move in moves:
            move.sending_data = {
                "author_user_id": self.env.user.id,
                "author_partner_id": self.env.user.partner_id.id,
            }
        self.env.ref("account.ir_cron_account_move_send")._trigger()
