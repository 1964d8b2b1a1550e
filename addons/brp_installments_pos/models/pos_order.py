from math import isfinite

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_list

from odoo.addons.brp_installments.models.permission import is_permitted, permitted


class PosOrder(models.Model):
    """An order of the till that is sold in installments: its invoice is the main invoice."""

    _name = "pos.order"
    _inherit = ["pos.order", "brp.installment.order"]

    installment_schedule = fields.Json(
        compute="_compute_installment_schedule", help="What the receipt tells: [label, due date, amount]."
    )

    @api.depends("account_move")
    def _compute_installment_schedule(self):
        for order in self:
            parts = order.sudo().account_move.filtered("installment_plan_id")._get_current_installments()
            order.installment_schedule = [
                [
                    part.installment_label,
                    format_date(self.env, part.invoice_date_due),
                    part.currency_id.format(part.amount_total),
                ]
                for part in parts
            ]

    # === FOR THE TILL === #

    def offer_installments(self):
        """Return what the till shows before an order is sold in installments.

        :return: {"obstacle": why it cannot be sold so, or ""; "warning": what to know before, or "";
            "separate": ids of lines to be paid on an order of their own, "products": their names; "plans":
            [{"id", "name", "total", "total_shown", "fees_shown", "parts": [{"label", "due", "amount"}]}]};
            amounts in kronor, with VAT
        """
        self._check_till()
        separate = self._get_lines_to_separate()
        obstacle = self._get_installment_obstacle() or ""
        offer = {
            # Elsewhere it comes after the order's name.
            "obstacle": obstacle[:1].upper() + obstacle[1:],
            "warning": self._get_installment_warning(),
            "separate": separate.ids,
            "products": format_list(self.env, separate.mapped("full_product_name")) if separate else "",
            "plans": [],
        }
        if not offer["obstacle"]:
            plans = self._get_common_installment_plans().sudo()
            offer["plans"] = self._describe_plans(
                plans.filtered(lambda plan: not self._get_installment_amount_obstacle(plan))
            )
        return offer

    def _get_installment_warning(self):
        customer = self.partner_id
        if customer.email or customer.street:
            return ""
        return self.env._(
            "%s has neither an e-mail address nor a postal address: the invoices cannot be sent.",
            customer.display_name,
        )

    def _describe_plans(self, plans):
        return [self._describe_plan(plan) for plan in plans]

    def _describe_plan(self, plan):
        preview = self._preview_installments(plan, self._get_sale_date())
        currency = self.currency_id
        return {
            "id": plan.id,
            "name": plan.name,
            "total": preview["total"],
            "total_shown": currency.format(preview["total"]),
            "fees_shown": currency.format(preview["fees"]) if preview["fees"] else "",
            "parts": [
                {"label": label, "due": format_date(self.env, due), "amount": currency.format(float(amount))}
                for label, due, amount in preview["parts"]
            ],
        }

    def sell_in_installments(self, plan_id, total, told=None):
        """Pay an order of the till with installments, and invoice it; again, it tells that it is done.

        :param total: what the till has shown, with VAT, in the order's currency
        :param told: what else the till has asked for, which addons take
        :return: the order as the till reads it
        :raises UserError: it cannot be sold so
        """
        self._check_till()
        self._lock_for_installments()
        plan = self.env["brp.installment.plan"].sudo().browse(plan_id).exists()
        if not plan:
            raise UserError(self.env._("The plan is not offered any more. Choose another one."))
        if self.state == "draft":
            self._check_can_sell_by(plan)
            self._prepare_to_sell(plan, told or {})
            self._sell_in_installments(plan, total)
        elif self.installment_plan_id != plan:
            raise UserError(self.env._("%s has been paid already.", self.display_name))
        return self.read_pos_data([], self.config_id)

    def _check_till(self):
        self.ensure_one()
        self.check_access("write")
        self.company_id._check_installment_settings()
        if not self.config_id.sudo()._get_installment_method():
            raise UserError(self.env._("This till does not sell in installments."))

    def _prepare_to_sell(self, plan, told):
        """Do what goes before a sale; it is undone when nothing is sold."""

    def _sell_in_installments(self, plan, total):
        obstacle = self._get_installment_obstacle(plan)
        if obstacle:
            raise UserError(self.env._("%(order)s: %(reason)s", order=self.display_name, reason=obstacle))
        if separate := self._get_lines_to_separate():
            raise UserError(
                self.env._(
                    "%s has no installment plan and is to be paid on an order of its own.",
                    format_list(self.env, separate.mapped("full_product_name")),
                )
            )
        expected = self._get_installment_total(plan)[0]
        if not isinstance(total, int | float) or not isfinite(total):
            raise UserError(self.env._("The till has not told the price that it has shown."))
        if self.currency_id.compare_amounts(total, expected):
            raise UserError(
                self.env._(
                    "The price is %(now)s by now, not %(shown)s. Choose the plan again.",
                    now=self.currency_id.format(expected),
                    shown=self.currency_id.format(total),
                )
            )
        order = permitted(self).with_context(generate_pdf=False)
        order.write(
            {
                "installment_plan_id": plan.id,
                "to_invoice": True,
                "date_order": fields.Datetime.now(),
                "lines": [Command.create(values) for values in self._prepare_installment_fees(plan)],
            }
        )
        order._compute_prices()
        order.add_payment(
            {
                "pos_order_id": order.id,
                "amount": order.amount_total,
                "payment_method_id": order.config_id.sudo()._get_installment_method()[:1].id,
                "payment_date": fields.Datetime.now(),
            }
        )
        order._process_saved_order(False)
        main = order.sudo().account_move
        self._check_installment_total(main, expected)
        permitted(main)._divide_into_installments()

    def _get_sale_date(self):
        return fields.Date.context_today(self)

    # === LINES === #

    def _get_installment_lines(self):
        return self.lines.filtered(lambda line: line._get_installment_plans())

    def _get_lines_to_separate(self):
        lines = self.lines.filtered(
            lambda line: (
                not line._get_installment_plans()
                and line.currency_id.compare_amounts(line.price_subtotal_incl, 0) > 0
            )
        )
        # A combo, which costs nothing itself, goes with its parts, and they with each other.
        combos = lines.combo_parent_id
        return lines | combos | combos.combo_line_ids

    def _get_order_obstacle(self):
        if not self.partner_id:
            return self.env._("choose a customer first.")
        if self.state != "draft":
            return self.env._("it has been paid already.")
        if not self.session_id or self.session_id.state in ("closing_control", "closed"):
            return self.env._("its session of the till is closed.")
        if self.lines.refunded_orderline_id:
            return self.env._("what is given back cannot be paid in installments.")
        if orders := self._get_settled_sale_orders():
            return self.env._(
                "sell %s in installments on the order itself, not in the till.",
                format_list(self.env, orders.sudo().mapped("name")),
            )
        if any(not self.currency_id.is_zero(payment.amount) for payment in self.payment_ids):
            return self.env._("take its payments away first: it is paid in installments as a whole.")
        return ""

    def _get_settled_sale_orders(self):
        """Return the sale orders that this one settles, with Odoo's ``pos_sale``."""
        if "sale_order_origin_id" not in self.lines._fields:
            return self.browse()
        return self.lines.sale_order_origin_id

    def _get_installment_total(self, plan):
        self.ensure_one()
        Line = self.env["pos.order.line"]
        fees = Line.concat(*(Line.new(values) for values in self._prepare_installment_fees(plan)))
        lines = self.lines - self._get_lines_to_separate()
        return (lines + fees)._get_total_with_vat(), fees._get_total_with_vat()

    def _prepare_installment_fees(self, plan):
        """Return the values of the lines with the plan's fees, priced as the till prices a product."""
        return [self._prepare_installment_fee(product, qty) for product, qty in self._prepare_plan_fees(plan)]

    def _prepare_installment_fee(self, product, quantity):
        currency = self.currency_id
        taxes = product.taxes_id._filter_taxes_by_company(self.company_id)
        mapped = self.fiscal_position_id.map_tax(taxes)
        price = self.env["account.tax"]._fix_tax_included_price_company(
            self.pricelist_id._get_product_price(product, quantity, currency=currency),
            taxes,
            mapped,
            self.company_id,
        )
        sums = mapped.compute_all(price, currency, quantity, product=product, partner=self.partner_id)
        return {
            "order_id": self.id,
            "product_id": product.id,
            "qty": quantity,
            "full_product_name": product.display_name,
            "is_installment_fee": True,
            "price_unit": price,
            "tax_ids": [Command.set(taxes.ids)],
            "price_subtotal": sums["total_excluded"],
            "price_subtotal_incl": sums["total_included"],
        }

    # === RULES === #

    @api.model
    def _process_order(self, order, existing_order):
        """Override of ``point_of_sale``: by which plan an order is sold is not the till's to say."""
        order.pop("installment_plan_id", None)
        return super()._process_order(order, existing_order)

    def action_pos_order_paid(self):
        """Override of ``point_of_sale``: what is only sold in installments is not sold otherwise."""
        self._check_sold_as_allowed()
        if self._is_paid_in_installments():
            # It is a credit note that is netted.
            self.to_invoice = True
            self._pay_to_the_ore()
        return super().action_pos_order_paid()

    def _is_paid_in_installments(self):
        """Say whether the order, or what it gives back, is paid by the method for installments."""
        return bool(self.installment_plan_id or self.payment_ids.payment_method_id.filtered("is_installment"))

    def _compute_prices(self):
        """Override of ``point_of_sale``: a till that rounds all that it takes does not round installments."""
        super()._compute_prices()
        for order in self.filtered(lambda order: order._is_paid_in_installments()):
            order.amount_total = order.lines._get_total_with_vat()
            order.amount_difference = order.amount_paid - order.amount_total

    def _pay_to_the_ore(self):
        """Net what is given back as it is, whatever the till has rounded it to."""
        self._compute_prices()
        self.payment_ids[1:].unlink()
        self.payment_ids.amount = self.amount_total
        self._compute_prices()

    def _check_sold_as_allowed(self):
        if is_permitted(self.env):
            return
        if self.installment_plan_id:
            raise UserError(self.env._("%s has been sold in installments, and stays so.", self.display_name))
        if any(payment.payment_method_id.is_installment for payment in self.payment_ids):
            self._check_is_credit()
            return
        if self._get_refunded_purchase():
            raise UserError(
                self.env._(
                    "%s was sold in installments: what is given back is netted against them, and no money"
                    " is paid out.",
                    self._get_refunded_purchase().display_name,
                )
            )
        sold = self._get_installment_lines().filtered(lambda line: line.qty > 0)
        if sold and self.company_id.sudo().installment_only and not self._is_paid_online():
            raise UserError(
                self.env._(
                    "%s can only be sold in installments: use the button Pay in Installments.",
                    format_list(self.env, sold.mapped("full_product_name")),
                )
            )

    def _is_paid_online(self):
        """Say whether the customer has paid by Odoo's ``pos_online_payment``: it is taken as it is."""
        methods = self.payment_ids.payment_method_id
        return "is_online_payment" in methods._fields and any(methods.mapped("is_online_payment"))

    def _check_is_credit(self):
        """Refuse to pay with installments by hand what has no schedule to be netted against."""
        purchase = self._get_refunded_purchase()
        others = self.payment_ids.filtered(lambda payment: not payment.payment_method_id.is_installment)
        if len(purchase) != 1 or others or self.amount_total > 0:
            raise UserError(
                self.env._(
                    "%s cannot be paid with installments like this: use the button Pay in Installments.",
                    self.display_name,
                )
            )
        if self.partner_id.commercial_partner_id != purchase.partner_id.commercial_partner_id:
            raise UserError(
                self.env._(
                    "%(order)s was sold to %(customer)s: what is given back is credited to them alone.",
                    order=purchase.display_name,
                    customer=purchase.partner_id.display_name,
                )
            )
        self._check_is_of_purchase(purchase)

    def _check_is_of_purchase(self, purchase):
        """Refuse to net anything but what was sold, and no more of it than was sold."""
        others = self.lines.filtered(
            lambda line: (
                line.refunded_orderline_id.order_id != purchase
                and not line.currency_id.is_zero(line.price_subtotal_incl)
            )
        )
        if others:
            raise UserError(
                self.env._(
                    "%s is not given back, and is to be paid on an order of its own.",
                    format_list(self.env, others.mapped("full_product_name")),
                )
            )
        exceeded = self.lines.refunded_orderline_id.filtered(
            lambda line: line.product_uom_id.compare(line.refunded_qty, line.qty) > 0
        )
        if exceeded:
            raise UserError(
                self.env._(
                    "More of %(products)s is given back than was sold on %(order)s.",
                    products=format_list(self.env, exceeded.mapped("full_product_name")),
                    order=purchase.display_name,
                )
            )

    def _get_refunded_purchase(self):
        """Return the orders sold in installments that products of this one are given back of."""
        return self.lines.refunded_orderline_id.order_id.filtered("installment_plan_id")

    def _prepare_invoice_vals(self):
        values = super()._prepare_invoice_vals()
        if len(self) == 1 and self._is_paid_in_installments():
            # It has no cash in it.
            values["invoice_cash_rounding_id"] = False
        if is_permitted(self.env) and self.installment_plan_id:
            values |= {
                "installment_plan_id": self.installment_plan_id.id,
                "invoice_date_due": values["invoice_date"],
                "invoice_payment_term_id": False,
            }
        return values
