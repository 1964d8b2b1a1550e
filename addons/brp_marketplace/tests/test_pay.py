from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, freeze_time, tagged

from odoo.addons.brp_settlement.tests.common import sums_of

from .common import BookingCommon


@tagged("post_install", "-at_install")
class TestPay(BookingCommon):
    """The desk, with rights to sell and none to the accounting, takes payment."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cash = cls.company_data["default_journal_cash"]
        cls.bank = cls.company_data["default_journal_bank"]
        cls.drawer = cls.make_account("191099", "asset_cash")
        cls.cash.inbound_payment_method_line_ids.payment_account_id = cls.drawer
        cls.facility.desk_journal_ids = cls.cash

    @classmethod
    def make_account(cls, code, kind):
        return cls.env["account.account"].create({"name": code, "code": code, "account_type": kind})

    def open_dialog(self, booking, user=None):
        action = booking.with_user(user or self.desk).action_take_payment()
        self.assertEqual((action["res_model"], action["target"]), ("brp.booking.pay", "new"))
        return self.env["brp.booking.pay"].with_user(user or self.desk).browse(action["res_id"])

    def pay(self, booking, user=None, journal=None):
        wizard = self.open_dialog(booking, user)
        wizard.journal_id = journal or self.cash
        wizard.action_take_payment()
        self.env.flush_all()
        self.env.invalidate_all()
        return wizard

    def book_two(self):
        """Return two bookings of an order: a court for 320 kr and a place in the pool for 95 kr."""
        slots = self.make_slot() + self.make_slot(self.pool)
        order = self.env["sale.order"].create(
            {
                "partner_id": self.env["res.partner"].create({"name": "Lo"}).id,
                "order_line": [Command.create(slot._prepare_order_line()) for slot in slots],
            }
        )
        order.action_confirm()
        return order.booking_ids.sorted("price", reverse=True)

    # === WHAT IS PAID === #

    def test_pay_booked_earlier(self):
        """320 kr with 6 %: 301.89 and 18.11 of VAT; the drawer gets 320 kr and the customer owes nothing."""
        booking = self.book(self.make_slot(), self.desk)
        self.assertEqual(booking.paid, "no")
        wizard = self.open_dialog(booking)
        self.assertEqual((wizard.amount, wizard.booking_ids), (320.0, booking))
        self.assertEqual(wizard.journal_id, self.cash, "there is but one to choose")
        wizard.action_take_payment()
        self.env.invalidate_all()
        self.assertEqual(booking.paid, "paid")
        invoice = booking.order_id.invoice_ids
        self.assertRecordValues(
            invoice,
            [{"state": "posted", "amount_untaxed": 301.89, "amount_tax": 18.11, "payment_state": "paid"}],
        )
        payment = invoice.matched_payment_ids
        self.assertRecordValues(payment, [{"amount": 320.0, "journal_id": self.cash.id, "state": "paid"}])
        self.assertEqual(str(payment.date), "2026-03-02")
        self.assertEqual(
            sums_of(invoice + payment.move_id),
            {"30011": -301.89, "2631": -18.11, "191099": 320.0},
        )

    def test_whole_order(self):
        """320 + 95 = 415 kr: an order is paid as a whole, and its dialog names all its bookings."""
        court, place = self.book_two()
        wizard = self.open_dialog(place)
        self.assertEqual((wizard.amount, wizard.booking_ids), (415.0, court + place))
        wizard.action_take_payment()
        self.env.invalidate_all()
        self.assertEqual((court.paid, place.paid), ("paid", "paid"))
        self.assertEqual(sum(court.order_id.invoice_ids.matched_payment_ids.mapped("amount")), 415.0)

    def test_invoiced_earlier(self):
        """An invoice of last month that is not paid is paid today, and not made anew."""
        booking = self.book(self.make_slot())
        invoice = booking.order_id._create_invoices()
        invoice.invoice_date = "2026-02-27"
        invoice.action_post()
        self.pay(booking)
        self.assertEqual(booking.order_id.invoice_ids, invoice)
        self.assertEqual(booking.paid, "paid")
        self.assertEqual(str(invoice.matched_payment_ids.date), "2026-03-02")

    def test_draft(self):
        """A draft that somebody has made is the one that is posted and paid."""
        booking = self.book(self.make_slot())
        draft = booking.order_id._create_invoices()
        self.assertEqual(self.pay(booking).amount, 320.0)
        self.assertEqual(booking.order_id.invoice_ids, draft)
        self.assertRecordValues(draft, [{"state": "posted", "payment_state": "paid"}])

    def test_draft_of_a_part(self):
        """The court is on a draft, the pool on no invoice: 320 and 95 kr are paid, each on its invoice."""
        court, place = self.book_two()
        draft = court.order_id._create_invoices()
        draft.invoice_line_ids.filtered(lambda line: line.sale_line_ids == place.order_line_id).unlink()
        self.assertEqual(self.pay(court).amount, 415.0)
        self.assertEqual(sorted(court.order_id.invoice_ids.mapped("amount_total")), [95.0, 320.0])
        self.assertEqual((court.paid, place.paid), ("paid", "paid"))

    def test_partly_paid(self):
        """120 of 320 kr are paid: the desk takes the other 200."""
        booking = self.book(self.make_slot())
        invoice = booking.order_id._create_invoices()
        invoice.action_post()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"journal_id": self.cash.id, "amount": 120})._create_payments()
        wizard = self.pay(booking)
        self.assertEqual(wizard.amount, 200.0)
        self.assertEqual(sorted(invoice.matched_payment_ids.mapped("amount")), [120.0, 200.0])
        self.assertEqual(invoice.amount_residual, 0.0)

    def test_payment_terms(self):
        """An invoice that falls due in two parts is paid whole when the customer stands at the desk."""
        term = self.env["account.payment.term"].create(
            {
                "name": "30 % now, the rest in 30 days",
                "line_ids": [
                    Command.create({"value": "percent", "value_amount": 30, "nb_days": 0}),
                    Command.create({"value": "percent", "value_amount": 70, "nb_days": 30}),
                ],
            }
        )
        booking = self.book(self.make_slot())
        booking.order_id.payment_term_id = term
        self.pay(booking)
        invoice = booking.order_id.invoice_ids
        self.assertEqual((invoice.amount_residual, invoice.payment_state), (0.0, "paid"))
        self.assertEqual(invoice.matched_payment_ids.mapped("amount"), [320.0])

    def test_down_payment(self):
        """Of 320 kr 100 were invoiced and paid beforehand: 220 are left."""
        booking = self.book(self.make_slot())
        order = booking.order_id
        self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        ).create({"advance_payment_method": "fixed", "fixed_amount": 100}).create_invoices()
        order.invoice_ids.action_post()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=order.invoice_ids.ids
        ).create({"journal_id": self.cash.id})._create_payments()
        self.assertEqual(self.pay(booking).amount, 220.0)
        self.assertEqual(sum(order.invoice_ids.mapped("amount_total")), 320.0)
        self.assertEqual(sum(order.invoice_ids.mapped("amount_residual")), 0.0)

    def test_no_outstanding_account(self):
        """A journal as Odoo makes it books nothing before the bank statement: it counts as paid, once."""
        self.cash.inbound_payment_method_line_ids.payment_account_id = False
        booking = self.book(self.make_slot())
        self.pay(booking)
        self.assertEqual(booking.paid, "paid")
        self.assertEqual(booking.order_id.invoice_ids.matched_payment_ids.amount, 320.0)
        with self.assertRaisesRegex(UserError, "paid already"):
            booking.with_user(self.desk).action_take_payment()

    def test_booking_dialog(self):
        """The desk books and takes payment at once, with the journals of the facility."""
        slot = self.make_slot()
        dialog = self.env["brp.booking.desk"].with_user(self.desk).with_context(default_slot_id=slot.id)
        with Form(dialog) as form:
            form.name = "Kim Exempel"
            form.journal_id = self.cash
        self.assertEqual(form.record.journal_ids, self.cash)
        form.record.action_book()
        booking = slot.booking_ids
        self.assertEqual(booking.paid, "paid")
        payment = booking.order_id.invoice_ids.matched_payment_ids
        self.assertEqual((payment.amount, payment.journal_id), (320.0, self.cash))

    # === WHAT IS NOT === #

    def test_paid_meanwhile(self):
        """Two people have the dialog open: the second one is told, and nothing is paid twice."""
        booking = self.book(self.make_slot())
        first, second = self.open_dialog(booking), self.open_dialog(booking)
        first.action_take_payment()
        with self.assertRaisesRegex(UserError, "paid already"):
            second.action_take_payment()
        self.assertEqual(booking.order_id.invoice_ids.matched_payment_ids.mapped("amount"), [320.0])

    def test_changed_meanwhile(self):
        """Another time was added after the customer was told 320 kr: 415 kr are not taken for it."""
        booking = self.book(self.make_slot())
        wizard = self.open_dialog(booking)
        order = booking.order_id
        slot = self.make_slot(self.pool)
        order.order_line = [Command.create(slot._prepare_order_line())]
        with self.assertRaisesRegex(UserError, r"415.*320"), self.env.cr.savepoint():
            wizard.action_take_payment()
        order.invalidate_recordset()
        self.assertFalse(order.invoice_ids)

    def test_being_paid_online(self):
        booking = self.book(self.make_slot())
        wizard = self.open_dialog(booking)
        provider = self.env["payment.provider"].create({"name": "Swish", "code": "none", "state": "test"})
        self.env["payment.transaction"].create(
            {
                "provider_id": provider.id,
                "payment_method_id": self.env.ref("payment.payment_method_unknown").id,
                "reference": "SW-1",
                "amount": 320,
                "currency_id": self.company.currency_id.id,
                "partner_id": booking.partner_id.id,
                "sale_order_ids": [Command.set(booking.order_id.ids)],
                "state": "pending",
            }
        )
        for take_payment in (wizard.action_take_payment, booking.with_user(self.desk).action_take_payment):
            with self.assertRaisesRegex(UserError, "is being paid with Swish, SW-1"):
                take_payment()
        self.assertFalse(booking.order_id.invoice_ids)

    def test_cancelled(self):
        booking = self.book(self.make_slot())
        wizard = self.open_dialog(booking)
        booking._cancel("facility")
        with self.assertRaisesRegex(UserError, "is cancelled"):
            wizard.action_take_payment()

    def test_marketplace(self):
        """What a marketplace sold is paid there."""
        sold = self.sell(self.open_till(), self.make_slot())
        with self.assertRaisesRegex(UserError, "is paid already"):
            sold.booking_ids.with_user(self.desk).action_take_payment()

    def test_locked_period(self):
        """In a period that is locked for good nothing is paid: neither invoice nor payment is left behind."""
        booking = self.book(self.make_slot())
        wizard = self.open_dialog(booking)
        with freeze_time("2026-04-02 07:00:00"):
            self.company.hard_lock_date = "2026-03-31"
        with self.assertRaisesRegex(UserError, "You cannot add/modify entries"), self.env.cr.savepoint():
            wizard.action_take_payment()
        booking.invalidate_recordset()
        self.assertFalse(booking.order_id.invoice_ids)
        self.assertEqual(booking.paid, "no")

    # === RIGHTS === #

    def test_another_journal(self):
        """What is not on the facility's list is refused, in both dialogs, whatever the client sends."""
        booking = self.book(self.make_slot())
        wizard = self.open_dialog(booking)
        self.assertEqual(wizard.journal_ids, self.cash)
        wizard.journal_id = self.bank
        with self.assertRaisesRegex(UserError, "You may not take payment with Bank"):
            wizard.action_take_payment()
        slot = self.make_slot(self.court_2)
        with self.assertRaisesRegex(UserError, "You may not take payment with Bank"):
            self.book(slot, self.desk, journal_id=self.bank.id)
        self.assertFalse(slot.booking_ids)

    def test_who_invoices(self):
        """Who has rights to invoicing may use all journals that money comes in by."""
        booking = self.book(self.make_slot())
        clerk = self.make_user(
            "invoicing_desk", "sales_team.group_sale_salesman_all_leads,account.group_account_invoice"
        )
        self.assertLessEqual(self.cash + self.bank, self.open_dialog(booking, clerk).journal_ids)
        self.pay(booking, clerk, self.bank)
        self.assertEqual(booking.order_id.invoice_ids.matched_payment_ids.journal_id, self.bank)

    def test_rights_to_bookings_only(self):
        """Who has rights to bookings and none to sales can take payment too."""
        booking = self.book(self.make_slot())
        user = self.make_user("booking_only", "brp_marketplace.group_booking_user")
        action = booking.with_user(user).action_take_payment()
        wizard = self.env["brp.booking.pay"].with_user(user).browse(action["res_id"])
        shown = wizard.web_read(
            {
                "amount": {},
                "order_id": {"fields": {"display_name": {}}},
                "journal_id": {"fields": {"display_name": {}}},
                "booking_ids": {"fields": {"slot_id": {"fields": {"display_name": {}}}}},
            }
        )
        self.assertEqual(shown[0]["order_id"]["display_name"], booking.order_id.name)
        wizard.action_take_payment()
        booking.invalidate_recordset()
        self.assertEqual(booking.paid, "paid")

    def test_other_company(self):
        """Who works for another company takes no payment, and is told nothing of what is open."""
        booking = self.book(self.make_slot())
        other = self.env["res.company"].create({"name": "Grannby Padel AB"})
        neighbour = self.make_user(
            "neighbour_desk", "sales_team.group_sale_salesman_all_leads,account.group_account_invoice", other
        )
        self.env.flush_all()
        with self.assertRaises(AccessError):
            booking.with_user(neighbour).action_take_payment()
        wizard = self.env["brp.booking.pay"].with_user(neighbour).create({"booking_id": booking.id})
        for name in ("partner_id", "order_id", "booking_ids", "journal_ids"):
            self.env.invalidate_all()
            with self.subTest(name), self.assertRaises(AccessError):
                wizard.read([name])
        with self.assertRaises(AccessError):
            wizard.action_take_payment()

    def test_nothing_chosen(self):
        self.facility.desk_journal_ids = False
        booking = self.book(self.make_slot())
        with self.assertRaisesRegex(UserError, "Nothing is chosen that the desk may take payment with"):
            booking.with_user(self.desk).action_take_payment()

    def test_journals_of_a_facility(self):
        """Sales journals, and those of other companies, are none to be paid with."""
        with self.assertRaisesRegex(ValidationError, "no journal for bank"), self.env.cr.savepoint():
            self.facility.desk_journal_ids = self.company_data["default_journal_sale"]
        other = self.env["res.company"].create({"name": "Grannby Padel AB"})
        foreign = self.env["account.journal"].create(
            {"name": "Kassa", "type": "cash", "code": "KASSA", "company_id": other.id}
        )
        with self.assertRaises(UserError):
            self.facility.desk_journal_ids = foreign
