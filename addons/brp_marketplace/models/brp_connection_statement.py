import base64
from datetime import date
from urllib.parse import parse_qsl, urlsplit

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date, format_list

from odoo.addons.brp_connector.service import Service, ServiceError

#: What stands for the month in the statements' address
_MONTH = "{month}"
#: A marketplace that was silent longer is asked for the latest only.
_MOST_MONTHS = 12


class Connection(models.Model):
    """The statements by which a marketplace tells what it pays out: fetched each month, read as files are."""

    _inherit = "brp.connection"

    marketplace_statement_url = fields.Char(
        string="Statements",
        help="Where the month's statement is fetched as CSV: https://host/statements/{month}.csv. Leave it"
        " empty if you import the file yourself.",
    )
    marketplace_statement_token = fields.Char(
        string="Statements' Token", copy=False, groups="base.group_system"
    )
    marketplace_statement_month = fields.Date(
        string="Fetched Until", readonly=True, copy=False, help="The last month whose statement is here."
    )
    marketplace_statement_problem = fields.Text(readonly=True, copy=False)

    @api.constrains("marketplace_statement_url")
    def _check_statement_url(self):
        for connection in self.filtered("marketplace_statement_url"):
            address = connection.marketplace_statement_url
            if _MONTH not in address or not urlsplit(address).path:
                raise ValidationError(
                    self.env._("The statements' address has to tell the month: https://host/{month}.csv")
                )

    def write(self, vals):
        if "marketplace_statement_url" in vals and "marketplace_statement_token" not in vals:
            # Who may tell the address, but not read the token, is not to have it sent anywhere.
            address = vals["marketplace_statement_url"]
            moved = self.filtered(lambda own: (own.marketplace_statement_url or "") != (address or ""))
            moved.sudo().marketplace_statement_token = False
        return super().write(vals)

    def _find_problem(self):
        return super()._find_problem() or self.marketplace_statement_problem

    def _test(self):
        if self.provider != "marketplace" or not self.marketplace_statement_url:
            return super()._test()
        month = _add_months(self._get_this_month(), -1)
        found = self._ask_for_statement(month) is not None
        told = {"marketplace": self.name, "month": format_date(self.env, month, date_format="MMMM yyyy")}
        if found:
            return self.env._("%(marketplace)s answers, and has the statement of %(month)s.", **told)
        return self.env._("%(marketplace)s answers, and has no statement of %(month)s.", **told)

    # === FETCHING === #

    def action_fetch_statement(self):
        """Fetch what statements there are at once, this month's as well, and show the payouts."""
        self.ensure_one()
        self._check_manager()
        this_month = self._get_this_month()
        months = self._get_statement_months() or [_add_months(this_month, -1)]
        own, found = self.sudo(), False
        try:
            for month in (*months, this_month):
                found |= own._fetch_statement(month)
        except ServiceError as error:
            raise UserError(self._explain(error)) from error
        if not found:
            asked = (format_date(self.env, month, date_format="MMMM yyyy") for month in (*months, this_month))
            raise UserError(
                self.env._(
                    "%(marketplace)s has no statement of %(months)s yet.",
                    marketplace=self.name,
                    months=format_list(self.env, list(asked), "or"),
                )
            )
        return self.action_view_payouts()

    @api.model
    def _get_this_month(self):
        """Return the first day of the month, as it is in Sweden."""
        return fields.Date.context_today(self.with_context(tz="Europe/Stockholm")).replace(day=1)

    def _get_statement_months(self):
        """Return the first days of the months that are over and whose statements are not here, in order.

        Before anything is fetched, that is the last month alone.
        """
        last = _add_months(self._get_this_month(), -1)
        here = self.marketplace_statement_month or _add_months(last, -1)
        count = (last.year - here.year) * 12 + last.month - here.month
        return [_add_months(last, -back) for back in reversed(range(min(count, _MOST_MONTHS)))]

    def _fetch_statement(self, month):
        """Import the statement of a month; one that is here already changes nothing.

        :param month: its first day
        :return: whether there is one
        :raises ServiceError: the marketplace does not answer, or refuses
        :raises UserError: the file is not understood
        """
        self.ensure_one()
        content = self._ask_for_statement(month)
        if content is None:
            return False
        self._import_statement(content, f"{month:%Y-%m}.csv")
        if self._get_this_month() > month > (self.marketplace_statement_month or date.min):
            # Of this month, more may come.
            self.marketplace_statement_month = month
        self.marketplace_statement_problem = False
        self._note_success()
        return True

    def _ask_for_statement(self, month):
        """Return the statement of a month as it is, bytes; None if there is none yet. Changes nothing here.

        :param month: its first day
        :raises ServiceError: the marketplace does not answer, or refuses
        """
        address = urlsplit(self.marketplace_statement_url or "")
        if not address.netloc:
            raise UserError(
                self.env._("Enter the address of the statements in the settings of %s.", self.name)
            )
        token = self.marketplace_statement_token
        told = f"{month:%Y-%m}"
        with Service(f"{address.scheme}://{address.netloc}", secrets=(token,)) as service:
            try:
                answer = service.send(
                    "GET",
                    address.path.replace(_MONTH, told).lstrip("/"),
                    params=[(name, value.replace(_MONTH, told)) for name, value in parse_qsl(address.query)],
                    headers={"Authorization": f"Bearer {token}"} if token else None,
                )
            except ServiceError as error:
                if error.status == 404:
                    return None
                raise
        return answer.body

    def _import_statement(self, content, name):
        """Import a statement as if somebody had chosen its file, and had taken what is proposed."""
        wizard = (
            self.env["brp.payout.import"]
            .with_company(self.company_id)
            .with_context(lang=self._get_language())
            .create(
                {
                    "channel_id": self.payout_channel_id.id,
                    "file": base64.b64encode(content),
                    "file_name": name,
                }
            )
        )
        wizard.action_read()
        if wizard.state == "columns":
            wizard.action_preview()
        if wizard.state != "preview":
            raise UserError(
                self.env._(
                    "The statement is not understood by itself. Import it once by hand, under Invoicing,"
                    " Customers, Payouts: then its columns are known."
                )
            )
        if any(line.status == "new" for line in wizard.payout_ids):
            wizard.action_import()

    @api.model
    def _cron_fetch_statements(self):
        """Fetch the statements of marketplaces that have paid out."""
        today = fields.Date.context_today(self.with_context(tz="Europe/Stockholm"))
        tills = self.search(
            [
                ("provider", "=", "marketplace"),
                ("state", "=", "active"),
                ("marketplace_statement_url", "!=", False),
            ]
        )
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(tills))
        for till in tills:
            if today.day >= till.marketplace_payout_day:
                till._try_to_fetch()
            if not progress._commit_progress(1):
                break

    def _try_to_fetch(self):
        """Fetch what is not here yet; what goes wrong is told on the card, and it is tried again later."""
        self = self._in_language()
        try:
            for month in self._get_statement_months():
                with self.env.cr.savepoint():
                    self._fetch_statement(month)
        except ServiceError as error:
            self.marketplace_statement_problem = self._explain(error)
        except UserError as error:
            self.marketplace_statement_problem = str(error)
        self._refresh_problem()


def _add_months(day, count):
    return day + relativedelta(months=count)
