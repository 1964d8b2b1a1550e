from odoo import Command
from odoo.tests import HttpCase, tagged

from .common import SevenCommon


@tagged("post_install", "-at_install")
class TestTour(SevenCommon, HttpCase):
    """A tractor is rented out on the screens, in Swedish, and its invoice is paid at the simulator."""

    now = None

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("sv_SE")
        cls.user = cls.make_user(
            "tour_seven",
            "base.group_user,account.group_account_manager,sales_team.group_sale_manager",
            lang="sv_SE",
            tz="Europe/Stockholm",
        )

    def registry_enter_test_mode(self, **options):
        # The browser talks to Odoo in this mode from the beginning of the class.
        if type(self)._registry_patched:
            return None
        return super().registry_enter_test_mode(**options)

    def test_from_the_card_to_the_payment(self):
        action = self.env.ref("brp_connector.action_integrations")
        self.start_tour(f"/odoo/action-{action.id}", "brp_24seven_connect", login="tour_seven")
        self.assertEqual(self.connection.state, "active")
        self.customer.with_company(self.company).seven_type = "accounting"
        order = (
            self.env["sale.order"]
            .sudo()
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.tractor.id,
                                "price_unit": 1000,
                                "product_uom_qty": 3,
                                "discount": 10,
                                "tax_ids": [Command.set(self.vat.ids)],
                                "rent_start": "2026-11-23",
                                "rent_stop": "2026-11-25",
                            }
                        )
                    ],
                }
            )
        )
        self.tractor.invoice_policy = "order"
        order.action_confirm()
        self.start_tour(f"/odoo/action-sale.action_orders/{order.id}", "brp_24seven_send", login="tour_seven")
        invoice = order.invoice_ids
        self.assertEqual(invoice.seven_state, "waiting")
        self.run_jobs()
        self.assertEqual(invoice.seven_state, "order", invoice.seven_problem)
        # 3 x 1 000 less 10 %, and 25 % VAT.
        self.assertEqual((invoice.amount_total, invoice.amount_tax), (3375, 675))
        self.assertFalse(invoice.seven_difference)
        self.service.publish(int(invoice.seven_order))
        self.service.pay(int(invoice.seven_order), "2026-11-30")
        self.start_tour(
            f"/odoo/action-account.action_move_out_invoice_type/{invoice.id}",
            "brp_24seven_check",
            login="tour_seven",
        )
        self.assertEqual(invoice.seven_state, "paid")
        self.assertEqual(str(invoice.seven_paid_date), "2026-11-30")
