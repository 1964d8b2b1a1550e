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
# What was being written when we looked last was not seen then.
_LONG_AGO = datetime(2000, 1, 1)
_MARGIN = timedelta(days=1)
_NAMED = 10
# So many numbers of corrected vouchers have room in the text of one.
_NUMBERED = 2


class Connection(models.Model):
    """The day close (dagsavslut): journal items become vouchers."""

    _inherit = "brp.connection"

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
    accounting_apart_journal_ids = fields.Many2many(
        "account.journal",
        "brp_connection_apart_journal_rel",
        string="Own Voucher for Each Entry of",
        check_company=True,
        domain="[('type', '=', 'general')]",
        groups="account.group_account_invoice,account.group_account_readonly",
        help="Each entry gets a voucher with its reference as text, its items' labels on its rows and its"
        " documents. Of other journals, those of a day are one voucher. Leave empty for the journal of"
        " miscellaneous entries. Entries of payouts always have vouchers of their own.",
    )
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

    # === CRUD METHODS === #

    def write(self, vals):
        if "accounting_journal_ids" in vals or "accounting_start_date" in vals:
            vals = {**vals, "accounting_checked_at": False}  # what was left out may be in now
        done = super().write(vals)
        if "accounting_series" in vals:
            self._note_series_changed()
        return done

    # === CONSTRAINT METHODS === #

    @api.constrains("accounting_close_time")
    def _check_close_time(self):
        for connection in self:
            if not 0 <= connection.accounting_close_time < 12:
                raise ValidationError(
                    self.env._("The day is closed between 00:00 and 12:00 of the next day.")
                )

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
                connection._in_language()._note_close_failure(error)
            self.env["ir.cron"]._commit_progress(1)

    def _close_by_itself(self):
        """Close what is over, and what was held and may go now."""
        self.ensure_one()
        self = self._in_language()  # what is told of a day is stored
        last = self._get_last_day()
        held = self._get_held_days()
        if self.accounting_closed_until and last <= self.accounting_closed_until and not held:
            return
        if self.accounting_closed_until != last:
            self._check_still_connected()
            self._note_new_keys()
        if self.state != "active":
            return
        # A later day is held when somebody has exported it by hand.
        self._close_days(max([last, *held.mapped("date")]))
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
        unsent = (vouchers - exported)._take_back_unsent()
        refused = vouchers - exported - unsent
        refused -= refused._find_on_their_way()
        gone = self._find_gone(exported + refused)
        gone._cancel_exchanges()
        (gone + unsent)._withdraw()
        days = vouchers.mapped("date")
        last = max([*days, self.accounting_closed_until or start])
        return gone & exported, self._close_days(last, anew=exported - gone)

    def _get_held_days(self):
        """Return the days that are held, the first one first."""
        return (
            self.env["brp.accounting.day"]
            .sudo()
            .search([("connection_id", "=", self.id), ("state", "=", "held")], order="date")
        )

    def _note_close_failure(self, error):
        """Show why a day close stopped altogether."""
        told = str(error) if isinstance(error, UserError) else type(error).__name__
        self.accounting_close_failure = self.env._("The day could not be closed: %s", told)
        self._refresh_problem()

    def _note_new_keys(self):
        """Ask for the account numbers of what is new in the company before a day is held for them."""
        made = self._add_mapping(self._find_keys_in_use())
        self._refresh_proposals()
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
        elif until >= checked:  # otherwise later days have not been looked at
            self.write({"accounting_checked_at": began, "accounting_checked_until": until})
        ledger.drop_days(cr, problems)
        found = ledger.find_vouchers(cr, self.accounting_per, self._get_apart_journals().ids)
        vouchers = self._make_vouchers(found) if found else self.env["brp.accounting.voucher"].sudo()
        self._export_vouchers(vouchers)
        self._release_days(until, problems)
        self._refresh_problem()
        return vouchers

    def _release_days(self, until, problems):
        """Days that were held and are no longer: what kept them back may have been taken out of the books."""
        self._get_held_days().filtered(lambda day: day.date <= until and day.date not in problems).write(
            {"state": "closed", "problem": False}
        )

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
        texts = self._get_voucher_texts(found)
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
                    "text": text,
                }
                for one, text in zip(found, texts, strict=True)
            ]
        )
        ledger.fill_vouchers(self.env.cr, list(zip(vouchers.ids, found, strict=True)))
        self.env.invalidate_all()
        vouchers.modified(["line_ids"])
        self._check_balance(vouchers)
        return vouchers

    def _get_voucher_texts(self, found):
        """Return the texts of the vouchers to make, in their order."""
        Voucher = self.env["brp.accounting.voucher"].sudo()
        kinds = dict(Voucher._fields["kind"]._description_selection(self.env))
        documents = ledger.describe_documents(
            self.env.cr, {one["of_move"] for one in found if one["of_move"]}
        )
        numbers = {
            voucher.id: f"{voucher.series}{voucher.number}"
            for voucher in Voucher.browse({ident for one in found for ident in one["corrected"] or ()})
            if voucher.number
        }
        texts = []
        for one in found:
            what, day = (
                documents.get(one["of_move"]) or kinds[one["kind"]],
                fields.Date.to_string(one["date"]),
            )
            text = what if day in what else f"{what} {day}"
            corrected = [numbers[ident] for ident in one["corrected"] or () if ident in numbers]
            if one["correction"] and 0 < len(corrected) <= _NUMBERED:
                text = self.env._(
                    "Correction of %(numbers)s: %(text)s", numbers=", ".join(corrected), text=text
                )
            elif one["correction"]:
                text = self.env._("Correction: %s", text)
            texts.append(text)
        return texts

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
        held = self._get_held_days()
        if not held:
            return problem
        text = self.env._(
            "%(count)s days are not exported. %(day)s: %(problem)s",
            count=len(held),
            day=fields.Date.to_string(held[0].date),
            problem=held[0].problem,
        )
        return f"{problem}\n{text}" if problem else text
