import json
from datetime import timedelta
from uuid import UUID

from odoo import fields
from odoo.tests import HttpCase

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.brp_connector.tests.common import CompanyCommon, load

validators = load("openactive_validators")

MEDIA_TYPE = "application/vnd.openactive.booking+json; version=1"
STATUS = "https://openactive.io/"


def uuid(number):
    """Return a UUID that is told apart from others by its number."""
    return str(UUID(int=number, version=4))


class Hall:
    """A Swedish company with two padel courts, a pool and a masseuse, sold by a marketplace; on a Monday.

    Padel costs 320 kr with 6 % VAT (18.11 of them) and can be cancelled until a day before; massage 795 kr
    with 25 % (159.00) and cannot be cancelled; a place in the pool, of which there are three, 95 kr with 6 %
    (5.38). A test has ``env``, ``company`` and ``base_url()``.
    """

    now = "2030-05-06 08:00:00"  # UTC
    day = "2030-05-08"  # of the times

    @classmethod
    def build_hall(cls):
        cls.company.partner_id.write(
            {"street": "Hallvägen 3", "zip": "745 99", "city": "Sundby", "lang": "en_US",
             "country_id": cls.env.ref("base.se").id}
        )  # fmt: skip
        cls.company.tax_calculation_rounding_method = "round_per_line"
        cls.vat_6 = cls.make_vat("VAT 6 %", 6, "2631")
        cls.vat_25 = cls.make_vat("VAT 25 %", 25, "2611")
        cls.padel_product = cls.make_product("Padel", 320, cls.vat_6)
        cls.pool_product = cls.make_product("Pool", 95, cls.vat_6)
        cls.massage_product = cls.make_product("Massage", 795, cls.vat_25, slot_cancellable=False)
        cls.facility = cls.env["brp.facility"].create(
            {"name": "Sundby Padel & Spa", "company_id": cls.company.id}
        )
        padel, pool, massage = cls.env["brp.activity"].create(
            [{"name": "Padel"}, {"name": "Swimming"}, {"name": "Massage"}]
        )
        cls.court_1 = cls.make_resource("Court 1", padel)
        cls.court_2 = cls.make_resource("Court 2", padel)
        cls.pool = cls.make_resource("Pool", pool, places=3)
        cls.masseuse = cls.make_resource("Malin", massage)
        start = f"{cls.day} 15:00:00"
        cls.padel_slot = cls.make_slot(cls.court_1, cls.padel_product, start)
        cls.padel_slot_2 = cls.make_slot(cls.court_2, cls.padel_product, start)
        cls.pool_slot = cls.make_slot(cls.pool, cls.pool_product, start)
        cls.massage_slot = cls.make_slot(cls.masseuse, cls.massage_product, start)
        cls.till, cls.token = cls.open_till("Tidstorget")

    # -- what there is to sell -------------------------------------------------------------------------------

    @classmethod
    def make_vat(cls, name, percent, account):
        """Return a VAT that prices include, booked on an account of its own."""
        account = cls.env["account.account"].search(
            [*cls.env["account.account"]._check_company_domain(cls.company), ("code", "=", account)]
        )
        tax = [(0, 0, {"repartition_type": "tax", "factor_percent": 100, "account_id": account.id})]
        base = [(0, 0, {"repartition_type": "base"})]
        return cls.env["account.tax"].create(
            {
                "name": name,
                "amount": percent,
                "type_tax_use": "sale",
                "price_include_override": "tax_included",
                "company_id": cls.company.id,
                "invoice_repartition_line_ids": base + tax,
                "refund_repartition_line_ids": base + tax,
            }
        )

    @classmethod
    def make_product(cls, name, price, vat, **values):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "invoice_policy": "order",
                "is_slot": True,
                "list_price": price,
                "taxes_id": [(6, 0, vat.ids)],
                "company_id": cls.company.id,
                **values,
            }
        )

    @classmethod
    def make_resource(cls, name, activity, **values):
        return cls.env["brp.resource"].create(
            {"name": name, "facility_id": cls.facility.id, "activity_id": activity.id, **values}
        )

    @classmethod
    def make_slot(cls, resource, product, start, minutes=60, **values):
        start = fields.Datetime.to_datetime(start)
        return cls.env["brp.slot"].create(
            {
                "resource_id": resource.id,
                "product_id": product.id,
                "start": start,
                "stop": start + timedelta(minutes=minutes),
                **values,
            }
        )

    @classmethod
    def open_till(cls, name, company=None, facilities=None):
        """Open an online till as the dialog does; return it and its token."""
        company = company or cls.company
        cls.env["brp.connection"]._make_cards(company)
        till = cls.env["brp.connection"].search(
            [("provider", "=", "marketplace"), ("company_id", "=", company.id), ("state", "=", "new")]
        )
        wizard = cls.env["brp.marketplace.activate"].create(
            {
                "connection_id": till.id,
                "name": name,
                "facility_ids": [(6, 0, (facilities or cls.facility).ids)],
            }
        )
        wizard.action_next()
        wizard.action_next()
        return till, wizard.token

    # -- what a marketplace asks -----------------------------------------------------------------------------

    @property
    def base(self):
        return f"{self.base_url()}/openactive/{self.company.id}"

    def slot_id(self, slot):
        return f"{self.base}/slots/{slot.id}"

    def item(self, slot, position=0, **changes):
        """Return an item that is asked for; a change to None leaves a property out."""
        told = {
            "@type": "OrderItem",
            "position": position,
            "orderedItem": self.slot_id(slot),
            "acceptedOffer": f"{self.slot_id(slot)}#/offers/1",
        } | changes
        return {name: value for name, value in told.items() if value is not None}

    def request(self, step, *slots, total=None, **changes):
        """Return what a marketplace sends at C1, C2 or B, of one place in each of the times.

        :param total: kronor; the times' prices if it is not told
        """
        sent = {
            "@context": STATUS,
            "@type": "Order" if step == "B" else "OrderQuote",
            "brokerRole": f"{STATUS}AgentBroker",
            "broker": {"@type": "Organization", "name": "Tidstorget", "url": "https://torget.example.com/"},
            "seller": f"{self.base}/sellers/{self.company.id}",
            "orderedItem": [self.item(slot, position) for position, slot in enumerate(slots)],
        }
        if step != "C1":
            sent["customer"] = {
                "@type": "Person",
                "email": "alva@example.com",
                "givenName": "Alva",
                "familyName": "Exempel",
                "telephone": "+46 70 000 00 00",
            }
        if step == "B":
            total = sum(slot.price for slot in slots) if total is None else total
            sent["totalPaymentDue"] = {"@type": "PriceSpecification", "price": total, "priceCurrency": "SEK"}
            if total:
                sent["payment"] = {"@type": "Payment", "identifier": "TT-77", "name": "Tidstorget card"}
        sent |= changes
        return {name: value for name, value in sent.items() if value is not None}

    def cancellation(self, *bookings, number=1, **changes):
        return {
            "@context": STATUS,
            "@type": "Order",
            "orderedItem": [
                {
                    "@type": "OrderItem",
                    "@id": f"{self.base}/api/orders/{uuid(number)}#/orderedItem/{booking.id}",
                    "orderItemStatus": f"{STATUS}CustomerCancelled",
                }
                | changes
                for booking in bookings
            ],
        }


class OpenactiveCommon(Hall, CompanyCommon, AccountTestInvoicingCommon, HttpCase):
    """The hall, asked over HTTP."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.addClassCleanup(validators.end)
        cls.env["ir.config_parameter"].set_param("brp_openactive.site", cls.base_url())
        cls.env.user.group_ids += cls.env.ref("brp_marketplace.group_booking_manager")
        cls.env.user.group_ids += cls.env.ref("base.group_system")
        cls.build_hall()

    # -- what a marketplace asks -----------------------------------------------------------------------------

    def ask(self, method, path, body=None, token=None, headers=None, **options):
        """Call the Open Booking API as the marketplace does; return the response.

        :param path: below the API's base
        :param body: what is sent as JSON, or bytes
        :param token: another one than the marketplace's; empty for none
        """
        self.env.flush_all()
        token = self.token if token is None else token
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        if body is not None:
            sent["Content-Type"] = MEDIA_TYPE
        if isinstance(body, dict):
            body = json.dumps(body).encode()
        response = self.opener.request(
            method,
            f"{self.base}/api/{path}",
            data=body,
            headers={**sent, **(headers or {})},
            timeout=60,
            allow_redirects=False,
            **options,
        )
        self.env.invalidate_all()
        return response

    def quote(self, step, *slots, number=1, token=None, **changes):
        """Ask for a quote; return the response."""
        path = "order-quote-templates" if step == "C1" else "order-quotes"
        return self.ask("PUT", f"{path}/{uuid(number)}", self.request(step, *slots, **changes), token)

    def book(self, *slots, number=1, token=None, **changes):
        """Book; return the response."""
        return self.ask("PUT", f"orders/{uuid(number)}", self.request("B", *slots, **changes), token)

    def cancel(self, *bookings, number=1, token=None, **changes):
        """Cancel bookings of an order; return the response."""
        body = self.cancellation(*bookings, number=number, **changes)
        return self.ask("PATCH", f"orders/{uuid(number)}", body, token)

    def channel_order(self, number=1, till=None):
        return self.env["brp.channel.order"].search(
            [("connection_id", "=", (till or self.till).id), ("uuid", "=", uuid(number))]
        )

    # -- what it is answered ---------------------------------------------------------------------------------

    def assertError(self, response, status, type_):
        """An error of the standard's, as its published validator wants it."""
        told = response.json()
        self.assertEqual((response.status_code, told.get("@type")), (status, type_), response.text)
        self.assertEqual(response.headers["Content-Type"], MEDIA_TYPE)
        self.assertValid("OpenBookingError", response)

    def assertItemErrors(self, response, *types):
        """Items, in their order, have these errors or None."""
        self.assertEqual(response.status_code, 409, response.text)
        told = response.json()
        errors = [[error["@type"] for error in item.get("error", ())] for item in told["orderedItem"]]
        self.assertEqual(errors, [[type_] if type_ else [] for type_ in types])
        return told

    def assertValid(self, mode, document):
        """What was answered is as the published validator wants it, where it is installed.

        :param document: a response, or what a JSON document is made of
        """
        if not validators.why_not():
            text = document.content if hasattr(document, "content") else json.dumps(document)
            self.assertEqual(validators.failures([(mode, text)]), [])

    # -- feeds -----------------------------------------------------------------------------------------------

    def read_page(self, url):
        """Return the response of a feed's page, asked for without any token."""
        self.env.flush_all()
        self.env.cr.clear()
        return self.opener.get(url, timeout=60)

    def read_feed(self, name="slots"):
        """Return all items of an open feed, page by page, as a reader does."""
        return self._walk(f"{self.base}/feeds/{name}", self.read_page)

    def read_orders(self, token=None):
        start = f"{self.base}/api/"
        return self._walk(
            f"{start}orders-rpde", lambda url: self.ask("GET", url.removeprefix(start), token=token)
        )

    def _walk(self, url, read):
        items = []
        while True:
            page = read(url)
            self.assertEqual(page.status_code, 200, page.text)
            page = page.json()
            items += page["items"]
            if page["next"] == url:
                self.assertFalse(page["items"])
                return items
            url = page["next"]

    def fed(self, slot):
        """Return the item of a time in the feed as it is now, or None if there is none."""
        found = [item for item in self.read_feed() if item["id"] == str(slot.id)]
        self.assertLessEqual(len(found), 1)
        return found[0] if found else None
