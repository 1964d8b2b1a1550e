import os
import signal
import subprocess
import sys
from datetime import date

import psycopg2

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import config, mute_logger

from .bank_files import payment_report

COUNT = 40
BANKGIRO = "5812300"

# Books what is running, five rows to a transaction, and says so after each commit.
BOOKS = """
import sys
import odoo
from odoo import SUPERUSER_ID, api
from odoo.modules.registry import Registry

odoo.tools.config.parse_config(sys.argv[2:], setup_logging=True)
registry = Registry(sys.argv[1])
from odoo.addons.brp_autogiro.models import brp_autogiro_report

while True:
    with registry.cursor() as cr:
        env = api.Environment(cr, SUPERUSER_ID, {})
        brp_autogiro_report._ROWS_PER_STEP = 5
        report = env["brp.autogiro.report"].search([("state", "=", "running")])
        if not report:
            break
        report._step()
    print("step", flush=True)
print("done", flush=True)
"""


@tagged("post_install", "-at_install")
class TestKilled(BaseCase):
    """A process that is killed while it books a report leaves nothing undone and nothing done twice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        with cls.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = env["res.company"].create({"name": "Killed AB", "country_id": env.ref("base.se").id})
            env = env(context={"allowed_company_ids": company.ids})
            company = company.with_env(env)
            env["account.chart.template"].try_loading("se", company=company, install_demo=False)
            company._set_up_autogiro()
            company.write({"autogiro_bankgiro": BANKGIRO, "autogiro_customer_number": "471117"})
            cls.company_id = company.id
            cls._collect(env)

    @classmethod
    def _collect(cls, env):
        partners = env["res.partner"].create([{"name": f"Killed {number}"} for number in range(COUNT)])
        env["brp.autogiro.mandate"].create(
            [
                {"partner_id": partner.id, "payer_number": str(number + 1), "state": "active"}
                for number, partner in enumerate(partners)
            ]
        )
        cls._make_invoices(env, partners, date(2036, 4, 28))
        batch = env["brp.autogiro.batch"].create({"payment_date": date(2036, 4, 28)})
        batch.action_select()
        batch.action_make_file()
        batch.action_mark_sent()
        cls.rows = [
            (payment.payer_number, round(payment.amount * 100), payment.reference, "0")
            for payment in batch.payment_ids
        ]

    @classmethod
    def _make_invoices(cls, env, partners, due):
        """Post an invoice per partner, the first over 100 kronor, each next one over 1 krona more."""
        moves = env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "invoice_date": date(2036, 4, 1),
                    "invoice_date_due": due,
                    "invoice_payment_term_id": False,
                    "preferred_payment_method_line_id": env.company.autogiro_method_line_id.id,
                    "invoice_line_ids": [
                        Command.create({"name": "Card", "price_unit": 100 + number, "tax_ids": False})
                    ],
                }
                for number, partner in enumerate(partners)
            ]
        )
        moves.action_post()
        return moves

    def _book_until_killed(self, steps):
        """Run the booking process, kill it after some commits; return whether it came to its end."""
        command = [sys.executable, "-c", BOOKS, get_db_name(), "-d", get_db_name(), "--no-http"]
        command += ["--log-level=error", f"--addons-path={','.join(config['addons_path'])}"]
        for option in ("db_host", "db_port", "db_user", "db_password"):
            if config[option]:
                command.append(f"--{option}={config[option]}")
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) as process:
            for number, line in enumerate(process.stdout, start=1):
                if line == "done\n":
                    process.wait(60)
                    return True
                if number == steps:
                    process.send_signal(signal.SIGKILL)
                    break
            process.wait(60)
        return False

    def test_two_people_list_the_same_invoice(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]})
            partner = env["res.partner"].create({"name": "Two"})
            env["brp.autogiro.mandate"].create(
                {"partner_id": partner.id, "payer_number": "9001", "state": "active"}
            )
            self._make_invoices(env, partner, date(2037, 4, 28))
        first, second = (self.registry.cursor() for _number in range(2))
        self.addCleanup(first.close)
        self.addCleanup(second.close)
        batches = []
        for cr in (first, second):
            env = api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]})
            batches.append(env["brp.autogiro.batch"].create({"payment_date": date(2037, 4, 28)}))
        batches[0].action_select()
        first.commit()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation):
            batches[1].action_select()
        second.rollback()
        batches[1] = batches[1].with_env(api.Environment(second, SUPERUSER_ID, batches[1].env.context))
        again = batches[1].create({"payment_date": date(2037, 4, 28)})
        again.action_select()
        self.assertEqual(again.payment_ids.reason, "in_batch")

    def test_two_people_take_the_same_payer_number(self):
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]})
            partner = env["res.partner"].create({"name": "Same"})
            numbers = {"payer_number": "196803059895", "holder_number": "196803059895"}
            mandate = {"partner_id": partner.id, "account_number": "8327000123456789", **numbers}
            mandates = env["brp.autogiro.mandate"].create([mandate, mandate])
        first, second = (self.registry.cursor() for _number in range(2))
        self.addCleanup(first.close)
        self.addCleanup(second.close)
        winner, loser = (
            mandate.with_env(api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]}))
            for mandate, cr in zip(mandates, (first, second), strict=True)
        )
        self.assertEqual(loser.state, "draft")  # what the second one sees is from before
        winner.action_request()
        first.commit()
        with (
            self.assertNoLogs(level="WARNING"),
            self.assertRaisesRegex(UserError, "has this payer number already") as caught,
        ):
            loser.action_request()
        self.assertNotIn("9895", str(caught.exception))

    def test_killed_again_and_again(self):
        file = payment_report(BANKGIRO, "20360428", self.rows)
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]})
            report, _known = env["brp.autogiro.report"]._read_file(file, "report.txt")
            report.write({"state": "running"})
        # In the middle of filling the entry, just after it was posted, in the middle of matching.
        for steps in (3, 6, 2, 4):
            self.assertFalse(self._book_until_killed(steps))
            with self.registry.cursor() as cr:
                env = api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]})
                self.assertTrue(env["brp.autogiro.report"]._read_file(file, "again.txt")[1])
        self.assertTrue(self._book_until_killed(0))
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [self.company_id]})
            report = env["brp.autogiro.report"].browse(report.id)
            clearing = env.company.autogiro_method_line_id.payment_account_id
            [(balance, count)] = env["account.move.line"]._read_group(
                [("account_id", "=", clearing.id), ("parent_state", "=", "posted")],
                [],
                ["balance:sum", "__count"],
            )
            # 100 + 101 + … + 139 kronor, in one entry with one item on the clearing account.
            self.assertEqual((balance, count), (4780, 1))
            self.assertEqual(report.state, "done")
            moves = env["account.move"].search(
                [("invoice_date_due", "=", date(2036, 4, 28)), ("company_id", "=", self.company_id)]
            )
            self.assertEqual(set(moves.mapped("payment_state")), {"paid"})
            self.assertEqual(set(moves.autogiro_payment_ids.mapped("state")), {"approved"})
