import hashlib
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning, UserError, ValidationError

from ..bankgirot import (
    NumberError,
    SealError,
    add_bank_days,
    bank_day_on_or_after,
    key_check_value,
    read_bankgiro,
    show_bankgiro,
)

# Bankgirot's clock, whatever the user's time zone.
TIME_ZONE = ZoneInfo("Europe/Stockholm")

# What Bankgirot's files have room for.
_CUSTOMER_NUMBER_LENGTH = 6

# Lowest and highest value of settings that are numbers.
_RANGES = {
    "autogiro_cutoff": (0, 24),
    "autogiro_day": (1, 31),
    "autogiro_lead_days": (1, 30),
    "autogiro_reminder_days": (0, 30),
    "autogiro_mandate_days": (0, 60),
    "autogiro_retries": (0, 3),
}


class ResCompany(models.Model):
    _inherit = "res.company"

    autogiro_bankgiro = fields.Char(
        string="Bankgiro Number",
        copy=False,
        help="The bankgiro number that Autogiro payments go to.",
    )
    autogiro_customer_number = fields.Char(
        string="Bankgirot Customer Number",
        copy=False,
        help="The payee's customer number at Bankgirot, up to six digits; it stands in the Autogiro"
        " agreement.",
    )
    autogiro_method_line_id = fields.Many2one(
        "account.payment.method.line",
        string="Autogiro Payment Method",
        domain="[('code', '=', 'autogiro'), ('payment_type', '=', 'inbound'), ('company_id', '=', id)]",
        copy=False,
        help="The payment method line Autogiro of the bank journal. Its outstanding account is the"
        " clearing account: what Bankgirot reports as paid waits there for the bank statement.",
    )
    autogiro_cutoff = fields.Float(
        string="Cut-off Time",
        default=19,
        help="Files must reach Bankgirot before this time, Swedish time, on the banking day before."
        " The channels of some banks close earlier.",
    )
    autogiro_day = fields.Integer(
        string="Day of Collection",
        default=27,
        help="The day of the month proposed for a new batch.",
    )
    autogiro_lead_days = fields.Integer(
        string="Lead Time",
        default=2,
        help="The automatic batch is made this many banking days before the payment date.",
    )
    autogiro_reminder_days = fields.Integer(
        string="Reminder",
        default=2,
        help="What needs a decision is mailed this many banking days before the automatic batch.",
    )
    autogiro_mandate_days = fields.Integer(
        string="Time for New Mandates",
        default=6,
        help="Banking days from when a mandate was sent until its first payment. Bankgirot's rule is six.",
    )
    autogiro_retries = fields.Integer(
        string="Retries Ordered at the Bank",
        default=3,
        help="How many times Bankgirot tries again when the account lacks cover (0 to 3, as in the"
        " agreement).",
    )
    autogiro_seal_key = fields.Char(
        string="Seal Key",
        groups="base.group_system",
        copy=False,
        help="The key of 32 hexadecimal digits that files are sealed with (HMAC). Leave empty when the"
        " bank's own channel signs the files.",
    )
    autogiro_refused_policy = fields.Selection(
        [
            ("next_month", "Try again next month"),
            ("mail", "Send the invoice by e-mail instead"),
            ("stop", "Stop and let a person decide"),
        ],
        string="When a Payment Is Refused",
        default="stop",
        required=True,
    )
    autogiro_responsible_id = fields.Many2one(
        "res.users",
        string="Responsible for Autogiro",
        help="Gets the activities, reminders and receipts.",
    )
    autogiro_automatic = fields.Boolean(
        string="Collect Automatically",
        help="Every day, make the files that are due and leave them in the exchange folder.",
    )
    autogiro_mail_unmandated = fields.Boolean(
        string="Mail Invoices Without a Mandate",
        help="The automatic run mails invoices that cannot be collected because a mandate is missing.",
    )
    autogiro_reminded_date = fields.Date(
        copy=False, help="The payment date of which the person responsible was reminded last."
    )
    autogiro_last_notice = fields.Char(
        copy=False, help="Which messages were mailed today, when no more than one a day is to be."
    )

    _autogiro_bankgiro_unique = models.Constraint(
        "UNIQUE(autogiro_bankgiro)",
        "Another company has this bankgiro number already: reports could not be told apart.",
    )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_bankgiro(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_bankgiro(vals))

    def _with_bankgiro(self, vals):
        """Return ``vals`` with the bankgiro number, if there is one, as bare digits."""
        if not vals.get("autogiro_bankgiro"):
            return vals
        try:
            return {**vals, "autogiro_bankgiro": read_bankgiro(vals["autogiro_bankgiro"])}
        except NumberError as error:
            raise self._get_autogiro_field_error(
                "autogiro_bankgiro", error.text(self.env.lang or "")
            ) from None

    def _get_autogiro_field_error(self, name, problem):
        """Return an error that names the setting that is wrong."""
        label = self._fields[name]._description_string(self.env)
        return ValidationError(
            self.env._("Autogiro, %(setting)s: %(problem)s", setting=label, problem=problem)
        )

    @api.constrains("autogiro_customer_number")
    def _check_autogiro_customer_number(self):
        for company in self:
            number = company.autogiro_customer_number
            if number and not (
                number.isascii()
                and number.isdigit()
                and number.strip("0")
                and len(number) <= _CUSTOMER_NUMBER_LENGTH
            ):
                raise company._get_autogiro_field_error(
                    "autogiro_customer_number", self.env._("It has up to six digits and is not zero.")
                )

    @api.constrains(*_RANGES)
    def _check_autogiro_ranges(self):
        for company in self:
            for name, (lowest, highest) in _RANGES.items():
                if not lowest <= company[name] <= highest:
                    raise company._get_autogiro_field_error(
                        name,
                        self.env._("Choose from %(lowest)s to %(highest)s.", lowest=lowest, highest=highest),
                    )

    @api.constrains("autogiro_automatic", "autogiro_responsible_id")
    def _check_autogiro_responsible(self):
        for company in self:
            if company.autogiro_automatic and not company.autogiro_responsible_id.email:
                raise ValidationError(
                    self.env._(
                        "Choose who is responsible for Autogiro, with an e-mail address, before collecting"
                        " automatically."
                    )
                )

    @api.constrains("autogiro_seal_key")
    def _check_autogiro_seal_key(self):
        for company in self.sudo().filtered("autogiro_seal_key"):
            try:
                key_check_value(company.autogiro_seal_key)
            except SealError:
                raise company._get_autogiro_field_error(
                    "autogiro_seal_key", self.env._("It has 32 hexadecimal digits: 0-9 and A-F.")
                ) from None

    # === SETTINGS === #

    def _check_autogiro_settings(self):
        """Raise an error that names every setting that collecting by Autogiro lacks."""
        self.ensure_one()
        company = self.sudo()
        if company.currency_id.name != "SEK":
            raise UserError(self.env._("The company's currency must be Swedish kronor."))
        required = ("autogiro_bankgiro", "autogiro_customer_number", "autogiro_method_line_id")
        missing = [
            company._fields[name]._description_string(self.env) for name in required if not company[name]
        ]
        line = company.autogiro_method_line_id
        if line and not (line.journal_id and line.payment_account_id):
            missing.append(self.env._("Clearing Account"))
        if not missing:
            return
        message = self.env._(
            "%(company)s cannot collect by Autogiro yet. Missing in the settings: %(settings)s.",
            company=company.name,
            settings=", ".join(missing),
        )
        if not self.env.su and self.env.user.has_group("base.group_system"):
            raise RedirectWarning(
                message,
                self.env.ref("account.action_account_config").id,
                self.env._("Go to the settings"),
            )
        raise UserError(message + " " + self.env._("Ask an administrator to complete them."))

    def _set_up_autogiro(self):
        """Put the payment method Autogiro on the company's bank journal, with a clearing account.

        What is already there is kept. Calling it again changes nothing.
        """
        method = self.env.ref("brp_autogiro.payment_method_autogiro")
        Line = self.env["account.payment.method.line"]
        for company in self:
            line = company.autogiro_method_line_id or Line.search(
                [("payment_method_id", "=", method.id), ("journal_id.company_id", "=", company.id)], limit=1
            )
            if not line:
                journal = self.env["account.journal"].search(
                    [
                        *self.env["account.journal"]._check_company_domain(company),
                        ("type", "=", "bank"),
                        ("currency_id", "in", (False, self.env.ref("base.SEK").id)),
                    ],
                    limit=1,
                )
                if not company.root_id.sudo().chart_template:
                    raise UserError(
                        self.env._(
                            "%s has no chart of accounts. Choose its fiscal localization in the settings of"
                            " invoicing first, and save them.",
                            company.name,
                        )
                    )
                if not journal:
                    raise UserError(
                        self.env._("%s has no bank journal in kronor. Make one first.", company.name)
                    )
                line = Line.create(
                    {"name": "Autogiro", "payment_method_id": method.id, "journal_id": journal.id}
                )
            if not line.payment_account_id:
                line.payment_account_id = company._find_autogiro_account()
            company.autogiro_method_line_id = line

    def _find_autogiro_account(self):
        """Return a reconcilable account for payments on their way, 1932 or the first free after it."""
        self.ensure_one()
        Account = self.env["account.account"].with_company(self)
        name = self.env._("Autogiro, payments on their way")
        found = Account.search(
            [*Account._check_company_domain(self), ("name", "=", name), ("reconcile", "=", True)], limit=1
        )
        return found or Account.create(
            {
                "name": name,
                "code": Account._search_new_account_code("1932"),
                "account_type": "asset_current",
                "reconcile": True,
                "company_ids": [(6, 0, self.root_id.ids)],
            }
        )

    # === TIME === #

    def _get_autogiro_now(self):
        """Return the time in Sweden, as a naive datetime."""
        return (
            fields.Datetime.now().replace(tzinfo=ZoneInfo("UTC")).astimezone(TIME_ZONE).replace(tzinfo=None)
        )

    def _get_autogiro_today(self):
        """Return the date in Sweden."""
        return self._get_autogiro_now().date()

    def _get_autogiro_deadline(self, payment_date):
        """Return until when a file for payments on a date can be sent, Swedish time without zone.

        :param payment_date: local date; on a day that is no banking day the next one counts
        """
        self.ensure_one()
        day = add_bank_days(bank_day_on_or_after(payment_date), -1)
        return datetime.combine(day, time()) + timedelta(hours=self.autogiro_cutoff)

    def _get_autogiro_debitable_from(self, account_type, day):
        """Return the first day of payment of a new mandate that Bankgirot got on a local date.

        A mandate on a bankgiro number asks no bank.
        """
        self.ensure_one()
        return add_bank_days(day, self.autogiro_mandate_days if account_type == "bank" else 1)

    def _get_autogiro_bankgiro_shown(self):
        return show_bankgiro(self.autogiro_bankgiro) if self.autogiro_bankgiro else ""

    # === MESSAGES === #

    def _get_autogiro_language(self):
        """Return the language in which what the background job does is noted."""
        company = self.sudo()
        return company.autogiro_responsible_id.lang or company.partner_id.lang or self.env.lang

    def _notify_autogiro(self, subject, body, once_per_day=False, user=None):
        """Mail the person responsible for Autogiro, or another user; nobody when nobody is.

        :param subject, body: plain text without private data
        :param once_per_day: do nothing when the same person got a message of that subject today
        """
        self.ensure_one()
        user = user or self.sudo().autogiro_responsible_id
        if not user.email or (once_per_day and not self._note_autogiro_notice(subject, user)):
            return
        self.env["mail.mail"].sudo().create(
            {
                "subject": subject,
                "body_html": self.env["ir.qweb"]._render("brp_autogiro.receipt_mail", {"body": body}),
                "email_to": user.email_formatted,
                "email_from": self.email_formatted or user.email_formatted,
                "auto_delete": True,
            }
        )
        # Else it waits for the queue's next hour.
        self.env.ref("mail.ir_cron_mail_scheduler_action").sudo()._trigger()

    def _note_autogiro_notice(self, subject, user):
        """Note that a message is mailed today, and say whether it is the first of its kind.

        Mails are deleted when they have been sent: they do not tell.
        """
        today = fields.Date.to_string(self._get_autogiro_today())
        digest = hashlib.sha256(f"{user.email}\n{subject}".encode()).hexdigest()[:16]
        day, *told = (self.sudo().autogiro_last_notice or "").split("|")
        if day != today:
            told = []
        if digest in told:
            return False
        self.sudo().autogiro_last_notice = "|".join((today, *told, digest))
        return True
