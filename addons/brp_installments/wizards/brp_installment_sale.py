from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

# Above this many documents the sale runs in the background.
_DOCUMENTS_AT_ONCE = 200

# How far back a seller may date a sale.
_LATEST = timedelta(days=31)


class InstallmentSale(models.TransientModel):
    """The dialog "Pay in installments": choose a plan, see dates and amounts, sell."""

    _name = "brp.installment.sale"
    _description = "Pay in Installments"

    order_ids = fields.Many2many("sale.order", string="Orders", required=True, readonly=True)
    available_plan_ids = fields.Many2many("brp.installment.plan", compute="_compute_available_plan_ids")
    plan_id = fields.Many2one(
        "brp.installment.plan",
        string="Installment Plan",
        compute="_compute_plan_id",
        store=True,
        readonly=False,
        required=True,
        domain="[('id', 'in', available_plan_ids)]",
    )
    sale_date = fields.Date(string="Date of Sale", required=True, default=fields.Date.context_today)
    obstacles = fields.Text(compute="_compute_obstacles")
    left_out = fields.Text(compute="_compute_obstacles")
    sold_order_ids = fields.Many2many("sale.order", compute="_compute_obstacles")
    separate_products = fields.Text(compute="_compute_obstacles")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends("order_ids")
    def _compute_available_plan_ids(self):
        for wizard in self:
            orders = wizard.order_ids._origin.filtered(lambda order: not order._get_installment_obstacle())
            wizard.available_plan_ids = orders._get_common_installment_plans()

    @api.depends("available_plan_ids")
    def _compute_plan_id(self):
        for wizard in self:
            wizard.plan_id = wizard.available_plan_ids[:1]

    @api.depends("order_ids", "plan_id", "sale_date")
    def _compute_obstacles(self):
        """Find what stops the sale; of many orders, those that cannot be sold are left out."""
        for wizard in self:
            orders = wizard.order_ids._origin
            reasons = orders._get_installment_obstacles(wizard.plan_id._origin)
            sold = orders.filtered(lambda order, reasons=reasons: order not in reasons)
            obstacles = list(reasons.values()) if not sold else []
            if not reasons and not wizard.available_plan_ids:
                obstacles = [orders._get_different_plans_message()]
            if problem := wizard._get_date_obstacle():
                obstacles.append(problem)
            if len(orders.company_id) > 1:
                obstacles.append(self.env._("Choose orders of one company at a time."))
            wizard.obstacles = "\n".join(obstacles)
            wizard.left_out = "\n".join(reasons.values()) if sold else False
            wizard.sold_order_ids = sold
            wizard.separate_products = "\n".join(
                f"{order.name}: {', '.join(lines.product_id.mapped('display_name'))}"
                for order in sold
                if (lines := order._get_lines_to_separate())
            )

    def _get_date_obstacle(self):
        """Let only accounting sell on a date that is not of late: it dates the invoices."""
        today = fields.Date.context_today(self)
        if (
            self.sale_date
            and not today - _LATEST <= self.sale_date <= today
            and not self.env.user.has_group("account.group_account_invoice")
        ):
            return self.env._("Choose a date of sale within the last 31 days. Accounting may choose any.")
        return None

    @api.depends("order_ids", "plan_id", "sale_date", "obstacles")
    def _compute_preview(self):
        for wizard in self:
            wizard.preview = False
            if wizard.obstacles or not wizard.plan_id or not wizard.sale_date:
                continue
            wizard.preview = self.env["ir.qweb"]._render(
                "brp_installments.installment_preview", wizard._prepare_preview()
            )

    def _prepare_preview(self):
        """Return what the preview shows: every installment of one order, a row per order of many."""
        self.ensure_one()
        plan = self.plan_id._origin
        orders = self.sold_order_ids._origin
        return {"rows": [order._preview_installments(plan, self.sale_date) for order in orders]}

    def action_sell(self):
        """Sell the orders as previewed and show the main invoices."""
        self.ensure_one()
        self.order_ids.check_access("write")
        if self.obstacles:
            raise UserError(self.obstacles)
        if len(self.sold_order_ids) * (self.plan_id.months + 2) > _DOCUMENTS_AT_ONCE:
            batch = self.env["brp.installment.batch"]._start(self.order_ids, self.plan_id, self.sale_date)
            return {
                "type": "ir.actions.act_window",
                "res_model": "brp.installment.batch",
                "view_mode": "form",
                "res_id": batch.id,
            }
        mains = self.sold_order_ids._sell_in_installments(self.plan_id, self.sale_date)
        action = self.env["ir.actions.actions"]._for_xml_id("account.action_move_out_invoice_type")
        if len(mains) == 1:
            action.update(view_mode="form", views=[(False, "form")], res_id=mains.id)
        else:
            action["domain"] = [("id", "in", mains.ids)]
        return action
