import re
from contextlib import nullcontext

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.brp_personal_number.personal_number import PersonalNumberError, mask, normalize

from ..bankgirot import (
    ADVICE_COMMENT,
    INFORMATION,
    AcceptMandate,
    AccountError,
    CancelMandate,
    ChangePayerNumber,
    NewMandate,
    NumberError,
    RejectMandate,
    add_bank_days,
    mask_account,
    meaning,
    read_account,
    read_bankgiro,
    read_organisation_number,
    read_payer_number,
    show_account,
    show_bankgiro,
)
from .guard import refuse_direct_changes, telling_no_number

ACCOUNT_GROUP = "brp_autogiro.group_bank_account"
NUMBER_GROUP = "brp_personal_number.group_personal_number"

# Lines of batches that never became, or will become, an instruction to the bank.
NEVER_SENT = ("left_out", "discarded")

# Banking days within which an application from the internet bank must be answered.
_ANSWER_DAYS = 18

# Banking days until a payer number whose mandate has ended can be used again.
_QUARANTINE_DAYS = 7

_BY_STEPS = frozenset(
    {
        "state",
        "origin",
        "request",
        "request_batch_id",
        "new_payer_number",
        "sent_date",
        "debitable_from",
        "ended_date",
        "answer_before",
        "message",
        "payer_text",
    }
)

# While a mandate is in one of these, no other of the company may have its payer number.
_TAKING = ("to_send", "sent", "active")

# What a new mandate has of these; nothing of the others.
_AT_FIRST = {"state": "draft", "origin": "us"}

# What may be written of a mandate that has been requested. The numbers say themselves when they may not.
_OPEN = frozenset(
    {
        "signed_date",
        "signed_document",
        "signed_document_name",
        "uploaded_document",
        "shown_payer_number",
        "shown_account",
        "shown_holder_number",
    }
)

_REQUESTS = [
    ("new", "New mandate"),
    ("cancel", "Cancel"),
    ("change", "Change payer number"),
    ("accept", "Accept application"),
    ("reject", "Reject application"),
]


class AutogiroMandate(models.Model):
    """A customer's consent that we debit an account: requested, answered by the bank, ended.

    The payer number, bank account and personal number are private; ``shown_…`` are what everybody
    sees and types, in full only for the groups concerned.
    """

    _name = "brp.autogiro.mandate"
    _description = "Autogiro Mandate"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _rec_names_search = ["partner_id.name", "holder_id.name"]
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        check_company=True,
        index=True,
        tracking=True,
        help="Whose invoices are collected by this mandate.",
    )
    holder_id = fields.Many2one(
        "res.partner",
        string="Account Holder",
        check_company=True,
        compute="_compute_holder_id",
        store=True,
        readonly=False,
        help="Whose bank account is debited: the customer or somebody else.",
    )
    account_type = fields.Selection(
        [("bank", "Bank account"), ("bankgiro", "Bankgiro number")],
        default="bank",
        required=True,
        help="A mandate on a bankgiro number has that number as its payer number.",
    )
    payer_number = fields.Char(
        "Payer Number in Full", groups=NUMBER_GROUP, copy=False, index="btree_not_null"
    )
    account_number = fields.Char("Bank Account in Full", groups=ACCOUNT_GROUP, copy=False)
    holder_number = fields.Char(
        "Holder's Number in Full", groups=NUMBER_GROUP, copy=False, index="btree_not_null"
    )
    shown_payer_number = fields.Char(
        string="Payer Number",
        compute="_compute_shown",
        inverse="_inverse_shown_payer_number",
        search="_search_shown_payer_number",
        compute_sudo=True,
        help="The number that tells the payer apart at Bankgirot, up to 16 digits. Left empty, it becomes"
        " the customer's personal number, else the account holder's.",
    )
    shown_account = fields.Char(
        string="Bank Account",
        compute="_compute_shown",
        inverse="_inverse_shown_account",
        compute_sudo=True,
        help="Clearing number and account number.",
    )
    shown_holder_number = fields.Char(
        string="Personal or Organisation Number",
        compute="_compute_shown",
        inverse="_inverse_shown_holder_number",
        compute_sudo=True,
        help="Of the account holder. Left empty, it is taken from the account holder's contact.",
    )
    account_bank = fields.Char(string="Bank", compute="_compute_account_preview", compute_sudo=True)
    account_warning = fields.Char(compute="_compute_account_preview", compute_sudo=True)
    account_digits_shown = fields.Char(
        string="As Sent to Bankgirot",
        compute="_compute_account_preview",
        compute_sudo=True,
        help="Clearing number in four positions and account number in twelve.",
    )
    signed_date = fields.Date(string="Signed On", copy=False)
    signed_document = fields.Binary(attachment=True, groups=ACCOUNT_GROUP, copy=False)
    signed_document_name = fields.Char(copy=False)
    has_signed_document = fields.Boolean(compute="_compute_has_signed_document", compute_sudo=True)
    uploaded_document = fields.Binary(
        string="Upload the Signed Document",
        compute="_compute_uploaded_document",
        inverse="_inverse_uploaded_document",
        help="Kept where only those who see bank accounts can open it.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("to_send", "To Send"),
            ("sent", "Sent"),
            ("active", "Active"),
            ("refused", "Refused"),
            ("ended", "Ended"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        tracking=True,
        index=True,
    )
    origin = fields.Selection(
        [
            ("us", "Registered here"),
            ("internet_bank", "Applied for in the internet bank"),
            ("register", "Register extract"),
        ],
        default="us",
        required=True,
        readonly=True,
        copy=False,
    )
    request = fields.Selection(
        _REQUESTS, string="Request to the Bank", readonly=True, copy=False, index="btree_not_null"
    )
    asked = fields.Char(string="Asked For", compute="_compute_asked", compute_sudo=True)
    asked_of_bank = fields.Boolean(compute="_compute_asked", compute_sudo=True)
    asked_in_file = fields.Char(
        string="Asked",
        compute="_compute_asked_in_file",
        help="What the file of the batch at hand asks the bank.",
    )
    request_batch_id = fields.Many2one(
        "brp.autogiro.batch", string="Sent In", readonly=True, copy=False, index="btree_not_null"
    )
    new_payer_number = fields.Char(groups=NUMBER_GROUP, copy=False, index="btree_not_null")
    sent_date = fields.Date(readonly=True, copy=False)
    debitable_from = fields.Date(
        readonly=True,
        copy=False,
        tracking=True,
        help="The first day on which a payment may be collected.",
    )
    ended_date = fields.Date(readonly=True, copy=False)
    answer_before = fields.Date(
        string="Last Day to Answer",
        readonly=True,
        copy=False,
        help="Accept or reject the application on this day at the latest: Bankgirot cancels what is not"
        " answered.",
    )
    message = fields.Text(string="From the Bank", readonly=True, copy=False)
    payer_text = fields.Text(string="From the Payer", readonly=True, copy=False)
    payment_ids = fields.One2many("brp.autogiro.payment", "mandate_id")
    payment_count = fields.Integer(compute="_compute_payment_count")
    needs_customer = fields.Boolean(compute="_compute_needs_customer")

    _payer_number_unique = models.UniqueIndex(
        "(company_id, payer_number) WHERE state IN ('to_send', 'sent', 'active')",
        "Another mandate has this payer number already. Choose another number or cancel that mandate first.",
    )

    # === COMPUTE METHODS === #

    @api.depends("partner_id", "holder_id", "origin")
    def _compute_name(self):
        for mandate in self:
            if who := mandate.partner_id or mandate.holder_id:
                mandate.name = self.env._("Mandate %s", who.name)
            elif mandate.origin == "us":
                mandate.name = self.env._("New Mandate")
            else:
                mandate.name = self.env._("Mandate without a customer")

    @api.depends("partner_id")
    def _compute_holder_id(self):
        for mandate in self:
            mandate.holder_id = mandate.holder_id or mandate.partner_id

    @api.depends("payer_number", "account_number", "holder_number", "account_type")
    @api.depends_context("uid")
    def _compute_shown(self):
        full_number = self.env.user.has_group(NUMBER_GROUP)
        full_account = self.env.user.has_group(ACCOUNT_GROUP)
        for mandate in self:
            payer = mandate.payer_number
            if payer and mandate.account_type == "bankgiro" and len(payer) in (7, 8):
                payer = show_bankgiro(payer)
            elif payer and not full_number:
                payer = self._mask_payer_number(payer)
            mandate.shown_payer_number = payer
            holder = mandate.holder_number
            if holder and holder.startswith("00"):
                # A sole trader's organisation number is the personal number.
                hidden = not full_number and self._may_be_personal_number(holder[2:])
                holder = f"{holder[2:8]}-{'****' if hidden else holder[8:]}"
            elif holder:
                holder = f"{holder[:8]}-{holder[8:]}" if full_number else mask(holder)
            mandate.shown_holder_number = holder
            account = mandate.account_number
            mandate.shown_account = account and (
                show_account(account) if full_account else mask_account(account)
            )

    @api.model
    def _mask_payer_number(self, number):
        """Return a payer number without what tells a person; others keep their last four digits."""
        if len(number) == 12:
            return mask(number)
        # A payer number has lost the zeros that those born in the 2000s begin with.
        ten = number.zfill(10)
        if self._may_be_personal_number(ten):
            return f"{ten[:6]}-****"
        return "*" * (len(number) - 4) + number[-4:]

    @api.model
    def _may_be_personal_number(self, ten):
        """Say whether ten digits may be a personal number, also of somebody who turns or is over 100."""
        today = fields.Date.context_today(self)
        for sign in "-+":
            try:
                normalize(f"{ten[:6]}{sign}{ten[6:]}", today)
            except PersonalNumberError:
                continue
            return True
        return False

    @api.depends("account_number")
    @api.depends_context("uid", "lang")
    def _compute_account_preview(self):
        full = self.env.user.has_group(ACCOUNT_GROUP)
        for mandate in self:
            digits = mandate.account_number
            mandate.account_bank = mandate.account_warning = mandate.account_digits_shown = False
            if not digits:
                continue
            mandate.account_digits_shown = (
                f"{digits[:4]} {digits[4:]}" if full else f"**** ********{digits[-4:]}"
            )
            try:
                account = read_account(digits[4:].lstrip("0"), digits[:4])
            except AccountError as error:
                mandate.account_warning = error.text(self._get_short_language())
                continue
            mandate.account_bank = account.bank
            mandate.account_warning = self._join_warnings(account)

    @api.depends("payment_ids")
    def _compute_payment_count(self):
        counts = dict(
            self.env["brp.autogiro.payment"]._read_group(
                [("mandate_id", "in", self.ids), ("state", "not in", NEVER_SENT)],
                ["mandate_id"],
                ["__count"],
            )
        )
        for mandate in self:
            mandate.payment_count = counts.get(mandate, 0)

    @api.depends("partner_id")
    def _compute_needs_customer(self):
        for mandate in self:
            mandate.needs_customer = not mandate._origin.partner_id  # also while one is being chosen

    def _search_shown_payer_number(self, operator, value):
        """Find by payer number, those who may see it in full; others could guess what is masked."""
        if operator not in ("in", "like", "ilike", "=like", "=ilike"):
            return NotImplemented
        if not self.env.user.has_group(NUMBER_GROUP):
            return Domain.FALSE
        typed = value if operator == "in" else [value]
        numbers = [re.sub(r"\D", "", text).lstrip("0") for text in typed if isinstance(text, str)]
        numbers = [number for number in numbers if number]
        compare = "=" if operator == "in" else "like"
        found = self.sudo()._search(Domain.OR(Domain("payer_number", compare, number) for number in numbers))
        return Domain("id", "in", found)

    @api.depends("signed_document")
    def _compute_has_signed_document(self):
        """Say whether there is a document, without reading it."""
        attachments = self.env["ir.attachment"]._read_group(
            [
                ("res_model", "=", self._name),
                ("res_field", "=", "signed_document"),
                ("res_id", "in", self._origin.ids),
            ],
            ["res_id"],
        )
        with_document = {mandate_id for (mandate_id,) in attachments}
        for mandate in self:
            mandate.has_signed_document = mandate._origin.id in with_document

    def _compute_uploaded_document(self):
        """Show nothing: what has been uploaded is read as the signed document, by those who may."""
        self.uploaded_document = False

    @api.depends("request", "request_batch_id.state", "new_payer_number")
    @api.depends_context("uid", "lang")
    def _compute_asked(self):
        """Say what the bank is, or will be, asked about the mandate, and whether the file has been sent."""
        full = self.env.user.has_group(NUMBER_GROUP)
        labels = dict(self._fields["request"]._description_selection(self.env))
        for mandate in self:
            mandate.asked = labels.get(mandate.request)
            mandate.asked_of_bank = mandate.request_batch_id.state in ("sent", "done")
            if number := mandate.request == "change" and mandate.new_payer_number:
                shown = number if full else self._mask_payer_number(number)
                mandate.asked = self.env._("The payer number will be changed to %s", shown)

    @api.depends_context("autogiro_batch_id", "lang")
    def _compute_asked_in_file(self):
        batch = self.env["brp.autogiro.batch"].browse(self.env.context.get("autogiro_batch_id") or [])
        labels = dict(self._fields["request"]._description_selection(self.env))
        asked = batch.requests or {}
        for mandate in self:
            mandate.asked_in_file = labels.get(asked.get(str(mandate.id)))

    def _get_short_language(self):
        return "sv" if (self.env.lang or "").startswith("sv") else "en"

    # === INVERSES === #

    def _inverse_shown_payer_number(self):
        for mandate in self:
            typed = mandate.shown_payer_number
            if typed and "*" in typed:
                continue  # what was shown masked has not been changed
            mandate._check_draft()
            try:
                read = read_bankgiro if mandate.account_type == "bankgiro" else read_payer_number
                mandate.sudo().payer_number = typed and read(typed)
            except NumberError as error:
                raise ValidationError(error.text(self._get_short_language())) from None

    def _inverse_shown_account(self):
        for mandate in self:
            typed = mandate.shown_account
            if typed and "*" in typed:
                continue
            mandate._check_draft()
            try:
                mandate.sudo().account_number = typed and read_account(typed).digits
            except AccountError as error:
                raise ValidationError(error.text(self._get_short_language())) from None

    def _inverse_shown_holder_number(self):
        for mandate in self:
            typed = mandate.shown_holder_number
            if typed and "*" in typed:
                continue
            mandate._check_draft()
            mandate.sudo().holder_number = typed and self._read_holder_number(typed)

    def _inverse_uploaded_document(self):
        """Keep the document; let only those who can open one replace it."""
        for mandate in self.filtered("uploaded_document"):
            if mandate.has_signed_document and not self.env.user.has_group(ACCOUNT_GROUP):
                raise UserError(
                    self.env._(
                        "There is a signed document already. Somebody who sees bank accounts can replace it."
                    )
                )
            mandate.sudo().signed_document = mandate.uploaded_document
            mandate.message_post(body=self.env._("The signed document has been uploaded."))

    @api.model
    def _read_holder_number(self, typed):
        """Return a personal or organisation number as the twelve digits that Bankgirot takes.

        :raises ValidationError: neither; the message does not contain it
        """
        try:
            return normalize(typed, fields.Date.context_today(self))
        except PersonalNumberError as error:
            try:
                return read_organisation_number(typed)
            except NumberError:
                partner = self.env["res.partner"]
                raise ValidationError(partner._explain_personal_number(error.problem)) from None

    # === CRUD METHODS === #

    @api.onchange("shown_account")
    def _onchange_shown_account(self):
        """Say at once what is wrong with an account that is typed, and show what is sent.

        Nothing of the account that was there before stays beside it.
        """
        self.account_bank = self.account_digits_shown = self.account_warning = False
        if warning := self._warn_of_account(self.shown_account):
            return warning
        if self.shown_account and "*" not in self.shown_account:
            account = read_account(self.shown_account)
            self.account_bank = account.bank
            self.account_digits_shown = f"{account.digits[:4]} {account.digits[4:]}"
            self.account_warning = self._join_warnings(account)
        return None

    @api.onchange("shown_holder_number")
    def _onchange_shown_holder_number(self):
        """Say at once what is wrong with a number that is typed."""
        return self._warn_of_holder_number(self.shown_holder_number)

    @api.model
    def _warn_of_holder_number(self, typed):
        """Return a warning for the web client when what is typed is no such number, else None."""
        if not typed or "*" in typed:
            return None
        try:
            self._read_holder_number(typed)
        except ValidationError as error:
            title = self.env._("Personal or Organisation Number")
            return {"warning": {"title": title, "message": str(error)}}
        return None

    @api.model
    def _warn_of_account(self, typed):
        """Return a warning for the web client when what is typed is not an account, else None."""
        if not typed or "*" in typed:
            return None
        try:
            read_account(typed)
        except AccountError as error:
            message = error.text(self._get_short_language())
            return {"warning": {"title": self.env._("Bank Account"), "message": message}}
        return None

    def _join_warnings(self, account):
        language = self._get_short_language()
        return " ".join(warning.text(language) for warning in account.warnings) or False

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            defaults = self.default_get(list(_BY_STEPS))
            for vals in vals_list:
                given = {name: value for name, value in (defaults | vals).items() if value}
                if any(given[name] != _AT_FIRST.get(name) for name in _BY_STEPS & given.keys()):
                    raise UserError(self.env._("A mandate begins as a draft."))
        # No holder given means the customer.
        return super().create(
            [
                {name: value for name, value in vals.items() if value or name != "holder_id"}
                for vals in vals_list
            ]
        )

    def write(self, vals):
        refuse_direct_changes(self, vals, _BY_STEPS)
        if not self.env.su and (requested := self.filtered(lambda mandate: mandate.state != "draft")):
            still_open = {name for name in self._fields if name.startswith(("message_", "activity_"))}
            if not requested.partner_id:
                still_open.add("partner_id")
            refuse_direct_changes(self, vals, frozenset(self._fields) - _OPEN - still_open)
        if "state" in vals:
            for mandate in self:
                if mandate.state in ("refused", "ended") and vals["state"] != mandate.state:
                    raise UserError(
                        self.env._(
                            "%s has ended and cannot be used again: the customer must sign a new one."
                            " Make a new mandate.",
                            mandate.name,
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for mandate in self:
            if mandate.state != "draft" or mandate.origin == "internet_bank":
                raise UserError(
                    self.env._(
                        "%s has been sent to the bank and stays on record. Cancel it instead.", mandate.name
                    )
                )

    def _check_draft(self):
        for mandate in self:
            if mandate.state != "draft" and not self.env.su:
                raise UserError(
                    self.env._(
                        "%s has been requested: its numbers stay as they are. Cancel it and make a new one.",
                        mandate.name,
                    )
                )

    # === ACTIONS === #

    def action_request(self):
        """Check everything and let the next mandate file ask the bank for the mandate."""
        self.check_access("write")
        for mandate in self.sudo():
            if mandate.state != "draft" or mandate.origin == "internet_bank":
                continue
            mandate._complete_numbers()
            mandate._check_payer_number_free()
            mandate._take_payer_number({"request": "new"})

    def action_accept(self):
        """Answer an application from the internet bank with yes."""
        for mandate in self._filter_applications():
            if not mandate.partner_id:
                raise UserError(self.env._("Choose the customer whose application this is first."))
            holder = mandate.holder_id or mandate.partner_id
            mandate._take_payer_number({"request": "accept", "holder_id": holder.id})

    def action_reject(self):
        """Answer an application from the internet bank with no."""
        for mandate in self._filter_applications():
            mandate.write(
                {"state": "refused", "request": "reject", "ended_date": fields.Date.context_today(self)}
            )

    def _filter_applications(self):
        self.check_access("write")
        return self.sudo().filtered(
            lambda mandate: mandate.state == "draft" and mandate.origin == "internet_bank"
        )

    def action_cancel(self):
        """Cancel: at once what the bank does not know of, else by the next mandate file."""
        self.check_access("write")
        for mandate in self.sudo():
            today = mandate.company_id._get_autogiro_today()
            if mandate.request and mandate.request_batch_id:
                if mandate.request_batch_id.state in ("draft", "file"):
                    raise UserError(
                        self.env._(
                            "%(mandate)s is in the file %(batch)s: send or discard the file first.",
                            mandate=mandate.name,
                            batch=mandate.request_batch_id.name,
                        )
                    )
                raise UserError(
                    self.env._(
                        "%(mandate)s: the bank has been asked and has not answered yet.", mandate=mandate.name
                    )
                )
            if mandate.state == "to_send":
                mandate.write({"state": "draft", "request": False})
            elif mandate.state in ("sent", "active"):
                if mandate.sent_date == today and not mandate.request:
                    raise UserError(
                        self.env._(
                            "%s was sent today. Bankgirot asks that a mandate and its cancellation are"
                            " not sent on the same day: cancel it tomorrow.",
                            mandate.name,
                        )
                    )
                mandate.request = "cancel"

    def action_undo_request(self):
        """Take back a cancellation or change that has not been put in a file yet."""
        self.check_access("write")
        self.sudo().filtered(lambda m: m.request in ("cancel", "change") and not m.request_batch_id).write(
            {"request": False, "new_payer_number": False}
        )

    def action_new_mandate(self):
        """Start a new mandate for the same customer and account; it must be signed anew."""
        self.ensure_one()
        self.check_access("read")
        self.check_access("create")
        old = self.sudo()
        new = old.copy()
        new.write({name: old[name] for name in ("payer_number", "account_number", "holder_number")})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "view_mode": "form",
            "res_id": new.id,
        }

    def action_view_payments(self):
        """Show what has been collected by this mandate."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("brp_autogiro.brp_autogiro_payment_action")
        action["domain"] = [("mandate_id", "=", self.id), ("state", "not in", NEVER_SENT)]
        action["context"] = {}
        return action

    def action_send_file(self):
        """Show what waits to be sent about mandates, to make a file of it."""
        self.check_access("write")
        return self.env["brp.autogiro.mandate.file"]._open(self.company_id[:1] or self.env.company)

    @api.model
    def _get_waiting_domain(self, company):
        """Return which mandates of a company there is something to ask about, in no file yet."""
        return [
            ("company_id", "=", company.id),
            ("request", "!=", False),
            ("request_batch_id", "=", False),
        ]

    # === REQUESTS === #

    def _complete_numbers(self):
        """Fill in payer number and holder's number where they follow from the contact, and check them."""
        for mandate in self:
            holder = mandate.holder_id or mandate.partner_id
            if not mandate.partner_id:
                raise UserError(self.env._("Choose the customer first."))
            if mandate.account_type == "bank":
                if not mandate.holder_number:
                    mandate.holder_number = self._get_number_of(holder)
                if not mandate.holder_number:
                    raise UserError(
                        self.env._(
                            "Enter the personal or organisation number of the account holder %s.", holder.name
                        )
                    )
                if not mandate.account_number:
                    raise UserError(self.env._("Enter the bank account of %s.", holder.name))
                if not mandate.payer_number:
                    mandate.payer_number = mandate._get_default_payer_number()
            if not mandate.payer_number:
                raise UserError(self.env._("Enter the payer number of %s.", holder.name))

    def _get_default_payer_number(self):
        """Return the customer's own personal number, else the account holder's, as payer number."""
        self.ensure_one()
        number = self._get_number_of(self.partner_id) or self.holder_number
        return number.lstrip("0")

    @api.model
    def _get_number_of(self, partner):
        """Return a contact's personal or organisation number as twelve digits, or nothing."""
        partner = partner.sudo()
        if partner.personal_number:
            return partner.personal_number
        for typed in (partner.company_registry, partner.vat):
            if typed:
                try:
                    return read_organisation_number(typed)
                except NumberError:
                    continue
        return ""

    def _check_payer_number_free(self):
        """Refuse a payer number whose mandate ended a few banking days ago: the bank would."""
        for mandate in self:
            ended = self.search(
                [
                    ("company_id", "=", mandate.company_id.id),
                    ("payer_number", "=", mandate.payer_number),
                    ("state", "=", "ended"),
                    ("ended_date", "!=", False),
                ],
                order="ended_date desc",
                limit=1,
            )
            free = ended and add_bank_days(ended.ended_date, _QUARANTINE_DAYS)
            if free and free > mandate.company_id._get_autogiro_today():
                raise UserError(
                    self.env._(
                        "A mandate with this payer number ended %(ended)s. Bankgirot lets the number be used"
                        " again on %(free)s. Wait until then or choose another payer number.",
                        ended=fields.Date.to_string(ended.ended_date),
                        free=fields.Date.to_string(free),
                    )
                )

    def _take_payer_number(self, values):
        """Write a draft's request, from when on no other mandate may have its payer number."""
        self.ensure_one()
        self._check_payer_number_unused(self.payer_number)
        with telling_no_number(self.env, self._get_taken_error()):
            self.write({**values, "state": "to_send"})

    def _check_payer_number_unused(self, number):
        """Refuse a payer number that another mandate of the company has or is about to get."""
        self.ensure_one()
        if self._is_taken(Domain("payer_number", "=", number) | Domain("new_payer_number", "=", number)):
            raise self._get_taken_error()

    def _is_taken(self, has_number):
        """Say whether another mandate of the company, on its way or in force, has a payer number."""
        self.ensure_one()
        others = Domain("company_id", "=", self.company_id.id) & Domain("id", "!=", self.id)
        return bool(self.sudo().search_count(has_number & others & Domain("state", "in", _TAKING), limit=1))

    def _get_taken_error(self):
        return UserError(
            self.env._(
                "Another mandate has this payer number already. Choose another number or cancel that"
                " mandate first."
            )
        )

    def _prepare_record(self):
        """Return this mandate's request as a record of the file to Bankgirot."""
        self.ensure_one()
        mandate = self.sudo()
        if mandate.request == "new" and mandate.account_type == "bank":
            return NewMandate(mandate.payer_number, mandate.account_number, mandate.holder_number)
        return {
            "new": lambda: NewMandate(mandate.payer_number, None, None),
            "cancel": lambda: CancelMandate(mandate.payer_number),
            "change": lambda: ChangePayerNumber(mandate.payer_number, mandate.new_payer_number),
            "accept": lambda: AcceptMandate(mandate.payer_number),
            "reject": lambda: RejectMandate(mandate.payer_number),
        }[mandate.request]()

    def _note_sent(self, sent_on):
        """Note that the file with these mandates' requests has been sent.

        :param sent_on: local date
        """
        by_request = self.grouped("request")
        asked = by_request.get("new", self.browse()) + by_request.get("accept", self.browse())
        # One that the bank has answered already stays as it answered.
        waiting = asked.filtered(lambda mandate: mandate.state == "to_send")
        for (company, account_type), mandates in waiting.grouped(
            lambda mandate: (mandate.company_id, mandate.account_type)
        ).items():
            debitable_from = company._get_autogiro_debitable_from(account_type, sent_on)
            mandates.write({"state": "sent", "sent_date": sent_on, "debitable_from": debitable_from})
        # A cancellation or change is there until the bank has answered.
        (asked + by_request.get("reject", self.browse())).request = False

    # === FINDING === #

    def _is_debitable_on(self, day):
        """Say whether a payment may be collected on a local date; nothing to collect by says no."""
        return (
            self.state == "active"
            and self.request != "cancel"
            and (not self.debitable_from or self.debitable_from <= day)
        )

    @api.model
    def _get_by_partner(self, company, partners):
        """Return {partner: its mandate} for those who have one, the one in force before others.

        Of several the active one counts, then one that is on its way, then the newest.
        """
        rank = {"active": 0, "sent": 1, "to_send": 2, "draft": 3, "refused": 4, "ended": 4}
        mandates = self.search(
            [("company_id", "=", company.id), ("partner_id", "in", partners.ids)], order="id desc"
        )
        found = {}
        for mandate in mandates.sorted(lambda mandate: rank[mandate.state]):
            found.setdefault(mandate.partner_id, mandate)
        return found

    # === WHAT THE BANK TELLS === #

    def _apply_advice(self, outcome, information, comment, day, debitable_from):
        """Change the mandate as an advice from Bankgirot says.

        :param outcome: what the advice means, as its property of that name
        :param day: local date of the action, or None
        :param debitable_from: local date that the advice gives, or None
        :return: whether the advice fitted the mandate's state
        """
        self.ensure_one()
        day = day or self.company_id._get_autogiro_today()
        text = self._get_advice_text(information, comment)
        if self.state in ("refused", "ended"):
            return outcome in ("refused", "ended")
        if outcome == "already_there":
            self.message = text
            return self.state == "active"  # else it may be under inquiry, or cancelled recently
        if outcome == "active":
            return self._note_approved(text, day, debitable_from)
        elif outcome == "refused":
            if self.state == "active" and information == "04":
                return False  # a second request for a mandate that is in force was refused: it still is
            self._note_end("refused", text, day)
        elif outcome == "ended":
            self._note_end("ended", text, day)
        else:
            self.message = text
            if asked := {"03": "cancel", "05": "change"}.get(information):
                if self.request == asked:
                    self.write({"request": False, "request_batch_id": False, "new_payer_number": False})
                return False  # what we asked for was not done
        return True

    def _note_approved(self, text, day, debitable_from):
        """Note that the bank has approved the mandate, unless another one has its payer number.

        When nobody has noted that its file was sent, the bank had it on the day of the advice at the latest.
        """
        draft = self.state == "draft"
        if draft and self._is_taken(Domain("payer_number", "=", self.payer_number)):
            return False
        values = {"message": text}
        if self.state != "active":
            values["state"] = "active"
            values["debitable_from"] = (
                debitable_from
                or self.debitable_from
                or self.company_id._get_autogiro_debitable_from(self.account_type, day)
            )
        if self.request in ("new", "accept"):
            values.update(request=False, request_batch_id=False)
        with telling_no_number(self.env, self._get_taken_error()) if draft else nullcontext():
            self.write(values)
        return True

    def _note_end(self, state, text, day):
        self.write(
            {
                "state": state,
                "message": text,
                "request": False,
                "request_batch_id": False,
                "new_payer_number": False,
                "ended_date": day,
            }
        )

    @api.model
    def _get_advice_text(self, information, comment):
        language = self._get_short_language()
        parts = [meaning(INFORMATION, information, language)]
        if comment.strip("0 "):
            parts.append(meaning(ADVICE_COMMENT, comment, language))
        return ": ".join(parts)

    def _apply_new_number(self):
        """Take over the payer number that Bankgirot has changed to, unless another mandate has it.

        :return: whether it was taken over
        """
        self.ensure_one()
        mandate = self.sudo()
        if mandate._is_taken(Domain("payer_number", "=", mandate.new_payer_number)):
            return False
        with telling_no_number(self.env, self._get_taken_error()):
            mandate.write(
                {
                    "payer_number": mandate.new_payer_number,
                    "new_payer_number": False,
                    "request": False,
                    "request_batch_id": False,
                }
            )
        return True
