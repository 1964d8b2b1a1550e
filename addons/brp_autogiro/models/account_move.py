from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError
from odoo.fields import Domain
from odoo.tools import format_date, format_list

from ..bankgirot import bank_day_on_or_after, mask_account
from .brp_autogiro_mandate import NEVER_SENT
from .brp_autogiro_payment import LIVE

# Which of a contact's and its company's mandates counts; those that are not named come last.
_BEST_FIRST = ("active", "sent", "to_send", "draft")

# So many customers are named in a message.
_NAMED = 10


class AccountMove(models.Model):
    _inherit = "account.move"

    autogiro = fields.Boolean(compute="_compute_autogiro", search="_search_autogiro")
    autogiro_date = fields.Date(
        string="Collect On",
        compute="_compute_autogiro_date",
        store=True,
        readonly=False,
        copy=False,
        help="The invoice belongs to the Autogiro batch whose period holds this date: the due date, or later"
        " when it was refused or a person chose so.",
    )
    autogiro_blocked = fields.Boolean(
        string="Do Not Collect",
        copy=False,
        tracking=True,
        help="The invoice stays out of Autogiro batches until this is removed.",
    )
    autogiro_payment_ids = fields.One2many("brp.autogiro.payment", "move_id", readonly=True)
    autogiro_mandate_id = fields.Many2one(
        "brp.autogiro.mandate", compute="_compute_autogiro_mandate_id", compute_sudo=True
    )
    autogiro_mandate_state = fields.Selection(
        selection=lambda self: [
            ("missing", self.env._("Missing")),
            *self.env["brp.autogiro.mandate"]._fields["state"]._description_selection(self.env),
        ],
        string="Mandate",
        compute="_compute_autogiro_mandate_id",
        compute_sudo=True,
    )
    autogiro_valid = fields.Boolean(
        string="Valid Mandate",
        compute="_compute_autogiro_valid",
        search="_search_autogiro_valid",
        compute_sudo=True,
    )
    autogiro_live = fields.Boolean(
        string="Being Collected",
        compute="_compute_autogiro_live",
        search="_search_autogiro_live",
        compute_sudo=True,
    )
    autogiro_status = fields.Char(compute="_compute_autogiro_status", compute_sudo=True)
    autogiro_reason = fields.Char(
        string="Why", compute="_compute_autogiro_status", compute_sudo=True, help="In the bank's words."
    )
    autogiro_failed = fields.Boolean(compute="_compute_autogiro_status", compute_sudo=True)

    @api.depends("preferred_payment_method_line_id", "move_type")
    def _compute_autogiro(self):
        for move in self:
            move.autogiro = (
                move.move_type == "out_invoice" and move.preferred_payment_method_line_id.code == "autogiro"
            )

    def _search_autogiro(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain("preferred_payment_method_line_id.code", "=", "autogiro") & Domain(
            "move_type", "=", "out_invoice"
        )
        return domain if True in value else ~domain

    @api.depends("invoice_date_due", "preferred_payment_method_line_id")
    def _compute_autogiro_date(self):
        for move in self:
            move.autogiro_date = move.invoice_date_due if move.autogiro else False

    @api.depends("partner_id", "commercial_partner_id", "company_id")
    def _compute_autogiro_mandate_id(self):
        for move, mandate in self._get_autogiro_mandates().items():
            move.autogiro_mandate_id = mandate
            move.autogiro_mandate_state = mandate.state or "missing"

    def _get_autogiro_mandates(self):
        """Return {invoice: the mandate that it is collected by, or none}.

        The customer's own or its company's: the one in force before one that is on its way, whosever it
        is, and of two alike the customer's own. One query per company.
        """
        Mandate = self.env["brp.autogiro.mandate"].sudo()
        mandates = {}
        for company, moves in self.grouped("company_id").items():
            found = Mandate._get_by_partner(company, moves.partner_id | moves.commercial_partner_id)
            for move in moves:
                both = (found.get(move.partner_id), found.get(move.commercial_partner_id))
                mandates[move] = min(filter(None, both), key=_rank, default=Mandate)
        return mandates

    @api.depends("autogiro_mandate_id")
    def _compute_autogiro_valid(self):
        for move in self:
            move.autogiro_valid = move.autogiro_mandate_id.state == "active"

    def _search_autogiro_valid(self, operator, value):
        if operator != "in":
            return NotImplemented
        active = self.env["brp.autogiro.mandate"].sudo().search([("state", "=", "active")])
        valid = Domain.OR(
            Domain("company_id", "=", company.id)
            & (
                Domain("partner_id", "in", mandates.partner_id.ids)
                | Domain("commercial_partner_id", "in", mandates.partner_id.ids)
            )
            for company, mandates in active.grouped("company_id").items()
        )
        return valid if True in value else ~valid

    @api.depends("autogiro_payment_ids.state")
    def _compute_autogiro_live(self):
        for move in self:
            move.autogiro_live = any(payment.state in LIVE for payment in move.autogiro_payment_ids)

    def _search_autogiro_live(self, operator, value):
        if operator != "in":
            return NotImplemented
        live = self.env["brp.autogiro.payment"].sudo()._search([("state", "in", LIVE)])
        inside = Domain("autogiro_payment_ids", "in", live)
        return inside if True in value else ~inside

    @api.depends(
        "autogiro_payment_ids.state", "autogiro_payment_ids.message", "preferred_payment_method_line_id"
    )
    @api.depends_context("lang")
    def _compute_autogiro_status(self):
        """Say in a sentence where the collection of this invoice stands, and why it was not carried out."""
        states = dict(self.env["brp.autogiro.payment"]._fields["state"]._description_selection(self.env))
        for move in self:
            payment = move.autogiro_payment_ids.filtered(lambda payment: payment.state not in NEVER_SENT)[:1]
            move.autogiro_status = (
                f"{states[payment.state]} ({payment.batch_id.name}, {payment.payment_date})"
                if payment
                else False
            )
            move.autogiro_failed = payment.state in ("refused", "rejected")
            mandate = move.autogiro_mandate_id
            if payment.state in ("refused", "rejected", "cancelled", "refunded"):
                move.autogiro_reason = payment.message
            else:
                move.autogiro_reason = mandate.state in ("refused", "ended") and mandate.message

    def _get_autogiro_failure(self):
        """Return a sentence for a customer who has to pay what could not be drawn, or nothing."""
        self.ensure_one()
        move = self.sudo()
        if (
            not move.autogiro_failed
            or (move.autogiro and not move.autogiro_blocked)
            or move.payment_state not in ("not_paid", "partial")
        ):
            return ""
        due = move.invoice_date_due
        if due and due >= fields.Date.context_today(self):
            return self.env._(
                "The amount could not be drawn from your account by Autogiro. Please pay it yourself, on"
                " %s at the latest.",
                format_date(self.env, due),
            )
        return self.env._(
            "The amount could not be drawn from your account by Autogiro. Please pay it yourself now."
        )

    def _get_autogiro_draw_date(self):
        """Return the banking day on which the bank draws what is left to pay, or False.

        The date of the payment at the bank or in a batch; else the first day on which it can be drawn,
        as long as the bank can still be told.
        """
        self.ensure_one()
        move = self.sudo()
        if not move.autogiro or move.state == "cancel" or move.payment_state not in ("not_paid", "partial"):
            return False
        if live := move._get_autogiro_live_payment():
            return live.payment_date
        mandate = move._get_autogiro_mandates()[move]
        if (
            not move.autogiro_date
            or move.autogiro_blocked
            or move.currency_id.name != "SEK"
            or mandate.state != "active"
            or mandate.request == "cancel"
        ):
            return False
        day = bank_day_on_or_after(max(filter(None, (move.autogiro_date, mandate.debitable_from))))
        company = move.company_id
        return company._get_autogiro_deadline(day) > company._get_autogiro_now() and day

    def _get_autogiro_account(self):
        """Return the account that is drawn from as the customer sees it: only its last four digits."""
        self.ensure_one()
        move = self.sudo()
        mandate = move._get_autogiro_live_payment().mandate_id or move._get_autogiro_mandates()[move]
        return mask_account(mandate.account_number or "")

    def _get_autogiro_live_payment(self):
        return self.autogiro_payment_ids.filtered(lambda payment: payment.state in LIVE)[:1]

    @api.model
    def _get_autogiro_open_domain(self, company):
        """Return which invoices of a company are to be collected by Autogiro and are not paid."""
        return Domain(
            [
                ("company_id", "=", company.id),
                ("autogiro", "=", True),
                ("state", "=", "posted"),
                ("payment_state", "in", ("not_paid", "partial")),
            ]
        )

    # === MARKING === #

    def action_autogiro_mark(self):
        """Have unpaid invoices that have not been sent collected by Autogiro: all of them, or none."""
        for company in self.company_id:
            company._check_autogiro_settings()
        self._check_can_be_autogiro()
        already = self.filtered("autogiro")
        new = self - already
        for company, moves in new.grouped("company_id").items():
            moves.preferred_payment_method_line_id = company.sudo().autogiro_method_line_id
        told = [self.env._("Invoices that will be collected by Autogiro: %s.", len(new))]
        if already:
            told.append(self.env._("Autogiro invoices already: %s.", len(already)))
        return self._tell_of_autogiro(told)

    def _check_can_be_autogiro(self):
        """Refuse what cannot be collected, all of it at once and why; show where the way out is."""
        reasons = {}
        blocked = self.browse()
        for move in self:
            if move.move_type != "out_invoice":
                reason = self.env._("Not customer invoices")
            elif move.state == "cancel":
                reason = self.env._("Cancelled")
            elif move.payment_state not in ("not_paid", "partial"):
                reason = self.env._("Nothing is left to pay")
            elif move.is_move_sent and not move.autogiro:
                reason = self.env._("Sent to the customer already, as ordinary invoices")
            elif move.autogiro_blocked and not move.autogiro_live:
                reason = self.env._(
                    "Refused, refunded or cancelled before, or kept out by hand: use Collect Again in Not"
                    " Sent Autogiro Invoices"
                )
                blocked += move
            else:
                continue
            reasons.setdefault(reason, []).append(move.display_name)
        if not reasons:
            return
        message = self.env._(
            "Nothing was changed, as these cannot be collected by Autogiro:\n%s",
            "\n".join(f"- {reason}: {', '.join(names)}" for reason, names in reasons.items()),
        )
        if blocked:
            raise RedirectWarning(
                message,
                self.env.ref("brp_autogiro.not_sent_action").id,
                self.env._("Show Not Sent Autogiro Invoices"),
            )
        raise UserError(message)

    def action_autogiro_collect_again(self):
        """Let the next batch take invoices that were refused, refunded, cancelled or kept out by hand."""
        moves = self.filtered(
            lambda move: (
                move.autogiro and not move.autogiro_live and move.payment_state in ("not_paid", "partial")
            )
        )
        if not moves:
            raise UserError(self.env._("None of these invoices waits to be collected by Autogiro."))
        for company, of_company in moves.grouped("company_id").items():
            day = self.env["brp.autogiro.batch"].with_company(company)._get_default_payment_date()
            now = company._get_autogiro_now()
            of_company.filtered(
                lambda move, company=company, now=now: (
                    not move.autogiro_date or company._get_autogiro_deadline(move.autogiro_date) <= now
                )
            ).autogiro_date = day
        moves.autogiro_blocked = False
        return moves._tell_of_autogiro([self.env._("Invoices that will be collected again: %s.", len(moves))])

    def _tell_of_autogiro(self, told):
        """Return a notification that also names the customers who have no mandate in force.

        :param told: sentences
        """
        lacking = self.filtered(lambda move: not move.autogiro_valid).partner_id
        if lacking:
            names = [*lacking[:_NAMED].mapped("display_name"), *(["…"] if len(lacking) > _NAMED else [])]
            told.append(
                self.env._(
                    "These customers have no mandate in force, and nothing is drawn until they have: %s.",
                    format_list(self.env, names),
                )
            )
        return self._notify_of_autogiro(" ".join(told), warning=bool(lacking))

    def _notify_of_autogiro(self, message, warning):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if warning else "success",
                "sticky": warning,
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _close_autogiro_activities(self, feedback):
        """Close the activities that asked somebody to decide, as it has been decided.

        :param feedback: what was decided
        """
        self.env["mail.activity"].sudo().search(
            [
                ("res_model", "=", "account.move"),
                ("res_id", "in", self.ids),
                ("activity_type_id", "=", self.env.ref("brp_autogiro.mail_activity_decide").id),
            ]
        ).action_feedback(feedback=feedback)

    def action_autogiro_mail_instead(self):
        """Take invoices out of Autogiro and mail them; those without an address are named."""
        mailed = self._autogiro_mail_instead()
        without = self - mailed
        message = self.env._("Invoices that are sent in a moment: %s.", len(mailed))
        if without:
            message += " " + self.env._(
                "These customers have no e-mail address; print their invoices: %s",
                format_list(self.env, without.mapped("name")),
            )
        return self._notify_of_autogiro(message, warning=bool(without))

    def action_autogiro_print_instead(self):
        """Take invoices out of Autogiro and download them as PDF."""
        self._leave_autogiro()
        self.is_move_sent = True
        return self.action_invoice_download_pdf()

    def _autogiro_mail_instead(self):
        """Have Odoo's own job mail these invoices instead of collecting them.

        :return: those that will be mailed; the others have no address and stay as they are
        """
        mailed = self.filtered(lambda move: move.partner_id.email)
        mailed._leave_autogiro()
        self.env["account.move.send"]._queue_autogiro_invoices(mailed)
        return mailed

    def _leave_autogiro(self):
        """Make these ordinary invoices; refused for what the bank is collecting."""
        for move in self:
            if move.autogiro_live:
                raise UserError(
                    self.env._(
                        "%s is being collected: it would be paid twice. Leave it out of its batch or"
                        " cancel the payment first.",
                        move.display_name,
                    )
                )
        self.preferred_payment_method_line_id = False

    @api.constrains("preferred_payment_method_line_id")
    def _check_not_being_collected(self):
        for move in self:
            if not move.autogiro and move.autogiro_live:
                raise UserError(
                    self.env._(
                        "%s is being collected by Autogiro. Leave it out of its batch or cancel the"
                        " payment before"
                        " choosing another payment method.",
                        move.display_name,
                    )
                )

    def action_view_autogiro_payments(self):
        """Show the payments of this invoice."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("brp_autogiro.brp_autogiro_payment_action")
        action["domain"] = [("move_id", "=", self.id)]
        action["context"] = {}
        return action

    # === RULES === #

    def write(self, vals):
        result = super().write(vals)
        if "autogiro_blocked" in vals and not vals["autogiro_blocked"]:
            self._close_autogiro_activities(self.env._("Will be collected again"))
        if "preferred_payment_method_line_id" in vals and (left := self.filtered(lambda m: not m.autogiro)):
            left._close_autogiro_activities(self.env._("No longer collected by Autogiro"))
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_left_out_lines(self):
        """A line that says why an invoice was left out, or was in no file, goes with the invoice."""
        self.sudo().autogiro_payment_ids.filtered(
            lambda payment: payment.state in NEVER_SENT and not payment.reference
        ).unlink()

    def unlink(self):
        self._check_not_from_autogiro_report()
        return super().unlink()

    def button_draft(self):
        """An invoice that is being collected stays as it is, and so does what the bank has reported."""
        self._check_not_from_autogiro_report()
        for move in self:
            if move.autogiro_live:
                raise UserError(
                    self.env._(
                        "%s is being collected by Autogiro. Leave it out of its batch or cancel the"
                        " payment first.",
                        move.display_name,
                    )
                )
        return super().button_draft()

    def button_cancel(self):
        self._check_not_from_autogiro_report()
        return super().button_cancel()

    def _post(self, soft=True):
        """Let only the report itself post the entry that it fills; keep the day chosen on a draft."""
        if not self.env.su and (filled := self._get_autogiro_report_entries()):
            raise UserError(
                self.env._(
                    "%s is being filled by a report that is not finished. Continue the report.",
                    format_list(self.env, filled.mapped("display_name")),
                )
            )
        # A draft without a date falls due when it is posted, and the day follows.
        chosen = [
            (move, move.autogiro_date)
            for move in self
            if move.autogiro_date and move.autogiro_date != move.invoice_date_due
        ]
        posted = super()._post(soft=soft)
        for move, day in chosen:
            if move in posted and move.autogiro and day > move.invoice_date_due:
                move.autogiro_date = day
        return posted

    def _check_not_from_autogiro_report(self):
        """Keep what was booked from a report: undone, a paid invoice would be collected again."""
        if booked := self._get_autogiro_report_entries():
            raise UserError(
                self.env._(
                    "%s was booked from a report of Bankgirot. Reverse it instead.",
                    format_list(self.env, booked.mapped("display_name")),
                )
            )

    def _get_autogiro_report_entries(self):
        """Return those of these entries that rows of reports point to."""
        entries = self.filtered(lambda move: move.move_type == "entry")
        if not entries:
            return entries
        rows = (
            self.env["brp.autogiro.report.line"]
            .sudo()
            .search_fetch(
                Domain("entry_id", "in", entries.ids) | Domain("move_line_id.move_id", "in", entries.ids),
                ["entry_id", "move_line_id"],
            )
        )
        return entries & (rows.entry_id | rows.move_line_id.move_id)

    def _has_to_be_paid(self):
        """Do not let a customer pay online what the bank is collecting."""
        return super()._has_to_be_paid() and not self.sudo().autogiro_live


def _rank(mandate):
    """Return a sort key of mandates: the one that counts comes first."""
    return _BEST_FIRST.index(mandate.state) if mandate.state in _BEST_FIRST else len(_BEST_FIRST)
