from odoo import SUPERUSER_ID
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SevenCommon


@tagged("post_install", "-at_install")
class TestCustomers(SevenCommon):
    """Whom an order is to: found, made, brought up to date, or asked for."""

    def setUp(self):
        super().setUp()
        self.activate()

    def number_of(self, move):
        """Send an invoice; return the number of the customer that it is to."""
        self.send(move)
        self.assertEqual((move.seven_state, move.seven_problem), ("order", False))
        return self.order_of(move)["CustomerId"]

    def test_made_when_there_is_none(self):
        self.assertEqual(self.number_of(self.invoice()), 1042)
        self.assertEqual(self.office.customers[1042]["EmailAddresses"]["Work"]["Value"], "faktura@ek.example")
        # And found by its number the next time.
        self.assertEqual(self.number_of(self.invoice()), 1042)
        self.assertEqual(len(self.office.customers), 1)
        self.assertEqual(self.count("SaveCompanies"), 2)
        self.assert_sound()

    def test_found_by_e_mail(self):
        known = self.service.add_customer("Lund", first_name="Anna", email="Anna@Lund.example")
        self.assertEqual(self.number_of(self.invoice(partner_id=self.person.id)), known["Id"])
        self.assertEqual(self.office.customers[known["Id"]]["FirstName"], "Anna Maria")

    def test_found_by_number_with_a_dash(self):
        self.customer.company_registry = "5560001234"
        known = self.service.add_customer("Ek", organization_number="556000-1234", email="other@ek.example")
        self.assertEqual(self.number_of(self.invoice()), known["Id"])

    def test_found_by_number_without_a_dash(self):
        known = self.service.add_customer("Ek", organization_number="5560001234")
        self.assertEqual(self.number_of(self.invoice()), known["Id"])

    def test_found_by_number_of_another_country(self):
        self.customer.write({"company_registry": "NO 912 345 678 MVA", "email": False})
        known = self.service.add_customer("Ek", organization_number="NO 912 345 678 MVA")
        self.assertEqual(self.number_of(self.invoice()), known["Id"])

    def test_a_number_without_digits_does_no_harm(self):
        self.customer.write({"company_registry": "-"})
        self.assertEqual(self.number_of(self.invoice()), 1042)
        self.assert_sound()

    def test_found_by_the_number_in_the_vat_number(self):
        self.customer.write({"company_registry": False, "vat": "SE123456789701"})
        known = self.service.add_customer("Ek", organization_number="123456-7897")
        self.assertEqual(self.number_of(self.invoice()), known["Id"])

    def test_another_organisation_with_the_same_e_mail(self):
        other = self.service.add_customer(
            "Bok AB", organization_number="559999-0001", email="faktura@ek.example"
        )
        self.assertNotEqual(self.number_of(self.invoice()), other["Id"])
        self.assertEqual(self.office.customers[other["Id"]]["Name"], "Bok AB")

    def test_a_person_with_an_organisation_s_e_mail(self):
        person = self.service.add_customer("Ek", first_name="Eva", email="faktura@ek.example")
        self.assertNotEqual(self.number_of(self.invoice()), person["Id"])
        self.assertEqual(self.office.customers[person["Id"]]["Type"], "Consumer")

    def test_an_organisation_with_a_person_s_e_mail(self):
        firm = self.service.add_customer("Lunds Bygg", email="anna@lund.example")
        move = self.invoice(partner_id=self.person.id)
        self.send(move)
        self.assertIn("Lunds Bygg", move.seven_problem)
        self.assertEqual((self.orders, self.office.customers[firm["Id"]]["Name"]), ([], "Lunds Bygg"))

    def test_several_are_named_and_one_is_chosen(self):
        first = self.service.add_customer("Ek Söder", organization_number="5560001234")
        second = self.service.add_customer("Ek Norr", organization_number="556000-1234")
        move = self.invoice()
        self.send(move)
        self.assertEqual((move.seven_state, move.seven_several), ("waiting", True))
        for customer in (first, second):
            self.assertIn(f"{customer['Id']} {customer['Name']}", move.seven_problem)
        self.assertIn("Ek Maskin AB", self.connection.problem)
        self.assertEqual(self.orders, [])
        action = move.with_user(self.clerk).action_seven_choose()
        dialog = self.env[action["res_model"]].with_user(self.clerk).browse(action["res_id"])
        self.assertEqual(dialog.choice_ids.mapped("name"), ["Ek Söder", "Ek Norr"])
        dialog.choice_ids[1].action_choose()
        self.run_jobs()
        self.assertEqual(self.order_of(move)["CustomerId"], second["Id"])
        self.assertFalse(self.connection.problem)
        # It is remembered.
        self.assertEqual(self.number_of(self.invoice()), second["Id"])
        self.assert_sound()

    def test_two_contacts_who_are_one_customer(self):
        twins = self.env["res.partner"].create(
            [
                {"name": "Tvilling AB", "is_company": True, "company_registry": number}
                for number in ("5566778899", "556677-8899")
            ]
        )
        moves = self.invoice(partner_id=twins[0].id) + self.invoice(partner_id=twins[1].id)
        # Whether it is new there or not
        for _time in range(2):
            self.send(moves)
            self.assertEqual([self.order_of(move)["CustomerId"] for move in moves], [1042, 1042])
            self.env["brp.24seven.customer"].search([]).sudo().unlink()
            moves = self.invoice(partner_id=twins[0].id) + self.invoice(partner_id=twins[1].id)
        self.assertEqual(len(self.office.customers), 1)

    def test_one_of_two_contacts_who_are_one_customer_is_refused(self):
        twins = self.env["res.partner"].create(
            [{"name": name, "email": "anna@tvilling.example"} for name in ("Anna Ek", "Anna Al")]
        )
        self.service.misbehave({"fault": "item_error", "path": "/Company/SaveCompanies", "message": "Nej"})
        moves = self.invoice(partner_id=twins[0].id) + self.invoice(partner_id=twins[1].id)
        self.send(moves)
        self.assertEqual([move.seven_problem[-3:] for move in moves], ["Nej", "Nej"])

    def test_contacts_that_are_merged(self):
        other = self.env["res.partner"].create({"name": "Ek Maskin", "email": "kopia@ek.example"})
        first, second = self.number_of(self.invoice()), self.number_of(self.invoice(partner_id=other.id))
        self.assertNotEqual(first, second)
        merge = self.env["base.partner.merge.automatic.wizard"].with_user(SUPERUSER_ID)
        merge._merge((self.customer + other).ids, self.customer)
        self.assertEqual(self.number_of(self.invoice()), first)

    def test_nobody_to_choose(self):
        with self.assertRaisesRegex(UserError, "nobody there"):
            self.invoice().with_user(self.clerk).action_seven_choose()

    def test_deleted_there(self):
        self.number_of(self.invoice())
        del self.office.customers[1042]
        known = self.service.add_customer("Ek", organization_number="556000-1234")
        self.assertEqual(self.number_of(self.invoice()), known["Id"])
        link = self.env["brp.24seven.customer"].search([("partner_id", "=", self.customer.id)])
        self.assertEqual(link.number, known["Id"])

    def test_brought_up_to_date(self):
        known = self.service.add_customer("Ek gammalt", organization_number="556000-1234", phone="070-1")
        self.number_of(self.invoice())
        told = self.office.customers[known["Id"]]
        self.assertEqual(told["Name"], "Ek Maskin AB")
        self.assertEqual(
            (told["Addresses"]["Invoice"]["Street"], told["Addresses"]["Invoice"]["PostalCode"]),
            ("Storgatan 1", "111 22"),
        )
        # What we do not know is left as it was.
        self.assertEqual(told["PhoneNumbers"]["Mobile"]["Value"], "070-1")
        self.customer.street = "Nygatan 9"
        self.number_of(self.invoice())
        self.assertEqual(told.keys(), self.office.customers[known["Id"]].keys())
        self.assertEqual(self.office.customers[known["Id"]]["Addresses"]["Invoice"]["Street"], "Nygatan 9")

    def test_neither_e_mail_nor_number(self):
        nobody = self.env["res.partner"].create({"name": "Okänd Kund"})
        first = self.number_of(self.invoice(partner_id=nobody.id))
        self.env["brp.24seven.customer"].search([("partner_id", "=", nobody.id)]).sudo().unlink()
        # By the key that we have put there.
        self.assertEqual(self.number_of(self.invoice(partner_id=nobody.id)), first)

    def test_five_unknown_ones_by_the_register(self):
        known = self.service.add_customer("Kund 3", first_name="Nr", email="k3@example.com", active=False)
        partners = self.env["res.partner"].create(
            [{"name": f"Nr Kund {number}", "email": f"k{number}@example.com"} for number in range(5)]
        )
        moves = self.env["account.move"].concat(*(self.invoice(partner_id=one.id) for one in partners))
        self.send(moves)
        self.assertEqual(moves.mapped("seven_state"), ["order"] * 5)
        self.assertEqual(self.order_of(moves[3])["CustomerId"], known["Id"])
        self.assertEqual(len(self.office.customers), 5)
        # One page of numbers and one call for their particulars, not one for each.
        self.assertEqual((self.count("GetCompanySyncList"), self.count("GetCompanies")), (1, 1))
        self.assertEqual((self.count("SaveCompanies"), self.count("SaveInvoices")), (1, 1))
        self.assert_sound()

    # === THE PRODUCT === #

    def product_of(self, move):
        self.send(move)
        [number] = {row["ProductId"] for row in self.order_of(move)["InvoiceRows"] if "ProductId" in row}
        return number

    def test_the_product_with_exactly_this_name(self):
        for name in ("OdooRental 2", "odoorental", "Min OdooRental"):
            self.service.add_product(name)
        right = self.service.add_product("OdooRental")
        self.assertEqual(self.product_of(self.invoice()), right["Id"])
        self.assertEqual((self.count("SaveProducts"), self.count("SaveCategories")), (0, 0))

    def test_near_matches_are_not_taken(self):
        self.service.add_product("OdooRental 2")
        number = self.product_of(self.invoice())
        self.assertEqual(self.office.products[number]["Name"], "OdooRental")
        self.assertEqual(self.office.categories[12]["Name"], "OdooRental")

    def test_an_expired_product_is_not_preferred(self):
        self.service.add_product("OdooRental", status=0)
        active = self.service.add_product("OdooRental")
        self.assertEqual(self.product_of(self.invoice()), active["Id"])

    def test_a_percent_sign_in_its_name(self):
        self.connection.sudo().write({"seven_product": "% Uthyrning", "seven_category": "% Uthyrning"})
        first = self.product_of(self.invoice())
        self.connection.sudo().seven_product_id = False
        self.assertEqual(self.product_of(self.invoice()), first)
        self.assert_sound()

    def test_a_category_that_is_there(self):
        self.connection.sudo().seven_category = "Diverse"
        self.assertEqual(self.office.products[self.product_of(self.invoice())]["CategoryId"], 1)
        self.assertEqual(self.count("SaveCategories"), 0)

    def test_found_again_when_deleted_or_renamed(self):
        first = self.product_of(self.invoice())
        self.office.products[first]["Name"] = "Gammal"
        second = self.product_of(self.invoice())
        self.assertEqual(self.office.products[second]["Name"], "OdooRental")
        del self.office.products[second]
        third = self.product_of(self.invoice())
        self.assertEqual((third > second, self.office.products[third]["Name"]), (True, "OdooRental"))
        self.assertEqual(len(self.office.categories), 2)

    def test_another_product_is_chosen(self):
        first = self.product_of(self.invoice())
        self.connection.sudo().seven_product = "Uthyrning"
        second = self.product_of(self.invoice())
        self.assertNotEqual(first, second)
        self.assertEqual(self.office.products[second]["Name"], "Uthyrning")
