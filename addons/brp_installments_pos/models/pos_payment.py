from odoo import api, models


class PosPayment(models.Model):
    _inherit = "pos.payment"

    @api.constrains("payment_method_id")
    def _check_installment_method(self):
        """Refuse to change how an order was paid to installments, or from them."""
        for payment in self:
            order = payment.pos_order_id
            if order.state in ("paid", "done") and (
                payment.payment_method_id.is_installment
                or order.installment_plan_id
                or order._get_refunded_purchase()
            ):
                order._check_sold_as_allowed()
