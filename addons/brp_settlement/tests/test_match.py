from datetime import timedelta

from odoo import Command
from odoo.tests import tagged

from .common import PAID, SettlementCommon

DAY = PAID - timedelta(days=9)


@tagged("post_install", "-at_install")
class TestMatch(SettlementCommon):
    """Sales and refunds of a payout find their documents by what these are called."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.channel.match_sales = True
        cls.journal = cls.env["account.journal"].create(
            {"name": "Marketplace", "type": "bank", "code": "MKT"}
        )
        lines = cls.journal.inbound_payment_method_line_ids | cls.journal.outbound_payment_method_line_ids
        lines.payment_account_id = cls.receivable

    def invoice(self, amount, kind="out_invoice", **values):
        """Post an invoice without VAT."""
        move = self.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": self.customer.id,
                "invoice_date": DAY,
                "invoice_line_ids": [
                    Command.create({"name": "Course", "price_unit": amount, "tax_ids": [Command.clear()]})
                ],
                **values,
            }
        )
        move.action_post()
        return move

    def pay(self, invoice):
        """Register that the channel has collected an invoice; return the item on the receivable."""
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"journal_id": self.journal.id, "payment_date": DAY})
        )
        payment = wizard._create_payments()
        return payment.move_id.line_ids.filtered(lambda item: item.account_id == self.receivable)

    def match(self, *rows, paid=None):
        """Make a payout of [(kind, amount, reference)] and have it matched; return the items of its rows."""
        payout = self.make_payout(
            paid if paid is not None else sum(row[1] for row in rows),
            [(kind, amount, {"reference": reference, "date": DAY}) for kind, amount, reference in rows],
        )
        payout.action_match()
        return payout, [line.item_id for line in payout.line_ids.sorted("id")]

    def test_by_the_order_that_the_paid_invoice_comes_from(self):
        item = self.pay(self.invoice(500, invoice_origin="S00101"))
        other = self.pay(self.invoice(500, invoice_origin="S00102"))
        payout, items = self.match(("sale", 500, "s00102"), ("sale", 500, "S00101"))
        self.assertEqual(items, [other, item])
        payout.action_post()
        self.assertTrue(item.reconciled and other.reconciled)
        self.assertFalse(self.env["account.move.line"].search(payout._get_open_domain()))

    def test_by_the_number_of_an_invoice_that_nobody_paid(self):
        invoice = self.invoice(300)
        payout, _items = self.match(("sale", 300, invoice.name))
        payout.action_post()
        self.assertEqual(invoice.payment_state, "paid")

    def test_the_payment_comes_before_the_invoice(self):
        invoice = self.invoice(300, invoice_origin="S00103")
        late = self.invoice(300, invoice_origin="S00103")
        item = self.pay(invoice)
        _payout, items = self.match(("sale", 300, "S00103"))
        self.assertEqual(items, [item])
        self.assertNotEqual(late.payment_state, "paid")

    def test_refund(self):
        sale = self.pay(self.invoice(500, invoice_origin="S00104"))
        refund = self.pay(self.invoice(200, kind="out_refund", ref="S00104"))
        payout, items = self.match(("sale", 500, "S00104"), ("refund", -200, "S00104"))
        self.assertEqual(items, [sale, refund])
        payout.action_post()
        self.assertTrue(sale.reconciled and refund.reconciled)

    def test_two_parts_of_an_order(self):
        item = self.pay(self.invoice(500, invoice_origin="S00105"))
        payout, items = self.match(("sale", 300, "S00105"), ("sale", 200, "S00105"))
        self.assertEqual(items, [item, item])
        payout.action_post()
        self.assertTrue(item.reconciled)

    def test_more_than_is_open(self):
        self.pay(self.invoice(500, invoice_origin="S00106"))
        payout, items = self.match(("sale", 501, "S00106"))
        self.assertFalse(items[0])
        self.assertEqual((payout.state, payout.count_unmatched), ("open", 1))

    def test_two_alike_are_left_to_a_person(self):
        first = self.pay(self.invoice(500, invoice_origin="S00107"))
        self.pay(self.invoice(500, invoice_origin="S00107"))
        payout, items = self.match(("sale", 500, "S00107"))
        self.assertFalse(items[0])
        payout.line_ids.item_id = first
        self.assertEqual(payout.state, "ready")

    def test_another_payout_has_taken_it(self):
        self.pay(self.invoice(500, invoice_origin="S00108"))
        _payout, items = self.match(("sale", 500, "S00108"))
        self.assertTrue(items[0])
        second = self.make_payout(500, [("sale", 500, {"reference": "S00108"})], name="P2")
        second.action_match()
        self.assertFalse(second.line_ids.item_id)

    def test_the_document_comes_later(self):
        payout, items = self.match(("sale", 500, "S00109"))
        self.assertFalse(items[0])
        item = self.pay(self.invoice(500, invoice_origin="S00109"))
        self.run_job()
        self.assertEqual(payout.state, "posted")
        self.assertTrue(item.reconciled)

    def test_what_the_job_notes_is_in_the_language_of_the_company(self):
        self.env["res.lang"]._activate_lang("sv_SE")
        self.env["ir.module.module"].search([("name", "=", "brp_settlement")])._update_translations(["sv_SE"])
        self.company.partner_id.lang = "sv_SE"
        payout, _items = self.match(("sale", 500, "S00109"))
        self.cr.precommit.run()
        self.pay(self.invoice(500, invoice_origin="S00109"))
        self.run_job()
        noted = payout.message_ids.sudo().tracking_value_ids.mapped("new_value_char")
        self.assertEqual(sorted(noted), ["Bokförd", "Klar att bokföra"])

    def test_a_sale_that_is_not_in_odoo(self):
        payout, _items = self.match(("sale", 500, "unknown"))
        payout.line_ids.account_id = self.sales
        self.assertEqual(payout.state, "ready")
        payout.action_post()
        self.assertEqual(self.rows(payout.move_id), {"1930": 500, "3001": -500})

    def test_another_company(self):
        other = self.setup_other_company()["company"]
        move = self.env["account.move"].with_company(other)
        self.assertNotEqual(move.env.company, self.company)
        invoice = self.init_invoice(
            "out_invoice", partner=self.customer, amounts=[500], company=other, post=True
        )
        _payout, items = self.match(("sale", 500, invoice.name))
        self.assertFalse(items[0])

    def test_queries_do_not_grow(self):
        for number in range(3):
            self.sell(100 + number)
        few = self.count_queries(3)
        self.assertLessEqual(self.count_queries(30), few + 3)

    def count_queries(self, rows):
        payout = self.make_payout(
            0, [("sale", 100 + number, {"reference": f"R{number}"}) for number in range(rows)], name=str(rows)
        )
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        payout._match()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before
