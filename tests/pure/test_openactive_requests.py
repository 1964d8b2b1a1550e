"""What marketplaces ask: every fault has its own error, told in the order that the standard has."""

import json
from decimal import Decimal

import pytest
from brp_openactive.openactive import (
    BookingError,
    BrokerRole,
    RequestedItem,
    Step,
    read_cancellation,
    read_request,
    read_uuid,
)
from brp_openactive.openactive.documents import MAX_BYTES
from openactive_hall import (
    IDS,
    OTHER_UUID,
    SELLER,
    UUID,
    body,
    cancellation,
    read,
    request,
    requested_item,
)

SELLER_CANCELLED = "https://openactive.io/SellerCancelled"
AGENT, RESELLER, NO_BROKER = (role.value for role in BrokerRole)


def refusal(call, *args, **kwargs):
    """Return the error that a call ends in."""
    with pytest.raises(BookingError) as refused:
        call(*args, **kwargs)
    return refused.value


def type_of(call, *args, **kwargs):
    return refusal(call, *args, **kwargs).type


# -- what is no request at all ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "sent",
    [
        b"", b"{", b"null", b"[]", b'"Order"', b"5", b"\xff\xfe", b"{}x", b"{'a':1}", b'{"a":NaN}',
        b'{"@type":"Order","@type":"Order"}', b'{"a":Infinity}', b"[" * 100_000, b'{"a":' * 50_000,
        b'{"@type":"Order","a":"' + b"x" * MAX_BYTES + b'"}', b"\0", b'{"a":"\n"}',
    ],
)  # fmt: skip
def test_what_is_no_json_object_is_refused(sent):
    for call in (
        lambda: read_request(sent, Step.B),
        lambda: read_cancellation(sent, IDS, UUID),
    ):
        error = refusal(call)
        assert (error.type, error.status) == ("OpenBookingError", 400)
        assert error.description


def test_json_may_be_written_in_any_way():
    pretty = json.dumps(request(Step.B), indent=4, ensure_ascii=False).encode("utf-8-sig")
    assert read_request(pretty, Step.B) == read(Step.B)


@pytest.mark.parametrize("type_", ["Order", "OrderQuote", "OrderProposal", "", None, 5, ["Order"], {}])
def test_each_step_takes_its_own_type(type_):
    for step in Step:
        sent = body(request(step) | {"@type": type_})
        if type_ == step.type:
            assert read_request(sent, step).step is step
        else:
            assert type_of(read_request, sent, step) == "UnexpectedOrderTypeError"


def test_quotes_and_orders():
    assert {step.value: step.type for step in Step} == {"C1": "OrderQuote", "C2": "OrderQuote", "B": "Order"}


@pytest.mark.parametrize(
    "text", ["", "77", "orders", f"{UUID}0", f"{{{UUID}}}", UUID.replace("-", ""), "../" + UUID]
)
def test_ids_of_orders_are_uuids(text):
    assert read_uuid(UUID.upper()) == read_uuid(UUID) == UUID
    assert type_of(read_uuid, text) == "OpenBookingError"


# -- a whole request --------------------------------------------------------------------------------------


def test_a_booking():
    asked = read(Step.B)
    for check in (asked.check_broker, asked.check_customer, asked.check_seller, asked.check_items):
        check()
    asked.check_payment(Decimal(340))
    asked.check_total(Decimal(340))
    sent = request(Step.B)
    assert (asked.broker_role, asked.broker) == (BrokerRole.AGENT, sent["broker"])
    assert (asked.customer, asked.payment) == (sent["customer"], sent["payment"])
    assert asked.seller_id == SELLER.id
    assert asked.items == (RequestedItem(0, IDS.slot(501), IDS.offer(501, 1)),)
    assert (asked.total_due, asked.currency) == (Decimal(340), "SEK")


def test_ids_may_be_told_as_objects():
    item = requested_item(
        0,
        orderedItem={"@type": "Slot", "@id": IDS.slot(501), "startDate": "2031-05-09T16:30:00Z"},
        acceptedOffer={"@type": "Offer", "@id": IDS.offer(501, 1)},
    )
    seller = {"@type": "Organization", "@id": SELLER.id, "name": "Sundby"}
    assert read(Step.B, orderedItem=[item], seller=seller) == read(Step.B)


def test_what_is_not_known_is_not_told_again():
    sent = request(Step.B)
    more = {
        "beta:loyalty": 5,
        "discountCode": "VÅR",
        "broker": {**sent["broker"], "beta:x": 1, "numberOfEmployees": {"@type": "QuantitativeValue"}},
        "customer": {**sent["customer"], "beta:shoe": "42", "telephone": None},
        "payment": {**sent["payment"], "beta:secret": "4711", "paymentMethod": None},
    }
    asked = read(Step.B, **more)
    assert asked.broker == sent["broker"] and asked.payment == sent["payment"]
    assert asked.customer == {name: value for name, value in sent["customer"].items() if name != "telephone"}


def test_what_is_known_is_told_again_as_it_was_sent():
    customer = {
        "@type": "Organization",
        "@id": "https://fritidstorget.example.com/kunder/5",
        "identifier": 5,
        "name": "Bolaget AB",
        "email": "Bolaget@Example.com",
        "address": {"@type": "PostalAddress", "streetAddress": "Gatan 1", "addressCountry": "SE"},
        "sameAs": ["https://bolaget.example.com", "https://social.example.com/bolaget"],
    }
    asked = read(Step.C2, customer=customer)
    asked.check_customer()
    assert list(asked.customer.items()) == list(customer.items())


# -- fingerprints -----------------------------------------------------------------------------------------


def turned(data):
    """Return JSON data with the properties of every object the other way round."""
    if isinstance(data, dict):
        return {name: turned(data[name]) for name in reversed(data)}
    return list(map(turned, data)) if isinstance(data, list) else data


def test_the_same_request_has_the_same_fingerprint():
    sent = request(Step.B, orderedItem=[requested_item(0), requested_item(1)])
    asked = read_request(body(sent), Step.B).fingerprint
    same = [
        turned(sent),
        {**sent, "beta:trace": "5", "orderProposalVersion": None},
        {**sent, "orderedItem": [{**requested_item(1), "beta:x": 1}, requested_item(0)]},
        {**sent, "seller": {"@type": "Organization", "@id": SELLER.id}},
        {**sent, "totalPaymentDue": {"priceCurrency": "SEK", "price": 340.00, "@type": "PriceSpecification"}},
        {**sent, "customer": {**sent["customer"], "beta:x": 1, "name": None}},
    ]
    assert {read_request(body(each), Step.B).fingerprint for each in same} == {asked}
    exact = body(sent).replace(b'"price": 340,', b'"price": 340.00,')
    assert exact != body(sent) and read_request(exact, Step.B).fingerprint == asked


def test_another_request_has_another_fingerprint():
    sent = request(Step.B, orderedItem=[requested_item(0), requested_item(1)])
    others = [
        {**sent, "orderedItem": [requested_item(0)]},
        {**sent, "orderedItem": [requested_item(0), requested_item(1, 502)]},
        {**sent, "orderedItem": [requested_item(0), requested_item(2)]},
        {**sent, "orderedItem": [requested_item(0), requested_item(1, orderedItem=IDS.slot(502))]},
        {**sent, "orderedItem": [requested_item(0), requested_item(1, acceptedOffer=IDS.offer(501, 2))]},
        {**sent, "customer": {**sent["customer"], "email": "berit@example.com"}},
        {**sent, "customer": {"@type": "Person"}},
        {**sent, "seller": IDS.seller(2)},
        {**sent, "brokerRole": RESELLER},
        {**sent, "broker": {**sent["broker"], "name": "Annat torg"}},
        {**sent, "totalPaymentDue": {"price": 341, "priceCurrency": "SEK"}},
        {**sent, "totalPaymentDue": {"price": 340, "priceCurrency": "EUR"}},
        {**sent, "payment": {**sent["payment"], "identifier": "FT-2031-78"}},
        {name: value for name, value in sent.items() if name != "payment"},
    ]
    fingerprints = [read_request(body(each), Step.B).fingerprint for each in [sent, *others]]
    assert len(set(fingerprints)) == len(fingerprints)
    assert read(Step.C1).fingerprint != read(Step.C2).fingerprint


def test_a_fingerprint_shows_nobody():
    assert len(read(Step.B).fingerprint) == 64
    assert "alva" not in repr(read(Step.B)).lower()


# -- the broker -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changes",
    [
        {"brokerRole": None},
        {"brokerRole": "AgentBroker"},
        {"brokerRole": 5},
        {"brokerRole": [AGENT]},
        {"broker": None},
        {"broker": "Fritidstorget"},
        {"broker": {"@type": "Organization", "url": "https://fritidstorget.example.com/"}},
        {"broker": {"@type": "Organization", "name": ""}},
        {"broker": {"@type": "Organization", "name": 5}},
        {"broker": {"@type": "Organization", "name": ["Fritidstorget"]}},
        {"broker": {"@type": "Organization", "name": "Torget\udfff"}},
        {"broker": {"@type": "Organization", "name": "x" * 2001}},
        {"broker": {"@type": "Person", "name": "Fritidstorget"}},
        {"broker": {"name": "Fritidstorget"}},
        {"broker": {"@type": "Organization", "name": "Fritidstorget", "logo": "https://x.example.com/"}},
        {"brokerRole": RESELLER, "broker": None},
        {"brokerRole": NO_BROKER},
    ],
)
def test_the_broker_tells_its_name_and_role(changes):
    for step in Step:
        assert type_of(read(step, **changes).check_broker) == "IncompleteBrokerDetailsError"


def test_a_name_may_be_long():
    read(Step.C1, broker={"@type": "Organization", "name": "x" * 2000}).check_broker()


def test_a_seller_that_sells_by_itself_has_no_broker():
    asked = read(Step.B, brokerRole=NO_BROKER, broker=None)
    asked.check_broker()
    assert (asked.broker_role, asked.broker) == (BrokerRole.NONE, None)


# -- the customer -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "customer",
    [
        None, "alva@example.com", [], {}, {"email": "alva@example.com"}, {"@type": "Person"},
        {"@type": "Person", "givenName": "Alva"}, {"@type": "Person", "email": ""},
        {"@type": "Person", "email": "alva"}, {"@type": "Person", "email": "alva@"},
        {"@type": "Person", "email": "a lva@example.com"}, {"@type": "Person", "email": "a@b@example.com"},
        {"@type": "Person", "email": f"{'a' * 243}@example.com"}, {"@type": "Person", "email": 5},
        {"@type": "Person", "email": "alva@example.com", "givenName": {"x": 1}},
        {"@type": "Person", "email": "alva@example.com", "givenName": "a\0"},
        {"@type": "Person", "email": "alva@example.com", "givenName": "\ud800"},
        {"@type": "Person", "email": "alva@example.com", "address": "Gatan 1"},
        {"@type": "Person", "email": "alva@example.com", "identifier": 5.5},
        {"@type": "Robot", "email": "alva@example.com"},
    ],
)  # fmt: skip
def test_the_customer_tells_an_email_address(customer):
    for step in (Step.C2, Step.B):
        asked = read(step, customer=customer)
        assert type_of(asked.check_customer) == "IncompleteCustomerDetailsError"
        assert asked.customer is None
    read(Step.C1, customer=customer).check_customer()


def test_nothing_but_the_email_address_is_needed():
    for email in ("alva@example.com", f"{'a' * 242}@example.com"):
        read(Step.B, customer={"@type": "Person", "email": email}).check_customer()


def test_a_reseller_need_not_tell_its_customer():
    for customer in (None, {"@type": "Person", "givenName": "Alva"}):
        read(Step.B, brokerRole=RESELLER, customer=customer).check_customer()
    wrong = read(Step.B, brokerRole=RESELLER, customer={"@type": "Person", "email": "alva"})
    assert type_of(wrong.check_customer) == "IncompleteCustomerDetailsError"


def test_no_customer_is_taken_before_it_is_asked_for():
    assert read(Step.C1, customer=request(Step.C2)["customer"]).customer is None


# -- seller and items -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "seller", [None, "", " ", 5, [], {}, {"@id": 5}, {"name": "Sundby"}, "a\0", "x" * 2001]
)
def test_a_seller_is_told(seller):
    asked = read(Step.C1, seller=seller)
    assert asked.seller_id is None
    assert type_of(asked.check_seller) == "SellerNotFoundError"


@pytest.mark.parametrize(
    "items",
    [
        None, [], {}, "x", [5], [None], [requested_item(None)], [requested_item("0")], [requested_item(0.0)],
        [requested_item(True)], [requested_item(-1)], [requested_item(2**31)],
        [requested_item(0), requested_item(0)], [requested_item(number) for number in range(101)],
    ],
)  # fmt: skip
def test_items_are_a_list_with_positions(items):
    asked = read(Step.B, orderedItem=items)
    error = refusal(asked.check_items)
    assert (error.type, error.status) == ("OpenBookingError", 400)
    assert asked.items == ()


def test_places_are_asked_for_by_repeating_an_item():
    asked = read(Step.C1, orderedItem=[requested_item(7), requested_item(3), requested_item(5, 601)])
    asked.check_items()
    assert [(item.position, item.slot_id) for item in asked.items] == [
        (7, IDS.slot(501)), (3, IDS.slot(501)), (5, IDS.slot(601)),
    ]  # fmt: skip
    read(Step.C1, orderedItem=[requested_item(number) for number in range(100)]).check_items()
    read(Step.C1, orderedItem=[requested_item(2**31 - 1)]).check_items()


@pytest.mark.parametrize("name", ["orderedItem", "acceptedOffer"])
@pytest.mark.parametrize(
    ("told", "type_"),
    [
        (None, "IncompleteOrderItemError"),
        ("", "IncompleteOrderItemError"),
        ({}, "IncompleteOrderItemError"),
        ({"@type": "Slot"}, "IncompleteOrderItemError"),
        (5, "InvalidOpportunityOrOfferIdError"),
        ([IDS.slot(501)], "InvalidOpportunityOrOfferIdError"),
        ({"@id": 501}, "InvalidOpportunityOrOfferIdError"),
        ("x" * 2001, "InvalidOpportunityOrOfferIdError"),
        ("\ud800", "InvalidOpportunityOrOfferIdError"),
    ],
)
def test_what_is_wrong_with_one_item_is_told_of_that_item(name, told, type_):
    asked = read(Step.B, orderedItem=[requested_item(0, **{name: told}), requested_item(1)])
    asked.check_items()
    wrong, right = asked.items
    assert (wrong.error.type, wrong.error.on_item, right.error) == (type_, True, None)
    left = {"orderedItem": wrong.offer_id, "acceptedOffer": wrong.slot_id}[name]
    assert left and None in (wrong.slot_id, wrong.offer_id)


# -- payment and total ------------------------------------------------------------------------------------


def test_what_costs_something_is_paid():
    paid = Decimal(340)
    read(Step.B).check_payment(paid)
    assert type_of(read(Step.B, payment=None).check_payment, paid) == "MissingPaymentDetailsError"
    incomplete = [
        {"@type": "Payment", "name": "Kort"}, {"@type": "Payment", "identifier": ""}, {"@type": "Payment"},
        {"@type": "Payment", "identifier": 77}, {"@type": "Payment", "identifier": "77", "accountId": 5},
        {"identifier": "77"}, {}, [], "77",
    ]  # fmt: skip
    for payment in incomplete:
        asked = read(Step.B, payment=payment)
        assert type_of(asked.check_payment, paid) == "IncompletePaymentDetailsError"


def test_what_is_free_is_not_paid():
    read(Step.B, payment=None).check_payment(Decimal(0))
    for payment in (request(Step.B)["payment"], {"@type": "Payment"}, {}):
        asked = read(Step.B, payment=payment)
        assert type_of(asked.check_payment, Decimal(0)) == "UnnecessaryPaymentDetailsError"


def test_a_quote_need_not_tell_a_payment():
    for step in (Step.C1, Step.C2):
        read(step).check_payment(Decimal(340))
        read(step, payment={"@type": "Payment", "accountId": "SUNDBY"}).check_payment(Decimal(340))
        wrong = read(step, payment={"@type": "Payment", "accountId": 5})
        assert type_of(wrong.check_payment, Decimal(340)) == "IncompletePaymentDetailsError"


@pytest.mark.parametrize(
    ("price", "ours", "agree"),
    [
        (b"340", "340", True), (b"340.00", "340", True), (b"340.5", "340.50", True), (b"0.1", "0.1", True),
        (b"18.11", "18.11", True), (b"340", "340.01", False), (b"339.99", "340", False), (b"0", "340", False),
        (b'"340"', "340", False), (b"340.001", "340", False), (b"3.4e2", "340", False),
        (b"-340", "340", False), (b"null", "340", False), (b"[340]", "340", False),
        (b"34000000000000000000", "340", False),
    ],
)  # fmt: skip
def test_the_total_is_the_same_to_the_ore(price, ours, agree):
    sent = body(request(Step.B))
    changed = sent.replace(b'"price": 340', b'"price": ' + price)
    asked = read_request(changed, Step.B)
    if agree:
        asked.check_total(Decimal(ours))
    else:
        assert type_of(asked.check_total, Decimal(ours)) == "TotalPaymentDueMismatchError"


def test_the_total_is_in_the_same_currency():
    def asked(price, currency):
        due = {"@type": "PriceSpecification", "price": price}
        return read(Step.B, totalPaymentDue=due | ({"priceCurrency": currency} if currency else {}))

    assert type_of(asked(340, "GBP").check_total, Decimal(340)) == "TotalPaymentDueMismatchError"
    assert type_of(asked(340, None).check_total, Decimal(340)) == "TotalPaymentDueMismatchError"
    asked(340, "GBP").check_total(Decimal(340), currency=None)
    asked(340, "EUR").check_total(Decimal(340), currency="EUR")
    asked(0, None).check_total(Decimal(0))
    assert type_of(asked(0, 752).check_total, Decimal(0)) == "TotalPaymentDueMismatchError"
    assert type_of(asked(0, None).check_total, Decimal(340)) == "TotalPaymentDueMismatchError"


@pytest.mark.parametrize("told", [None, 340, "340", [], {}, {"priceCurrency": "SEK"}])
def test_a_booking_tells_its_total(told):
    asked = read(Step.B, totalPaymentDue=told)
    assert type_of(asked.check_total, Decimal(340)) == "TotalPaymentDueMismatchError"


def test_a_quote_has_no_total():
    for step in (Step.C1, Step.C2):
        read(step).check_total(Decimal(340))


def test_a_mismatch_is_told_in_figures():
    error = refusal(read(Step.B).check_total, Decimal("320.50"))
    assert error.description == "totalPaymentDue is 340.00 SEK, expected 320.50 SEK."


def test_every_fault_waits_for_its_check():
    """A request with everything wrong can still be looked up by its fingerprint."""
    asked = read(
        Step.B, brokerRole=None, customer=None, seller=None, orderedItem=None, payment=5, totalPaymentDue=None
    )
    assert asked.fingerprint
    checks = [
        (asked.check_broker, (), "IncompleteBrokerDetailsError"),
        (asked.check_customer, (), "IncompleteCustomerDetailsError"),
        (asked.check_seller, (), "SellerNotFoundError"),
        (asked.check_items, (), "OpenBookingError"),
        (asked.check_payment, (Decimal(340),), "IncompletePaymentDetailsError"),
        (asked.check_total, (Decimal(340),), "TotalPaymentDueMismatchError"),
    ]
    assert [type_of(check, *args) for check, args, _type in checks] == [type_ for *_rest, type_ in checks]


# -- cancellations ----------------------------------------------------------------------------------------


def cancel(sent, uuid=UUID):
    return read_cancellation(body(sent), IDS, uuid)


def test_items_are_cancelled():
    read_ = cancel(cancellation(3, 1, 3))
    assert read_.numbers == (3, 1)
    assert read_.item_ids == (IDS.order_item(UUID, 3), IDS.order_item(UUID, 1))
    assert cancel(cancellation(*range(100))).numbers == tuple(range(100))


def test_extensions_do_not_count_as_properties():
    sent = cancellation(1, **{"beta:reason": "sjuk"}) | {"beta:channel": "app"}
    assert cancel(sent).numbers == (1,)


@pytest.mark.parametrize(
    ("sent", "type_"),
    [
        (cancellation(1) | {"@type": "OrderQuote"}, "UnexpectedOrderTypeError"),
        (cancellation(1) | {"customer": {}}, "PatchContainsExcessivePropertiesError"),
        (cancellation(1) | {"@id": IDS.order(UUID)}, "PatchContainsExcessivePropertiesError"),
        (cancellation(1) | {"\ud800": 1}, "PatchContainsExcessivePropertiesError"),
        ({"@type": "Order", "orderedItem": None, "customer": {}}, "PatchContainsExcessivePropertiesError"),
        (cancellation(1, accessCode=[]), "PatchContainsExcessivePropertiesError"),
        (cancellation(1, position=0), "PatchContainsExcessivePropertiesError"),
        (cancellation(1, orderItemStatus=SELLER_CANCELLED), "PatchNotAllowedOnPropertyError"),
        (cancellation(1, orderItemStatus="CustomerCancelled"), "PatchNotAllowedOnPropertyError"),
        (cancellation(1, orderItemStatus=None), "PatchNotAllowedOnPropertyError"),
        (cancellation(1, orderItemStatus=[]), "PatchNotAllowedOnPropertyError"),
        (cancellation(1, **{"@id": None}), "OrderItemIdInvalidError"),
        (cancellation(1, **{"@id": 1}), "OrderItemIdInvalidError"),
        (cancellation(1, **{"@id": "1"}), "OrderItemIdInvalidError"),
        (cancellation(1, **{"@id": IDS.order(UUID)}), "OrderItemIdInvalidError"),
        (cancellation(1, **{"@id": f"{IDS.order(UUID)}#/orderedItem/x"}), "OrderItemIdInvalidError"),
        (cancellation(1, uuid=OTHER_UUID), "OrderItemNotWithinOrderError"),
        (cancellation() , "OpenBookingError"),
        (cancellation(1) | {"orderedItem": {}}, "OpenBookingError"),
        (cancellation(1) | {"orderedItem": [1]}, "OpenBookingError"),
        (cancellation(*range(101)), "OpenBookingError"),
    ],
)  # fmt: skip
def test_cancellations_that_are_refused(sent, type_):
    assert type_of(cancel, sent) == type_


def test_what_cannot_be_changed_is_named_where_it_has_a_name():
    assert refusal(cancel, cancellation(1) | {"seller": 1}).description == "seller cannot be changed."
    for name in ("å", "a b", "<script>", "\ud800"):
        assert refusal(cancel, cancellation(1) | {name: 1}).description == "A property cannot be changed."


def test_faults_of_cancellations_are_told_in_order():
    """The worst request has all faults; taken away one by one, the next is told."""
    item = {
        "@type": "OrderItem",
        "position": 0,
        "orderItemStatus": "https://openactive.io/AttendeeAbsent",
        "@id": "x",
    }
    sent = {"@type": "Order", "orderedItem": [item]}
    found = [type_of(cancel, sent)]
    del item["position"]
    found.append(type_of(cancel, sent))
    item["orderItemStatus"] = "https://openactive.io/CustomerCancelled"
    found.append(type_of(cancel, sent))
    item["@id"] = IDS.order_item(OTHER_UUID, 1)
    found.append(type_of(cancel, sent))
    assert found == [
        "PatchContainsExcessivePropertiesError", "PatchNotAllowedOnPropertyError", "OrderItemIdInvalidError",
        "OrderItemNotWithinOrderError",
    ]  # fmt: skip
    item["@id"] = IDS.order_item(UUID, 1)
    assert cancel(sent).numbers == (1,)
    mixed = cancellation(1)
    mixed["orderedItem"] += (
        cancellation(1, uuid=OTHER_UUID)["orderedItem"] + cancellation(2, **{"@id": "x"})["orderedItem"]
    )
    assert type_of(cancel, mixed) == "OrderItemIdInvalidError", (
        "what is malformed goes before what is another's"
    )
