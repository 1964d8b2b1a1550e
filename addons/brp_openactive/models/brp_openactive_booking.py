import pytz
from psycopg2 import OperationalError

from odoo import api, models
from odoo.exceptions import ConcurrencyError

from odoo.addons.brp_connector.models.at_once import made_once

from ..openactive import (
    Answer,
    BookingError,
    BrokerRole,
    Lease,
    Step,
    b_answer,
    c1_answer,
    c2_answer,
    order_status,
    read_cancellation,
    read_request,
)

_QUOTES = {Step.C1: c1_answer, Step.C2: c2_answer}
#: While an order is made, its places are held for so many minutes: time enough, and soon free if it fails.
_HELD = 5
_NOTHING = Answer(204, "")


class OpenactiveBooking(models.AbstractModel):
    """What a marketplace asks of the Open Booking API, answered with our times and orders.

    Methods raise ``BookingError`` for what is refused; then nothing has happened. How it is found out what
    can be booked, and for how much, is in ``brp_openactive_items.py``.
    """

    _name = "brp.openactive.booking"
    _description = "Open Booking API"

    # === QUOTES === #

    @api.model
    def _quote(self, till, uuid, step, body):
        """Answer what something costs, and whether there are places. Nothing is sold.

        :param till: the online till that asks
        :param uuid: chosen by the marketplace
        :param Step step: C1 or C2
        :param body: as it came
        """
        request = read_request(body, step)
        if self._find_order(till, uuid):
            raise BookingError("OrderAlreadyExistsError")
        key = self._get_key(till, uuid)
        items = self._judge(till, request, key)
        order = self._make_order(till, uuid, request, items)
        request.check_payment(order.total_due)
        if till.openactive_leases:
            items, lease = self._lease(till, request, key, items)
            order = self._make_order(till, uuid, request, items, lease)
        return _QUOTES[step](order, till.company_id._get_openactive_lang())

    @api.model
    def _drop_quote(self, till, uuid):
        """Let go of what is held for a quote, whether there is one or not."""
        self.env["brp.occupancy"]._let_go(self._get_key(till, uuid))
        return _NOTHING

    def _lease(self, till, request, key, items):
        """Hold the places of a quote whose customer is known, if all of it can be booked.

        :return: (the items, the lease); without a lease, nothing is held for the quote
        """
        Occupancy = self.env["brp.occupancy"]
        if request.step is Step.C2 and not any(item.errors for _slot, item in items):
            short = self._hold(key, items, till.openactive_lease_minutes, undecided=True)
            if not short:
                with Occupancy._at_once() as own:
                    expires = max(own.search([("hold", "=", key)]).mapped("expires"))
                return items, Lease(pytz.utc.localize(expires))
            items = self._count(items, key, short)
        Occupancy._let_go(key)
        return items, None

    # === BOOKING === #

    @api.model
    def _book(self, till, uuid, body):
        """Book and sell what is paid at the marketplace. The same request gets the same answer again."""
        request = read_request(body, Step.B)
        key = self._get_key(till, uuid)
        answer, items = self._judge_order(till, uuid, request, key)
        if answer:
            return answer
        short = self._hold(key, items, _HELD)
        is_leased = till.openactive_leases
        # What is held was held by another transaction: this one begins anew to see it, and looks again at
        # everything that may have changed since.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        try:
            answer, items = self._judge_order(till, uuid, request, key, short)
            if not answer:
                return self._sell(till, uuid, request, key, [slot for slot, _item in items])
            is_leased &= answer.status != 201  # made by the same request: nothing more is wanted
        except (OperationalError, ConcurrencyError):
            raise  # Odoo does it all anew, with what is held
        except Exception:
            self.env.cr.rollback()
            self._give_up(key, is_leased)
            raise
        self._give_up(key, is_leased)
        return answer

    def _judge_order(self, till, uuid, request, key, short=None):
        """Return (the answer, nothing) if there is nothing to sell, else (nothing, what to sell).

        :raise BookingError: it cannot be sold
        """
        if known := self._find_order(till, uuid):
            if known.state == "deleted" or known.openactive_fingerprint != request.fingerprint:
                raise BookingError("OrderAlreadyExistsError")
            return Answer(201, known.openactive_answer), None
        items = self._judge(till, request, key, short)
        order = self._make_order(till, uuid, request, items)
        if order.has_errors:
            self._check_not_sold_meanwhile(till, uuid)
            return b_answer(order, till.company_id._get_openactive_lang()), None
        request.check_payment(order.total_due)
        request.check_total(order.total_due, self._get_currency(till))
        return None, items

    def _check_not_sold_meanwhile(self, till, uuid):
        """Raise if the places are gone because the same request, come twice, has just sold them.

        :raise ConcurrencyError: Odoo then does the whole request anew, and finds the order
        """
        with self.env["brp.occupancy"]._at_once() as own:
            if own.env["brp.openactive.booking"]._find_order(till, uuid):
                raise ConcurrencyError("Another transaction has made the same order")

    def _give_up(self, key, is_leased):
        """Free the places of an order that was not made; those of a lease stay until it ends."""
        if not is_leased:
            self.env["brp.occupancy"]._let_go(key)

    def _sell(self, till, uuid, request, key, slots):
        held = self.env["brp.occupancy"].search([("hold", "=", key)], order="slot_id, place")
        of_slot = {slot: iter(rows.ids) for slot, rows in held.grouped("slot_id").items()}
        try:
            rows = [(slot, next(of_slot[slot])) for slot in slots]
        except (KeyError, StopIteration):
            raise BookingError("TemporarilyUnableToCreateOrderError") from None
        payment = request.payment or {}
        with made_once(self.env.cr):
            order = self.env["brp.channel.order"]._sell(
                till,
                uuid,
                self._find_invoiced(till, request),
                rows,
                {
                    "reference": payment.get("identifier"),
                    "name": payment.get("name"),
                    "account": payment.get("accountId"),
                    "provider": payment.get("paymentProviderId"),
                },
                openactive_fingerprint=request.fingerprint,
                openactive_broker_role=request.broker_role.value,
                openactive_parties={
                    "broker": request.broker, "customer": request.customer, "payment": request.payment
                },
                openactive_positions=[item.position for item in request.items],
            )  # fmt: skip
        order.openactive_answer = b_answer(order._make_openactive_whole()).body
        return Answer(201, order.openactive_answer)

    def _find_invoiced(self, till, request):
        """Return who is invoiced: the customer, or a marketplace that sells in its own name."""
        if request.broker_role is BrokerRole.RESELLER:
            return till.marketplace_partner_id
        customer = request.customer
        name = customer.get("name") or " ".join(
            filter(None, [customer.get("givenName"), customer.get("familyName")])
        )
        return self.env["res.partner"]._find_or_make_customer(
            till.company_id, name, customer.get("email"), customer.get("telephone")
        )

    # === AFTERWARDS === #

    @api.model
    def _get_status(self, till, uuid):
        """Answer what has become of an order."""
        order = self._get_order(till, uuid)
        if till.company_id._find_openactive_gaps():
            raise BookingError("TemporarilyUnableToProduceOrderQuoteError")
        return order_status(order._make_openactive_whole())

    @api.model
    def _cancel(self, till, uuid, body):
        """Cancel what the customer does not want any longer, all or nothing."""
        cancellation = read_cancellation(body, till.company_id._get_openactive_ids(), uuid)
        order = self._get_order(till, uuid)
        if strange := set(cancellation.numbers) - set(order.booking_ids.ids):
            self._refuse_items(till, strange)
        bookings = order.booking_ids.filtered(
            lambda booking: booking.id in cancellation.numbers and booking.state == "booked"
        )
        for booking in bookings:
            if obstacle := booking._find_cancel_obstacle():
                raise BookingError("CancellationNotPermittedError", obstacle)
        bookings._cancel("customer")
        return _NOTHING

    def _refuse_items(self, till, numbers):
        elsewhere = self.env["brp.booking"].search_count(
            [("id", "in", list(numbers)), ("connection_id", "=", till.id)]
        )
        known = elsewhere == len(numbers)
        raise BookingError("OrderItemNotWithinOrderError" if known else "OrderItemIdInvalidError")

    @api.model
    def _delete(self, till, uuid):
        """Undo an order altogether, and forget who bought."""
        order = self._find_order(till, uuid)
        if not order:
            raise BookingError("UnknownOrderError")
        if order.state != "deleted":
            order._delete_order()
        return _NOTHING

    # === ORDERS === #

    def _find_order(self, till, uuid):
        return self.env["brp.channel.order"].search([("connection_id", "=", till.id), ("uuid", "=", uuid)])

    def _get_order(self, till, uuid):
        order = self._find_order(till, uuid)
        if not order:
            raise BookingError("UnknownOrderError")
        if order.state == "deleted":
            raise BookingError("GoneError")
        return order

    def _get_key(self, till, uuid):
        return f"{till.id}:{uuid}"

    def _get_currency(self, till):
        """Return the currency in which totals are to be told, None for any."""
        return till.company_id.currency_id.name
