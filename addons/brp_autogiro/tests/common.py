from datetime import date

from odoo import Command
from odoo.tests import freeze_time, new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

BANKGIRO = "9912346"
ACCOUNT = "8327000123456789"

# Personal numbers from Skatteverket's range for tests cannot be made up; these are nobody's: their
# check digits fit and their serial numbers are in the range that is not given out (980-999).
PERSONAL_NUMBERS = ("199001019802", "195807129878", "199912249894")

TODAY = date(2026, 4, 20)  # a Monday


class AutogiroRights:
    """The user of the tests may do everything with Autogiro."""

    @classmethod
    def get_default_groups(cls):
        groups = super().get_default_groups()
        for name in (
            "brp_autogiro.group_autogiro_user",
            "brp_autogiro.group_bank_account",
            "brp_personal_number.group_personal_number",
        ):
            groups += cls.quick_ref(name)
        return groups


class AutogiroCommon(AutogiroRights, AccountTestInvoicingCommon):
    """A Swedish company that collects by Autogiro, on Monday 20 April 2026."""

    @classmethod
    @AccountTestInvoicingCommon.setup_country("se")
    def setUpClass(cls):
        super().setUpClass()
        frozen = freeze_time("2026-04-20 08:00:00")
        frozen.start()
        cls.addClassCleanup(frozen.stop)
        # Test processes that run side by side share a filestore, and their files are alike.
        cls.env["ir.config_parameter"].sudo().set_param("ir_attachment.location", "db")
        cls.company = cls.env.company
        cls.company._set_up_autogiro()
        cls.company.write(
            {
                "autogiro_bankgiro": BANKGIRO,
                "autogiro_customer_number": "471117",
                "autogiro_responsible_id": cls.env.user.id,
            }
        )
        cls.line = cls.company.autogiro_method_line_id
        cls.clearing = cls.line.payment_account_id
        cls.bookkeeper = new_test_user(
            cls.env,
            "autogiro_bookkeeper",
            groups="brp_autogiro.group_autogiro_user",
            company_ids=[Command.set(cls.company.ids)],
            company_id=cls.company.id,
            email="bookkeeper@example.com",
        )
        cls.customers = cls.env["res.partner"].create(
            [
                {"name": name, "personal_number": number, "email": f"{name.lower()}@example.com"}
                for name, number in zip(("Anna", "Bo", "Cia"), PERSONAL_NUMBERS, strict=True)
            ]
        )
        cls.customers.property_inbound_payment_method_line_id = cls.line
        cls.anna, cls.bo, cls.cia = cls.customers

    @classmethod
    def _make_mandates(cls, customers, state="active"):
        """Return a mandate per customer, asked for two weeks ago."""
        mandates = cls.env["brp.autogiro.mandate"].create(
            [{"partner_id": customer.id, "shown_account": "8327-9 123 456 789"} for customer in customers]
        )
        if state == "draft":
            return mandates
        mandates.action_request()
        if state != "to_send":
            mandates.sudo().write(
                {
                    "state": state,
                    "request": False,
                    "sent_date": date(2026, 4, 7),
                    "debitable_from": date(2026, 4, 15),
                }
            )
        return mandates

    @classmethod
    def _make_invoice(cls, customer, amount, due=date(2026, 4, 27), post=True):
        """Return an Autogiro invoice without VAT over an amount in kronor."""
        invoice = cls.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": customer.id,
                "invoice_date": date(2026, 4, 1),
                "invoice_date_due": due,
                "invoice_payment_term_id": False,
                "invoice_line_ids": [
                    Command.create({"name": "Training", "quantity": 1, "price_unit": amount, "tax_ids": []})
                ],
            }
        )
        if post:
            invoice.action_post()
        return invoice

    @classmethod
    def _make_batch(cls, state="sent", **values):
        """Return a batch of what is due in April, made by the bookkeeper and brought to a state."""
        batch = (
            cls.env["brp.autogiro.batch"]
            .with_user(cls.bookkeeper)
            .create({"payment_date": date(2026, 4, 27), **values})
        )
        batch.action_select()
        if state != "draft":
            batch.action_make_file()
        if state == "sent":
            batch.action_mark_sent()
        return batch

    @classmethod
    def _read(cls, data, book=True):
        """Upload a file as the bookkeeper and book it; return its reports."""
        Report = cls.env["brp.autogiro.report"].with_user(cls.bookkeeper)
        reports, _known = Report._read_file(data, "report.txt")
        if book:
            reports.action_book()
        return reports

    def _pay(self, invoice, amount):
        """Have an invoice paid in another way: an entry of the bank, matched with it."""
        receivable = self.company_data["default_account_receivable"]
        bank = self.company_data["default_journal_bank"]
        entry = self.env["account.move"].create(
            {
                "journal_id": bank.id,
                "date": TODAY,
                "line_ids": [
                    Command.create({"account_id": bank.default_account_id.id, "balance": amount}),
                    Command.create(
                        {"account_id": receivable.id, "partner_id": invoice.partner_id.id, "balance": -amount}
                    ),
                ],
            }
        )
        entry.action_post()
        (entry + invoice).line_ids.filtered(lambda line: line.account_id == receivable).reconcile()

    def _balance(self, account, partner=None):
        """Return an account's balance in kronor, of one customer if given."""
        domain = [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        if partner:
            domain.append(("partner_id", "=", partner.id))
        [(balance,)] = self.env["account.move.line"]._read_group(domain, [], ["balance:sum"])
        return balance
