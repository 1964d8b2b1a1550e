from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..bankgirot import add_bank_days
from .brp_autogiro_mandate import NUMBER_GROUP

# While a payment is in one of these, its invoice is in no other.
LIVE = ("selected", "sent", "pending")

# Lines that never became, or will become, an instruction to the bank.
NEVER_SENT = ("left_out", "discarded")

# So many times an invoice is tried in all when refused ones go with the next month's batch.
_TRIES = 3

# What Bankgirot's format has room for.
_REFERENCE_LENGTH = 16


class AutogiroPayment(models.Model):
    """An instruction to collect an invoice, or a line that says why it was left out of a batch."""

    _name = "brp.autogiro.payment"
    _description = "Autogiro Payment"
    _order = "id desc"
    _rec_name = "reference"

    batch_id = fields.Many2one(
        "brp.autogiro.batch", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    move_id = fields.Many2one(
        "account.move", string="Invoice", required=True, readonly=True, index=True, ondelete="restrict"
    )
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True, index=True)
    mandate_id = fields.Many2one(
        "brp.autogiro.mandate", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    payer_number = fields.Char(groups=NUMBER_GROUP, readonly=True, copy=False)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount = fields.Monetary(readonly=True)
    due_date = fields.Date(string="Invoice Due", related="move_id.invoice_date_due")
    payment_date = fields.Date(readonly=True)
    reference = fields.Char(readonly=True, help="Given to Bankgirot, and back in its reports.")
    state = fields.Selection(
        [
            ("left_out", "Left Out"),
            ("selected", "In the Batch"),
            ("sent", "Sent"),
            ("pending", "Tried Again by the Bank"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("rejected", "Rejected"),
            ("cancelled", "Cancelled"),
            ("refunded", "Refunded"),
            ("discarded", "Discarded"),
        ],
        required=True,
        readonly=True,
        index=True,
    )
    reason = fields.Selection(
        [
            ("no_mandate", "No mandate"),
            ("not_approved", "The mandate has not been approved yet"),
            ("not_in_time", "The mandate may not be debited yet on that day"),
            ("ended", "The mandate has ended or was refused"),
            ("amount", "The amount cannot be collected"),
            ("currency", "Not in kronor"),
            ("in_batch", "Already in another batch"),
            ("blocked", "Blocked"),
            ("by_hand", "Left out by hand"),
            ("changed", "Changed since it was listed"),
            ("approved", "The bank has reported it as paid before"),
        ],
        string="Why Not",
        readonly=True,
    )
    message = fields.Char(string="From the Bank", readonly=True)
    entry_line_id = fields.Many2one(
        "account.move.line", string="Booked On", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    answer_by = fields.Date(
        compute="_compute_answer_by",
        store=True,
        help="The last day on which the bank answers: the payment date and the retries ordered at the bank.",
    )
    change = fields.Selection(
        [("cancel", "Cancel"), ("move", "Move")], string="Change Asked For", readonly=True
    )
    change_date = fields.Date(string="New Date", readonly=True)
    change_batch_id = fields.Many2one(
        "brp.autogiro.batch", string="Change Sent In", readonly=True, index="btree_not_null"
    )

    # An invoice is never collected twice: whatever runs, PostgreSQL lets only one be alive.
    _live_move = models.UniqueIndex(
        "(move_id) WHERE state IN ('selected', 'sent', 'pending')",
        "An invoice is in another Autogiro batch already.",
    )
    _reference_unique = models.UniqueIndex("(company_id, reference) WHERE reference IS NOT NULL")

    @api.depends("payment_date", "state")
    def _compute_answer_by(self):
        for payment in self:
            waits = payment.state in ("sent", "pending") and payment.payment_date
            payment.answer_by = waits and add_bank_days(
                payment.payment_date, payment.company_id.autogiro_retries
            )

    @api.depends("move_id", "reference")
    def _compute_display_name(self):
        for payment in self:
            payment.display_name = payment.reference or payment.move_id.name

    def action_leave_out(self):
        """Leave invoices out of a batch whose file has not been made."""
        self._check_batch_is_draft()
        self.sudo().filtered(lambda payment: payment.state == "selected").write(
            {"state": "left_out", "reason": "by_hand"}
        )

    def action_take_in(self):
        """Take invoices back that were left out by hand."""
        self._check_batch_is_draft()
        batches = self.batch_id
        self.sudo().filtered(lambda payment: payment.reason == "by_hand").unlink()
        for batch in batches:
            batch._select()

    def _check_batch_is_draft(self):
        self.batch_id.check_access("write")
        for batch in self.batch_id:
            if batch.state != "draft":
                raise UserError(
                    self.env._(
                        "The file of %s has been made. Discard it if it has not been sent; else cancel or"
                        " move the payment.",
                        batch.name,
                    )
                )

    def action_change(self):
        """Open the dialog that cancels or moves payments that have been sent."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel or Move Payments"),
            "res_model": "brp.autogiro.change",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_payment_ids": self.filtered(lambda payment: payment.state in ("sent", "pending")).ids
            },
        }

    def action_give_up(self):
        """Note that payments were not carried out although the bank never said so.

        For a file that never reached the bank, or a report that was lost: else their invoices could
        never be collected, mailed or changed again.
        """
        self.batch_id.check_access("write")
        for payment in self.sudo():
            today = payment.company_id._get_autogiro_today()
            if payment.state not in ("sent", "pending") or payment.answer_by >= today:
                raise UserError(
                    self.env._(
                        "The bank may still answer about %(payment)s until %(day)s. Cancel it at the bank"
                        " if it is not to be carried out.",
                        payment=payment.display_name,
                        day=fields.Date.to_string(payment.answer_by or payment.payment_date),
                    )
                )
        self.sudo()._note_cancelled(
            self.env._("No answer from the bank; noted by hand as not carried out"), block=True
        )
        self.env["brp.autogiro.batch"]._finish(self.company_id)

    def _check_changeable(self):
        """Refuse to cancel or move what the bank no longer lets us, or not yet."""
        for payment in self:
            company = payment.company_id
            if payment.state not in ("sent", "pending"):
                raise UserError(
                    self.env._(
                        "%s does not wait at the bank: it cannot be cancelled or moved.", payment.display_name
                    )
                )
            if payment.batch_id.sent_date == company._get_autogiro_today():
                raise UserError(
                    self.env._(
                        "%s was sent today. Bankgirot asks that a payment and its cancellation are not"
                        " sent on the same day: do it tomorrow.",
                        payment.batch_id.name,
                    )
                )
            if company._get_autogiro_deadline(payment.payment_date) <= company._get_autogiro_now():
                raise UserError(
                    self.env._(
                        "It is too late to cancel or move %(payment)s: the bank had to be told before"
                        " %(time)s.",
                        payment=payment.display_name,
                        time=company._get_autogiro_deadline(payment.payment_date).strftime("%Y-%m-%d %H:%M"),
                    )
                )

    def _is_payer(self, number):
        """Say whether the payment was of this payer number, or is of a mandate that has it now."""
        self.ensure_one()
        return number in (self.payer_number, self.mandate_id.payer_number, self.mandate_id.new_payer_number)

    # === REFERENCES === #

    def _give_references(self):
        """Give payments the references that Bankgirot reports them back by.

        The invoice's number; with how many times it has been tried after the first, and a number of
        its own where that would be too long or taken.
        """
        self.env.flush_all()
        tried = dict(
            self._read_group(
                [("move_id", "in", self.move_id.ids), ("reference", "!=", False)], ["move_id"], ["__count"]
            )
        )
        wanted = {}
        for payment in self:
            count = tried.get(payment.move_id, 0)
            wanted[payment] = f"{payment.move_id.name}-{count + 1}" if count else payment.move_id.name
        taken = {
            (payment.company_id.id, payment.reference)
            for payment in self.search_fetch(
                [("company_id", "in", self.company_id.ids), ("reference", "in", list(wanted.values()))],
                ["company_id", "reference"],
            )
        }
        for payment, reference in wanted.items():
            key = (payment.company_id.id, reference)
            try:
                fits = len(reference.encode("latin-1")) <= _REFERENCE_LENGTH
            except UnicodeEncodeError:
                fits = False
            if not fits or key in taken:
                reference = f"AG{payment.id}"
            taken.add((payment.company_id.id, reference))
            payment.reference = reference
        # Before payer numbers are written: a reference that is taken after all would tell them in the log.
        self.flush_recordset()

    # === WHAT THE BANK TELLS === #

    def _note_pending(self, message):
        """Note that the bank tries again on the next banking days."""
        self.write({"state": "pending", "message": message})

    def _note_cancelled(self, message, block):
        """Note that payments will not be carried out.

        :param block: whether to keep the invoices out of the next batches until a person has decided
        """
        self.write({"state": "cancelled", "message": message, "change": False})
        if block:
            self.move_id.autogiro_blocked = True

    def _note_failed(self, state, messages, hopeless):
        """Note that the bank refused payments, and do with the invoices what the company has chosen.

        :param state: ``refused`` (in the cover check) or ``rejected`` (before it)
        :param messages: {payment: why, in words}
        :param hopeless: those of which a person decides, as there is no account or mandate any more
        """
        for message in set(messages.values()):
            alike = self.filtered(lambda payment, message=message: messages[payment] == message)
            alike.write({"state": state, "message": message, "change": False})
        hopeless += self._get_often_refused()
        for (company, stop), payments in self.grouped(
            lambda payment: (payment.company_id, payment in hopeless)
        ).items():
            policy = (
                "stop"
                if stop and company.autogiro_refused_policy == "next_month"
                else company.autogiro_refused_policy
            )
            done = getattr(payments, f"_follow_{policy}")()
            payments._ask_responsible(
                {payment: f"{messages[payment]}. {done}" for payment in payments},
                self.env._("Autogiro payment refused"),
                "brp_autogiro.mail_activity_decide",
            )

    def _get_often_refused(self):
        """Return the payments whose invoices have been refused so often that trying again is no use."""
        counts = dict(
            self._read_group(
                [("move_id", "in", self.move_id.ids), ("state", "in", ("refused", "rejected"))],
                ["move_id"],
                ["__count"],
            )
        )
        return self.filtered(lambda payment: counts.get(payment.move_id, 0) >= _TRIES)

    def _follow_next_month(self):
        """Let the invoices wait for the batch of the month after the payment date."""
        for day, payments in self.grouped("payment_date").items():
            payments.move_id.autogiro_date = day + relativedelta(months=1)
        return self.env._("The invoice goes with the batch of next month.")

    def _follow_mail(self):
        """Mail the invoices; those without an address wait for a person."""
        moves = self.move_id.filtered(lambda move: move.payment_state in ("not_paid", "partial"))
        (moves - moves._autogiro_mail_instead()).autogiro_blocked = True
        return self.env._("The invoice is mailed instead, if the customer has an e-mail address.")

    def _follow_stop(self):
        """Keep the invoices out of the next batches until a person has decided."""
        self.move_id.autogiro_blocked = True
        return self.env._("The invoice is not collected again until you decide what to do.")

    def _ask_responsible(self, notes, summary, activity_type="mail.mail_activity_data_todo"):
        """Give the person responsible an activity on each invoice.

        :param notes: {payment: text}
        :param activity_type: the one of decisions is closed when the decision has been taken
        """
        kind = self.env.ref(activity_type)
        model = self.env["ir.model"]._get_id("account.move")
        # No mail for each: a bad day has hundreds of them.
        self.env["mail.activity"].sudo().with_context(mail_activity_quick_update=True).create(
            [
                {
                    "activity_type_id": kind.id,
                    "automated": True,
                    "summary": summary,
                    "note": note,
                    "res_model_id": model,
                    "res_id": payment.move_id.id,
                    "user_id": (payment.company_id.autogiro_responsible_id or payment.batch_id.create_uid).id,
                    "date_deadline": payment.company_id._get_autogiro_today(),
                }
                for payment, note in notes.items()
            ]
        )
