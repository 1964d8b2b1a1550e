from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# Installments sent in one transaction of the cron.
_SENT_PER_STEP = 50


class AccountMoveSend(models.AbstractModel):
    """Sends installment invoices when they soon fall due, by Odoo's own way of sending invoices."""

    _inherit = "account.move.send"

    @api.model
    def _cron_send_installments(self):
        """Send the unpaid installments that soon fall due, once, as each customer prefers.

        By e-mail; or, when the customer wants invoices otherwise or has no address, as a PDF
        to be printed. One that could not be sent says why in its chatter and is tried again
        the next day.
        """
        Move = self.env["account.move"]
        progress = self.env["ir.cron"]
        due = self._get_installments_to_send_domain()
        tried = Move
        progress._commit_progress(remaining=Move.search_count(due))
        while parts := Move.search(
            due & Domain("id", "not in", tried.ids),
            order="invoice_date_due, id",
            limit=_SENT_PER_STEP,
        ):
            tried += parts
            self._send_installments(parts.try_lock_for_update().filtered_domain(due))
            if not progress._commit_progress(len(parts)):
                break

    @api.model
    def _get_installments_to_send_domain(self):
        today = fields.Date.context_today(self)
        companies = self.env["res.company"].search([("installment_journal_id", "!=", False)])
        return Domain(
            [
                ("installment_main_id", "!=", False),
                ("move_type", "=", "out_invoice"),
                ("state", "=", "posted"),
                ("payment_state", "in", ("not_paid", "partial")),
                ("is_move_sent", "=", False),
            ]
        ) & Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("invoice_date_due", "<=", today + timedelta(days=company.installment_send_days))
            for company in companies
        )

    @api.model
    def _send_installments(self, parts):
        """Make the PDFs of installments and mail them, or mark them to be printed."""
        mailed = parts.filtered(
            lambda part: part.partner_id.email and "email" in self._get_default_sending_methods(part)
        )
        printed = parts - mailed
        for moves, methods in ((mailed, {"email"}), (printed, {"manual"})):
            for of_company in moves.grouped("company_id").values():
                self._try_to_send(of_company, methods)
        printed.filtered("is_move_sent").installment_to_print = True

    @api.model
    def _try_to_send(self, parts, methods):
        """Send installments of one company, together or, when that fails, one by one.

        Some builds of wkhtmltopdf cannot make several documents at once, and one faulty
        invoice must not keep the others back.
        """
        try:
            with self.env.cr.savepoint():
                made = self.with_company(parts.company_id)._generate_and_send_invoices(
                    parts, allow_raising=False, sending_methods=methods
                )
                # Odoo says so only where it made a new PDF: one made before would be sent daily.
                parts.filtered(lambda part: part.invoice_pdf_report_id & made).is_move_sent = True
        except UserError as error:
            if len(parts) == 1:
                parts._message_log(body=self.env._("This installment could not be sent: %s", error))
                return
            for part in parts:
                self._try_to_send(part, methods)
