"""Visitors of the booking page, over real HTTP."""

import re
from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch

from lxml import html

from odoo.tests import HttpCase

from .common import BookingCommon

KIM = {"name": "Kim Exempel", "email": "kim@example.com", "phone": "070-174 06 05"}


class BokaCommon(BookingCommon, HttpCase):
    """Two courts and a pool that anybody may book; times on Wednesday 4 March 2026 at 17:00."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Whatever else is in the database is not for sale here.
        cls.env["brp.facility"].search([("id", "!=", cls.facility.id)]).is_public = False
        cls.page = f"/boka/{cls.facility.id}/{cls.activity.id}?dag=2026-03-04"
        cls.pool_page = f"/boka/{cls.facility.id}/{cls.bathing.id}?dag=2026-03-04"

    def setUp(self):
        super().setUp()
        self.first = self.come()

    def come(self, login=None):
        """Have a visitor come to the page: he is the one who acts from now on."""
        self.session = None
        self.authenticate(login, login)
        return self.opener

    @contextmanager
    def as_visitor(self, opener):
        """Have another visitor act for a while."""
        before, self.opener = self.opener, opener
        try:
            yield
        finally:
            self.opener = before

    # === WHAT IS SEEN === #

    def see(self, url, status=200):
        """Return a page as lxml has it."""
        answer = self.url_open(url)
        self.assertEqual(answer.status_code, status, url)
        self.answer = answer
        return html.fromstring(answer.text)

    def text_of(self, page):
        return " ".join(page.find(".//div[@id='wrap']").text_content().split())

    def see_text(self, url):
        return self.text_of(self.see(url))

    def find_form(self, page, slot):
        """Return the form that chooses a time, or None if it cannot be chosen."""
        path = f"//section//form[.//input[@name='tid'][@value='{slot.id}']]"
        [form] = page.xpath(path) or [None]
        return form

    # === WHAT IS DONE === #

    def post(self, url, values, page="/boka/kassa", **kwargs):
        """Post a form with the token that its page has; return the page that is shown then."""
        answer = self.url_open(url, data={"csrf_token": self.find_token(page), **values}, **kwargs)
        self.answer = answer
        return html.fromstring(answer.text)

    def find_token(self, page):
        """Return the token with which the visitor of a page may post forms."""
        self.see(page)
        return re.search(r'csrf_token: "(\w+)"', self.answer.text)[1]

    def choose(self, slot, count=1):
        """Choose places of a time, on its page."""
        page = self.pool_page if slot.resource_id == self.pool else self.page
        return self.post("/boka/korg", {"tid": slot.id, "antal": count}, page)

    def book_at_desk(self, *slots, **details):
        """Choose times and book them, to be paid on arrival; return the bookings."""
        for slot in slots:
            self.choose(slot)
        self.post("/boka/kassa", {**KIM, "betala": "plats", **details})
        return self.find_bookings(*slots)

    def find_bookings(self, *slots):
        return self.env["brp.booking"].search([("slot_id", "in", [slot.id for slot in slots])], order="id")

    def find_letters(self, order):
        """Return the letters to the customer of an order."""
        return self.env["mail.mail"].search(
            [("model", "=", "sale.order"), ("res_id", "=", order.id)], order="id"
        )

    def expire(self, slot):
        """Have a visitor be away too long: what is held of a time expired at 07:59."""
        held = self.env["brp.occupancy"].sudo().search([("slot_id", "=", slot.id)])
        held.expires = datetime(2026, 3, 2, 6, 59)

    def held(self, slot):
        """Return how many places of a time are held for visitors."""
        return self.env["brp.occupancy"].search_count([("slot_id", "=", slot.id), ("booking_id", "=", False)])


class PaidBokaCommon(BokaCommon):
    """The same, with a payment provider that sends its customers away to pay."""

    refunds = "partial"  # what the provider can

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        form = cls.env["ir.ui.view"].create(
            {"name": "Pay", "type": "qweb", "arch": "<form action='pay' method='post'/>"}
        )
        cls.method = cls.env.ref("payment.payment_method_unknown")
        cls.env["payment.provider"].search([("company_id", "=", cls.company.id)]).state = "disabled"
        cls.provider = cls.env["payment.provider"].create(
            {
                "name": "Kortbolaget",
                "code": "none",
                "company_id": cls.company.id,
                "state": "test",
                "is_published": True,
                "payment_method_ids": [(6, 0, cls.method.ids)],
                "redirect_form_view_id": form.id,
            }
        )
        cls.method.write({"active": True, "support_refund": "partial"})
        cls.make_method_line()

    @classmethod
    def make_method_line(cls):
        """Have what is paid be on an account of its own until the bank tells of it."""
        journal = cls.company_data["default_journal_bank"]
        method = (
            cls.env["account.payment.method"]
            .sudo()
            .create({"name": "Kortbolaget", "code": "none", "payment_type": "inbound"})
        )
        cls.under_way = cls.env["account.account"].create(
            {"code": "1939", "name": "Under way", "account_type": "asset_current", "reconcile": True}
        )
        with patch.object(
            type(method),
            "_get_payment_method_information",
            lambda self: {"none": {"mode": "multi", "type": ("bank",)}},
        ):
            cls.env["account.payment.method.line"].create(
                {
                    "payment_method_id": method.id,
                    "journal_id": journal.id,
                    "payment_provider_id": cls.provider.id,
                    "payment_account_id": cls.under_way.id,
                }
            )
        cls.provider.journal_id = journal

    def setUp(self):
        super().setUp()
        refunds = self.refunds

        def tell_features(providers):
            providers.support_refund = refunds
            providers.support_tokenization = providers.support_express_checkout = False
            providers.support_manual_capture = False

        # What a provider can is told by its code.
        patcher = patch.object(
            self.registry["payment.provider"], "_compute_feature_support_fields", tell_features
        )
        self.startPatcher(patcher)

    def go_to_payment(self, *chosen, **details):
        """Choose [(slot, places)] and tell who books; return the order that is to be paid."""
        for slot, count in chosen:
            self.choose(slot, count)
        page = self.post("/boka/kassa", {**KIM, "betala": "nu", **details})
        self.form = page.find(".//form[@id='o_payment_form']")
        return self.env["sale.order"].search([("booking_source", "=", "page")], order="id desc", limit=1)

    def start_payment(self, order):
        """Press the button of the payment form; return the payment."""
        before = order.transaction_ids
        self.make_jsonrpc_request(
            f"/boka/bestallning/{order.id}/transaction",
            {
                "access_token": order.access_token,
                "provider_id": self.provider.id,
                "payment_method_id": self.method.id,
                "token_id": None,
                "amount": 1,  # what a visitor says that it costs is not what counts
                "flow": "redirect",
                "tokenization_requested": False,
                "landing_route": "/",
            },
        )
        order.invalidate_recordset()
        return order.transaction_ids - before

    def come_back(self):
        """Come back from the provider: Odoo asks what has become of the payment."""
        return self.make_jsonrpc_request("/payment/status/poll", {})

    def pay(self, order):
        """Pay an order, and come back."""
        payment = self.start_payment(order)
        payment._set_done()
        self.come_back()
        self.env.invalidate_all()
        return payment

    def run_pay_back(self):
        """Have the scheduled action ask the provider for refunds."""
        self.env.flush_all()
        self.env.ref("brp_marketplace.cron_pay_back").method_direct_trigger()
        self.env.invalidate_all()
