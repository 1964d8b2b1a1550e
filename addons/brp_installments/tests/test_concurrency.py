import psycopg2

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import UserError
from odoo.fields import Date
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

SOLD_ON = Date.to_date("2026-01-10")


@tagged("post_install", "-at_install")
class TestTwoAtOnce(BaseCase):
    """Two people working with the same purchase, in transactions of their own.

    The records are committed, as the second transaction could not see them otherwise; they
    are in a company of their own.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = env["res.company"].create(
                {"name": "Two at Once AB", "country_id": env.ref("base.se").id}
            )
            env = env(context={"allowed_company_ids": company.ids})
            env["account.chart.template"].try_loading("se", company=company, install_demo=False)
            company._set_up_installments()
            cls.company_id = company.id
            plan = env["brp.installment.plan"].create({"name": "Two at Once", "months": 3})
            cls.plan_id = plan.id
            cls.product_id = (
                env["product.product"]
                .create(
                    {
                        "name": "Card for two",
                        "type": "service",
                        "invoice_policy": "order",
                        "list_price": 300,
                        "taxes_id": False,
                        "company_id": company.id,
                        "installment_plan_ids": [Command.set(plan.ids)],
                    }
                )
                .id
            )
            cls.partner_id = env["res.partner"].create({"name": "Two at Once"}).id

    def _open(self):
        """Open a transaction of its own."""
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        return api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]})

    def _commit_order(self):
        env = self._open()
        order = env["sale.order"].create(
            {
                "company_id": self.company_id,
                "partner_id": self.partner_id,
                "order_line": [Command.create({"product_id": self.product_id, "tax_ids": False})],
            }
        )
        env.cr.commit()
        return order.id

    def _sell(self, env, order_id):
        plan = env["brp.installment.plan"].browse(self.plan_id)
        return env["sale.order"].browse(order_id)._sell_in_installments(plan, SOLD_ON)

    def _count_mains(self, order_id):
        order = self._open()["sale.order"].browse(order_id)
        return len(order.invoice_ids.filtered("installment_plan_id"))

    def test_an_order_that_is_being_sold_is_locked(self):
        order_id = self._commit_order()
        first, second = self._open(), self._open()
        self._sell(first, order_id)
        with self.assertRaisesRegex(UserError, "Somebody else"):
            self._sell(second, order_id)
        second.cr.rollback()
        first.cr.commit()
        with self.assertRaisesRegex(UserError, "already invoiced"):
            self._sell(second, order_id)
        self.assertEqual(self._count_mains(order_id), 1)

    def test_a_sale_that_started_before_the_other_was_done_is_tried_again_by_odoo(self):
        order_id = self._commit_order()
        first, second = self._open(), self._open()
        second["sale.order"].browse(order_id).state  # noqa: B018  the transaction sees it unsold
        self._sell(first, order_id)
        first.cr.commit()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.SerializationFailure):
            self._sell(second, order_id)
        second.cr.rollback()
        self.assertEqual(self._count_mains(order_id), 1)

    def test_an_installment_is_credited_once(self):
        order_id = self._commit_order()
        env = self._open()
        part_id = self._sell(env, order_id).installment_ids[0].id
        env.cr.commit()
        first, second = self._open(), self._open()
        first["account.move"].browse(part_id).action_credit_installments()
        with self.assertRaisesRegex(UserError, "Somebody else"):
            second["account.move"].browse(part_id).action_credit_installments()
        second.cr.rollback()
        first.cr.commit()
        with self.assertRaisesRegex(UserError, "Nothing is left"):
            second["account.move"].browse(part_id).action_credit_installments()

    def test_a_batch_killed_in_a_step_is_done_by_the_next_run(self):
        order_ids = [self._commit_order() for _number in range(3)]
        env = self._open()
        orders = env["sale.order"].browse(order_ids)
        plan = env["brp.installment.plan"].browse(self.plan_id)
        batch_id = env["brp.installment.batch"]._start(orders, plan, SOLD_ON).id
        env.cr.commit()
        killed = self._open()
        killed["brp.installment.batch"].browse(batch_id).line_ids._sell()
        killed.cr.rollback()  # what PostgreSQL does when the process dies

        runner = self._open()
        runner["brp.installment.batch"]._cron_run()
        batch = self._open()["brp.installment.batch"].browse(batch_id)
        self.assertEqual((batch.state, batch.sold_count), ("done", 3))
        self.assertEqual([self._count_mains(order_id) for order_id in order_ids], [1, 1, 1])
