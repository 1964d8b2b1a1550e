from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

_INSTALLMENT = Domain("installment_main_id", "!=", False)


class AutogiroBatch(models.Model):
    _inherit = "brp.autogiro.batch"

    include_installments = fields.Boolean(
        string="Include installment invoices",
        default=True,
        help="Installments by Autogiro that fall due in the period, and those of the month before it that"
        " have not been collected.",
    )
    installment_count = fields.Integer(compute="_compute_installment_count")

    @api.depends("period_start", "period_end", "company_id", "automatic")
    def _compute_installment_count(self):
        Move = self.env["account.move"]
        for batch in self:
            batch.installment_count = (
                Move.search_count(
                    Move._get_autogiro_open_domain(batch.company_id)
                    & batch._get_installment_period_domain()
                    & (
                        Domain("autogiro_live", "=", False)
                        | Domain("autogiro_payment_ids.batch_id", "=", batch._origin.id)
                    )
                )
                if batch.period_start and batch.period_end
                else 0
            )

    def _get_installment_period_domain(self):
        """Return which installments belong to the period: those due in it or in the month before it.

        An automatic batch is of a day. It takes those of the month before only on a day of collection,
        on which installments fall due: a late one waits for it.
        """
        due = self._get_installments_due_domain(self.period_start)
        if not self.automatic:
            return self._get_installments_due_domain(self.period_start - relativedelta(months=1))
        some = self.env["account.move"].search_count(
            due
            & Domain("company_id", "=", self.company_id.id)
            & Domain("autogiro", "=", True)
            & Domain("state", "=", "posted"),
            limit=1,
        )
        return (
            self._get_installments_due_domain(self.period_start + relativedelta(months=-1, day=1))
            if some
            else due
        )

    def _get_installments_due_domain(self, start):
        return (
            _INSTALLMENT
            & Domain("autogiro_date", ">=", start)
            & Domain("autogiro_date", "<=", self.period_end)
        )

    def _get_period_domain(self):
        others = super()._get_period_domain() & ~_INSTALLMENT
        return others | self._get_installment_period_domain() if self.include_installments else others
