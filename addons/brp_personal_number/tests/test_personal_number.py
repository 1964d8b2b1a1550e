from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, TransactionCase, new_test_user, tagged

# Made up: birth numbers 980 to 999 are not given to anybody.
NUMBER = "199001019992"
OTHER = "198506179806"
READER = "base.group_user,base.group_partner_manager,brp_personal_number.group_personal_number"


@tagged("post_install", "-at_install")
class TestPersonalNumber(TransactionCase):
    """Who may see, search, write and export the personal number of a customer."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reader = new_test_user(cls.env, "reader", READER)
        cls.desk = new_test_user(
            cls.env, "desk", "base.group_user,base.group_partner_manager,base.group_allow_export"
        )
        cls.customer = (
            cls.env["res.partner"]
            .with_user(cls.reader)
            .create({"name": "Astrid Berg", "personal_number": "900101-9992"})
        )

    # === WHAT THE GROUP DOES WITH IT === #

    def test_kept_as_twelve_digits(self):
        self.assertEqual(self.customer.personal_number, NUMBER)
        self.customer.personal_number = "850617-9806"
        self.assertEqual(self.customer.personal_number, OTHER)
        self.customer.personal_number = "19850677-9803"
        self.assertEqual(self.customer.personal_number, "198506779803")
        self.customer.personal_number = " "
        self.assertFalse(self.customer.personal_number)
        self.assertFalse(self.customer.personal_number_masked)

    def test_found_as_it_is_typed(self):
        Partner = self.env["res.partner"].with_user(self.reader)
        for typed in ("19900101-9992", NUMBER, "900101-9992", "900101", "9992"):
            found = Partner.search([("personal_number_search", "ilike", typed)])
            self.assertIn(self.customer, found, typed)
        for typed in ("-", "Astrid", "19900101-9810"):
            self.assertFalse(Partner.search([("personal_number_search", "ilike", typed)]), typed)

    def test_error_does_not_contain_it(self):
        for typed, reason in (
            ("900101-9993", "last one does not fit"),
            ("19901301-9992", "date of birth"),
            ("29900101-9992", "has not come yet"),
            ("9992", "YYYYMMDD-NNNN"),
        ):
            with self.assertRaisesRegex(ValidationError, reason) as caught:
                self.customer.personal_number = typed
            self.assertNotIn(typed, str(caught.exception))
            with self.assertRaises(ValidationError):
                self.customer.create({"name": "Bo Ek", "personal_number": typed})

    def test_the_same_number_twice_is_warned_of_and_allowed(self):
        with Form(self.customer.browse()) as form:
            form.name = "Astrid Berg again"
            form.personal_number = "19900101-9992"
            self.assertEqual(form.same_personal_number_partner_id, self.customer)
        again = form.record
        self.assertEqual(again.personal_number, NUMBER)
        self.assertEqual(self.customer.same_personal_number_partner_id, again)

    def test_a_copy_has_none(self):
        self.assertFalse(self.customer.copy().personal_number)

    # === WHAT OTHERS SEE === #

    def test_others_see_it_masked(self):
        partner = self.customer.with_user(self.desk)
        self.assertEqual(partner.personal_number_masked, "19900101-****")
        fields = partner.fields_get()
        self.assertNotIn("personal_number", fields)
        self.assertNotIn("personal_number_search", fields)
        arch = partner.get_view(view_type="form")["arch"]
        self.assertIn('name="personal_number_masked"', arch)
        self.assertNotIn('name="personal_number"', arch)
        arch = self.customer.get_view(view_type="form")["arch"]
        self.assertIn('name="personal_number"', arch)
        self.assertNotIn('name="personal_number_masked"', arch)

    def test_others_cannot_read_it(self):
        partner = self.customer.with_user(self.desk)
        partner.invalidate_recordset()
        with self.assertRaises(AccessError):
            partner.read(["personal_number"])
        with self.assertRaises(AccessError):
            _number = partner.personal_number
        self.assertFalse(partner.copy().personal_number_masked)
        texts = [name for name, field in partner.fields_get().items() if field["type"] == "char"]
        self.assertIn("personal_number_masked", texts)
        self.assertNotIn(NUMBER, str(partner.read(texts)))
        with self.assertRaises(AccessError):
            partner.export_data(["name", "personal_number"])
        with self.assertRaises(AccessError):
            self.env["res.users"].with_user(self.desk).search_read([], ["personal_number"])

    def test_others_cannot_write_it(self):
        partner = self.customer.with_user(self.desk)
        with self.assertRaises(AccessError):
            partner.personal_number = "850617-9806"
        with self.assertRaises(AccessError):
            partner.create({"name": "Bo Ek", "personal_number": "850617-9806"})
        with self.assertRaises(AccessError):
            partner.write({"personal_number": False})
        partner.name = "Astrid Berg-Ek"
        self.assertEqual(self.customer.personal_number, NUMBER)

    def test_others_cannot_find_or_sort_by_it(self):
        Partner = self.env["res.partner"].with_user(self.desk)
        for domain in (
            [("personal_number", "=", NUMBER)],
            [("personal_number", "like", "19900101%")],
            [("personal_number_search", "ilike", "9992")],
            [("child_ids.personal_number", "=", NUMBER)],
            [("same_personal_number_partner_id", "!=", False)],
        ):
            with self.assertRaises(AccessError):
                Partner.search(domain)
        with self.assertRaises(AccessError):
            Partner.search([], order="personal_number")
        with self.assertRaises(AccessError):
            Partner.formatted_read_group([], ["personal_number"], ["__count"])
        with self.assertRaises(AccessError):
            self.env["res.users"].with_user(self.desk).search([("personal_number", "!=", False)])
        with self.assertRaises(ValueError):
            Partner.search([("personal_number_masked", "like", "1990")])

    def test_names_and_messages_do_not_contain_it(self):
        for user in (self.reader, self.desk):
            Partner = self.env["res.partner"].with_user(user)
            self.assertFalse(Partner.name_search("199001019992"))
            self.assertFalse(Partner.search([("display_name", "ilike", NUMBER)]))
        self.assertNotIn("1990", self.customer.display_name)
        if "message_ids" in self.customer._fields:
            self.env.flush_all()
            texts = self.customer.sudo().message_ids.mapped("body")
            self.assertNotIn("9992", "".join(map(str, texts)))

    def test_portal_users_see_nothing_of_it(self):
        portal = new_test_user(self.env, "customer", "base.group_portal")
        portal.partner_id.sudo().personal_number = "900101-9992"
        partner = portal.partner_id.with_user(portal)
        partner.invalidate_recordset()
        for name in ("personal_number", "personal_number_masked"):
            with self.assertRaises(AccessError):
                partner.read([name])

    def test_administrators_have_the_group(self):
        admin = self.env.ref("base.user_admin")
        self.assertTrue(admin.has_group("brp_personal_number.group_personal_number"))
        self.assertFalse(
            self.env.ref("brp_personal_number.group_personal_number").implied_by_ids,
            "no other group gives the right to see personal numbers",
        )
