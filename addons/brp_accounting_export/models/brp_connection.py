import logging
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import LockError, UserError, ValidationError
from odoo.tools import float_compare

from . import ledger

_logger = logging.getLogger(__name__)

TIME_ZONE = ZoneInfo("Europe/Stockholm")
_JOURNALS = ("sale", "cash", "bank", "credit", "general")
# What was being written when we looked last was not seen then.
_LONG_AGO = datetime(2000, 1, 1)
_MARGIN = timedelta(days=1)
_NAMED = 10


class Connection(models.Model):
    _inherit = "brp.connection"

    is_accounting = fields.Boolean(compute="_compute_is_accounting")
    accounting_start_date = fields.Date(
        string="Export From", copy=False, help="What is dated before this day is not exported."
    )
    accounting_close_time = fields.Float(
        string="Close the Day At",
        default=2.0,
        help="The Swedish time at which the day before is closed and exported, between 00:00 and 12:00.",
    )
    accounting_per = fields.Selection(
        [
            ("kind", "Day and kind of journal"),
            ("journal", "Day and journal"),
            ("document", "Document"),
        ],
        string="One Voucher per",
        default="kind",
        required=True,
    )
    accounting_series = fields.Char(
        string="Voucher Series",
        size=1,
        default="K",
        help="In a series of its own, everything from Odoo can be found and taken out in the other system.",
    )
    accounting_journal_ids = fields.Many2many(
        "account.journal",
        string="Only Journals",
        check_company=True,
        groups="account.group_account_invoice,account.group_account_readonly",
        help="Leave empty to export all journals except those of vendor bills.",
    )
    accounting_mapping_ids = fields.One2many("brp.accounting.mapping", "connection_id")
    accounting_dimension_ids = fields.One2many("brp.accounting.dimension", "connection_id")
    accounting_day_ids = fields.One2many(
        "brp.accounting.day",
        "connection_id",
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    accounting_checked_at = fields.Datetime(
        readonly=True, copy=False, help="What was written before has been looked at, up to the date below."
    )
    accounting_checked_until = fields.Date(readonly=True, copy=False)
    accounting_closed_until = fields.Date(readonly=True, copy=False)
    accounting_close_failure = fields.Text(readonly=True, copy=False)

    # === COMPUTE METHODS === #

    @api.depends("provider")
    def _compute_is_accounting(self):
        for connection in self:
            connection.is_accounting = connection.provider in self._get_accounting_providers()

    def write(self, vals):
        if "accounting_journal_ids" in vals or "accounting_start_date" in vals:
            vals = {**vals, "accounting_checked_at": False}  # what was left out may be in now
        return super().write(vals)

    # === CONSTRAINT METHODS === #

    @api.constrains("accounting_close_time")
    def _check_close_time(self):
        for connection in self:
            if not 0 <= connection.accounting_close_time < 12:
                raise ValidationError(
                    self.env._("The day is closed between 00:00 and 12:00 of the next day.")
                )

    @api.constrains("accounting_series")
    def _check_series(self):
        for connection in self:
            series = connection.accounting_series or ""
            if not (len(series) == 1 and "A" <= series <= "Z"):
                raise ValidationError(self.env._("A voucher series is one letter, A to Z."))

    def _check_start_date(self, start):
        """Refuse a start date for a day that another accounting connection of the company exports."""
        self.ensure_one()
        currency = self.company_id.currency_id
        if currency.name != "SEK":
            raise UserError(
                self.env._(
                    "The books of %(company)s are kept in %(currency)s. Only kronor can be exported.",
                    company=self.company_id.name,
                    currency=currency.name,
                )
            )
        for other in self.sudo().search(
            [
                ("company_id", "=", self.company_id.id),
                ("provider", "in", self._get_accounting_providers()),
                ("id", "!=", self.id),
            ]
        ):
            if other.state in ("active", "paused"):
                raise UserError(
                    self.env._(
                        "%(other)s is active already. Exporting the same days to two places doubles the"
                        " books: deactivate it first.",
                        other=other.name,
                    )
                )
            last = other.accounting_day_ids[:1].date
            if last and last >= start:
                raise UserError(
                    self.env._(
                        "%(other)s has exported the days until %(day)s. Start after that: the same day in two"
                        " exports doubles the books.",
                        other=other.name,
                        day=fields.Date.to_string(last),
                    )
                )

    # === PROVIDER === #

    @api.model
    def _get_accounting_providers(self):
        """Return the providers that are accounting systems."""
        return []

    def _get_own_proposals(self):
        """Return {key: account number} that the other system proposes for its company."""
        return {}

    def _get_account_names(self):
        """Return {number: name} of the other system's open accounts; nothing when they are not known."""
        return {}

    def _check_accounts(self, mappings):
        """Refuse account numbers that the other system does not have; note what it calls the others."""
        names = self._get_account_names()
        if not names:
            return
        for mapping in mappings:
            mapping.code_name = names.get(mapping.code)
        unknown = mappings.filtered(lambda mapping: mapping.code and mapping.code not in names)
        if unknown:
            raise UserError(
                "\n".join(
                    self.env._(
                        "%(name)s: there is no open account %(code)s in %(system)s.",
                        name=mapping.name,
                        code=mapping.code,
                        system=self.name,
                    )
                    for mapping in unknown
                )
            )

    def _export_vouchers(self, vouchers):
        """Have new vouchers exported."""

    def _find_gone(self, vouchers):
        """Return those of exported vouchers that the other system no longer has.

        :raise UserError: it cannot be asked
        """
        return vouchers.browse()

    def _check_still_connected(self):
        """Pause the connection when the other system has switched it off."""

    # === ACTIONS === #

    def _get_activation_action(self):
        if self.provider not in self._get_accounting_providers():
            return super()._get_activation_action()
        wizard = self.env["brp.accounting.activate"].create({"connection_id": self.id})
        return wizard._reopen()

    def _get_manual_export_action(self):
        if self.provider not in self._get_accounting_providers():
            return super()._get_manual_export_action()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Manual Export"),
            "res_model": "brp.accounting.export.now",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_connection_id": self.id},
        }

    def action_view_days(self):
        """Show the days that have been closed, and those that are held."""
        return self._view_accounting("brp_accounting_day_action")

    def action_view_vouchers(self):
        """Show the exported vouchers."""
        return self._view_accounting("brp_accounting_voucher_action")

    def _view_accounting(self, name):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(f"brp_accounting_export.{name}")
        action["domain"] = [("connection_id", "=", self.id)]
        return action

    # === MAPPING === #

    def _get_accounting_journals(self):
        """Return the journals that are exported."""
        self.ensure_one()
        return self.sudo().accounting_journal_ids or self.env["account.journal"].sudo().with_context(
            active_test=False
        ).search([("company_id", "=", self.company_id.id), ("type", "in", _JOURNALS)])

    def _note_mapping_changed(self):
        """Try again what was stopped for want of an account: held days, and vouchers that were refused."""
        active = self.filtered(lambda connection: connection.state == "active").sudo()
        if not active:
            return
        waiting = (
            self.env["brp.exchange"]
            .sudo()
            .search(
                [
                    ("connection_id", "in", active.ids),
                    ("res_model", "=", "brp.accounting.voucher"),
                    ("state", "in", ("pending", "blocked")),
                ]
            )
        )
        # What was refused is not there, and what has never been sent neither.
        waiting = waiting.filtered(lambda exchange: exchange.state == "blocked" or not exchange.unsure)
        for line in self.env["brp.accounting.voucher"].sudo().browse(waiting.mapped("res_id")).line_ids:
            if line.mapping_id.code and line.code != line.mapping_id.code:
                line.code = line.mapping_id.code
        active._retry_blocked()
        self.env.ref("brp_accounting_export.ir_cron_close").sudo()._trigger()

    def _prepare_mapping(self):
        """Make the rows of the mapping for all that is in use and has none yet, with proposals."""
        self.ensure_one()
        self._add_mapping(self._find_keys_in_use(), propose=True)

    def _add_mapping(self, keys, propose=False):
        """Add the keys that have no row to the mapping.

        :param propose: whether to fill in the account number, for a person to look at
        """
        Mapping = self.env["brp.accounting.mapping"].sudo()
        there = set(Mapping.search([("connection_id", "=", self.id)]).mapped("key"))
        described = self._describe_keys([key for key in keys if key not in there])
        own = self._get_own_proposals() if propose else {}
        numbers = self._get_account_names().keys() if propose else ()
        return Mapping.create(
            [
                {
                    "connection_id": self.id,
                    "key": key,
                    "code": propose
                    and Mapping._propose_code(
                        key,
                        self.env["account.account"].sudo().browse(values.get("account_id")),
                        own,
                        numbers,
                    ),
                    **values,
                }
                for key, values in described.items()
            ]
        )

    def _find_keys_in_use(self):
        """Return the keys of what the company sells, gets paid by and has booked lately."""
        self.ensure_one()
        self.env.flush_all()
        company = self.company_id.sudo()
        keys = [f"event:{event}" for event in self.env["brp.accounting.mapping"]._get_events()]
        lines = (
            self.env["account.payment.method.line"]
            .sudo()
            .search(
                [("company_id", "=", company.id), ("journal_id", "in", self._get_accounting_journals().ids)]
            )
        )
        accounts = lines.payment_account_id | self._get_accounting_journals().default_account_id.filtered(
            lambda account: account.account_type in ("asset_cash", "liability_credit_card")
        )
        keys += [f"account:{account.id}" for account in accounts]
        receivable = self.env["ir.default"]._get(
            "res.partner", "property_account_receivable_id", company_id=company.id
        )
        keys += [f"account:{receivable}"] if receivable else []
        taxes = (
            self.env["account.tax"]
            .sudo()
            .search(
                [
                    *self.env["account.tax"]._check_company_domain(company),
                    ("type_tax_use", "=", "sale"),
                    ("amount_type", "=", "percent"),
                    ("amount", ">", 0),
                ]
            )
        )
        keys += [f"vat:sale:{tax.amount:g}" for tax in taxes]
        products = (
            self.env["product.template"]
            .sudo()
            .search(
                [
                    ("sale_ok", "=", True),
                    ("accounting_event", "=", False),
                    ("company_id", "in", (False, company.id)),
                ]
            )
        )
        for product in products:
            taxes = product.taxes_id.filtered(lambda tax: tax.company_id == company)
            rate = sum(tax.amount for tax in taxes if tax.amount_type == "percent")
            keys.append(f"group:{product.categ_id.id or 0}:{rate:g}")
        keys += ledger.find_booked_keys(
            self.env.cr,
            company,
            self._get_accounting_journals(),
            fields.Date.today() - timedelta(days=365),
        )
        return list(dict.fromkeys(keys))

    def _describe_keys(self, keys):
        """Return {key: values of its mapping row}."""
        events = self.env["brp.accounting.mapping"]._get_events()
        parts = {key: key.split(":") for key in keys}
        accounts = {
            account.id: account
            for account in self.env["account.account"]
            .sudo()
            .with_company(self.company_id)
            .browse(int(part[1]) for part in parts.values() if part[0] == "account")
        }
        groups = {
            group.id: group
            for group in self.env["product.category"]
            .sudo()
            .browse(int(part[1]) for part in parts.values() if part[0] == "group" and part[1] != "0")
        }
        methods = self._get_methods_of_accounts()
        described = {}
        for key, (kind, first, *rest) in parts.items():
            if kind == "event":
                values = {"kind": "other", "name": events[first]}
            elif kind == "vat":
                rate = rest[0]
                name = (
                    self.env._("Output VAT %s %%", rate)
                    if first == "sale"
                    else self.env._("Input VAT %s %%", rate)
                )
                values = {"kind": "vat", "name": name, "rate": rate}
            elif kind == "group":
                group = groups.get(int(first))
                values = {
                    "kind": "product_group",
                    "name": self.env._(
                        "%(group)s, %(rate)s %%",
                        group=group.complete_name if group else self.env._("No product group"),
                        rate=rest[0],
                    ),
                    "category_id": group and group.id,
                    "rate": rest[0],
                }
            else:
                account = accounts[int(first)]
                names = methods.get(account.id)
                values = {
                    "kind": "payment_method" if names else "other",
                    "name": ", ".join(names) if names else account.display_name,
                    "account_id": account.id,
                }
            described[key] = values
        return described

    def _get_methods_of_accounts(self):
        """Return {account id: names of the payment methods and journals that are booked on it}."""
        names = defaultdict(dict)
        journals = self._get_accounting_journals().filtered(lambda journal: journal.type != "sale")
        for journal in journals:
            if journal.default_account_id.account_type in ("asset_cash", "liability_credit_card"):
                names[journal.default_account_id.id][journal.name] = True
            for line in journal.inbound_payment_method_line_ids | journal.outbound_payment_method_line_ids:
                account = line.payment_account_id
                if account and account != journal.default_account_id:
                    names[account.id][f"{journal.name}: {line.name}"] = True
        return {account: list(of_account) for account, of_account in names.items()}

    # === DAY CLOSE === #

    @api.model
    def _cron_close_days(self):
        """Close the days whose time has come; what goes wrong in one connection keeps no other back."""
        connections = self.search([("state", "=", "active"), ("accounting_start_date", "!=", False)])
        for connection in connections:
            try:
                with self.env.cr.savepoint():
                    connection._close_by_itself()
            except LockError:
                continue  # somebody exports by hand at this moment
            except OperationalError:
                raise  # Odoo tries the job again
            except Exception as error:
                _logger.exception("The day close of connection %s stopped", connection.id)
                connection._note_close_failure(error)
            self.env["ir.cron"]._commit_progress(1)

    def _close_by_itself(self):
        """Close what is over, and what was held and may go now."""
        self.ensure_one()
        self = self._in_language()  # what is told of a day is stored
        last = self._get_last_day()
        if (
            self.accounting_closed_until
            and last <= self.accounting_closed_until
            and not self._has_held_days()
        ):
            return
        if self.accounting_closed_until != last:
            self._check_still_connected()
            self._note_new_keys()
        if self.state != "active":
            return
        self._close_days(last)
        self.write(
            {
                "accounting_closed_until": max(last, self.accounting_closed_until or last),
                "accounting_close_failure": False,
            }
        )
        self._refresh_problem()

    def _export_anew(self, start):
        """Export the days from a date on again, with the accounts chosen now.

        What the other system no longer has is exported again. What it has is corrected where it comes out
        differently now; what is waiting or was refused is made anew.

        :param start: the first date
        :return: (vouchers that were gone, new vouchers)
        """
        self.ensure_one()
        self.lock_for_update()
        vouchers = self.env["brp.accounting.voucher"].search(
            [("connection_id", "=", self.id), ("date", ">=", start), ("state", "!=", "withdrawn")]
        )
        exported = vouchers.filtered(lambda voucher: voucher.state == "exported")
        gone = self._find_gone(exported)
        unsent = (vouchers - exported)._take_back_unsent()
        (gone + unsent)._withdraw()
        days = vouchers.mapped("date")
        last = max([*days, self.accounting_closed_until or start])
        return gone, self._close_days(last, anew=exported - gone)

    def _has_held_days(self):
        return bool(
            self.env["brp.accounting.day"].search_count(
                [("connection_id", "=", self.id), ("state", "=", "held")], limit=1
            )
        )

    def _note_close_failure(self, error):
        """Show why a day close stopped altogether."""
        told = str(error) if isinstance(error, UserError) else type(error).__name__
        self.accounting_close_failure = self.env._("The day could not be closed: %s", told)
        self._refresh_problem()

    def _note_new_keys(self):
        """Ask for the account numbers of what is new in the company before a day is held for them."""
        made = self._add_mapping(self._find_keys_in_use())
        if made and self.responsible_id:
            self = self.with_context(lang=self.responsible_id.lang)
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=self.env._("Account numbers are missing"),
                note=self._shorten(
                    self.env._("New, and without an account number in %s:", self.name), made.mapped("name")
                ),
                user_id=self.responsible_id.id,
            )

    @api.model
    def _get_swedish_time(self, moment=None):
        """Return the time in Sweden, now or at a moment in UTC."""
        moment = moment or fields.Datetime.now()
        return moment.replace(tzinfo=timezone.utc).astimezone(TIME_ZONE)

    @api.model
    def _get_swedish_date(self, moment=None):
        """Return the date in Sweden, now or at a moment in UTC."""
        return self._get_swedish_time(moment).date()

    def _get_last_day(self):
        """Return the last date that is over by now: the closing time of the next day has come."""
        self.ensure_one()
        now = self._get_swedish_time()
        hour = now.hour + now.minute / 60
        over = float_compare(hour, self.accounting_close_time, precision_digits=4) >= 0
        return now.date() - timedelta(days=1 if over else 2)

    def _close_days(self, until, anew=None):
        """Make vouchers of everything up to a date that no voucher holds, and of what was changed since.

        Days with something that has no account in the other system are held, with what is missing; the other
        days go on.

        :param until: the last date
        :param anew: vouchers whose rows are mapped anew: what comes out differently is corrected
        :return: the vouchers
        """
        self.ensure_one()
        self = self._in_language()
        self.lock_for_update()
        self.env.flush_all()
        cr = self.env.cr
        began = fields.Datetime.now()
        since = (self.accounting_checked_at or _LONG_AGO) - _MARGIN
        checked = self.accounting_checked_until or _LONG_AGO.date()
        ledger.gather(self, until, checked, since, anew)
        problems = self._find_problems()
        if problems:
            self.env["brp.accounting.day"]._note_held(self, problems)
        else:
            self.write({"accounting_checked_at": began, "accounting_checked_until": max(until, checked)})
        ledger.drop_days(cr, problems)
        found = ledger.find_vouchers(cr, self.accounting_per)
        vouchers = self._make_vouchers(found) if found else self.env["brp.accounting.voucher"].sudo()
        self._export_vouchers(vouchers)
        self._release_days(problems)
        self._refresh_problem()
        return vouchers

    def _release_days(self, problems):
        """Days that were held and are no longer: what kept them back may have been taken out of the books."""
        self.env["brp.accounting.day"].sudo().search(
            [("connection_id", "=", self.id), ("state", "=", "held"), ("date", "not in", list(problems))]
        ).write({"state": "closed", "problem": False})

    def _find_problems(self):
        """Return {date: why the day cannot be exported}."""
        cr = self.env.cr
        missing = defaultdict(list)
        for date, key, count, _amount in ledger.find_missing(cr):
            missing[date].append((key, count))
        keys = {key for of_day in missing.values() for key, _count in of_day}
        if keys:
            self._add_mapping(keys)
        names = {
            mapping.key: mapping.name
            for mapping in self.env["brp.accounting.mapping"].sudo().search([("connection_id", "=", self.id)])
        }
        problems = {
            date: self._shorten(
                self.env._("An account number is missing for:"),
                [names[key] for key, _count in of_day],
            )
            for date, of_day in missing.items()
        }
        unbalanced = defaultdict(list)
        for date, document, difference in ledger.find_unbalanced(cr):
            unbalanced[date].append(
                self.env._(
                    "%(document)s does not balance, the difference is %(difference)s",
                    document=document,
                    difference=self.company_id.currency_id.format(difference),
                )
            )
        for date, texts in unbalanced.items():
            text = self._shorten(self.env._("These documents cannot be exported:"), texts)
            problems[date] = f"{problems[date]}\n{text}" if date in problems else text
        return problems

    def _shorten(self, heading, texts):
        """Return a heading and the first of many texts, with how many more there are."""
        shown = "; ".join(texts[:_NAMED])
        if len(texts) <= _NAMED:
            return f"{heading} {shown}."
        more = self.env._("and %s more", len(texts) - _NAMED)
        return f"{heading} {shown}; {more}."

    def _make_vouchers(self, found):
        """Make the vouchers that the ledger's query found, with their rows."""
        Voucher = self.env["brp.accounting.voucher"].sudo()
        days = self.env["brp.accounting.day"].sudo()._note_closed(self, {one["date"] for one in found})
        vouchers = Voucher.create(
            [
                {
                    "connection_id": self.id,
                    "day_id": days[one["date"]].id,
                    "date": one["date"],
                    "kind": one["kind"],
                    "journal_id": one["of_journal"],
                    "move_id": one["of_move"],
                    "correction": one["correction"],
                    "corrects_ids": [(6, 0, one["corrected"] or [])],
                    "series": self.accounting_series,
                    "text": self._get_voucher_text(one),
                }
                for one in found
            ]
        )
        ledger.fill_vouchers(self.env.cr, list(zip(vouchers.ids, found, strict=True)))
        self.env.invalidate_all()
        vouchers.modified(["line_ids"])
        self._check_balance(vouchers)
        return vouchers

    def _get_voucher_text(self, found):
        kinds = self.env["brp.accounting.voucher"]._fields["kind"]._description_selection(self.env)
        kind = dict(kinds)[found["kind"]]
        document = self.env["account.move"].sudo().browse(found["of_move"]).name if found["of_move"] else kind
        text = f"{document} {fields.Date.to_string(found['date'])}"
        return self.env._("Correction: %s", text) if found["correction"] else text

    def _check_balance(self, vouchers):
        """Stop everything if a voucher does not add up: it must not happen, and must not be hidden."""
        currency = self.company_id.currency_id
        for voucher, difference in self.env["brp.accounting.voucher.line"]._read_group(
            [("voucher_id", "in", vouchers.ids)], ["voucher_id"], ["amount:sum"]
        ):
            if not currency.is_zero(difference):
                raise UserError(
                    self.env._(
                        "The voucher %(voucher)s does not balance, the difference is %(difference)s.",
                        voucher=voucher.text,
                        difference=currency.format(difference),
                    )
                )

    def _find_problem(self):
        problem = super()._find_problem() or self.accounting_close_failure
        held = self.env["brp.accounting.day"].search(
            [("connection_id", "=", self.id), ("state", "=", "held")], order="date"
        )
        if not held:
            return problem
        text = self.env._(
            "%(count)s days are not exported. %(day)s: %(problem)s",
            count=len(held),
            day=fields.Date.to_string(held[0].date),
            problem=held[0].problem,
        )
        return f"{problem}\n{text}" if problem else text
