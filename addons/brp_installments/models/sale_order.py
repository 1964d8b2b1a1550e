from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, format_list

from .permission import is_permitted, permitted


class SaleOrder(models.Model):
    """An order that is sold in installments: one main invoice, paid by installment invoices."""

    _name = "sale.order"
    _inherit = ["sale.order", "brp.installment.order"]

    installment_main_id = fields.Many2one(
        "account.move", string="Main Invoice", compute="_compute_installment_main_id"
    )
    installment_separate_of_id = fields.Many2one(
        "sale.order",
        string="Separated From",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="The order sold in installments that these products were moved from, as they"
        " have no installment plan.",
    )
    installment_separate_ids = fields.One2many(
        "sale.order", "installment_separate_of_id", string="To Be Paid Separately"
    )
    can_sell_in_installments = fields.Boolean(compute="_compute_can_sell_in_installments")

    @api.depends("order_line.invoice_lines.move_id.installment_plan_id")
    def _compute_installment_main_id(self):
        for order in self:
            mains = order.invoice_ids.filtered("installment_plan_id").sorted("id")
            order.installment_main_id = mains[-1:]

    @api.depends("state", "order_line.product_id", "order_line.qty_invoiced")
    def _compute_can_sell_in_installments(self):
        for order in self:
            order.can_sell_in_installments = (
                order.state != "cancel"
                and bool(order._get_installment_lines())
                and not any(order.order_line.mapped("qty_invoiced"))
            )

    # === BUSINESS METHODS === #

    def action_confirm(self):
        self._check_only_in_installments()
        return super().action_confirm()

    def _create_invoices(self, grouped=False, final=False, date=None):
        self._check_only_in_installments()
        return super()._create_invoices(grouped=grouped, final=final, date=date)

    def _prepare_invoice(self):
        values = super()._prepare_invoice()
        if is_permitted(self.env):
            sale_date = self.env.context["installment_sale_date"]
            values.update(
                installment_plan_id=self.installment_plan_id.id,
                invoice_date=sale_date,
                invoice_date_due=sale_date,
                invoice_payment_term_id=False,
            )
        return values

    def _action_cancel(self):
        """Refuse to cancel an order whose installments go on."""
        for order in self:
            main = order.installment_main_id.sudo()
            if (
                main.state == "posted"
                and main.currency_id.compare_amounts(main._get_creditable_amount(), 0) > 0
            ):
                raise UserError(
                    self.env._(
                        "%(order)s was sold in installments. Credit its main invoice %(invoice)s first.",
                        order=order.name,
                        invoice=main.name,
                    )
                )
        return super()._action_cancel()

    def _has_to_be_signed(self):
        return super()._has_to_be_signed() and not self._is_only_sold_in_installments()

    def _has_to_be_paid(self):
        return super()._has_to_be_paid() and not self._is_only_sold_in_installments()

    def _is_only_sold_in_installments(self):
        """Say whether the desk has to sell this order: customers do not choose a plan themselves."""
        self.ensure_one()
        return self.company_id.sudo().installment_only and bool(self.sudo()._get_installment_lines())

    def action_sell_in_installments(self):
        """Open the dialog that sells these orders in installments."""
        for company in self.company_id:
            company._check_installment_settings()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Pay in Installments"),
            "res_model": "brp.installment.sale",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_ids": [Command.set(self.ids)]},
        }

    def action_view_installments(self):
        """Open the main invoice of the order."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "view_mode": "form",
            "res_id": self.installment_main_id.id,
        }

    def action_view_separate_orders(self):
        """Open the orders with the products that are to be paid separately."""
        action = self.env["ir.actions.actions"]._for_xml_id("sale.action_orders")
        orders = self.installment_separate_ids
        if len(orders) == 1:
            action.update(view_mode="form", views=[(False, "form")], res_id=orders.id)
        else:
            action["domain"] = [("id", "in", orders.ids)]
        return action

    def _sell_in_installments(self, plan, sale_date):
        """Confirm and invoice the orders, and divide each invoice by ``plan``; all or nothing.

        Products without a plan are first moved to an order of their own.

        :param plan: the installment plan, common to all products that have one
        :param sale_date: local date of the sale: date of the invoices
        :return: the posted main invoices, one per order
        :raises UserError: an order that cannot be sold so, by name and with the reason
        """
        self._lock_for_installments()
        self._check_can_sell_by(plan)
        obstacles = self._get_installment_obstacles(plan)
        if obstacles:
            raise UserError("\n".join(obstacles.values()))

        expected = {order: order._get_installment_total(plan)[0] for order in self}
        self._separate_lines_without_plan()
        self._remove_installment_fees()
        self.env["sale.order.line"].create(
            [fee for order in self for fee in order._prepare_installment_fees(plan)]
        )
        orders = permitted(self).with_context(installment_sale_date=sale_date)
        orders.write({"installment_plan_id": plan.id})
        orders.filtered(lambda order: order.state in ("draft", "sent")).action_confirm()
        mains = orders._create_invoices(grouped=True, final=True).sudo()
        refunds = mains.filtered(lambda move: move.move_type != "out_invoice")
        if refunds:
            raise UserError(
                self.env._(
                    "%(orders)s: the customer is to get money back, which cannot be paid in installments.",
                    orders=format_list(self.env, refunds.mapped("invoice_origin")),
                )
            )
        mains._post(soft=False)
        for order, main in zip(self, mains, strict=True):
            order._check_installment_total(main, expected[order])
        mains._divide_into_installments()
        return mains.with_env(self.env)

    # === RULES === #

    def _get_installment_lines(self):
        """Return the order lines whose product has an installment plan in the order's company."""
        return self.order_line.filtered(
            lambda line: not line.display_type and not line.is_downpayment and line._get_installment_plans()
        )

    def _get_lines_to_separate(self):
        """Return the lines to be paid that have no plan: all but discounts and free products."""
        lines = self.order_line.filtered(
            lambda line: (
                not line.display_type
                and not line.is_downpayment
                and not line._get_installment_plans()
                and not line.is_installment_fee
                and line.currency_id.compare_amounts(line.price_total, 0) > 0
            )
        )
        # A combo, which costs nothing itself, goes with its parts.
        return lines + (lines.filtered("combo_item_id").linked_line_id - lines)

    def _get_order_obstacle(self):
        if not self.partner_id:
            return self.env._("choose a customer first.")
        if self.state == "cancel":
            return self.env._("the order is cancelled.")
        if any(self.order_line.mapped("qty_invoiced")):
            return self.env._(
                "the order is already invoiced. Credit the whole invoice at once, or duplicate"
                " the order, to sell it in installments."
            )
        return None

    def _get_delivery_obstacle(self):
        undelivered = (self.order_line - self._get_lines_to_separate()).filtered(
            lambda line: (
                line.product_id.invoice_policy == "delivery"
                and not line.display_type
                and float_compare(
                    line.qty_delivered,
                    line.product_uom_qty,
                    precision_rounding=line.product_uom_id.rounding,
                )
                < 0
            )
        )
        if undelivered:
            return self.env._(
                "%(products)s is invoiced when delivered, and is not delivered yet. Register"
                " the delivery first.",
                products=format_list(self.env, undelivered.product_id.mapped("display_name")),
            )
        delivered_here = self._get_lines_to_separate()._get_lines_with_deliveries()
        if delivered_here:
            return self.env._(
                "%(products)s has no installment plan and a delivery of this order. Take it off the"
                " order first, and sell it on an order of its own.",
                products=format_list(self.env, delivered_here.product_id.mapped("display_name")),
            )
        return None

    def _is_paid_online(self):
        """Say whether the customer has paid: then the sale is taken as it is."""
        return bool(self.sudo().transaction_ids.filtered(lambda tx: tx.state in ("authorized", "done")))

    def _check_only_in_installments(self):
        """Refuse a sale in one go of products that are only sold in installments."""
        if is_permitted(self.env):
            return
        for order in self:
            if not order.company_id.sudo().installment_only or order._is_paid_online():
                continue
            lines = order._get_installment_lines()
            if lines:
                raise UserError(
                    self.env._(
                        "%(order)s: %(products)s can only be sold in installments. Use the"
                        " button Pay in Installments on the order.",
                        order=order.display_name,
                        products=format_list(self.env, lines.product_id.mapped("display_name")),
                    )
                )

    # === PREPARING THE ORDER === #

    def _separate_lines_without_plan(self):
        """Move the products that have no plan to orders of their own, linked to these."""
        lines = {order: order._get_lines_to_separate() for order in self}
        orders = self.filtered(lambda order: lines[order])
        separates = self.create(
            [
                order.copy_data(
                    {
                        "order_line": [],
                        "installment_separate_of_id": order.id,
                        "origin": order.name,
                        "client_order_ref": order.client_order_ref,
                    }
                )[0]
                for order in orders
            ]
        )
        bodies = {}
        confirmed = self.browse()
        for order, separate in zip(orders, separates, strict=True):
            lines[order].write({"order_id": separate.id})
            if order.state == "sale":
                confirmed += separate
            bodies[order.id] = self.env._(
                "Products without an installment plan were moved to %s, to be paid separately.",
                separate._get_html_link(),
            )
            bodies[separate.id] = self.env._(
                "Products without an installment plan, moved from %s.", order._get_html_link()
            )
        if confirmed:
            confirmed.action_confirm()
        (orders + separates)._message_log_batch(bodies)

    def _remove_installment_fees(self):
        """Take back the fees of an earlier sale in installments that was credited."""
        fees = self.order_line.filtered("is_installment_fee")
        drafts = fees.filtered(lambda line: line.state in ("draft", "sent"))
        (fees - drafts).product_uom_qty = 0
        drafts.unlink()

    def _prepare_installment_fees(self, plan):
        """Return the values of the order lines with the plan's fees."""
        self.ensure_one()
        return [
            {
                "order_id": self.id,
                "product_id": product.id,
                "product_uom_qty": quantity,
                "sequence": 9999,
                "is_installment_fee": True,
            }
            for product, quantity in self._prepare_plan_fees(plan)
        ]

    def _get_installment_total(self, plan):
        """Return what is to be paid in installments by ``plan``, and the fees in it.

        What was paid online already is not divided. Fees are priced as the order line will
        price them: price list, taxes and fiscal position of the order. Both with VAT, in the
        order's currency.
        """
        self.ensure_one()
        others = self._get_lines_to_separate() + self.order_line.filtered("is_installment_fee")
        total = self.amount_total - sum(others.mapped("price_total")) - self.amount_paid
        fees = sum(
            self.env["sale.order.line"].new(values).price_total
            for values in self._prepare_installment_fees(plan)
        )
        return self.currency_id.round(total + fees), self.currency_id.round(fees)

    def _get_different_plans_message(self):
        """Say which plans the products of these orders have, when none is common to all."""
        return self.env._(
            "The orders have no installment plan in common: %(orders)s.",
            orders="; ".join(
                f"{order.name} ({', '.join(order._get_common_installment_plans().mapped('name'))})"
                for order in self
            ),
        )
