from odoo import Command
from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import InstallmentCommon


@tagged("post_install", "-at_install")
class TestSell(InstallmentCommon):
    """Selling in installments: documents, dates, amounts and the ledger."""

    def _amounts(self, main):
        return main.installment_ids.sorted("installment_number").mapped("amount_total")

    def test_year_card_in_twelve_parts(self):
        main = self._sell(self.year_card)

        # 9 600.00 + 25 % = 12 000.00, of which VAT 2 400.00, all of it on the main invoice
        self.assertEqual(main.amount_total, 12000)
        self.assertEqual(main.amount_tax, 2400)
        self.assertEqual(main.payment_state, "paid")
        self.assertEqual(str(main.invoice_date_due), "2026-01-10")
        parts = main.installment_ids.sorted("installment_number")
        self.assertEqual(parts.mapped("amount_total"), [1000] * 12)
        self.assertEqual(parts.mapped("amount_tax"), [0] * 12)
        self.assertEqual(parts[0].installment_label, "1 of 12")
        self.assertEqual(
            [str(due) for due in parts.mapped("invoice_date_due")],
            [f"2026-{month:02}-27" for month in range(1, 13)],
        )
        self.assertEqual(len(set(parts.mapped("name"))), 12)
        self.assertEqual(len(set(parts.mapped("payment_reference"))), 12)
        self.assertEqual(parts.journal_id, self.company.installment_journal_id)
        self.assertEqual(self._balance(self.receivable), 12000)
        self.assertEqual(self._balance(self.account_1530), 0)
        self.assertTrue(all(parts._get_installment_account_lines().mapped("reconciled")))
        self.assertEqual(main.installment_left, 12000)
        self.assertEqual(main.installment_paid, 0)

    def test_paying_an_installment(self):
        main = self._sell(self.year_card)
        self._pay(main.installment_ids[0], 1000)
        self._pay(main.installment_ids[1], 250)

        self.assertEqual(main.installment_paid, 1250)
        self.assertEqual(main.installment_left, 10750)
        self.assertEqual(self._balance(self.receivable), 10750)

    def test_installments_are_not_suspected_to_be_copies(self):
        self.assertFalse(self._sell(self.year_card).installment_ids.duplicated_ref_ids)

    def test_turnover_counts_the_purchase_once(self):
        self._sell(self.year_card)
        self.env.flush_all()
        turnover = self.env["account.invoice.report"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(sum(turnover.mapped("price_subtotal")), 9600)

    def test_queries_per_order_do_not_grow_with_the_number_of_orders(self):
        def queries_per_order(count):
            orders = self.env["sale.order"].concat(
                *(self._create_order(self.year_card) for _number in range(count))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            orders._sell_in_installments(self.plan, self._date("2026-01-10"))
            self.env.flush_all()
            return (self.env.cr.sql_log_count - start) / count

        queries_per_order(1)  # what is read once and kept is read now
        self.assertLessEqual(queries_per_order(8), queries_per_order(2))

    # === AMOUNTS === #

    def test_mixed_rates(self):
        main = self._sell(self.year_card, self.course, self.book, plan=self.plan_3)
        # 12 000.00 + 1 120.00 + 106.00 = 13 226.00; the odd öre go first
        self.assertEqual(self._amounts(main), [4408.67, 4408.67, 4408.66])

    def test_discount(self):
        order = self._create_order(self.year_card)
        order.order_line.discount = 10
        main = order._sell_in_installments(self.plan, self._date("2026-01-10"))
        # 8 640.00 + 25 % = 10 800.00
        self.assertEqual(self._amounts(main), [900] * 12)

    def test_tax_included_price(self):
        included = self.vat[25].copy({"name": "25 % incl.", "price_include_override": "tax_included"})
        product = self._create_card("Card", 1000, 25, self.plan_3)
        product.taxes_id = included
        main = self._sell(product, plan=self.plan_3)
        self.assertEqual(main.amount_untaxed, 800)
        self.assertEqual(self._amounts(main), [333.34, 333.33, 333.33])

    def test_fiscal_position_maps_the_tax_away(self):
        abroad = self.env["account.fiscal.position"].create(
            {"name": "Without VAT", "company_id": self.company.id}
        )
        self.vat[25].copy(
            {
                "name": "0 % abroad",
                "amount": 0,
                "fiscal_position_ids": [Command.set(abroad.ids)],
                "original_tax_ids": [Command.set(self.vat[25].ids)],
            }
        )
        order = self._create_order(self.year_card, fiscal_position_id=abroad.id)
        main = order._sell_in_installments(self.plan, self._date("2026-01-10"))
        self.assertEqual(main.amount_tax, 0)
        self.assertEqual(self._amounts(main), [800] * 12)

    def test_negative_line_without_a_plan_stays(self):
        order = self._create_order(self.year_card, self.towel)
        order.order_line[1].price_unit = -960  # a discount product
        main = order._sell_in_installments(self.plan, self._date("2026-01-10"))
        # 9 600.00 - 960.00 = 8 640.00, + 25 % = 10 800.00
        self.assertEqual(self._amounts(main), [900] * 12)
        self.assertFalse(order.installment_separate_ids)

    def test_returned_goods_are_deducted(self):
        order = self._create_order(self.year_card, self.course)
        order.order_line[1].product_uom_qty = -1
        main = order._sell_in_installments(self.plan_3, self._date("2026-01-10"))
        # 12 000.00 - 1 120.00 = 10 880.00
        self.assertEqual(self._amounts(main), [3626.67, 3626.67, 3626.66])

    def test_more_to_get_back_than_to_pay_is_refused(self):
        order = self._create_order(self.book, self.course)
        order.order_line[1].product_uom_qty = -1
        with self.assertRaisesRegex(UserError, "nothing to pay"):
            order._sell_in_installments(self.plan_3, self._date("2026-01-10"))
        self.assertEqual(order.state, "draft")

    def test_too_little_for_the_number_of_parts(self):
        product = self._create_card("Key Ring", 0.01, 25, self.plan_3)
        with self.assertRaisesRegex(UserError, "too little for 3"):
            self._sell(product, plan=self.plan_3)

    def test_fees_are_order_lines_with_their_own_vat(self):
        none = self.env["brp.installment.plan"]
        self.plan.setup_fee_product_id = self._create_card("Set-up Fee", 200, 25, none)
        self.plan.installment_fee_product_id = self._create_card("Fee", 20, 25, none)
        main = self._sell(self.year_card)
        # 12 000.00 + 250.00 + 12 x 25.00 = 12 550.00 = 12 x 1 045.83 + 0.04
        self.assertEqual(main.amount_total, 12550)
        self.assertEqual(self._amounts(main), [1045.84] * 4 + [1045.83] * 8)
        terms = main._get_installment_terms()
        self.assertEqual(terms["cash_price"], 12000)
        self.assertEqual(terms["fees"], 550)
        # 12 000.00 lent on 10 January; the twelve payments at 9.396 % a year are worth as much
        self.assertEqual(str(terms["effective_rate"]), "9.4")
        html = self.env["ir.actions.report"]._render_qweb_html(
            "brp_installments.report_installment_agreement", main.ids
        )[0]
        self.assertIn("9.4 %", html.decode())

    def test_resale_after_a_full_credit_charges_fees_once(self):
        none = self.env["brp.installment.plan"]
        self.plan_3.setup_fee_product_id = self._create_card("Set-up Fee", 200, 25, none)
        order = self._create_order(self.course)
        main = order._sell_in_installments(self.plan_3, self._date("2026-01-10"))
        self.assertEqual(main.amount_total, 1370)
        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=main.ids
        )
        Form(wizard).save().refund_moves()
        again = order._sell_in_installments(self.plan_3, self._date("2026-02-10"))
        self.assertEqual(again.amount_total, 1370)
        self.assertFalse(order.installment_separate_ids)

    def test_what_was_paid_online_is_not_divided(self):
        order = self._create_order(self.year_card)
        method = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_id": self.customer.id,
                "amount": 3000,
                "journal_id": self.company_data["default_journal_bank"].id,
            }
        )
        provider = self.env["payment.provider"].search([("code", "=", "none")], limit=1) or self.env[
            "payment.provider"
        ].create({"name": "Test", "code": "none"})
        self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env["payment.method"].search([], limit=1).id,
                "reference": "paid before",
                "amount": 3000,
                "currency_id": order.currency_id.id,
                "partner_id": self.customer.id,
                "state": "done",
                "sale_order_ids": [Command.set(order.ids)],
                "payment_id": method.id,
            }
        )
        method.action_post()
        main = order._sell_in_installments(self.plan_3, self._date("2026-01-10"))
        # 12 000.00 - 3 000.00 paid online
        self.assertEqual(self._amounts(main), [3000] * 3)
        self.assertEqual(self._balance(self.account_1530), 0)
        self.assertEqual((main.installment_paid, main.installment_left), (3000, 9000))

    def test_the_agreement_keeps_its_fees_when_the_plan_changes(self):
        none = self.env["brp.installment.plan"]
        self.plan_3.setup_fee_product_id = self._create_card("Set-up Fee", 200, 25, none)
        main = self._sell(self.course, plan=self.plan_3)
        rate = main._get_installment_terms()["effective_rate"]
        self.assertGreater(rate, 0)
        self.plan_3.setup_fee_product_id = False
        terms = main._get_installment_terms()
        self.assertEqual((terms["cash_price"], terms["fees"]), (1120, 250))
        self.assertEqual(terms["effective_rate"], rate)

    def test_another_total_than_the_one_previewed_is_refused(self):
        none = self.env["brp.installment.plan"]
        fee = self._create_card("Set-up Fee", 200, 25, none)
        self.plan_3.setup_fee_product_id = fee
        fee.invoice_policy = "delivery"  # changed after the plan was made: it would not be invoiced
        with self.assertRaisesRegex(UserError, "would come to .*1,120.00.* instead of .*1,370.00"):
            self._sell(self.course, plan=self.plan_3)

    # === PRODUCTS WITH AND WITHOUT PLANS === #

    def test_products_without_a_plan_are_paid_separately(self):
        order = self._create_order(self.year_card, self.towel)
        main = order._sell_in_installments(self.plan, self._date("2026-01-10"))

        separate = order.installment_separate_ids
        self.assertEqual(order.order_line.product_id, self.year_card)
        self.assertEqual(separate.order_line.product_id, self.towel)
        self.assertEqual(separate.installment_separate_of_id, order)
        self.assertEqual(separate.partner_id, self.customer)
        self.assertEqual(separate.state, "draft")
        self.assertEqual(main.amount_total, 12000)
        self.assertEqual(separate.amount_total, 100)

    def test_separate_order_of_a_confirmed_order_is_confirmed(self):
        order = self._create_order(self.year_card, self.towel)
        order.action_confirm()
        order._sell_in_installments(self.plan, self._date("2026-01-10"))
        self.assertEqual(order.installment_separate_ids.state, "sale")
        self.assertEqual(order.installment_separate_ids.invoice_status, "to invoice")

    def test_no_common_plan_names_products_and_plans(self):
        card = self._create_card("Month Card", 100, 25, self.plan)
        order = self._create_order(card, self.course)
        with self.assertRaises(UserError) as caught:
            order._sell_in_installments(self.plan, self._date("2026-01-10"))
        self.assertIn("Month Card (12 months)", str(caught.exception))
        self.assertIn("Swimming Course (3 months)", str(caught.exception))

    def test_a_plan_that_a_product_lacks_is_refused(self):
        order = self._create_order(self.year_card, self.course)
        with self.assertRaisesRegex(UserError, "Common plans: 3 months"):
            order._sell_in_installments(self.plan, self._date("2026-01-10"))

    def test_no_plan_at_all(self):
        with self.assertRaisesRegex(UserError, "none of its products"):
            self._sell(self.towel)

    def test_an_archived_plan_is_not_offered_and_what_was_sold_with_it_stays(self):
        main = self._sell(self.year_card)
        self.plan.active = False
        order = self._create_order(self.year_card)
        self.assertEqual(order._get_common_installment_plans(), self.plan_3)
        with self.assertRaisesRegex(UserError, "not offered"):
            order._sell_in_installments(self.plan, self._date("2026-01-10"))
        main.installment_ids[0].action_credit_installments()
        self.assertEqual(main.amount_residual, 1000)

    def test_delivered_quantities_are_refused_until_delivered(self):
        rental = self._create_card("Rental", 300, 25, self.plan_3, invoice_policy="delivery")
        order = self._create_order(rental)
        order.action_confirm()
        with self.assertRaisesRegex(UserError, "Rental is invoiced when delivered"):
            order._sell_in_installments(self.plan_3, self._date("2026-01-10"))
        order.order_line.qty_delivered = 1
        main = order._sell_in_installments(self.plan_3, self._date("2026-01-10"))
        self.assertEqual(self._amounts(main), [125] * 3)

    def test_an_order_is_sold_once_and_again_when_all_is_credited(self):
        order = self._create_order(self.year_card)
        main = order._sell_in_installments(self.plan, self._date("2026-01-10"))
        with self.assertRaisesRegex(UserError, "already invoiced"):
            order._sell_in_installments(self.plan, self._date("2026-01-10"))

        wizard = self.env["account.move.reversal"].with_context(
            active_model="account.move", active_ids=main.ids
        )
        Form(wizard).save().refund_moves()
        again = order._sell_in_installments(self.plan_3, self._date("2026-02-10"))
        self.assertEqual(self._amounts(again), [4000] * 3)
        self.assertEqual(order.installment_main_id, again)
        self.assertEqual(self._balance(self.receivable), 12000)
        self.assertEqual(self._balance(self.account_1530), 0)

    def test_a_cancelled_order_is_refused(self):
        order = self._create_order(self.year_card)
        order._action_cancel()
        with self.assertRaisesRegex(UserError, "cancelled"):
            order._sell_in_installments(self.plan, self._date("2026-01-10"))

    # === THE DIALOG === #

    def _open_dialog(self, orders):
        action = orders.action_sell_in_installments()
        return Form(self.env["brp.installment.sale"].with_context(**action["context"]))

    def test_dialog_previews_and_sells(self):
        order = self._create_order(self.year_card, self.course, self.towel)
        form = self._open_dialog(order)
        self.assertEqual(form.plan_id, self.plan_3)  # the only one that both have
        self.assertIn("Towel", form.separate_products)
        form.sale_date = "2026-01-10"
        # 12 000.00 + 1 120.00 = 13 120.00
        self.assertIn("4,373.34", form.preview)
        self.assertIn("01/27/2026", form.preview)
        action = form.save().action_sell()
        main = self.env["account.move"].browse(action["res_id"])
        self.assertEqual(self._amounts(main), [4373.34, 4373.33, 4373.33])

    def test_dialog_previews_fees(self):
        self.plan_3.setup_fee_product_id = self._create_card(
            "Set-up Fee", 200, 25, self.env["brp.installment.plan"]
        )
        form = self._open_dialog(self._create_order(self.course))
        # 1 120.00 + 250.00 = 1 370.00
        self.assertIn("1,370.00", form.preview)

    def test_dialog_sells_a_few_orders_at_once(self):
        orders = self._create_order(self.course) + self._create_order(self.year_card)
        form = self._open_dialog(orders)
        self.assertEqual(form.plan_id, self.plan_3)
        action = form.save().action_sell()
        self.assertEqual(self.env["account.move"].search_count(action["domain"]), 2)

    def test_dialog_names_orders_without_a_common_plan(self):
        card = self._create_card("Month Card", 100, 25, self.plan)
        orders = self._create_order(card) + self._create_order(self.course)
        form = self._open_dialog(orders)
        self.assertFalse(form.plan_id)
        for order in orders:
            self.assertIn(order.name, form.obstacles)

    def test_dialog_leaves_out_what_cannot_be_sold_and_sells_the_rest(self):
        orders = self._create_order(self.course) + self._create_order(self.towel)
        form = self._open_dialog(orders)
        self.assertFalse(form.obstacles)
        self.assertIn(orders[1].name, form.left_out)
        form.save().action_sell()
        self.assertTrue(orders[0].installment_main_id)
        self.assertEqual(orders[1].state, "draft")

    def test_missing_settings_are_named(self):
        self.company.installment_due_day = 0
        self.company.installment_journal_id = False
        seller = self._seller()
        order = self._create_order(self.year_card, user_id=seller.id)
        with self.assertRaises(UserError) as caught:
            order.with_user(seller).action_sell_in_installments()
        self.assertIn("Installment Due Day", str(caught.exception))
        self.assertIn("Installment Invoice Journal", str(caught.exception))
        self.assertNotIn("Installment Account", str(caught.exception))
        self.env.user.group_ids += self.env.ref("base.group_system")
        with self.assertRaises(RedirectWarning):
            order.action_sell_in_installments()

    def test_set_up_fills_in_what_is_missing_once(self):
        self.company.installment_due_day = 0
        journal = self.company.installment_journal_id
        self.company._set_up_installments()
        self.assertEqual(self.company.installment_due_day, 27)
        self.assertEqual(self.company.installment_journal_id, journal)
        self.assertEqual(self.account_1530.code, "1530")
        self.assertEqual(self.account_1530.account_type, "asset_current")
        self.assertTrue(self.account_1530.reconcile)

    # === ONLY IN INSTALLMENTS === #

    def test_only_in_installments_refuses_every_other_way(self):
        self.company.installment_only = True
        order = self._create_order(self.year_card)
        with self.assertRaisesRegex(UserError, "Year Card can only be sold in installments"):
            order.action_confirm()
        self.company.installment_only = False
        order.action_confirm()
        self.company.installment_only = True
        with self.assertRaisesRegex(UserError, "only be sold in installments"):
            order._create_invoices()
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_line_ids": [Command.create({"product_id": self.year_card.id})],
            }
        )
        with self.assertRaisesRegex(UserError, "only be sold in installments"):
            invoice.action_post()
        down_payment = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": [Command.set(order.ids)],
                "advance_payment_method": "percentage",
                "amount": 10,
            }
        )
        with self.assertRaisesRegex(UserError, "only be sold in installments"):
            down_payment.create_invoices()

        order._sell_in_installments(self.plan, self._date("2026-01-10"))
        self.assertEqual(order.invoice_status, "invoiced")

    def test_only_in_installments_leaves_other_products_alone(self):
        self.company.installment_only = True
        order = self._create_order(self.towel)
        order.action_confirm()
        order._create_invoices().action_post()
        self.assertEqual(order.invoice_status, "invoiced")

    def test_a_sold_order_is_not_cancelled(self):
        order = self._create_order(self.year_card)
        order._sell_in_installments(self.plan, self._date("2026-01-10"))
        with self.assertRaisesRegex(UserError, "Credit its main invoice"):
            order._action_cancel()

    def test_a_context_sent_by_a_client_opens_nothing(self):
        self.company.installment_only = True
        order = self._create_order(self.year_card)
        for forged in (True, "1", {}):
            forged_order = order.with_context(
                installment_permission=forged, installment_sale_date="2026-01-10"
            )
            with self.assertRaises(UserError):
                forged_order.action_confirm()

    def test_portal_customers_do_not_confirm_what_the_desk_sells(self):
        order = self._create_order(self.year_card, require_signature=True, require_payment=True)
        order.state = "sent"
        self.assertTrue(order._has_to_be_signed())
        self.company.installment_only = True
        self.assertFalse(order._has_to_be_signed())
        self.assertFalse(order._has_to_be_paid())

    # === WHO MAY === #

    def _seller(self, **values):
        return new_test_user(
            self.env,
            "seller",
            "base.group_user,sales_team.group_sale_salesman",
            company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)],
            **values,
        )

    def test_a_seller_sells_but_neither_credits_nor_reschedules_nor_configures(self):
        seller = self._seller()
        order = self._create_order(self.year_card, user_id=seller.id).with_user(seller)
        context = order.action_sell_in_installments()["context"]
        form = Form(self.env(user=seller)["brp.installment.sale"].with_context(**context))
        form.plan_id = self.plan
        action = form.save().action_sell()

        main = self.env["account.move"].with_user(seller).browse(action["res_id"])
        self.assertEqual(main.payment_state, "paid")
        self.assertEqual(len(main.installment_ids), 12)
        # what the form shows is right for one who sees neither entries nor payments
        self.assertEqual((main.installment_paid, main.installment_left), (0, 12000))
        self.assertEqual(main.payment_count, 0)
        with self.assertRaises(AccessError):
            main.installment_ids[0].action_credit_installments()
        with self.assertRaises(AccessError):
            self.env["brp.installment.reschedule"].with_user(seller).create({"main_id": main.id})
        with self.assertRaises(AccessError):
            self.plan.with_user(seller).cutoff_day = 1
        with self.assertRaises(AccessError):
            self.env["brp.installment.batch"].with_user(seller).create(
                {
                    "plan_id": self.plan.id,
                    "sale_date": "2026-01-10",
                    "company_id": self.company.id,
                }
            )

    def test_a_seller_does_not_date_sales_as_he_likes(self):
        seller = self._seller()
        order = self._create_order(self.year_card, user_id=seller.id).with_user(seller)
        form = Form(
            self.env(user=seller)["brp.installment.sale"].with_context(
                **order.action_sell_in_installments()["context"]
            )
        )
        form.sale_date = "2019-01-10"
        wizard = form.save()
        with self.assertRaisesRegex(UserError, "last 31 days"):
            wizard.action_sell()

    def test_only_those_who_sell_or_invoice_steer_batches(self):
        batch = self.env["brp.installment.batch"]._start(
            self._create_order(self.year_card), self.plan, self._date("2026-01-10")
        )
        portal = new_test_user(self.env, "portal_customer", "base.group_portal")
        plain = new_test_user(self.env, "plain", "base.group_user")
        for user in (portal, plain):
            for action in ("action_stop", "action_continue", "action_retry"):
                with self.assertRaises(AccessError):
                    getattr(batch.with_user(user), action)()
        self.assertEqual(batch.state, "running")

    def test_a_branch_uses_its_parents_plans(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.plan.company_id = self.company
        user = new_test_user(
            self.env,
            "branch_seller",
            "base.group_user,sales_team.group_sale_salesman",
            company_id=branch.id,
            company_ids=[Command.set(branch.ids)],
        )
        self.assertIn(self.plan, self.env["brp.installment.plan"].with_user(user).search([]))

    def test_another_company_gets_nothing(self):
        other = self.env["res.company"].create({"name": "Other AB"})
        stranger = new_test_user(
            self.env,
            "stranger",
            "base.group_user,sales_team.group_sale_manager,account.group_account_manager",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.plan.company_id = self.plan_3.company_id = self.company
        main = self._sell(self.year_card)
        batch = self.env["brp.installment.batch"]._start(
            self._create_order(self.year_card), self.plan, self._date("2026-01-10")
        )
        as_stranger = self.env(user=stranger)
        plan, part, batch, line = (
            record.with_env(as_stranger)
            for record in (self.plan, main.installment_ids[0], batch, batch.line_ids)
        )
        for record in (plan, part, batch, line):
            for operation in ("read", "write", "unlink"):
                self.assertFalse(record.has_access(operation), (record, operation))
        self.assertFalse(as_stranger["brp.installment.plan"].search([]))
        self.assertFalse(as_stranger["account.move"].search([("installment_main_id", "!=", False)]))
        with self.assertRaises(AccessError):
            part.action_credit_installments()

    def test_a_plan_of_another_company_is_not_offered(self):
        other = self.env["res.company"].create({"name": "Other AB"})
        self.plan.company_id = other
        order = self._create_order(self.year_card)
        self.assertEqual(order._get_common_installment_plans(), self.plan_3)
