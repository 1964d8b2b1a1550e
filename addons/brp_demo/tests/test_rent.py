from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase, tagged


@tagged("post_install", "-at_install")
class TestRent(TransactionCase):
    """What was rented out waits to be invoiced, and its invoice is for 24SevenOffice."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        contact = cls.env.ref("brp_demo.contact_builder")
        cls.order = cls.env["sale.order"].search([("partner_id", "=", contact.id)])

    def test_tractor_waits_to_be_invoiced(self):
        """Three days at 1 875.00 with VAT, less ten percent."""
        line = self.order.order_line
        self.assertEqual(line.product_id, self.env.ref("brp_demo.rental_tractor"))
        self.assertEqual((line.product_uom_qty, line.discount), (3, 10))
        self.assertEqual(line.rent_stop - line.rent_start, timedelta(days=2))
        self.assertLess(line.rent_stop, fields.Date.today() + timedelta(days=1))
        self.assertEqual(self.order.invoice_status, "to invoice")
        self.assertEqual((self.order.amount_total, self.order.amount_tax), (5062.50, 1012.50))

    def test_bookkeeper_invoices_it_as_data_for_accounting(self):
        bookkeeper = self.env.ref("brp_demo.user_bookkeeper")
        invoice = self.order.with_user(bookkeeper)._create_invoices()
        invoice.action_post()
        self.assertEqual(invoice.seven_type, "accounting")
        self.assertEqual(invoice.amount_total, 5062.50)
        line = invoice.invoice_line_ids
        self.assertEqual(
            (line.rent_start, line.rent_stop),
            (self.order.order_line.rent_start, self.order.order_line.rent_stop),
        )
        described = invoice.partner_id._get_seven_customer()._describe_for_seven(invoice.partner_id)
        self.assertEqual((described.name, described.number), ("Sundby Bygg och Anläggning AB", "559999-9827"))
        self.assertEqual(invoice._get_seven_person(), "Ylva Sandström")
