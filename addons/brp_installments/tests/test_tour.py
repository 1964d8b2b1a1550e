from odoo import Command
from odoo.tests import HttpCase, new_test_user, tagged

from .common import InstallmentCommon


@tagged("post_install", "-at_install")
class TestTour(InstallmentCommon, HttpCase):
    """The desk's and the bookkeeper's way through the screens, in Swedish, in a real browser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("sv_SE")
        cls.plan.with_context(lang="sv_SE").name = "12 månader"
        cls.user = new_test_user(
            cls.env,
            "bookkeeper",
            "base.group_user,sales_team.group_sale_manager,account.group_account_manager",
            lang="sv_SE",
            tz="Europe/Stockholm",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def test_sell_and_credit(self):
        order = self._create_order(self.year_card)
        self.start_tour(f"/odoo/sales/{order.id}", "brp_installments_sell_and_credit", login="bookkeeper")

        main = order.installment_main_id
        self.assertEqual(main.amount_total, 12000)
        self.assertEqual(main.amount_residual, 1000)
        parts = main.installment_ids.sorted("installment_number")
        self.assertEqual(parts.mapped("amount_residual"), [0] + [1000] * 11)
        self.assertEqual(self._balance(self.receivable), 12000)
        self.assertEqual(self._balance(self.account_1530), 0)
