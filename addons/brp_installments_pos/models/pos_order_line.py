from odoo import api, fields, models


class PosOrderLine(models.Model):
    _inherit = "pos.order.line"

    is_installment_fee = fields.Boolean(readonly=True, copy=False)

    @api.model
    def _load_pos_data_fields(self, config):
        return [*super()._load_pos_data_fields(config), "is_installment_fee"]

    def _get_installment_plans(self):
        """Return the plans by which this line may be paid; a combo's parts follow the combo."""
        self.ensure_one()
        line = self.combo_parent_id or self
        return line.product_id.sudo().product_tmpl_id.installment_plan_ids._offered_in(self.company_id)

    def _get_total_with_vat(self):
        """Return what the lines come to, rounded as Odoo rounds an order and its invoice."""
        if not self:
            return 0.0
        AccountTax = self.env["account.tax"]
        company, currency = self.order_id.company_id, self.order_id.currency_id
        base_lines = self._prepare_tax_base_line_values()
        AccountTax._add_tax_details_in_base_lines(base_lines, company)
        AccountTax._round_base_lines_tax_details(base_lines, company)
        totals = AccountTax._get_tax_totals_summary(base_lines=base_lines, currency=currency, company=company)
        # Odoo tells the quantities of an order that comes to less than nothing with the other sign.
        sign = -1 if self.order_id.amount_total < 0 else 1
        return sign * currency.round(totals["total_amount_currency"])

    def _get_tax_ids_after_fiscal_position(self):
        """Override of ``point_of_sale``: fees are priced unsaved, and taxes are mapped by id."""
        for line in self:
            position = line.order_id.fiscal_position_id._origin
            line.tax_ids_after_fiscal_position = position.map_tax(line.tax_ids._origin)
