from odoo.exceptions import UserError, ValidationError
from odoo.tests import HttpCase, freeze_time, tagged

from odoo.addons.brp_installments_autogiro.tests.common import ACCOUNT, InstallmentAutogiroCommon
from odoo.addons.brp_installments_pos.tests.common import TillCommon


class MandateCommon(TillCommon, InstallmentAutogiroCommon):
    """A till whose company collects by Autogiro; the customer has no mandate and no personal number."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.personal_number = False
        # One plan alone is shown first.
        cls.year_card.installment_plan_ids = cls.autogiro_plan

    def mandates(self):
        return self.env["brp.autogiro.mandate"].search([("partner_id", "=", self.customer.id)])


@tagged("post_install", "-at_install")
class TestMandate(MandateCommon):
    def setUp(self):
        super().setUp()
        self.enterContext(freeze_time("2026-01-10 11:00:00"))
        self.order = self.sync(self.line(self.year_card))

    def sell_with(self, **told):
        return self.order.with_user(self.cashier).sell_in_installments(self.autogiro_plan.id, 12000, told)

    def test_the_mandate_is_asked_for(self):
        [plan] = self.offer(self.order)["plans"]
        self.assertEqual((plan["asks_for_mandate"], plan["personal_number"]), (True, ""))
        with self.assertRaisesRegex(UserError, "Astrid Berg has no Autogiro mandate"):
            self.sell_with()
        self.sell_with(mandate_account=ACCOUNT, mandate_number="19900101-9802")
        mandate = self.mandates()
        self.assertEqual((mandate.state, mandate.sudo().holder_number), ("to_send", "199001019802"))
        self.assertEqual(self.customer.personal_number, "199001019802")
        self.assertTrue(all(part.autogiro for part in self.order.account_move.installment_ids))
        # The next purchase does not ask again.
        [plan] = self.offer(self.sync(self.line(self.year_card)))["plans"]
        self.assertFalse(plan["asks_for_mandate"])

    def test_it_comes_later(self):
        self.sell_with(mandate_later=True)
        self.assertFalse(self.mandates())
        self.assertEqual(self.order.state, "done")

    def test_the_customers_number_is_not_shown(self):
        self.customer.personal_number = "19900101-9802"
        [plan] = self.offer(self.order)["plans"]
        self.assertEqual(plan["personal_number"], "19900101-****")
        self.sell_with(mandate_account=ACCOUNT, mandate_number="19900101-****")
        self.assertEqual(self.mandates().sudo().holder_number, "199001019802")

    def test_what_is_wrong_is_told_at_once(self):
        check = self.env["pos.order"].with_user(self.cashier).check_mandate
        self.assertEqual(check(ACCOUNT, "19900101-9802"), {"account": "", "number": ""})
        wrong = check("12", "19900101-9803")
        self.assertTrue(wrong["account"] and wrong["number"])
        self.assertNotIn("9803", wrong["number"])

    def test_nothing_is_kept_of_what_is_refused(self):
        with self.assertRaises(ValidationError), self.env.cr.savepoint():
            self.sell_with(mandate_account=ACCOUNT, mandate_number="19900101-9803")
        self.assertFalse(self.mandates())
        self.assertEqual(self.order.state, "draft")

    def test_the_mandate_is_looked_for_once(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            plans = self.offer(self.order)["plans"]
            self.assertTrue(all(plan["asks_for_mandate"] for plan in plans))
            return self.env.cr.sql_log_count - before, len(plans)

        count()
        few, plans = count()
        self.assertEqual(plans, 1)
        self.year_card.installment_plan_ids += self.env["brp.installment.plan"].create(
            [{"name": f"{months} months", "months": months, "autogiro": True} for months in range(13, 33)]
        )
        many, plans = count()
        self.assertEqual(plans, 21)
        self.assertLessEqual(many, few)

    def test_what_is_told_is_no_account(self):
        for told in (
            {"mandate_account": "rubbish", "mandate_number": "19900101-9802"},
            {"mandate_account": 12, "mandate_number": "19900101-9802"},
            {"mandate_account": [1], "mandate_number": "19900101-9802"},
            {"mandate_account": ACCOUNT, "mandate_number": 7},
            {"mandate_account": ACCOUNT, "mandate_number": {}},
        ):
            with self.subTest(told=told), self.assertRaises(UserError), self.env.cr.savepoint():
                self.sell_with(**told)
        self.assertFalse(self.mandates())
        self.assertEqual(self.order.state, "draft")

    def test_a_company_that_cannot_collect(self):
        self.company.autogiro_bankgiro = False
        with self.assertRaises(UserError):
            self.sell_with(mandate_later=True)
        self.assertEqual(self.order.state, "draft")


@tagged("post_install", "-at_install")
class TestMandateTour(MandateCommon, HttpCase):
    def setUp(self):
        super().setUp()
        if not self._registry_patched:
            self.enterContext(self.enter_registry_test_mode())

    def test_at_the_till(self):
        """A personal number is refused at once, mended, and the year card is sold."""
        self.start_tour(f"/pos/ui/{self.config.id}", "brp_till_mandate", login="cashier_sundby")
        self.env.invalidate_all()
        self.assertEqual(self.mandates().state, "to_send")
        order = self.env["pos.order"].search([("config_id", "=", self.config.id)])
        self.assertEqual((order.state, len(order.account_move.installment_ids)), ("done", 12))
