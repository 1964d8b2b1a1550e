from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_list

from odoo.addons.brp_installments.models.permission import permitted


class AccountMove(models.Model):
    _inherit = "account.move"

    def _prepare_installment_document(self, move_type, amount, due, label):
        """Let the plan say how its installments are paid, whatever the customer's usual way is."""
        values = super()._prepare_installment_document(move_type, amount, due, label)
        line = self.company_id.sudo().autogiro_method_line_id
        autogiro = move_type == "out_invoice" and self.installment_plan_id.autogiro
        return {**values, "preferred_payment_method_line_id": line.id if autogiro else False}

    def _get_installment_notice(self):
        """Tell the customer why the installment is mailed: it could not be drawn."""
        return self._get_autogiro_failure() or super()._get_installment_notice()

    def _leave_autogiro(self):
        """Give the customer time to pay an installment whose due date has come already.

        As much as of any other that is mailed: the days that it is sent before it falls due.
        """
        result = super()._leave_autogiro()
        today = fields.Date.context_today(self)
        late = self.filtered(
            lambda move: (
                move._is_installment()
                and move.payment_state in ("not_paid", "partial")
                and move.invoice_date_due <= today
            )
        )
        for part in late:
            due = today + timedelta(days=part.company_id.sudo().installment_send_days)
            part._message_log(
                body=self.env._(
                    "No longer collected by Autogiro: due %(new)s instead of %(old)s.",
                    new=format_date(self.env, due),
                    old=format_date(self.env, part.invoice_date_due),
                )
            )
            permitted(part).invoice_date_due = due
        # A PDF made before has the old date.
        late._detach_attachments()
        late.is_move_sent = False
        return result

    def _check_open_installments(self):
        """Refuse as well what the bank is collecting."""
        self._check_installments_not_live()
        return super()._check_open_installments()

    def _net_against(self, parts):
        """Refuse to credit what the bank takes anyhow."""
        left = self.amount_residual
        touched = self.browse()
        for part in parts:
            if self.currency_id.compare_amounts(left, 0) <= 0:
                break
            touched += part
            left -= part.amount_residual
        touched._check_installments_not_live()
        return super()._net_against(parts)

    def _check_installments_not_live(self):
        """Refuse to change, by name, what is being collected: the bank takes it as it was."""
        if live := self.filtered("autogiro_live"):
            raise UserError(
                self.env._(
                    "These installments are being collected by Autogiro: %s. Leave them out of their batch,"
                    " or cancel their payments at the bank, first.",
                    format_list(self.env, live.mapped("name")),
                )
            )
