import json
import signal
import subprocess
import sys
from uuid import uuid4

import psycopg2

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import config, mute_logger

STEP = 25  # statements

# For each number that it is told, forks a process that sells the order and is killed before it sends the
# database so many statements; answers with what became of it.
TILL = """
import json
import os
import signal
import sys
import odoo
from odoo import SUPERUSER_ID, api, sql_db
from odoo.modules.registry import Registry

database, options, company, order, plan = json.loads(sys.argv[1])
odoo.tools.config.parse_config(options, setup_logging=True)
registry = Registry(database)
sql_db.close_all()

def sell(statements):
    execute, done = sql_db.Cursor.execute, 0

    def counted(self, *args, **options):
        nonlocal done
        done += 1
        if done > statements:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(self, *args, **options)

    sql_db.Cursor.execute = counted
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [company]})
        env["pos.order"].browse(order).sell_in_installments(plan, 1000)

print("ready", flush=True)
for line in sys.stdin:
    child = os.fork()
    if not child:
        try:
            sell(int(line))
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


@tagged("post_install", "-at_install")
class TestAtOnce(BaseCase):
    """Two tills with the same order in transactions of their own, and a process that is killed.

    The records are committed, as another transaction could not see them otherwise; they are in a company of
    their own.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = env["res.company"].create(
                {"name": f"Tills at Once {uuid4()}", "country_id": env.ref("base.se").id}
            )
            env = env(context={"allowed_company_ids": company.ids})
            env["account.chart.template"].try_loading("se", company=company, install_demo=False)
            company._set_up_installments()
            cls.company_id = company.id
            plan = env["brp.installment.plan"].create({"name": "At Once", "months": 3})
            cls.plan_id = plan.id
            product = env["product.product"].create(
                {
                    "name": "Card at once",
                    "type": "service",
                    "list_price": 1000,
                    "taxes_id": False,
                    "company_id": company.id,
                    "available_in_pos": True,
                    "installment_plan_ids": [Command.set(plan.ids)],
                }
            )
            cls.product_id = product.id
            cls.partner_id = env["res.partner"].create({"name": "At Once"}).id
            journal = env["account.journal"].create({"name": "Card", "type": "bank", "code": "CRD"})
            method = env["pos.payment.method"].create({"name": "Card", "journal_id": journal.id})
            tills = env["pos.config"].create(
                [
                    {
                        "name": name,
                        "payment_method_ids": [Command.set(method.ids)],
                        "use_pricelist": False,
                        "cash_control": False,
                    }
                    for name in ("At Once", "At Once as Well")
                ]
            )
            for till in tills:
                till.sells_in_installments = True
                till.open_ui()
                till.current_session_id.set_opening_control(0, None)
            cls.session_id, cls.other_session_id = tills.current_session_id.sorted("id").ids
            cls.card_id = method.id

    def setUp(self):
        super().setUp()
        self.uuid = str(uuid4())
        env = self.open()
        self.order_id = self.sync(env)
        env.cr.commit()

    def open(self):
        """Open a transaction of its own."""
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        return api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]})

    def sync(self, env, **values):
        line = {
            "product_id": self.product_id,
            "full_product_name": "Card at once",
            "qty": 1,
            "price_unit": 1000,
            "tax_ids": [],
            "price_subtotal": 1000,
            "price_subtotal_incl": 1000,
        }
        order = {
            "uuid": self.uuid,
            "access_token": False,
            "name": "/",
            "state": "draft",
            "session_id": self.session_id,
            "company_id": self.company_id,
            "partner_id": self.partner_id,
            "pricelist_id": False,
            "fiscal_position_id": False,
            "last_order_preparation_change": "{}",
            "amount_total": 1000,
            "amount_paid": 0,
            "amount_tax": 0,
            "amount_return": 0,
            "is_refund": False,
            "to_invoice": False,
            "lines": [Command.create(line)],
            "payment_ids": [],
            **values,
        }
        return env["pos.order"].sync_from_ui([order])["pos.order"][0]["id"]

    def sell(self, env):
        return env["pos.order"].browse(self.order_id).sell_in_installments(self.plan_id, 1000)

    def assert_sold(self, times):
        env = self.open()
        order = env["pos.order"].browse(self.order_id)
        mains = env["account.move"].search(
            [("company_id", "=", self.company_id), ("pos_order_ids", "in", order.ids)]
        )
        self.assertEqual(order.state, "done" if times else "draft")
        self.assertEqual((len(order.lines), len(order.payment_ids)), (1, times))
        self.assertEqual((len(mains), len(mains.installment_ids)), (times, 3 * times))
        env.cr.close()

    def test_sold_at_two_tills(self):
        first, second = self.open(), self.open()
        self.sell(first)
        with self.assertRaisesRegex(UserError, "Somebody else"):
            self.sell(second)
        second.cr.rollback()
        first.cr.commit()
        # Who tries again gets the receipt.
        self.assertEqual(self.sell(second)["pos.order"][0]["state"], "done")
        second.cr.commit()
        self.assert_sold(1)

    def test_sent_as_a_draft_while_it_is_sold(self):
        first, second = self.open(), self.open()
        second["pos.order"].browse(self.order_id).state  # noqa: B018  the transaction sees it unsold
        self.sell(first)
        first.cr.commit()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.SerializationFailure):
            self.sync(second, lines=[], general_customer_note="by the window")
            second.flush_all()
        second.cr.rollback()
        # Odoo tries it again, and sees it sold.
        self.sync(second)
        second.cr.commit()
        self.assert_sold(1)

    def test_paid_by_card_while_it_is_sold(self):
        first, second = self.open(), self.open()
        second["pos.order"].browse(self.order_id).state  # noqa: B018  the transaction sees it unsold
        self.sell(first)
        first.cr.commit()
        payment = [Command.create({"amount": 1000, "payment_method_id": self.card_id})]
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.SerializationFailure):
            self.sync(second, lines=[], state="paid", amount_paid=1000, payment_ids=payment)
        second.cr.rollback()
        self.assert_sold(1)

    def test_given_back_at_two_tills(self):
        """Also when nothing is left to be netted, so that neither has to do with the other's rows."""
        env = self.open()
        self.sell(env)
        order = env["pos.order"].browse(self.order_id)
        parts = order.account_move.installment_ids
        wizard = env["account.payment.register"].with_context(
            active_model="account.move", active_ids=parts.ids
        )
        wizard.create({"group_payment": False})._create_payments()
        method = order.payment_ids.payment_method_id
        line, main = order.lines, order.account_move
        env.cr.commit()

        def give_back(env, session_id):
            values = {
                "product_id": self.product_id,
                "full_product_name": "Card at once",
                "qty": -1,
                "price_unit": 1000,
                "tax_ids": [],
                "price_subtotal": -1000,
                "price_subtotal_incl": -1000,
                "refunded_orderline_id": line.id,
            }
            self.sync(
                env,
                uuid=str(uuid4()),
                session_id=session_id,
                state="paid",
                is_refund=True,
                to_invoice=True,
                amount_total=-1000,
                amount_paid=-1000,
                lines=[Command.create(values)],
                payment_ids=[Command.create({"amount": -1000, "payment_method_id": method.id})],
            )
            env.cr.commit()

        first, second = self.open(), self.open()
        second["pos.order"].browse(self.order_id).state  # noqa: B018  the transaction sees nothing given back
        give_back(first, self.session_id)
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.SerializationFailure):
            give_back(second, self.other_session_id)
        second.cr.rollback()
        with self.assertRaisesRegex(UserError, "More of Card at once"):
            give_back(second, self.other_session_id)
        second.cr.rollback()
        main = self.open()["account.move"].browse(main.id)
        self.assertEqual((main.installment_credited, main.installment_to_refund), (1000, 1000))

    def get_options(self):
        """Return the options with which another process uses the database of the tests."""
        options = [f"--addons-path={','.join(config['addons_path'])}", f"--data-dir={config['data_dir']}"]
        for option in ("db_host", "db_port", "db_user", "db_password"):
            if config[option]:
                options.append(f"--{option}={config[option]}")
        return ["-d", get_db_name(), *options, "--log-level=error", "--no-http"]

    def test_killed_again_and_again(self):
        """Wherever the process is killed, the order is sold as a whole or not at all."""
        told = (get_db_name(), self.get_options(), self.company_id, self.order_id, self.plan_id)
        server = subprocess.Popen(
            [sys.executable, "-c", TILL, json.dumps(told)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait, 60)
        self.addCleanup(server.stdin.close)
        self.assertEqual(server.stdout.readline(), "ready\n")
        statements, end, sold = 0, None, 0
        while end != 0:
            statements += STEP
            server.stdin.write(f"{statements}\n")
            server.stdin.flush()
            end = int(server.stdout.readline())
            self.assertIn(end, (0, -signal.SIGKILL))
            # Some statements come after all has been committed.
            sold = int(self.open()["pos.order"].browse(self.order_id).state == "done")
            self.assert_sold(sold)
        self.assertGreater(statements, 8 * STEP)
        self.assertTrue(sold)
