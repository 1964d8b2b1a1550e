from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from .common import TillCommon


@tagged("post_install", "-at_install")
class TestPrices(TillCommon):
    """However prices come about, the till, the order, the invoice and the parts tell the same sum."""

    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time("2026-01-10 11:00:00"))

    def line_at(self, product, price=None, quantity=1, discount=0, **values):
        """Return a line as a till prices it: by hand, or with a discount."""
        price = product.list_price if price is None else price
        sums = product.taxes_id.compute_all(
            price * (1 - discount / 100), self.company.currency_id, quantity, product=product
        )
        command = self.line(product, quantity)
        command[2].update(
            {
                "price_unit": price,
                "discount": discount,
                "price_subtotal": sums["total_excluded"],
                "price_subtotal_incl": sums["total_included"],
                **values,
            }
        )
        return command

    def assert_sold_for(self, total, order, plan=None):
        plan = plan or self.plan_3
        [shown] = [each for each in self.offer(order)["plans"] if each["id"] == plan.id]
        self.assertEqual(shown["total"], total)
        main = self.sell(order, plan)
        parts = main.installment_ids.mapped("amount_total")
        self.assertEqual(
            (order.amount_total, order.amount_paid, main.amount_total, round(sum(parts), 2)),
            (total, total, total, total),
        )
        self.assertLessEqual(round(max(parts) - min(parts), 2), 0.01)
        return main

    def round_to_kronor(self, **values):
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "Whole kronor",
                "rounding": 1,
                "rounding_method": "HALF-UP",
                "strategy": "add_invoice_line",
                "profit_account_id": self.company_data["default_account_revenue"].id,
                "loss_account_id": self.company_data["default_account_expense"].id,
            }
        )
        self.config.write({"cash_rounding": True, "rounding_method": rounding.id, **values})

    def test_discount_and_a_part_of_a_piece(self):
        # 9 600 less 33.33 % is 6 400.32, and 0.33 of that 2 112.11; VAT of 25 % is 528.03
        self.assert_sold_for(2640.14, self.sync(self.line_at(self.year_card, quantity=0.33, discount=33.33)))

    def test_three_rates(self):
        lines = [
            self.line_at(self.year_card, 99.99),  # VAT 25.00
            self.line_at(self.course, 33.33),  # 4.00
            self.line_at(self.book, 66.67),  # 4.00
        ]
        self.assert_sold_for(232.99, self.sync(*lines))

    def test_vat_in_the_price(self):
        included = self.vat[25].copy({"name": "25 % in the price", "price_include_override": "tax_included"})
        self.year_card.taxes_id = included
        self.year_card.list_price = 999.99
        main = self.assert_sold_for(999.99, self.sync(self.line(self.year_card)))
        self.assertEqual(main.amount_tax, 200)

    def test_fiscal_position(self):
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        exempt = self.vat[12].copy({"name": "0 % abroad", "amount": 0})
        exempt.write(
            {
                "original_tax_ids": [Command.set(self.vat[12].ids)],
                "fiscal_position_ids": [Command.set(position.ids)],
            }
        )
        self.assertEqual(position.map_tax(self.vat[12]), exempt)
        self.plan_3.setup_fee_product_id = self._create_card("Fee", 20, 12, self.env["brp.installment.plan"])
        order = self.sync(self.line(self.course), fiscal_position_id=position.id)
        main = self.assert_sold_for(1020, order)
        self.assertEqual((main.amount_tax, main.fiscal_position_id), (0, position))

    def test_a_fee_with_vat_in_its_price_abroad(self):
        """As the till prices products: what falls away of the VAT falls away of the price."""
        included = self.vat[25].copy({"name": "25 % in the price", "price_include_override": "tax_included"})
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        exempt = self.vat[12].copy({"name": "0 % abroad", "amount": 0})
        exempt.write(
            {
                "original_tax_ids": [Command.set((included + self.vat[12]).ids)],
                "fiscal_position_ids": [Command.set(position.ids)],
            }
        )
        fee = self._create_card("Fee", 25, 25, self.env["brp.installment.plan"])
        fee.taxes_id = included
        self.plan_3.installment_fee_product_id = fee
        order = self.sync(self.line(self.course), fiscal_position_id=position.id)
        # 1 000, and three times 25 less the fifth that is VAT
        self.assertEqual(self.assert_sold_for(1060, order).amount_tax, 0)

    def test_fees_follow_the_price_list(self):
        fee = self._create_card("Fee", 20, 25, self.env["brp.installment.plan"])
        self.plan_3.installment_fee_product_id = fee
        ten_percent = {"compute_price": "percentage", "percent_price": 10, "applied_on": "3_global"}
        members = self.env["product.pricelist"].create(
            {"name": "Members", "item_ids": [Command.create(ten_percent)]}
        )
        # 900 and 12 %, three fees of 18 and 25 %
        order = self.sync(self.line_at(self.course, 900), pricelist_id=members.id)
        self.assert_sold_for(1075.5, order)

    def test_a_combo_of_two_rates(self):
        meal = self.env["product.product"].create(
            {
                "name": "Course with book",
                "type": "combo",
                "available_in_pos": True,
                "taxes_id": False,
                "list_price": 1100,
                "installment_plan_ids": [Command.set(self.plan_3.ids)],
                "combo_ids": [
                    Command.create({"name": name, "combo_item_ids": [Command.create({"product_id": one.id})]})
                    for name, one in (("Towel", self.towel), ("Book", self.book))
                ],
            }
        )
        order = self.sync(self.line(self.year_card))
        order.lines.unlink()
        parent = self.line(meal)
        parent[2].update(price_unit=0, price_subtotal=0, price_subtotal_incl=0)
        order.write({"lines": [parent, self.line_at(self.towel, 1000), self.line_at(self.book, 100)]})
        order.lines[1:].combo_parent_id = order.lines[0]
        # The towel has no plan; as a part of the combo it follows it: 1 250 and 106
        self.assertEqual(self.offer(order)["separate"], [])
        self.assert_sold_for(1356, order)

    def test_a_discount_as_a_line(self):
        discount = self._create_card("Discount", 0, 25, self.env["brp.installment.plan"])
        order = self.sync(self.line(self.year_card), self.line_at(discount, -960))
        self.assertEqual(self.offer(order)["separate"], [])
        self.assert_sold_for(10800, order, self.plan)

    def test_rounding_of_cash_does_not_round_installments(self):
        self.round_to_kronor(only_round_cash_method=True)
        self.year_card.list_price = 800.01  # 1 000.01 with VAT
        self.assert_sold_for(1000.01, self.sync(self.line(self.year_card)))

    def test_rounding_of_all_does_not_round_installments(self):
        self.round_to_kronor(only_round_cash_method=False)
        self.year_card.list_price = 800.01
        self.assert_sold_for(1000.01, self.sync(self.line(self.year_card)))

    def test_a_till_in_another_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {"name": "2026-01-01", "currency_id": euro.id, "rate": 0.1, "company_id": self.company.id}
        )
        journal = self.env["account.journal"].create(
            {"name": "Till in euro", "type": "general", "code": "TEUR", "currency_id": euro.id}
        )
        card = self.env["account.journal"].create(
            {"name": "Card in euro", "type": "bank", "code": "CEUR", "currency_id": euro.id}
        )
        method = self.env["pos.payment.method"].create({"name": "Card in euro", "journal_id": card.id})
        invoices = self.env["account.journal"].create(
            {"name": "Invoices in euro", "type": "sale", "code": "IEUR", "currency_id": euro.id}
        )
        self.config = self.env["pos.config"].create(
            {
                "name": "Terminal",
                "payment_method_ids": [Command.set(method.ids)],
                "use_pricelist": False,
                "journal_id": journal.id,
                "invoice_journal_id": invoices.id,
            }
        )
        self.assertEqual(self.config.currency_id, euro)
        self.config.sells_in_installments = True
        self.config.with_user(self.cashier).open_ui()
        self.till_session = self.config.current_session_id
        self.till_session.with_user(self.cashier).set_opening_control(0, None)
        fee = self._create_card("Fee", 20, 25, self.env["brp.installment.plan"])
        self.plan_3.setup_fee_product_id = fee
        # 80.01 and 25 % in euro, and a fee of 20 kronor: 2 and 25 %
        order = self.sync(self.line_at(self.year_card, 80.01))
        main = self.assert_sold_for(102.51, order)
        self.assertEqual((main.currency_id, main.amount_total_signed), (euro, 1025.13))
        self.assertEqual(set(main.installment_ids.currency_id), {euro})
        self.assertEqual(self._balance(self.receivable), 1025.13)
        self.assertEqual(self._balance(self.account_1530), 0)
        self.till_session.action_pos_session_closing_control(bank_payment_method_diffs={})
        self.assertEqual(self.till_session.state, "closed")

    def test_for_nothing(self):
        order = self.sync(self.line_at(self.year_card, discount=100))
        self.assertEqual(self.offer(order)["plans"], [])
        with self.assertRaisesRegex(UserError, "nothing to pay in installments"):
            self.sell(order, total=0)

    def test_for_less_than_nothing(self):
        discount = self._create_card("Discount", 0, 25, self.env["brp.installment.plan"])
        order = self.sync(self.line(self.year_card), self.line_at(discount, -9700))
        self.assertEqual((order.amount_total, self.offer(order)["plans"]), (-125, []))
        with self.assertRaisesRegex(UserError, "nothing to pay in installments"):
            self.sell(order, total=-125)

    def test_what_an_agreement_tells_of_fees(self):
        fee = self._create_card("Fee", 20, 25, self.env["brp.installment.plan"])
        self.plan_3.installment_fee_product_id = fee
        main = self.sell(self.sync(self.line(self.course)), self.plan_3)
        terms = main._get_installment_terms()
        # 1 000 and 12 %, three fees of 20 and 25 %
        self.assertEqual((terms["cash_price"], terms["fees"]), (1120, 75))
        self.assertGreater(terms["effective_rate"], 0)
