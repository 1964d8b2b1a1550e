from datetime import date
from decimal import Decimal

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SevenCommon


@tagged("post_install", "-at_install")
class TestSend(SevenCommon):
    """What an invoice is as an order at 24SevenOffice, figures worked out by hand."""

    def setUp(self):
        super().setUp()
        self.activate()

    def assert_amount(self, text, expected):
        self.assertEqual(Decimal(text), Decimal(expected))

    def sent(self, *lines, **values):
        """Return an order that was handed over and reads back as the invoice says."""
        move = self.invoice(*lines, **values)
        self.send(move)
        self.assertEqual((move.seven_state, move.seven_problem), ("order", False))
        self.assertFalse(move.seven_difference)
        self.assert_sound()
        return self.order_of(move)

    def test_worked_example(self):
        move = self.invoice()
        self.assertIn("1 on the way", self.send(move))
        self.assertEqual((move.seven_state, move.seven_order), ("order", "5501"))
        self.assertTrue(move.is_move_sent)
        order = self.order_of(move)
        heading, price = order["InvoiceRows"]
        self.assertEqual((heading["Type"], heading["Name"]), ("Text", "Traktor (2026-11-23 - 2026-11-25)"))
        self.assertNotIn("ProductId", heading)
        self.assertEqual((price["Type"], price["Name"], price["ProductId"]), ("Normal", "Traktor 90 hk", 311))
        for name, amount in (("Quantity", 3), ("Price", 1000), ("DiscountRate", 10), ("VatRate", 25)):
            self.assert_amount(price[name], amount)
        self.assertEqual(price["TaxSettings"]["TaxCode"], 3)
        # 3 x 1 000 less 10 % = 2 700, and 25 % of it
        self.assert_amount(order["OrderTotalVat"], "675")
        self.assert_amount(order["OrderTotalIncVat"], "3375")
        self.assertEqual(move.amount_total, 3375)
        self.assertFalse(move.seven_difference)
        self.assertEqual((order["OrderStatus"], order["ReferenceNumber"]), ("Web", move.name))
        # Due on 12 December, 20 days after 22 November, which begins at 23:00 UTC the day before.
        self.assertEqual((order["PaymentTime"], order["DateOrdered"]), (20, "2026-11-21T23:00:00Z"))
        self.assertEqual(order["InvoiceEmailAddress"], "faktura@ek.example")
        self.assertNotIn("InvoiceId", order)
        self.assertEqual(
            self.office.categories[self.office.products[311]["CategoryId"]]["Name"], "OdooRental"
        )
        self.assert_sound()

    def test_status_is_chosen(self):
        self.connection.sudo().seven_status = "ForInvoicing"
        self.assertEqual(self.sent()["OrderStatus"], "ForInvoicing")

    def test_by_the_numbers_of_vat_codes(self):
        self.service.set(tax_code="TaxNo")
        self.connection.sudo().seven_vat_number = "TaxNo"
        row = self.sent()["InvoiceRows"][1]
        self.assertEqual(row["TaxSettings"]["TaxCode"], 1)
        self.assert_amount(row["VatRate"], 25)

    def test_the_wrong_kind_of_number_is_told(self):
        self.service.set(tax_code="TaxNo")
        # ID 4 is 12 %; number 4 is without VAT.
        move = self.invoice(*self.by_rate(12))
        self.send(move)
        self.assertIn("1,120.00", move.seven_difference.replace("\N{NO-BREAK SPACE}", " "))
        self.assertIn("VAT is", move.seven_difference)
        # As the setting's help says.
        self.connection.sudo().seven_vat_number = "TaxNo"
        self.assertIn("1 on the way", self.send(move))
        self.assertEqual((move.seven_difference, len(self.orders)), (False, 1))

    def test_several_rates(self):
        order = self.sent(self.line(), *self.by_rate(12, 6, 0), self.line(tax_ids=[Command.clear()]))
        self.assertEqual([Decimal(row["VatRate"]) for row in order["InvoiceRows"]], [25, 12, 6, 0, 0])
        self.assert_amount(order["OrderTotalIncVat"], "5430")

    def test_a_rate_without_a_code(self):
        move = self.invoice(self.line(name="Bok", tax_ids=[Command.set(self._make_tax(9).ids)]))
        self.send(move)
        self.assertIn("Bok", move.seven_problem)
        self.assertIn("9 %", move.seven_problem)
        self.assertEqual(self.orders, [])

    def test_notes_sections_and_long_texts(self):
        long = "ord " * 100 + "slut"  # 404 characters
        order = self.sent(
            Command.create({"display_type": "line_section", "name": "Vecka 48"}),
            self.line(name=f"{long}\nSerienummer 7"),
            Command.create({"display_type": "line_note", "name": "Nyckeln hämtas i receptionen"}),
        )
        rows = [(row["Type"], row["Name"]) for row in order["InvoiceRows"]]
        self.assertEqual(
            rows,
            [
                ("Text", "Vecka 48"),
                # 75 times "ord ", without the last space
                ("Normal", ("ord " * 75).strip()),
                ("Text", "ord " * 25 + "slut"),
                ("Text", "Serienummer 7"),
                ("Text", "Nyckeln hämtas i receptionen"),
            ],
        )

    def test_what_people_paste(self):
        # An emoji is two characters to the service; what nobody sees cannot be sent.
        texts = ["\N{TRACTOR}" * 400, "Trak\x07tor\x02", "مرحبا\r\n\u202eabc\u202c\x0bslut"]
        order = self.sent(*(self.line(name=text) for text in texts))
        rows = [row["Name"] for row in order["InvoiceRows"]]
        tractors = ["\N{TRACTOR}" * number for number in (150, 150, 100)]
        self.assertEqual(rows, [*tractors, "Traktor", "مرحبا", "\u202eabc\u202c", "slut"])

    def test_a_text_of_5000_characters(self):
        order = self.sent(self.line(name="ord " * 1250))
        # 75 words in each of 16 rows, and 50 in the last
        self.assertEqual(len(order["InvoiceRows"]), 17)

    def test_what_costs_nothing_is_sent(self):
        order = self.sent(self.line(name="Hjälm", price_unit=0), self.line())
        self.assertEqual(order["InvoiceRows"][0]["Name"], "Hjälm")
        self.assert_amount(order["InvoiceRows"][0]["Price"], 0)
        self.assert_amount(order["OrderTotalIncVat"], 1250)

    def test_small_prices_and_quantities(self):
        # 0.01 kronor, 1 000 000 times, and a quantity that floats do not have
        order = self.sent(
            self.line(price_unit=0.01, quantity=1000000), self.line(quantity=0.1, price_unit=30)
        )
        self.assert_amount(order["InvoiceRows"][0]["Price"], "0.01")
        self.assert_amount(order["InvoiceRows"][1]["Quantity"], "0.1")
        # 10 000 + 3 and 25 %
        self.assert_amount(order["OrderTotalIncVat"], "12503.75")

    def test_discounts_and_what_is_deducted(self):
        order = self.sent(
            self.line(price_unit=99.99, discount=33.33),  # 66.66
            self.line(price_unit=12.35, quantity=0.33),  # 4.08
            self.line(price_unit=55.55, quantity=-1),
            self.line(price_unit=-10),
            self.line(discount=100),
        )
        # 5.19 and 25 %, 1.2975
        self.assert_amount(order["OrderTotalIncVat"], "6.49")
        discounts = [row["DiscountRate"] for row in order["InvoiceRows"]]
        self.assertEqual(discounts, ["33.33", "0", "0", "0", "100"])

    def test_rounded_to_whole_kronor(self):
        rounding = self.env["account.cash.rounding"].create(
            {
                "name": "Öresavrundning",
                "rounding": 1,
                "rounding_method": "HALF-UP",
                "profit_account_id": self.company_data["default_account_revenue"].id,
                "loss_account_id": self.company_data["default_account_expense"].id,
            }
        )
        # 99.50 and 24.88 are 124.38
        line = self.line(price_unit=99.5)
        order = self.sent(line, invoice_cash_rounding_id=rounding.id)
        self.assert_amount(order["OrderTotalIncVat"], 124)
        row = order["InvoiceRows"][-1]
        self.assertEqual((row["Name"], row["VatRate"]), ("Öresavrundning", "0"))
        credit = self.sent(line, invoice_cash_rounding_id=rounding.id, move_type="out_refund")
        self.assert_amount(credit["OrderTotalIncVat"], -124)

    def test_due_before_its_date(self):
        # -1 would be thirty days from the end of the month.
        self.assertEqual(self.sent(invoice_date_due=date(2026, 11, 21))["PaymentTime"], 0)

    def test_prices_with_vat(self):
        vat = self._make_tax(25, included=True)
        order = self.sent(self.line(price_unit=125, tax_ids=[Command.set(vat.ids)]))
        self.assertEqual(order["IncludeVAT"], True)
        self.assert_amount(order["InvoiceRows"][0]["Price"], 125)
        self.assert_amount(order["OrderTotalVat"], 25)

    def test_prices_with_and_without_vat(self):
        vat = self._make_tax(25, included=True)
        order = self.sent(self.line(price_unit=125, tax_ids=[Command.set(vat.ids)]), self.line())
        self.assertEqual(order["IncludeVAT"], False)
        self.assert_amount(order["InvoiceRows"][0]["Price"], 100)
        # 125 + 1 250
        self.assert_amount(order["OrderTotalIncVat"], 1375)

    # === WHOM IT IS TO === #

    def with_person(self, target):
        self.connection.sudo().seven_comment = target
        person = self.env["res.partner"].create(
            {"name": "Björn Ask", "parent_id": self.customer.id, "email": "bjorn@ek.example"}
        )
        order = self.sent(partner_id=person.id)
        customer = self.office.customers[order["CustomerId"]]
        self.assertEqual((customer["Name"], customer["Type"]), ("Ek Maskin AB", "Business"))
        self.assertEqual(customer["OrganizationNumber"], "556000-1234")
        self.assertNotIn("FirstName", customer)
        self.assertEqual(order[target], "Björn Ask")
        return {"InvoiceTitle", "InvoiceText", "YourReference"} & order.keys()

    def test_the_person_is_the_comment(self):
        self.assertEqual(self.with_person("InvoiceTitle"), {"InvoiceTitle"})

    def test_the_person_is_the_text(self):
        self.assertEqual(self.with_person("InvoiceText"), {"InvoiceText"})

    def test_the_person_is_the_reference(self):
        self.assertEqual(self.with_person("YourReference"), {"YourReference"})

    def test_a_person_with_the_name_of_an_organisation(self):
        self.person.company_name = "Lunds Bygg"
        order = self.sent(partner_id=self.person.id)
        customer = self.office.customers[order["CustomerId"]]
        self.assertEqual((customer["Name"], customer["Type"]), ("Lunds Bygg", "Business"))
        self.assertEqual(order["InvoiceTitle"], "Anna Maria Lund")

    def test_an_organisation_alone_has_no_person(self):
        self.assertFalse({"InvoiceTitle", "InvoiceText", "YourReference"} & self.sent().keys())

    def test_a_private_person(self):
        order = self.sent(partner_id=self.person.id)
        customer = self.office.customers[order["CustomerId"]]
        self.assertEqual(
            (customer["Type"], customer["FirstName"], customer["Name"]), ("Consumer", "Anna Maria", "Lund")
        )
        self.assertEqual(customer["Addresses"]["Invoice"]["Street"], "Byvägen 2")
        self.assertNotIn("InvoiceTitle", order)

    def test_another_e_mail_address_is_told(self):
        move = self.invoice()
        self.send(move)
        self.customer.email = "ny@ek.example"
        self.assertIn("1 on the way", self.send(move))
        self.assertEqual(self.order_of(move)["InvoiceEmailAddress"], "ny@ek.example")

    def test_an_invoice_address_without_a_name(self):
        address = self.env["res.partner"].create(
            {"parent_id": self.person.id, "type": "invoice", "street": "Fakturavägen 3", "city": "Grannby"}
        )
        order = self.sent(partner_id=address.id)
        customer = self.office.customers[order["CustomerId"]]
        self.assertEqual((customer["FirstName"], customer["Name"]), ("Anna Maria", "Lund"))
        self.assertEqual(customer["Addresses"]["Invoice"]["Street"], "Fakturavägen 3")
        self.assertEqual(customer["EmailAddresses"]["Invoice"]["Value"], "anna@lund.example")

    def test_an_address_is_of_one_place(self):
        # Without a postal code of its own it does not get that of another town.
        address = self.env["res.partner"].create(
            {"parent_id": self.customer.id, "type": "invoice", "street": "Kajen 4", "city": "Grannby"}
        )
        order = self.sent(partner_id=address.id)
        told = self.office.customers[order["CustomerId"]]["Addresses"]["Invoice"]
        self.assertEqual((told["Street"], told["City"], told.get("PostalCode")), ("Kajen 4", "Grannby", None))

    # === CREDIT, CURRENCY, DEPARTMENT === #

    def credit(self, move):
        wizard = (
            self.env["account.move.reversal"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id, "date": date(2026, 11, 22)})
        )
        credit = self.env["account.move"].browse(wizard.refund_moves()["res_id"])
        credit.action_post()
        return credit

    def test_a_credit_note(self):
        move = self.invoice()
        self.send(move)
        invoice = self.service.publish(move.name)["InvoiceId"]
        # Nobody has asked here yet whether it is published.
        credit = self.credit(move)
        self.assertEqual(credit.seven_type, "accounting")
        self.send(credit)
        self.assertEqual((credit.seven_state, credit.seven_difference), ("order", False))
        order = self.order_of(credit)
        self.assertEqual((order["ReferenceOrderId"], order["ReferenceInvoiceId"]), (5501, invoice))
        price = order["InvoiceRows"][1]
        self.assert_amount(price["Quantity"], -3)
        self.assert_amount(price["Price"], 1000)
        self.assert_amount(order["OrderTotalIncVat"], -3375)
        self.assertEqual(order["CustomerId"], self.order_of(move)["CustomerId"])
        self.assert_sound()

    def test_a_credit_note_for_what_is_not_published(self):
        move = self.invoice()
        self.send(move)
        credit = self.credit(move)
        self.send(credit)
        self.assertEqual((credit.seven_state, credit.seven_problem), ("order", False))
        self.assertFalse({"ReferenceOrderId", "ReferenceInvoiceId"} & self.order_of(credit).keys())

    def test_a_foreign_currency(self):
        euro = self.env.ref("base.EUR")
        euro.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": euro.id,
                "name": "2026-11-01",
                "company_id": self.company.id,
                "inverse_company_rate": 11.25,
            }
        )
        order = self.sent(self.line(price_unit=100), currency_id=euro.id)
        self.assertEqual(order["Currency"]["Symbol"], "EUR")
        self.assert_amount(order["Currency"]["Rate"], "11.25")
        self.assert_amount(order["OrderTotalIncVat"], 125)
        # It was meant to be in kronor.
        move = self.env["account.move"].search([("seven_order", "=", str(order["OrderId"]))])
        move.button_draft()
        move.currency_id = self.company.currency_id
        move.action_post()
        self.send(move)
        self.assertEqual(self.order_of(move)["Currency"], {"Symbol": "SEK"} | {"Rate": "1", "Unit": 1})

    def test_the_department_of_an_analytic_account(self):
        plan = self.env["account.analytic.plan"].create({"name": "Avdelning"})
        hall, gym = self.env["account.analytic.account"].create(
            [{"name": name, "plan_id": plan.id} for name in ("Hall", "Gym")]
        )
        self.env["brp.24seven.dimension"].create(
            [
                {"connection_id": self.connection.id, "analytic_account_id": account.id, "number": number}
                for account, number in ((hall, 1), (gym, 2))
            ]
        )
        order = self.sent(
            self.line(analytic_distribution={str(gym.id): 100}),
            self.line(analytic_distribution={str(hall.id): 50, str(gym.id): 50}),
            self.line(),
        )
        self.assertEqual([row.get("DepartmentId") for row in order["InvoiceRows"]], [2, None, None])

    # === WHAT IS NOT HANDED OVER === #

    def test_what_is_refused_at_once(self):
        draft = self.invoice(post=False)
        with self.assertRaisesRegex(UserError, "Post"):
            self.send(draft)
        with self.assertRaisesRegex(UserError, "choose Data for Accounting"):
            self.send(self.invoice(seven_type="invoice"))
        self.connection.sudo()._deactivate()
        with self.assertRaisesRegex(UserError, "not connected"):
            self.send(self.invoice())
        self.assertEqual(self.orders, [])

    def test_never_invoiced_by_us(self):
        self.sent()
        self.assertEqual([order["OrderStatus"] for order in self.orders], ["Web"])
        self.assertFalse([order for order in self.orders if "InvoiceId" in order])
