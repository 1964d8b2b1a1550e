"""A small sports hall that can be booked over OpenActive, for tests of those who read it and book there.

Its answers are written by hand from RPDE 1.0 and the Open Booking API 1.0. Everything happens in the days
around 1 March 2090, so that the clock of the machine is always before it.
"""

import json
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs

import plumbing
from plumbing import Answer

NOW = datetime(2090, 3, 1, 9, tzinfo=timezone.utc)  # a Wednesday, 10:00 in Sweden
TOKEN = "hallens-nyckel"
LICENSE = "https://creativecommons.org/licenses/by/4.0/"
BOOKING = "application/vnd.openactive.booking+json; version=1"
OA = "https://openactive.io/"
ROOM = "sal"  # the facility without units; the others are units of the padel hall


def kronor(ore):
    return ore // 100 if ore % 100 == 0 else ore / 100


class Refusal(Exception):
    def __init__(self, status, kind, description=""):
        super().__init__(kind)
        told = {"@context": OA, "@type": kind, "name": kind, "description": description}
        self.answer = Answer(told, status, content_type=BOOKING)


class Handler(plumbing.ServiceHandler):
    def respond(self, path, query):
        if not path.startswith("/openactive/1"):
            self.inside(path)
            return
        body, under = self.body(), path.removeprefix("/openactive/1")

        def act(_fault):
            with self.service.lock:
                self.service.asked.append((self.command, under, json.loads(body) if body else None))
                self.service.headers.append(dict(self.headers))
                return self.service.answer(self.command, under, query, body, self.headers)

        self.call(act, (self.command, under), method=self.command, path=under)


class Hall(plumbing.Service):
    """:ivar alter: is told each answer's path and may change it before it is sent
    :ivar asked: [(method, path, body)]
    """

    handler_class = Handler

    def __init__(self, clock=lambda: NOW, page_size=500):
        super().__init__()
        self.clock, self.page_size = clock, page_size
        self.alter = lambda _path, _answer: None
        self.asked, self.headers = [], []
        self.change = 1000
        self.facilities, self.slots, self.orders, self.deleted = {}, {}, {}, set()
        self.sold = 0

    def look(self):
        return {"slots": self.slots}

    def reset(self):
        pass

    @property
    def base(self):
        return f"{self.url}/openactive/1"

    @property
    def seller(self):
        return f"{self.base}/sellers/1"

    # -- what it has to sell ------------------------------------------------------------------------------

    def next_change(self):
        self.change += 1
        return self.change

    def furnish(self):
        """A padel hall of two courts, a room, and five times; places and öre, from Saturday on."""
        for key in ("padel", ROOM):
            self.facilities[key] = self.next_change()
        self.add_slot("1", "bana-1", "2090-03-04T17:00:00Z", 1, 32000)
        self.add_slot("2", "bana-2", "2090-03-04T17:00:00Z", 1, 29550)
        self.add_slot("3", ROOM, "2090-03-05T18:30:00Z", 4, 8000, minutes=90, until="PT2H")
        self.add_slot("4", ROOM, "2090-03-06T18:30:00Z", 2, 10000, until="")
        self.add_slot("5", ROOM, "2090-03-07T09:00:00Z", 10, 0)
        return self

    def add_slot(self, key, unit, start, places, price, minutes=60, until="P1D"):
        """:param until: how long before the start it can be cancelled at the latest; empty: never"""
        self.slots[key] = {
            "unit": unit, "start": datetime.fromisoformat(start.replace("Z", "+00:00")), "places": places,
            "free": places, "price": price, "minutes": minutes, "until": until, "gone": False,
            "change": self.next_change(),
        }  # fmt: skip

    def change_slot(self, key, **told):
        with self.lock:
            self.slots[key].update(told, change=self.next_change())

    def slot_id(self, key):
        return f"{self.base}/slots/{key}"

    def unit_id(self, unit):
        if unit == ROOM:
            return f"{self.base}/facility-uses/{ROOM}"
        return f"{self.base}/facility-uses/padel/individual-facility-uses/{unit}"

    def facility(self, key):
        """The data of a FacilityUse."""
        padel = key == "padel"
        name, label = ("Padelhallen", "Padel Tennis Court") if padel else ("Gympasalen", "Sports Hall")
        number = "7a13f426-d2bc-4464-8a9b-18b30569b263" if padel else "da364f9b-8bb2-490e-9e2f-1068790b9e35"
        units = [
            {"@type": "IndividualFacilityUse", "@id": self.unit_id(f"bana-{n}"), "name": f"Bana {n}"}
            for n in (1, 2)
        ]
        return {
            "@context": OA, "@type": "FacilityUse", "@id": f"{self.base}/facility-uses/{key}", "name": name,
            "url": f"{self.url}/boka/{key}",
            "facilityType": [
                {"@type": "Concept", "@id": f"{OA}facility-types#{number}", "prefLabel": label,
                 "inScheme": f"{OA}facility-types"}
            ],
            "location": {
                "@type": "Place", "name": "Lilla hallen",
                "address": {
                    "@type": "PostalAddress", "streetAddress": "Provgatan 1", "addressLocality": "Provstad",
                    "addressRegion": "Provlän", "postalCode": "123 45", "addressCountry": "SE",
                },
            },
            "provider": {
                "@type": "Organization", "@id": self.seller, "name": "Lilla hallen AB",
                "taxMode": f"{OA}TaxGross", "isOpenBookingAllowed": True,
            },
            **({"individualFacilityUse": units} if padel else {}),
        }  # fmt: skip

    def offer(self, key):
        slot = self.slots[key]
        told = {
            "@type": "Offer", "@id": f"{self.slot_id(key)}#/offers/1", "name": "Ordinarie",
            "price": kronor(slot["price"]), "priceCurrency": "SEK",
            "allowCustomerCancellationFullRefund": bool(slot["until"]),
        }  # fmt: skip
        if slot["until"]:
            told["latestCancellationBeforeStartDate"] = slot["until"]
        return told

    def slot(self, key):
        """The data of a Slot."""
        slot = self.slots[key]
        end = slot["start"] + timedelta(minutes=slot["minutes"])
        return {
            "@context": OA, "@type": "Slot", "@id": self.slot_id(key),
            "facilityUse": self.unit_id(slot["unit"]),
            "startDate": f"{slot['start']:%Y-%m-%dT%H:%M:%SZ}", "endDate": f"{end:%Y-%m-%dT%H:%M:%SZ}",
            "duration": f"PT{slot['minutes']}M", "remainingUses": slot["free"],
            "maximumUses": slot["places"], "offers": [self.offer(key)],
        }  # fmt: skip

    # -- answers ------------------------------------------------------------------------------------------

    def answer(self, method, path, query, body, headers):
        try:
            found = self._answer(method, path, query, body, headers)
        except Refusal as refusal:
            found = refusal.answer
        self.alter(path, found)
        return found

    def _answer(self, method, path, query, body, headers):
        after = int(parse_qs(query).get("afterChangeNumber", ["0"])[0])
        if path == "":
            script = f'<script type="application/ld+json">{json.dumps(self.dataset())}</script>'
            page = f'<html>{script}<a href="{LICENSE}">CC-BY 4.0</a></html>'
            return Answer(data=page.encode(), content_type="text/html; charset=utf-8")
        if path == "/feeds/facility-uses":
            rows = [(n, "FacilityUse", key, self.facility(key)) for key, n in self.facilities.items()]
            return self._page(path, after, rows)
        if path == "/feeds/slots":
            rows = [
                (s["change"], "FacilityUse/Slot" if s["unit"] == ROOM else "IndividualFacilityUse/Slot",
                 key, None if s["gone"] else self.slot(key))
                for key, s in self.slots.items()
            ]  # fmt: skip
            return self._page(path, after, rows)
        if headers.get("Authorization") != f"Bearer {TOKEN}":
            raise Refusal(401, "InvalidAPITokenError")
        parts = path.removeprefix("/api/").split("/")
        if parts == ["orders-rpde"]:
            rows = [
                (o["change"], "Order", number, None if o["gone"] else self.order_in_feed(number))
                for number, o in self.orders.items()
                if o["change"]
            ]
            return self._page(path, after, rows, orders=True)
        told = json.loads(body) if body else {}
        act = {
            ("PUT", "order-quote-templates"): self._quote, ("PUT", "order-quotes"): self._quote,
            ("DELETE", "order-quotes"): lambda *_: Answer(status=204), ("PUT", "orders"): self._book,
            ("PATCH", "orders"): self._cancel, ("DELETE", "orders"): self._delete,
            ("GET", "orders"): self._show,
        }.get((method, parts[0]))  # fmt: skip
        if not act:
            raise Refusal(404, "UnknownOrIncorrectEndpointError")
        return act(parts[-1], told)

    def dataset(self):
        def feed(kind, name):
            return {
                "@type": "DataDownload", "name": kind, "identifier": kind, "additionalType": OA + kind,
                "encodingFormat": "application/vnd.openactive.rpde+json; version=1",
                "contentUrl": f"{self.base}/feeds/{name}",
            }  # fmt: skip

        return {
            "@context": ["https://schema.org/", OA], "@type": "Dataset", "@id": self.base, "url": self.base,
            "name": "Lilla hallen", "description": "Lediga tider", "keywords": ["Idrott"],
            "license": LICENSE, "discussionUrl": f"{self.url}/kontakt", "documentation": f"{self.url}/dok",
            "inLanguage": ["sv-SE"], "schemaVersion": f"{OA}modelling-opportunity-data/2.0/",
            "publisher": {
                "@type": "Organization", "name": "Lilla hallen", "legalName": "Lilla hallen AB",
                "url": self.url, "logo": {"@type": "ImageObject", "url": f"{self.url}/logo.png"},
            },
            "distribution": [feed("FacilityUse", "facility-uses"), feed("Slot", "slots")],
            "accessService": {
                "@type": "WebAPI", "name": "Open Booking API", "endpointUrl": f"{self.base}/api",
                "conformsTo": [f"{OA}open-booking-api/EditorsDraft/"],
                "endpointDescription": f"{OA}swagger.json", "landingPage": f"{self.url}/kontakt",
            },
        }  # fmt: skip

    def _page(self, path, after, rows, orders=False):
        rows = sorted(row for row in rows if row[0] > after)[: self.page_size]
        items = [
            {"state": "updated" if data else "deleted", "kind": kind, "id": key, "modified": number,
             **({"data": data} if data else {})}
            for number, kind, key, data in rows
        ]  # fmt: skip
        last = rows[-1][0] if rows else after
        page = {
            "next": self.base + path + (f"?afterChangeNumber={last}" if last else ""), "items": items,
            **({} if orders else {"license": LICENSE}),
        }  # fmt: skip
        caching = "no-store" if orders else f"public, max-age={3600 if rows else 8}"
        kind = BOOKING if orders else "application/json"
        return Answer(page, headers={"Cache-Control": caching}, content_type=kind)

    # -- booking ------------------------------------------------------------------------------------------

    def _items(self, told):
        """(items of the answer, total, VAT, the slots' keys); errors are in the items."""
        items, total, vat, keys, taken = [], 0, 0, [], {}
        for asked in told["orderedItem"]:
            key = asked["orderedItem"].rpartition("/")[2]
            slot = self.slots.get(key)
            item = {"@type": "OrderItem", "position": asked["position"]}
            if not slot or slot["gone"]:
                item["error"] = [{"@type": "UnknownOpportunityError"}]
                items.append(item)
                continue
            taken[key] = taken.get(key, 0) + 1
            item["acceptedOffer"] = self.offer(key)
            item["orderedItem"] = {k: v for k, v in self.slot(key).items() if k not in ("@context", "offers")}
            item["orderedItem"]["facilityUse"] = self._expanded(slot["unit"])
            if taken[key] > slot["free"]:
                kind = "OpportunityHasInsufficientCapacityError" if slot["free"] else "OpportunityIsFullError"
                item["error"] = [{"@type": kind}]
            else:
                # 6 % within the price, to the nearest öre: 320.00 has 18.11.
                tax = round(slot["price"] * 6 / 106)
                item.update({"unitTaxSpecification": [self._tax(tax)]} if tax else {})
                total, vat = total + slot["price"], vat + tax
                keys.append(key)
            items.append(item)
        return items, total, vat, keys

    def _expanded(self, unit):
        whole = self.facility(ROOM if unit == ROOM else "padel")
        hidden = ("@context", "provider", "individualFacilityUse")
        facility = {name: value for name, value in whole.items() if name not in hidden}
        if unit == ROOM:
            return facility
        return {
            "@type": "IndividualFacilityUse", "@id": self.unit_id(unit), "name": unit,
            "aggregateFacilityUse": facility,
        }  # fmt: skip

    @staticmethod
    def _tax(ore):
        return {
            "@type": "TaxChargeSpecification", "name": "Moms 6 %", "price": kronor(ore),
            "priceCurrency": "SEK", "rate": 0.06,
        }  # fmt: skip

    def _order(self, number, told, path):
        items, total, vat, keys = self._items(told)
        seller = {**self.facility(ROOM)["provider"], "legalName": "Lilla hallen AB"}
        terms = {"@type": "TermsOfUse", "name": "Bokningsvillkor", "url": f"{self.url}/villkor"}
        seller["termsOfService"] = [{**terms, "requiresExplicitConsent": False}]
        seller["address"] = self.facility(ROOM)["location"]["address"]
        del seller["isOpenBookingAllowed"]
        value = {
            "@context": OA, "@type": told["@type"], "@id": f"{self.base}/api/{path}/{number}",
            **{name: told[name] for name in ("brokerRole", "broker", "customer") if name in told},
            "seller": seller,
            "bookingService": {"@type": "BookingService", "name": "Hallens bokning"},
            **({} if told["@type"] == "Order" else {"orderRequiresApproval": False}),
            "orderedItem": items,
            "totalPaymentDue": {
                "@type": "PriceSpecification", "price": kronor(total), "priceCurrency": "SEK"
            },
            **({"totalPaymentTax": [self._tax(vat)]} if vat else {}),
        }  # fmt: skip
        failed = any("error" in item for item in items)
        return Answer(value, 409 if failed else 200, content_type=BOOKING), total, keys

    def _quote(self, number, told):
        if number in self.orders:
            raise Refusal(500, "OrderAlreadyExistsError")
        return self._order(number, told, "order-quotes")[0]

    def _book(self, number, told):
        known = self.orders.get(number)
        if known:
            if known["told"] != told or known["gone"]:
                raise Refusal(500, "OrderAlreadyExistsError")
            return Answer(data=known["body"], status=201, content_type=BOOKING)
        if told["brokerRole"] == f"{OA}AgentBroker" and not told.get("customer", {}).get("email"):
            raise Refusal(400, "IncompleteCustomerDetailsError")
        if told["seller"] != self.seller:
            raise Refusal(500, "SellerNotFoundError")
        answer, total, keys = self._order(number, told, "orders")
        if answer.status == 409:
            return answer
        if bool(total) != ("payment" in told):
            kind = "MissingPaymentDetailsError" if total else "UnnecessaryPaymentDetailsError"
            raise Refusal(400, kind)
        if told["totalPaymentDue"]["price"] != kronor(total):
            raise Refusal(400, "TotalPaymentDueMismatchError", "Fel summa")
        self.sold += 1
        value = answer.value
        value.update(identifier=number, orderNumber=f"LH{self.sold:05d}")
        if total:
            value["payment"] = told["payment"]
        for place, item in enumerate(value["orderedItem"]):
            item["@id"] = f"{value['@id']}#/orderedItem/{place}"
            item["orderItemStatus"] = f"{OA}OrderItemConfirmed"
            item["accessCode"] = [
                {"@type": "PropertyValue", "name": "Dörrkod", "description": f"{4000 + self.sold}"}
            ]
        for key in keys:
            self.change_slot(key, free=self.slots[key]["free"] - 1)
        body = json.dumps(value, ensure_ascii=False).encode()
        self.orders[number] = {
            "told": told, "body": body, "keys": keys, "status": ["OrderItemConfirmed"] * len(keys),
            "messages": {}, "change": 0, "gone": False,
        }  # fmt: skip
        return Answer(data=body, status=201, content_type=BOOKING)

    def _cancel(self, number, told):
        order = self.orders.get(number)
        if not order:
            raise Refusal(404, "UnknownOrderError")
        places = [int(item["@id"].rpartition("/")[2]) for item in told["orderedItem"]]
        for place in places:
            slot = self.slots[order["keys"][place]]
            hours = {"P1D": 24, "PT2H": 2}.get(slot["until"])
            if not hours or self.clock() > slot["start"] - timedelta(hours=hours):
                raise Refusal(400, "CancellationNotPermittedError", "För sent att avboka hos hallen.")
        self.cancel(number, places, "CustomerCancelled")
        return Answer(status=204, content_type=BOOKING)

    def cancel(self, number, places, status="SellerCancelled", message=""):
        """Cancels items of an order and gives their places back."""
        with self.lock:
            order = self.orders[number]
            for place in places:
                if order["status"][place] == "OrderItemConfirmed":
                    order["status"][place] = status
                    order["messages"][place] = message
                    key = order["keys"][place]
                    self.change_slot(key, free=self.slots[key]["free"] + 1)
            order["change"] = self.next_change()

    def _delete(self, number, _told):
        if number not in self.orders:
            raise Refusal(404, "UnknownOrderError")
        self.delete(number)
        return Answer(status=204)

    def _show(self, number, _told):
        if number not in self.orders:
            raise Refusal(404, "UnknownOrderError")
        return Answer(data=self.orders[number]["body"], content_type=BOOKING)

    def delete(self, number):
        with self.lock:
            self.orders[number].update(gone=True, change=self.next_change())

    def order_in_feed(self, number):
        """The data of an order in the Orders feed."""
        order = self.orders[number]
        own = f"{self.base}/api/orders/{number}"
        left = sum(
            self.slots[key]["price"]
            for key, status in zip(order["keys"], order["status"], strict=True)
            if status == "OrderItemConfirmed"
        )
        return {
            "@context": OA, "@type": "Order", "@id": own, "identifier": number,
            "totalPaymentDue": {
                "@type": "PriceSpecification", "price": kronor(left), "priceCurrency": "SEK"
            },
            "orderedItem": [
                {"@type": "OrderItem", "@id": f"{own}#/orderedItem/{place}", "orderItemStatus": OA + status,
                 **({"cancellationMessage": told} if (told := order["messages"].get(place)) else {})}
                for place, status in enumerate(order["status"])
            ],
        }  # fmt: skip
