"""Quotes and books as a broker (Open Booking API 1.0, simple flow)."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

from . import answers
from .accounts import SALE, Entry
from .answers import OPENACTIVE, Answered
from .calls import NoAnswer, Reply
from .catalogue import CURRENCY, Time
from .moments import clock_time, day_of, moment, spoken_day, text_of
from .money import number_of
from .opportunities import CONTEXT
from .purchases import BOOKED, Line, Purchase
from .systems import BookingSystem

_PLACE = {"order-quote-templates": "C1", "order-quotes": "C2", "orders": "B"}
_LONGEST_WAIT = 5  # seconds that a Retry-After is kept to while a visitor waits


class Refused(ValueError):
    """It is not done; the text is for the visitor."""


class Unclear(ValueError):
    """The booking system has not said whether it has done it, however often it was asked."""


def place_of(method: str, path: str) -> str:
    """What a call is named where something is wrong with it: C1, C2, B, "PATCH orders"."""
    collection = path.split("/")[1]
    return _PLACE[collection] if method == "PUT" else f"{method} {collection}"


class Broker:
    """:param service: the marketplace: its settings, purchases, accounts, faults and clock"""

    def __init__(self, service):
        self.service = service
        self._stopped = threading.Event()

    # -- calls --------------------------------------------------------------------------------------------

    def ask(
        self, system: BookingSystem, method: str, path: str, told=None, first=None, doubt: list | None = None
    ) -> Reply:
        """Makes a call until its answer says what has become of it: all calls may be repeated.

        :param first: makes the first attempt instead
        :param doubt: what attempts have not said whether they were acted on; those of this time are added
        """
        settings, doubt = self.service.settings, [] if doubt is None else doubt
        report, last = system.breaches.at(place_of(method, path)), None
        for attempt in range(settings["attempts"]):
            wait = settings["retry_wait"] * 2**attempt
            try:
                reply = first() if first and not attempt else system.api(method, path, told)
            except NoAnswer as error:
                doubt.append(str(error))
                report("no_answer", doubt[-1])
            else:
                if answers.is_definite(reply):
                    return reply
                if answers.is_refusal(reply):
                    last = reply
                else:
                    doubt.append(f"{reply.status} {' '.join(answers.error_of(reply))}".strip())
                    report("failed", doubt[-1])
                asked = reply.header("Retry-After")
                wait = min(int(asked), _LONGEST_WAIT) if asked.isdecimal() else wait
            if attempt + 1 < settings["attempts"]:
                self._stopped.wait(wait)
        if last and not doubt:
            return last
        raise Unclear(doubt[-1])

    def _body(self, purchase: Purchase, kind: str, customer: dict) -> dict:
        settings = self.service.settings
        role = settings["broker_role"]
        body = {
            "@context": CONTEXT,
            "@type": kind,
            "brokerRole": OPENACTIVE + role,
            "broker": {"@type": "Organization", "name": settings["name"], "url": settings["website"]},
            "seller": purchase.seller,
        }
        # A reseller is the customer itself; who plays is nothing that the seller is told.
        if customer and role == "AgentBroker":
            body["customer"] = _person(customer)
        body["orderedItem"] = [
            {"@type": "OrderItem", "position": n, "orderedItem": line.slot, "acceptedOffer": line.offer}
            for n, line in enumerate(purchase.lines)
        ]
        return body

    # -- quotes -------------------------------------------------------------------------------------------

    def begin(self, times: list[Time]) -> Purchase:
        """A basket of times of one seller, with the booking system's price (C1)."""
        if not times:
            raise Refused("Välj minst en tid.")
        purchase = Purchase(
            uuid=str(uuid.uuid4()), system=times[0].system, seller=times[0].seller,
            seller_name=times[0].seller_name, at=text_of(self.service.now()), lines=[],
        )  # fmt: skip
        purchase.unquoted = bool(self.fault("PUT", f"/order-quote-templates/{purchase.uuid}", "no_quotes"))
        self.add(purchase, times)
        with self.service.lock:
            self.service.purchases[purchase.uuid] = purchase
            self.service.save()
        return purchase

    def add(self, purchase: Purchase, times: list[Time]) -> None:
        """Adds times to a basket."""
        with purchase.lock:
            self._still_a_basket(purchase)
            if any((time.system, time.seller) != (purchase.system, purchase.seller) for time in times):
                raise Refused(
                    "En bokning kan bara ha tider hos en och samma anläggning. Boka dem var för sig."
                )
            purchase.lines += [_line(time) for time in times]
            self.quote(purchase)
            self.service.save()

    def remove(self, purchase: Purchase, number: int) -> None:
        """Takes the line of that number, from 0, out of a basket."""
        with purchase.lock:
            self._still_a_basket(purchase)
            if not 0 <= number < len(purchase.lines):
                raise Refused("Raden finns inte längre.")
            del purchase.lines[number]
            if purchase.lines:
                self.quote(purchase)
            self.service.save()

    def _still_a_basket(self, purchase: Purchase) -> None:
        if purchase.state != "basket":
            raise Refused("Bokningen går inte att ändra längre.")

    def quote(self, purchase: Purchase, customer: dict | None = None) -> bool:
        """Asks for the price: C1, with a customer C2. Returns whether all of it can be booked; what cannot
        says so in `error` of its line, or of the purchase."""
        system = self.service.system(purchase.system)
        path = f"/order-quotes/{purchase.uuid}" if customer else f"/order-quote-templates/{purchase.uuid}"
        purchase.error = ""
        for line in purchase.lines:
            line.error = ""
        if purchase.unquoted:
            purchase.total = purchase.price
            return True
        body = self._body(purchase, "OrderQuote", customer or {})
        try:
            reply = self.ask(system, "PUT", path, body)
        except Unclear:
            purchase.error = "Anläggningens bokningssystem svarar inte. Försök igen om en stund."
            return False
        told = Answered(reply, "OrderQuote", 200, system.breaches.at(place_of("PUT", path)), body)
        self._take_quote(purchase, told)
        return not purchase.error and not any(line.error for line in purchase.lines)

    def _take_quote(self, purchase: Purchase, told: Answered) -> None:
        for line, text in zip(purchase.lines, told.line_errors(len(purchase.lines)), strict=True):
            line.error = text
        if told.is_order:
            for number, price in told.prices().items():
                if number < len(purchase.lines):
                    purchase.lines[number].price = price
            purchase.total, purchase.tax = told.total, told.tax
            purchase.terms = told.terms
            if purchase.total is None:
                purchase.error = answers.NOT_UNDERSTOOD
        if told.error:
            purchase.error = told.error

    def drop(self, purchase: Purchase) -> None:
        """Gives up a basket, and what the booking system may hold for it."""
        with purchase.lock:
            self._still_a_basket(purchase)
            purchase.state = "dropped"
            self.service.save()
            self._release(purchase)

    def _release(self, purchase: Purchase) -> None:
        system = self.service.system(purchase.system)
        try:
            reply = self.ask(system, "DELETE", f"/order-quotes/{purchase.uuid}")
        except Unclear:
            return  # what was held lapses by itself
        if reply.status != 204:
            system.breaches.note("DELETE order-quotes", "booking_status", reply.status)

    # -- booking ------------------------------------------------------------------------------------------

    def book(self, purchase: Purchase, customer: dict, seen: int | None = None) -> None:
        """Books and charges the card; once, however often it is asked. Refused when it cannot be.

        :param customer: name, email, phone
        :param seen: the total that the customer has agreed to
        """
        with purchase.lock:
            if purchase.state in ("booked", "unclear"):
                return
            self._still_a_basket(purchase)
            if not purchase.lines:
                raise Refused("Varukorgen är tom.")
            purchase.customer = customer
            agreed = purchase.total if seen is None else seen
            if self.fault("PUT", f"/order-quotes/{purchase.uuid}", "no_quotes"):
                purchase.unquoted = True
            if not self.quote(purchase, customer):
                self.service.save()
                raise Refused(purchase.error or "Det gick inte att boka alla tider.")
            if purchase.total != agreed:
                raise Refused("Priset har ändrats. Kontrollera summan och betala igen.")
            self._prepare(purchase)
            self._send(purchase)

    def _prepare(self, purchase: Purchase) -> None:
        """Writes down what is sent before it is: after a kill it is sent again, and not something else."""
        settings = self.service.settings
        fault = self.fault("PUT", f"/orders/{purchase.uuid}", "wrong_total")
        asked = purchase.total + (fault.amount if fault else 0)
        body = self._body(purchase, "Order", purchase.customer)
        body["totalPaymentDue"] = {
            "@type": "PriceSpecification", "price": number_of(asked), "priceCurrency": CURRENCY
        }  # fmt: skip
        with self.service.lock:
            if asked:
                purchase.payment = self.service.next_payment()
                body["payment"] = {
                    "@type": "Payment", "identifier": purchase.payment, "name": settings["name"],
                    **{name: settings[key] for name, key in _ACCOUNT.items() if settings[key]},
                }  # fmt: skip
            purchase.sent, purchase.state, purchase.error = body, "unclear", ""
            self.service.save()

    def _send(self, purchase: Purchase, doubt: list | None = None) -> None:
        """Sends what is prepared, and takes what becomes of it.

        :param doubt: why it is not known whether earlier attempts were acted on
        """
        system, path = self.service.system(purchase.system), f"/orders/{purchase.uuid}"
        twice = self.fault("PUT", path, "book_twice")
        first = (lambda: self._twice(system, path, purchase.sent)) if twice else None
        doubt = doubt or []
        try:
            reply = self.ask(system, "PUT", path, purchase.sent, first, doubt)
        except Unclear as error:
            purchase.error = str(error)
            self.service.save()
            return
        told = Answered(reply, "Order", 201, system.breaches.at("B"), purchase.sent)
        if reply.status in (200, 201) and told.is_order:
            self._booked(purchase, told)
            return
        was_booked = bool(doubt) and self._was_booked(purchase, system)
        purchase.state = "refused" if was_booked or answers.is_final(reply) else "basket"
        purchase.sent, purchase.payment = None, ""
        self._take_quote(purchase, told)
        self.service.save()
        self._release(purchase)
        raise Refused(purchase.error or "Det gick inte att boka alla tider. Ditt kort har inte debiterats.")

    def _was_booked(self, purchase: Purchase, system: BookingSystem) -> bool:
        """Whether an attempt without an answer was acted on though a later one was refused; it is undone."""
        path = f"/orders/{purchase.uuid}"
        try:
            if self.ask(system, "GET", path).status == 200:
                system.breaches.note("B", "refused_but_booked", purchase.uuid)
                self.ask(system, "DELETE", path)
                return True
        except Unclear:
            pass  # whoever looks at the page is told what is wrong
        return False

    def _twice(self, system: BookingSystem, path: str, body: dict) -> Reply:
        """Sends the same booking twice at once; both are to have the same answer."""
        with ThreadPoolExecutor(2) as pool:
            sent = [pool.submit(system.api, "PUT", path, body) for _ in range(2)]
            one, other = (each.result() for each in sent)
        if (one.status, one.body) != (other.status, other.body):
            system.breaches.note("B", "answers_differ", f"{one.status} and {other.status}")
        return one if one.status == 201 else other

    def _booked(self, purchase: Purchase, told: Answered) -> None:
        asked = answers.total_of(purchase.sent)
        if told.total != asked:
            told.report("total", f"{told.total} instead of {asked} öre")
        if not told.value.get("orderNumber"):
            told.report("no_order_number", purchase.uuid)
        with self.service.lock:
            for line, item in zip(purchase.lines, told.items(len(purchase.lines)), strict=True):
                line.item, line.status = str(item.get("@id", "")), BOOKED
                line.access = answers.access_codes(item)
            purchase.order_number = str(told.value.get("orderNumber", ""))
            purchase.state, purchase.sent, purchase.error = "booked", None, ""
            purchase.charged = purchase.due = asked
            purchase.tax = told.tax
            self.account(purchase, SALE, asked, purchase.lines)
            self.service.save()
        if purchase.missed:
            self.service.system(purchase.system).forget_orders()
            purchase.missed = False
        self.service.hasten()

    def account(self, purchase: Purchase, kind: str, amount: int, lines: list) -> None:
        """Enters what some of a purchase's lines were sold for, or what was given back for them."""
        now = self.service.now()
        text = ", ".join(
            f"{line.name} {spoken_day(day_of(moment(line.start)))} {clock_time(moment(line.start))}"
            for line in lines
        )
        self.service.accounts.add(
            Entry(
                system=purchase.system,
                kind=kind,
                day=day_of(now),
                at=text_of(now),
                amount=amount,
                payment=purchase.payment,
                order_number=purchase.order_number,
                uuid=purchase.uuid,
                text=text,
            )
        )

    def settle(self) -> list:
        """Sends anew what has had no clear answer; returns the purchases that are clear now."""
        with self.service.lock:
            unclear = [p for p in self.service.purchases.values() if p.state == "unclear"]
        for purchase in unclear:
            with purchase.lock:
                if purchase.state == "unclear":
                    try:
                        self._send(purchase, ["it was sent before"])
                    except Refused as refused:
                        purchase.error = str(refused)
        return [purchase for purchase in unclear if purchase.state != "unclear"]

    def fault(self, method: str, path: str, kind: str):
        """What was ordered to go wrong with a call that is about to be made."""
        return self.service.take_fault(method, path, (kind,))

    def stop(self) -> None:
        """Lets go of what waits to try again."""
        self._stopped.set()

    def resume(self) -> None:
        self._stopped.clear()


_ACCOUNT = {"accountId": "account_id", "paymentProviderId": "payment_provider_id"}


def _line(time: Time) -> Line:
    return Line(
        slot=time.slot, offer=time.offer, name=time.name, place=time.place, address=time.address,
        start=text_of(time.start), end=text_of(time.end), price=time.price, refundable=time.refundable,
        cancel_until=text_of(time.cancel_until) if time.cancel_until else "",
    )  # fmt: skip


def _person(customer: dict) -> dict:
    given, _space, family = customer["name"].rpartition(" ")
    named = {"givenName": given, "familyName": family} if given else {"givenName": family}
    return {"@type": "Person", "email": customer["email"], **named, "telephone": customer["phone"]}
