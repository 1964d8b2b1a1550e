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

    @api.depends("period_start", "period_end", "company_id")
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
        """Return which installments belong to the period: those due in it or in the month before it."""
        return (
            _INSTALLMENT
            & Domain("autogiro_date", ">=", self.period_start - relativedelta(months=1))
            & Domain("autogiro_date", "<=", self.period_end)
        )

    def _get_period_domain(self):
        others = super()._get_period_domain() & ~_INSTALLMENT
        return others | self._get_installment_period_domain() if self.include_installments else others
