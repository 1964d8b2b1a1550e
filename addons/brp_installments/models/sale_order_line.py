from odoo import fields, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    is_installment_fee = fields.Boolean(readonly=True, copy=False)

    def _get_installment_plans(self):
        """Return the plans by which this line may be paid; a combo's parts follow the combo."""
        self.ensure_one()
        line = self.linked_line_id if self.combo_item_id else self
        return line.product_template_id.installment_plan_ids._offered_in(self.company_id)

    def _get_lines_with_deliveries(self):
        """Return the lines with stock moves, where deliveries are installed (``sale_stock``)."""
        if "move_ids" not in self._fields:
            return self.browse()
        return self.filtered(lambda line: any(move.state != "cancel" for move in line.move_ids))
