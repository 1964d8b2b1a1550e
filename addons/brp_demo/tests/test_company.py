from odoo.exceptions import AccessError, UserError
from odoo.modules.module import Manifest
from odoo.tests import TransactionCase, tagged

from ..company import VAT_RATES, WITHOUT_VAT
from ..hooks import pre_init_hook


@tagged("post_install", "-at_install")
class TestCompany(TransactionCase):
    """What the installation made of the main company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.ref("base.main_company")

    def test_swedish_company_that_sells_in_installments(self):
        self.assertEqual(self.company.name, "Sundby Aktivitetscenter AB")
        self.assertEqual(self.company.currency_id.name, "SEK")
        self.assertEqual(self.company.chart_template, "se_K3")
        self.assertEqual(self.company.org_number, "559999-9801")
        self.company._check_installment_settings()
        self.assertEqual(self.company.installment_due_day, 27)
        self.assertEqual(self.company.installment_account_id.code, "1530")
        self.assertEqual(
            self.env["product.pricelist"].search([("company_id", "=", self.company.id)]).currency_id.name,
            "SEK",
        )

    def test_every_product_has_vat_within_its_price(self):
        for rate, names in VAT_RATES.items():
            for name in names:
                product = self.env.ref(f"brp_demo.{name}")
                taxes = product.taxes_id.filtered(lambda tax: tax.company_id == self.company)
                self.assertEqual(taxes.mapped("amount"), [rate], name)
                self.assertTrue(taxes.price_include, name)
        ours = self.env["ir.model.data"].search_count(
            [("module", "=", "brp_demo"), ("model", "=", "product.product")]
        )
        self.assertEqual(ours, sum(map(len, VAT_RATES.values())) + len(WITHOUT_VAT))
        self.assertEqual(self.env.ref("brp_demo.card_training").lst_price, 12000)

    def test_it_speaks_swedish_and_english(self):
        card = self.env.ref("brp_demo.card_training")
        self.assertEqual(card.with_context(lang="sv_SE").name, "Årskort träning")
        self.assertEqual(card.with_context(lang="en_US").name, "Year Card Training")
        menu = self.env.ref("sale.sale_menu_root").with_context(lang="sv_SE")
        self.assertEqual(menu.name, "Försäljning")

    def test_new_customers_have_swedish(self):
        desk = self.env.ref("brp_demo.user_desk")
        customer = self.env["res.partner"].with_user(desk).create({"name": "Ny Kund"})
        self.assertEqual(customer.lang, "sv_SE")
        self.assertEqual(self.env.ref("brp_demo.customer_emma").lang, "en_US")

    def test_what_odoo_installs_with_a_second_swedish_company_can_be_installed(self):
        """With the first company in a country Odoo installs addons of that country by itself."""
        automatic = [
            manifest
            for name in self.env["ir.module.module"].search([]).mapped("name")
            if (manifest := Manifest.for_addon(name, display_warning=False))
            and manifest["auto_install"]
            and "se" in manifest.get("countries", [])
        ]
        self.assertIn("account_peppol", [manifest.name for manifest in automatic])
        for manifest in automatic:
            manifest.check_manifest_dependencies()

    def test_who_may_do_what(self):
        desk = self.env.ref("brp_demo.user_desk")
        bookkeeper = self.env.ref("brp_demo.user_bookkeeper")
        customer = self.env.ref("brp_demo.customer_astrid")
        self.assertTrue(desk.has_group("sales_team.group_sale_salesman_all_leads"))
        self.assertFalse(desk.has_group("account.group_account_readonly"))
        self.assertFalse(desk.has_group("account.group_account_invoice"))
        self.assertTrue(bookkeeper.has_group("account.group_account_manager"))
        self.assertEqual(customer.with_user(bookkeeper).personal_number, "199001019802")
        self.assertEqual(customer.with_user(desk).personal_number_masked, "19900101-****")
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            customer.with_user(desk).read(["personal_number"])

    def test_every_person_has_a_personal_number_of_nobody(self):
        data = self.env["ir.model.data"].search(
            [("module", "=", "brp_demo"), ("name", "like", "customer\\_")]
        )
        persons = self.env["res.partner"].browse(data.mapped("res_id")).filtered(lambda p: not p.is_company)
        self.assertEqual(len(persons), 21)
        numbers = persons.mapped("personal_number")
        self.assertEqual(len(set(numbers)), 21)
        for number in numbers:
            self.assertGreaterEqual(int(number[8:11]), 980)

    def test_refuses_a_company_in_use(self):
        with self.assertRaisesRegex(UserError, "fresh database"):
            pre_init_hook(self.env)
