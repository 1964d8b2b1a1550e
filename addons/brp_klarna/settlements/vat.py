"""How an amount that a customer paid, or got back, splits into sales and VAT per rate. Amounts are öre.

Shares always add up to the amount. Rates are as Klarna writes them: 2500 for 25 %.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from .problems import SettlementError
from .records import Vat, read_amount, read_rate, read_text

SALES = "sales"
GIFT_CARD = "gift_card"
TIP = "tip"

_ONE = 10_000  # of a rate: 100 %
_GIFT_CARDS = {"gift_card", "store_credit"}  # store credit is what a customer has left at the shop, too


@dataclass(frozen=True, slots=True)
class Share:
    """What one rate has of an amount.

    :ivar net: öre without VAT
    :ivar vat: öre
    :ivar use: what it was paid for: ``sales``, ``gift_card`` (sold; negative: redeemed) or ``tip``
    """

    rate: int
    net: int
    vat: int
    use: str = SALES

    @property
    def gross(self) -> int:
        return self.net + self.vat


# -- by the VAT that Klarna tells -----------------------------------------------------------------------


def split(gross: int, vats: Iterable[Vat], roundings: int = 1) -> tuple[Share, ...]:
    """Split an amount by the VAT that is told of it.

    Net is what the VAT is the rate of, rounded; what is left of the amount is 0 %. VAT is rounded to whole
    öre, so the net may be some öre off: a rest that rounding explains (see :func:`_bounds`) goes to the net
    of the largest share instead, unless 0 % is told as a rate of its own and the rest is its.

    :param gross: with VAT; of a return all amounts may be negative
    :param roundings: how many times each VAT was rounded in parts before it was added up, as once per line
    :return: shares from the highest rate, without those of zero; they add up to ``gross``
    :raises SettlementError: ``vat_sign``, ``vat_too_much``, ``vat_without_rate``, ``range``
    """
    if gross < 0:
        turned = split(-gross, [Vat(vat.rate, -vat.amount) for vat in vats], roundings)
        return tuple(_turn(share) for share in turned)
    by_rate: dict[int, int] = {}
    rounded: dict[int, int] = {}
    for vat in vats:
        if vat.rate < 0:
            raise SettlementError("range")
        if vat.amount < 0:
            raise SettlementError("vat_sign")
        if vat.amount and not vat.rate:
            raise SettlementError("vat_without_rate")
        by_rate[vat.rate] = by_rate.get(vat.rate, 0) + vat.amount
        rounded[vat.rate] = rounded.get(vat.rate, 0) + roundings
    has_zero = by_rate.pop(0, None) is not None
    nets = {rate: _round(vat * _ONE, rate) for rate, vat in by_rate.items()}
    rest = gross - sum(nets.values()) - sum(by_rate.values())
    if rest and nets:
        least, most = _bounds(by_rate, nets, rounded)
        if rest < least:
            raise SettlementError("vat_too_much")
        if rest < 0 or (rest <= most and not has_zero):
            largest = max(nets, key=lambda rate: (nets[rate] + by_rate[rate], rate))
            nets[largest] += rest
            rest = 0
            if nets[largest] < 0:
                raise SettlementError("vat_too_much")
    shares = [Share(rate, nets[rate], by_rate[rate]) for rate in sorted(nets, reverse=True)]
    return tuple(share for share in [*shares, Share(0, rest, 0)] if share.net or share.vat)


def _bounds(vats: Mapping[int, int], nets: Mapping[int, int], rounded: Mapping[int, int]) -> tuple[int, int]:
    """Return the smallest and the largest rest, in öre, that the rounding of VAT explains.

    VAT v at the rate r that was rounded from a net N has |N·r − v| ≤ ½, so N is v/r give or take 1/2r. Most
    systems round from the gross G instead: |G·r/(1 + r) − v| ≤ ½, so N = G − v is v/r give or take
    (1 + r)/2r, which is the wider: 2.5 öre at 25 %, 4.7 at 12 % and 8.8 at 6 %. The rest that a rate explains
    lies between the whole N of that interval, none below 0, and the net that was derived; those of all rates
    add up. With n roundings of parts of a rate the interval is n times as wide.
    """
    least = most = 0
    for rate, vat in vats.items():
        # Times 2·rate, all of it is whole.
        middle, reach = 2 * _ONE * vat, rounded[rate] * (_ONE + rate)
        least += max(0, -((reach - middle) // (2 * rate))) - nets[rate]
        most += (middle + reach) // (2 * rate) - nets[rate]
    return least, most


def _round(dividend: int, divisor: int) -> int:
    """Return a quotient of numbers from 0, rounded half up."""
    return (2 * dividend + divisor) // (2 * divisor)


def _turn(share: Share) -> Share:
    return Share(share.rate, -share.net, -share.vat, share.use)


# -- by the lines of an order ---------------------------------------------------------------------------


def split_from_lines(order_lines: object, tips: Sequence[str] = ()) -> tuple[Share, ...]:
    """Split an order by its lines, as order management tells them; discounts and shipping are lines as well.

    The shares add up to the lines, öre by öre; whether that is what was captured is for the caller to see.

    :param order_lines: the JSON list ``order_lines``
    :param tips: words; a line whose name or reference has one, as a whole word in any case, is a tip
    :return: shares by use and rate: sales from the highest rate, then gift cards, then tips
    :raises SettlementError: an amount is missing or cannot be
    """
    if not isinstance(order_lines, list):
        raise SettlementError("missing" if order_lines is None else "shape", "order_lines")
    words = [re.escape(word.strip()) for word in tips if word.strip()]
    tip = re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE) if words else None
    sums: dict[tuple[str, int], list[int]] = {}
    for number, line in enumerate(order_lines):
        try:
            use, rate, net, vat = _read_line(line, tip)
        except SettlementError as error:
            raise error.within(f"order_lines[{number}]") from None
        sum_ = sums.setdefault((use, rate), [0, 0])
        sum_[0] += net
        sum_[1] += vat
    order = (SALES, GIFT_CARD, TIP)
    return tuple(
        Share(rate, *sums[use, rate], use)
        for use, rate in sorted(sums, key=lambda key: (order.index(key[0]), -key[1]))
        if any(sums[use, rate])
    )


def _read_line(line: object, tip: re.Pattern | None) -> tuple[str, int, int, int]:
    """Return what a line was for, its rate, net and VAT."""
    if not isinstance(line, dict):
        raise SettlementError("shape")
    amount = read_amount(line.get("total_amount"), "total_amount")
    rate, vat = line.get("tax_rate"), line.get("total_tax_amount")
    rate = 0 if rate is None else read_rate(rate, "tax_rate")
    vat = 0 if vat is None else read_amount(vat, "total_tax_amount")
    if vat:
        if not rate:
            raise SettlementError("vat_without_rate", "total_tax_amount")
        if not amount or (vat < 0) != (amount < 0):
            raise SettlementError("vat_sign", "total_tax_amount")
        if abs(vat) > abs(amount):
            raise SettlementError("vat_too_much", "total_tax_amount")
    if read_text(line.get("type"), "type") in _GIFT_CARDS:
        use = GIFT_CARD
    elif tip and any(tip.search(read_text(line.get(name), name) or "") for name in ("name", "reference")):
        use = TIP
    else:
        use = SALES
    return use, rate, amount - vat, vat


# -- returns of which nothing is told -------------------------------------------------------------------


def split_return(sale_shares: Sequence[Share], gross: int) -> tuple[Share, ...] | None:
    """Split a return whose VAT is not told, by the sale it belongs to.

    :param sale_shares: of the sale, positive
    :param gross: what was given back; of either sign, which the shares get
    :return: all of the sale when all of it was given back; of a sale at one rate for one use a part of that;
        None when it cannot be known
    """
    sold = sum(share.gross for share in sale_shares)
    returned = abs(gross)
    shares: tuple[Share, ...]
    if returned == sold:
        shares = tuple(sale_shares)
    elif len(sale_shares) == 1 and 0 < returned < sold:
        (share,) = sale_shares
        vat = _round(returned * share.rate, _ONE + share.rate)
        shares = (replace(share, net=returned - vat, vat=vat),)
    else:
        return None
    return shares if gross >= 0 else tuple(_turn(share) for share in shares)
