import base64
from datetime import date

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from odoo.addons.brp_settlement.tests.common import sums_of

from .common import BookingCommon


@tagged("post_install", "-at_install")
class TestChannel(BookingCommon):
    """What a marketplace sells, takes back, and pays out."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.till = cls.open_till()

    def test_sold(self):
        """320 kr with 6 % VAT: sales 301.89, VAT 18.11, and the marketplace owes 320."""
        order = self.sell(self.till, self.make_slot())
        booking = order.booking_ids
        self.assertRecordValues(
            booking,
            [{"state": "booked", "source": "channel", "paid": "paid", "price": 320.0, "commission": 38.4}],
        )
        invoice = order.order_id.invoice_ids
        payment = invoice.matched_payment_ids
        self.assertEqual(invoice.payment_state, "paid")
        income = self.padel.product_tmpl_id.get_product_accounts()["income"].code
        vat = self.tax_6.invoice_repartition_line_ids.account_id.code
        self.assertEqual(
            sums_of(invoice + payment.move_id),
            {income: -301.89, vat: -18.11, self.receivable.code: 320.0},
        )
        self.assertEqual(payment.memo, "TT-1")

    def test_several_rates(self):
        """A court for 320 kr (6 %) and the pool for 95 kr (25 %) at once: one invoice, each its VAT."""
        court, pool = self.make_slot(), self.make_slot(self.pool)
        rows = [slot._take_all(1, {"hold": "x"})[0] for slot in (court, pool)]
        customer = self.env["res.partner"].create({"name": "Lo"})
        order = (
            self.env["brp.channel.order"]
            .sudo()
            ._sell(
                self.till, "x", customer, list(zip((court, pool), rows, strict=True)), {"reference": "TT-2"}
            )
        )
        self.assertEqual(order.amount, 415.0)
        invoice = order.order_id.invoice_ids
        self.assertEqual((invoice.amount_total, invoice.amount_tax), (415.0, 37.11))  # 18.11 + 19.00

    def test_branch(self):
        """A branch's till: its sales are the branch's, on accounts of the whole company; the next number."""
        branch = self.env["res.company"].create(
            {"name": "Filialen", "parent_id": self.company.id, "country_id": self.company.country_id.id}
        )
        self.env.cr.precommit.run()  # gives it its share of the chart of accounts
        self.env.user.company_ids += branch
        Facility = self.env["brp.facility"].with_company(branch)
        facility = Facility.create(
            {
                "name": "Filialens hall",
                "company_id": branch.id,
                "resource_ids": [Command.create({"name": "Bana 1", "activity_id": self.activity.id})],
            }
        )
        Connection = self.env["brp.connection"].sudo().with_company(branch)
        till = Connection.create(
            {
                "name": "Filialens kassa",
                "provider": "marketplace",
                "several": True,
                "company_id": branch.id,
                "marketplace_facility_ids": facility.ids,
            }
        )
        till._set_up_marketplace()
        till.state = "active"
        receivable = till.marketplace_method_id.payment_account_id
        self.assertEqual((self.receivable.code, receivable.code), ("1585", "1586"))
        self.assertEqual(receivable.company_ids, self.company)
        slot = self.make_slot(facility.resource_ids).with_company(branch)
        invoice = self.sell(till, slot).order_id.invoice_ids
        self.assertEqual((invoice.company_id, invoice.payment_state), (branch, "paid"))
        owed = self.env["account.move.line"].search([("account_id", "=", receivable.id)])
        self.assertRecordValues(owed, [{"balance": 320.0, "company_id": branch.id}])

    def test_cancelled_by_customer(self):
        """The sale and what is taken back come to nothing but on the receivable, where each is an item."""
        slot = self.make_slot()
        booking = self.sell(self.till, slot).booking_ids
        booking._cancel("customer")
        self.assertEqual((booking.state, booking.paid), ("cancelled", "refunded"))
        items = self.env["account.move.line"].search([("account_id", "=", self.receivable.id)])
        self.assertEqual(sorted(items.mapped("balance")), [-320.0, 320.0])
        documents = booking.order_id.invoice_ids
        self.assertEqual(set(documents.mapped("payment_state")), {"paid"})
        self.assertEqual(sums_of(documents + documents.matched_payment_ids.move_id), {})
        slot.invalidate_recordset()
        self.assertEqual(slot.free, 1)

    def test_cancelled_twice(self):
        booking = self.sell(self.till, self.make_slot()).booking_ids
        booking._cancel("customer")
        booking._cancel("facility", "Stängt")
        self.assertEqual(booking.cancelled_by, "customer")
        self.assertEqual(len(booking.order_id.invoice_ids), 2)

    def test_rules(self):
        """Until a day before, as it was when it was booked; later rules do not count."""
        booking = self.sell(self.till, self.make_slot()).booking_ids
        self.assertFalse(booking._find_cancel_obstacle())
        self.padel.slot_cancellable = False
        self.assertFalse(booking._find_cancel_obstacle())
        with freeze_time("2026-03-03 16:00:01"):
            self.assertIn("could be cancelled until", booking._find_cancel_obstacle())
        with freeze_time("2026-03-04 16:30:00"):
            self.assertIn("has begun", booking._find_cancel_obstacle())
        later = self.sell(self.till, self.make_slot(self.court_2), "0002").booking_ids
        self.assertIn("cannot be cancelled", later._find_cancel_obstacle())

    def test_locked_period(self):
        """March is closed in the books: nothing is sold, and nothing is half done."""
        slot = self.make_slot()
        self.company.sudo().hard_lock_date = date(2026, 3, 31)
        moves = self.env["account.move"].search_count([])
        with self.assertRaisesRegex(UserError, "Hard Lock Date"), self.env.cr.savepoint():
            self.sell(self.till, slot)
        self.env.invalidate_all()
        self.assertEqual(self.env["account.move"].search_count([]), moves)
        self.assertEqual(slot.free, 1)

    def test_free_of_charge(self):
        slot = self.make_slot(price_unit=0)
        order = self.sell(self.till, slot)
        self.assertFalse(order.order_id.invoice_ids)
        order.booking_ids._cancel("customer")
        self.assertEqual(order.booking_ids.state, "cancelled")

    def test_one_is_free_of_charge(self):
        """What cost nothing is cancelled without any payment of nothing."""
        free, charged = self.make_slot(price_unit=0), self.make_slot(self.court_2)
        rows = [(slot, slot._take_all(1, {"hold": "x"})[0]) for slot in (free, charged)]
        customer = self.env["res.partner"].create({"name": "Lo"})
        Sale = self.env["brp.channel.order"].sudo()
        bookings = Sale._sell(self.till, "x", customer, rows, {"reference": "TT-2"}).booking_ids
        bookings.filtered(lambda booking: booking.slot_id == free)._cancel("customer")
        payments = bookings.order_id.invoice_ids.matched_payment_ids
        self.assertEqual(payments.mapped("amount"), [320.0])

    def test_öre(self):
        """Three places at 33.33 and 25 % VAT on top are sold for 41.66 each, 124.98. Odoo makes 124.99 of the
        invoice, and of the credit note of all: the marketplace owes what it took, and in the end nothing."""
        self.tax_25.price_include_override = "tax_excluded"
        self.company.tax_calculation_rounding_method = "round_globally"
        slot = self.make_slot(self.pool, price_unit=33.33)
        rows = [(slot, row) for row in slot._take_all(3, {"hold": "x"})]
        customer = self.env["res.partner"].create({"name": "Lo"})
        Sale = self.env["brp.channel.order"].sudo()
        bookings = Sale._sell(self.till, "x", customer, rows, {"reference": "TT-2"}).booking_ids
        invoice = bookings.order_id.invoice_ids
        self.assertEqual((invoice.amount_total, invoice.payment_state), (124.99, "paid"))
        items = self.env["account.move.line"].search([("account_id", "=", self.receivable.id)])
        self.assertEqual(items.balance, 124.98)
        self.assertEqual(sums_of(invoice.matched_payment_ids.move_id)["3740"], 0.01)
        bookings._cancel("customer")
        items = self.env["account.move.line"].search([("account_id", "=", self.receivable.id)])
        self.assertEqual(sorted(items.mapped("balance")), [-124.98, 124.98])
        documents = bookings.order_id.invoice_ids
        self.assertEqual(set(documents.mapped("payment_state")), {"paid"})
        self.assertEqual(sums_of(documents + documents.matched_payment_ids.move_id), {})

    def test_customer_abroad(self):
        """Who lives abroad and plays here pays our VAT: on the accounts of sales with our VAT."""
        self.env["account.fiscal.position"].create(
            {
                "name": "Abroad",
                "auto_apply": True,
                "country_id": self.env.ref("base.no").id,
                "account_ids": [
                    Command.create(
                        {
                            "account_src_id": self.env["account.account"].search([("code", "=", "30011")]).id,
                            "account_dest_id": self.env["account.account"].search([("code", "=", "3305")]).id,
                        }
                    )
                ],
            }
        )
        customer = self.env["res.partner"].create({"name": "Nils", "country_id": self.env.ref("base.no").id})
        booking = self.sell(self.till, self.make_slot(), customer=customer).booking_ids
        invoice = booking.order_id.invoice_ids
        self.assertEqual(sums_of(invoice), {"1510": 320.0, "30011": -301.89, "2631": -18.11})
        booking._cancel("customer")
        self.assertEqual(sums_of(booking.order_id.invoice_ids), {})

    def test_uninstalled(self):
        """When the addon goes, its tills go, whatever they have sold; payouts stay with their channel."""
        booking = self.sell(self.till, self.make_slot()).booking_ids
        channel = self.till.payout_channel_ids
        invoice = booking.order_id.invoice_ids
        self.till.with_context(_force_unlink=True)._forget_marketplace()
        self.env.invalidate_all()
        self.assertFalse(self.till.exists())
        self.assertFalse(channel.connection_id)
        self.assertEqual(invoice.payment_state, "paid")

    def test_payment_method_id_is_shown(self):
        self.assertEqual(self.till.marketplace_method_number, self.till.marketplace_method_id.id)
        self.assertEqual(self.till.marketplace_method_id.name, "Tidstorget")

    def test_token(self):
        """Only its hash is kept; a new one replaces it."""
        Connection = self.env["brp.connection"]
        self.assertEqual(Connection._find_by_token(self.token), self.till)
        self.assertNotIn(self.token, str(self.till.sudo().read()))
        new = self.till._make_token()
        self.assertFalse(Connection._find_by_token(self.token))
        self.assertEqual(Connection._find_by_token(new), self.till)
        self.till.action_deactivate()
        self.assertEqual(Connection._find_by_token(new), self.till)  # it asks what became of what it sold

    def test_facility_is_told(self):
        booking = self.sell(self.till, self.make_slot()).booking_ids
        self.assertEqual(booking.notice, "sold")
        queue = [("cron_id", "=", self.env.ref("mail.ir_cron_mail_scheduler_action").id)]
        self.env["ir.cron.trigger"].search(queue).unlink()
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["brp.booking"]._cron_tell()
        self.env.invalidate_all()
        mail = self.env["mail.mail"].search([("email_to", "ilike", "hall@example.com")])
        self.assertEqual(len(mail), 1)
        self.assertIn("Bana 1", mail.subject)
        self.assertIn(booking.name, mail.body_html)
        self.assertFalse(booking.notice)
        self.assertTrue(self.env["ir.cron.trigger"].search_count(queue), "it is sent at once")

    def test_facility_is_not_told(self):
        self.till.marketplace_mail_facility = False
        self.assertFalse(self.sell(self.till, self.make_slot()).booking_ids.notice)

    def test_customer_is_told(self):
        """A marketplace that leaves the receipts to us: the customer gets one, with the booking number."""
        self.till.write({"marketplace_mail_customer": True, "marketplace_mail_facility": False})
        booking = self.sell(self.till, self.make_slot()).booking_ids
        self.env.flush_all()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            self.env(cr=cr)["brp.booking"]._cron_tell()
        self.env.invalidate_all()
        mail = self.env["mail.mail"].search([("recipient_ids", "in", booking.partner_id.ids)])
        self.assertEqual(len(mail), 1)
        self.assertIn(booking.name, mail.body_html)
        self.assertFalse(booking.notice)

    # === PAYOUTS === #

    def statement(self, *rows, paid):
        head = "Utbetalning;Utbetalningsdatum;Utbetalt belopp;Datum;Typ;Bokning;Referens;Belopp"
        lines = [f"UTB-1;2026-04-05;{paid};2026-03-02;{row}" for row in rows]
        return "\r\n".join([head, *lines]).encode()

    def import_statement(self, *rows, paid):
        self.till._import_statement(self.statement(*rows, paid=paid), "2026-03.csv")
        return self.env["brp.payout"].search([("channel_id", "=", self.till.payout_channel_id.id)])

    def test_payout(self):
        """320 sold, 12 % is 38.40, VAT on it 9.60: 272.00 is paid, and the receivable is cleared."""
        self.sell(self.till, self.make_slot())
        payout = self.import_statement(
            "Försäljning;B1;TT-1;320,00",
            "Provision;;;-38,40",
            "Moms på provision;;;-9,60",
            paid="272,00",
        )
        self.assertEqual((payout.state, payout.problem, payout.marketplace_notice), ("ready", "", False))
        payout.action_post()
        channel = self.till.payout_channel_id
        codes = {row.kind: row.account_id.code for row in channel.mapping_ids if row.account_id}
        self.assertEqual(
            sums_of(payout.move_id),
            {
                channel.paid_account_id.code: 272.0,
                codes["commission"]: 38.4,
                codes["fee_vat"]: 9.6,
                self.receivable.code: -320.0,
            },
        )
        open_items = self.env["account.move.line"].search(
            [("account_id", "=", self.receivable.id), ("reconciled", "=", False)]
        )
        self.assertFalse(open_items)

    def test_payout_again(self):
        """The same statement again changes nothing."""
        self.sell(self.till, self.make_slot())
        rows = "Försäljning;B1;TT-1;320,00", "Provision;;;-38,40", "Moms på provision;;;-9,60"
        first = self.import_statement(*rows, paid="272,00")
        self.assertEqual(self.import_statement(*rows, paid="272,00"), first)

    def test_missing_sale(self):
        """Two sales, one on the statement: the other one is named."""
        self.sell(self.till, self.make_slot())
        self.sell(self.till, self.make_slot(self.court_2), "0002", "TT-2")
        payout = self.import_statement("Försäljning;B1;TT-1;320,00", "Provision;;;-38,40", paid="281,60")
        self.assertRegex(payout.marketplace_notice, r"Missing from it.*TT-2.*320")
        self.assertNotIn("TT-1", payout.marketplace_notice)

    def test_what_differs_waits(self):
        """A payout that lacks a sale is not posted by itself; when somebody has, what is missing is shown."""
        self.sell(self.till, self.make_slot())
        self.sell(self.till, self.make_slot(self.court_2), "0002", "TT-2")
        rows = "Försäljning;B1;TT-1;320,00", "Provision;;;-38,40"
        payout = self.import_statement(*rows, paid="281,60")
        self.assertEqual((payout.state, payout.channel_id.auto_post), ("ready", True))
        with self.enter_registry_test_mode():
            self.env.ref("brp_settlement.ir_cron_post").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(payout.state, "ready")
        payout.action_post()
        open_items = self.env["account.move.line"].search(payout.action_view_open_items()["domain"])
        self.assertRecordValues(open_items, [{"balance": 320.0}])
        self.assertEqual(open_items.payment_id.memo, "TT-2")

    def test_other_commission(self):
        """15 % was kept instead of 12: 48.00, expected 38.40."""
        self.sell(self.till, self.make_slot())
        payout = self.import_statement("Försäljning;B1;TT-1;320,00", "Provision;;;-48,00", paid="272,00")
        self.assertRegex(payout.marketplace_notice, r"commission is .*48.*12 % of .*320.* is .*38")

    def test_does_not_add_up(self):
        self.sell(self.till, self.make_slot())
        payout = self.import_statement("Försäljning;B1;TT-1;320,00", "Provision;;;-38,40", paid="280,00")
        self.assertEqual(payout.difference, -1.6)
        with self.assertRaisesRegex(UserError, "1[.,]60"):
            payout.action_post()

    def test_sale_that_nobody_knows(self):
        payout = self.import_statement("Försäljning;B9;TT-9;320,00", paid="320,00")
        self.assertEqual((payout.state, payout.count_unmatched), ("open", 1))

    def test_garbage(self):
        with self.assertRaises(UserError):
            self.till._import_statement(b"<html>not found</html>", "x.csv")

    def test_address(self):
        """The statements' address tells the month; a new address forgets the old one's token."""
        till = self.till.sudo()
        with self.assertRaisesRegex(UserError, "has to tell the month"), self.env.cr.savepoint():
            till.marketplace_statement_url = "https://example.com/statement.csv"
        till.write(
            {
                "marketplace_statement_url": "https://example.com/{month}.csv",
                "marketplace_statement_token": "hemligt",
            }
        )
        self.till.marketplace_statement_url = "https://evil.example.com/{month}.csv"
        self.assertFalse(till.marketplace_statement_token)

    def test_by_hand(self):
        """The importer of files offers the marketplace's channel."""
        wizard = self.env["brp.payout.import"].create(
            {
                "channel_id": self.till.payout_channel_id.id,
                "file": base64.b64encode(self.statement("Försäljning;B1;TT-1;320,00", paid="320,00")),
            }
        )
        self.assertTrue(self.till.payout_channel_id.takes_files)
        wizard.action_read()
        self.assertIn(wizard.state, ("columns", "preview"))

    def test_analysis(self):
        """Two of the pool's three places for two hours: 4 of 6 hours; the court's hour is sold: 5 of 7."""
        pool = self.make_slot(self.pool, stop="2026-03-04 18:00:00")
        self.book(pool, places=2)
        self.sell(self.till, self.make_slot())
        self.env.flush_all()
        Report = self.env["brp.slot.report"]
        [[hours, booked, occupancy, sales, commission]] = Report._read_group(
            [("facility_id", "=", self.facility.id)],
            [],
            ["hours:sum", "hours_booked:sum", "occupancy:avg", "sales:sum", "commission:sum"],
        )
        self.assertEqual((hours, booked, sales, commission), (7.0, 5.0, 510.0, 38.4))
        self.assertAlmostEqual(occupancy, 5 / 7)
        # 16:00 UTC on Wednesday 4 March is 17:00 in Sweden.
        rows = Report._read_group([("facility_id", "=", self.facility.id)], ["weekday", "hour"], ["__count"])
        self.assertEqual(rows, [("3", "17:00", 2)])
