from odoo import fields, models
from odoo.exceptions import RedirectWarning, UserError


class InstallmentBatchLine(models.Model):
    """An order of a batch and what became of it."""

    _name = "brp.installment.batch.line"
    _description = "Order to Be Sold in Installments"

    batch_id = fields.Many2one("brp.installment.batch", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="batch_id.company_id", store=True)
    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade", index=True)
    partner_id = fields.Many2one(related="order_id.partner_id")
    state = fields.Selection(
        [("waiting", "Waiting"), ("sold", "Sold"), ("failed", "Left Out")],
        default="waiting",
        required=True,
        index=True,
    )
    main_id = fields.Many2one("account.move", string="Main Invoice", readonly=True)
    message = fields.Text(string="Reason", readonly=True)

    def _sell(self):
        """Sell these orders, all at once; one by one when that fails, to name the ones that cannot."""
        batch = self.batch_id
        orders = self.order_id.with_user(batch.user_id).with_company(batch.company_id)
        try:
            with self.env.cr.savepoint():
                mains = orders._sell_in_installments(batch.plan_id, batch.sale_date)
                for line, main in zip(self, mains, strict=True):
                    line.write({"state": "sold", "main_id": main.id})
        except (UserError, RedirectWarning) as error:
            if len(self) == 1:
                self.write({"state": "failed", "message": error.args[0]})
                return
            for line in self:
                line._sell()
