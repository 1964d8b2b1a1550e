from datetime import date

from odoo.tests import freeze_time, tagged

from .bank_files import payment_report
from .common import BANKGIRO, AutogiroCommon


@tagged("post_install", "-at_install")
class TestMonth(AutogiroCommon):
    """From invoice to money: what a bookkeeper relies on every month."""

    def test_file_holds_what_is_collected(self):
        self._make_mandates(self.anna + self.bo)
        first = self._make_invoice(self.anna, 450)
        second = self._make_invoice(self.bo, 1200.5)
        batch = self._make_batch("file")
        lines = batch._get_file().decode("latin-1").split("\r\n")
        self.assertEqual(
            lines,
            [
                "0120260420AUTOGIRO                                            4711170009912346  ",
                f"82202604270    00001990010198020000000450000009912346{first.name:16}           ",
                f"82202604270    00001958071298780000001200500009912346{second.name:16}           ",
                "",
            ],
        )

    def test_month(self):
        self._make_mandates(self.customers)
        approved = self._make_invoice(self.anna, 450)
        retried = self._make_invoice(self.bo, 300)
        refused = self._make_invoice(self.cia, 200)
        batch = self._make_batch()
        self.assertEqual(self._balance(self.clearing), 0)
        with freeze_time("2026-04-27 06:00:00"):
            report = self._read(
                payment_report(
                    BANKGIRO,
                    "20260427",
                    [
                        ("195807129878", 30000, retried.name, "9"),
                        ("199001019802", 45000, approved.name, "0"),
                        ("199912249894", 20000, refused.name, "2"),
                    ],
                )
            )
        self.assertEqual(report.state, "done")
        self.assertEqual(approved.payment_state, "paid")
        self.assertEqual(retried.payment_state, "not_paid")
        self.assertEqual(refused.payment_state, "not_paid")
        self.assertEqual(self._balance(self.clearing), 450)
        states = {payment.move_id: payment.state for payment in batch.payment_ids}
        self.assertEqual(states, {approved: "approved", retried: "pending", refused: "refused"})
        entry = report.entry_ids
        self.assertEqual(entry.date, date(2026, 4, 27))
        self.assertEqual(len(entry.line_ids), 2)
        with freeze_time("2026-04-28 06:00:00"):
            self._read(
                payment_report(BANKGIRO, "20260428", [("195807129878", 30000, retried.name, "0")], serial=2)
            )
        self.assertEqual(retried.payment_state, "paid")
        self.assertEqual(self._balance(self.clearing), 750)
        self.assertEqual(batch.state, "done")
        with freeze_time("2026-05-18 06:00:00"):
            self._read(
                payment_report(
                    BANKGIRO,
                    "20260518",
                    [],
                    refunds=[("199001019802", 45000, approved.name, "20260427", "03")],
                    serial=3,
                )
            )
        self.assertEqual(approved.payment_state, "not_paid")
        self.assertEqual(approved.amount_residual, 450)
        self.assertEqual(self._balance(self.clearing), 300)
        self.assertTrue(approved.autogiro_blocked)
