"""What becomes of orders when they are booked: cancelled by the customer or the seller, changed, deleted."""

import json

from . import answers
from .accounts import REFUND
from .answers import OPENACTIVE, Answered
from .broker import Broker, Refused, Unclear
from .moments import clock_time, day_of, moment, spoken_day
from .opportunities import CONTEXT
from .purchases import BOOKED, BY_CUSTOMER, BY_SELLER, DELETED, Line, Purchase
from .rpde import Item
from .systems import BookingSystem

_STATUS = {
    "OrderItemConfirmed": BOOKED, "CustomerCancelled": BY_CUSTOMER, "SellerCancelled": BY_SELLER,
    "AttendeeAttended": BOOKED, "AttendeeAbsent": BOOKED,
}  # fmt: skip


class Orders:
    def __init__(self, broker: Broker):
        self._broker, self.service = broker, broker.service

    # -- cancelling ---------------------------------------------------------------------------------------

    def cancel(self, purchase: Purchase, numbers: list | None = None) -> None:
        """Cancels lines (all unless told) for the customer. Refused when they cannot be; then none is."""
        system = self.service.system(purchase.system)
        path = f"/orders/{purchase.uuid}"
        with purchase.lock:
            if purchase.state != "booked":
                raise Refused("Det finns ingen bokning att avboka.")
            chosen = [
                line
                for number, line in enumerate(purchase.lines)
                if line.status == BOOKED and (numbers is None or number in numbers)
            ]
            if not chosen:
                raise Refused("Välj minst en tid som är bokad.")
            late = next(filter(None, (self.why_not_cancel(line) for line in chosen)), "")
            if late and not self._broker.fault("PATCH", path, "late_cancel"):
                raise Refused(late)
            body = {
                "@context": CONTEXT,
                "@type": "Order",
                "orderedItem": [
                    {"@type": "OrderItem", "@id": line.item,
                     "orderItemStatus": OPENACTIVE + "CustomerCancelled"}
                    for line in chosen
                ],
            }  # fmt: skip
            try:
                reply = self._broker.ask(system, "PATCH", path, body)
            except Unclear as error:
                raise Refused("Anläggningens bokningssystem svarar inte. Försök igen om en stund.") from error
            told = Answered(reply, "", 204, system.breaches.at("PATCH orders"))
            if reply.status != 204:
                raise Refused(told.error or "Anläggningen tillåter inte att tiden avbokas.")
            if late:
                told.report("booking_status", f"{reply.status} though it was too late")
            for line in chosen:
                line.status = BY_CUSTOMER
            self.service.save()
        self.service.hasten()
        self.follow(system)

    def why_not_cancel(self, line: Line) -> str:
        """Why a line cannot be cancelled by the customer, by what its offer said; empty if it can."""
        now = self.service.real_now()
        if not line.refundable:
            return "Tiden går inte att avboka."
        if moment(line.start) <= now:
            return "Tiden har redan börjat."
        if line.cancel_until and moment(line.cancel_until) < now:
            when = moment(line.cancel_until)
            return f"Tiden kunde avbokas till {spoken_day(day_of(when))} kl. {clock_time(when)}."
        return ""

    def status(self, purchase: Purchase) -> dict:
        """The order as the booking system has it: {"status", "body"}."""
        reply = self._broker.ask(self.service.system(purchase.system), "GET", f"/orders/{purchase.uuid}")
        return {"status": reply.status, "body": json.loads(reply.body or b"{}")}

    def undo(self, purchase: Purchase) -> None:
        """Deletes the order, as a broker may when all else has gone wrong; an unclear one is given up."""
        system = self.service.system(purchase.system)
        with purchase.lock:
            reply = self._broker.ask(system, "DELETE", f"/orders/{purchase.uuid}")
            if reply.status != 204 and (purchase.state, reply.status) != ("unclear", 404):
                system.breaches.note("DELETE orders", "booking_status", reply.status)
            else:
                self._take_deletion(purchase)
        self.follow(system)

    def _take_deletion(self, purchase: Purchase) -> None:
        with self.service.lock:
            if purchase.state == "unclear":
                purchase.state, purchase.sent, purchase.error = "dropped", None, ""
            elif purchase.state == "booked":
                self._deleted(purchase)
                self._refund(purchase)
            self.service.save()

    # -- the Orders feed ----------------------------------------------------------------------------------

    def follow(self, system: BookingSystem, anew: bool = False) -> int:
        """Takes what the Orders feed tells: cancellations and deletions. Returns how many items came."""
        report = system.breaches.at("orders")
        with system.lock:  # what came later is taken later
            items = system.read_orders(anew)
            for item in items:
                self._take(item, system, report)
        return len(items)

    def _take(self, item: Item, system: BookingSystem, report) -> None:
        purchase = self.service.purchases.get(str(item.id).lower())
        if not purchase or purchase.system != system.number:
            report("unknown_order", item.id)
            return
        with self.service.lock:
            if purchase.state != "booked":
                purchase.missed = True
                return
            if item.data is None:
                self._deleted(purchase)
            else:
                self._changed(purchase, item.data, report)
            self._refund(purchase)
            self.service.save()

    def _refund(self, purchase: Purchase) -> None:
        """Gives back what was charged and is not asked for any more."""
        back = purchase.left - purchase.due
        if back > 0:
            gone = [line for line in purchase.lines if line.status != BOOKED and not line.refunded]
            for line in gone:
                line.refunded = True
            purchase.refunded += back
            self._broker.account(purchase, REFUND, -back, gone)

    def _deleted(self, purchase: Purchase) -> None:
        purchase.deleted, purchase.due = True, 0
        for line in purchase.lines:
            if line.status == BOOKED:
                line.status = DELETED

    def _changed(self, purchase: Purchase, data: dict, report) -> None:
        for told in data.get("orderedItem") or ():
            line = purchase.line_of(told.get("@id", "")) if isinstance(told, dict) else None
            if not line:
                report("booking_answer", f"{purchase.uuid}: an item that was never booked")
                continue
            status = _STATUS.get(str(told.get("orderItemStatus", "")).removeprefix(OPENACTIVE))
            if not status:
                report("booking_answer", f"{purchase.uuid}: {told.get('orderItemStatus')}")
            elif line.status in (BY_CUSTOMER, BY_SELLER) and status == BOOKED:
                report("revived", f"{purchase.uuid}: {line.item}")
            else:
                line.status = status
                line.message = str(told.get("cancellationMessage", "") or line.message)
        due = answers.total_of(data)
        if due is None:
            report("booking_answer", f"{purchase.uuid}: totalPaymentDue")
            return
        expected = sum(line.price for line in purchase.lines if line.status == BOOKED)
        if due > purchase.due:
            report("total_rose", f"{purchase.uuid}: {purchase.due} to {due} öre")
            return
        if due != expected:
            report("total", f"{purchase.uuid}: {due} instead of {expected} öre")
        purchase.due = due
