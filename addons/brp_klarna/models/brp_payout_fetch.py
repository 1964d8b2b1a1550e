import csv
import io
import json
import tempfile
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.brp_connector.models.at_once import made_once
from odoo.addons.brp_connector.models.brp_exchange import Delivered
from odoo.addons.brp_connector.service import ServiceError

from ..settlements import (
    FEE_REFUND_VAT,
    FEE_VAT,
    Keys,
    Places,
    SettlementError,
    Share,
    Sums,
    TaxRefund,
    as_told,
    check_rows,
    check_totals,
    choose_signs,
    effects_of_totals,
    local_day,
    sign_of,
    split_from_lines,
    split_return,
)
from .brp_connection import tell
from .brp_payout_line import shares_of

_ORDERS_AT_ONCE = 100
_SALE, _RETURN = "SALE", "RETURN"


class Payout(models.Model):
    """Klarna's payouts: what it tells of them is kept once, however often it is fetched."""

    _inherit = "brp.payout"

    klarna_state = fields.Selection(
        [("waiting", "To Be Fetched"), ("asking", "Asking for Orders"), ("fetched", "Fetched")],
        readonly=True,
        copy=False,
    )
    klarna_settlement_type = fields.Char(string="Settlement", readonly=True, copy=False)
    klarna_merchant = fields.Char(string="Merchant", readonly=True, copy=False)
    klarna_told = fields.Json(readonly=True, copy=False)  # totals as Klarna told them last, öre
    klarna_fetches = fields.Integer(readonly=True, copy=False)
    klarna_changed = fields.Boolean(
        readonly=True, copy=False, help="Klarna tells other sums than when it was booked."
    )

    # === WHAT KLARNA LISTS === #

    def _note_klarna_payouts(self, channel, told):
        """Make payouts of what Klarna lists and is not there yet.

        :param told: settlements.Payout
        """
        currencies = {
            currency.name: currency.id
            for currency in self.env["res.currency"].with_context(active_test=False).search([])
        }
        start = channel.connection_id.klarna_start_date
        taken = set(
            self.search(
                [("channel_id", "=", channel.id), ("name", "in", [payout.reference for payout in told])]
            ).mapped("name")
        )
        with made_once(self.env.cr):
            return self.create(
                [
                    {
                        "name": _name_of_another(payout) if payout.reference in taken else payout.reference,
                        "channel_id": channel.id,
                        "currency_id": self._find_klarna_currency(currencies, payout.currency),
                        "date": day,
                        "klarna_state": "waiting",
                        **self._prepare_klarna_head(payout),
                    }
                    for payout in sorted(told, key=lambda payout: payout.paid_at)
                    if (day := local_day(payout.paid_at)) >= start
                ]
            )

    def _find_klarna_payouts(self, channel, told):
        """Return {payout: what Klarna tells of it} of those that are there already.

        Merchants choose no references: another one, whom the connection knew before, may have the same.
        """
        there = self.search(
            [
                ("channel_id", "=", channel.id),
                (
                    "name",
                    "in",
                    [name for payout in told for name in (payout.reference, _name_of_another(payout))],
                ),
            ]
        ).grouped("name")
        found = {}
        for payout in told:
            same = there.get(payout.reference, self.browse())
            if same.klarna_merchant and same.klarna_merchant != payout.merchant:
                same = there.get(_name_of_another(payout), self.browse())
            if same:
                found[same] = payout
        return found

    def _get_klarna_reference(self):
        """Return what Klarna calls the payout."""
        self.ensure_one()
        return self.name.removesuffix(f" ({self.klarna_merchant})")

    def _find_klarna_currency(self, currencies, code):
        if code not in currencies:
            raise SettlementError("currency", "currency_code")
        return currencies[code]

    def _prepare_klarna_head(self, payout):
        return {
            "amount_paid": payout.settlement / 100,
            "klarna_settlement_type": payout.settlement_type,
            "klarna_merchant": payout.merchant,
            "klarna_told": dict(payout.totals),
        }

    def _note_klarna_told(self, told):
        """Look whether Klarna tells the same of a payout as last time.

        One that is not booked is fetched again; for one that is, somebody has to decide.
        """
        self.ensure_one()
        if self.klarna_told == dict(told.totals) or not self.klarna_told:
            return
        if self.move_id:
            if not self.klarna_changed:
                self.klarna_changed = True
                self.message_post(
                    body=self.env._(
                        "Klarna tells other sums of this payout than when it was booked. Undo it and fetch it"
                        " again, or leave it as it is."
                    )
                )
                self.activity_schedule(
                    "mail.mail_activity_data_warning", user_id=self.channel_id.connection_id.responsible_id.id
                )
        else:
            self._prepare_klarna_refetch()

    def _prepare_klarna_refetch(self):
        self.klarna_state = "waiting"

    def action_klarna_fetch(self):
        """Fetch the rows of payouts that are not booked once more."""
        self.check_access("write")
        again = self.filtered(lambda payout: payout.klarna_state and not payout.move_id)
        for connection in again.sudo().channel_id.connection_id:
            if connection.state != "active":
                raise UserError(self.env._("%s is not active.", connection.name))
        again._prepare_klarna_refetch()
        again._fetch_klarna_rows(retry=True)

    def _fetch_klarna_rows(self, retry=False):
        """Have the rows of payouts fetched; each time is an exchange of its own.

        :param retry: whether one that has failed is tried again
        """
        Exchange = self.env["brp.exchange"].sudo()
        for payout in self:
            open_ = Exchange.search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "=", payout.id),
                    ("operation", "=", "klarna_payout"),
                    ("state", "in", ("pending", "failed", "blocked")),
                ],
                limit=1,
            )
            if open_:
                if retry and open_.state != "pending":
                    open_._retry()
                continue
            payout.klarna_fetches += 1
            payout._enqueue_klarna("klarna_payout", payout.klarna_fetches)

    def _enqueue_klarna(self, operation, number=1):
        self.ensure_one()
        self.env["brp.exchange"]._enqueue(
            self.channel_id.connection_id,
            operation,
            self,
            key=lambda payout: f"{operation} {payout.name} {payout.id} {number}",
        )

    # === ROWS === #

    def _read_klarna_rows(self, service):
        """Fetch the payout and its rows into a file: however many there are, one page is in memory."""
        with _as_service_error(self.env):
            reference = self._get_klarna_reference()
            told = service.get_payout(reference)
            if self.klarna_merchant and told.merchant != self.klarna_merchant:
                raise SettlementError("other_payout", "merchant_id")
            sums = Sums(told.currency)
            keys = Keys(told.merchant, told.reference)
            zero_use = self.channel_id.connection_id.klarna_zero_use
            file = tempfile.TemporaryFile("w+", encoding="utf-8", newline="")  # noqa: SIM115
            for rows in service.iterate_pages(reference):
                sums.add(rows)
                page = io.StringIO(newline="")
                csv.writer(page).writerows([_prepare_row(row, keys.key(row), zero_use) for row in rows])
                file.write(page.getvalue())
        file.flush()
        return Delivered(self.name, {"file": file, "told": told, "sums": sums})

    def _get_klarna_places(self):
        refund = self.channel_id.connection_id.klarna_tax_refund
        return replace(Places(), tax_refund=TaxRefund(refund))

    def _store_klarna_rows(self, data):
        """Put the rows that were fetched in the place of those that were there."""
        self.ensure_one()
        self._lock()
        if self.move_id:
            return
        told, sums = data["told"], data["sums"]
        places = self._get_klarna_places()
        signs = choose_signs(told, sums, places)
        self.line_ids.filtered(lambda line: line.key or line.kind == "rounding").unlink()
        self.env["brp.payout.line"].flush_model()
        counted = sums.effects(signs)
        # What no row of its own tells: the VAT of all fees, and what the debt to Klarna became.
        sums_alone = {code: counted[code] for code in (FEE_VAT, FEE_REFUND_VAT) if counted.get(code)}
        sums_alone |= {effect.code: effect.amount for effect in effects_of_totals(told)}
        self._copy_klarna_rows(data["file"], signs, sums_alone)
        self.write(
            {
                **self._prepare_klarna_head(told),
                "klarna_state": "fetched",
                "klarna_changed": False,
                "totals_accepted": False,
                "total_ids": [(5, 0, 0)]
                + [(0, 0, values) for values in self._prepare_klarna_totals(told, counted, places)],
            }
        )
        self._note_lines_changed()
        self._find_klarna_shares()
        self._match()
        self._enqueue_klarna("klarna_report")
        self.env.ref("brp_settlement.ir_cron_post").sudo()._trigger()

    def _copy_klarna_rows(self, file, signs, sums_alone):
        """Store rows from a file, with what the channel's words mean now.

        Nobody is told as their author: of each row the database would look that up.

        :param sums_alone: {code: öre} of what else the payout is made of
        """
        cr = self.env.cr
        cr.execute(
            """
            CREATE TEMPORARY TABLE brp_klarna_rows (
                key text, code text, amount bigint, vat bigint, date date, klarna_moment timestamp,
                reference text, order_reference text, klarna_short_order text, external_reference text,
                text text, klarna_shares jsonb
            ) ON COMMIT DROP
            """
        )
        # It is not closed: another process may come in between, and then it is read once more.
        file.seek(0)
        cr.copy_expert("COPY brp_klarna_rows FROM STDIN WITH (FORMAT csv)", file)
        for code, effect in sums_alone.items():
            cr.execute(
                "INSERT INTO brp_klarna_rows (key, code, amount) VALUES (%s, %s, %s)",
                [code, code, sign_of(code, signs) * effect],
            )
        cr.execute("SELECT DISTINCT code FROM brp_klarna_rows")
        words = [code for (code,) in cr.fetchall()]
        mapping = self.channel_id._get_mapping()
        meanings = []
        for code in words:
            kind, account = self.channel_id._find_meaning(mapping, code)
            sign = sign_of(code, signs)
            meanings.append({"code": code, "kind": kind, "account": account, "sign": sign})
        cr.execute(
            SQL(
                """
                INSERT INTO brp_payout_line (
                       payout_id, key, code, kind, account_id, amount, date, klarna_moment, reference,
                       order_reference, klarna_short_order, external_reference, text, klarna_shares,
                       klarna_vat, create_date, write_date)
                SELECT %(payout)s, rows.key, rows.code, meaning.kind, meaning.account,
                       meaning.sign * rows.amount * 0.01, COALESCE(rows.date, %(day)s),
                       rows.klarna_moment, rows.reference, rows.order_reference, rows.klarna_short_order,
                       rows.external_reference, rows.text, rows.klarna_shares,
                       meaning.sign * NULLIF(rows.vat, 0) * 0.01,
                       NOW() AT TIME ZONE 'UTC', NOW() AT TIME ZONE 'UTC'
                  FROM brp_klarna_rows rows
                  JOIN jsonb_to_recordset(%(meanings)s)
                       AS meaning(code text, kind text, account integer, sign integer) USING (code)
                """,
                payout=self.id,
                day=self.date,
                meanings=json.dumps(meanings),
            )
        )
        cr.execute("DROP TABLE brp_klarna_rows")

    def _prepare_klarna_totals(self, told, counted, places):
        """Return the values of the sums that Klarna tells, beside what its rows come to."""
        wrong = {difference.total: difference for difference in check_totals(told, places)}
        wrong |= {difference.total: difference for difference in check_rows(told, counted, places)}
        names = self._get_klarna_total_names()
        shown = {total: amount for total, amount in told.totals.items() if amount}
        shown |= {total: difference.told for total, difference in wrong.items()}
        counts = shown | {total: difference.counted for total, difference in wrong.items()}
        return [
            {
                "name": names.get(total, total),
                "amount": amount / 100,
                "amount_lines": counts[total] / 100,
            }
            for total, amount in shown.items()
        ]

    def _get_klarna_total_names(self):
        return {
            "sale": self.env._("Sales"),
            "return": self.env._("Refunds"),
            "reversal": self.env._("Reversals"),
            "fee": self.env._("Fees"),
            "fee_refund": self.env._("Refunded fees"),
            "fee_correction": self.env._("Corrected fees"),
            "tax": self.env._("VAT on fees"),
            "tax_refund": self.env._("VAT on refunded fees"),
            "commission": self.env._("Commission"),
            "commission_reversal": self.env._("Commission taken back"),
            "charge": self.env._("Charges"),
            "credit": self.env._("Credits"),
            "holdback": self.env._("Held back"),
            "release": self.env._("Released"),
            "repay": self.env._("Debt repaid"),
            "deposit": self.env._("Debt carried forward"),
            "opening_debt_balance": self.env._("Debt before"),
            "closing_debt_balance": self.env._("Debt after"),
            "settlement": self.env._("Paid out"),
        }

    # === KLARNA'S REPORT === #

    def _read_klarna_report(self, service):
        with _as_service_error(self.env):
            return Delivered(self.name, {"pdf": service.get_report(self._get_klarna_reference())})

    def _store_klarna_report(self, pdf):
        self.ensure_one()
        self.env["ir.attachment"].create(
            {
                "name": self.env._("Klarna %s.pdf", self.name),
                "raw": pdf,
                "mimetype": "application/pdf",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        self._attach_klarna_report()

    def _attach_klarna_report(self):
        """Put Klarna's report on the payout's entry, whichever of the two came last."""
        Attachment = self.env["ir.attachment"]
        for payout in self.filtered("move_id"):
            report = Attachment.search(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "=", payout.id),
                    ("mimetype", "=", "application/pdf"),
                ],
                order="id desc",
                limit=1,
            )
            on_move = [("res_model", "=", "account.move"), ("res_id", "=", payout.move_id.id)]
            if report and not Attachment.search_count(
                [*on_move, ("checksum", "=", report.checksum)], limit=1
            ):
                report.copy({"res_model": "account.move", "res_id": payout.move_id.id})

    # === VAT THAT THE ROWS DO NOT TELL === #

    def _find_klarna_shares(self):
        """Find the VAT of sales and refunds that Klarna's rows do not tell.

        A refund takes that of its sale, if it is certain; then Klarna's order management is asked, also what
        was sold without VAT, which may be a gift card, a tip or neither; and what nobody knows is at the rate
        that the settings have for it, or waits for a person.
        """
        self.ensure_one()
        connection = self.channel_id.connection_id
        if connection.klarna_mode != "full":
            return
        unknown = self._search_klarna_unsplit()
        self._split_klarna_refunds(unknown.filtered(lambda line: line.kind == "refund"))
        if connection.klarna_ask_orders and (asked := self._search_klarna_to_ask()):
            self.klarna_state = "asking"
            self._enqueue_klarna("klarna_orders", f"{self.klarna_fetches}-{asked[0].id}")
            return
        if self.klarna_state != "fetched":
            self.klarna_state = "fetched"
        if rate := connection.klarna_default_rate_id:
            for line in unknown.filtered(lambda line: not line.klarna_shares):
                line.klarna_shares = line._split_at(rate.use, rate.rate)

    def _search_klarna_to_ask(self):
        """Return the sales and refunds of which order management has not been asked, and may know more."""
        Line = self.env["brp.payout.line"]
        Line.flush_model()
        found = self.env.execute_query(
            SQL(
                """
                SELECT line.id
                  FROM brp_payout_line line
                 WHERE line.payout_id = %s
                   AND line.kind IN ('sale', 'refund')
                   AND line.amount <> 0
                   AND line.order_reference IS NOT NULL
                   AND line.klarna_asked IS NOT TRUE
                   AND line.klarna_rate_id IS NULL
                   AND (line.klarna_shares IS NULL OR line.klarna_shares = 'null'
                        OR EXISTS (SELECT FROM jsonb_array_elements(line.klarna_shares) share
                                    WHERE (share->>1)::float = 0))
              ORDER BY line.id
                """,
                self.id,
            )
        )
        return Line.browse(line for (line,) in found)

    def _search_klarna_unsplit(self):
        return self.env["brp.payout.line"].search(
            [
                ("payout_id", "=", self.id),
                ("kind", "in", ("sale", "refund")),
                ("klarna_shares", "=", False),
                ("amount", "!=", 0),
            ]
        )

    def _split_klarna_refunds(self, refunds):
        sales = self.env["brp.payout.line"].search(
            [
                ("payout_id.channel_id", "=", self.channel_id.id),
                ("kind", "=", "sale"),
                ("klarna_shares", "!=", False),
                ("order_reference", "in", list(filter(None, refunds.mapped("order_reference")))),
            ]
        )
        of_order = sales.grouped("order_reference")
        for refund in refunds:
            found = of_order.get(refund.order_reference)
            # Several captures of an order: which of them was returned is not known.
            if found and len(found) == 1:
                refund.klarna_shares = _split_like(found.klarna_shares, round(abs(refund.amount) * 100))

    def _read_klarna_orders(self, service):
        """Ask Klarna's order management for the VAT of some orders."""
        connection = self.channel_id.connection_id
        words = [word.strip() for word in (connection.klarna_tip_words or "").split(",") if word.strip()]
        lines = self._search_klarna_to_ask()
        found = {}
        with _as_service_error(self.env):
            for line in lines[:_ORDERS_AT_ONCE]:
                if found and service.is_late():
                    break
                try:
                    order = service.get_order(line.order_reference)
                except ServiceError as error:
                    if error.status != 403:
                        raise
                    # Who may read settlements may be refused orders: then what the rows tell has to do.
                    return Delivered(self.name, {"shares": dict.fromkeys(lines.ids)})
                found[line.id] = order and _split_order(line, order, words)
        return Delivered(self.name, {"shares": found})

    def _give_up_klarna_orders(self):
        """Go on without what order management could have told."""
        self._store_klarna_orders(dict.fromkeys(self._search_klarna_to_ask().ids))

    def _store_klarna_orders(self, shares):
        self.ensure_one()
        self._lock()
        if self.move_id:
            return
        lines = self.env["brp.payout.line"].browse(shares).exists()
        lines.klarna_asked = True
        for line in lines.filtered(lambda line: shares[line.id]):
            line.klarna_shares = shares[line.id]
        self._find_klarna_shares()
        self.env.ref("brp_settlement.ir_cron_post").sudo()._trigger()


def _name_of_another(payout):
    """Return the name of a payout whose reference another merchant's payout has already."""
    return f"{payout.reference} ({payout.merchant})"


def _prepare_row(row, key, zero_use):
    """Return what is stored of a row of Klarna's."""
    moment = (row.captured_at if row.type != _SALE else row.sold_at) or row.captured_at or row.sold_at
    day, told = _day_and_moment(moment) if moment else ("", "")
    shares = ""
    if row.customer_vat is not None and row.type in (_SALE, _RETURN):
        shares = _write_shares(abs(row.amount), row.customer_vat, zero_use)
    return (
        key,
        *as_told(row),
        day,
        told,
        row.reference1 or row.reference2,
        row.order_id,
        row.short_order_id,
        row.refund_id or row.capture_id or row.reversal_reference,
        row.comment,
        shares,
    )


@lru_cache(maxsize=4096)  # a shop's prices are few
def _write_shares(gross, vats, zero_use):
    found = shares_of(gross, vats, zero_use)
    return json.dumps(found, separators=(",", ":")) if found else ""


@lru_cache(maxsize=4096)  # the rows of one order have the same
def _day_and_moment(moment):
    return local_day(moment).isoformat(), f"{moment:%Y-%m-%d %H:%M:%S}"


def _split_like(sale, gross):
    """Return the shares of a refund by those of its sale; None when they cannot be known."""
    shares = [Share(round(rate * 100), net, vat, use) for use, rate, net, vat in sale]
    found = split_return(shares, gross)
    return found and [[share.use, share.rate / 100, share.net, share.vat] for share in found]


def _split_order(line, order, tip_words):
    """Return the shares of a sale or refund by the lines of its order; None when they do not add up to it."""
    gross = round(abs(line.amount) * 100)
    parts = order.get("captures" if line.kind == "sale" else "refunds") or []
    parts = [part for part in parts if isinstance(part, dict)]
    own = [
        part for part in parts if line.external_reference in (part.get("capture_id"), part.get("refund_id"))
    ]
    for lines in (*(part.get("order_lines") for part in own), order.get("order_lines")):
        try:
            shares = split_from_lines(lines, tip_words)
        except SettlementError:
            continue
        if sum(share.gross for share in shares) == gross:
            return [[share.use, share.rate / 100, share.net, share.vat] for share in shares]
    return None


@contextmanager
def _as_service_error(env):
    """Have an answer that cannot be relied on count as one that was not understood: it is asked for again."""
    try:
        yield
    except SettlementError as error:
        raise ServiceError("garbage", error.kind, "yes", words=tell(error, env.lang)) from error
