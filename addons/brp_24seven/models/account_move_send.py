from odoo import api, models
from odoo.exceptions import UserError


class AccountMoveSend(models.AbstractModel):
    """Odoo's Send dialog: data for accounting is handed over instead of being mailed."""

    _inherit = "account.move.send"

    @api.model
    def _get_all_extra_edis(self):
        return super()._get_all_extra_edis() | {
            "24seven": {
                "label": self.env._("Hand over to 24SevenOffice"),
                "is_applicable": lambda move: move.seven_type == "accounting" and move._may_send_to_seven(),
                "help": self.env._("As an order, which is published there."),
            }
        }

    @api.model
    def _get_default_sending_methods(self, move):
        if move.seven_type == "accounting":
            return {"manual"}
        return super()._get_default_sending_methods(move)

    @api.model
    def _call_web_service_after_invoice_pdf_render(self, invoices_data):
        result = super()._call_web_service_after_invoice_pdf_render(invoices_data)
        for move, data in invoices_data.items():
            if "24seven" not in data.get("extra_edis", ()) or not move._may_send_to_seven():
                continue
            try:
                with self.env.cr.savepoint():
                    move.sudo()._send_to_seven()
            except UserError as error:
                data["error"] = {"error_title": str(error)}
        return result
