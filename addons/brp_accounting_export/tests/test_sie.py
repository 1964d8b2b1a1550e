import hashlib
import os
import tempfile
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from unittest.mock import patch

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, Form, HttpCase, freeze_time, get_db_name, new_test_user, tagged
from odoo.tools import mute_logger

from odoo.addons.brp_connector.tests.common import find_connection, load, make_company

from ..file_folder import FileFolder, HeldError
from .common import DAY, AccountingExportCommon

NEXT = DAY + timedelta(days=1)
NUMBER = "559999-0008"  # nobody's: the check digit fits


class SieCommon(AccountingExportCommon):
    """The company of the export's tests, with a SIE connection and a strict reader of what it makes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"name": "Sundby Gym & Bad AB", "company_registry": NUMBER, "vat": False})
        cls.File = cls.env["brp.accounting.file"]

    def read_file(self, file):
        """Return what a file says, refused if the format's description does not allow it."""
        return load("sie_reader").read(file._get_bytes())

    def export(self, start=None, until=date(2026, 4, 19), per="period"):
        return self.connection.sudo()._export_by_hand(start, until, per)

    def sums(self, read, vouchers=None):
        """Return {account: öre} of what has been read back."""
        sums = {}
        for voucher in read.vouchers if vouchers is None else vouchers:
            for row in voucher.rows:
                sums[row.account] = sums.get(row.account, 0) + row.amount
        return {account: amount for account, amount in sums.items() if amount}

    def ask(self, user=None, **values):
        """Return the dialog of a manual export as its user sees it."""
        form = Form(
            self.env["brp.accounting.sie.export"]
            .with_user(user or self.bookkeeper)
            .with_context(default_connection_id=self.connection.id)
        )
        for name, value in values.items():
            setattr(form, name, value)
        return form


@tagged("post_install", "-at_install")
class TestSie(SieCommon):
    """A file of vouchers, from the dialog to the bytes and back."""

    def test_a_day_to_the_byte(self):
        self.pay(self.sell({25: 1000, 12: 500, 6: 200}), self.card)
        file = self.export()
        read = self.read_file(file)
        self.assertEqual((read.name, read.org_number), ("Sundby Gym & Bad AB", NUMBER))
        self.assertEqual(read.program, ("BRP for Odoo", "19.0.1.0.0"))
        self.assertEqual((read.generated, read.flag, read.account_plan), (date(2026, 4, 20), 0, "EUBAS97"))
        self.assertEqual(read.years, {0: (date(2026, 1, 1), date(2026, 12, 31))})
        sale, bank = read.vouchers
        self.assertEqual((sale.series, sale.number, sale.date), ("K", "", DAY))
        # The database's own clock says when the vouchers were made.
        made = self.connection._get_swedish_date(file.voucher_ids[0].create_date)
        self.assertEqual({voucher.registered for voucher in read.vouchers}, {made})
        # 1 000 + 250, 500 + 60 and 200 + 12 kronor, in öre.
        self.assertEqual(
            self.sums(read, [sale]),
            {
                "1510": 202200,
                "3001": -100000,
                "3002": -50000,
                "3003": -20000,
                "2611": -25000,
                "2621": -6000,
                "2631": -1200,
            },
        )
        self.assertEqual(self.sums(read, [bank]), {"1581": 202200, "1510": -202200})
        self.assertTrue(file._get_bytes().startswith(b"#FLAGGA 0\r\n"))
        self.assertEqual(file.name, "sundby-gym-bad-ab_2026-04-15.si")
        self.assertEqual((file.voucher_count, file.amount, file.state), (2, 4044, "made"))
        self.assertEqual((file.date_from, file.date_to), (DAY, DAY))
        self.assertEqual(file.checksum, hashlib.sha256(file._get_bytes()).hexdigest())

    def test_vouchers_count_as_exported(self):
        self.sell({25: 100})
        file = self.export()
        voucher = file.voucher_ids
        self.assertEqual((voucher.state, voucher.number, voucher.series), ("exported", False, "K"))
        self.assertTrue(voucher.exported_on)
        self.assertEqual(voucher.day_id.export_state, "exported")
        [written] = self.read_file(file).vouchers
        self.assertEqual(written.text, f"Sales 2026-04-15 {voucher.token}")

    def test_files_equal_the_ledger(self):
        for day in range(6):
            move = self.sell({25: 99.99 + day, 12: 0.45, 6: 17.53}, DAY + timedelta(days=day - 3))
            self.pay(move, self.swish, DAY + timedelta(days=day - 3))
        files = self.export(until=NEXT) + self.export()
        sums = {}
        for file in files:
            read = self.read_file(file)
            self.assertEqual(sum(self.sums(read).values()), 0)
            for account, amount in self.sums(read).items():
                sums[account] = sums.get(account, 0) + amount
        lines = self.env["account.move.line"].search(
            [
                ("company_id", "=", self.company.id),
                ("parent_state", "=", "posted"),
                ("date", "<", "2026-04-20"),
            ]
        )
        ledger = {}
        for line in lines:
            code = {"3001": "3001", "3002": "3002", "3003": "3003"}.get(line.account_id.code)
            code = code or self._code_of(line)
            ledger[code] = ledger.get(code, 0) + round(line.balance * 100)
        self.assertEqual(
            {code: amount for code, amount in sums.items() if amount},
            {code: amount for code, amount in ledger.items() if amount},
        )

    def _code_of(self, line):
        """Return the number that the bookkeeper has chosen for an item, found without the export's query."""
        if line.tax_line_id:
            return {25: "2611", 12: "2621", 6: "2631"}[line.tax_line_id.amount]
        if line.account_id.account_type == "income":
            return {25: "3001", 12: "3002", 6: "3003"}[line.tax_ids.amount]
        return line.account_id.code

    def test_same_bytes_whatever_has_changed_since(self):
        self.sell({25: 100})
        file = self.export()
        before = file._get_bytes()
        self.company.name = "Another Name AB"
        self.connection.accounting_mapping_ids.filtered(lambda mapping: mapping.code == "3001").code = "3099"
        with freeze_time("2026-05-20 08:00:00"):
            self.env.invalidate_all()
            self.assertEqual(file._get_bytes(), before)
            action = file.action_download()
            self.assertEqual(
                action["url"],
                f"/web/content/brp.accounting.file/{file.id}/data?download=true"
                "&filename=sundby-gym-bad-ab_2026-04-15.si",
            )

    def test_the_same_vouchers_give_the_same_bytes(self):
        self.sell({25: 100, 12: 30})
        first = self.export()
        first._take_back(by_hand=True)
        self.assertEqual(self.export()._get_bytes(), first._get_bytes())

    def test_a_voucher_is_in_one_file(self):
        self.sell({25: 100})
        first = self.export()
        self.assertFalse(self.export())
        self.sell({25: 200}, NEXT)
        second = self.export()
        self.assertEqual(second.voucher_ids.mapped("amount"), [250])
        self.assertFalse(first.voucher_ids & second.voucher_ids)
        with self.assertRaisesRegex(UserError, "is in sundby-gym-bad-ab_2026-04-15.si already"):
            self.File._make(self.connection, first.voucher_ids)

    def test_later_sales_and_corrections_are_new_files(self):
        move = self.sell({25: 100})
        self.export()
        self.sell({25: 40})
        second = self.export()
        move.button_draft()
        move.invoice_line_ids.price_unit = 80
        move.action_post()
        third = self.export()
        self.assertEqual(
            (second + third).mapped("name"),
            ["sundby-gym-bad-ab_2026-04-15-2.si", "sundby-gym-bad-ab_2026-04-15-3.si"],
        )
        self.assertTrue(third.voucher_ids.correction)
        # 20 kronor less and 5 less in VAT.
        self.assertEqual(self.sums(self.read_file(third)), {"1510": -2500, "3001": 2000, "2611": 500})

    def test_a_file_per_day(self):
        for day in range(3):
            self.sell({25: 100 + day}, DAY + timedelta(days=day))
        files = self.export(per="day")
        self.assertEqual(
            files.mapped("name"), [f"sundby-gym-bad-ab_2026-04-{day}.si" for day in (15, 16, 17)]
        )
        self.assertEqual(files.mapped("amount"), [125, 126.25, 127.5])

    def test_a_period(self):
        for day in (date(2026, 4, 2), DAY, date(2026, 4, 18), date(2026, 4, 20)):
            self.sell({25: 100}, day)
        file = self.export(start=date(2026, 4, 3), until=date(2026, 4, 18))
        self.assertEqual(file.name, "sundby-gym-bad-ab_2026-04-15_2026-04-18.si")
        self.assertEqual(file.voucher_count, 2)
        # What is before the period waits; today is taken when asked for, the days to come are not.
        self.assertEqual(self.connection._find_unfiled().mapped("date"), [date(2026, 4, 2)])
        self.sell({25: 100}, date(2026, 4, 21))
        rest = self.export(until=date(2026, 12, 31))
        self.assertEqual(set(rest.voucher_ids.mapped("date")), {date(2026, 4, 20), date(2026, 4, 2)})

    def test_two_financial_years(self):
        self.connection.accounting_start_date = date(2025, 1, 1)
        self.company.write({"fiscalyear_last_month": "6", "fiscalyear_last_day": 30})
        self.sell({25: 100}, date(2025, 6, 30))
        self.sell({25: 100}, date(2025, 7, 1))
        read = self.read_file(self.export())
        self.assertEqual(
            read.years,
            {0: (date(2025, 7, 1), date(2026, 6, 30)), -1: (date(2024, 7, 1), date(2025, 6, 30))},
        )

    def test_swedish_letters_in_cp437(self):
        self.company.name = "Åkes Gård – Öl & Ärt’or AB"
        self.group.name = "Träning på gården"
        self.connection.accounting_mapping_ids.filtered(
            lambda mapping: mapping.code == "3001"
        ).code_name = "Försäljning, 25 % moms"
        self.sell({25: 100, 12: 100})
        file = self.export()
        data = file._get_bytes()
        self.assertIn(b'#FNAMN "\x8fkes G\x86rd - \x99l & \x8ert\'or AB"', data)
        self.assertIn(b'#KONTO 3001 "F\x94rs\x84ljning, 25 % moms"', data)
        self.assertEqual(file.name, "akes-gard-ol-artor-ab_2026-04-15.si")
        self.assertEqual(self.read_file(file).accounts["3002"], "Gym, 12 %")

    def test_account_names(self):
        names = {
            mapping.key: mapping.name
            for mapping in self.connection.accounting_mapping_ids.filtered(lambda mapping: mapping.code)
        }
        self.set_code(f"group:{self.group.id}:12", "3001")
        self.sell({25: 100, 12: 100})
        accounts = self.read_file(self.export()).accounts
        self.assertEqual(sorted(accounts), ["1510", "2611", "2621", "3001"])
        self.assertTrue(names["vat:sale:25"].startswith(accounts["2611"]))
        self.assertIn("Gym, 12 %", accounts["3001"])
        self.assertIn("Gym, 25 %", accounts["3001"])

    def test_an_account_that_lost_its_mapping_has_its_number_as_name(self):
        self.sell({25: 100})
        self.close()
        self.set_code("vat:sale:25", "2610")
        self.assertNotIn("2611", self.connection.accounting_mapping_ids.mapped("code"))
        self.assertEqual(self.read_file(self.export()).accounts["2611"], "2611")

    def test_cost_centres_and_projects(self):
        plan = self.env["account.analytic.plan"].create({"name": "Places"})
        north, south = self.env["account.analytic.account"].create(
            [{"name": name, "plan_id": plan.id} for name in ("Norra hallen", "Södra hallen")]
        )
        self.env["brp.accounting.dimension"].create(
            [
                {"connection_id": self.connection.id, "analytic_account_id": north.id, "code": "N1"},
                {
                    "connection_id": self.connection.id,
                    "analytic_account_id": south.id,
                    "code": "S7",
                    "kind": "project",
                },
            ]
        )
        move = self.sell({25: 100})
        move.button_draft()
        move.invoice_line_ids.analytic_distribution = {str(north.id): 70, str(south.id): 30}
        move.action_post()
        read = self.read_file(self.export())
        self.assertEqual(read.objects, {(1, "N1"): "Norra hallen", (6, "S7"): "Södra hallen"})
        [voucher] = read.vouchers
        self.assertEqual(
            sorted((row.amount, row.objects) for row in voucher.rows if row.account == "3001"),
            [(-7000, {1: "N1"}), (-3000, {6: "S7"})],
        )

    def test_organisation_number(self):
        self.company.write({"company_registry": False, "vat": "SE559999000801"})
        self.sell({25: 100})
        self.assertEqual(self.read_file(self.export()).org_number, NUMBER)
        self.company.vat = False
        self.sell({25: 100})
        self.assertEqual(self.read_file(self.export()).org_number, "")

    def test_a_wrong_organisation_number_stops_all(self):
        self.company.company_registry = "559999-0007"
        self.sell({25: 100})
        wrong = "last digit(.|\n)*Correct the company ID"
        with self.assertRaisesRegex(UserError, wrong) as caught, self.env.cr.savepoint():
            self.export()
        self.assertNotIn("0007", str(caught.exception))
        self.assertFalse(self.File.search([]))
        self.assertFalse(self.connection.accounting_day_ids)

    def test_no_company_name(self):
        self.company.name = "#"
        self.sell({25: 100})
        with self.assertRaisesRegex(UserError, "The company has no name. Fill in the company's name"):
            self.export()

    def test_years_that_do_not_follow(self):
        years = {2025: date(2025, 11, 30), 2026: date(2026, 12, 31)}
        self.connection.accounting_start_date = date(2025, 1, 1)
        self.sell({25: 100}, date(2025, 11, 1))
        self.sell({25: 100})
        wrong = "begins on 2026-01-01 does not follow(.|\n)*Correct the last day"
        with (
            patch.object(
                type(self.company),
                "compute_fiscalyear_dates",
                lambda company, day: {"date_from": date(day.year, 1, 1), "date_to": years[day.year]},
            ),
            self.assertRaisesRegex(UserError, wrong),
        ):
            self.export()

    def test_errors_in_the_users_language_name_the_voucher(self):
        self.env["res.lang"]._activate_lang("sv_SE")
        self.sell({25: 100})
        voucher = self.close()
        voucher.series = "KA"
        with self.assertRaisesRegex(UserError, "2026-04-15: Serien ”KA” är inte en bokstav A–Z"):
            self.connection.with_context(lang="sv_SE").sudo()._export_by_hand(None, DAY, "period")

    def test_nothing_to_book_needs_no_file(self):
        move = self.sell({25: 100})
        move._reverse_moves([{"invoice_date": DAY, "date": DAY}]).action_post()
        self.assertFalse(self.export())
        self.assertEqual(self.connection.accounting_day_ids.voucher_ids.state, "exported")

    # === DIALOG === #

    def test_the_dialog(self):
        self.set_code(f"group:{self.group.id}:12", False)
        self.sell({25: 100}, DAY)
        self.sell({25: 40, 6: 100}, date(2026, 4, 20))
        self.sell({12: 100}, NEXT)
        action = self.connection.with_user(self.bookkeeper).action_manual_export()
        self.assertEqual(action["res_model"], "brp.accounting.sie.export")
        with self.enter_registry_test_mode():
            form = self.ask(per="period")
            self.assertEqual(form.date_from, date(2026, 4, 1))
            # 125, and 50 + 106 kronor.
            self.assertEqual((form.voucher_count, form.amount), (2, 281))
            self.assertEqual(form.held, "2026-04-16: An account number is missing for: Gym, 12 %.")
            form.date_to = date(2026, 4, 19)
            self.assertEqual((form.voucher_count, form.amount), (1, 125))
            form.date_from = NEXT
            self.assertEqual((form.voucher_count, form.amount), (0, 0))
            form.date_from = False
            self.assertFalse(self.File.search([]), "a preview makes nothing")
            self.assertFalse(self.connection.accounting_day_ids)
            action = form.save().action_export()
        file = self.File.search([])
        self.assertEqual((file.voucher_count, file.amount, file.user_id), (1, 125, self.bookkeeper))
        self.assertEqual(action["type"], "ir.actions.act_url")
        self.assertIn(f"/{file.id}/data?download=true", action["url"])

    def test_the_dialog_shows_what_is_wrong(self):
        self.company.company_registry = "12"
        self.sell({25: 100})
        with self.enter_registry_test_mode():
            form = self.ask()
            self.assertIn("An organisation number has ten digits", form.problem)
            with self.assertRaisesRegex(UserError, "ten digits"):
                form.save().action_export()

    def test_the_dialog_with_several_files_shows_them(self):
        self.sell({25: 100})
        self.sell({25: 100}, NEXT)
        with self.enter_registry_test_mode():
            form = self.ask()
            self.assertEqual((form.per, form.file_count), ("day", 2))
            action = form.save().action_export()
        self.assertEqual(action["domain"], [("id", "in", self.File.search([], order="id").ids)])

    def test_nothing_new(self):
        with self.enter_registry_test_mode():
            form = self.ask()
            self.assertEqual(form.voucher_count, 0)
            action = form.save().action_export()
        self.assertEqual(action["params"]["message"], "There is nothing new to export in this period.")
        self.assertFalse(self.File.search([]))

    def test_nothing_new_tells_of_held_days(self):
        self.set_code(f"group:{self.group.id}:12", False)
        self.sell({12: 100})
        with self.enter_registry_test_mode():
            action = self.ask().save().action_export()
        self.assertIn("2026-04-15: An account number is missing", action["params"]["message"])

    # === TAKING BACK === #

    def test_take_back(self):
        self.sell({25: 100})
        first = self.export()
        vouchers = first.voucher_ids
        first.with_user(self.bookkeeper).action_take_back()
        self.assertEqual(first.state, "withdrawn")
        self.assertEqual(
            (vouchers.state, vouchers.exported_on, vouchers.file_id.id), ("waiting", False, False)
        )
        self.assertEqual(first.withdrawn_voucher_ids, vouchers)
        self.assertIn("its 1 vouchers wait", first.message_ids[0].body)
        self.assertEqual(first.message_ids[0].author_id, self.bookkeeper.partner_id)
        with self.assertRaisesRegex(UserError, "has been taken back"):
            first.action_download()
        with self.assertRaisesRegex(UserError, "has been taken back already"):
            first.with_user(self.bookkeeper).action_take_back()
        second = self.export()
        self.assertEqual((second.voucher_ids, second.name), (vouchers, "sundby-gym-bad-ab_2026-04-15-2.si"))
        self.assertEqual(vouchers.state, "exported")

    def test_files_and_their_vouchers_are_kept(self):
        self.sell({25: 100})
        file = self.export()
        with self.assertRaisesRegex(UserError, "SIE files are kept"):
            file.unlink()

    # === RIGHTS === #

    def test_who_may_what(self):
        self.sell({25: 100})
        file = self.export()
        clerk, reader, outsider, looker = (
            self.make_user(f"sie_{name}", groups)
            for name, groups in (
                ("clerk", "account.group_account_invoice"),
                ("reader", "account.group_account_readonly"),
                ("outsider", "base.group_user"),
                ("looker", "brp_connector.group_connector_user"),
            )
        )
        for user in (clerk, reader):
            self.assertTrue(file.with_user(user).data)
            with self.assertRaisesRegex(AccessError, "look after integrations"):
                file.with_user(user).action_take_back()
            with self.assertRaises(AccessError):
                file.with_user(user).write({"state": "made"})
            with self.assertRaises(AccessError):
                self.ask(user)
        for user in (outsider, looker):
            with self.assertRaises(AccessError):
                file.with_user(user).read(["data"])
            with self.assertRaises(AccessError):
                file.with_user(user).action_take_back()
        with self.assertRaises(AccessError):
            self.ask(looker)
        attachment = self._attachment(file)
        for user in (clerk, self.bookkeeper):
            with self.assertRaises(AccessError):
                attachment.with_user(user).write({"raw": b"#FLAGGA 1"})
            with self.assertRaises(AccessError):
                attachment.with_user(user).unlink()

    def test_another_company(self):
        self.sell({25: 100})
        file = self.export()
        other = self.setup_other_company(name="Norrby Gym AB")["company"]
        user = self.make_user("sie_other", "account.group_account_manager", other)
        for record in (file, self._attachment(file)):
            with self.assertRaises(AccessError):
                record.with_user(user).read(["name"])
        self.assertFalse(self.File.with_user(user).search([]))
        with self.assertRaises(AccessError):
            file.with_user(user).action_take_back()
        with self.assertRaises(AccessError):
            self.ask(user)
        # Both companies of one user: each has its own.
        theirs = find_connection(other, "sie")
        theirs.accounting_start_date = date(2026, 4, 1)
        theirs._activate()
        self.assertFalse(theirs.sudo()._export_by_hand(None, date(2026, 4, 20), "period"))

    def _attachment(self, file):
        return self.env["ir.attachment"].search(
            [("res_model", "=", file._name), ("res_id", "=", file.id), ("res_field", "=", "data")]
        )

    def test_views(self):
        self.sell({25: 100})
        file = self.export()
        with Form(file.with_user(self.bookkeeper)) as form:
            self.assertEqual(form.name, file.name)
        self.assertEqual(self.connection.sie_file_count, 1)
        connection = self.connection.with_user(self.bookkeeper)
        self.assertEqual(connection.action_view_files()["domain"], [("connection_id", "=", connection.id)])
        self.assertEqual(file.action_view_vouchers()["domain"], [("id", "in", file.voucher_ids.ids)])
        self.assertIn("no folder on the server", connection.action_test()["params"]["message"])


@tagged("post_install", "-at_install")
class TestSieFolder(SieCommon):
    """Each day's file is left in the folder once, whatever happens on the way."""

    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        self.env["ir.config_parameter"].sudo().set_param(
            "brp_accounting_export.sie_directory", directory.name
        )
        self.env.invalidate_all()
        self.folder = self.directory / self.connection.sie_subfolder

    def there(self):
        """Return the names of the files that the accounting program sees."""
        return sorted(path.name for path in self.folder.glob("*.si"))

    def send(self):
        with self.enter_registry_test_mode():
            self.env.ref("brp_connector.ir_cron_send").method_direct_trigger()

    @contextmanager
    def attempt(self):
        """Claim the next exchange and let the caller do with it what a process might that is killed later."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            exchange, look_up = api.Environment(cr, SUPERUSER_ID, {})["brp.exchange"]._claim()
            yield exchange, look_up

    def test_each_closed_day(self):
        self.sell({25: 100})
        self.sell({25: 200}, NEXT)
        self.close()
        files = self.File.search([])
        self.assertEqual(set(files.mapped("state")), {"waiting"})
        self.assertEqual(set(files.voucher_ids.mapped("state")), {"waiting"})
        self.send()
        names = [f"sundby-gym-bad-ab_2026-04-{day}.si" for day in (15, 16)]
        self.assertEqual(self.there(), names)
        for file in files:
            self.assertEqual((self.folder / file.name).read_bytes(), file._get_bytes())
        self.assertEqual(set(files.mapped("state")), {"dropped"})
        self.assertEqual(set(files.voucher_ids.mapped("state")), {"exported"})
        self.assertEqual(files.mapped("folder"), [str(self.folder)] * 2)

    def test_taken_away_is_not_left_again(self):
        self.sell({25: 100})
        self.close()
        self.send()
        (self.folder / self.there()[0]).unlink()
        self.close()
        self.send()
        self.assertEqual(self.there(), [])

    def test_a_correction_is_a_file_of_its_own(self):
        move = self.sell({25: 100})
        self.close()
        self.send()
        move.button_draft()
        self.close()
        self.send()
        self.assertEqual(
            self.there(), ["sundby-gym-bad-ab_2026-04-15-2.si", "sundby-gym-bad-ab_2026-04-15.si"]
        )

    def test_killed_after_it_was_left(self):
        for taken in (False, True):
            with self.subTest(taken=taken):
                self.sell({25: 100}, DAY + timedelta(days=taken))
                self.close()
                with self.attempt() as (exchange, look_up):
                    self.assertFalse(look_up)
                    self.assertTrue(exchange._deliver(look_up).delivered)
                [name] = self.there()
                before = (self.folder / name).stat()
                file = self.File.search([("name", "=", name)])
                self.assertEqual(file.state, "waiting")
                if taken:
                    (self.folder / name).unlink()
                with freeze_time("2026-04-20 09:00:00"):
                    self.send()
                self.assertEqual((file.state, file.voucher_ids.state), ("dropped", "exported"))
                if taken:
                    self.assertEqual(self.there(), [])
                else:
                    self.assertEqual((self.folder / name).stat(), before)
                    (self.folder / name).unlink()

    def test_killed_before_it_was_left(self):
        self.sell({25: 100})
        self.close()
        with self.attempt():
            pass
        self.assertEqual(self.there(), [])
        with freeze_time("2026-04-20 09:00:00"):
            self.send()
        self.assertEqual(len(self.there()), 1)

    def test_a_folder_that_is_not_there(self):
        self.directory = self.directory / "share"
        self.env["ir.config_parameter"].sudo().set_param(
            "brp_accounting_export.sie_directory", str(self.directory)
        )
        self.env.invalidate_all()
        self.sell({25: 100})
        self.close()
        self.send()
        exchange = self.env["brp.exchange"].search([("connection_id", "=", self.connection.id)])
        self.assertEqual((exchange.state, exchange.unsure), ("pending", False))
        self.assertIn("No such file or directory", exchange.error)
        with self.assertRaisesRegex(UserError, "cannot be used: No such file"):
            self.connection.action_test()
        self.directory.mkdir()
        with freeze_time("2026-04-20 20:00:00"):
            self.send()
        self.assertEqual(exchange.state, "done")
        self.assertIn("Files can be left", self.connection.action_test()["params"]["message"])

    def test_another_file_of_that_name(self):
        self.folder.mkdir()
        (self.folder / "sundby-gym-bad-ab_2026-04-15.si").write_bytes(b"mine")
        self.sell({25: 100})
        self.close()
        self.send()
        self.assertEqual((self.folder / self.there()[0]).read_bytes(), b"mine")
        self.assertIn("There is another sundby-gym-bad-ab_2026-04-15.si", self.connection.problem)

    def test_a_file_that_cannot_be_made_keeps_no_other_back(self):
        self.sell({25: 100})
        self.close(date(2026, 4, 1))
        self.connection.sie_per = "period"
        voucher = self.close()
        voucher.series = "KA"
        self.connection.sie_per = "day"
        self.sell({25: 200}, NEXT)
        self.close()
        self.assertIn("2026-04-15: The SIE file cannot be made", self.connection.problem)
        self.assertEqual(self.File.search([]).mapped("date_from"), [NEXT])
        voucher.series = "K"
        self.connection.accounting_closed_until = date(2026, 4, 19)
        self.connection.sudo()._close_by_itself()
        self.assertEqual(len(self.File.search([])), 2)
        self.assertFalse(self.connection.problem)

    def test_take_back_what_is_still_there(self):
        self.sell({25: 100})
        self.close()
        self.send()
        file = self.File.search([])
        file.with_user(self.bookkeeper).action_take_back()
        self.assertEqual(self.there(), [])
        self.assertEqual(file.withdrawn_voucher_ids.state, "waiting")
        self.close()
        self.send()
        self.assertEqual(self.there(), [], "only a person exports what has been taken back")
        self.assertEqual(self.export().voucher_ids, file.withdrawn_voucher_ids)

    def test_what_has_been_taken_away_stays_exported(self):
        self.sell({25: 100})
        self.close()
        self.send()
        file = self.File.search([])
        (self.folder / file.name).unlink()
        with self.assertRaisesRegex(UserError, "no longer in the folder(.|\n)*correction vouchers"):
            file.with_user(self.bookkeeper).action_take_back()
        self.assertEqual((file.state, file.voucher_ids.state), ("dropped", "exported"))

    def test_take_back_that_comes_to_nothing(self):
        self.sell({25: 100})
        self.close()
        self.send()
        file = self.File.search([]).sudo()
        for undo in (self.env.cr.postrollback.run, self.connection._restore_held):
            with self.assertRaises(ZeroDivisionError), self.env.cr.savepoint():
                file._take_back(by_hand=True)
                self.assertEqual(self.there(), [])
                raise ZeroDivisionError  # whatever may stop it before it is committed
            undo()
            self.env.cr.postrollback.clear()
            self.assertEqual(self.there(), [file.name])
        self.assertEqual((file.state, file.voucher_ids.state), ("dropped", "exported"))

    def test_take_back_before_it_was_left(self):
        self.sell({25: 100})
        self.close()
        file = self.File.search([])
        file.with_user(self.bookkeeper).action_take_back()
        self.send()
        self.assertEqual(self.there(), [])
        self.assertEqual(file._get_exchange().state, "cancelled")

    def test_take_back_while_it_is_being_left(self):
        self.sell({25: 100})
        self.close()
        file = self.File.search([])
        with self.attempt() as (exchange, look_up):
            file.with_env(exchange.env)._take_back(by_hand=True)
            outcome = exchange._deliver(look_up)
            self.assertIn("has been taken back", outcome.refusal)
            self.assertEqual(self.there(), [])
        self.assertEqual(file.state, "withdrawn")

    def test_giving_up_takes_back(self):
        self.sell({25: 100})
        self.close()
        file = self.File.search([])
        file._get_exchange().with_user(self.bookkeeper).action_give_up()
        self.assertEqual((file.state, file.withdrawn_voucher_ids.state), ("withdrawn", "waiting"))

    def test_exporting_again_takes_what_waits_out_of_the_files(self):
        self.sell({25: 100})
        self.close()
        first = self.File.search([])
        self.set_code("vat:sale:25", "2610")
        self.connection.sudo()._export_anew(DAY)
        self.send()
        self.assertEqual(first.state, "withdrawn")
        second = self.File.search([("state", "=", "dropped")])
        self.assertEqual(self.there(), [second.name])
        self.assertEqual(self.sums(self.read_file(second)), {"1510": 12500, "3001": -10000, "2610": -2500})

    def test_by_hand_goes_to_the_folder_as_well(self):
        self.sell({25: 100})
        with self.enter_registry_test_mode():
            form = self.ask()
            self.assertTrue(form.to_folder)
            self.assertEqual(form.voucher_count, 1)
            form.save().action_export()
        self.send()
        self.assertEqual(len(self.there()), 1)
        self.sell({25: 300})
        with self.enter_registry_test_mode():
            action = self.ask(to_folder=False).save().action_export()
        self.assertEqual(action["type"], "ir.actions.act_url")
        self.send()
        self.assertEqual(len(self.there()), 1)

    def test_nothing_by_itself_when_files_are_made_on_demand(self):
        self.connection.sie_per = "period"
        self.sell({25: 100})
        self.close()
        self.assertFalse(self.File.search([]))

    def test_subfolders(self):
        self.assertEqual(self.connection.sie_subfolder, f"company-1-data-{self.company.id}")
        for wrong in ("../x", "a/b", ".hidden", "", "å"):
            with self.assertRaisesRegex(ValidationError, "A subfolder is named"), self.env.cr.savepoint():
                self.connection.sie_subfolder = wrong
        other = self.setup_other_company(name="Norrby Gym AB")["company"]
        theirs = find_connection(other, "sie")
        self.assertEqual(theirs.sie_subfolder, f"norrby-gym-ab-{other.id}")
        with self.assertRaisesRegex(ValidationError, "Another company has this subfolder"):
            theirs.sie_subfolder = self.connection.sie_subfolder.upper()


@tagged("post_install", "-at_install")
class TestSieFileFolder(BaseCase):
    """The folder by itself, step by step as processes may be killed in them."""

    def setUp(self):
        super().setUp()
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.path = Path(directory.name) / "a"
        self.folder = FileFolder(str(self.path))

    def test_once(self):
        self.assertFalse(self.folder.has_appeared("x.si"))
        self.folder.drop("x.si", b"1")
        self.assertEqual((self.path / "x.si").read_bytes(), b"1")
        os.unlink(self.path / "x.si")
        self.folder.drop("x.si", b"1")
        self.assertTrue(self.folder.has_appeared("x.si"))
        self.assertFalse((self.path / "x.si").exists())

    def test_killed_before_it_appeared(self):
        with (
            patch.object(FileFolder, "_move", side_effect=KeyboardInterrupt),
            self.assertRaises(KeyboardInterrupt),
        ):
            self.folder.drop("x.si", b"1")
        self.assertFalse((self.path / "x.si").exists())
        self.assertTrue(self.folder.has_appeared("x.si"))
        self.assertEqual((self.path / "x.si").read_bytes(), b"1")

    def test_killed_while_it_was_written(self):
        with patch("os.rename", side_effect=KeyboardInterrupt), self.assertRaises(KeyboardInterrupt):
            self.folder.drop("x.si", b"1")
        self.assertFalse(self.folder.has_appeared("x.si"))
        self.folder.drop("x.si", b"1")
        self.assertTrue((self.path / "x.si").exists())

    def test_two_at_the_same_time(self):
        begin = FileFolder._begin

        def slow(folder, name, what, data):
            """Another process leaves the file, and it is taken away, before this one goes on."""
            with patch.object(FileFolder, "_begin", begin):
                FileFolder(str(self.path)).drop(name, data)
            os.unlink(self.path / name)
            begin(folder, name, what, data)

        with patch.object(FileFolder, "_begin", slow):
            self.folder.drop("x.si", b"1")
        self.assertFalse((self.path / "x.si").exists())

    def test_hold(self):
        self.assertTrue(self.folder.hold("new.si", b"1"))
        with self.assertRaises(HeldError):
            self.folder.drop("new.si", b"1")
        self.folder.drop("there.si", b"2")
        self.assertTrue(self.folder.hold("there.si"))
        self.folder.drop("gone.si", b"3")
        os.unlink(self.path / "gone.si")
        self.assertFalse(self.folder.hold("gone.si"))
        self.assertFalse(self.folder.hold("gone.si", b"3"))
        self.assertEqual(list(self.path.glob("*.si")), [])
        self.assertEqual(self.folder.held(), ["new.si", "there.si"])
        for name in self.folder.held():
            self.folder.restore(name)
        self.assertEqual((self.path / "new.si").read_bytes(), b"1")
        self.assertEqual((self.path / "there.si").read_bytes(), b"2")
        self.assertTrue(self.folder.has_appeared("new.si"))


@tagged("post_install", "-at_install")
class TestSieDownload(SieCommon, HttpCase):
    """What the browser gets are the bytes of the file, for those who may have them."""

    def test_download(self):
        self.company.name = "Gård AB"
        self.sell({25: 100})
        file = self.export()
        url = file.action_download()["url"]
        self.bookkeeper.password = "export_bookkeeper"
        self.authenticate("export_bookkeeper", "export_bookkeeper")
        for _time in range(2):
            answer = self.url_open(url)
            self.assertEqual(answer.content, file._get_bytes())
            self.assertIn("gard-ab_2026-04-15.si", answer.headers["Content-Disposition"])
        new_test_user(self.env, "sie_nobody", groups="base.group_user", company_id=self.company.id)
        self.authenticate("sie_nobody", "sie_nobody")
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(url).status_code, 404)


@tagged("post_install", "-at_install")
class TestSieTogether(BaseCase):
    """Two people export the same day at the same time."""

    def _deactivate(self, connection):
        """Other tests share the database: its jobs have nothing to do here."""
        with Registry(get_db_name()).cursor() as cr:
            connection.with_env(api.Environment(cr, SUPERUSER_ID, {}))._deactivate()

    def test_two_people(self):
        registry = Registry(get_db_name())
        with registry.cursor() as cr:
            company = make_company(api.Environment(cr, SUPERUSER_ID, {}), "Together")
            env = company.env
            connection = find_connection(company, "sie")
            connection.accounting_start_date = date(2036, 4, 1)
            env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": env["res.partner"].create({"name": "Together"}).id,
                    "invoice_date": date(2036, 4, 2),
                    "invoice_line_ids": [
                        Command.create({"name": "Card", "price_unit": 100, "tax_ids": False})
                    ],
                }
            ).action_post()
            env.flush_all()
            with freeze_time("2036-04-03 10:00:00"):
                connection._prepare_mapping()
                connection._activate()
                connection._close_days(date(2036, 4, 2))
        self.addCleanup(self._deactivate, connection)
        first, second = (registry.cursor() for _number in range(2))
        self.addCleanup(first.close)
        self.addCleanup(second.close)
        mine, theirs = (
            connection.with_env(api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": [company.id]}))
            for cr in (first, second)
        )
        with freeze_time("2036-04-03 10:00:00"):
            self.assertEqual(len(theirs._find_unfiled()), 1)  # what the second one sees is from now
            file = mine._export_by_hand(None, date(2036, 4, 2), "period")
            self.assertEqual(file.voucher_count, 1)
            with self.assertRaisesRegex(UserError, "lock"):
                theirs._export_by_hand(None, date(2036, 4, 2), "period")
            first.commit()
            with mute_logger("odoo.sql_db"), self.assertRaisesRegex(Exception, "could not serialize"):
                theirs._export_by_hand(None, date(2036, 4, 2), "period")
                second.commit()
            second.rollback()
            self.assertFalse(theirs._export_by_hand(None, date(2036, 4, 2), "period"))
