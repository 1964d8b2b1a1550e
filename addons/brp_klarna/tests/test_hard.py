from datetime import date
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, Command, api
from odoo.exceptions import AccessError, UserError
from odoo.modules import neutralize
from odoo.tests import tagged

from odoo.addons.brp_connector.tests.common import find_connection

from . import klarna
from .common import KlarnaCommon
from .test_full import WORKED_EXAMPLE

SALE = {
    "do": "sale",
    "at": "2026-11-02T09:00:00Z",
    "captured_at": "2026-11-03T09:00:00Z",
    "reference1": "WEB-1",
    "rates": {"2500": 100000},
}


class HardCommon(KlarnaCommon):
    scenario = ""

    def load(self, *acts, at="2026-11-11T05:00:00Z"):
        self.service.load([*acts, {"do": "payout", "at": at}])

    def pay_out(self, *acts, **values):
        """Have Klarna do acts and pay out; return the payout."""
        self.load(*acts)
        self.activate(**values)
        self.run_jobs()
        return self.env["brp.payout"].search([("channel_id", "=", self.channel.id)])

    def assert_nothing_open(self):
        balance, items = self.open_on_receivable()
        self.assertEqual(balance, 0)
        self.assertFalse(items)

    def run_day_job(self):
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["brp.klarna.day"]._cron_post()
        self.env.invalidate_all()


@tagged("post_install", "-at_install")
class TestDays(HardCommon):
    """The receivable returns to zero, whatever the rows are."""

    def test_sale_and_refund_that_come_to_nothing(self):
        self.service.do("merchant", fee_percent=0, fee_fixed=0)
        refund = {"do": "refund", "order": "WEB-1", "at": "2026-11-02T15:00:00Z"}
        payout = self.pay_out(SALE, refund)
        self.assertEqual((payout.state, payout.amount_paid), ("posted", 0))
        day = payout.klarna_day_ids.move_id
        self.assertEqual(day.date, date(2026, 11, 2))
        self.assertEqual(len(day.line_ids), 6)
        self.assert_nothing_open()

    def test_refunds_only_and_a_debt(self):
        payout = self.pay_out(SALE, {"do": "payout", "at": "2026-11-04T05:00:00Z"},
            {"do": "refund", "order": "WEB-1", "at": "2026-11-05T15:00:00Z", "amount": 40000})  # fmt: skip
        second = payout.filtered(lambda payout: payout.amount_paid == 0)
        self.assertEqual((second.state, second.count_unknown), ("open", 1))
        words = self.env["brp.payout.mapping"].search(second.action_map()["domain"])
        self.assertEqual(words.mapped("code"), ["DEPOSIT"])
        words.account_id = self.channel.rounding_account_id
        self.assertEqual(second.state, "ready")
        second.action_post()
        self.assertEqual(self.vouchers(second)[date(2026, 11, 5)], {"1582": -400, "3001": 320, "2611": 80})
        self.assertEqual(self.vouchers(second)[date(2026, 11, 11)], {"1582": 400, "3740": -400})
        self.assert_nothing_open()

    def test_a_rate_that_has_no_account(self):
        self.load({**SALE, "reference1": "WEB-9", "rates": {"900": 10900}}, at="2026-11-04T05:00:00Z")
        payout = self.pay_out({**SALE, "captured_at": "2026-11-05T09:00:00Z"})
        bad = payout.sorted("date")[0]
        self.assertEqual(payout.sorted("date").mapped("state"), ["open", "posted"])
        self.assertIn("9 %", bad.problem)
        with self.assertRaisesRegex(UserError, "9 %"), self.cr.savepoint():
            bad.action_post()
        rate = self.connection.klarna_rate_ids.filtered(lambda rate: rate.rate == 6)
        new = rate.copy({"rate": 9, "vat_account_id": False})
        self.assertEqual(bad.state, "open")
        new.vat_account_id = rate.vat_account_id
        self.assertEqual(bad.state, "ready")
        self.run_jobs()
        self.assertEqual(self.vouchers(bad)[date(2026, 11, 2)], {"1582": 109, "3003": -100, "2631": -9})
        self.assert_nothing_open()

    def test_a_sale_that_is_taken_back(self):
        # The bookkeeper tells that a charge is a sale: it makes the sales of its day smaller.
        charge = {"do": "charge", "at": "2026-11-02T10:00:00Z", "amount": 5000, "detailed_type": "MANUAL"}
        payout = self.pay_out(SALE, charge)
        words = self.env["brp.payout.mapping"].search(payout.action_map()["domain"])
        words.kind = "sale"
        rates = self.connection.klarna_rate_ids
        payout.line_ids.filtered(lambda line: line.amount == -50).klarna_rate_id = rates.filtered(
            lambda rate: rate.rate == 25
        )
        payout.action_post()
        # 1 000 less 50, and 25 % of it.
        self.assertEqual(self.vouchers(payout)[date(2026, 11, 2)], {"1582": 950, "3001": -760, "2611": -190})
        self.assert_nothing_open()

    def test_a_sale_that_is_in_the_books_already(self):
        self.load(SALE, {**SALE, "reference1": "WEB-2", "rates": {"2500": 50000}})
        self.activate()
        self.channel.auto_post = False
        self.run_jobs()
        payout = self.env["brp.payout"].search([("channel_id", "=", self.channel.id)])
        entry = self.env["account.move"].create(
            {
                "line_ids": [
                    Command.create({"account_id": self.receivable.id, "balance": 500}),
                    Command.create({"account_id": self.channel.rounding_account_id.id, "balance": -500}),
                ]
            }
        )
        entry.action_post()
        sale = payout.line_ids.filtered(lambda line: line.reference == "WEB-2" and line.kind == "sale")
        sale.item_id = entry.line_ids.filtered(lambda item: item.account_id == self.receivable)
        payout.action_post()
        # Its revenue is not booked a second time.
        self.assertEqual(self.vouchers(payout)[date(2026, 11, 2)], {"1582": 1000, "3001": -800, "2611": -200})
        self.assert_nothing_open()

    def test_sales_on_another_account(self):
        self.load(SALE)
        self.activate()
        other = self.receivable.copy({"code": "1589", "name": "Other"})
        self.channel.mapping_ids.filtered(lambda row: row.code == "SALE").account_id = other
        self.run_jobs()
        payout = self.env["brp.payout"].search([("channel_id", "=", self.channel.id)])
        self.assertEqual(payout.state, "posted")
        rows = self.rows(payout._get_moves())
        self.assertEqual((rows.get("1589", 0), rows.get("1582", 0), rows["3001"]), (0, 0, -800))

    def test_another_receivable_while_a_day_waits(self):
        self.load(SALE)
        self.activate()
        self.company.fiscalyear_lock_date = date(2026, 11, 5)
        self.run_jobs()
        payout = self.env["brp.payout"].search([("channel_id", "=", self.channel.id)])
        self.assertEqual((payout.state, payout.klarna_day_ids.state), ("posted", "waiting"))
        self.channel.receivable_account_id = self.receivable.copy({"code": "1589", "name": "Other"})
        self.company.fiscalyear_lock_date = False
        self.run_day_job()
        self.assertEqual(payout.klarna_day_ids.state, "posted")
        self.assert_nothing_open()

    def test_an_amount_changed_by_hand_has_no_vat_any_more(self):
        self.load(SALE)
        self.activate()
        self.channel.auto_post = False
        self.run_jobs()
        payout = self.env["brp.payout"].search([("channel_id", "=", self.channel.id)])
        payout.line_ids.filtered(lambda line: line.kind == "sale").amount = 900
        payout.amount_paid -= 100
        self.assertEqual((payout.state, payout.klarna_unsplit), ("open", 1))

    def test_a_day_s_entry_is_not_changed_by_hand(self):
        payout = self.pay_out(SALE)
        for change in ("button_draft", "button_cancel"):
            with self.assertRaisesRegex(UserError, payout.name):
                getattr(payout.klarna_day_ids.move_id.with_user(self.bookkeeper), change)()

    def test_a_document_that_cannot_be_made_stops_nothing(self):
        second = {"reference1": "WEB-2", "at": "2026-11-05T09:00:00Z", "captured_at": "2026-11-06T09:00:00Z"}
        self.load(SALE, {**SALE, **second})
        self.activate()
        self.company.fiscalyear_lock_date = date(2026, 11, 5)
        report = type(self.env["ir.actions.report"])
        with patch.object(report, "_render_qweb_pdf", side_effect=UserError("no paper")):
            self.run_jobs()
            days = self.env["brp.klarna.day"].search([("company_id", "=", self.company.id)])
            self.assertEqual(set(days.mapped("state")), {"waiting"})
            self.company.fiscalyear_lock_date = False
            self.run_day_job()
        self.assertEqual(set(days.mapped("state")), {"posted"})
        self.assertFalse(days.document_id)
        self.run_day_job()
        self.assertTrue(all(day.document_id for day in days))

    def test_a_day_that_cannot_be_booked_does_not_stop_the_others(self):
        second = {"reference1": "WEB-2", "at": "2026-11-05T09:00:00Z", "captured_at": "2026-11-06T09:00:00Z"}
        self.load({**SALE, "rates": {"600": 10600}}, {**SALE, **second})
        self.activate()
        self.company.fiscalyear_lock_date = date(2026, 11, 5)
        self.run_jobs()
        days = self.env["brp.klarna.day"].search([("company_id", "=", self.company.id)], order="date")
        self.assertEqual(days.mapped("state"), ["waiting", "waiting"])
        self.company.fiscalyear_lock_date = False
        rate = self.connection.klarna_rate_ids.filtered(lambda rate: rate.rate == 6)
        rate.account_id = False
        self.run_day_job()
        self.assertEqual(days.mapped("state"), ["waiting", "posted"])
        self.assertIn("6 %", days[0].problem)

    def test_two_payouts_of_one_day(self):
        self.load(SALE, at="2026-11-04T05:00:00Z")
        self.load({**SALE, "reference1": "WEB-2", "at": "2026-11-02T20:00:00Z",
                   "captured_at": "2026-11-05T09:00:00Z"})  # fmt: skip
        self.activate()
        self.company.fiscalyear_lock_date = date(2026, 11, 2)
        self.run_jobs()
        payouts = self.env["brp.payout"].search([("channel_id", "=", self.channel.id)])
        self.assertEqual(payouts.mapped("state"), ["posted", "posted"])
        self.assertEqual(self.open_on_receivable()[0], -2000)
        payouts[0].action_undo()
        self.company.fiscalyear_lock_date = False
        self.run_jobs()
        payouts[0].action_post()
        self.assertEqual(payouts.klarna_day_ids.mapped("date"), [date(2026, 11, 2)] * 2)
        self.assert_nothing_open()

    def test_mode_is_changed_while_payouts_are_open(self):
        self.load(SALE)
        self.activate(klarna_mode="payout")
        self.run_jobs()
        payout = self.env["brp.payout"].search([("channel_id", "=", self.channel.id)])
        self.assertEqual((payout.state, payout.count_unmatched), ("open", 1))
        self.connection.klarna_mode = "full"
        self.assertEqual(payout.state, "ready")
        self.connection.klarna_mode = "payout"
        self.assertEqual(payout.state, "open")
        self.connection.klarna_mode = "full"
        payout.action_post()
        self.connection.klarna_mode = "payout"
        self.assertEqual(payout.state, "posted")
        self.assert_nothing_open()


@tagged("post_install", "-at_install")
class TestFetch(HardCommon):
    """Nothing is lost, half stored or told twice."""

    scenario = "reference"

    def fetched(self):
        payout = self.payout()
        return payout.klarna_state, len(payout.line_ids)

    def test_another_process_came_in_between(self):
        self.activate()
        Payout = type(self.env["brp.payout"])
        match = Payout._match
        tries = []

        def interrupt(payouts):
            if payouts and not tries:
                tries.append(payouts.ids)
                raise SerializationFailure("could not serialize access due to concurrent update")
            return match(payouts)

        with patch.object(Payout, "_match", interrupt):
            self.run_jobs()
        self.assertTrue(tries)
        self.assertEqual(self.fetched(), ("fetched", 13))
        self.assertEqual(self.vouchers(self.payout()), WORKED_EXAMPLE)

    def exchange(self, operation="klarna_payout"):
        return self.env["brp.exchange"].search(
            [("connection_id", "=", self.connection.id), ("operation", "=", operation)], limit=1
        )

    def test_faults(self):
        self.activate()
        self.env["brp.connection"].search([]).write({"responsible_id": False})
        broken = ("timeout", "close", "cut", "garbage", "redirect", "repeat", "lack")
        for fault in (*broken, 401, 403, 404, 429, 500):
            with self.subTest(fault=fault):
                kind = {"fault": "status", "status": fault} if isinstance(fault, int) else {"fault": fault}
                more = {"seconds": 1} if fault == "timeout" else {}
                if fault == 429:
                    more["retry_after"] = "30"
                self.service.misbehave({**kind, **more, "path": "/transactions", "times": 3})
                self.run_jobs()
                payout = self.payout()
                self.assertEqual((payout.klarna_state, payout.line_ids.ids), ("waiting", []))
                self.assertFalse(payout.move_id)
                exchange = self.exchange()
                self.assertTrue(exchange.error)
                self.assertNotIn(klarna.PASSWORD, f"{exchange.error}{exchange.request}{exchange.answer}")
                self.assertNotIn(klarna.USER, f"{exchange.error}{exchange.request}{exchange.answer}")
                self.service.misbehave(clear=True)
                self.connection.next_try = False
                exchange.action_retry()
        self.run_jobs()
        self.assertEqual(self.vouchers(self.payout()), WORKED_EXAMPLE)
        self.assertFalse(self.connection.problem)

    def test_the_list_fails(self):
        self.activate()
        for fault in (401, "garbage", "redirect", 500):
            with self.subTest(fault=fault):
                kind = {"fault": "status", "status": fault} if isinstance(fault, int) else {"fault": fault}
                self.service.misbehave({**kind, "path": "/payouts", "times": 3})
                self.run_jobs()
                self.assertFalse(self.payout())
                self.assertTrue(self.connection.next_try)
                if fault in (401, "redirect"):
                    self.assertTrue(self.connection.problem)
                self.service.misbehave(clear=True)
                self.connection.next_try = False
        self.run_jobs()
        self.assertFalse(self.connection.problem)
        self.assertEqual(self.payout().state, "posted")

    def test_too_slow_to_be_left_alone(self):
        self.activate()
        self.connection._fetch_klarna()
        self.env["ir.config_parameter"].set_param("brp_connector.grace", "0")
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            api.Environment(cr, SUPERUSER_ID, {})["brp.exchange"]._cron_send()
        self.env.invalidate_all()
        self.assertEqual(self.payout().klarna_state, "waiting")
        self.assertIn("long", self.exchange().error)

    def test_asked_for_again_after_it_failed(self):
        self.activate()
        self.service.misbehave({"fault": "status", "status": 404, "path": "/transactions"})
        self.run_jobs()
        self.assertEqual(self.exchange().state, "failed")
        self.payout().with_user(self.bookkeeper).action_klarna_fetch()
        self.run_jobs()
        self.assertEqual(self.payout().state, "posted")

    def test_not_asked_for_again_of_one_that_is_not_active(self):
        self.activate()
        self.channel.auto_post = False
        self.run_jobs()
        self.connection.action_deactivate()
        with self.assertRaises(UserError):
            self.payout().action_klarna_fetch()
        self.assertEqual(self.payout().state, "ready")

    def test_deleted_while_it_is_fetched(self):
        self.activate()
        self.service.misbehave({"fault": "status", "status": 500, "path": "/transactions", "times": 3})
        self.run_jobs()
        self.payout().unlink()
        self.exchange().action_retry()
        self.run_jobs()
        self.assertFalse(self.connection.problem)
        self.assertEqual(self.payout().state, "posted")
        self.assertEqual(self.vouchers(self.payout()), WORKED_EXAMPLE)

    def test_posted_before_the_vat_came(self):
        self.activate()
        self.run_jobs()
        payout = self.payout()
        lines = payout.line_ids.filtered(lambda line: line.kind == "sale")
        payout._store_klarna_orders({line.id: [["sales", 25, 1, 1]] for line in lines})
        self.assertEqual(self.vouchers(payout), WORKED_EXAMPLE)

    def test_undone_while_klarna_has_changed_it(self):
        self.activate()
        self.run_jobs()
        payout = self.payout()
        self.service.do(
            "amend", payment_reference=payout.name, type="CORRECTION", amount=100, at="2026-11-05T09:00:00Z"
        )
        self.run_jobs()
        self.assertEqual((payout.state, payout.klarna_changed), ("posted", True))
        self.channel.auto_post = False
        payout.action_undo()
        payout.action_klarna_fetch()
        self.run_jobs()
        self.assertFalse(payout.klarna_changed)
        self.assertEqual(payout.amount_paid, 1771.06)
        self.assertEqual(payout.state, "ready")
        payout.action_post()
        self.assertEqual(self.rows(payout.move_id)["1938"], 1771.06)
        self.assertEqual(self.open_on_receivable()[0], 0)

    def test_further_back(self):
        self.service.load(
            [
                {**SALE, "at": "2026-06-02T09:00:00Z", "captured_at": "2026-06-03T09:00:00Z"},
                {"do": "payout", "at": "2026-06-10T05:00:00Z"},
            ]
        )
        self.activate()
        self.run_jobs()
        self.assertFalse(self.payout("2606100001"))
        self.connection.klarna_start_date = date(2026, 6, 1)
        self.run_jobs()
        self.assertEqual(self.payout("2606100001").state, "posted")

    def test_a_payout_typed_in_with_a_wrong_year(self):
        self.activate()
        self.env["brp.payout"].create(
            {"name": "X", "channel_id": self.channel.id, "date": date(2062, 11, 1), "amount_paid": 1}
        )
        self.run_jobs()
        self.assertEqual(self.payout().state, "posted")

    def test_day_of_a_payout(self):
        self.activate(klarna_start_date=date(2026, 11, 1))

        def sale(name, moment):
            return {**SALE, "reference1": name, "at": moment, "captured_at": moment}

        self.service.load(
            [
                sale("A", "2026-10-02T09:00:00Z"),
                # 31 October in UTC, 1 November in Sweden; and the second before.
                {"do": "payout", "at": "2026-10-31T22:59:59Z", "reference": "BEFORE"},
                sale("B", "2026-10-04T09:00:00Z"),
                {"do": "payout", "at": "2026-10-31T23:00:00Z", "reference": "FIRST"},
                # The hour that comes twice, and half past midnight
                sale("C", "2026-10-25T00:30:00Z"),
                sale("D", "2026-11-09T23:30:00Z"),
                {"do": "payout", "at": "2026-11-11T23:30:00Z", "reference": "LATE"},
            ]
        )  # fmt: skip
        self.run_jobs()
        self.assertFalse(self.payout("BEFORE"))
        self.assertEqual(self.payout("FIRST").date, date(2026, 11, 1))
        late = self.payout("LATE")
        self.assertEqual(late.date, date(2026, 11, 12))
        self.assertEqual(set(late.klarna_day_ids.mapped("date")), {date(2026, 10, 25), date(2026, 11, 10)})

    def test_listed_late(self):
        self.service.load(
            [
                {**SALE, "reference1": "A"},
                {"do": "payout", "at": "2026-11-12T05:00:00Z", "reference": "HIDDEN", "listed": False},
                {**SALE, "reference1": "B"},
                {"do": "payout", "at": "2026-11-20T05:00:00Z", "reference": "SEEN"},
            ]
        )
        self.activate()
        self.run_jobs()
        self.assertFalse(self.payout("HIDDEN"))
        self.service.do("reveal", payment_reference="HIDDEN")
        self.run_jobs()
        self.assertEqual(self.payout("HIDDEN").state, "posted")

    def test_another_merchant_with_the_same_reference(self):
        self.activate()
        self.run_jobs()
        first = self.payout()
        self.service.do("sale", "K654321", at="2026-11-02T09:00:00Z", rates={"2500": 100000}, reference1="N1")
        self.service.do("payout", "K654321", at="2026-11-04T05:00:00Z", reference="2611040001")
        self.connection.sudo().write(
            {"klarna_user": "K654321_brp", "klarna_password": "brp-sandbox-neighbour"}
        )
        self.run_jobs()
        self.assertFalse(first.klarna_changed)
        other = self.env["brp.payout"].search([("klarna_merchant", "=", "K654321")])
        self.assertEqual((first.name, other.name), ("2611040001", "2611040001 (K654321)"))
        self.assertEqual((other.state, other.amount_sales), ("posted", 1000))
        self.assertEqual(self.vouchers(first), WORKED_EXAMPLE)

    def test_one_connection_does_not_stop_another(self):
        other = self.setup_other_company()["company"]
        bad = find_connection(other, "klarna").sudo()
        bad.write({"state": "active", "sequence": 1, "klarna_start_date": date(2026, 10, 1)})
        self.activate()
        self.run_jobs()
        self.assertEqual(self.payout().state, "posted")
        self.assertIn("missing", bad.problem)

    def test_two_companies(self):
        self.activate()
        other = self.setup_other_company()["company"]
        connection = find_connection(other, "klarna").with_company(other).sudo()
        self.service.do("sale", "K654321", at="2026-11-02T09:00:00Z", rates={"2500": 100000}, reference1="N1")
        self.service.do("payout", "K654321", at="2026-11-04T05:00:00Z", reference="2611040001")
        connection.write(
            {
                "klarna_region": "host",
                "klarna_host": self.service.url,
                "klarna_user": "K654321_brp",
                "klarna_password": "brp-sandbox-neighbour",
                "klarna_start_date": date(2026, 10, 1),
            }
        )
        connection._set_up_klarna()
        connection._activate()
        self.run_jobs()
        first, second = self.payout().sorted(lambda payout: payout.company_id != self.company)
        self.assertEqual(self.vouchers(first), WORKED_EXAMPLE)
        self.assertEqual((second.company_id, second.state), (other, "posted"))
        self.assertEqual(second._get_moves().company_id, other)
        for model in ("brp.payout", "brp.klarna.day", "brp.klarna.rate", "brp.payout.line", "brp.exchange"):
            seen = self.env[model].with_user(self.bookkeeper).search([])
            self.assertEqual(seen.company_id, self.company, model)
        with self.assertRaises(AccessError):
            self.env["ir.actions.report"].with_user(self.bookkeeper)._render_qweb_html(
                "brp_klarna.brp_klarna_day_report", second.klarna_day_ids.ids
            )
        for document in second.klarna_day_ids.document_id:
            self.assertFalse(document.with_user(self.bookkeeper).has_access("read"))


@tagged("post_install", "-at_install")
class TestSecrets(HardCommon):
    """Who may see what."""

    scenario = "second-month"
    settings = {"customer_vat": False}

    def test_secrets(self):
        self.activate()
        self.run_jobs()
        for field in ("klarna_user", "klarna_password"):
            for operation in (
                lambda field: self.connection.with_user(self.bookkeeper).read([field]),
                lambda field: self.connection.with_user(self.bookkeeper).search([(field, "=like", "K%")]),
                lambda field: self.connection.with_user(self.bookkeeper).mapped(field),
            ):
                with self.assertRaises(AccessError):
                    operation(field)

    def test_the_password_is_not_sent_to_another_host(self):
        self.activate()
        connection = self.connection.with_user(self.bookkeeper)
        for values in ({"klarna_host": "https://elsewhere.example"}, {"klarna_region": "NA"}):
            self.connection.sudo().klarna_password = klarna.PASSWORD
            connection.write(values)
            self.assertFalse(connection.sudo().klarna_password)
        self.connection.sudo().klarna_password = klarna.PASSWORD
        connection.write({"klarna_region": "NA"})
        self.assertTrue(connection.sudo().klarna_password)

    def test_no_names_and_addresses_are_kept(self):
        self.activate()
        self.run_jobs()
        exchanges = self.env["brp.exchange"].search([("operation", "=", "klarna_orders")])
        self.assertTrue(exchanges.filtered("answer"))
        for text in ("Exempelsson", "kim@example.com", "Provgatan", "0701740605", "46701740605"):
            for exchange in exchanges:
                self.assertNotIn(text, exchange.answer or "")

    def test_a_copy_of_the_database(self):
        self.activate()
        self.env.flush_all()
        for query in neutralize.get_neutralization_queries(["brp_connector", "brp_klarna"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        connection = self.connection.sudo()
        self.assertEqual(
            (connection.state, connection.klarna_user, connection.klarna_password), ("inactive", False, False)
        )

    def test_rights(self):
        self.activate()
        self.run_jobs()
        day = self.payout().klarna_day_ids[0]
        connector = self.make_user("klarna_connector", "brp_connector.group_connector_user")
        portal = self.make_user("klarna_portal", "base.group_portal")
        reader = self.make_user("klarna_reader", "account.group_account_readonly")
        biller = self.make_user("klarna_biller", "account.group_account_invoice")
        for user in (connector, portal):
            self.assertFalse(day.with_user(user).has_access("read"))
            self.assertFalse(day.document_id.with_user(user).has_access("read"))
        for user in (reader, biller):
            self.assertTrue(day.with_user(user).has_access("read"))
            for operation in ("write", "create", "unlink"):
                self.assertFalse(day.with_user(user).has_access(operation))
        for name in ("action_klarna_fetch", "action_undo"):
            with self.assertRaises(AccessError):
                getattr(self.payout().with_user(reader), name)()
        # Who invoices can undo and book, without rights to integrations.
        payout = self.payout().with_user(biller)
        payout.action_undo()
        payout.action_post()
        self.assertEqual(self.vouchers(self.payout()), WORKED_EXAMPLE)
