from odoo import api, fields, models
from odoo.exceptions import LockError, UserError

from ..schedule import ScheduleError, due_dates
from .permission import is_permitted


class InstallmentOrder(models.AbstractModel):
    """An order that can be sold in installments, whatever it is made with: rules, plans and amounts.

    A model of orders has ``partner_id``, ``company_id`` and ``currency_id``, its lines ``product_id`` and
    ``_get_installment_plans()``. It answers:

    * ``_get_installment_lines()``: the lines whose product has an installment plan in the order's company
    * ``_get_lines_to_separate()``: the lines to be paid that have no plan: all but discounts and what is free
    * ``_get_installment_total(plan)``: (what is to be paid in installments by ``plan``, the fees in it), both
      with VAT, in the order's currency
    * ``_get_order_obstacle()``: why the order itself cannot be sold so, whatever its products are, in words
    """

    _name = "brp.installment.order"
    _description = "Order That Can Be Sold in Installments"

    installment_plan_id = fields.Many2one("brp.installment.plan", readonly=True, copy=False)

    # === RULES === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._check_plan_by_hand(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._check_plan_by_hand(vals)
        return super().write(vals)

    def _check_plan_by_hand(self, vals):
        """Refuse another plan than the one by which an order was sold: it tells what giving back means."""
        if "installment_plan_id" not in vals or is_permitted(self.env):
            return
        plan_id = vals["installment_plan_id"] or False
        if any(order.installment_plan_id.id != plan_id for order in self) or (plan_id and not self):
            raise UserError(
                self.env._("The plan of an order is chosen by the button Pay in Installments, and stays.")
            )

    def _get_delivery_obstacle(self):
        """Say what has to be delivered first; nothing when nothing has."""
        return ""

    def _get_common_installment_plans(self):
        """Return the plans that every product with a plan, on all these orders, has."""
        plans = None
        for line in self._get_installment_lines():
            of_line = line._get_installment_plans()
            plans = of_line if plans is None else plans & of_line
        return (plans or self.env["brp.installment.plan"]).sorted()

    def _get_installment_obstacles(self, plan=None):
        """Say why orders cannot be sold in installments.

        :param plan: when given, the plan must be one that all products with a plan have
        :return: {order: text that names the order, the reason and the way out}
        """
        obstacles = {}
        for order in self:
            reason = order._get_installment_obstacle(plan)
            if reason:
                obstacles[order] = self.env._(
                    "%(order)s: %(reason)s", order=order.display_name, reason=reason
                )
        return obstacles

    def _get_installment_obstacle(self, plan=None):
        self.ensure_one()
        return (
            self._get_order_obstacle()
            or self._get_plan_obstacle(plan)
            or self._get_delivery_obstacle()
            or self._get_installment_amount_obstacle(plan)
        )

    def _get_plan_obstacle(self, plan):
        lines = self._get_installment_lines()
        if not lines:
            return self.env._(
                "none of its products has an installment plan. Plans are chosen on the product's tab Prices."
            )
        common = self._get_common_installment_plans()
        if not common:
            return self.env._(
                "its products have no installment plan in common: %(products)s.",
                products="; ".join(
                    f"{line.product_id.display_name} ({plans})"
                    for line in lines
                    for plans in [", ".join(line._get_installment_plans().mapped("name"))]
                ),
            )
        if plan and plan not in common:
            return self.env._(
                "the plan %(plan)s is not offered for all its products. Common plans: %(plans)s.",
                plan=plan.name,
                plans=", ".join(common.mapped("name")),
            )
        return None

    def _get_installment_amount_obstacle(self, plan):
        self.ensure_one()
        if not plan:
            return None
        total = self._get_installment_total(plan)[0]
        if self.currency_id.compare_amounts(total, 0) <= 0:
            return self.env._(
                "there is nothing to pay in installments (%(total)s).",
                total=self.currency_id.format(total),
            )
        try:
            self.currency_id._split_exactly(total, plan.months)
        except ScheduleError:
            return self.env._(
                "%(total)s is too little for %(months)s installments.",
                total=self.currency_id.format(total),
                months=plan.months,
            )
        return None

    # === SELLING === #

    def _check_can_sell_by(self, plan):
        """Refuse, before anything is sold, what a company is not set up for."""
        for company in self.company_id:
            company._check_installment_settings()

    def _lock_for_installments(self):
        """Make sure that nobody else sells the same orders at the same time."""
        try:
            self.lock_for_update()
        except LockError as error:
            raise UserError(
                self.env._(
                    "Somebody else is working with one of these orders right now. Wait a"
                    " moment and look at the order before you try again."
                )
            ) from error
        self.invalidate_recordset()

    def _preview_installments(self, plan, sale_date):
        """Return what the order would be sold as.

        :param sale_date: local date of the sale
        :return: {"order", "total", "fees", "parts": [(label, due date, amount)]}
        """
        self.ensure_one()
        total, fees = self._get_installment_total(plan)
        dates = due_dates(sale_date, plan.months, plan.cutoff_day, self.company_id.sudo().installment_due_day)
        amounts = self.currency_id._split_exactly(total, plan.months)
        label = self.env["account.move"]._get_installment_label
        return {
            "order": self,
            "total": total,
            "fees": fees,
            "parts": [
                (label(number, plan.months), due, amount)
                for number, (due, amount) in enumerate(zip(dates, amounts, strict=True), start=1)
            ],
        }

    def _check_installment_total(self, main, expected):
        """Refuse a sale that would come to another amount than the one previewed."""
        if self.currency_id.compare_amounts(main.amount_residual, expected):
            raise UserError(
                self.env._(
                    "%(order)s would come to %(actual)s instead of %(expected)s, as rewards or fees change"
                    " when the order is confirmed. Confirm the order first, and look at the"
                    " installments again.",
                    order=self.display_name,
                    actual=self.currency_id.format(main.amount_residual),
                    expected=self.currency_id.format(expected),
                )
            )

    def _prepare_plan_fees(self, plan):
        """Return [(product of a fee of the plan, how many)]."""
        fees = [(plan.setup_fee_product_id, 1), (plan.installment_fee_product_id, plan.months)]
        return [(product, quantity) for product, quantity in fees if product]
