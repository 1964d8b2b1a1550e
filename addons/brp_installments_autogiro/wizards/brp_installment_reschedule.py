from odoo import models


class InstallmentReschedule(models.TransientModel):
    """Leaves alone what the bank is collecting."""

    _inherit = "brp.installment.reschedule"

    def _get_schedule(self):
        """Refuse a schedule that gives another date or amount to an installment that is being collected."""
        schedule = super()._get_schedule()
        parts = self.main_id._get_open_installments()
        if self._keeps_amounts():
            moved = [
                part.id
                for part, (due, _amount) in zip(parts, schedule, strict=True)
                if part.invoice_date_due != due
            ]
            parts = parts.browse(moved)
        parts._check_installments_not_live()
        return schedule
