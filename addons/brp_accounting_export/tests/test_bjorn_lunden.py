from datetime import date

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from . import bjorn_lunden
from .common import DAY, AccountingExportCommon

KEY = "6f3c1a52-8f0e-4c57-9d64-5b1d0e9a7c21"


class BjornLundenCommon(AccountingExportCommon):
    """The company of the simulator, connected to it."""

    today = "2026-04-20"  # as Björn Lundén tells the date; None leaves its clock alone

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.connection._deactivate()
        cls.company.company_registry = "559999-9801"
        parameters = cls.env["ir.config_parameter"].sudo()
        parameters.set_param("brp_accounting_export.bjorn_lunden_client_id", "brp-sandbox")
        parameters.set_param("brp_accounting_export.bjorn_lunden_client_secret", "brp-sandbox-secret")
        cls.connection = cls.env["brp.connection"].search(
            [("provider", "=", "bjorn_lunden"), ("company_id", "=", cls.company.id)]
        )

    def setUp(self):
        super().setUp()
        self.start_service()

    def start_service(self):
        self.service = bjorn_lunden.start(**({"today": self.today} if self.today else {}))
        self.addCleanup(self.service.stop)
        self.env["ir.config_parameter"].sudo().set_param(
            "brp_accounting_export.bjorn_lunden_host", self.service.url
        )

    def activate(self):
        """Connect as the dialog does, with the accounts that it proposes."""
        connection = self.connection.sudo()
        connection.bjorn_lunden_key = KEY
        connection.accounting_start_date = date(2026, 4, 1)
        connection._prepare_mapping()
        connection._activate()

    def send(self):
        """Let the queue's job run."""
        with self.as_jobs() as env:
            env["brp.exchange"]._cron_send()

    def try_again(self):
        """Let the waiting time be over, and the job run."""
        self.env["brp.exchange"].sudo().search([("state", "=", "pending")]).next_attempt = "2026-04-01"
        self.connection.sudo().next_try = False
        self.send()

    def booked(self):
        """Return [{account: kronor}] of the vouchers that Björn Lundén has."""
        vouchers = []
        for voucher in self.service.vouchers(KEY):
            sums = {}
            for row in voucher["ledgerEntries"]:
                sums[row["accountId"]] = round(sums.get(row["accountId"], 0) + row["amount"], 2)
            vouchers.append(sums)
        return vouchers

    def booked_in_all(self):
        """Return {account: kronor} of all the vouchers together."""
        sums = {}
        for voucher in self.booked():
            for code, amount in voucher.items():
                sums[code] = round(sums.get(code, 0) + amount, 2)
        return sums

    def check_ledger(self, day):
        """Check that Björn Lundén has of each account what the ledger has of a day, row by row mapped."""
        lines = self.env["account.move.line"].search(
            [("company_id", "=", self.company.id), ("parent_state", "=", "posted"), ("date", "=", day)]
        )
        items = self.env["brp.accounting.item"].sudo().search([("move_line_id", "in", lines.ids)])
        codes = {item.move_line_id: item.line_id.code for item in items}
        here = {}
        for line in lines:
            code = codes.get(line)
            here[code] = round(here.get(code, 0) + line.balance, 2)
        self.assertEqual(
            {code: amount for code, amount in self.booked_in_all().items() if amount},
            {code: amount for code, amount in here.items() if amount},
        )


@tagged("post_install", "-at_install")
class TestActivate(BjornLundenCommon):
    """The dialog, from the public key to the active integration."""

    def start(self):
        action = self.connection.with_user(self.bookkeeper).action_activate()
        return self.env[action["res_model"]].with_user(self.bookkeeper).browse(action["res_id"])

    def test_from_key_to_active(self):
        wizard = self.start()
        wizard.action_next()
        self.assertEqual(wizard.step, "key")
        wizard.key = f" {KEY} "
        with self.assertRaisesRegex(UserError, "Verify the key first"):
            wizard.action_next()
        wizard.action_verify()
        self.assertEqual(
            (wizard.key_company, wizard.key_number), ("Sundby Aktivitetscenter AB", "559999-9801")
        )
        self.assertFalse(wizard.key_differs)
        wizard.action_next()
        wizard.start_date = DAY
        wizard.action_next()
        self.assertEqual(wizard.step, "payment_method")
        codes = {mapping.name: mapping.code for mapping in wizard.mapping_ids}
        self.assertEqual((codes["Kassa"], codes["Kort"], codes["Swish"]), ("1910", "1581", "1582"))
        # Björn Lundén's own name of it, before anybody has left the step.
        names = {mapping.code: mapping.code_name for mapping in wizard.mapping_ids}
        self.assertEqual(names["1910"], "Kassa")
        wizard.mapping_ids.filtered(lambda mapping: mapping.name == "Kort").code = "1999"
        with self.assertRaisesRegex(UserError, "Kort: there is no open account 1999 in Björn Lundén"):
            wizard.action_next()
        wizard.mapping_ids.filtered(lambda mapping: mapping.name == "Kort").code = "1580"
        wizard.action_next()
        # The company's own VAT accounts in Björn Lundén, not those that are usual.
        codes = {mapping.rate: mapping.code for mapping in wizard.mapping_ids}
        self.assertEqual((codes["25"], codes["12"], codes["6"]), ("2610", "2620", "2630"))
        wizard.action_next()
        codes = {mapping.name: mapping.code for mapping in wizard.mapping_ids}
        self.assertEqual((codes["Gym, 25 %"], codes["Gym, 6 %"]), ("3001", "3003"))
        wizard.action_next()
        codes = {mapping.name: mapping.code for mapping in wizard.mapping_ids}
        self.assertEqual((codes["Tips"], codes["Gift cards"], codes["Rounding"]), ("2820", "2421", "3740"))
        self.assertEqual(self.connection.state, "new")
        wizard.action_next()
        self.assertEqual((wizard.step, self.connection.state), ("done", "active"))
        self.assertEqual(self.connection.responsible_id, self.bookkeeper)
        self.assertEqual(self.connection.bjorn_lunden_company, "Sundby Aktivitetscenter AB")

    def test_a_key_that_is_not_connected(self):
        wizard = self.start()
        wizard.key = "00000000-0000-4000-8000-000000000000"
        with self.assertRaisesRegex(UserError, "does not know the key"):
            wizard.action_verify()
        wizard.key = ""
        with self.assertRaisesRegex(UserError, "Paste the public key"):
            wizard.action_verify()

    def test_another_companys_key(self):
        self.company.company_registry = "556000-4615"
        wizard = self.start()
        wizard.action_next()
        wizard.key = KEY
        wizard.action_verify()
        self.assertTrue(wizard.key_differs)
        with self.assertRaisesRegex(UserError, r"559999-9801\), which is not the organisation number"):
            wizard.action_next()
        wizard.key_accepted = True
        wizard.action_next()
        self.assertEqual(wizard.step, "start")

    def test_without_the_integrators_access(self):
        self.env["ir.config_parameter"].sudo().set_param(
            "brp_accounting_export.bjorn_lunden_client_secret", False
        )
        wizard = self.start()
        wizard.key = KEY
        with self.assertRaisesRegex(UserError, "client id and secret are missing"):
            wizard.action_verify()

    def test_nobody_answers(self):
        self.service.stop()
        wizard = self.start()
        wizard.key = KEY
        with self.assertRaisesRegex(UserError, "cannot be reached"):
            wizard.action_verify()

    def test_two_exports_of_the_same_day(self):
        sie = self.env["brp.connection"].search(
            [("provider", "=", "sie"), ("company_id", "=", self.company.id)]
        )
        sie._activate()
        with self.assertRaisesRegex(UserError, "SIE is active already"):
            self.connection._check_start_date(DAY)
        # The other one may have been activated while this one's dialog was open.
        self.connection.accounting_start_date = DAY
        with self.assertRaisesRegex(UserError, "SIE is active already"):
            self.connection.sudo()._activate()
        self.sell({25: 100}, DAY)
        sie.sudo()._close_days(DAY)
        sie._deactivate()
        with self.assertRaisesRegex(UserError, "SIE has exported the days until 2026-04-15"):
            self.connection._check_start_date(DAY)
        self.connection._check_start_date(date(2026, 4, 16))

    def test_activated_again_goes_on_where_it_stopped(self):
        self.assertEqual(self.start().start_date, date(2026, 4, 20))
        self.activate()
        self.sell({25: 100}, DAY)
        self.connection.sudo()._close_days(DAY)
        self.connection._deactivate()
        self.assertEqual(self.start().start_date, date(2026, 4, 16))

    def test_journals_and_series_are_chosen_in_the_dialog(self):
        wizard = self.start()
        usual = self.connection._get_usual_journals()
        self.assertEqual(wizard.journal_ids, usual)
        self.assertNotIn("purchase", usual.mapped("type"))
        wizard.series = "Q"
        wizard.journal_ids -= self.card
        self.assertEqual(self.connection.accounting_series, "Q")
        self.assertEqual(self.connection._get_accounting_journals(), usual - self.card)
        wizard.journal_ids = usual
        self.assertFalse(self.connection.sudo().accounting_journal_ids)
        with self.assertRaisesRegex(UserError, "at least one journal"):
            wizard.journal_ids = False

    def test_a_start_that_has_no_financial_year_there(self):
        self.connection.sudo().bjorn_lunden_key = KEY
        self.connection._check_start_date(DAY)
        with self.assertRaisesRegex(UserError, "2019-01-01"):
            self.connection._check_start_date(date(2019, 1, 1))

    def test_numbers_typed_in_the_settings(self):
        self.activate()
        connection = self.connection.with_user(self.bookkeeper)
        mapping = connection.accounting_mapping_ids.filtered(lambda one: one.name == "Kassa")
        with self.assertRaisesRegex(UserError, "Kassa: there is no open account 9999 in Björn Lundén"):
            connection.accounting_mapping_ids = [Command.update(mapping.id, {"code": "9999"})]
        connection.accounting_mapping_ids = [Command.update(mapping.id, {"code": "19 30"})]
        self.assertEqual((mapping.code, mapping.code_name), ("1930", "Företagskonto"))
        self.service.stop()
        # Without an answer it is kept; it is asked about before a voucher is sent.
        connection.accounting_mapping_ids = [Command.update(mapping.id, {"code": "1940"})]
        self.assertEqual((mapping.code, mapping.code_name), ("1940", False))

    def test_what_is_missing_is_an_activity_until_it_is_filled_in(self):
        self.activate()
        connection = self.connection.sudo()
        connection.responsible_id = self.bookkeeper
        self.products[25].categ_id = self.env["product.category"].create({"name": "Kajak"})
        connection._note_new_keys()
        self.assertIn("Kajak", "".join(connection.activity_ids.mapped("note")))
        for mapping in connection.accounting_mapping_ids:
            mapping.code = mapping.code or "3001"
        self.assertFalse(connection.activity_ids)

    def make_account(self, code, name, kind="asset_current"):
        Account = self.env["account.account"]
        return Account.search([("code", "=", code), ("company_ids", "=", self.company.id)]) or Account.create(
            {"code": code, "name": name, "account_type": kind, "company_ids": [self.company.id]}
        )

    def book(self, debit, credit, amount=100):
        move = self.env["account.move"].create(
            {
                "date": DAY,
                "journal_id": self.company_data["default_journal_misc"].id,
                "line_ids": [
                    Command.create({"account_id": debit.id, "debit": amount}),
                    Command.create({"account_id": credit.id, "credit": amount}),
                ],
            }
        )
        move.action_post()
        return move

    def test_a_new_account_is_proposed_and_used_when_somebody_says_so(self):
        self.activate()
        connection = self.connection.sudo()
        klarna = self.make_account("1583", "Klarna")
        fees = self.make_account("6064", "Fees", "expense")
        unknown = self.make_account("6099", "Other Fees", "expense")
        self.book(fees, klarna)
        self.book(unknown, klarna)
        # The day is held: nothing goes to a number that nobody has looked at.
        self.assertFalse(connection._close_days(DAY))
        rows = {mapping.account_id: mapping for mapping in connection.accounting_mapping_ids}
        self.assertEqual(
            [(rows[account].code, rows[account].proposal) for account in (klarna, fees, unknown)],
            [("", "1583 Fordran Klarna"), ("", "6064 Avgifter Klarna"), ("", "")],
        )
        self.assertEqual(connection.accounting_proposal_count, 2)
        connection.with_user(self.bookkeeper).action_use_proposals()
        self.assertEqual(
            [(rows[account].code, rows[account].code_name) for account in (klarna, fees, unknown)],
            [("1583", "Fordran Klarna"), ("6064", "Avgifter Klarna"), ("", False)],
        )
        connection.invalidate_recordset()
        self.assertFalse(connection.accounting_proposal_count)
        rows[unknown].code = "6064"
        self.assertEqual(self.rows(connection._close_days(DAY)), {"6064": 200, "1583": -200})

    def test_a_proposal_of_an_account_that_has_been_closed_there(self):
        self.activate()
        connection = self.connection.sudo()
        self.book(self.make_account("6064", "Fees", "expense"), self.card.default_account_id)
        connection._close_days(DAY)
        row = connection.accounting_mapping_ids.filtered("proposal")
        self.service.close_account(KEY, "6064")
        with self.assertRaisesRegex(UserError, "there is no open account 6064"):
            row.with_user(self.bookkeeper).action_use_proposal()

    def test_what_could_not_be_asked_is_proposed_the_next_day(self):
        self.activate()
        connection = self.connection.sudo()
        self.book(self.make_account("6064", "Fees", "expense"), self.card.default_account_id)
        self.service.stop()
        connection._close_days(DAY)
        self.assertFalse(connection.accounting_proposal_count)
        self.start_service()
        connection._note_new_keys()
        self.assertEqual(connection.accounting_mapping_ids.filtered("proposal").proposed_code, "6064")

    def test_the_key_is_for_system_administrators(self):
        self.activate()
        with self.assertRaises(AccessError):
            self.connection.with_user(self.bookkeeper).read(["bjorn_lunden_key"])


@tagged("post_install", "-at_install")
class TestSend(BjornLundenCommon):
    """Vouchers get there, once, and what is wrong is told so that a bookkeeper can act on it."""

    def setUp(self):
        super().setUp()
        self.activate()
        move = self.sell({25: 1000, 12: 500, 6: 200})
        self.pay(move, self.card)
        self.vouchers = self.connection.sudo()._close_days(DAY)

    def exchanges(self):
        return self.env["brp.exchange"].search(
            [("connection_id", "=", self.connection.id), ("operation", "=", "bl_voucher")], order="id"
        )

    def test_sent(self):
        self.send()
        self.assertEqual(self.vouchers.mapped("state"), ["exported", "exported"])
        self.assertEqual(self.vouchers.mapped("number"), ["1", "2"])
        self.assertEqual(
            self.booked(),
            [
                {
                    "1510": 2022,
                    "3001": -1000,
                    "3002": -500,
                    "3003": -200,
                    "2610": -250,
                    "2620": -60,
                    "2630": -12,
                },
                {"1581": 2022, "1510": -2022},
            ],
        )
        self.assertIn(self.vouchers[0].token, self.service.vouchers(KEY)[0]["journalEntryText"])

    def test_no_answer_though_it_was_booked(self):
        self.service.misbehave({"fault": "close", "when": "after", "method": "POST", "path": "*/journal"})
        self.send()
        self.assertEqual(self.vouchers.mapped("state"), ["waiting", "waiting"])
        self.assertEqual(len(self.booked()), 1)
        self.try_again()
        self.assertEqual(self.vouchers.mapped("state"), ["exported", "exported"])
        self.assertEqual((len(self.booked()), self.service.duplicates), (2, []))

    def test_an_account_closed_there(self):
        self.service.close_account(KEY, "3002")
        self.send()
        self.assertEqual(self.vouchers.mapped("state"), ["problem", "exported"])
        problem = self.connection.problem
        self.assertIn("uses accounts that Björn Lundén does not have or has closed: 3002", problem)
        self.set_code(f"group:{self.group.id}:12", "3009")
        self.set_code(f"group:{self.group.id}:12", "3004")
        self.send()
        self.assertEqual(self.vouchers.mapped("state"), ["exported", "exported"])
        self.assertEqual(self.booked()[1]["3004"], -500)
        self.assertFalse(self.connection.problem)

    def test_a_series_that_is_not_there(self):
        self.connection.accounting_series = "Q"
        self.sell({25: 80}, date(2026, 4, 16))
        made = self.connection.sudo()._close_days(date(2026, 4, 16))
        self.send()
        # Those that wait have the series that is chosen now, whenever they were made.
        self.assertEqual((made + self.vouchers).mapped("state"), ["problem"] * 3)
        self.assertIn("does not have the account, series", self.connection.problem)
        self.connection.accounting_series = "K"
        self.send()
        self.assertEqual((made + self.vouchers).mapped("state"), ["exported"] * 3)
        self.assertEqual({voucher["journalId"] for voucher in self.service.vouchers(KEY)}, {"K"})

    def test_a_project_that_is_not_there(self):
        plan = self.env["account.analytic.plan"].create({"name": "Camps"})
        camp = self.env["account.analytic.account"].create({"name": "Summer", "plan_id": plan.id})
        dimension = self.env["brp.accounting.dimension"].create(
            {
                "connection_id": self.connection.id,
                "analytic_account_id": camp.id,
                "kind": "project",
                "code": "SOMMAR",
            }
        )
        move = self.sell({25: 80}, date(2026, 4, 16))
        move.button_draft()
        move.invoice_line_ids.analytic_distribution = {str(camp.id): 100}
        move.action_post()
        voucher = self.connection.sudo()._close_days(date(2026, 4, 16))
        self.send()
        self.assertEqual(voucher.state, "problem")
        self.service.company(KEY).put("projects", {"id": "S26"}, self.service.entity())
        dimension.code = "S26"
        self.send()
        self.assertEqual(voucher.state, "exported")
        rows = self.service.vouchers(KEY)[-1]["ledgerEntries"]
        self.assertEqual([row["accountId"] for row in rows if row.get("projectId") == "S26"], ["3001"])

    def test_refused_and_exported_again(self):
        self.service.lock_period(KEY, "202604")
        self.send()
        self.service.lock_period(KEY, "202604", False)
        gone, made = self.connection.sudo()._export_anew(DAY)
        self.assertFalse(gone)
        self.assertEqual(self.vouchers.mapped("state"), ["withdrawn", "withdrawn"])
        self.send()
        self.assertEqual(made.mapped("state"), ["exported", "exported"])
        self.assertEqual(len(self.booked()), 2)
        self.assertFalse(self.connection.problem)

    def test_exported_again_though_it_was_booked_unheard(self):
        self.service.misbehave({"fault": "close", "when": "after", "method": "POST", "path": "*/journal"})
        self.send()
        _gone, made = self.connection.sudo()._export_anew(DAY)
        # The first is there and is found; the second had never been sent.
        self.assertEqual(made.kind, "bank")
        self.try_again()
        self.assertEqual((self.vouchers[0] + made).mapped("state"), ["exported", "exported"])
        self.assertEqual((len(self.booked()), self.service.duplicates), (2, []))

    def test_a_correction_names_what_it_corrects(self):
        self.send()
        move = self.vouchers[0].line_ids.item_ids.move_id
        self.env["account.move.line"].search([("move_id", "in", move.ids)]).remove_move_reconcile()
        self.change_price(move, 900)
        correction = self.connection.sudo()._close_days(DAY)
        self.assertEqual(correction.text, "Correction of K1: Sales 2026-04-15")
        self.send()
        self.assertEqual(correction.display_name, "K 3 Correction of K1: Sales 2026-04-15")

    def test_the_dialog_tells_what_it_did(self):
        self.set_code(f"group:{self.group.id}:12", False)
        self.sell({12: 100}, date(2026, 4, 16))
        self.sell({25: 80}, date(2026, 4, 17))

        def export():
            form = Form(
                self.env["brp.accounting.export.now"]
                .with_user(self.bookkeeper)
                .with_context(default_connection_id=self.connection.id)
            )
            self.assertEqual(form.until, date(2026, 4, 20))
            params = form.save().action_export()["params"]
            return params["type"], params["message"]

        held = "Held days, which are not exported: 1. See what is missing."
        self.assertEqual(export(), ("warning", f"Vouchers on their way: 1. {held}"))
        self.assertEqual(export(), ("warning", held))
        self.set_code(f"group:{self.group.id}:12", "3002")
        self.assertEqual(export(), ("success", "Vouchers on their way: 1."))
        self.assertEqual(export(), ("info", "There was nothing new to export."))

    def test_given_up(self):
        self.exchanges()[0].action_give_up()
        self.send()
        self.assertEqual(self.vouchers.mapped("state"), ["problem", "exported"])
        self.assertEqual(self.vouchers.day_id.export_state, "problem")

    def test_what_has_been_taken_back_is_not_sent(self):
        _gone, made = self.connection.sudo()._export_anew(DAY)
        self.assertEqual(self.vouchers.mapped("state"), ["withdrawn", "withdrawn"])
        taken_back = self.exchanges().filtered(lambda exchange: exchange.res_id in self.vouchers.ids)
        taken_back.action_retry()
        self.send()
        self.assertEqual(made.mapped("state"), ["exported", "exported"])
        self.assertEqual(len(self.booked()), 2)
        self.assertIn("has been taken back", taken_back[0].error)
        taken_back.action_give_up()
        self.assertEqual(self.vouchers.mapped("state"), ["withdrawn", "withdrawn"])
        self.assertFalse(self.connection.problem)

    def test_a_waiting_correction_undoes_what_is_there_whatever_account_is_chosen_since(self):
        self.send()
        self.set_code(f"group:{self.group.id}:25", "3004")
        _gone, made = self.connection.sudo()._export_anew(DAY)
        # Any number that is filled in has what waits look at the settings again.
        self.set_code("event:tip", "2821")
        self.set_code(f"group:{self.group.id}:25", "3009")
        self.set_code(f"group:{self.group.id}:25", "3003")
        self.assertEqual(self.rows(made), {"3001": 1000, "3003": -1000})
        self.send()
        self.assertEqual(self.booked()[2], {"3001": 1000, "3003": -1000})

    def test_a_waiting_correction_of_a_waiting_voucher_follows_it(self):
        move = self.vouchers[0].line_ids.item_ids.move_id
        self.service.close_account(KEY, "3001")
        self.send()
        move.button_draft()
        move.invoice_line_ids[0].price_unit = 900
        move.action_post()
        correction = self.connection.sudo()._close_days(DAY)
        self.send()
        self.assertEqual((self.vouchers[0] + correction).mapped("state"), ["problem", "problem"])
        self.set_code(f"group:{self.group.id}:25", "3004")
        self.send()
        self.assertEqual((self.vouchers[0] + correction).mapped("state"), ["exported", "exported"])
        self.assertEqual(self.rows(correction)["3004"], 100)

    def test_a_waiting_correction_undoes_the_cost_centre_that_is_there(self):
        plan = self.env["account.analytic.plan"].create({"name": "Places"})
        hall = self.env["account.analytic.account"].create({"name": "Hall", "plan_id": plan.id})
        dimension = self.env["brp.accounting.dimension"].create(
            {"connection_id": self.connection.id, "analytic_account_id": hall.id, "code": "H"}
        )
        move = self.sell({25: 80}, date(2026, 4, 16))
        move.button_draft()
        move.invoice_line_ids.analytic_distribution = {str(hall.id): 100}
        move.action_post()
        first = self.connection.sudo()._close_days(date(2026, 4, 16))
        first._note_exported()
        move.button_draft()
        correction = self.connection.sudo()._close_days(date(2026, 4, 16))
        dimension.code = "H2"
        self.assertEqual(set(correction.line_ids.mapped("cost_centre")) - {False}, {"H"})

    def test_what_left_nothing_to_book_is_not_gone(self):
        move = self.sell({25: 80}, date(2026, 4, 16))
        move._reverse_moves([{"invoice_date": move.date, "date": move.date}]).action_post()
        voucher = self.connection.sudo()._close_days(date(2026, 4, 16))
        self.send()
        self.assertEqual((voucher.state, len(self.booked())), ("exported", 2))
        gone, made = self.connection.sudo()._export_anew(DAY)
        self.assertFalse(gone + made)

    def test_looking_for_many_takes_few_calls(self):
        for number in range(20):
            self.sell({25: 80 + number}, date(2026, 4, 16 + number % 3))
        self.connection.accounting_per = "document"
        self.connection.sudo()._close_days(date(2026, 4, 18))
        self.send()
        before = len(self.service.calls)
        self.assertFalse(self.connection._find_gone(self.connection.sudo().accounting_day_ids.voucher_ids))
        # A token and a list.
        self.assertLessEqual(len(self.service.calls) - before, 2)

    def test_a_locked_period(self):
        self.service.lock_period(KEY, "202604")
        self.send()
        self.assertEqual(self.vouchers.mapped("state"), ["problem", "problem"])
        self.assertIn("books are closed for that date", self.connection.problem)
        self.service.lock_period(KEY, "202604", False)
        self.exchanges().action_retry()
        self.send()
        self.assertEqual(self.vouchers.mapped("state"), ["exported", "exported"])
        self.assertFalse(self.connection.problem)

    def test_what_the_errors_mean(self):
        expected = {
            "JOURNAL_SERIES_NOT_FOUND": ("blocked", "does not have the account, series"),
            "FINANCIAL_YEAR_IS_CLOSED": ("blocked", "books are closed for that date"),
            "JOURNAL_ENTRY_NOT_IN_BALANCE": ("failed", "did not accept the voucher"),
            "DATABASE_LOCKED_OR_HIDDEN": ("pending", "could not do it now"),
            "JOURNAL_ENTRY_ALREADY_EXISTS": ("pending", "has the voucher already"),
        }
        exchange = self.exchanges()[0]
        self.exchanges()[1].action_give_up()
        for code, (state, words) in expected.items():
            with self.subTest(code):
                self.service.misbehave(
                    {"fault": "error", "exception_id": code, "method": "POST", "path": "*/journal"},
                    clear=True,
                )
                exchange.sudo()._retry()
                self.try_again()
                self.assertEqual((exchange.state, exchange.error_code), (state, code))
                self.assertIn(words, exchange.error)
        self.assertEqual(self.booked(), [])

    def test_switched_off_there(self):
        self.service.disconnect(KEY)
        self.send()
        self.assertEqual(self.connection.state, "paused")
        self.assertIn("no longer knows the integration", self.connection.problem)
        self.assertEqual(self.booked(), [])
        self.service.connect(KEY)
        self.connection.action_resume()
        self.assertFalse(self.connection.problem)
        self.try_again()
        self.assertEqual(self.vouchers.mapped("state"), ["exported", "exported"])

    def test_switched_off_is_noticed_without_sending(self):
        self.send()
        self.service.disconnect(KEY)
        self.connection.sudo()._close_by_itself()
        self.assertEqual(self.connection.state, "paused")
        self.assertIn("switched off in Björn Lundén", self.connection.problem)

    def test_deleted_there_and_exported_again(self):
        self.send()
        company = self.service.company(KEY)
        self.service.take_back(company, company.vouchers[-1])
        gone, made = self.connection.sudo()._export_anew(DAY)
        self.assertEqual(gone, self.vouchers[1])
        self.assertEqual(self.vouchers.mapped("state"), ["exported", "withdrawn"])
        self.send()
        self.assertEqual((made.kind, made.state), ("bank", "exported"))
        self.assertEqual(self.booked()[1], {"1581": 2022, "1510": -2022})

    def test_another_account_from_a_date_on(self):
        self.send()
        self.set_code(f"group:{self.group.id}:25", "3004")
        self.assertFalse(self.connection.sudo()._close_days(DAY))
        _gone, made = self.connection.sudo()._export_anew(DAY)
        self.assertEqual(self.rows(made), {"3001": 1000, "3004": -1000})
        self.assertEqual(made.corrects_ids, self.vouchers[0])
        self.send()
        self.assertEqual(self.booked()[2], {"3001": 1000, "3004": -1000})

    def test_secrets_are_not_in_the_exchanges(self):
        self.send()
        for exchange in self.exchanges():
            text = f"{exchange.request} {exchange.answer}"
            self.assertIn("ledgerEntries", text)
            self.assertNotIn(KEY, text)
            self.assertNotIn("brp-sandbox-secret", text)
