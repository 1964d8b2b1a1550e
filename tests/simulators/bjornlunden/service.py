"""What the service remembers, and everything that can be done to it from outside its API."""

import hashlib
import json
import time
import urllib.error
import urllib.request
import uuid
from datetime import date, datetime, timezone
from pathlib import Path

from plumbing import Service, write_whole

from . import journal
from .companies import DEFAULTS, PERIOD, Company, change, checked_key, new_company
from .documents import document_dto
from .errors import Problem, stamp
from .faults import Fault
from .server import Handler

CLIENT_ID = "brp-sandbox"
CLIENT_SECRET = "brp-sandbox-secret"

# What can be set while it runs, and what it is unless told.
SETTINGS = {
    "token_lifetime": 3600,  # seconds
    "bare_errors": False,  # every refusal in Spring's bare form
    "not_found_status": 400,  # of a GET for what is not there; the service is known to answer 400 or 500
    "page_parameter": "page",  # its name is not in the description
    "default_rows": 100,
    "most_rows": 1000,
    "rate_limit": 0,  # calls a second of one key; 0: any number
    "voucher_rows": 500,
    "voucher_text": 100,
    "row_text": 50,
    "document_bytes": 10_000_000,
    "attach_to_posted": True,  # whether a document can be attached to a voucher that is booked
    "today": "",  # YYYY-MM-DD; empty: the clock's
    "callback": "",  # the integrator's registered address
    "callback_method": "GET",
}
_CALLBACK_SECONDS = 10


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args):
        return None


_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)


class BjornLunden(Service):
    """The service. `with BjornLunden() as bl:` serves it on a free port of 127.0.0.1; `bl.url` tells which.

    `state` is a file to remember everything in; without it all is in memory. `companies` is a list as in a
    companies file. `clock` gives the seconds since 1970, for tests that have to move time. Settings are named
    arguments.
    """

    fault_class = Fault
    handler_class = Handler

    def __init__(
        self, state: Path | str | None = None, companies: list | None = None, *, client_id: str = CLIENT_ID,
        client_secret: str = CLIENT_SECRET, clock=time.time, **settings,
    ):  # fmt: skip
        super().__init__()
        self.state = Path(state) if state else None
        self.client_id, self.client_secret = client_id, client_secret
        self.clock = clock
        self._told = companies if companies is not None else DEFAULTS
        self._told_settings = settings
        self._data = {}  # documents' contents, when there is no file
        if self.state:
            self.state.parent.mkdir(parents=True, exist_ok=True)
        saved = (
            json.loads(self.state.read_text(encoding="utf-8")) if self.state and self.state.exists() else None
        )
        self._begin()
        if saved:
            self._restore(saved)
        self.set(**settings)

    def _begin(self) -> None:
        self.entities = 1000  # the last entity id
        self.companies = {}
        self.tokens = {}  # token: until when, in seconds since 1970
        self.faults = []
        self.callbacks = []
        self.settings = dict(SETTINGS)
        for told in self._told:
            self._add(told)

    def _restore(self, saved: dict) -> None:
        added = self.companies
        self.entities = max(saved["entities"], self.entities)
        self.companies = {c["key"]: Company.from_json(c) for c in saved["companies"]}
        for key, company in added.items():
            self.companies.setdefault(key, company)
        self.tokens = saved["tokens"]
        self.faults = [Fault.of(told) for told in saved["faults"]]
        self.callbacks = saved["callbacks"]
        self.settings.update({name: value for name, value in saved["settings"].items() if name in SETTINGS})

    def save(self) -> None:
        """Writes the state file, if there is one."""
        if not self.state:
            return
        saved = {
            "entities": self.entities,
            "companies": [company.to_json() for company in self.companies.values()],
            "tokens": self.tokens,
            "faults": [fault.to_json() for fault in self.faults],
            "callbacks": self.callbacks,
            "settings": self.settings,
        }
        write_whole(self.state, json.dumps(saved, ensure_ascii=False).encode())

    # -- time and numbers -------------------------------------------------------------------------------

    def now(self) -> datetime:
        """The moment, on the day that was set."""
        moment = datetime.fromtimestamp(self.clock(), timezone.utc)
        if self.settings["today"]:
            day = date.fromisoformat(self.settings["today"])
            moment = moment.replace(year=day.year, month=day.month, day=day.day)
        return moment

    def today(self) -> str:
        return self.settings["today"] or datetime.fromtimestamp(self.clock()).date().isoformat()

    def entity(self) -> int:
        """A new entity id; they are the same series for everything."""
        self.entities += 1
        return self.entities

    # -- serving ----------------------------------------------------------------------------------------

    @property
    def api(self) -> str:
        """The API's base address."""
        return f"{self.url}/bla-api/v1/sp"

    @property
    def token_url(self) -> str:
        return f"{self.url}/auth/oauth/v2/token"

    # -- tokens -----------------------------------------------------------------------------------------

    def issue(self) -> tuple:
        """(token, seconds it lives). The tokens given before stay valid."""
        lifetime = self.settings["token_lifetime"]
        with self.lock:
            now = self.clock()
            self.tokens = {token: until for token, until in self.tokens.items() if until > now}
            token = str(uuid.uuid4())
            self.tokens[token] = now + lifetime
            self.save()
        return token, lifetime

    def known_token(self, token: str) -> bool:
        with self.lock:
            return self.tokens.get(token, 0) > self.clock()

    def expire_tokens(self) -> None:
        """Ends every token that was given."""
        with self.lock:
            self.tokens = {}
            self.save()

    # -- companies --------------------------------------------------------------------------------------

    def company(self, key: str) -> Company:
        """The company with a public key; ValueError when there is none."""
        company = self.companies.get(str(key).lower())
        if not company:
            raise ValueError(f"no company has the key {key}")
        return company

    def _add(self, told: dict) -> Company:
        company = new_company(told, self.entity)
        self.companies[company.key] = company
        return company

    def change(self, key: str, **told) -> Company:
        """Changes a company, or adds one; the names are those of a companies file."""
        key = checked_key(key)
        with self.lock:
            if key in self.companies:
                # On a copy: what is wrong in the midst of it leaves the company as it was.
                copy = Company.from_json(json.loads(json.dumps(self.companies[key].to_json())))
                change(copy, told, self.entity)
                self.companies[key] = copy
            else:
                self._add({"key": key, **told})
            self.save()
            return self.companies[key]

    def connect(self, key: str, on: bool = True, callback: str | None = None) -> dict | None:
        """Starts or ends the integration in the company and tells the integrator's registered address."""
        with self.lock:
            company = self.company(key)
            company.connected = on
            self.save()
            callback = self.settings["callback"] if callback is None else callback
            address = f"{callback.rstrip('/')}/{company.key}/{'ON' if on else 'OFF'}/{company.org_number}"
        # The lock is free meanwhile: who is called may well call us.
        return self._call(address) if callback else None

    def disconnect(self, key: str, callback: str | None = None) -> dict | None:
        return self.connect(key, False, callback)

    def _call(self, address: str) -> dict:
        done = {"url": address, "at": stamp(self.now())}
        method = self.settings["callback_method"]
        try:
            request = urllib.request.Request(address, method=method, data=b"" if method == "POST" else None)
            with _OPENER.open(request, timeout=_CALLBACK_SECONDS) as answer:
                done["status"] = answer.status
        except urllib.error.HTTPError as error:
            with error:
                done["status"] = error.code
        except (OSError, ValueError) as error:
            done["error"] = str(error)
        with self.lock:
            self.callbacks = [*self.callbacks[-99:], done]
            self.save()
        return done

    def lock_period(self, key: str, period: str, locked: bool = True) -> dict:
        """Locks or opens a month, YYYYMM or YYYY-MM; returns its financial year."""
        period = str(period).replace("-", "")
        if not PERIOD.fullmatch(period):
            raise ValueError("a period is written YYYYMM")
        with self.lock:
            first = date(int(period[:4]), int(period[4:]), 1)
            year = journal.year_of(self.company(key), first)
            if not year:
                raise ValueError(f"{period} is in no financial year")
            year["lockedPeriods"] = sorted(
                set(year["lockedPeriods"]) - {period} | ({period} if locked else set())
            )
            self.save()
            return year

    def close_account(self, key: str, account: str, closed: bool = True) -> dict:
        """Closes or opens an account that is there."""
        with self.lock:
            company = self.company(key)
            if account not in company.accounts:
                raise ValueError(f"{company.name} has no account {account}")
            company.accounts[account]["closed"] = closed
            self.save()
            return company.accounts[account]

    def set(self, **settings) -> dict:
        """Changes settings; all of them or, when something is wrong, none."""
        for name, value in settings.items():
            if name not in SETTINGS:
                raise ValueError(f"{name} is no setting")
            if type(value) is not type(SETTINGS[name]) or (type(value) is int and value < 0):
                raise ValueError(f"{name} is of the wrong type")
        if settings.get("today"):
            date.fromisoformat(settings["today"])
        if settings.get("not_found_status", 400) not in (400, 404, 500):
            raise ValueError("not_found_status is 400, 404 or 500")
        if settings.get("callback_method", "GET") not in ("GET", "POST"):
            raise ValueError("callback_method is GET or POST")
        with self.lock:
            self.settings.update(settings)
            self.save()
            return dict(self.settings)

    def reset(self) -> None:
        """Begins anew: nothing booked, nothing queued, the companies as they were at first."""
        with self.lock:
            for company in self.companies.values():
                for document in company.documents.values():
                    self._forget(document["id"])
            self._begin()
            self.calls.clear()
            self.set(**self._told_settings)

    # -- vouchers and documents -------------------------------------------------------------------------

    def book(self, company: Company, body, latest: bool = False) -> dict:
        """Books a voucher, every time it is asked to; returns it as the API answers."""
        voucher = journal.check(company, body, self.settings)
        for row in voucher["rows"]:
            row["entityId"] = self.entity()
        voucher.update(entityId=self.entity(), entryInfoDate=self.today(), upsertDate=stamp(self.now()))
        company.vouchers.append(voucher)
        for document in voucher["documentIds"]:
            company.documents[str(document)]["attachedTo"] = voucher["entityId"]
        if latest:
            year = company.financial_years[voucher["financialYearId"]]
            year["latestVoucherDate"] = max(year.get("latestVoucherDate", ""), voucher["journalEntryDate"])
        self.save()
        return journal.response(company, voucher)

    def take_back(self, company: Company, voucher: dict) -> None:
        """Deletes a voucher; its number is free again and its documents are loose."""
        journal.check_delete(company, voucher)
        company.vouchers.remove(voucher)
        company.deleted.append(voucher)
        for document in voucher["documentIds"]:
            company.documents[str(document)]["attachedTo"] = None
        self.save()

    def keep(self, company: Company, described: dict, data: bytes) -> dict:
        """Keeps a document that was uploaded."""
        number = self.entity()
        document = {
            "id": number, "created": stamp(self.now()), "attachedTo": None,
            "sha256": hashlib.sha256(data).hexdigest(), **described,
        }  # fmt: skip
        if self.state:
            self._folder.mkdir(exist_ok=True)
            write_whole(self._folder / str(number), data)
        else:
            self._data[number] = data
        company.documents[str(number)] = document
        self.save()
        return document

    @property
    def _folder(self) -> Path:
        # Beside the state, not in it: it is written at every change.
        return self.state.with_name(self.state.name + ".documents")

    def _forget(self, number: int) -> None:
        self._data.pop(number, None)
        if self.state:
            (self._folder / str(number)).unlink(missing_ok=True)

    def content(self, document: dict) -> bytes:
        """The data of a document."""
        return (self._folder / str(document["id"])).read_bytes() if self.state else self._data[document["id"]]

    def attach(self, company: Company, kind: str, entity: int, number: int) -> dict:
        """Attaches a document to a voucher; returns the document."""
        document = company.documents.get(str(number))
        if not document:
            raise Problem("DOCUMENT_NOT_FOUND", f"Dokument {number} saknas")
        voucher = self.entity_of(company, kind, entity)
        if document["attachedTo"]:
            raise Problem("DOCUMENT_IN_USE", f"Dokument {number} är redan kopplat")
        document["attachedTo"] = entity
        voucher["documentIds"].append(number)
        self.save()
        return document

    def entity_of(self, company: Company, kind: str, entity: int, writing: bool = True) -> dict:
        """The voucher that documents are attached to."""
        voucher = next((v for v in company.vouchers if v["entityId"] == entity), None)
        if kind != "JOURNAL" or not voucher:
            raise Problem(
                "JOURNAL_ENTRY_NOT_FOUND" if kind == "JOURNAL" else "ENTITY_NOT_FOUND",
                f"{kind} {entity} saknas",
            )
        if writing and not self.settings["attach_to_posted"]:
            raise Problem("JOURNAL_ENTRY_IS_LOCKED")
        return voucher

    def detach(self, company: Company, number: int) -> None:
        """Detaches a document from its voucher."""
        document = company.documents.get(str(number))
        if not document or not document["attachedTo"]:
            raise Problem("DOCUMENT_NOT_FOUND", f"Dokument {number} är inte kopplat")
        voucher = self.entity_of(company, "JOURNAL", document["attachedTo"])
        voucher["documentIds"].remove(number)
        document["attachedTo"] = None
        self.save()

    # -- looking ----------------------------------------------------------------------------------------

    def vouchers(self, key: str) -> list:
        """The vouchers of a company as the API answers them, in the order they were booked."""
        with self.lock:
            company = self.company(key)
            return [journal.response(company, voucher) for voucher in company.vouchers]

    @property
    def duplicates(self) -> list:
        """Vouchers with the same series, date and text: booked more than once."""
        seen = {}
        with self.lock:
            for company in self.companies.values():
                for voucher in company.vouchers:
                    names = ("journalId", "journalEntryDate", "journalEntryText")
                    seen.setdefault((company.key, *(voucher[n] for n in names)), []).append(
                        voucher["journalEntryId"]
                    )
        return [
            {
                "publicKey": key,
                "journalId": series,
                "journalEntryDate": day,
                "journalEntryText": text,
                "numbers": found,
            }
            for (key, series, day, text), found in seen.items()
            if len(found) > 1
        ]

    def look(self) -> dict:
        """Everything, as `GET /state` tells it. Secrets and the contents of documents are left out."""
        with self.lock:
            now = self.clock()
            return {
                "companies": [self._look_company(company) for company in self.companies.values()],
                "duplicates": self.duplicates,
                "faults": [fault.to_json() for fault in self.faults],
                "settings": dict(self.settings),
                "tokens": sum(until > now for until in self.tokens.values()),
                "callbacks": list(self.callbacks),
                "calls": list(self.calls),
            }

    def _look_company(self, company: Company) -> dict:
        told = {
            **company.to_json(),
            "vouchers": [journal.response(company, voucher) for voucher in company.vouchers],
            "deleted": [journal.response(company, voucher, last=False) for voucher in company.deleted],
            "documents": [
                {**document_dto(d), **{n: d[n] for n in ("size", "sha256", "attachedTo")}}
                for d in company.documents.values()
            ],
        }
        for section in ("accounts", "journals", "financialYears", "costCenters", "costBearers", "projects"):
            told[section] = list(told[section].values())
        return told
