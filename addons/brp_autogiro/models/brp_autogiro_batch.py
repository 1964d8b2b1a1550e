import hashlib
import logging
from base64 import b64encode
from collections import defaultdict
from datetime import timedelta

from dateutil.relativedelta import relativedelta
from psycopg2 import OperationalError

from odoo import SUPERUSER_ID, Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..bankgirot import (
    CancelPayment,
    Collect,
    MovePayment,
    OutgoingError,
    Section,
    add_bank_days,
    bank_day_on_or_after,
    seal,
    write_file,
)
from ..exchange_folder import ExchangeFolder
from .brp_autogiro_payment import LIVE
from .guard import refuse_direct_changes

_logger = logging.getLogger(__name__)

_BY_STEPS = frozenset(
    {
        "name",
        "kind",
        "company_id",
        "state",
        "automatic",
        "file_data",
        "file_name",
        "file_hash",
        "file_date",
        "via_folder",
        "told",
        "requests",
        "sent_date",
        "sent_by_id",
    }
)
_FIXED_BY_FILE = frozenset({"payment_date", "period_start", "period_end"})

# Twelve digits of öre are what the file has room for.
_HIGHEST_AMOUNT = 9_999_999_999.99


class AutogiroBatch(models.Model):
    """A file to Bankgirot: payments to collect, requests about mandates, or changes of payments."""

    _name = "brp.autogiro.batch"
    _description = "Autogiro Batch"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"

    name = fields.Char(readonly=True, copy=False, default=lambda self: self.env._("New"))
    kind = fields.Selection(
        [("payments", "Payments"), ("mandates", "Mandates"), ("changes", "Cancelled and moved payments")],
        default="payments",
        required=True,
        readonly=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one("res.currency", related="company_id.currency_id")
    payment_date = fields.Date(
        tracking=True,
        default=lambda self: self._get_default_payment_date(),
        help="The day on which the customers' accounts are debited.",
    )
    period_start = fields.Date(
        string="Due From", compute="_compute_period", store=True, readonly=False, precompute=True
    )
    period_end = fields.Date(
        string="Due Until", compute="_compute_period", store=True, readonly=False, precompute=True
    )
    deadline = fields.Char(compute="_compute_deadline", help="Swedish time.")
    has_folder = fields.Boolean(compute="_compute_has_folder")
    too_late = fields.Boolean(compute="_compute_deadline")
    moved_date = fields.Date(string="Banking Day", compute="_compute_deadline")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("file", "File Made"),
            ("sent", "Sent"),
            ("done", "Done"),
            ("cancelled", "Discarded"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
    )
    automatic = fields.Boolean(readonly=True, copy=False)
    via_folder = fields.Boolean(
        string="Sent Through the Exchange Folder",
        readonly=True,
        copy=False,
        help="Only such files are let out of the folder where they are staged.",
    )
    told = fields.Boolean(readonly=True, copy=False, help="The person responsible has been told of the file.")
    file_data = fields.Binary(
        string="File", attachment=True, readonly=True, copy=False, groups="brp_autogiro.group_autogiro_user"
    )
    file_name = fields.Char(readonly=True, copy=False)
    file_hash = fields.Char(
        string="SHA-256",
        readonly=True,
        copy=False,
        help="Tells whether a file is the one that was made here.",
    )
    file_date = fields.Datetime(string="File Made On", readonly=True, copy=False)
    sent_date = fields.Date(readonly=True, copy=False)
    sent_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    payment_ids = fields.One2many("brp.autogiro.payment", "batch_id", readonly=True)
    included_ids = fields.One2many(
        "brp.autogiro.payment",
        "batch_id",
        domain=[("state", "!=", "left_out")],
        readonly=True,
    )
    left_out_ids = fields.One2many(
        "brp.autogiro.payment",
        "batch_id",
        string="Not Included",
        domain=[("state", "=", "left_out")],
        readonly=True,
    )
    change_ids = fields.One2many("brp.autogiro.payment", "change_batch_id", readonly=True)
    mandate_ids = fields.One2many("brp.autogiro.mandate", "request_batch_id", readonly=True)
    requested_ids = fields.Many2many("brp.autogiro.mandate", string="Mandates in the File", readonly=True)
    requests = fields.Json(
        string="Asked", readonly=True, copy=False, help="What is asked about each mandate, by its id."
    )
    mandate_count = fields.Integer(string="Requests", readonly=True, copy=False)
    payment_count = fields.Integer(string="Payments", compute="_compute_outcome")
    payment_amount = fields.Monetary(string="Amount", compute="_compute_outcome")
    left_out_count = fields.Integer(string="Left Out", compute="_compute_outcome")
    approved_count = fields.Integer(string="Approved", compute="_compute_outcome")
    approved_amount = fields.Monetary(string="Amount Approved", compute="_compute_outcome")
    pending_count = fields.Integer(string="Tried Again", compute="_compute_outcome")
    pending_amount = fields.Monetary(string="Amount Tried Again", compute="_compute_outcome")
    refused_count = fields.Integer(string="Refused", compute="_compute_outcome")
    refused_amount = fields.Monetary(string="Amount Refused", compute="_compute_outcome")
    refunded_count = fields.Integer(string="Refunded", compute="_compute_outcome")
    refunded_amount = fields.Monetary(string="Amount Refunded", compute="_compute_outcome")

    _file_name_unique = models.UniqueIndex("(file_name) WHERE file_name IS NOT NULL")

    # === COMPUTE METHODS === #

    @api.model
    def _get_default_payment_date(self):
        """Return the next day of collection for which a file can still be sent, banking day or not."""
        company = self.env.company
        now = company._get_autogiro_now()
        days = (now.date() + relativedelta(months=months, day=company.autogiro_day) for months in range(3))
        return next((day for day in days if company._get_autogiro_deadline(day) > now), False)

    @api.depends("payment_date")
    def _compute_period(self):
        for batch in self:
            day = batch.payment_date
            batch.period_start = day and day.replace(day=1)
            batch.period_end = day and day + relativedelta(day=31)

    @api.depends("payment_date", "company_id", "company_id.autogiro_cutoff")
    def _compute_deadline(self):
        for batch in self:
            batch.deadline = batch.moved_date = batch.too_late = False
            if not batch.payment_date:
                continue
            deadline = batch.company_id._get_autogiro_deadline(batch.payment_date)
            batch.deadline = deadline.strftime("%Y-%m-%d %H:%M")
            batch.too_late = deadline <= batch.company_id._get_autogiro_now()
            batch.moved_date = bank_day_on_or_after(batch.payment_date)

    def _compute_has_folder(self):
        parameter = self.env["ir.config_parameter"].sudo().get_param("brp_autogiro.directory")
        self.has_folder = bool(parameter)

    @api.depends("payment_ids.state", "payment_ids.amount")
    def _compute_outcome(self):
        totals = {
            (batch.id, state): (count, amount)
            for batch, state, count, amount in self.env["brp.autogiro.payment"]._read_group(
                [("batch_id", "in", self.ids)], ["batch_id", "state"], ["__count", "amount:sum"]
            )
        }
        for batch in self:
            of_state = {
                state: totals.get((batch.id, state), (0, 0))
                for state in ("left_out", *LIVE, "approved", "refused", "rejected", "cancelled", "refunded")
            }
            batch.left_out_count = of_state.pop("left_out")[0]
            batch.payment_count = sum(count for count, _amount in of_state.values())
            batch.payment_amount = sum(amount for _count, amount in of_state.values())
            batch.approved_count, batch.approved_amount = of_state["approved"]
            batch.pending_count, batch.pending_amount = of_state["pending"]
            batch.refused_count = of_state["refused"][0] + of_state["rejected"][0]
            batch.refused_amount = of_state["refused"][1] + of_state["rejected"][1]
            batch.refunded_count, batch.refunded_amount = of_state["refunded"]

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            refuse_direct_changes(self, vals, _BY_STEPS - {"name", "kind", "company_id", "automatic"})
            vals["name"] = self.env["ir.sequence"].sudo().next_by_code("brp.autogiro.batch")
            if vals.get("kind", "payments") != "payments":
                vals.setdefault("payment_date", False)
        return super().create(vals_list)

    def write(self, vals):
        refuse_direct_changes(self, vals, _BY_STEPS)
        if any(batch.state != "draft" for batch in self):
            refuse_direct_changes(self, vals, _FIXED_BY_FILE)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_file(self):
        for batch in self:
            if batch.state != "draft":
                raise UserError(self.env._("%s has a file and stays on record.", batch.name))

    def web_read(self, specification):
        """Let the mandates of a batch say what this batch asked, which the form cannot tell them."""
        if len(self) == 1 and "requested_ids" in specification:
            of_mandates = specification["requested_ids"]
            context = {**of_mandates.get("context", {}), "autogiro_batch_id": self.id}
            specification = {**specification, "requested_ids": {**of_mandates, "context": context}}
        return super().web_read(specification)

    # === CHOOSING INVOICES === #

    def action_select(self):
        """List the invoices of the period: what will be collected, and what will not and why."""
        self.check_access("write")
        for batch in self:
            batch._check_draft()
            batch._select()

    def _select(self):
        """Make the lines of a draft batch anew; what was left out by hand stays so."""
        self.ensure_one()
        if not (self.payment_date and self.period_start and self.period_end):
            raise UserError(self.env._("Choose the payment date and the period of %s.", self.name))
        Payment = self.env["brp.autogiro.payment"].sudo()
        by_hand = self.payment_ids.filtered(lambda payment: payment.reason == "by_hand")
        (self.payment_ids - by_hand).sudo().unlink()
        moves = self._get_candidates() - by_hand.move_id
        assessed = self._assess(moves)
        day = self.moved_date
        Payment.create(
            [
                {
                    "batch_id": self.id,
                    "company_id": self.company_id.id,
                    "move_id": move.id,
                    "partner_id": move.partner_id.id,
                    "mandate_id": mandate.id,
                    "currency_id": move.currency_id.id,
                    "amount": move.amount_residual,
                    "payment_date": day,
                    "state": "left_out" if reason else "selected",
                    "reason": reason,
                }
                for move, (mandate, reason) in assessed.items()
            ]
        )
        self.env.invalidate_all()

    def _get_candidates(self):
        """Return the unpaid Autogiro invoices of the batch's period."""
        self.ensure_one()
        return self.env["account.move"].search(
            self.env["account.move"]._get_autogiro_open_domain(self.company_id) & self._get_period_domain(),
            order="autogiro_date, id",
        )

    def _get_period_domain(self):
        """Return which collection dates of invoices belong to this batch; glue widens it."""
        return Domain("autogiro_date", ">=", self.period_start) & Domain(
            "autogiro_date", "<=", self.period_end
        )

    def _assess(self, moves):
        """Return {invoice: (its mandate, why it cannot be collected or False)}.

        One query for what all invoices share, none per invoice.
        """
        self.ensure_one()
        moves.fetch(
            [
                "partner_id",
                "commercial_partner_id",
                "company_id",
                "amount_residual",
                "amount_total",
                "currency_id",
                "autogiro_blocked",
            ]
        )
        mandates = moves.sudo()._get_autogiro_mandates()
        approved = defaultdict(float)
        for payment in (
            self.env["brp.autogiro.payment"]
            .sudo()
            .search([("move_id", "in", moves.ids), ("state", "=", "approved")])
        ):
            approved[payment.move_id.id] -= payment.entry_line_id.balance
        others = (
            self.env["brp.autogiro.payment"]
            .sudo()
            ._read_group(
                [("move_id", "in", moves.ids), ("state", "in", LIVE), ("batch_id", "!=", self._origin.id)],
                ["move_id"],
            )
        )
        elsewhere = {move.id for (move,) in others}
        currency = self.company_id.currency_id
        assessed = {}
        for move in moves:
            mandate = mandates[move]
            if move.id in elsewhere:
                reason = "in_batch"
            elif move.autogiro_blocked:
                reason = "blocked"
            elif move.currency_id.name != "SEK" or move.currency_id != currency:
                reason = "currency"
            elif not 0 < move.amount_residual <= _HIGHEST_AMOUNT:
                reason = "amount"
            elif currency.compare_amounts(approved[move.id] + move.amount_residual, move.amount_total) > 0:
                reason = "approved"
            else:
                reason = self._assess_mandate(mandate)
            assessed[move] = (mandate, reason)
        return assessed

    def _assess_mandate(self, mandate):
        if mandate._is_debitable_on(self.moved_date):
            return False
        if not mandate or mandate.state == "draft":
            return "no_mandate"
        if mandate.state in ("refused", "ended") or mandate.request == "cancel":
            return "ended"
        return "not_in_time" if mandate.state == "active" else "not_approved"

    # === MAKING THE FILE === #

    def action_make_file(self):
        """Write the file of a draft batch and keep it."""
        self.check_access("write")
        for batch in self:
            batch.lock_for_update()
            batch._check_draft()
            batch.company_id._check_autogiro_settings()
            records = getattr(batch, f"_prepare_{batch.kind}")()
            if not records:
                raise UserError(self.env._("There is nothing to put in the file of %s.", batch.name))
            batch._keep_file(records)

    def _check_draft(self):
        self.ensure_one()
        if self.state != "draft":
            raise UserError(
                self.env._(
                    "The file of %s has been made. Discard it, if it has not been sent, and make a new"
                    " batch.",
                    self.name,
                )
            )

    def _prepare_payments(self):
        """Take the payments as they are at this moment and return their records."""
        if self.too_late:
            raise UserError(
                self.env._(
                    "The file for payments on %(day)s had to be sent before %(deadline)s. Choose a later"
                    " payment date.",
                    day=fields.Date.to_string(self.moved_date),
                    deadline=self.deadline,
                )
            )
        self._drop_what_has_changed()
        payments = self.payment_ids.filtered(lambda payment: payment.state == "selected").sudo().sorted("id")
        payments._give_references()
        day = self.moved_date
        for payment in payments:
            payment.payer_number = payment.mandate_id.payer_number
        payments.payment_date = day
        currency = self.currency_id
        return [
            Collect(
                payment.payer_number,
                _to_ore(payment.amount, currency),
                day,
                payment.reference,
            )
            for payment in payments
        ]

    def _drop_what_has_changed(self):
        """Leave out what was paid, blocked or otherwise changed since the batch was listed."""
        selected = self.payment_ids.filtered(lambda payment: payment.state == "selected").sudo()
        moves = selected.move_id
        # Nobody may credit or pay them between this look and the file.
        moves.lock_for_update(allow_referencing=True)
        moves.invalidate_recordset()
        open_ids = set(
            moves.search(moves._get_autogiro_open_domain(self.company_id) & Domain("id", "in", moves.ids)).ids
        )
        assessed = self._assess(moves)
        for payment in selected:
            mandate, reason = assessed[payment.move_id]
            if payment.move_id.id not in open_ids:
                payment.write({"state": "left_out", "reason": "changed"})
            elif reason:
                payment.write({"state": "left_out", "reason": reason})
            elif payment.amount != payment.move_id.amount_residual or payment.mandate_id != mandate:
                payment.write({"amount": payment.move_id.amount_residual, "mandate_id": mandate.id})

    def _prepare_mandates(self):
        return [mandate._prepare_record() for mandate in self.mandate_ids.sorted("id")]

    def _prepare_changes(self):
        currency = self.currency_id
        records = []
        for payment in self.change_ids.sudo().sorted("id"):
            payment._check_changeable()
            common = (payment.payer_number, payment.payment_date, _to_ore(payment.amount, currency))
            records.append(
                CancelPayment(*common, reference=payment.reference)
                if payment.change == "cancel"
                else MovePayment(*common, payment.change_date, reference=payment.reference)
            )
        return records

    def _keep_file(self, records):
        self.ensure_one()
        company = self.company_id.sudo()
        written = company._get_autogiro_today()
        try:
            data = write_file(
                [Section(company.autogiro_bankgiro, company.autogiro_customer_number, records, written)]
            )
        except OutgoingError as error:
            raise UserError(
                self.env._("The file of %(batch)s cannot be written: %(error)s", batch=self.name, error=error)
            ) from None
        if company.autogiro_seal_key:
            data = seal(data, company.autogiro_seal_key, written)
        name = f"autogiro_{company.autogiro_bankgiro}_{self.name.replace('/', '-')}.txt"
        self.sudo().write(
            {
                "state": "file",
                "file_name": name,
                "file_hash": hashlib.sha256(data).hexdigest(),
                "file_date": fields.Datetime.now(),
                "mandate_count": len(self.mandate_ids),
                "requested_ids": [Command.set(self.mandate_ids.ids)],
                "requests": {str(mandate.id): mandate.request for mandate in self.mandate_ids},
            }
        )
        self.sudo().file_data = b64encode(data)

    def _get_file(self):
        """Return the bytes of the file.

        :raises UserError: it is not the file that was made
        """
        self.ensure_one()
        attachment = (
            self.env["ir.attachment"]
            .sudo()
            .search(
                [("res_model", "=", self._name), ("res_id", "=", self.id), ("res_field", "=", "file_data")],
                limit=1,
            )
        )
        if hashlib.sha256(attachment.raw or b"").hexdigest() != self.file_hash:
            raise UserError(
                self.env._(
                    "The file of %s has been changed since it was made and must not be sent. Discard it and"
                    " make a new one.",
                    self.name,
                )
            )
        return attachment.raw

    def action_download(self):
        """Download the file, as often as needed: it never changes."""
        self.ensure_one()
        self.check_access("write")
        self._get_file()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/file_data?download=true&filename={self.file_name}",
            "target": "download",
        }

    # === AFTER THE FILE === #

    def action_mark_sent(self):
        """Note that the file has been handed to the bank."""
        self.check_access("write")
        for batch in self:
            batch.lock_for_update()
            if batch.state != "file":
                raise UserError(self.env._("%s has no file that waits to be sent.", batch.name))
            batch._note_sent()

    def _note_sent(self, via_folder=False):
        """Note that the bank has the file, or will have as soon as this is committed.

        :param via_folder: whether the exchange folder takes it there
        """
        self.ensure_one()
        today = self.company_id._get_autogiro_today()
        self.sudo().write(
            {"state": "sent", "sent_date": today, "sent_by_id": self.env.uid, "via_folder": via_folder}
        )
        payments = self.sudo().payment_ids.filtered(lambda payment: payment.state == "selected")
        payments.state = "sent"
        payments.move_id._close_autogiro_activities(self.env._("Collected again: %s", self.name))
        mandates = self.sudo().mandate_ids
        mandates._note_sent(today)
        # Only what the bank has still to answer about existing mandates stays tied to the file.
        mandates.filtered(lambda mandate: not mandate.request).request_batch_id = False
        if self.kind == "mandates":
            self.sudo().state = "done"

    def action_discard(self):
        """Throw away a file that has not been sent; its invoices and mandates can go in another."""
        self.check_access("write")
        for batch in self:
            batch.lock_for_update()
            if batch.state not in ("draft", "file"):
                raise UserError(
                    self.env._(
                        "%s has been sent to the bank. Cancel its payments instead; Bankgirot's report"
                        " then says which of them were stopped in time.",
                        batch.name,
                    )
                )
            batch.sudo().state = "cancelled"
            batch.sudo().payment_ids.filtered(lambda payment: payment.state == "selected").state = "discarded"
            batch.sudo().mandate_ids.request_batch_id = False
            batch.sudo().change_ids.write({"change": False, "change_date": False, "change_batch_id": False})

    def action_change_payments(self):
        """Open the dialog that cancels or moves all payments of the batch that wait at the bank."""
        self.ensure_one()
        return self.payment_ids.action_change()

    @api.model
    def _finish(self, company):
        """Close the company's batches that wait for nothing more, and open those that do again."""
        batches = self.sudo().search([("company_id", "=", company.id), ("state", "in", ("sent", "done"))])
        Payment = self.env["brp.autogiro.payment"].sudo()
        waiting = {
            batch.id
            for domain, field in (
                ([("state", "in", LIVE)], "batch_id"),
                ([("change", "!=", False)], "change_batch_id"),
            )
            for (batch,) in Payment._read_group([*domain, (field, "in", batches.ids)], [field])
        }
        for batch in batches.filtered(lambda batch: batch.kind != "mandates"):
            state = "sent" if batch.id in waiting else "done"
            if batch.state != state:
                batch.state = state

    def action_view_payments(self):
        """Show all lines of the batch, grouped by what became of them."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("brp_autogiro.brp_autogiro_payment_action")
        action["domain"] = [("batch_id", "=", self.id)]
        action["context"] = {"search_default_group_state": 1}
        return action

    # === MANDATES === #

    @api.model
    def _make_mandate_batches(self, companies):
        """Put everything that waits to be sent about mandates in a file per company and show it."""
        batches = self.browse()
        for company in companies:
            Mandate = self.env["brp.autogiro.mandate"]
            mandates = Mandate.search(Mandate._get_waiting_domain(company))
            if not mandates:
                continue
            batch = self.with_company(company).create({"kind": "mandates", "company_id": company.id})
            mandates.sudo().request_batch_id = batch
            batch.action_make_file()
            batches += batch
        if not batches:
            raise UserError(self.env._("Nothing about mandates waits to be sent."))
        action = self.env["ir.actions.actions"]._for_xml_id("brp_autogiro.brp_autogiro_batch_action")
        if len(batches) == 1:
            action.update(view_mode="form", views=[(False, "form")], res_id=batches.id)
        else:
            action["domain"] = [("id", "in", batches.ids)]
        return action

    # === EXCHANGE FOLDER AND AUTOMATIC RUN === #

    @api.model
    def _get_exchange_folder(self):
        """Return the exchange folder, or None when the administrator has set none."""
        root = self.env["ir.config_parameter"].sudo().get_param("brp_autogiro.directory")
        if not root:
            return None
        try:
            return ExchangeFolder(root)
        except OSError as error:
            raise UserError(
                self.env._(
                    "The exchange folder %(folder)s cannot be used: %(error)s",
                    folder=root,
                    error=error.strerror,
                )
            ) from error

    def action_send_to_folder(self):
        """Leave the file in the exchange folder and note it as sent."""
        self.check_access("write")
        for batch in self:
            batch.lock_for_update()
            batch._send_to_folder()

    def _send_to_folder(self):
        """Note the file as sent, stage it, and let it appear when that is committed.

        The note comes first: somebody who sends the same file by hand at this moment makes it fail
        before anything is staged.
        """
        self.ensure_one()
        folder = self._get_exchange_folder()
        if not folder:
            raise UserError(self.env._("No exchange folder is set. Download the file and send it by hand."))
        if self.state != "file":
            raise UserError(self.env._("%s has no file that waits to be sent.", self.name))
        data = self._get_file()
        self._note_sent(via_folder=True)
        self.env.flush_all()
        folder.stage(self.file_name, data)
        registry = self.env.registry

        def release():
            # What was committed decides, not what this transaction meant to do.
            with registry.cursor() as cr:
                self.with_env(api.Environment(cr, SUPERUSER_ID, {}))._release_staged(folder)

        self.env.cr.postcommit.add(release)

    @api.model
    def _release_staged(self, folder):
        """Let the files appear that are noted as sent through the folder, and drop those sent by hand."""
        staged = self.sudo().search([("file_name", "in", folder.staged())])
        for batch in staged:
            if batch.via_folder:
                folder.release(batch.file_name)
            elif batch.state != "file":
                folder.drop(batch.file_name)

    @api.model
    def _cron_run(self):
        """Do the day's work: read what has arrived, send what is due, remind of what needs a decision.

        Each step of each company is on its own: what goes wrong in one keeps no other back.
        """
        progress = self.env["ir.cron"]
        folder = self._get_exchange_folder()
        if folder:
            self._release_staged(folder)
            self.env["brp.autogiro.report"]._read_folder(folder)
            progress._commit_progress(0)
        for company in self.env["res.company"].search([("autogiro_automatic", "=", True)]):
            batches = self.with_company(company).with_context(lang=company._get_autogiro_language())
            for step in (batches._send_mandates, batches._collect_due, batches._remind):
                self._try_step(company, step, folder)
                progress._commit_progress(0)
        if folder:
            self._release_staged(folder)

    @api.model
    def _try_step(self, company, step, folder):
        """Do a step of a company in a savepoint; tell the person responsible once a day what stops it."""
        try:
            with self.env.cr.savepoint():
                step(company, folder)
            return
        except UserError as error:
            problem = str(error)
        except OperationalError:
            raise  # Odoo tries the job again
        except Exception as error:
            # The text of an unexpected error may quote private numbers.
            _logger.error("Autogiro of company %s stopped: %s", company.id, type(error).__name__)
            problem = type(error).__name__
        speaker = company.with_context(lang=company._get_autogiro_language())
        company._notify_autogiro(
            speaker.env._("Autogiro could not go on: %s", company.name), problem, once_per_day=True
        )

    @api.model
    def _send_mandates(self, company, folder):
        """Send what waits about mandates."""
        Mandate = self.env["brp.autogiro.mandate"]
        if Mandate.search_count(Mandate._get_waiting_domain(company), limit=1):
            self._make_mandate_batches(company)
        for batch in self.search(
            [("company_id", "=", company.id), ("kind", "=", "mandates"), ("state", "=", "file")]
        ):
            batch._hand_over(folder)

    @api.model
    def _collect_due(self, company, folder):
        """Make and send the batches whose time has come, also of days on which nothing ran."""
        now = company._get_autogiro_now()
        for days in range(1, company.autogiro_lead_days + 1):
            day = add_bank_days(now.date(), days)
            if company._get_autogiro_deadline(day) <= now:
                continue
            batch = self.search(
                [
                    ("company_id", "=", company.id),
                    ("automatic", "=", True),
                    ("payment_date", "=", day),
                    ("state", "!=", "cancelled"),
                ],
                limit=1,
            )
            if not batch:
                batch = self._make_automatic_batch(company, day)
            if batch.state == "file":
                batch._hand_over(folder)

    @api.model
    def _get_automatic_period(self, day):
        """Return the period of an automatic batch: its banking day and the days off before it."""
        return add_bank_days(day, -1) + timedelta(days=1), day

    @api.model
    def _make_automatic_batch(self, company, day):
        """Return a batch with the file of what is due on a banking day, or nothing when nothing can be drawn.

        What is left out is told in the reminder and stays in the list of invoices that were not sent.
        """
        start, end = self._get_automatic_period(day)
        batch = self.create(
            {
                "company_id": company.id,
                "payment_date": day,
                "period_start": start,
                "period_end": end,
                "automatic": True,
            }
        )
        batch._select()
        if company.autogiro_mail_unmandated:
            unmandated = batch.left_out_ids.filtered(
                lambda payment: payment.reason in ("no_mandate", "ended")
            )
            unmandated.move_id._autogiro_mail_instead()
        if not batch.payment_count:
            batch.unlink()
            return self.browse()
        batch.sudo().left_out_ids.filtered(lambda payment: payment.reason == "in_batch").unlink()
        batch.action_make_file()
        return batch

    def _hand_over(self, folder):
        """Leave the file in the exchange folder, and tell the person responsible what was done.

        Without a folder a person has to send the file, and is told so once.
        """
        self.ensure_one()
        if folder:
            self._send_to_folder()
        elif self.told:
            return
        self.sudo().told = True
        speaker = self.with_context(lang=self.company_id._get_autogiro_language())
        what = (
            speaker.env._(
                "%(count)s payments, %(amount)s, on %(day)s. %(left_out)s invoices were left out.",
                count=self.payment_count,
                amount=self.currency_id.format(self.payment_amount),
                day=fields.Date.to_string(self.moved_date),
                left_out=self.left_out_count,
            )
            if self.kind == "payments"
            else speaker.env._("%s requests about mandates.", self.mandate_count)
        )
        done = (
            speaker.env._("The file %s is in the exchange folder.", self.file_name)
            if folder
            else speaker.env._("The file %s is waiting: download it and send it to the bank.", self.file_name)
        )
        self.company_id._notify_autogiro(f"Autogiro {self.name}", f"{what}\n{done}")

    @api.model
    def _remind(self, company, _folder):
        """Mail what needs a decision before the next automatic batch, once per payment date."""
        day = add_bank_days(
            company._get_autogiro_today(), company.autogiro_lead_days + company.autogiro_reminder_days
        )
        if company.sudo().autogiro_reminded_date == day:
            return
        start, end = self._get_automatic_period(day)
        preview = self.new(
            {
                **self.default_get(list(self._fields)),
                "company_id": company.id,
                "payment_date": day,
                "period_start": start,
                "period_end": end,
                "automatic": True,
            }
        )
        candidates = preview._get_candidates()
        left_out = [
            move
            for move, (_mandate, reason) in preview._assess(candidates).items()
            if reason and reason != "in_batch"
        ]
        overdue = candidates.search(
            candidates._get_autogiro_open_domain(company)
            & Domain("autogiro_live", "=", False)
            & Domain("autogiro_date", "<", company._get_autogiro_today()),
            order="autogiro_date, id",
        )
        left_out += [move for move in overdue if move not in left_out]
        if not left_out:
            return
        company.sudo().autogiro_reminded_date = day
        speaker = self.with_context(lang=company._get_autogiro_language())
        company._notify_autogiro(
            speaker.env._("Autogiro on %s: invoices that need a decision", fields.Date.to_string(day)),
            speaker.env._(
                "These invoices cannot be collected as it stands now: %s. See Not Sent Autogiro Invoices.",
                ", ".join(move.name for move in left_out[:50]) + (" …" if len(left_out) > 50 else ""),
            ),
        )


def _to_ore(amount, currency):
    """Return an amount in kronor as whole öre."""
    return round(currency.round(amount) * 100)
