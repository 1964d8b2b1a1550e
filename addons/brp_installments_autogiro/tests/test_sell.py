from datetime import date

from odoo import Command
from odoo.exceptions import RedirectWarning, UserError, ValidationError
from odoo.tests import Form, freeze_time, new_test_user, tagged

from .common import ACCOUNT, InstallmentAutogiroCommon


@tagged("post_install", "-at_install")
class TestSellByAutogiro(InstallmentAutogiroCommon):
    """Selling on a plan that is collected by Autogiro, and what goes into which file."""

    def test_plan_decides_how_installments_are_paid(self):
        self.customer.property_inbound_payment_method_line_id = self.company.autogiro_method_line_id
        by_autogiro = self._sell(self.year_card, plan=self.autogiro_plan)
        by_invoice = self._sell(self.year_card, plan=self.plan)
        self.assertTrue(all(part.autogiro for part in by_autogiro.installment_ids))
        self.assertFalse(any(part.autogiro for part in by_invoice.installment_ids))
        first = by_autogiro.installment_ids.sorted("installment_number")[0]
        self.assertEqual(first.autogiro_date, date(2026, 1, 27))

    @freeze_time("2016-04-20 08:00:00")
    def test_cutoff_15_waits_for_the_mandate_and_goes_with_the_second(self):
        """Cut-off day 15, due day 27, sold on 8 April 2016: the first falls due on 27 April.

        Debited on 20 April with the mandate not approved: the first waits, and both the first and
        the second are in the file of May.
        """
        main = self._sell(self.year_card, plan=self.autogiro_plan, date="2016-04-08")
        first, second, third = main.installment_ids.sorted("installment_number")[:3]
        self.assertEqual(first.invoice_date_due, date(2016, 4, 27))
        self._request_mandate()
        april = self._make_batch(date(2016, 4, 27))
        self.assertEqual((april.payment_ids.move_id, april.payment_ids.reason), (first, "not_approved"))
        self.assertEqual(april.payment_count, 0)
        with freeze_time("2016-04-28 08:00:00"):
            self._approve("20160428")
        with freeze_time("2016-05-20 08:00:00"):
            may = self._make_batch(date(2016, 5, 27))
            self.assertEqual(may.payment_ids.move_id, first + second)
            self.assertEqual(may.payment_count, 2)
            self.assertNotIn(third, may.payment_ids.move_id)
            may.action_make_file()
        lines = may._get_file().decode().split("\r\n")
        self.assertEqual(
            [line[:43] for line in lines[1:-1]],
            ["82201605270    0000199001019802000000100000"] * 2,
        )

    @freeze_time("2026-04-20 08:00:00")
    def test_automatic_batch_lets_a_late_one_wait_for_the_day_of_collection(self):
        """Not approved by 27 April: not drawn on 4 May with an ordinary invoice, but on 27 May."""
        Batch = self.env["brp.autogiro.batch"]
        main = self._sell(self.year_card, plan=self.autogiro_plan, date="2026-04-08")
        first, second = main.installment_ids.sorted("installment_number")[:2]
        self._request_mandate()
        self.assertFalse(Batch._make_automatic_batch(self.company, date(2026, 4, 27)))
        with freeze_time("2026-04-29 08:00:00"):
            self._approve("20260428")
            invoice = self._make_ordinary_invoice(date(2026, 5, 4))
            batch = Batch._make_automatic_batch(self.company, date(2026, 5, 4))
            self.assertEqual(batch.payment_ids.move_id, invoice)
            self.assertEqual(batch.payment_amount, 300)
        with freeze_time("2026-05-25 08:00:00"):
            may = Batch._make_automatic_batch(self.company, date(2026, 5, 27))
            self.assertEqual(may.included_ids.move_id, first + second)
            # 9600 kronor and 25 % VAT in 12 parts: 12000 / 12 = 1000 each.
            self.assertEqual(may.payment_amount, 2000)

    def _make_ordinary_invoice(self, due):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_date": "2026-04-20",
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "preferred_payment_method_line_id": self.company.autogiro_method_line_id.id,
                "invoice_line_ids": [
                    Command.create({"name": "Training", "quantity": 1, "price_unit": 300, "tax_ids": []})
                ],
            }
        )
        invoice.action_post()
        return invoice

    @freeze_time("2016-04-20 08:00:00")
    def test_cutoff_1_moves_the_first_to_the_next_month(self):
        main = self._sell(self.year_card, plan=self.early_plan, date="2016-04-08")
        first = main.installment_ids.sorted("installment_number")[0]
        self.assertEqual(first.invoice_date_due, date(2016, 5, 27))
        self._request_mandate()
        self._approve("20160421")
        self.assertFalse(self._make_batch(date(2016, 4, 27)).payment_ids)
        with freeze_time("2016-05-20 08:00:00"):
            self.assertEqual(self._make_batch(date(2016, 5, 27)).payment_ids.move_id, first)

    @freeze_time("2026-03-20 08:00:00")
    def test_two_months_back_is_not_collected(self):
        main = self._sell(self.year_card, plan=self.autogiro_plan, date="2026-01-10")
        parts = main.installment_ids.sorted("installment_number")
        self.assertEqual(self._make_batch(date(2026, 3, 27)).payment_ids.move_id, parts[1] + parts[2])

    @freeze_time("2026-01-20 08:00:00")
    def test_include_installments(self):
        self._sell(self.year_card, plan=self.autogiro_plan)
        self._sell(self.year_card, plan=self.autogiro_plan)
        batch = self._make_batch(date(2026, 1, 27))
        self.assertEqual(batch.installment_count, 2)
        self.assertEqual(batch.left_out_count, 2)
        batch.include_installments = False
        batch.action_select()
        self.assertEqual(batch.left_out_count, 0)

    def test_not_mailed_when_drawn(self):
        main = self._sell(self.year_card, plan=self.autogiro_plan)
        send = self.env["account.move.send"]
        with freeze_time("2026-01-20 08:00:00"):
            due = self.env["account.move"].search(send._get_installments_to_send_domain())
            self.assertFalse(due & main.installment_ids)
            main.installment_ids.preferred_payment_method_line_id = False
            due = self.env["account.move"].search(send._get_installments_to_send_domain())
            self.assertEqual(len(due & main.installment_ids), 1)

    def test_company_that_cannot_collect(self):
        self.company.autogiro_customer_number = False
        order = self._create_order(self.year_card)
        with self.assertRaisesRegex((UserError, RedirectWarning), "Customer Number"):
            order._sell_in_installments(self.autogiro_plan, self._date("2026-01-10"))
        self.assertFalse(order.invoice_ids)

    # === THE DIALOG === #

    def _open_dialog(self, order, user=None):
        Sale = self.env["brp.installment.sale"]
        form = Form(Sale.with_user(user or self.env.user).with_context(default_order_ids=order.ids))
        form.plan_id = self.autogiro_plan
        return form

    def test_desk_registers_mandate_when_selling(self):
        seller = new_test_user(self.env, "autogiro_desk", groups="sales_team.group_sale_salesman")
        order = self._create_order(self.year_card, user_id=seller.id)
        form = self._open_dialog(order, seller)
        self.assertTrue(form.asks_for_mandate)
        self.assertEqual(form.mandate_number, "19900101-****")
        form.mandate_account = ACCOUNT
        form.save().action_sell()
        mandate = self.env["brp.autogiro.mandate"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(
            (mandate.state, mandate.account_number, mandate.payer_number),
            ("to_send", "8327000123456789", "199001019802"),
        )
        self.assertEqual(len(order.invoice_ids.installment_ids), 12)
        # The next purchase asks for nothing.
        self.assertFalse(self._open_dialog(self._create_order(self.year_card)).asks_for_mandate)

    def test_personal_number_goes_to_the_customer_who_has_none(self):
        seller = new_test_user(self.env, "autogiro_desk", groups="sales_team.group_sale_salesman")
        self.customer.personal_number = False
        form = self._open_dialog(self._create_order(self.year_card, user_id=seller.id), seller)
        form.mandate_account = ACCOUNT
        form.mandate_number = "19580712-9878"
        form.save().action_sell()
        self.assertEqual(self.customer.personal_number, "195807129878")

    def test_personal_number_of_somebody_else_does_not(self):
        self.customer.personal_number = False
        payer = self.env["res.partner"].create({"name": "Bo"})
        form = self._open_dialog(self._create_order(self.year_card))
        form.mandate_holder_id = payer
        form.mandate_account = ACCOUNT
        form.mandate_number = "19580712-9878"
        form.save().action_sell()
        self.assertFalse(self.customer.personal_number)
        self.assertFalse(payer.personal_number)

    def test_wrong_personal_number_is_told_while_it_is_typed(self):
        form = self._open_dialog(self._create_order(self.year_card))
        with self.assertLogs("odoo.tests.form.onchange", "WARNING") as log:
            form.mandate_number = "19900101-9803"
        self.assertIn("does not fit", log.output[0])

    def test_somebody_else_pays(self):
        payer = self.env["res.partner"].create({"name": "Bo", "personal_number": "19580712-9878"})
        form = self._open_dialog(self._create_order(self.year_card))
        form.mandate_holder_id = payer
        form.mandate_account = ACCOUNT
        form.save().action_sell()
        mandate = self.env["brp.autogiro.mandate"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual((mandate.holder_id, mandate.holder_number), (payer, "195807129878"))

    def test_nothing_is_sold_without_an_account(self):
        order = self._create_order(self.year_card)
        dialog = self._open_dialog(order).save()
        with self.assertRaisesRegex(UserError, "has no Autogiro mandate"):
            dialog.action_sell()
        dialog.mandate_later = True
        dialog.action_sell()
        self.assertTrue(order.invoice_ids)

    def test_wrong_numbers_are_refused(self):
        order = self._create_order(self.year_card)
        for field, typed in (("mandate_account", "8327-0 123"), ("mandate_number", "900101-1111")):
            form = self._open_dialog(order)
            setattr(form, field, typed)
            with self.assertRaises(ValidationError):
                form.save()

    def test_other_plans_ask_for_nothing(self):
        form = self._open_dialog(self._create_order(self.year_card))
        form.plan_id = self.plan
        self.assertFalse(form.asks_for_mandate)
