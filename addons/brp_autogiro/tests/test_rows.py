from datetime import date

from odoo import Command
from odoo.tests import tagged

from .bank_files import advice_report, application_report, change_report, register_extract
from .common import ACCOUNT, BANKGIRO, AutogiroCommon


@tagged("post_install", "-at_install")
class TestRows(AutogiroCommon):
    """Rows of reports that are about several payments, about the same thing, or just many."""

    def _collect(self, count):
        """Return the payments, sent, of as many customers; the payer numbers are 1, 2, …"""
        customers = self.env["res.partner"].create([{"name": f"Payer {n + 1}"} for n in range(count)])
        customers.property_inbound_payment_method_line_id = self.line
        self.env["brp.autogiro.mandate"].sudo().create(
            [
                {"partner_id": customer.id, "payer_number": str(number), "state": "active"}
                for number, customer in enumerate(customers, start=1)
            ]
        )
        invoices = self.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": customer.id,
                    "invoice_date": date(2026, 4, 1),
                    "invoice_date_due": date(2026, 4, 27),
                    "invoice_payment_term_id": False,
                    "invoice_line_ids": [Command.create({"name": "Card", "price_unit": 100, "tax_ids": []})],
                }
                for customer in customers
            ]
        )
        invoices.action_post()
        return self._make_batch().payment_ids.sudo().sorted(lambda payment: int(payment.payer_number))

    def _count_queries(self, report):
        """Return how many queries it takes to book a report that has been read."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        report.action_book()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def _assert_cheap(self, few, many, per_row):
        """Ten rows and sixty: a row more may not cost more than so many queries."""
        self.assertEqual((few.row_count, many.row_count), (10, 60))
        few_cost = self._count_queries(few)
        cost = self._count_queries(many)
        self.assertLessEqual((cost - few_cost) / 50, per_row)

    # === CANCELLED AND MOVED PAYMENTS === #

    def test_many_payments_are_cancelled_and_moved(self):
        payments = self._collect(70)

        def make_row(number, payment):
            tk, new, comment = (("25", "", "12"), ("11", "", "12"), ("29", "20260504", "18"))[number % 3]
            return (tk, "20260427", payment.payer_number, 10000, payment.reference, new, comment)

        rows = [make_row(number, payment) for number, payment in enumerate(payments)]
        few = self._read(change_report(BANKGIRO, "20260421", rows[:10]), book=False)
        many = self._read(change_report(BANKGIRO, "20260422", rows[10:]), book=False)
        # What they cost is Odoo's own work on invoices and activities, in hundreds at a time.
        self._assert_cheap(few, many, per_row=1)
        # Of 70 rows every third, the third, the sixth, … is a move: 23 of them.
        moved = payments.filtered(lambda payment: payment.state == "sent")
        self.assertEqual(len(moved), 23)
        self.assertEqual(set(moved.mapped("payment_date")), {date(2026, 5, 4)})
        cancelled = payments - moved
        self.assertEqual(set(cancelled.mapped("state")), {"cancelled"})
        self.assertTrue(all(cancelled.move_id.mapped("autogiro_blocked")))
        self.assertFalse(any(moved.move_id.mapped("autogiro_blocked")))
        self.assertEqual(len(cancelled.move_id.activity_ids), 47)

    def test_a_row_may_mean_all_of_a_payer_or_of_a_day(self):
        anna, bo, cia = self._collect(3)
        anna.payer_number = bo.payer_number
        rows = [
            ("24", "20260427", bo.payer_number, 0, "", "", "12"),
            ("27", "20260427", "0", 0, "", "20260504", "14"),
        ]
        report = self._read(change_report(BANKGIRO, "20260421", rows))
        self.assertEqual([payment.state for payment in (anna, bo, cia)], ["cancelled", "cancelled", "sent"])
        self.assertEqual(cia.payment_date, date(2026, 5, 4))
        self.assertEqual(anna.payment_date, date(2026, 4, 27))
        self.assertEqual(report.line_ids.sorted("number").mapped("outcome"), ["cancel", "move"])

    def test_rows_about_the_same_payment_follow_each_other(self):
        [payment] = self._collect(1)
        payer, reference = payment.payer_number, payment.reference
        rows = [
            ("29", "20260427", payer, 10000, reference, "20260504", "18"),
            ("25", "20260427", payer, 10000, reference, "", "12"),  # no longer on that day
            ("25", "20260504", payer, 10000, reference, "", "12"),
            ("23", "00000000", payer, 10000, reference, "", "12"),  # cancelled already
        ]
        self._read(change_report(BANKGIRO, "20260421", rows))
        self.assertEqual((payment.state, payment.payment_date), ("cancelled", date(2026, 5, 4)))
        self.assertEqual(len(payment.move_id.activity_ids), 1)

    # === MANDATES === #

    def test_many_mandates_of_the_register(self):
        few, many = (
            self._read(
                register_extract(
                    BANKGIRO, [(str(n), ACCOUNT, f"{n:012}", 1) for n in range(first, first + count)]
                ),
                book=False,
            )
            for first, count in ((1001, 10), (2001, 60))
        )
        self._assert_cheap(few, many, per_row=0.2)
        mandates = (few + many).line_ids.mandate_id.sudo()
        self.assertEqual((len(mandates), set(mandates.mapped("state"))), (70, {"active"}))
        for line in (few + many).line_ids.sudo().filtered("payer_number"):
            self.assertEqual(line.mandate_id.payer_number, line.payer_number)

    def test_payer_number_that_is_twice_in_the_register(self):
        dan = self.env["res.partner"].create({"name": "Dan", "personal_number": "196803059895"})
        row = ("4711", ACCOUNT, "196803059895", 1)
        report = self._read(register_extract(BANKGIRO, [row, row, ("4711", ACCOUNT, "199912249894", 1)]))
        mandate = self.env["brp.autogiro.mandate"].search([("payer_number", "=", "4711")])
        self.assertEqual((mandate.partner_id, mandate.holder_number), (dan, "196803059895"))
        self.assertEqual(report.line_ids.sorted("number").mapped("outcome"), ["mandate", "agrees", "misfit"])

    def test_many_applications(self):
        few, many = (
            self._read(
                application_report(
                    BANKGIRO,
                    day,
                    [(str(n), ACCOUNT, f"{n:012}", 0) for n in range(first, first + count)],
                ),
                book=False,
            )
            for day, first, count in (("20260420", 1001, 10), ("20260421", 2001, 60))
        )
        self._assert_cheap(few, many, per_row=0.2)
        self.assertEqual(len((few + many).line_ids.mandate_id), 70)

    def test_many_advices(self):
        payments = self._collect(70)
        payments.mandate_id.write({"state": "sent"})
        numbers = payments.mapped("payer_number")
        few, many = (
            self._read(advice_report(BANKGIRO, day, [(number, "04", "32") for number in some]), book=False)
            for day, some in (("20260421", numbers[:10]), ("20260422", numbers[10:]))
        )
        self._assert_cheap(few, many, per_row=0.2)
        self.assertEqual(set(payments.mandate_id.mapped("state")), {"active"})
