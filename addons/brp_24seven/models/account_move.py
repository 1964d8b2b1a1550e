import hashlib
import json
from collections import Counter
from decimal import Decimal

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_is_zero

from ..orders import fit, rows_of
from .office import SEVERAL
from .res_partner import INVOICE_TYPES

_DIGITS = 6  # of a rate of exchange
_NAMED = 10  # of many, in a message
STATES = [
    ("waiting", "On Its Way"),
    ("order", "Not Published"),
    ("invoiced", "Published, Not Paid"),
    ("paid", "Paid"),
    ("deleted", "Deleted There"),
]


class AccountMove(models.Model):
    """An invoice that is handed over to 24SevenOffice, and what has become of it there."""

    _inherit = "account.move"

    seven_type = fields.Selection(
        INVOICE_TYPES,
        string="Invoice Type",
        compute="_compute_seven_type",
        store=True,
        readonly=False,
        tracking=True,
        help="An invoice is sent to the customer from here. Data for accounting is handed over to"
        " 24SevenOffice as an order, which is published there.",
    )
    seven_state = fields.Selection(
        STATES, string="At 24SevenOffice", readonly=True, copy=False, index="btree_not_null"
    )
    seven_order = fields.Char(string="Order There", readonly=True, copy=False, index="btree_not_null")
    seven_identity = fields.Char(
        readonly=True, copy=False, groups="base.group_system", help="Of the company there that has the order."
    )
    seven_invoice = fields.Char(string="Invoice There", readonly=True, copy=False)
    seven_paid_date = fields.Date(string="Paid There", readonly=True, copy=False)
    seven_fingerprint = fields.Char(readonly=True, copy=False, help="Of what the order there says.")
    seven_round = fields.Integer(readonly=True, copy=False, help="How often it has been handed over.")
    seven_checked = fields.Datetime(string="Checked", readonly=True, copy=False)
    seven_difference = fields.Text(
        readonly=True, copy=False, help="How the order's amounts differ from the invoice's."
    )
    seven_problem = fields.Text(compute="_compute_seven_problem", help="Why it has not been handed over.")
    seven_delay = fields.Text(compute="_compute_seven_problem", help="Why it is still on its way.")
    seven_several = fields.Boolean(
        compute="_compute_seven_problem", help="It is not known which customer there it is for."
    )
    seven_changed = fields.Boolean(
        compute="_compute_seven_changed", help="The order there says what the invoice said before."
    )

    @api.depends("partner_id", "company_id", "move_type")
    def _compute_seven_type(self):
        for move in self:
            if move.move_type not in ("out_invoice", "out_refund"):
                move.seven_type = False
                continue
            original = move.reversed_entry_id.seven_type
            customer = move.partner_id.commercial_partner_id.with_company(move.company_id)
            move.seven_type = original or customer.seven_type or "invoice"

    @api.depends_context("uid")
    def _compute_seven_problem(self):
        # Who only sees own invoices is not told whom a customer was taken for.
        may_see = self.env.su or self._may_ask_seven()
        found = self._get_seven_exchanges(("pending", "failed", "blocked")) if may_see else ()
        by_move = {exchange.res_id: exchange for exchange in found}
        for move in self:
            exchange = by_move.get(move.id)
            waits = exchange and exchange.state == "pending"
            move.seven_problem = exchange and not waits and exchange.error
            move.seven_delay = waits and exchange._get_delay()
            move.seven_several = exchange and not waits and exchange.error_code == SEVERAL

    @api.depends("seven_order", "seven_invoice", "seven_fingerprint", "state")
    def _compute_seven_changed(self):
        for move in self:
            told = move.seven_order and not move.seven_invoice and move.seven_fingerprint
            move.seven_changed = (
                told and move.state == "posted" and told != move.sudo()._get_seven_fingerprint()
            )

    def _get_seven_exchanges(self, states):
        return (
            self.env["brp.exchange"]
            .sudo()
            .search(
                [
                    ("operation", "=", "24seven_order"),
                    ("res_model", "=", self._name),
                    ("res_id", "in", self.ids),
                    ("state", "in", states),
                ]
            )
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_at_seven(self):
        for move in self.sudo():
            if move._get_seven_exchanges(("pending",)).filtered("unsure"):
                raise UserError(
                    self.env._(
                        "It is not known yet whether 24SevenOffice has %s: wait until it is, or give it up.",
                        move.display_name,
                    )
                )
            if move.seven_order:
                raise UserError(
                    self.env._(
                        "%(name)s is order %(order)s at 24SevenOffice. Delete the order there and check the"
                        " status, or cancel the invoice.",
                        name=move.display_name,
                        order=move.seven_order,
                    )
                )

    # === ACTIONS === #

    def action_seven_send(self):
        """Hand the invoices over to 24SevenOffice, or tell that it has them already."""
        self.check_access("read")
        if not self._may_send_to_seven():
            raise UserError(self.env._("Those who invoice hand invoices over."))
        told = self.sudo()._send_to_seven()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if told["sent"] else "info",
                "message": told["message"],
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _may_send_to_seven(self):
        # What is computed is computed with all rights: only a job is nobody's.
        job = self.env.uid == SUPERUSER_ID
        return job or self.env.user.has_group("account.group_account_invoice")

    def action_seven_check(self):
        """Ask 24SevenOffice what has become of the invoices, and tell it."""
        self._check_may_ask_seven()
        for connection, moves in self._group_by_connection().items():
            connection._check_seven(moves)
        states = dict(self._fields["seven_state"]._description_selection(self.env))
        counts = Counter(states[move.seven_state] for move in self if move.seven_state)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": ", ".join(
                    state if len(self) == 1 else f"{state}: {count}" for state, count in counts.items()
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def action_seven_choose(self):
        """Choose the customer at 24SevenOffice by hand."""
        self.ensure_one()
        self._check_may_ask_seven()
        return self.env["brp.24seven.choose"]._open(self)

    def _check_may_ask_seven(self):
        """Refuse those who see no more of the books than their own invoices."""
        self.check_access("read")
        if not self._may_ask_seven():
            raise UserError(self.env._("Those who invoice ask 24SevenOffice."))

    def _may_ask_seven(self):
        return self.env.user.has_groups("account.group_account_invoice,account.group_account_readonly")

    # === SENDING === #

    def _group_by_connection(self):
        """Return {connection: invoices}; an error tells of a company that has none."""
        groups = {}
        for company, moves in self.grouped("company_id").items():
            connection = self.env["brp.connection"].sudo()._find_seven(company)
            groups[connection] = moves.sudo()
        return groups

    def _send_to_seven(self):
        """Put the invoices in the queue; what is there already, unchanged, is left.

        :return: {"sent": how many, "message": for the user}
        """
        sent, there, refused = 0, self.browse(), []
        for connection, moves in self._group_by_connection().items():
            moves, told = moves._split_by_whether_they_may_go()
            refused += told
            if moves.try_lock_for_update() != moves:
                raise UserError(self.env._("Somebody else works with these invoices. Try again in a moment."))
            waiting = moves._find_seven_waiting()
            waiting.filtered(lambda exchange: exchange.state != "pending")._retry()
            fresh = moves - moves.browse(waiting.mapped("res_id"))
            same = fresh.filtered(lambda move, connection=connection: move._is_same_at_seven(connection))
            changed = fresh - same
            changed._enqueue_to_seven(connection)
            moves.browse(waiting.mapped("res_id"))._write_seven({"seven_state": "waiting"})
            sent += len(moves - same)
            there |= same
        messages = [self.env._("%s on the way to 24SevenOffice.", sent)] if sent else []
        if there:
            numbers = ", ".join(f"{move.name} ({move.seven_order})" for move in there[:_NAMED])
            messages.append(self.env._("Already there: %s.", numbers))
        return {"sent": sent, "message": " ".join([*messages, *refused[:_NAMED]])}

    def _split_by_whether_they_may_go(self):
        """Return (those that may be handed over, why each of the others may not).

        :raises UserError: none of them may
        """
        may, refused = self.browse(), []
        for move in self:
            try:
                move._check_may_go_to_seven()
            except UserError as error:
                refused.append(str(error))
            else:
                may += move
        if not may:
            raise UserError("\n".join(refused[:_NAMED]))
        return may, refused

    def _find_seven_waiting(self):
        """Return what waits to be sent of the invoices, or is sent after all: one of each at most."""
        keys = {move._get_seven_key() for move in self}
        found = self._get_seven_exchanges(("pending", "failed", "blocked", "cancelled")).filtered(
            # Of what was given up, what says the same, and what may be there: it is looked up.
            lambda exchange: exchange.state != "cancelled" or exchange.unsure or exchange.key in keys
        )
        by_move = {}
        for exchange in found.sorted(lambda exchange: (exchange.state != "cancelled", exchange.id)):
            by_move[exchange.res_id] = exchange
        return found[:0].concat(*by_move.values())

    def _enqueue_to_seven(self, connection):
        exchanges = self.env["brp.exchange"]._enqueue(
            connection, "24seven_order", self, key=lambda move: move._get_seven_key()
        )
        # An order that was not told of once may be there all the same.
        gone = set(self.filtered(lambda move: move.seven_state == "deleted").ids)
        exchanges.filtered(lambda exchange: exchange.res_id in gone).unsure = True
        self._write_seven({"seven_state": "waiting"})

    def _write_seven(self, values):
        """Write what is ours alone: the entry stays as it is, and need not be gone through again."""
        self.with_context(skip_invoice_sync=True, check_move_validity=False).write(values)

    def _is_same_at_seven(self, connection):
        """Return whether the order there says what the invoice says."""
        known = self._get_seven_number(connection)
        # What differs may have been put right in the settings.
        return known and not self.seven_difference and self.seven_fingerprint == self._get_seven_fingerprint()

    def _is_for_seven(self):
        """Return whether it is posted data for accounting that is not published there."""
        self.ensure_one()
        return self.state == "posted" and self.seven_type == "accounting" and not self.seven_invoice

    def _get_seven_number(self, connection):
        """Return the number of the order at the company that a connection is to; None when there is none."""
        here = self.seven_order and self.seven_identity == connection.sudo().seven_identity
        return int(self.seven_order) if here else None

    def _check_may_go_to_seven(self):
        """Refuse what cannot be handed over, with what to do about it."""
        self.ensure_one()
        if self.move_type not in ("out_invoice", "out_refund"):
            raise UserError(self.env._("%s is no customer invoice.", self.display_name))
        self._check_is_posted()
        if self.seven_type != "accounting":
            raise UserError(
                self.env._("%s is an invoice: choose Data for Accounting to hand it over.", self.name)
            )
        if self.seven_invoice:
            raise UserError(
                self.env._(
                    "%(name)s is published at 24SevenOffice as invoice %(number)s and cannot be changed"
                    " there. Credit it.",
                    name=self.name,
                    number=self.seven_invoice,
                )
            )

    def _check_is_posted(self):
        if self.state != "posted":
            raise UserError(self.env._("Post %s first.", self.display_name))

    def _get_seven_key(self):
        """Return what tells this sending from others of the same invoice."""
        self.ensure_one()
        return f"24seven_order {self._name},{self.id} {self.seven_round} {self._get_seven_fingerprint()}"

    def _get_seven_fingerprint(self):
        """Return what changes when the invoice says something else."""
        lines = [
            (line.display_type, line.name, str(line.rent_start), str(line.rent_stop), line.price_unit,
             line.quantity, line.discount, line.tax_ids.ids, line.analytic_distribution,
             line.display_type == "rounding" and line.amount_currency)
            for line in self._get_seven_lines()
        ]  # fmt: skip
        says = [
            self.name, str(self.invoice_date), str(self.invoice_date_due), self.partner_id.id,
            self.partner_id.email_normalized, self._get_seven_person(), self.currency_id.name, lines,
        ]  # fmt: skip
        told = json.dumps(says, sort_keys=True, default=str)
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def _get_seven_lines(self):
        kinds = ("product", "line_section", "line_subsection", "line_note")
        lines = self.invoice_line_ids.filtered(lambda line: line.display_type in kinds).sorted(
            lambda line: (line.sequence, line.id)
        )
        # That of a rounding that changes the VAT is none of its own.
        lines += self.line_ids.filtered(
            lambda line: line.display_type == "rounding" and not line.tax_repartition_line_id
        )
        # Those of all invoices are read together.
        return lines.with_prefetch(self.line_ids._prefetch_ids)

    def _get_seven_order(self, connection, customer, product):
        """Return the invoice as ``InvoiceOrder``.

        :param customer: the service's number of the customer
        :param product: its number of the product that all lines are of
        :raises UserError: 24SevenOffice cannot have such an invoice
        """
        self.ensure_one()
        lines = self._get_seven_lines()
        taxes = [line._get_seven_tax() for line in lines if line.display_type == "product"]
        with_vat = bool(taxes) and all(tax.price_include for tax in taxes if tax.amount)
        with_vat = with_vat and any(tax.price_include for tax in taxes)
        days = ((self.invoice_date_due or self.invoice_date) - self.invoice_date).days
        order = {
            "CustomerId": customer,
            "OrderStatus": connection.seven_status,
            "DateOrdered": self.invoice_date,
            "PaymentTime": max(days, 0),  # below zero are the service's own terms, as from the end of a month
            "IncludeVAT": with_vat,
            "ExternalStatus": self.id,
            "InvoiceEmailAddress": self.partner_id.email_normalized or None,
            "ReferenceNumber": self.name[:50],
            "InvoiceRows": rows_of([line._get_seven_line(connection, with_vat) for line in lines], product),
        }
        person = self._get_seven_person()
        if person:
            most = {"InvoiceTitle": 300, "InvoiceText": 750, "YourReference": 50}[connection.seven_comment]
            order[connection.seven_comment] = fit(person, most)
        if self.currency_id != self.company_currency_id:
            rate = round(1 / Decimal(repr(self.invoice_currency_rate)), _DIGITS)
            order["Currency"] = {"Rate": rate, "Unit": 1, "Symbol": self.currency_id.name}
        return {name: value for name, value in order.items() if value is not None}

    def _get_seven_person(self):
        """Return the name of the person, when an organisation is invoiced."""
        partner = self.partner_id
        organisation = partner._get_seven_customer().is_company or partner.company_name
        return partner.name if organisation and not partner.is_company else ""

    def _compare_with_seven(self, total, vat):
        """Return how an order's amounts differ from the invoice's, for the user; False when they do not.

        :param total: including VAT, None when it was not told
        """
        sign = -1 if self.move_type == "out_refund" else 1
        currency = self.currency_id
        pairs = [
            (self.env._("Total"), sign * self.amount_total, total),
            (self.env._("VAT"), sign * self.amount_tax, vat),
        ]
        differing = [
            self.env._(
                "%(what)s is %(theirs)s there and %(ours)s here.",
                what=what,
                theirs=currency.format(float(theirs or 0)),
                ours=currency.format(ours),
            )
            for what, ours, theirs in pairs
            if not float_is_zero(ours - float(theirs or 0), precision_rounding=currency.rounding)
        ]
        return "\n".join(differing) or False
