from dataclasses import dataclass, field

HOST = "https://apigateway.blinfo.se"
API = "/bla-api/v1/sp"
_TOKEN = "/auth/oauth/v2/token"
_PAGE = 500
_EARLY = 60  # seconds before a token runs out that it is renewed


@dataclass
class Client:
    """The integrator's access: one pair of client id and secret for all its customers.

    :ivar token: the access token, shared by all calls of the process
    :ivar expires: when it runs out, as ``clock`` tells the time
    """

    identity: str
    secret: str
    token: str = ""
    expires: float = 0.0


@dataclass
class BjornLunden:
    """Björn Lundén's calls for one company. Amounts are kronor, debit positive.

    Every call may raise the connector's ``ServiceError``.

    :ivar service: sends HTTP; its base address is the gateway's
    :ivar key: the company's public key
    :ivar api: the path of the API below the gateway
    :ivar clock: tells seconds
    """

    service: object
    client: Client
    key: str
    clock: object
    api: str = API
    _accounts: dict = field(default_factory=dict)
    _years: dict = field(default_factory=dict)

    # -- who ----------------------------------------------------------------------------------------------

    def get_company(self):
        """Return the company of the key: {"name", "orgNumber", "vatInfo", …}."""
        return self._get("/details")

    def get_clients(self):
        """Return the companies that are connected to the integrator, [{"publicKey", "name", "scopes", …}]."""
        return self._get("/common/client", with_key=False)

    # -- what is there ------------------------------------------------------------------------------------

    def get_accounts(self):
        """Return {number: account} of the company's chart; an account is closed when ``closed`` is true."""
        if not self._accounts:
            self._accounts = {str(account["id"]): account for account in self._get("/account")}
        return self._accounts

    def get_year(self, day):
        """Return the financial year of a date, or None when there is none.

        :param date day:
        """
        if day not in self._years:
            self._years[day] = self._get(f"/financialyear/date/{day.isoformat()}") or None
        return self._years[day]

    # -- vouchers -----------------------------------------------------------------------------------------

    def post_voucher(self, series, day, text, rows):
        """Make a voucher.

        :param str series: one letter
        :param date day:
        :param rows: [{"account", "amount", "text", "cost_centre", "project"}], amounts as Decimal
        :return: the service's answer: journalId, journalEntryId, entityId, …
        """
        return self._post(
            "/journal",
            params={"latestVoucherDate": "false"},
            json={
                "journalId": series,
                "journalEntryDate": day.isoformat(),
                "journalEntryText": text,
                "ledgerEntries": [_write_row(row) for row in rows],
            },
        )

    def find_voucher(self, series, day, token):
        """Return the voucher of a series and date whose text holds a token, or None.

        :raise ServiceError: it is not known whether there is one
        """
        return next(
            (
                voucher
                for voucher in self.list_vouchers(series, day, day, token)
                if token in (voucher.get("journalEntryText") or "")
            ),
            None,
        )

    def list_vouchers(self, series, start, end, search=None):
        """Yield the vouchers of a series from one date to another, a page of them to a call.

        :param search: what the service is to look for in their texts
        """
        seen = set()
        page = 1
        while True:
            answer = self._get(
                "/journal/entry/batch",
                params={
                    "journalid": series,
                    "startdate": start.isoformat(),
                    "enddate": end.isoformat(),
                    **({"search": search} if search else {}),
                    "includeDocumentIds": "true",
                    "rows": _PAGE,
                    "page": page,
                },
            )
            vouchers = {voucher.get("entityId"): voucher for voucher in answer.get("data") or ()}
            new = vouchers.keys() - seen
            yield from (voucher for entity, voucher in vouchers.items() if entity in new)
            # The name of the parameter is not published: pages that repeat are the end as well.
            if page >= (answer.get("totalPages") or 1) or not new:
                return
            seen |= new
            page += 1

    # -- documents ----------------------------------------------------------------------------------------

    def attach(self, entity, name, data, kind="application/pdf"):
        """Attach a file to a voucher.

        :param entity: the voucher's entityId
        :param kind: the type of its content
        :return: the document's id
        """
        document = self._post("/document", files={"file": (name, data, kind)})
        self._post(f"/document/attachto/journal/{entity}/{document['id']}")
        return document["id"]

    def find_document(self, documents, mark):
        """Return the one of documents whose name holds a mark, or None.

        :param documents: their ids, as a voucher tells them
        """
        for document in documents:
            told = self._get(f"/document/{document}/meta")
            name = f"{told.get('name') or ''}{told.get('reference') or ''}"
            # What is told of a document is not published: one without a name may be it. Never twice.
            if not name or mark in name:
                return document
        return None

    # -- the way there ------------------------------------------------------------------------------------

    def _get(self, path, with_key=True, params=None):
        return self._call("GET", path, with_key, params=params).json()

    def _post(self, path, **content):
        answer = self._call("POST", path, True, **content)
        return answer.json() if answer.body else {}

    def _call(self, method, path, with_key, **content):
        token = self._get_token()
        try:
            return self._send(method, path, with_key, token, content)
        except Exception as error:
            if getattr(error, "status", None) != 401:
                raise
        # The gateway has forgotten the token before its time, and let nothing through.
        if self.client.token == token:
            self.client.token = ""
        return self._send(method, path, with_key, self._get_token(), content)

    def _send(self, method, path, with_key, token, content):
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        if with_key:
            headers["User-Key"] = self.key
        return self.service.send(method, self.api + path, headers=headers, **content)

    def _get_token(self):
        """Return the access token; a new one is asked for shortly before the old one runs out."""
        client = self.client
        if not client.token or self.clock() >= client.expires - _EARLY:
            answer = self.service.send(
                "POST",
                _TOKEN,
                data={
                    "grant_type": "client_credentials",
                    "client_id": client.identity,
                    "client_secret": client.secret,
                },
                safe=True,
            ).json()
            client.token = answer["access_token"]
            client.expires = self.clock() + float(answer.get("expires_in") or 0)
        return client.token


def _write_row(row):
    # A float has the öre of an amount exactly as far as a hundred billion kronor.
    written = {"accountId": row["account"], "amount": float(row["amount"]), "text": row["text"][:50]}
    if row["cost_centre"]:
        written["costCenterId"] = row["cost_centre"]
    if row["project"]:
        written["projectId"] = row["project"]
    return written
