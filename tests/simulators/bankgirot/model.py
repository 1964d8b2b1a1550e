"""What the simulator remembers, as plain records that can be written to JSON and read back."""

from dataclasses import asdict, dataclass, field, fields
from datetime import date


class Stored:
    """A dataclass whose dates are ISO text in JSON."""

    def to_json(self) -> dict:
        """The record with only what JSON knows."""
        return {
            key: value.isoformat() if isinstance(value, date) else value
            for key, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, data: dict):
        """The record that `to_json` wrote."""
        dated = {item.name for item in fields(cls) if item.type in (date, date | None)}
        return cls(**{k: date.fromisoformat(v) if k in dated and v else v for k, v in data.items()})


@dataclass
class Payee(Stored):
    """A bankgiro number with an Autogiro agreement.

    layout: "new" or "old" reports. retries: renewed coverage checks, 0–3. report_stopped: payments that
    were not covered are reported. seal_key: 32 hex digits, "" when files need no seal. payouts: TK32
    allowed. bankgiro_mandates: mandates on bankgiro numbers allowed. max_amount: öre, 0 = no limit.
    signed_sums: the sums of the changes report are negative signed fields. shown_date: "processed" (a moved
    or retried payment is reported with the day it was processed) or "stated" (with the day that was asked
    for). account: the payee's bank account. serials: year → last serial number of a deposit.
    """

    bankgiro: str
    customer: str
    layout: str = "new"
    retries: int = 0
    report_stopped: bool = True
    seal_key: str = ""
    payouts: bool = True
    bankgiro_mandates: bool = True
    max_amount: int = 0
    signed_sums: bool = False
    shown_date: str = "processed"
    account: str = ""
    closed: bool = False
    serials: dict = field(default_factory=dict)

    def __post_init__(self):
        if self.layout not in ("new", "old"):
            raise ValueError(f"layout {self.layout!r} is neither new nor old")
        if self.retries not in (0, 1, 2, 3):
            raise ValueError("retries are 0–3")
        if self.shown_date not in ("processed", "stated"):
            raise ValueError("shown_date is processed or stated")
        self.bankgiro = self.bankgiro.replace("-", "").lstrip("0")
        self.customer = self.customer.zfill(6)
        self.account = self.account or "9990" + self.bankgiro.zfill(10)

    def next_serial(self, year: int) -> int:
        """The next number of a deposit or withdrawal, unique per bankgiro and year."""
        self.serials[str(year)] = self.serials.get(str(year), 0) + 1
        return self.serials[str(year)]


@dataclass
class Mandate(Stored):
    """A payer's permission. status: asked, active, refused or ended; payer is 16 digits.

    answer_*: what will be told when `answer_due` comes. source: "1" by the payee, "2" by internet bank.
    """

    bankgiro: str
    payer: str
    account: str
    identity: str
    created: date
    changed: date
    status: str = "asked"
    source: str = "1"
    answer_info: str = "04"
    answer_comment: str = "32"
    answer_due: date | None = None
    debitable: date | None = None
    active_year: int = 0

    @property
    def on_bankgiro(self) -> bool:
        """The payer pays from a bankgiro number, which then is his payer number."""
        return not self.account


@dataclass(eq=False)
class Application(Stored):
    """A mandate that a payer asked for in his internet bank and that the payee has not answered."""

    bankgiro: str
    payer: str
    account: str
    identity: str
    text: str
    name: list
    postcode: str
    town: str
    applied: date
    reported: date | None = None
    reminders: int = 0


@dataclass(eq=False)  # two orders may be alike in everything; and thousands are looked through
class Order(Stored):
    """A payment that waits for its date, or for another coverage check.

    amount: öre. stated: the date asked for (of a recurring order: of its next time); due: when it will be
    processed. first and times: a recurring order's first date and how often it was processed. renewals: how
    many are left, None without end. retry: not a new order but one whose coverage is checked again.
    outcomes: what its checks will find.
    """

    number: int
    bankgiro: str
    tk: str
    payer: str
    amount: int
    reference: str
    period: str
    renewals: int | None
    stated: date
    due: date
    first: date
    times: int = 0
    retry: bool = False
    checks: int = 0
    outcomes: list = field(default_factory=list)

    @property
    def recurring(self) -> bool:
        """The order as such, not one of its times that is being retried."""
        return self.period != "0" and not self.retry


@dataclass
class Execution(Stored):
    """The outcome of one coverage check: status "0" paid, "1" and "2" stopped, "9" to be tried again.

    date: when; shown: the date reported. refund_*: when and why an approved payment is or was taken back.
    """

    number: int
    order: int
    bankgiro: str
    tk: str
    payer: str
    amount: int
    reference: str
    period: str
    renewals: int | None
    date: date
    shown: date
    status: str
    refund_due: date | None = None
    refund_code: str = ""
    refunded: date | None = None
