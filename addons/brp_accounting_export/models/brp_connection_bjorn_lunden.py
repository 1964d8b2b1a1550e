import hmac
import os
import time
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.brp_connector.models.brp_connection import Provider
from odoo.addons.brp_connector.models.brp_exchange import Delivered
from odoo.addons.brp_connector.service import Explanation, Service, ServiceError

from ..bjorn_lunden import BjornLunden, Client, explain, group_of
from ..bjorn_lunden.client import HOST

_ID = "brp_accounting_export.bjorn_lunden_client_id"
_SECRET = "brp_accounting_export.bjorn_lunden_client_secret"
_HOST = "brp_accounting_export.bjorn_lunden_host"
# Access tokens are shared by all calls of a process: {(host, id, secret): Client}
_clients = {}


class Connection(models.Model):
    """Björn Lundén as a provider: its key, its accounts, and vouchers through the queue."""

    _inherit = "brp.connection"

    provider = fields.Selection(
        selection_add=[("bjorn_lunden", "Björn Lundén")], ondelete={"bjorn_lunden": "cascade"}
    )
    bjorn_lunden_key = fields.Char(
        string="Public Key", copy=False, groups="base.group_system", help="The company's key at Björn Lundén."
    )
    bjorn_lunden_company = fields.Char(string="Company at Björn Lundén", readonly=True, copy=False)
    bjorn_lunden_number = fields.Char(string="Organisation Number", readonly=True, copy=False)

    @api.model
    def _get_providers(self):
        return super()._get_providers() | {
            "bjorn_lunden": Provider(
                description=self.env._(
                    "Each day's sales are booked in Björn Lundén by themselves: no typing, no files."
                ),
                logo="/brp_accounting_export/static/img/bjorn_lunden.png",
                manual_export=True,
            )
        }

    @api.model
    def _get_accounting_providers(self):
        return [*super()._get_accounting_providers(), "bjorn_lunden"]

    # === THE SERVICE === #

    def _get_service(self, on_exchange=None):
        if self.provider != "bjorn_lunden":
            return super()._get_service(on_exchange)
        return self._get_bjorn_lunden(self.sudo().bjorn_lunden_key, on_exchange)

    @api.model
    def _get_bjorn_lunden(self, key, on_exchange=None):
        """Return what talks to Björn Lundén about the company of a public key."""
        host = self._get_bjorn_lunden_setting(_HOST, "BJORN_LUNDEN_HOST") or HOST
        client = self._get_bjorn_lunden_client(host)
        service = Service(
            host,
            secrets=(client.secret, client.token, key),
            explain=lambda status, _headers, body: Explanation(*explain(status, body)),
            on_exchange=on_exchange,
        )
        return BjornLunden(service, client, key, time.monotonic)

    @api.model
    def _get_bjorn_lunden_setting(self, parameter, variable):
        """Return a system parameter, or else a variable of the server's environment."""
        return self.env["ir.config_parameter"].sudo().get_param(parameter) or os.environ.get(variable)

    @api.model
    def _get_bjorn_lunden_client(self, host):
        """Return the integrator's access, from the system parameters or the server's environment."""
        identity = self._get_bjorn_lunden_setting(_ID, "BJORN_LUNDEN_CLIENT_ID")
        secret = self._get_bjorn_lunden_setting(_SECRET, "BJORN_LUNDEN_CLIENT_SECRET")
        if not (identity and secret):
            raise UserError(
                self.env._(
                    "Björn Lundén's client id and secret are missing. An administrator sets them as system"
                    " parameters (%(id)s, %(secret)s); they come with Björn Lundén's agreement for"
                    " integrators.",
                    id=_ID,
                    secret=_SECRET,
                )
            )
        # The secret is part of what they are known by: after a change, the old token is not used.
        return _clients.setdefault((host, identity, secret), Client(identity, secret))

    def _test(self):
        if self.provider != "bjorn_lunden":
            return super()._test()
        company = self._get_service().get_company()
        return self.env._(
            "Björn Lundén answers for %(name)s (%(number)s).",
            name=company["name"],
            number=show_number(company.get("orgNumber")),
        )

    # === ACCOUNTS === #

    def _get_own_proposals(self):
        """Return the accounts that the company itself uses in Björn Lundén for VAT and rounding."""
        proposals = super()._get_own_proposals()
        if self.provider != "bjorn_lunden":
            return proposals
        try:
            told = self._get_service().get_company().get("vatInfo") or {}
        except ServiceError as error:
            raise UserError(self._explain(error)) from error
        for number in "123":
            rate, code = told.get(f"vat{number}percentage"), told.get(f"vat{number}account")
            if rate and code:
                proposals[f"vat:sale:{float(rate):g}"] = code
        if told.get("roundingVatAccount"):
            proposals["event:rounding"] = told["roundingVatAccount"]
        return proposals

    def _get_account_names(self):
        if self.provider != "bjorn_lunden":
            return super()._get_account_names()
        try:
            accounts = self._get_service().get_accounts()
        except ServiceError as error:
            raise UserError(self._explain(error)) from error
        return {
            number: account.get("name") for number, account in accounts.items() if not account.get("closed")
        }

    def _check_start_date(self, start):
        """Refuse a start in a year that Björn Lundén does not have: nothing of it could be booked."""
        super()._check_start_date(start)
        if self.provider != "bjorn_lunden" or not self.sudo().bjorn_lunden_key:
            return
        try:
            year = self._get_service().get_year(start)
        except ServiceError as error:
            raise UserError(self._explain(error)) from error
        if not year:
            raise UserError(
                self.env._(
                    "Björn Lundén has no financial year with %s. Choose another day, or make the year there.",
                    fields.Date.to_string(start),
                )
            )

    # === THE KEY === #

    @api.model
    def _ask_bjorn_lunden(self, key):
        """Return the company that a public key belongs to.

        :return: {"name", "orgNumber", …}
        :raise UserError: the key is not connected to us, or nobody answers
        """
        try:
            service = self._get_bjorn_lunden(key)
            keys = {client["publicKey"].lower() for client in service.get_clients()}
            if key.lower() not in keys:
                raise UserError(
                    self.env._(
                        "Björn Lundén does not know the key. Start the integration there first"
                        " (Tilläggstjänster), and copy the whole key from the gear wheel."
                    )
                )
            return service.get_company()
        except ServiceError as error:
            raise UserError(self._explain(error)) from error

    def _check_still_connected(self):
        """Pause the connection when its key is no longer among those connected to us."""
        if self.provider != "bjorn_lunden":
            return super()._check_still_connected()
        try:
            clients = self._get_service().get_clients()
        except ServiceError as error:
            return self._note_failure(error)
        key = (self.sudo().bjorn_lunden_key or "").lower()
        if key not in {client["publicKey"].lower() for client in clients}:
            self._pause(
                self.env._(
                    "The integration has been switched off in Björn Lundén. Start it there, and then go on"
                    " here."
                )
            )
        return None

    @api.model
    def _check_key_told(self, key):
        """Look whether a key that somebody says was switched on or off still is connected.

        Who says so is not trusted: the service itself is asked, by the job of the day close.
        """
        told = self.sudo().search([("provider", "=", "bjorn_lunden"), ("state", "=", "active")])
        told = told.filtered(
            lambda connection: hmac.compare_digest(
                (connection.bjorn_lunden_key or "").lower().encode(), key.lower().encode()
            )
        )
        if told:
            told.accounting_closed_until = False
            self.env.ref("brp_accounting_export.ir_cron_close").sudo()._trigger()

    # === EXCHANGES === #

    def _export_vouchers(self, vouchers):
        if self.provider == "bjorn_lunden":
            self.env["brp.exchange"].sudo()._enqueue(
                self, "bl_voucher", vouchers, key=lambda voucher: voucher.token
            )
        return super()._export_vouchers(vouchers)

    def _check_not_withdrawn(self, voucher):
        """Refuse what other vouchers may stand for by now."""
        if voucher.state == "withdrawn":
            raise UserError(self.env._("%s has been taken back.", voucher.text))

    def _send_exchange(self, service, exchange):
        if exchange.operation == "bl_voucher":
            return self._send_voucher(service, exchange._get_record())
        if exchange.operation == "bl_document":
            voucher = exchange._get_record()
            name, data = voucher.day_id._render_report()
            return Delivered(str(service.attach(voucher.external_id, name, data)))
        if exchange.operation == "bl_entry_document":
            return self._send_document(service, exchange._get_record())
        return super()._send_exchange(service, exchange)

    def _send_voucher(self, service, voucher):
        self._check_not_withdrawn(voucher)
        rows = voucher._get_rows()
        if not rows:
            return Delivered("")
        self._check_before_sending(service, voucher, rows)
        return _read_voucher(
            service.post_voucher(voucher.series, voucher.date, voucher._get_text_with_token(), rows)
        )

    def _send_document(self, service, document):
        """Attach a journal entry's document to its voucher, unless it has been taken away meanwhile."""
        voucher = document.voucher_id
        self._check_not_withdrawn(voucher)
        if not document._is_there():
            return Delivered("")
        attachment = document.attachment_id
        return Delivered(
            str(
                service.attach(
                    voucher.external_id, document._get_marked_name(), attachment.raw, attachment.mimetype
                )
            )
        )

    def _look_up_exchange(self, service, exchange):
        if exchange.operation not in ("bl_voucher", "bl_document", "bl_entry_document"):
            return super()._look_up_exchange(service, exchange)
        record = exchange._get_record()
        voucher = record.voucher_id if exchange.operation == "bl_entry_document" else record
        self._check_not_withdrawn(voucher)
        found = service.find_voucher(voucher.series, voucher.date, voucher.token)
        if exchange.operation == "bl_voucher":
            return found and _read_voucher(found)
        if not found:
            return None
        mark = record._get_mark() if record != voucher else voucher.day_id._get_report_name()
        others = self._find_attached(voucher, exchange)
        document = service.find_document(
            [number for number in found.get("documentIds") or () if str(number) not in others], mark
        )
        return Delivered(str(document)) if document else None

    def _find_attached(self, voucher, exchange):
        """Return the ids that Björn Lundén gave what is attached to a voucher by other exchanges."""
        others = self.env["brp.exchange"].search(
            [
                ("id", "!=", exchange.id),
                ("state", "=", "done"),
                "|",
                "&",
                ("res_model", "=", voucher._name),
                ("res_id", "=", voucher.id),
                "&",
                ("res_model", "=", "brp.accounting.document"),
                ("res_id", "in", voucher.document_ids.ids),
            ]
        )
        return set(others.mapped("reference"))

    def _check_before_sending(self, service, voucher, rows):
        """Refuse a voucher that Björn Lundén would refuse, in words that tell what to do."""
        difference = sum((row["amount"] for row in rows), Decimal())
        if difference:
            raise UserError(
                self.env._(
                    "%(voucher)s does not balance, the difference is %(difference)s kr.",
                    voucher=voucher.text,
                    difference=difference,
                )
            )
        accounts = service.get_accounts()
        numbers = {row["account"] for row in rows}
        unusable = sorted(
            number for number in numbers if accounts.get(number, {"closed": True}).get("closed")
        )
        if unusable:
            raise UserError(
                self.env._(
                    "%(voucher)s uses accounts that Björn Lundén does not have or has closed: %(accounts)s."
                    " Open them there and try again, or choose others in the settings.",
                    voucher=voucher.text,
                    accounts=", ".join(unusable),
                )
            )
        year = service.get_year(voucher.date)
        if not year or not year.get("open", True):
            raise UserError(
                self.env._(
                    "The financial year of %(day)s is not open in Björn Lundén. Open it there and try again.",
                    day=fields.Date.to_string(voucher.date),
                )
            )
        if (year.get("firstOpenPeriod") or "") > voucher.date.strftime("%Y%m"):
            raise UserError(
                self.env._(
                    "The period of %(day)s is locked in Björn Lundén. Ask the bookkeeper to open it, and try"
                    " again. The date is never moved.",
                    day=fields.Date.to_string(voucher.date),
                )
            )

    def _finish_exchange(self, exchange, delivered):
        if exchange.operation == "bl_voucher":
            voucher = exchange._get_record()
            voucher._note_exported(delivered.data.get("number"), delivered.data.get("entity"))
            if voucher.external_id and voucher._carries_report():
                self.env["brp.exchange"]._enqueue(
                    self, "bl_document", voucher, key=lambda voucher: f"report {voucher.token}"
                )
            self._gather_documents(voucher)
        if exchange.operation == "bl_entry_document":
            if delivered.reference:
                self._note_state(exchange, "attached")
            else:
                exchange._get_record().unlink()  # taken away before it was sent
        return super()._finish_exchange(exchange, delivered)

    def _export_documents(self, documents):
        if self.provider == "bjorn_lunden" and documents:
            self.env["brp.exchange"].sudo()._enqueue(
                self,
                "bl_entry_document",
                documents,
                key=lambda document: f"document {document.voucher_id.token} {document.id}",
            )
        return super()._export_documents(documents)

    def _note_exchange_problem(self, exchange, error=None):
        if exchange.operation in ("bl_voucher", "bl_entry_document"):
            stuck = exchange.state in ("failed", "blocked")
            self._note_state(exchange, "problem" if stuck else "waiting")
        return super()._note_exchange_problem(exchange, error)

    def _give_up_exchange(self, exchange):
        if exchange.operation in ("bl_voucher", "bl_entry_document"):
            self._note_state(exchange, "problem")
        return super()._give_up_exchange(exchange)

    def _note_state(self, exchange, state):
        record = exchange._get_record()
        if record.state != "withdrawn":
            record.state = state

    def _find_gone(self, vouchers):
        if self.provider != "bjorn_lunden":
            return super()._find_gone(vouchers)
        vouchers = vouchers.filtered("amount")  # what leaves nothing to book was never sent
        if not vouchers:
            return vouchers
        try:
            service = self._get_service()
            there = "\n".join(
                told.get("journalEntryText") or ""
                for series, of_series in vouchers.grouped("series").items()
                for told in service.list_vouchers(
                    series, min(of_series.mapped("date")), max(of_series.mapped("date"))
                )
            )
            # What the list does not have is asked for by itself: a list may end too soon.
            return vouchers.filtered(
                lambda voucher: (
                    voucher.token not in there
                    and not service.find_voucher(voucher.series, voucher.date, voucher.token)
                )
            )
        except ServiceError as error:
            raise UserError(self._explain(error)) from error

    def _is_closed_by(self, error):
        if self.provider == "bjorn_lunden" and group_of(error.code) == "connection":
            return True
        return super()._is_closed_by(error)

    def _explain(self, error):
        if self.provider != "bjorn_lunden":
            return super()._explain(error)
        sentences = {
            "mapping": self.env._(
                "Björn Lundén does not have the account, series, cost centre or project. Correct the"
                " settings; the voucher then goes by itself."
            ),
            "dates": self.env._(
                "Björn Lundén's books are closed for that date. Ask the bookkeeper to open the period, then"
                " try again. The date is never moved by us."
            ),
            "ours": self.env._("Björn Lundén did not accept the voucher."),
            "connection": self.env._(
                "Björn Lundén no longer knows the integration. Start it there, and activate it here again."
            ),
            "document": self.env._(
                "Björn Lundén did not accept the attachment. The voucher itself is booked."
            ),
            "again": self.env._("Björn Lundén could not do it now. We try again."),
            "duplicate": self.env._("Björn Lundén has the voucher already. We look for it there."),
        }
        too_large = self.env._("The attachment is too large for Björn Lundén. The voucher itself is booked.")
        sentence = too_large if error.status == 413 else sentences.get(group_of(error.code))
        if not sentence:
            return super()._explain(error)
        return f"{sentence}\n{self.name}: {error.words}" if error.words else sentence


def _read_voucher(answer):
    """Return what the service calls a voucher."""
    entity, number = answer.get("entityId"), str(answer.get("journalEntryId") or "")
    return Delivered(
        f"{answer.get('journalId') or ''}{number}",
        {"entity": str(entity) if entity else False, "number": number},
    )


def show_number(number):
    """Return an organisation number of ten or twelve digits as people write it."""
    digits = "".join(filter(str.isdigit, number or ""))[-10:]
    return f"{digits[:6]}-{digits[6:]}" if len(digits) == 10 else number or ""
