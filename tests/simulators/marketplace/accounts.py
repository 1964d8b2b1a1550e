"""What was sold and given back, and what is paid out of it once a month. Amounts are int öre."""

from calendar import monthrange
from dataclasses import asdict, dataclass

from .money import share_of

SALE, REFUND = "sale", "refund"


@dataclass
class Entry:
    """A sale, or a refund with a negative amount, on a Swedish day."""

    system: int
    kind: str
    day: str
    at: str
    amount: int
    payment: str  # the payment's identifier
    order_number: str
    uuid: str
    text: str
    payout: str = ""  # its reference, when it is paid out


@dataclass
class Payout:
    """A month's payout to a seller; commission and the VAT on it are what is kept, as negative amounts."""

    reference: str
    system: int
    period: str  # YYYY-MM
    paid: str  # the day
    collected: int
    commission: int
    vat: int
    commission_rate: int
    vat_rate: int

    @property
    def amount(self) -> int:
        return self.collected + self.commission + self.vat

    @property
    def last_day(self) -> str:
        """The last day that the commission is for."""
        return min(self.paid, last_day(self.period))


def last_day(month: str) -> str:
    """The last day of a month, YYYY-MM."""
    year, number = int(month[:4]), int(month[5:])
    return f"{month}-{monthrange(year, number)[1]:02d}"


def next_month(month: str) -> str:
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12}-{number % 12 + 1:02d}"


class Accounts:
    def __init__(self):
        self.entries: list[Entry] = []
        self.payouts: list[Payout] = []

    def add(self, entry: Entry) -> Entry:
        self.entries.append(entry)
        return entry

    def unpaid(self, system: int, until: str = "9999-12-31") -> list:
        """What is to be paid out, of the days up to and including one; a free booking never is."""
        own = (entry for entry in self.entries if entry.system == system and entry.amount)
        return [entry for entry in own if not entry.payout and entry.day <= until]

    def entries_of(self, payout: Payout) -> list:
        return [entry for entry in self.entries if entry.payout == payout.reference]

    def payout_of(self, system: int, period: str) -> Payout | None:
        return next((p for p in self.payouts if (p.system, p.period) == (system, period)), None)

    def pay_out(self, system: int, period: str, day: str, commission_rate: int, vat_rate: int) -> Payout:
        """Pays out what is left of a month and of those before it.

        The commission is of what was collected together, less refunds; there is one rounding, and one of the
        VAT on it. ValueError when there is nothing to pay out, or the month has its payout already.
        """
        if self.payout_of(system, period):
            raise ValueError(f"{period} är redan utbetald")
        entries = self.unpaid(system, last_day(period))
        if not entries:
            raise ValueError(f"till och med {period} finns inget sålt som inte är utbetalt")
        collected = sum(entry.amount for entry in entries)
        commission = -share_of(collected, commission_rate)
        payout = Payout(
            reference=f"UTB-{period}-{system}", system=system, period=period, paid=day, collected=collected,
            commission=commission, vat=share_of(commission, vat_rate), commission_rate=commission_rate,
            vat_rate=vat_rate,
        )  # fmt: skip
        for entry in entries:
            entry.payout = payout.reference
        self.payouts.append(payout)
        return payout

    def due(self, system: int, today: str, payout_day: int) -> list:
        """[(month, day)] of the payouts whose day has come: of each month the day is in the next one."""
        months = sorted({entry.day[:7] for entry in self.unpaid(system)})
        found = []
        for month in months:
            following = next_month(month)
            day = f"{following}-{min(payout_day, int(last_day(following)[8:])):02d}"
            if day <= today and not self.payout_of(system, month):
                found.append((month, day))
        return found

    def to_json(self) -> dict:
        return {
            "entries": [asdict(entry) for entry in self.entries],
            "payouts": [asdict(payout) for payout in self.payouts],
        }

    @classmethod
    def from_json(cls, told: dict) -> "Accounts":
        accounts = cls()
        accounts.entries = [Entry(**entry) for entry in told["entries"]]
        accounts.payouts = [Payout(**payout) for payout in told["payouts"]]
        return accounts
