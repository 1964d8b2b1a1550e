from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from ..models.permission import permitted
from ..schedule import ScheduleError, first_due_date, monthly_dates


class InstallmentReschedule(models.TransientModel):
    """The dialog that gives the open installments of a purchase other dates, or another number."""

    _name = "brp.installment.reschedule"
    _description = "Reschedule Installments"

    main_id = fields.Many2one("account.move", string="Main Invoice", required=True, readonly=True)
    currency_id = fields.Many2one(related="main_id.currency_id")
    open_count = fields.Integer(string="Open Installments", compute="_compute_from_main")
    open_amount = fields.Monetary(string="Left to Pay", compute="_compute_from_main")
    due_day = fields.Integer(required=True, compute="_compute_defaults", store=True, readonly=False)
    parts = fields.Integer(
        string="Remaining Installments",
        required=True,
        compute="_compute_defaults",
        store=True,
        readonly=False,
    )
    first_due_date = fields.Date(
        required=True,
        compute="_compute_first_due_date",
        store=True,
        readonly=False,
        help="The first of the remaining installments falls due then; the others on the due"
        " day of the months that follow.",
    )
    reason = fields.Char()
    obstacle = fields.Char(compute="_compute_preview")
    preview = fields.Html(compute="_compute_preview", sanitize=False)

    @api.depends("main_id")
    def _compute_from_main(self):
        for wizard in self:
            parts = wizard.main_id._get_open_installments()
            wizard.open_count = len(parts)
            wizard.open_amount = sum(parts.mapped("amount_residual"))

    @api.depends("main_id")
    def _compute_defaults(self):
        for wizard in self:
            wizard.due_day = wizard.main_id.company_id.sudo().installment_due_day
            wizard.parts = len(wizard.main_id._get_open_installments())

    @api.depends("main_id", "due_day")
    def _compute_first_due_date(self):
        """Propose the month of the first open installment, or the next due day from today."""
        today = fields.Date.context_today(self)
        for wizard in self:
            due = wizard.main_id._get_open_installments()[:1].invoice_date_due
            try:
                start = max(today, due.replace(day=1)) if due else today
                wizard.first_due_date = first_due_date(start, 31, wizard.due_day)
            except ScheduleError:
                wizard.first_due_date = False

    @api.depends("main_id", "due_day", "parts", "first_due_date")
    def _compute_preview(self):
        for wizard in self:
            wizard.obstacle = wizard.preview = False
            try:
                schedule = wizard._get_schedule()
            except UserError as error:
                wizard.obstacle = str(error)
                continue
            wizard.preview = self.env["ir.qweb"]._render(
                "brp_installments.reschedule_preview",
                {
                    "current": wizard.main_id._get_open_installments(),
                    "schedule": schedule,
                    "currency": wizard.currency_id,
                },
            )

    def _get_schedule(self):
        """Return the new (due date, amount) pairs.

        :raises UserError: values that give no schedule
        """
        self.ensure_one()
        if not self.open_count:
            raise UserError(self.env._("No installment of %s is open.", self.main_id.name))
        if not 1 <= self.due_day <= 31:
            raise UserError(self.env._("The due day of installments must be from 1 to 31."))
        if not self.first_due_date or self.first_due_date < fields.Date.context_today(self):
            raise UserError(self.env._("Choose a first due date that has not passed."))
        if not 1 <= self.parts <= 60:
            raise UserError(self.env._("The number of remaining installments must be from 1 to 60."))
        if self._keeps_amounts():
            amounts = self.main_id._get_open_installments().mapped("amount_residual")
        else:
            try:
                amounts = self.currency_id._split_exactly(self.open_amount, self.parts)
            except ScheduleError as error:
                raise UserError(
                    self.env._(
                        "%(amount)s is too little for %(parts)s installments.",
                        amount=self.currency_id.format(self.open_amount),
                        parts=self.parts,
                    )
                ) from error
        later = monthly_dates(self.first_due_date, self.parts, self.due_day)[1:]
        return list(zip([self.first_due_date, *later], amounts, strict=True))

    def _keeps_amounts(self):
        """Say whether only dates change: as many installments as are open, none partly paid."""
        parts = self.main_id._get_open_installments()
        return self.parts == len(parts) and not any(
            part.currency_id.compare_amounts(part.amount_residual, part.amount_total) for part in parts
        )

    def action_reschedule(self):
        """Reschedule as previewed and log the old and the new schedule on the main invoice."""
        self.ensure_one()
        if not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(self.env._("Only accounting can reschedule installments."))
        main = self.main_id
        main._lock_purchases()
        old = main._get_open_installments()
        old_text = self._describe((part.invoice_date_due, part.amount_residual) for part in old)
        schedule = self._get_schedule()
        if self._keeps_amounts():
            self._move_due_dates(old, [due for due, _amount in schedule])
        else:
            self._replace_installments(old, schedule)
        main.message_post(
            body=self.env._(
                "Installments rescheduled%(reason)s. Before: %(before)s. Now: %(now)s.",
                reason=f" ({self.reason})" if self.reason else "",
                before=old_text,
                now=self._describe(schedule),
            )
        )
        return {"type": "ir.actions.act_window_close"}

    def _move_due_dates(self, parts, dates):
        """Give installments other due dates, and have those sent already sent again."""
        changed = self.env["account.move"]
        for part, due in zip(parts, dates, strict=True):
            if part.invoice_date_due != due:
                permitted(part).invoice_date_due = due
                changed += part
        changed._detach_attachments()
        changed.is_move_sent = False

    def _replace_installments(self, old, schedule):
        """Credit what is left of installments and post new ones of the same total instead."""
        main = self.main_id
        kept = main.installment_ids - old
        first = max(kept.mapped("installment_number"), default=0) + 1
        count = first + len(schedule) - 1
        new = main._create_installments(
            [(main, number, count, due, amount) for number, (due, amount) in enumerate(schedule, start=first)]
        )
        credit_notes = old._create_installment_credit_notes()
        (credit_notes + new)._post(soft=False)
        (credit_notes + new)._get_installment_account_lines().reconcile()
        permitted(old).installment_replaced = True
        main.invalidate_recordset(["installment_ids"])

    def _describe(self, schedule):
        return ", ".join(
            f"{format_date(self.env, due)} {self.currency_id.format(float(amount))}"
            for due, amount in schedule
        )
