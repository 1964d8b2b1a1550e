import base64
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.brp_connector.service import Service, ServiceError

#: What stands for the month in the statements' address
_MONTH = "{month}"


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

    # === FETCHING === #

    def action_fetch_statement(self):
        """Fetch last month's statement at once, and show its payout."""
        self.ensure_one()
        self._check_manager()
        try:
            self.sudo()._fetch_statement(self._get_statement_month())
        except ServiceError as error:
            raise UserError(self._explain(error)) from error
        return self.action_view_payouts()

    def _get_statement_month(self):
        """Return the first day of the month before this one."""
        today = fields.Date.context_today(self.with_context(tz="Europe/Stockholm"))
        return (today.replace(day=1) - timedelta(days=1)).replace(day=1)

    def _fetch_statement(self, month):
        """Import the statement of a month; one that is here already changes nothing.

        :param month: its first day
        :raises ServiceError: the marketplace does not answer, or has no statement yet
        :raises UserError: the file is not understood
        """
        self.ensure_one()
        address = urlsplit(self.marketplace_statement_url or "")
        if not address.netloc:
            raise UserError(
                self.env._("Enter the address of the statements in the settings of %s.", self.name)
            )
        token = self.marketplace_statement_token
        told = f"{month:%Y-%m}"
        with Service(f"{address.scheme}://{address.netloc}", secrets=(token,)) as service:
            answer = service.send(
                "GET",
                address.path.replace(_MONTH, told).lstrip("/"),
                params=[(name, value.replace(_MONTH, told)) for name, value in parse_qsl(address.query)],
                headers={"Authorization": f"Bearer {token}"} if token else None,
            )
        self._import_statement(answer.body, f"{told}.csv")
        self.write({"marketplace_statement_month": month, "marketplace_statement_problem": False})
        self._note_success()

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
            month = till._get_statement_month()
            here = till.marketplace_statement_month
            if today.day >= till.marketplace_payout_day and (not here or here < month):
                till._try_to_fetch(month)
            if not progress._commit_progress(1):
                break

    def _try_to_fetch(self, month):
        """Fetch a statement; what goes wrong is told on the card, and it is tried again later."""
        self = self._in_language()
        try:
            with self.env.cr.savepoint():
                self._fetch_statement(month)
        except ServiceError as error:
            if error.status == 404:
                return  # not there yet
            self.marketplace_statement_problem = self._explain(error)
        except UserError as error:
            self.marketplace_statement_problem = str(error)
        self._refresh_problem()
