"""The companies that are customers of the service, as they are when nobody has said anything else."""

import json
import re
import uuid
from dataclasses import dataclass, field, fields
from datetime import date
from pathlib import Path

SUNDBY_KEY = "6f3c1a52-8f0e-4c57-9d64-5b1d0e9a7c21"
NEIGHBOUR_KEY = "0b9e7d34-2a6d-4a41-b7de-91c3f5a8e602"

ACCESS = ("CREATE", "READ", "UPDATE", "DELETE", "PATCH")
SERVICES = (
    "account", "costbearer", "costcenter", "details", "document", "financialyear", "import", "journal",
    "project",
)  # fmt: skip
STATUS = {
    "active": None,
    "archived": "DATABASE_ARCHIVED",
    "deletion": "DATABASE_MARKED_FOR_DELETION",
    "disabled": "CLOUD_DATABASE_DISABLED",
    "inactive": "DATABASE_INACTIVE",
    "locked": "DATABASE_LOCKED_OR_HIDDEN",
}

_ACCOUNTS = {
    "1510": "Kundfordringar", "1513": "Kundfordringar, delad faktura", "1530": "Fordringar på avbetalning",
    "1580": "Kortfordringar", "1581": "Fordran kortinlösen", "1582": "Fordran Swish",
    "1583": "Fordran Klarna", "1585": "Fordran marknadsplats",
    "1680": "Övriga kortfristiga fordringar", "1689": "Fordran, innehållet av Klarna",
    "1910": "Kassa", "1920": "Plusgiro", "1930": "Företagskonto",
    "1935": "Autogiro, avräkning", "1938": "Klarna, utbetalningar på väg", "1940": "Bankkonto",
    "2420": "Förskott från kunder", "2421": "Presentkort, ej inlösta", "2440": "Leverantörsskulder",
    "2610": "Utgående moms 25 %", "2611": "Utgående moms 25 %, Sverige",
    "2620": "Utgående moms 12 %", "2621": "Utgående moms 12 %, Sverige",
    "2630": "Utgående moms 6 %", "2631": "Utgående moms 6 %, Sverige",
    "2640": "Ingående moms", "2641": "Debiterad ingående moms", "2645": "Ingående moms, utland",
    "2650": "Redovisningskonto för moms", "2820": "Skulder till anställda, dricks", "2890": "Övriga skulder",
    "2897": "Mottagna depositioner", "2999": "Observationskonto",
    "3001": "Försäljning 25 %", "3002": "Försäljning 12 %", "3003": "Försäljning 6 %",
    "3004": "Försäljning momsfri",
    "3520": "Fakturerade frakter", "3540": "Faktureringsavgifter", "3730": "Lämnade rabatter",
    "3740": "Öresavrundning", "3990": "Övriga intäkter",
    "6040": "Kortavgifter", "6050": "Försäljningsprovisioner", "6064": "Avgifter Klarna",
    "6351": "Konstaterade förluster på kundfordringar", "6570": "Bankavgifter",
    "7960": "Kursförluster",
}  # fmt: skip
_CLOSED = {"3009": "Försäljning, gammalt konto", "1686": "Fordran kortinlösen, gammalt konto"}
_VAT = {
    "vat1account": "2610", "vat2account": "2620", "vat3account": "2630",
    "vat1percentage": "25.0", "vat2percentage": "12.0", "vat3percentage": "6.0",
    "inboundVatAccount": "2640", "accountingVat": "2650", "roundingVatAccount": "3740", "vatLess": False,
}  # fmt: skip


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


@dataclass
class Company:
    """A customer of the service, and the connection that its public key stands for."""

    key: str
    name: str
    org_number: str  # 12 digits, as `Details` has it
    email: str = ""
    connected: bool = True
    status: str = "active"
    default_journal: str = ""  # the series of a voucher that names none
    scopes: list = field(default_factory=list)  # [{"serviceName", "accessTypes"}]
    details: dict = field(default_factory=dict)  # more of `Details`
    vat_info: dict = field(default_factory=dict)
    accounts: dict = field(
        default_factory=dict
    )  # each by its id, with the names that the service's answers have
    journals: dict = field(default_factory=dict)  # {"id", "name", "open"}: open to the integration
    financial_years: dict = field(default_factory=dict)  # `FinancialYear`, and "lockedPeriods"
    cost_centers: dict = field(default_factory=dict)
    cost_bearers: dict = field(default_factory=dict)
    projects: dict = field(default_factory=dict)
    vouchers: list = field(default_factory=list)
    deleted: list = field(default_factory=list)  # vouchers that the integration took back
    documents: dict = field(default_factory=dict)  # by the id as text

    def to_json(self) -> dict:
        return {_camel(f.name): getattr(self, f.name) for f in fields(self)}

    @classmethod
    def from_json(cls, told: dict) -> "Company":
        """A company that to_json wrote."""
        return cls(**{f.name: told[_camel(f.name)] for f in fields(cls)})

    def may(self, service: str, access: str) -> bool:
        return any(s["serviceName"] == service and access in s["accessTypes"] for s in self.scopes)

    def binding(self) -> dict:
        """The connection as `UserBindingData`."""
        return {
            "externalCustomerId": self.org_number, "name": self.name, "publicKey": self.key,
            "email": self.email, "scopes": self.scopes,
        }  # fmt: skip

    def put(self, section: str, told: dict, entity: int) -> dict:
        """Adds or changes an account, a series, a year, a cost centre, a cost bearer or a project."""
        items = getattr(self, section)
        identity = told.get("id")
        if section == "financial_years" and not identity and told.get("fromDate"):
            identity = told["fromDate"][:4] + told["fromDate"][5:7]
        if not isinstance(identity, str) or not identity:
            raise ValueError(f"{section}: an id is missing")
        item = items.get(identity) or {"entityId": entity, **_BLANK[section]}
        allowed = {**_BLANK[section], **_MORE[section]}
        for name, value in told.items():
            if name in ("id", "entityId"):
                continue
            if name not in allowed:
                raise ValueError(f"{section}: {name} is not known")
            if type(value) is not type(allowed[name]):
                raise ValueError(f"{section}: {name} is of the wrong type")
            item[name] = value
        item = {**item, "id": identity}
        if section == "financial_years":
            item = _year(item)
        items[identity] = item
        return item


_BLANK = {
    "accounts": {"name": "", "closed": False},
    "journals": {"name": "", "open": True},
    "financial_years": {"open": True, "closingActive": False, "lockedPeriods": []},
    "cost_centers": {"name": "", "closed": False},
    "cost_bearers": {"name": "", "closed": False},
    "projects": {"name": "", "closed": False},
}
_MORE = {
    "accounts": {"comment": "", "vatCode": "", "costCenterId": "", "unit": ""},
    "journals": {},
    "financial_years": {
        "fromDate": "",
        "toDate": "",
        "firstOpenPeriod": "",
        "latestVoucherDate": "",
        "comment": "",
    },
    "cost_centers": {"comment": ""},
    "cost_bearers": {"comment": ""},
    "projects": {"comment": "", "customerId": "", "startDate": "", "stopDate": ""},
}
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
PERIOD = re.compile(r"\d{4}(0[1-9]|1[0-2])")


def _year(item: dict) -> dict:
    if not _DATE.fullmatch(item.get("fromDate", "")) or not _DATE.fullmatch(item.get("toDate", "")):
        raise ValueError("a financial year has a fromDate and a toDate, YYYY-MM-DD")
    item.setdefault("firstOpenPeriod", item["fromDate"][:4] + item["fromDate"][5:7])
    for period in (*item["lockedPeriods"], item["firstOpenPeriod"]):
        if not isinstance(period, str) or not PERIOD.fullmatch(period):
            raise ValueError("a period is written YYYYMM")
    return item


def _calendar(*years: int) -> list:
    return [{"fromDate": f"{year}-01-01", "toDate": f"{year}-12-31"} for year in years]


_DEFAULT = {
    "vatInfo": _VAT,
    "scopes": [{"serviceName": service, "accessTypes": list(ACCESS)} for service in SERVICES],
    "accounts": [
        *({"id": number, "name": name} for number, name in _ACCOUNTS.items()),
        *({"id": number, "name": name, "closed": True} for number, name in _CLOSED.items()),
    ],
    "journals": [
        {"id": "A", "name": "Huvudserie"},
        {"id": "B", "name": "Kundfakturor", "open": False},
        {"id": "I", "name": "Integrationer"},
        {"id": "K", "name": "Kassa"},
        {"id": "L", "name": "Leverantörsfakturor", "open": False},
    ],
    "financialYears": _calendar(*range(2025, max(2027, date.today().year + 1) + 1)),
    "costCenters": [
        {"id": "B1", "name": "Butik"}, {"id": "C1", "name": "Café"}, {"id": "H1", "name": "Hall"},
        {"id": "OLD", "name": "Nedlagd enhet", "closed": True},
    ],
    "costBearers": [{"id": "KURS", "name": "Kurser"}, {"id": "UTHYR", "name": "Uthyrning"}],
    "projects": [
        {"id": "P1", "name": "Sommarläger"}, {"id": "P0", "name": "Avslutat projekt", "closed": True},
    ],
}  # fmt: skip

DEFAULTS = [
    {
        "key": SUNDBY_KEY, "name": "Sundby Aktivitetscenter AB", "orgNumber": "165599999801",
        "email": "ekonomi@sundby.example",
        "details": {"city": "Sundby", "country": "Sweden", "zip": "123 45"},
    },
    {
        "key": NEIGHBOUR_KEY, "name": "Grannby Idrottshall AB", "orgNumber": "165599990016",
        "email": "ekonomi@grannby.example",
        # A broken financial year, of which the first half is closed for booking.
        "financialYears": [
            {"fromDate": "2025-07-01", "toDate": "2026-06-30", "firstOpenPeriod": "202601"},
            {"fromDate": "2026-07-01", "toDate": "2027-06-30"},
        ],
    },
]  # fmt: skip

_SECTIONS = {
    "accounts": "accounts", "journals": "journals", "financialYears": "financial_years",
    "costCenters": "cost_centers", "costBearers": "cost_bearers", "projects": "projects",
}  # fmt: skip
_SIMPLE = {
    "name": str, "email": str, "connected": bool, "defaultJournal": str, "details": dict, "vatInfo": dict,
}  # fmt: skip


def checked_key(value) -> str:
    """A public key as the service writes it; ValueError when it is no GUID."""
    if not isinstance(value, str) or not re.fullmatch(r"[0-9a-fA-F-]{36}", value):
        raise ValueError("the key is no GUID")
    return str(uuid.UUID(value))


def change(company: Company, told: dict, entity) -> None:
    """Changes what is told of a company; entity() gives a new entity id."""
    for name, value in told.items():
        if name == "key":
            continue
        if name in _SECTIONS:
            if not isinstance(value, list):
                raise ValueError(f"{name} is a list")
            for item in value:
                company.put(_SECTIONS[name], item, entity())
        elif name == "status":
            if value not in STATUS:
                raise ValueError(f"status is one of {', '.join(STATUS)}")
            company.status = value
        elif name == "orgNumber":
            if not isinstance(value, str) or not re.fullmatch(r"\d{12}", value):
                raise ValueError("orgNumber has 12 digits")
            company.org_number = value
        elif name == "scopes":
            company.scopes = [_scope(scope) for scope in value]
        elif name in _SIMPLE:
            if not isinstance(value, _SIMPLE[name]):
                raise ValueError(f"{name} is of the wrong type")
            if name == "details":
                value = {**company.details, **value}
            setattr(company, re.sub("[A-Z]", lambda m: "_" + m[0].lower(), name), value)
        else:
            raise ValueError(f"{name} is not known of a company")


def _scope(scope: dict) -> dict:
    if not set(scope["accessTypes"]) <= set(ACCESS):
        raise ValueError(f"accessTypes are of {', '.join(ACCESS)}")
    return {"serviceName": str(scope["serviceName"]), "accessTypes": list(scope["accessTypes"])}


def new_company(told: dict, entity) -> Company:
    """A company as told, with the usual accounts, series and years where nothing is."""
    for name in ("key", "name", "orgNumber"):
        if not told.get(name):
            raise ValueError(f"a company has a {name}")
    company = Company(checked_key(told["key"]), "", "", details={"entityId": entity()})
    # A copy: what is changed later must not change the defaults.
    change(company, json.loads(json.dumps({**_DEFAULT, **told})), entity)
    return company


def read_companies(path: Path) -> list:
    """The companies of a JSON file: a list of what new_company takes."""
    told = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(told, list) or not all(isinstance(company, dict) for company in told):
        raise ValueError(f"{path}: a list of companies is expected")
    return told
