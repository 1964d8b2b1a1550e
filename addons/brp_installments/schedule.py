"""When installments fall due, how large each one is, and what the credit costs.

Pure rules without Odoo: dates are local calendar dates, amounts are exact
``Decimal`` kronor (or whatever unit the caller counts in).
"""

from calendar import monthrange
from datetime import date
from decimal import Decimal

ORE = Decimal("0.01")


class ScheduleError(ValueError):
    """A schedule that cannot be made; the message says why, in English."""


def day_in_month(year: int, month: int, day: int) -> date:
    """Return that day of the month, or the month's last day when it has no such day."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def _months_later(year: int, month: int, months: int) -> tuple[int, int]:
    index = year * 12 + month - 1 + months
    return index // 12, index % 12 + 1


def _check_day(name: str, day: int) -> None:
    if not 1 <= day <= 31:
        raise ScheduleError(f"{name} must be from 1 to 31, not {day}")


def first_due_date(sale_date: date, cutoff_day: int, due_day: int) -> date:
    """Return the due date of the first installment.

    Sold on or before the cut-off day: the due day of the same month. Sold after it: of
    the next month. Never before the day of sale: then one month later.

    :param cutoff_day: brytdag, 1 to 31
    :param due_day: förfallodag, 1 to 31; in a shorter month its last day
    :raises ScheduleError: a day outside 1 to 31
    """
    _check_day("cut-off day", cutoff_day)
    _check_day("due day", due_day)
    months = 0 if sale_date.day <= cutoff_day else 1
    year, month = _months_later(sale_date.year, sale_date.month, months)
    if day_in_month(year, month, due_day) < sale_date:
        year, month = _months_later(year, month, 1)
    return day_in_month(year, month, due_day)


def monthly_dates(first: date, count: int, due_day: int) -> list[date]:
    """Return ``count`` due dates, one a month from the month of ``first`` on."""
    _check_day("due day", due_day)
    return [day_in_month(*_months_later(first.year, first.month, k), due_day) for k in range(count)]


def due_dates(sale_date: date, months: int, cutoff_day: int, due_day: int) -> list[date]:
    """Return the due dates of all ``months`` installments of a sale.

    :raises ScheduleError: fewer than one month, or a day outside 1 to 31
    """
    if months < 1:
        raise ScheduleError(f"the number of months must be at least 1, not {months}")
    return monthly_dates(first_due_date(sale_date, cutoff_day, due_day), months, due_day)


def split_amount(total: Decimal, parts: int, unit: Decimal = ORE) -> list[Decimal]:
    """Split ``total`` into ``parts`` amounts that differ by at most one ``unit``, larger first.

    :param unit: the smallest amount of the currency
    :raises ScheduleError: a total that is not a whole number of units, or too small
        for every part to be at least one unit
    """
    if parts < 1:
        raise ScheduleError(f"the number of parts must be at least 1, not {parts}")
    units = total / unit
    if units != units.to_integral_value():
        raise ScheduleError(f"{total} is not a whole number of {unit}")
    if units < parts:
        raise ScheduleError(f"{total} is too little for {parts} parts of at least {unit}")
    small, larger = divmod(int(units), parts)
    return [(small + (k < larger)) * unit for k in range(parts)]


def effective_annual_rate(
    credit: Decimal, start: date, payments: list[tuple[date, Decimal]]
) -> Decimal | None:
    """Return the effective annual interest rate in percent, to one decimal.

    The rate X solves ``credit = Σ payment / (1 + X) ** (days / 365)``: the formula of
    annex I to directive 2008/48/EC, which the Swedish Consumer Agency's rules on
    consumer credit refer to.

    :param credit: what the customer would pay in cash at ``start``, without fees
    :param payments: due date and amount of every installment, fees included
    :return: None when no rate solves it (nothing lent, or all is paid at once)
    """
    years = [((due - start).days / 365, float(amount)) for due, amount in payments]
    principal = float(credit)
    total = sum(amount for _time, amount in years)
    if principal <= 0 or not any(time > 0 for time, _amount in years):
        return None
    if total <= principal:
        return Decimal("0.0")

    def present_value(rate: float) -> float:
        return sum(amount / (1 + rate) ** time for time, amount in years)

    low, high = 0.0, 1.0
    while present_value(high) > principal:
        high *= 2
        if high > 1e6:
            return None
    for _step in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if present_value(middle) > principal else (low, middle)
    return Decimal(f"{high * 100:.1f}")
