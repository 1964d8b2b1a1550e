from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, freeze_time, tagged

from .common import InstallmentCommon


@tagged("post_install", "-at_install")
class TestCredit(InstallmentCommon):
    """Crediting the whole purchase, single installments, and amounts of the main invoice."""

    def _credit(self, main, amount=None, **values):
        """Credit a main invoice in the dialog; ``amount`` None takes what it proposes."""
        form = Form(
            self.env["account.move.reversal"].with_context(active_model="account.move", active_ids=main.ids)
        )
        if amount is not None:
            form.installment_amount = amount
        for name, value in values.items():
            setattr(form, name, value)
        action = form.save().refund_moves()
        return self.env["account.move"].browse(action["res_id"])

    @freeze_time("2026-03-28")
    def test_whole_purchase_is_netted_and_the_rest_is_the_customers(self):
        main = self._sell(self.year_card)
        parts = main.installment_ids.sorted("installment_number")
        self._pay(parts[0], 1000)
        self.assertEqual(parts.mapped("installment_state"), ["paid", "overdue", "overdue"] + ["upcoming"] * 9)

        credit_note = self._credit(main)

        # 12 000.00 credited, 11 000.00 of it netted against eleven unpaid installments
        self.assertEqual(credit_note.amount_total, 12000)
        self.assertEqual(credit_note.amount_tax, 2400)
        self.assertEqual(credit_note.amount_residual, 1000)
        self.assertEqual(sum(parts.mapped("amount_residual")), 0)
        self.assertEqual(parts[1:].mapped("installment_state"), ["credited"] * 11)
        self.assertEqual(parts[0].installment_state, "paid")
        self.assertEqual(self._balance(self.receivable), -1000)
        self.assertEqual(self._balance(self.account_1530), 0)
        self.assertEqual(main.installment_paid, 1000)
        self.assertEqual(main.installment_credited, 12000)
        self.assertEqual(main.installment_left, 0)
        self.assertEqual(main.installment_to_refund, 1000)

    def test_credited_installments_move_their_debt_to_the_main_invoice(self):
        main = self._sell(self.year_card)
        parts = main.installment_ids.sorted("installment_number")

        parts[4].action_reverse()
        parts[5].action_reverse()

        self.assertEqual(main.amount_residual, 2000)
        self.assertEqual(main.payment_state, "partial")
        self.assertEqual(parts[4].installment_state, "credited")
        self.assertEqual(parts[5].installment_state, "credited")
        self.assertEqual(self._balance(self.receivable), 12000)
        self.assertEqual(self._balance(self.account_1530), 0)
        self.assertEqual(main.installment_left, 12000)

        credit_note = self._credit(main)

        # 2 000.00 = 1 600.00 + 25 % VAT 400.00
        self.assertEqual(credit_note.amount_total, 2000)
        self.assertEqual(credit_note.amount_untaxed, 1600)
        self.assertEqual(main.amount_residual, 0)
        self.assertEqual(self._balance(self.receivable), 10000)
        self.assertEqual(main.installment_left, 10000)

    def test_partly_paid_installment_moves_only_its_rest(self):
        main = self._sell(self.year_card)
        part = main.installment_ids.sorted("installment_number")[0]
        self._pay(part, 400)

        part.action_credit_installments()

        self.assertEqual(main.amount_residual, 600)
        self.assertEqual(part.amount_residual, 0)
        self.assertEqual(part.installment_state, "credited")
        self.assertEqual(self._balance(self.receivable), 11600)
        self.assertEqual(self._balance(self.account_1530), 0)

    def test_several_installments_of_several_purchases_at_once(self):
        first = self._sell(self.year_card)
        second = self._sell(self.course, plan=self.plan_3)
        parts = first.installment_ids[:2] + second.installment_ids[0]

        parts.action_credit_installments()

        # the course: 1 000.00 + 12 % = 1 120.00 in 373.34 373.33 373.33
        self.assertEqual(first.amount_residual, 2000)
        self.assertEqual(second.amount_residual, parts[2].amount_total)
        self.assertEqual(self._balance(self.account_1530), 0)

    def test_amount_is_split_over_mixed_rates_without_losing_an_ore(self):
        main = self._sell(self.year_card, self.course, self.book, plan=self.plan_3)
        # 9 600 + 25 %, 1 000 + 12 %, 100 + 6 %: 12 000 + 1 120 + 106 = 13 226.00
        self.assertEqual(main.amount_total, 13226)
        part = main.installment_ids.sorted("installment_number")[0]
        self.assertEqual(part.amount_total, 4408.67)
        part.action_reverse()

        credit_note = self._credit(main)

        # a third of each rate: 3 200.00 + 800.00, 333.34 + 40.00, 33.33 + 2.00 (rounded so
        # that the sum is 4 408.67)
        self.assertEqual(credit_note.amount_total, 4408.67)
        self.assertEqual(main.amount_residual, 0)
        first = self._vat_amounts(credit_note)
        self.assertAlmostEqual(first[25], 800.00, delta=0.011)
        self.assertAlmostEqual(first[12], 40.00, delta=0.011)
        self.assertAlmostEqual(first[6], 2.00, delta=0.011)

        rest = self._credit(main)

        # what is left of each rate is credited to the öre: 2 400.00, 120.00 and 6.00 in all
        self.assertEqual(rest.amount_total, 8817.33)
        second = self._vat_amounts(rest)
        for rate, invoiced in ((25, 2400), (12, 120), (6, 6)):
            self.assertEqual(round(first[rate] + second[rate], 2), invoiced)
        for account, balance in self._sales_balances(main).items():
            self.assertEqual(balance, 0, account.display_name)
        self.assertEqual(self._balance(self.receivable), 0)

    def _vat_amounts(self, move):
        return {
            rate: round(
                sum(abs(line.balance) for line in move.line_ids if line.tax_line_id == self.vat[rate]),
                2,
            )
            for rate in self.vat
        }

    def _sales_balances(self, main):
        """Return what stands on every sales and VAT account of a fully credited purchase."""
        moves = main + main.reversal_move_ids
        lines = moves.line_ids.filtered(lambda line: line.display_type in ("product", "tax"))
        return {
            account: round(sum(of_account.mapped("balance")), 2)
            for account, of_account in lines.grouped("account_id").items()
        }

    def test_credit_can_go_to_the_last_installments_first(self):
        main = self._sell(self.year_card)
        parts = main.installment_ids.sorted("installment_number")

        self._credit(main, 1500, installment_allocation="last")

        self.assertEqual(parts.mapped("amount_residual"), [1000] * 10 + [500, 0])

    def test_credit_can_be_kept_as_the_customers_credit(self):
        main = self._sell(self.year_card)

        credit_note = self._credit(main, 1500, installment_allocation="none")

        self.assertEqual(credit_note.amount_residual, 1500)
        self.assertEqual(sum(main.installment_ids.mapped("amount_residual")), 12000)

    def test_amounts_out_of_range_are_refused(self):
        main = self._sell(self.year_card)
        self._credit(main, 10000)
        for amount in (0, -1, 2000.01):
            with self.assertRaisesRegex(UserError, "at most"):
                self._credit(main, amount)

    def test_a_settled_installment_cannot_be_credited(self):
        part = self._sell(self.year_card).installment_ids[0]
        self._pay(part, 1000)
        with self.assertRaisesRegex(UserError, "Nothing is left to pay"):
            part.action_credit_installments()

    def _sell_in_euro(self):
        """Sell 1 200.00 EUR with VAT at 11.00 in January; the rate is 12.00 from February on."""
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            [
                {
                    "name": day,
                    "currency_id": euro.id,
                    "company_id": self.company.id,
                    "inverse_company_rate": rate,
                }
                for day, rate in (("2026-01-01", 11), ("2026-02-01", 12))
            ]
        )
        pricelist = self.env["product.pricelist"].create({"name": "EUR", "currency_id": euro.id})
        order = self._create_order(self.year_card, pricelist_id=pricelist.id)
        order.order_line.price_unit = 960
        return order._sell_in_installments(self.plan, self._date("2026-01-10"))

    def test_foreign_currency_credits_an_installment_at_the_rate_of_the_sale(self):
        main = self._sell_in_euro()
        self.assertEqual(main.amount_total, 1200)
        self.assertEqual(self._balance(self.receivable), 13200)
        self.assertEqual(self._balance(self.account_1530), 0)

        main.installment_ids[0].action_reverse()

        self.assertEqual(main.amount_residual, 100)
        self.assertEqual(self._balance(self.receivable), 13200)
        self.assertEqual(self._balance(self.account_1530), 0)

    # === WHAT BOOKKEEPERS DO AFTERWARDS === #

    def _check_adds_up(self, main):
        """Total = paid + credited + left to pay - to be paid back, and nothing is left on 1530."""
        self.env.invalidate_all()
        self.assertEqual(
            main.amount_total,
            round(
                main.installment_paid
                + main.installment_credited
                + main.installment_left
                - main.installment_to_refund,
                2,
            ),
        )
        self.assertEqual(self._balance(self.account_1530), 0)

    def test_it_adds_up_when_the_customer_is_paid_back(self):
        main = self._sell(self.year_card)
        self._pay(main.installment_ids[0], 1000)
        credit_note = self._credit(main)
        self._check_adds_up(main)
        self._pay(credit_note, 1000)
        self.assertEqual(main.installment_paid, 0)
        self.assertEqual(main.installment_to_refund, 0)
        self._check_adds_up(main)

    def test_it_adds_up_when_a_kept_credit_pays_another_invoice(self):
        main = self._sell(self.year_card)
        credit_note = self._credit(main, 1000, installment_allocation="none")
        other = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_line_ids": [
                    Command.create({"name": "Padel", "price_unit": 1000, "tax_ids": [Command.clear()]})
                ],
            }
        )
        other.action_post()
        (credit_note + other).line_ids.filtered(
            lambda line: line.account_type == "asset_receivable"
        ).reconcile()
        self.assertEqual(main.installment_paid, -1000)
        self._check_adds_up(main)

    def test_a_credit_note_reset_to_draft_gives_the_debt_back(self):
        main = self._sell(self.year_card)
        credit_note = self._credit(main, 1500)
        credit_note.button_draft()
        self.assertEqual(sum(main.installment_ids.mapped("amount_residual")), 12000)
        self._check_adds_up(main)
        # what the draft may still credit is not offered a second time
        with self.assertRaisesRegex(UserError, "at most"):
            self._credit(main, 10500.01)
        credit_note.action_post()
        self.assertEqual(main.installment_left, 10500)
        self._check_adds_up(main)

    def test_more_than_the_total_is_never_credited(self):
        main = self._sell(self.year_card)
        credit_note = self._credit(main, 1500)
        credit_note.button_draft()
        credit_note.invoice_line_ids.price_unit = 20000
        with self.assertRaisesRegex(UserError, "more than its total"):
            credit_note.action_post()

    def test_the_last_credit_of_many_is_exact_whatever_the_rates(self):
        self.company.tax_calculation_rounding_method = "round_globally"
        for price, book_price, plain_price in ((2490, 199.5, 250.5), (333.33, 77.77, 10.01), (1, 2, 3)):
            self.year_card.list_price = price
            self.book.list_price = book_price
            plain = self._create_card("Membership", plain_price, 25, self.plan_3)
            plain.taxes_id = False
            main = self._sell(self.year_card, self.book, plain, plan=self.plan_3)
            part = main.currency_id.round(main.amount_total / 12)
            for _number in range(11):
                self._credit(main, part)
            last = self._credit(main, main._get_creditable_amount())
            self.assertEqual(main._get_creditable_amount(), 0)
            self.assertEqual(last.payment_state, "paid")
            for account, balance in self._sales_balances(main).items():
                self.assertEqual(balance, 0, account.display_name)
            self.assertEqual(self._balance(self.receivable), 0)

    def test_full_credit_in_foreign_currency_is_at_the_rate_of_the_sale(self):
        main = self._sell_in_euro()
        self._credit(main, date="2026-02-10")
        # 13 200.00 SEK sold and credited, of which VAT 2 640.00
        for account, balance in self._sales_balances(main).items():
            self.assertEqual(balance, 0, account.display_name)
        self.assertEqual(self._balance(self.receivable), 0)

    def test_a_changed_account_of_the_customer_does_not_stop_a_credit(self):
        main = self._sell(self.year_card)
        self.customer.property_account_receivable_id = self.receivable.copy()
        self._credit(main, 1500)
        self.assertEqual(main.installment_left, 10500)
