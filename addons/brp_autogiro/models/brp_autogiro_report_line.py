from collections import defaultdict

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..bankgirot import (
    CHANGE_COMMENT,
    PAYMENT_STATUS,
    REFUND_CODE,
    REJECTED_COMMENT,
    Advice,
    Change,
    Deposit,
    ElectronicMandate,
    Monitored,
    PaymentRow,
    Refund,
    Registered,
    Rejected,
    add_bank_days,
    meaning,
)
from .brp_autogiro_mandate import _ANSWER_DAYS, ACCOUNT_GROUP, NUMBER_GROUP
from .brp_autogiro_payment import LIVE
from .guard import refuse_direct_changes, telling_no_number

# While a payment is in one of these, the bank can still cancel, move or carry it out.
_AT_BANK = ("sent", "pending")

# Outcomes that a person has to look at.
_ATTENTION = {
    "known_deposit",
    "late",
    "refund_closed",
    "unknown",
    "unknown_refund",
    "again",
    "differs",
    "conflict",
    "unknown_mandate",
    "misfit",
    "not_done",
    "agreement_ended",
    "not_here",
    "not_there",
    "to_assign",
}


class AutogiroReportLine(models.Model):
    """A row of a report: what it says, which payment or mandate it is about, what was done."""

    _name = "brp.autogiro.report.line"
    _description = "Autogiro Report Row"
    _order = "report_id desc, number, id"

    report_id = fields.Many2one("brp.autogiro.report", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", related="report_id.company_id", store=True, index=True)
    currency_id = fields.Many2one("res.currency", related="report_id.currency_id")
    number = fields.Integer(string="Line in the File")
    tk = fields.Char(string="TK", help="Bankgirot's transaction code.")
    parent_id = fields.Many2one("brp.autogiro.report.line", index="btree_not_null")
    payer_number = fields.Char(groups=NUMBER_GROUP, copy=False)
    holder_number = fields.Char(groups=NUMBER_GROUP, copy=False)
    account_number = fields.Char(groups=ACCOUNT_GROUP, copy=False)
    amount = fields.Monetary()
    date = fields.Date()
    new_date = fields.Date()
    reference = fields.Char()
    code = fields.Char()
    comment = fields.Char()
    text = fields.Text(string="In Words")
    payment_id = fields.Many2one("brp.autogiro.payment", index="btree_not_null")
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        domain="[('move_type', '=', 'out_invoice'), ('state', '=', 'posted'), ('company_id', '=',"
        " company_id)]",
    )
    partner_id = fields.Many2one("res.partner", string="Customer")
    mandate_id = fields.Many2one(
        "brp.autogiro.mandate", domain="[('company_id', '=', company_id)]", index="btree_not_null"
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Journal Item",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    entry_id = fields.Many2one("account.move", readonly=True, index="btree_not_null", ondelete="restrict")
    outcome = fields.Selection(
        [
            ("deposit", "Deposit or withdrawal"),
            ("known_deposit", "Booked before: this deposit was in another report"),
            ("approve", "Approved: booked and matched"),
            ("late", "Approved though it was cancelled, refused or replaced: look for another payment"),
            ("again", "Approved, but the invoice was paid already: booked as the customer's credit"),
            ("differs", "Approved with another amount: booked, look at the rest"),
            ("unknown", "Nobody's payment: booked as unidentified"),
            ("pending", "Not covered: the bank tries again"),
            ("refuse", "Refused"),
            ("stale", "Nothing new"),
            ("conflict", "Contradicts what is booked"),
            ("refund", "Refunded: the invoice is open again"),
            ("refund_closed", "Refunded: the invoice was credited or paid otherwise, the customer owes it"),
            ("unknown_refund", "Refund of nobody's payment: booked as unidentified"),
            ("reject", "Rejected"),
            ("cancel", "Cancelled"),
            ("move", "Moved to another date"),
            ("not_done", "Not cancelled or moved"),
            ("agreement_ended", "Cancelled by the bank: the Autogiro agreement has ended"),
            ("mandate_active", "Mandate approved"),
            ("mandate_refused", "Mandate refused"),
            ("mandate_ended", "Mandate ended"),
            ("mandate", "Mandate changed"),
            ("misfit", "Does not fit the mandate"),
            ("unknown_mandate", "Nobody's mandate"),
            ("application", "Application for a mandate"),
            ("to_assign", "Mandate without a customer"),
            ("agrees", "Agrees"),
            ("not_here", "The bank has it, Odoo has not"),
            ("not_there", "Odoo has it, the bank has not"),
        ]
    )
    attention = fields.Boolean(index=True)
    state = fields.Selection(
        [
            ("todo", "To Do"),
            ("entered", "In an Entry"),
            ("done", "Done"),
            ("assigned", "Solved"),
        ],
        default="todo",
        required=True,
        index=True,
    )

    _report_state = models.Index("(report_id, state, id)")

    # A deposit has its own serial number and date; whatever file it comes in, it is booked once.
    _deposit_once = models.UniqueIndex(
        "(company_id, tk, date, reference, amount)"
        " WHERE outcome = 'deposit' AND tk IN ('15', '16') AND entry_id IS NOT NULL"
        " AND reference IS NOT NULL",
        "This deposit has been booked from another report.",
    )

    # === CRUD METHODS === #

    def write(self, vals):
        """Let users say what a row is about, and nothing else."""
        refuse_direct_changes(self, vals, frozenset(self._fields) - {"partner_id", "move_id", "mandate_id"})
        return super().write(vals)

    # === MAKING === #

    @api.model
    def _create_from(self, report, records):
        """Make the rows of a report from its records, parents first."""
        currency = report.currency_id
        parents = {}
        rest = []
        values = {
            Deposit: self._from_deposit,
            PaymentRow: self._from_payment,
            Refund: self._from_refund,
            Advice: self._from_advice,
            Rejected: self._from_rejected,
            Change: self._from_change,
            ElectronicMandate: self._from_application,
            Monitored: self._from_monitored,
            Registered: self._from_registered,
        }
        for record in records:
            vals = values[type(record)](record)
            vals.update(report_id=report.id, number=record.line)
            if "amount" in vals:
                vals["amount"] = currency.round(vals["amount"] / 100)
            if isinstance(record, Deposit):
                parents[record.index] = vals
            else:
                rest.append((getattr(record, "deposit", None), vals))
        if report.kind == "payments" and report.layout == "old":
            parents = self._group_by_date(report, rest)
        deposits = dict(zip(parents, self.create(list(parents.values())), strict=True))
        for key, vals in rest:
            if key is not None:
                vals["parent_id"] = deposits[key].id
        for start in range(0, len(rest), 2000):
            self.create([vals for _key, vals in rest[start : start + 2000]])

    @api.model
    def _group_by_date(self, report, rest):
        """Return a deposit per payment date and direction of an old report, which names none."""
        parents = {}
        for position, (_key, vals) in enumerate(rest):
            if vals["code"] != "0":
                continue
            vals["date"] = vals["date"] or report.written
            key = (vals["date"], vals["tk"])
            parent = parents.setdefault(
                key,
                {
                    "report_id": report.id,
                    "number": vals["number"],
                    "tk": "15" if vals["tk"] == "82" else "16",
                    "date": vals["date"],
                    "amount": 0,
                    "outcome": "deposit",
                },
            )
            parent["amount"] = report.currency_id.round(parent["amount"] + vals["amount"])
            rest[position] = (key, vals)
        return parents

    @api.model
    def _from_deposit(self, record):
        return {
            "tk": record.tk,
            "date": record.date,
            "amount": record.amount,
            "reference": str(record.serial) if record.serial else False,
            "outcome": "deposit",
        }

    @api.model
    def _from_payment(self, record):
        return {
            "tk": record.tk,
            "date": record.date,
            "payer_number": record.payer_number,
            "amount": record.amount,
            "reference": record.reference,
            "code": record.status,
            "text": self._get_meaning(PAYMENT_STATUS, record.status),
        }

    @api.model
    def _from_refund(self, record):
        return {
            "tk": "77",
            "date": record.refund_date,
            "payer_number": record.payer_number,
            "amount": record.amount,
            "reference": record.reference,
            "code": record.code,
            "text": self._get_meaning(REFUND_CODE, record.code),
        }

    @api.model
    def _from_advice(self, record):
        return {
            "tk": "73",
            "date": record.action_date,
            "new_date": record.debitable_from,
            "payer_number": record.payer_number,
            "holder_number": record.holder_number,
            "account_number": record.account,
            "reference": record.outcome,
            "code": record.information,
            "comment": record.comment,
            "text": self.env["brp.autogiro.mandate"]._get_advice_text(record.information, record.comment),
        }

    @api.model
    def _from_rejected(self, record):
        return {
            "tk": record.tk,
            "date": record.date,
            "payer_number": record.payer_number,
            "amount": record.amount,
            "reference": record.reference,
            "code": record.comment,
            "text": self._get_meaning(REJECTED_COMMENT, record.comment),
        }

    @api.model
    def _from_change(self, record):
        return {
            "tk": record.tk,
            "date": record.date,
            "new_date": record.new_date,
            "payer_number": record.payer_number,
            "amount": record.amount,
            "reference": record.reference,
            "code": record.comment,
            "comment": "done" if record.done else "",
            "text": self._get_meaning(CHANGE_COMMENT, record.comment),
        }

    @api.model
    def _from_application(self, record):
        lines = [record.text, *record.name_address, f"{record.postcode} {record.town}"]
        return {
            "tk": "52",
            "payer_number": record.payer_number,
            "holder_number": record.holder_number,
            "account_number": record.account,
            "code": str(record.message_type),
            "text": "\n".join(line.strip() for line in lines if line.strip()),
        }

    @api.model
    def _from_monitored(self, record):
        return {
            "tk": record.tk,
            "date": record.date,
            "payer_number": record.payer_number,
            "amount": record.amount,
            "reference": record.reference,
        }

    @api.model
    def _from_registered(self, record):
        return {
            "tk": "",
            "date": record.created,
            "new_date": record.changed,
            "payer_number": record.payer_number,
            "holder_number": record.holder_number,
            "account_number": record.account,
            "code": record.status,
            "comment": record.origin,
        }

    @api.model
    def _get_meaning(self, table, code):
        return meaning(table, code, self.env["brp.autogiro.report"]._get_short_language())

    # === WHAT A ROW IS ABOUT === #

    def _match(self):
        """Find the payment or mandate of each row, and say what the row will do."""
        for report, lines in self.sudo().grouped("report_id").items():
            getattr(lines, f"_match_{report.kind}")(report)
            for outcome, same in lines.grouped("outcome").items():
                same.attention = outcome in _ATTENTION

    def _find_payments(self, report):
        """Return {row: the payment that it is about}, by reference and payer number.

        A reference is unique; without one, or when the bank has changed it, the payer's only payment of
        that amount on that day is meant.
        """
        Payment = self.env["brp.autogiro.payment"].sudo()
        company = _of_company(report)
        by_reference = {
            payment.reference: payment
            for payment in Payment.search(
                [*company, ("reference", "in", [line.reference for line in self if line.reference])]
            )
        }
        unmatched = [line for line in self if line.reference not in by_reference]
        by_payer = Payment.search(
            [*company, ("payer_number", "in", list({line.payer_number for line in unmatched}))]
        ).grouped("payer_number")
        found = {}
        for line in self:
            payment = by_reference.get(line.reference)
            if payment and not payment._is_payer(line.payer_number):
                payment = None
            if not payment and not line.reference:
                alike = by_payer.get(line.payer_number, Payment).filtered(
                    lambda payment, line=line: (
                        payment.amount == line.amount
                        and payment.payment_date == line.date
                        and payment.state not in ("left_out", "selected")
                    )
                )
                payment = alike if len(alike) == 1 else None
            found[line] = payment or Payment
        return found

    def _match_payments(self, report):
        deposits = self.filtered(lambda line: line.tk in ("15", "16", "17"))
        rows = self - deposits
        known = deposits._find_known_deposits() if report.layout == "new" else self.browse()
        known.outcome = "known_deposit"
        before = rows._find_rows_before(report)
        known_parents = known + rows.parent_id.filtered(lambda line: line.outcome == "known_deposit")
        for line, payment in rows._find_payments(report).items():
            line.payment_id = payment
            line.move_id = payment.move_id
            line.partner_id = payment.partner_id
            if line in before or line.parent_id in known_parents:
                line.outcome = "stale"
            else:
                line.outcome = line._get_payment_outcome(payment)

    def _find_known_deposits(self):
        """Return those of these deposits that were booked from another report."""
        booked = {
            (line.tk, line.date, line.reference, line.amount)
            for line in self.search(
                [
                    ("company_id", "in", self.company_id.ids),
                    ("outcome", "=", "deposit"),
                    ("tk", "in", ("15", "16")),
                    ("date", "in", self.mapped("date")),
                    ("entry_id", "!=", False),
                    ("report_id", "not in", self.report_id.ids),
                ]
            )
        }
        return self.filtered(
            lambda line: line.reference and (line.tk, line.date, line.reference, line.amount) in booked
        )

    def _find_rows_before(self, report):
        """Return the rows that another report has booked: refunds, and payments of the old layout.

        The deposits of the new layout are told apart by their serial numbers instead.
        """
        tks = ("77",) if report.layout == "new" else ("77", "82", "32")
        rows = self.filtered(lambda line: line.tk in tks and (line.tk == "77" or line.code == "0"))
        if not rows:
            return rows
        booked = {
            (line.tk, line.date, line.payer_number, line.reference, line.amount)
            for line in self.search(
                [
                    ("company_id", "=", report.company_id.id),
                    ("report_id", "!=", report.id),
                    ("tk", "in", tks),
                    ("date", "in", rows.mapped("date")),
                    ("move_line_id", "!=", False),
                ]
            )
        }
        return rows.filtered(
            lambda line: (line.tk, line.date, line.payer_number, line.reference, line.amount) in booked
        )

    def _get_payment_outcome(self, payment):
        if self.tk == "77":
            return "refund" if payment.state == "approved" and payment.entry_line_id else "unknown_refund"
        if self.code == "0":
            if not payment or self.tk == "32":
                return "unknown"
            if payment.state in ("approved", "refunded"):
                return "again"
            if payment.amount != self.amount:
                return "differs"
            return "approve" if payment.state in LIVE else "late"
        if payment.state in ("selected", "sent", "pending"):
            return "pending" if self.code == "9" else "refuse"
        if not payment:
            return "not_here"
        return "conflict" if payment.state == "approved" and self.code != "9" else "stale"

    def _match_rejected(self, report):
        for line, payment in self._find_payments(report).items():
            line.payment_id = payment
            line.move_id = payment.move_id
            line.partner_id = payment.partner_id
            if not payment:
                line.outcome = "not_here"
            elif payment.state in LIVE:
                line.outcome = "reject"
            else:
                line.outcome = "conflict" if payment.state == "approved" else "stale"

    def _match_changes(self, report):
        at_bank = self._get_at_bank(report)
        for line in self:
            payments = line._pick_changed(at_bank)
            line.payment_id = payments[:1] if len(payments) == 1 else False
            line.move_id = line.payment_id.move_id
            line.partner_id = payments.partner_id if len(payments.partner_id) == 1 else False
            if not line.comment:
                line.outcome = "not_done"
            elif line.tk == "21":
                line.outcome = "agreement_ended"
            elif line.tk in ("26", "27", "28", "29"):
                line.outcome = "move" if payments else "stale"
            else:
                line.outcome = "cancel" if payments else "stale"

    def _get_at_bank(self, report):
        """Return {payer number: its payments at the bank}; those of all payers where a row names none."""
        domain = [*_of_company(report), ("state", "in", _AT_BANK)]
        numbers = {line.payer_number or False for line in self}
        if False not in numbers:
            domain.append(("payer_number", "in", list(numbers)))
        payments = self.env["brp.autogiro.payment"].sudo().search(domain)
        return {**payments.grouped("payer_number"), False: payments}

    def _pick_changed(self, at_bank):
        """Return the payments that a row of a change report means: one, a payer's or all.

        Of those that still wait: an earlier row may have cancelled or moved some.
        """
        day = self.tk != "23" and self.date
        one = self.tk in ("03", "11", "21", "23", "25", "29")
        reference = one and self.reference
        amount = one and self.amount
        return at_bank.get(self.payer_number or False, at_bank[False].browse()).filtered(
            lambda payment: (
                payment.state in _AT_BANK
                and (not day or payment.payment_date == day)
                and (not reference or payment.reference == reference)
                and (not amount or payment.amount == amount)
            )
        )

    def _match_advice(self, report):
        mandates = self._find_mandates(report)
        for line in self:
            line.mandate_id = mandates.get(line.payer_number)
            line.partner_id = line.mandate_id.partner_id
            if line.mandate_id:
                line.outcome = {
                    "active": "mandate_active",
                    "already_there": "mandate_active",
                    "refused": "mandate_refused",
                    "ended": "mandate_ended",
                }.get(line.reference, "mandate")
            else:
                # Cancelled twice, or the old number of a mandate that has its new one already.
                line.outcome = "stale" if line.reference == "ended" else "unknown_mandate"

    def _find_mandates(self, report):
        """Return {payer number: mandate}: the one in force or on its way, else the newest."""
        Mandate = self.env["brp.autogiro.mandate"].sudo()
        numbers = list({line.payer_number for line in self})
        company = _of_company(report)
        found = {
            mandate.new_payer_number: mandate
            for mandate in Mandate.search(
                [*company, ("new_payer_number", "in", numbers), ("request", "=", "change")]
            )
        }
        rank = {"active": 0, "sent": 1, "to_send": 2, "draft": 3}
        for mandate in Mandate.search([*company, ("payer_number", "in", numbers)], order="id desc").sorted(
            lambda mandate: rank.get(mandate.state, 4)
        ):
            found.setdefault(mandate.payer_number, mandate)
        return found

    def _match_electronic_mandates(self, report):
        mandates = self._find_mandates(report)
        holders = self._find_holders()
        for line in self:
            mandate = mandates.get(line.payer_number)
            known = mandate and (
                mandate.holder_number == line.holder_number and mandate.state not in ("refused", "ended")
            )
            line.mandate_id = mandate if known else False
            line.partner_id = line.mandate_id.partner_id or holders[line]
            line.outcome = "stale" if known else "application"

    def _find_holders(self):
        """Return {row: the only contact with its personal or organisation number, or none}."""
        Partner = self.env["res.partner"].sudo()
        numbers = {line.holder_number for line in self if line.holder_number}
        company = [("company_id", "in", (False, *self.report_id.company_id.ids))]
        by_number = defaultdict(Partner.browse)
        for partner in Partner.search([*company, ("personal_number", "in", list(numbers))]):
            by_number[partner.personal_number] += partner
        organisations = {number[2:] for number in numbers if number.startswith("00")}
        written = {f"SE{digits}01" for digits in organisations}
        registered = organisations | {f"{digits[:6]}-{digits[6:]}" for digits in organisations}
        for partner in Partner.search(
            [
                *company,
                ("is_company", "=", True),
                "|",
                ("vat", "in", list(written)),
                ("company_registry", "in", list(registered)),
            ]
        ):
            by_number[self.env["brp.autogiro.mandate"]._get_number_of(partner)] += partner
        return {
            line: found if len(found := by_number.get(line.holder_number, Partner)) == 1 else Partner
            for line in self
        }

    def _match_monitoring(self, report):
        for line, payment in self._find_payments(report).items():
            line.payment_id = payment
            line.move_id = payment.move_id
            line.partner_id = payment.partner_id
            line.outcome = "agrees" if payment.state in ("sent", "pending") else "not_here"

    def _match_register(self, report):
        mandates = self._find_mandates(report)
        holders = self._find_holders()
        for line in self.filtered(lambda line: line.outcome != "not_there"):
            mandate = mandates.get(line.payer_number)
            line.mandate_id = mandate
            line.partner_id = (mandate and mandate.partner_id) or holders[line]
            if not mandate:
                line.outcome = "mandate" if line.partner_id else "to_assign"
            elif mandate.state in ("refused", "ended") or (
                mandate.holder_number and mandate.holder_number != line.holder_number
            ):
                line.outcome = "misfit"
            else:
                line.outcome = "mandate" if line._differs_from(mandate) else "agrees"

    def _differs_from(self, mandate):
        return (
            (mandate.account_number or "") != (self.account_number or "")
            or (mandate.holder_number or "") != (self.holder_number or "")
            or mandate.state != ("active" if self.code == "1" else "sent")
        )

    # === DOING === #

    @api.model
    def _handle_some(self, report, limit):
        """Handle up to ``limit`` rows of a report.

        :return: whether anything was done
        """
        if report.kind == "payments":
            return self._handle_payments(report, limit)
        lines = self.search(
            [("report_id", "=", report.id), ("state", "=", "todo")], limit=limit, order="number, id"
        )
        if lines:
            lines._match()
            lines._note_batches_sent()
            getattr(lines, f"_do_{report.kind}")(report)
            lines.state = "done"
            return True
        return getattr(self, f"_complete_{report.kind}", lambda report: False)(report)

    def _note_batches_sent(self):
        """A file that Bankgirot answers about has been sent, whether anybody said so or not."""
        for batch in self.payment_id.batch_id.filtered(lambda batch: batch.state == "file"):
            batch._note_sent()

    @api.model
    def _handle_payments(self, report, limit):
        """Handle rows of a payment report: first what books nothing, then deposit by deposit, then
        refunds."""
        todo = [("report_id", "=", report.id), ("state", "=", "todo")]
        rows = self.search(
            [*todo, ("tk", "in", ("82", "32")), ("code", "!=", "0")], limit=limit, order="number, id"
        )
        if rows:
            rows._match()
            rows._note_batches_sent()
            rows._do_statuses()
            rows.state = "done"
            return True
        deposit = self.search(
            [
                ("report_id", "=", report.id),
                ("tk", "in", ("15", "16")),
                ("state", "in", ("todo", "entered")),
            ],
            limit=1,
            order="number, id",
        )
        if deposit:
            deposit._handle_deposit(limit)
            return True
        refunds = self.search([*todo, ("tk", "=", "77")], limit=limit, order="number, id")
        if refunds:
            refunds._match()
            if booked := refunds.filtered(lambda row: row.outcome != "stale"):
                booked._do_refunds()
            (refunds + refunds.parent_id).state = "done"
            return True
        self.search(todo).state = "done"
        return False

    def _do_statuses(self):
        """Note what was not carried out: tried again, or refused."""
        for text, lines in self.filtered(lambda line: line.outcome == "pending").grouped("text").items():
            lines.payment_id._note_pending(text)
        refused = self.filtered(lambda line: line.outcome == "refuse")
        refused.payment_id._note_failed(
            "refused",
            {line.payment_id: line.text for line in refused},
            refused.filtered(lambda line: line.code == "2").payment_id,
        )

    def _handle_deposit(self, limit):
        """Bring one deposit a step further: rows into its entry, the entry posted, rows matched."""
        self.ensure_one()
        rows = [("parent_id", "=", self.id)]
        if not self.entry_id:
            self._match()
            if self.outcome == "known_deposit":
                children = self.search(rows)
                children._match()
                (self + children).state = "done"
                return
        if self.state == "todo":
            some = self.search([*rows, ("state", "=", "todo")], limit=limit, order="number, id")
            if some:
                some._match()
                some._note_batches_sent()
                before = some.filtered(lambda line: line.outcome == "stale")
                before.state = "done"
                self._enter(some - before)
                return
            if self.entry_id:
                self._check_entry()
                self.entry_id._post(soft=False)
            self.state = "entered"
            return
        some = self.search([*rows, ("state", "=", "entered")], limit=limit, order="number, id")
        if some:
            some._settle()
        else:
            self.state = "done"

    def _check_entry(self):
        """Refuse to post an entry that somebody has changed since its rows were entered."""
        rows = self.search([("parent_id", "=", self.id), ("state", "=", "entered")])
        total = self.currency_id.round(sum(rows.mapped("amount")))
        items = rows.move_line_id
        booked = self.currency_id.round(abs(sum(items.mapped("balance"))))
        if len(items) != len(rows) or booked != total or self.entry_id.state != "draft":
            raise UserError(
                self.env._(
                    "The entry %(entry)s holds %(booked)s, the report %(total)s. Somebody has changed it.",
                    entry=self.entry_id.ref,
                    booked=self.currency_id.format(booked),
                    total=self.currency_id.format(total),
                )
            )

    def _enter(self, rows):
        """Add rows to the draft entry of this deposit, which balances after every step."""
        if not rows:
            return
        line = self._get_method_line()
        sign = -1 if self.tk == "15" else 1
        entry = self.entry_id
        if not entry:
            entry = self.entry_id = self._create_entry(line)
        accounts = rows._get_receivable_accounts()
        suspense = line.journal_id.suspense_account_id
        items = self.env["account.move.line"].with_context(
            check_move_validity=False, skip_invoice_sync=True, tracking_disable=True
        )
        total = self.currency_id.round(sum(rows.mapped("amount")))
        clearing = entry.line_ids.filtered(lambda item: item.account_id == line.payment_account_id)
        created = items.create(
            [
                {
                    "move_id": entry.id,
                    "account_id": accounts[row].id if row.move_id else suspense.id,
                    "partner_id": row.move_id.commercial_partner_id.id,
                    "name": row.move_id.name or self.env._("Unidentified, line %s of the report", row.number),
                    "balance": sign * row.amount,
                    "currency_id": self.currency_id.id,
                    "amount_currency": sign * row.amount,
                }
                for row in rows
            ]
        )
        for row, item in zip(rows, created, strict=True):
            row.move_line_id = item
        if clearing:
            balance = clearing.balance - sign * total
            clearing.with_context(check_move_validity=False, skip_invoice_sync=True).write(
                {"balance": balance, "amount_currency": balance}
            )
        else:
            items.create(
                {
                    "move_id": entry.id,
                    "account_id": line.payment_account_id.id,
                    "name": entry.ref,
                    "balance": -sign * total,
                    "currency_id": self.currency_id.id,
                    "amount_currency": -sign * total,
                }
            )
        rows.state = "entered"

    def _create_entry(self, line):
        text = {
            "15": self.env._("Autogiro deposit"),
            "16": self.env._("Autogiro withdrawal"),
        }[self.tk]
        return (
            self.env["account.move"]
            .with_context(tracking_disable=True)
            .create(
                {
                    "move_type": "entry",
                    "journal_id": line.journal_id.id,
                    "date": self.date,
                    "ref": " ".join(filter(None, (text, self.reference, fields.Date.to_string(self.date)))),
                }
            )
        )

    def _get_method_line(self):
        company = self.report_id.company_id
        company._check_autogiro_settings()
        return company.autogiro_method_line_id

    def _get_receivable_accounts(self):
        """Return {row: the receivable account of its invoice}, with one query."""
        accounts = {
            move.id: account
            for move, account in self.env["account.move.line"]._read_group(
                [("move_id", "in", self.move_id.ids), ("account_id.account_type", "=", "asset_receivable")],
                ["move_id", "account_id"],
            )
        }
        return {row: accounts[row.move_id.id] for row in self if row.move_id}

    def _settle(self):
        """Match the items of approved payments with their invoices, and note the payments as approved."""
        open_items = (
            self.env["account.move.line"]
            .search(
                [
                    ("move_id", "in", self.move_id.ids),
                    ("account_id.account_type", "=", "asset_receivable"),
                    ("reconciled", "=", False),
                    ("parent_state", "=", "posted"),
                ]
            )
            .grouped("move_id")
        )
        plan = []
        planned = set()
        for row in self:
            items = open_items.get(row.move_id)
            if not row.move_line_id:
                raise UserError(
                    self.env._("The journal item of line %s of the report is missing.", row.number)
                )
            if not items or row.move_id in planned:
                # Paid in another way meanwhile, or twice in this report: the customer has it to his credit.
                if row.outcome in ("approve", "late", "differs"):
                    row.write({"outcome": "again", "attention": True})
            else:
                residual = sum(items.mapped("amount_residual"))
                if row.outcome == "approve" and row.currency_id.compare_amounts(residual, row.amount) < 0:
                    row.write({"outcome": "differs", "attention": True})
                planned.add(row.move_id)
                plan.append(row.move_line_id + items)
        self._reconcile(plan, self.parent_id.entry_id)
        for row in self.filtered("payment_id"):
            if row.payment_id.state not in ("approved", "refunded"):
                row.payment_id.write(
                    {"state": "approved", "entry_line_id": row.move_line_id.id, "message": row.text}
                )
        self._stop_other_payments()
        self.state = "done"

    def _stop_other_payments(self):
        """See to it that an invoice that is paid now is not collected by another payment as well.

        This happens when a file that was discarded had been sent after all, or when a refused payment
        turned out to be approved.
        """
        others = self.env["brp.autogiro.payment"].search(
            [
                ("move_id", "in", self.move_id.ids),
                ("state", "in", LIVE),
                ("id", "not in", self.payment_id.ids),
            ]
        )
        others.filtered(lambda payment: payment.batch_id.state == "draft").write(
            {"state": "left_out", "reason": "changed"}
        )
        others = others.filtered(lambda payment: payment.state in LIVE)
        if others:
            rows = self.filtered(lambda row: row.move_id in others.move_id)
            rows.write({"outcome": "late", "attention": True})
            others._ask_responsible(
                {
                    other: self.env._(
                        "The invoice is paid by another payment. Cancel %(payment)s in %(batch)s, or it is"
                        " collected twice.",
                        payment=other.reference or other.move_id.name,
                        batch=other.batch_id.name,
                    )
                    for other in others
                },
                self.env._("Autogiro: collected twice"),
            )

    @api.model
    def _reconcile(self, plan, entries):
        """Match journal items, without Odoo working out anew what matching them cannot change.

        To Odoo the amounts of an invoice depend on all items of the entry that paid it: in an entry of ten
        thousand, every batch that is matched would sum up again all that were matched before.

        :param plan: what to match, as Odoo's own reconciliation plan
        :param entries: our entries whose items are matched
        """
        Move = self.env["account.move"]
        amounts = [
            field
            for field in Move._fields.values()
            if field.store and field.compute in ("_compute_amount", "_compute_payment_state")
        ]
        earlier = entries.line_ids.matched_debit_ids.debit_move_id.move_id
        changed = self.env["account.move.line"].union(*plan).move_id
        with self.env.protecting(amounts, entries + earlier - (changed - entries)):
            self.env["account.move.line"].with_context(
                skip_invoice_sync=True, check_move_validity=False, tracking_disable=True
            )._reconcile_plan(plan)
            self.env.flush_all()

    def _do_refunds(self):
        """Book refunds, each an entry of its own as each is a withdrawal of its own, and reopen invoices."""
        line = self._get_method_line()
        accounts = {row: row.payment_id.entry_line_id.account_id for row in self if row.outcome == "refund"}
        suspense = line.journal_id.suspense_account_id
        entries = self.env["account.move"].create(
            [
                {
                    "move_type": "entry",
                    "journal_id": line.journal_id.id,
                    "date": row.parent_id.date or row.date,
                    "ref": " ".join(
                        filter(
                            None,
                            (
                                self.env._("Autogiro refund"),
                                row.parent_id.reference,
                                row.move_id.name or row.reference,
                            ),
                        )
                    ),
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": accounts.get(row, suspense).id,
                                "partner_id": row in accounts and row.move_id.commercial_partner_id.id,
                                "name": row.move_id.name
                                or self.env._("Unidentified, line %s of the report", row.number),
                                "balance": row.amount,
                            }
                        ),
                        Command.create(
                            {
                                "account_id": line.payment_account_id.id,
                                "name": row.text,
                                "balance": -row.amount,
                            }
                        ),
                    ],
                }
                for row in self
            ]
        )
        entries._post(soft=False)
        plan = []
        for row, entry in zip(self, entries, strict=True):
            row.entry_id = entry
            row.move_line_id = entry.line_ids[0]
            if row.outcome == "refund":
                paid = row.payment_id.entry_line_id
                (paid.matched_debit_ids + paid.matched_credit_ids).unlink()
                plan.append(paid + row.move_line_id)
        self._reconcile(plan, self.entry_id)
        known = self.filtered(lambda row: row.outcome == "refund")
        for row in known:
            row.payment_id.write({"state": "refunded", "message": row.text})
            if row.move_id.currency_id.is_zero(row.move_id.amount_residual):
                row.write({"outcome": "refund_closed", "attention": True})
        known.move_id.autogiro_blocked = True
        known.payment_id._ask_responsible(
            {row.payment_id: row.text for row in known},
            self.env._("Autogiro payment refunded"),
            "brp_autogiro.mail_activity_decide",
        )

    def _do_rejected(self, _report):
        rejected = self.filtered(lambda line: line.outcome == "reject")
        rejected.payment_id._note_failed(
            "rejected",
            {line.payment_id: line.text for line in rejected},
            rejected.filtered(lambda line: line.code in ("01", "02")).payment_id,
        )

    def _do_changes(self, report):
        at_bank = self._get_at_bank(report)
        cancelled = {}
        for line in self:
            payments = line._pick_changed(at_bank)
            if line.outcome in ("cancel", "agreement_ended"):
                cancelled.update((payment, (line.text, payment.change == "cancel")) for payment in payments)
                payments._note_cancelled(line.text, block=False)
            elif line.outcome == "move":
                payments.write({"payment_date": line.new_date, "change": False, "message": line.text})
            elif line.outcome == "not_done":
                payments.write({"change": False, "message": line.text})
        at_bank[False].browse().union(*cancelled).move_id.autogiro_blocked = True
        at_bank[False]._ask_responsible(
            {payment: text for payment, (text, asked) in cancelled.items() if not asked},
            self.env._("Autogiro payment cancelled by the bank"),
            "brp_autogiro.mail_activity_decide",
        )

    def _do_advice(self, _report):
        for line in self.filtered("mandate_id"):
            if line._answers_rejection() or not line._apply_advice():
                line.write({"outcome": "misfit", "attention": True})

    def _apply_advice(self):
        """Change the mandate as the row says.

        :return: whether the row fitted the mandate
        """
        mandate = self.mandate_id
        if self.code == "05":
            if self._gives_new_number():
                applied = mandate._apply_new_number()
                mandate.message = self.text
                return applied
            if self.reference == "active" and mandate.payer_number != self.payer_number:
                return False
            if self.reference == "ended" and (
                mandate.request == "change" or mandate.payer_number != self.payer_number
            ):
                return True  # the old number: the new one has a row of its own
        return mandate._apply_advice(self.reference, self.code, self.comment, self.date, self.new_date)

    def _gives_new_number(self):
        """Say whether the bank has given the mandate the payer number that it waits for."""
        mandate = self.mandate_id
        return (
            self.code == "05"
            and self.reference == "active"
            and mandate.request == "change"
            and mandate.new_payer_number == self.payer_number
        )

    def _answers_rejection(self):
        """Say whether the bank may mean an application that we rejected, not a mandate in force.

        Both have the same payer number when a payer has typed somebody else's.
        """
        mandate = self.mandate_id
        return (
            self.code == "03"
            and self.reference == "ended"
            and mandate.state == "active"
            and mandate.request != "cancel"
            and bool(
                mandate.search_count(
                    [
                        ("company_id", "=", mandate.company_id.id),
                        ("payer_number", "=", self.payer_number),
                        ("origin", "=", "internet_bank"),
                        ("state", "=", "refused"),
                    ],
                    limit=1,
                )
            )
        )

    def _do_electronic_mandates(self, report):
        self.filtered(lambda line: line.outcome == "application")._create_mandates(
            lambda line: {
                "company_id": report.company_id.id,
                "partner_id": line.partner_id.id,
                "origin": "internet_bank",
                "payer_number": line.payer_number,
                "account_number": line.account_number,
                "holder_number": line.holder_number,
                "payer_text": line.text,
                "answer_before": report.written and add_bank_days(report.written, _ANSWER_DAYS),
            }
        )

    def _create_mandates(self, get_values):
        """Make the mandates that these rows tell of.

        :param get_values: returns the values of a row's mandate
        """
        mandates = self.env["brp.autogiro.mandate"].create([get_values(line) for line in self])
        for line, mandate in zip(self, mandates, strict=True):
            line.mandate_id = mandate

    def _do_monitoring(self, _report):
        """A list of what waits at the bank changes nothing here."""

    def _complete_monitoring(self, report):
        """Add a row for every payment that should wait at the bank and is not in the extract."""
        listed = self.search([("report_id", "=", report.id)])
        if listed.filtered(lambda line: line.outcome == "not_there"):
            return False
        missing = self.env["brp.autogiro.payment"].search(
            [
                *_of_company(report),
                ("state", "in", ("sent", "pending")),
                ("id", "not in", listed.payment_id.ids),
                ("batch_id.sent_date", "<", report.written),
            ]
        )
        return self._create_missing(report, "payment_id", missing)

    def _do_register(self, report):
        lines = self.filtered(lambda line: line.outcome in ("mandate", "to_assign"))
        known = lines.filtered("mandate_id")
        new = lines - known
        first = self.browse().union(*(alike[0] for alike in new.grouped("payer_number").values()))
        taken = UserError(
            self.env._("Somebody is registering one of these mandates at this very moment. Try again.")
        )
        with telling_no_number(self.env, taken):
            for line in known:
                line.mandate_id.write(line._get_registered_values(report))
            first._create_mandates(
                lambda line: {
                    **line._get_registered_values(report),
                    "company_id": report.company_id.id,
                    "partner_id": line.partner_id.id,
                    "payer_number": line.payer_number,
                    "account_type": line._get_account_type(),
                    "origin": "register",
                }
            )
        if again := new - first:
            # The same payer number once more: compared with the mandate that its first row has made.
            again._match()
            again._do_register(report)

    def _get_registered_values(self, report):
        """Return what the register says of a mandate."""
        return {
            "account_number": self.account_number,
            "holder_number": self.holder_number,
            "state": "active" if self.code == "1" else "sent",
            "debitable_from": self.mandate_id.debitable_from
            or (
                self.date
                and report.company_id._get_autogiro_debitable_from(self._get_account_type(), self.date)
            ),
        }

    def _get_account_type(self):
        return "bank" if self.account_number else "bankgiro"

    def _complete_register(self, report):
        """Add a row for every mandate in force here that the bank's register does not have."""
        listed = self.search([("report_id", "=", report.id)])
        if listed.filtered(lambda line: line.outcome == "not_there"):
            return False
        missing = self.env["brp.autogiro.mandate"].search(
            [*_of_company(report), ("state", "=", "active"), ("id", "not in", listed.mandate_id.ids)]
        )
        return self._create_missing(report, "mandate_id", missing)

    @api.model
    def _create_missing(self, report, field, records):
        self.create(
            [
                {
                    "report_id": report.id,
                    field: record.id,
                    "partner_id": record.partner_id.id,
                    "outcome": "not_there",
                    "attention": True,
                    "state": "done",
                }
                for record in records
            ]
        )
        return bool(records)

    # === SOLVING BY HAND === #

    def action_assign(self):
        """Give unidentified money to the invoice or customer chosen on the row, or note a row as looked
        at."""
        self.report_id._check_may_book()
        for line in self.sudo():
            if line.report_id.state in ("new", "running"):
                raise UserError(self.env._("Book the report first."))
            if line.outcome in ("unknown", "unknown_refund") and line.move_line_id:
                line._assign_money()
            elif line.outcome == "to_assign":
                if not (line.partner_id or line.mandate_id.partner_id):
                    raise UserError(self.env._("Choose the customer whose mandate this is."))
                line.mandate_id.partner_id = line.mandate_id.partner_id or line.partner_id
            elif line.mandate_id and (line.outcome == "unknown_mandate" or line._gives_new_number()):
                line._apply_advice_by_hand()
            line.state = "assigned"
        self.report_id._look_again()

    def _apply_advice_by_hand(self):
        """Change the mandate that a person has chosen, and refuse when the row does not fit it."""
        mandate = self.mandate_id
        if not self._apply_advice():
            states = dict(mandate._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(advice)s: this does not fit %(mandate)s (%(state)s), and nothing was changed. Choose"
                    " another mandate or none, or put that one right first.",
                    advice=self.text,
                    mandate=mandate.name,
                    state=states[mandate.state],
                )
            )

    def _assign_money(self):
        """Move an unidentified amount from the suspense account to a customer, and match it with the
        invoice."""
        partner = self.move_id.commercial_partner_id or self.partner_id.commercial_partner_id
        if not partner:
            raise UserError(self.env._("Choose the invoice or the customer that the money belongs to."))
        self.partner_id = self.partner_id or partner
        method = self._get_method_line()
        account = (
            self._get_receivable_accounts()[self]
            if self.move_id
            else partner.with_company(self.report_id.company_id).property_account_receivable_id
        )
        balance = self.move_line_id.balance
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": method.journal_id.id,
                "date": fields.Date.context_today(self),
                "ref": self.env._("Autogiro, assigned: %s", self.move_line_id.move_id.name),
                "line_ids": [
                    Command.create(
                        {
                            "account_id": self.move_line_id.account_id.id,
                            "name": self.move_line_id.name,
                            "balance": -balance,
                        }
                    ),
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": partner.id,
                            "name": self.move_id.name or self.move_line_id.name,
                            "balance": balance,
                        }
                    ),
                ],
            }
        )
        entry._post(soft=False)
        paid = self.move_id.autogiro_payment_ids.filtered(lambda payment: payment.state == "approved")
        if self.outcome == "unknown_refund" and paid.entry_line_id:
            # The refund of a payment that is booked: the invoice is open again.
            paid = paid[:1]
            (paid.entry_line_id.matched_debit_ids + paid.entry_line_id.matched_credit_ids).unlink()
            (entry.line_ids[1] + paid.entry_line_id).reconcile()
            paid.write({"state": "refunded", "message": self.text})
            self.move_id.autogiro_blocked = True
        elif self.move_id:
            items = self.move_id.line_ids.filtered(
                lambda item: item.account_id == account and not item.reconciled
            )
            (entry.line_ids[1] + items).reconcile()


def _of_company(report):
    """Return the domain of what belongs to the company of a report."""
    return [("company_id", "=", report.company_id.id)]
