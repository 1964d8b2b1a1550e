"""The purchases that are collected by Autogiro, and the past months of it, played with a bank.

What the bank did cannot be made up here: :func:`play_autogiro` is told how to hand it a file. Until that
has been called, the purchases are there and the mandates wait to be sent.
"""

from datetime import datetime, time
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo.addons.brp_autogiro.bankgirot import add_bank_days, bank_day_on_or_after, read_report

from .company import COLLECTION_DAY
from .staff import Staff

# Before the installation this many months have been collected.
MONTHS = 3


class Mandate(NamedTuple):
    """The account that a customer has signed a mandate for.

    ``late``: not when the customer bought but a few days ago.
    """

    account: str
    holder: str | None = None
    late: bool = False


class AutogiroPurchase(NamedTuple):
    """A purchase in installments by Autogiro, sold before the cut-off day of one of the months played.

    ``answers``: what the bank finds each month, in the terms of its simulator; ``month``: 0 is the first.
    """

    shows: str
    customer: str
    products: str
    months: int
    month: int
    day: int
    mandate: Mandate | None = None
    answers: tuple = ("0",)

    @property
    def plan(self):
        """The name of the plan's record."""
        return f"plan_{self.months}_months_autogiro"

    def sale_date(self, today):
        """Return the local date of the sale."""
        return get_months(today)[self.month].replace(day=self.day)


PURCHASES = (
    AutogiroPurchase("collected", "maja", "card_training", 12, 0, 3, Mandate("8327-9 123 456 782")),
    AutogiroPurchase(
        "tried again", "nils", "card_swimming", 12, 0, 4, Mandate("6000 123 456 789"), ("0", "9", "0", "0")
    ),
    AutogiroPurchase(
        "refused", "olivia", "card_relax", 12, 0, 5, Mandate("5000 123 45 60"), ("0", "0", "1", "0")
    ),
    AutogiroPurchase(
        "refunded",
        "per",
        "card_training",
        12,
        0,
        6,
        Mandate("3300 910204-9823"),
        ("0", "0", "refund:03:3", "0"),
    ),
    AutogiroPurchase(
        "account of another", "wilma", "course_padel", 6, 0, 9, Mandate("9150 123 456 2", holder="sara")
    ),
    AutogiroPurchase(
        "mandate not approved", "rasmus", "card_swimming", 12, 2, 12, Mandate("8327-9 987 654 324", late=True)
    ),
    AutogiroPurchase("no mandate", "tove", "card_relax", 12, 2, 13),
)

# Pays ordinary invoices by Autogiro: two hours in the hall each month.
TENANT = "oskar"
TENANT_MANDATE = Mandate("1200 123 4562")


def get_months(today):
    """Return the first days of the months played: the last whose collection has been, and those before it.

    :param today: local date
    """
    last = today.replace(day=1)
    if get_collection_date(last) > today:
        last -= relativedelta(months=1)
    return [last - relativedelta(months=months) for months in reversed(range(MONTHS))]


def get_collection_date(month):
    """Return the banking day on which what falls due in a month is collected."""
    return bank_day_on_or_after(month + relativedelta(day=COLLECTION_DAY))


def get_rents(today):
    """Return the months that the hall is invoiced for, the last played and the next, and when each was."""
    last = get_months(today)[-1]
    following = last + relativedelta(months=1)
    return [(last, last), (following, min(following, today))]


class AutogiroStaff(Staff):
    """What the desk and the bookkeeper do about Autogiro."""

    # === SALES === #

    def sell_by_autogiro(self, purchase):
        """Sell on a plan by Autogiro, ask for the mandate, and return the main invoice."""
        main = self.sell(purchase)
        main.is_move_sent = True
        if purchase.mandate:
            self.sign(purchase.customer, purchase.mandate, main.invoice_date)
        return main

    def sign(self, customer, mandate, signed):
        """Register a mandate, unless the customer has one, and have the next file ask the bank for it."""
        customer = self.desk.ref(f"brp_demo.customer_{customer}")
        if customer.autogiro_mandate_ids:
            return
        record = self.desk["brp.autogiro.mandate"].create(
            {
                "partner_id": customer.id,
                "holder_id": mandate.holder and self.desk.ref(f"brp_demo.customer_{mandate.holder}").id,
                "shown_account": mandate.account,
                "signed_date": add_bank_days(self.today, -2) if mandate.late else signed,
            }
        )
        if not mandate.late:
            record.action_request()

    def invoice_rent(self, month):
        """Invoice the hall for a month, to be collected by Autogiro: the customer's own choice."""
        customer = self.bookkeeper.ref(f"brp_demo.customer_{TENANT}")
        line = self.bookkeeper.company.autogiro_method_line_id
        customer.property_inbound_payment_method_line_id = line
        invoice = self.invoice(TENANT, "rental_hall", 2, dict(get_rents(self.today))[month])
        invoice.write(
            {
                "invoice_payment_term_id": False,
                "invoice_date_due": month + relativedelta(day=COLLECTION_DAY),
            }
        )
        invoice.action_post()
        self.sign(TENANT, TENANT_MANDATE, invoice.invoice_date)
        return invoice

    # === FILES AND REPORTS === #

    def get_files(self):
        """Return when each past file was sent, and what makes it: ``[(local date, function)]``."""
        months = get_months(self.today)
        collections = [
            (
                add_bank_days(get_collection_date(month), -2),
                lambda month=month: self.collect(month + relativedelta(day=COLLECTION_DAY)),
            )
            for month in months
        ]
        first_mandates = (add_bank_days(months[0].replace(day=10), 1), self.make_mandate_file)
        waiting = (add_bank_days(self.today, -1), self.collect_rent)
        late_mandates = (add_bank_days(self.today, -1), self.request_late)
        return [first_mandates, *collections, waiting, late_mandates]

    def make_mandate_file(self):
        """Make a file of all mandates that wait to be sent, and return its batch."""
        batches = self.bookkeeper["brp.autogiro.batch"]
        return batches.browse(batches._make_mandate_batches(self.bookkeeper.company)["res_id"])

    def request_late(self):
        """Ask for the mandates that came late."""
        for purchase in PURCHASES:
            if purchase.mandate and purchase.mandate.late:
                customer = self.bookkeeper.ref(f"brp_demo.customer_{purchase.customer}")
                customer.autogiro_mandate_ids.action_request()
        return self.make_mandate_file()

    def collect(self, day, **values):
        """Make the file of what is to be collected on a local date, and return its batch."""
        batch = self.bookkeeper["brp.autogiro.batch"].create({"payment_date": day, **values})
        batch.action_select()
        batch.action_make_file()
        return batch

    def collect_rent(self):
        """Make the file of the hall's next rent: it waits at the bank, to be cancelled or moved."""
        month, _invoiced = get_rents(self.today)[-1]
        return self.collect(month + relativedelta(day=COLLECTION_DAY), include_installments=False)

    def book_report(self, name, data):
        """Upload a report file and book it."""
        attachment = self.bookkeeper["ir.attachment"].create({"name": name, "raw": data})
        reports = self.bookkeeper["brp.autogiro.report"]
        action = reports.create_document_from_attachment(attachment_ids=attachment.ids)
        report = reports.browse(action["res_id"])
        report.action_book()
        return report


def get_answers(env):
    """Return what the bank is to answer the demo's customers, in the terms of its simulator."""
    numbers = {purchase: _get_payer_number(env, purchase.customer) for purchase in PURCHASES}
    return {
        "payers": {numbers[purchase]: list(purchase.answers) for purchase in PURCHASES},
        "mandates": {
            numbers[purchase]: "none" for purchase in PURCHASES if purchase.mandate and purchase.mandate.late
        },
    }


def _get_payer_number(env, customer):
    return env.ref(f"brp_demo.customer_{customer}").sudo().personal_number


def play_autogiro(env, today, at, answer):
    """Have the past months of Autogiro happen: mandates asked for, invoices collected, reports booked.

    To be called once, on what :func:`~.history.create_history` has made.

    :param today: local date; nothing is dated later
    :param at: function that sets the clock to a naive UTC datetime
    :param answer: ``answer(name, file, until)`` hands the bank a file and returns all report files that it
        has written since, up to and including a local date: ``[(name, content)]``
    """
    staff = AutogiroStaff(env, today)
    mails = env["mail.mail"].sudo().search([])
    files = staff.get_files()
    for number, (day, make) in enumerate(files, start=1):
        at(datetime.combine(day, time(8)))
        batch = make()
        batch.action_mark_sent()
        until = files[number][0] if number < len(files) else today
        for name, data in answer(batch.file_name, batch._get_file(), until):
            at(datetime.combine(read_report(data).sections[0].written, time(6)))
            staff.book_report(name, data)
    # Nobody is to be told now of what is long past.
    (env["mail.mail"].sudo().search([]) - mails).unlink()
