from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.brp_connector.service import ServiceError

from ..models.brp_connection import REGIONS
from ..settlements import SettlementError

_STEPS = ["access", "start", "accounts", "done"]


class KlarnaActivate(models.TransientModel):
    """The dialog that connects Klarna: access, from when and what to book, accounts."""

    _name = "brp.klarna.activate"
    _description = "Activate Klarna"

    connection_id = fields.Many2one("brp.connection", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="connection_id.company_id")
    step = fields.Selection(
        [("access", "Access"), ("start", "From When"), ("accounts", "Accounts"), ("done", "Done")],
        default="access",
        required=True,
        readonly=True,
    )
    region = fields.Selection(REGIONS, default="EU", required=True)
    host = fields.Char(string="Address")
    user = fields.Char(string="API User", help="Begins with K in Klarna's merchant portal.")
    password = fields.Char(string="API Password")
    password_hint = fields.Char(compute="_compute_password_hint")
    refusal = fields.Text(readonly=True, help="Why Klarna could not be reached with what was entered.")
    start_date = fields.Date(string="Fetch From")
    further = fields.Boolean(string="Go further back", help="Than the first day of the previous month.")
    mode = fields.Selection(related="connection_id.klarna_mode", readonly=False)
    channel_id = fields.Many2one(related="connection_id.payout_channel_id")
    receivable_account_id = fields.Many2one(related="channel_id.receivable_account_id", readonly=False)
    paid_account_id = fields.Many2one(related="channel_id.paid_account_id", readonly=False)
    rate_ids = fields.One2many(related="connection_id.klarna_rate_ids", readonly=False)
    zero_use = fields.Selection(related="connection_id.klarna_zero_use", readonly=False)
    mapping_ids = fields.Many2many("brp.payout.mapping", readonly=False)

    @api.model_create_multi
    def create(self, vals_list):
        today = fields.Date.context_today(self.with_context(tz="Europe/Stockholm"))
        last_month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
        for vals in vals_list:
            vals.setdefault("start_date", last_month)
        wizards = super().create(vals_list)
        for wizard in wizards:
            own = wizard.connection_id.sudo()
            wizard.write(
                {
                    "region": own.klarna_region,
                    "host": own.klarna_host,
                    "user": own.klarna_user,
                    "start_date": own.klarna_start_date or wizard.start_date,
                }
            )
        return wizards

    @api.depends("connection_id")
    def _compute_password_hint(self):
        for wizard in self:
            known = wizard.connection_id.sudo().klarna_password
            wizard.password_hint = self.env._("As it was, if nothing is entered") if known else False

    def action_next(self):
        """Check what the step asks for and go on to the next."""
        self.ensure_one()
        self.connection_id._check_manager()
        if self.step == "access":
            if not self._try_to_sign_in():
                return self._reopen()
        else:
            getattr(self, f"_leave_{self.step}")()
        return self._go_to(_STEPS[_STEPS.index(self.step) + 1])

    def action_back(self):
        """Go back a step; what has been filled in is kept."""
        self.ensure_one()
        return self._go_to(_STEPS[max(_STEPS.index(self.step) - 1, 0)])

    def action_close(self):
        """Show the page behind as it is now."""
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _go_to(self, step):
        self.step = step
        if step == "accounts":
            self.mapping_ids = self.channel_id.mapping_ids.filtered(
                lambda row: row.kind not in ("sale", "refund")
            )
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Activate %s", self.connection_id.name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _try_to_sign_in(self):
        """Return whether Klarna knows user and password.

        The dialog does not keep them any longer than this takes. An error that is raised would leave in the
        database what was stored of it before: the dialog shows it instead.
        """
        access = self._get_sign_in()
        self.write({"password": False, "refusal": False})
        try:
            # What worked before goes on when this does not.
            with self.env.cr.savepoint():
                self._sign_in(access)
        except UserError as error:
            self.refusal = str(error)
        return not self.refusal

    def _get_sign_in(self):
        return {
            "klarna_region": self.region,
            "klarna_host": (self.host or "").strip(),
            "klarna_user": (self.user or "").strip(),
            "klarna_password": self.password or self.connection_id.sudo().klarna_password,
        }

    def _sign_in(self, access):
        """Keep user and password when Klarna knows them."""
        connection = self.connection_id.sudo()
        if not (access["klarna_user"] and access["klarna_password"]):
            raise UserError(self.env._("Enter the API user and its password, from Klarna's merchant portal."))
        same = connection.search(
            [
                ("provider", "=", "klarna"),
                ("state", "in", ("active", "paused")),
                ("klarna_user", "=", access["klarna_user"]),
                ("klarna_region", "=", self.region),
                ("id", "!=", connection.id),
            ]
        )
        if same.filtered(lambda other: other.klarna_host == access["klarna_host"] or self.region != "host"):
            raise UserError(
                self.env._(
                    "Another company is connected to Klarna as this API user. Its payouts would be booked in"
                    " both: deactivate the other one first."
                )
            )
        connection.write(access)
        try:
            connection._test()
        except ServiceError as error:
            if error.status in (401, 403):
                raise UserError(
                    self.env._("Klarna does not know this user and password in the region that was chosen.")
                ) from error
            raise UserError(connection._explain(error)) from error
        except SettlementError as error:
            raise UserError(connection._explain_klarna(error)) from error

    def _leave_start(self):
        if not self.start_date:
            raise UserError(self.env._("Choose from which day to fetch payouts."))
        connection = self.connection_id
        if self.start_date != connection.klarna_start_date:
            connection._check_klarna_start(self.start_date, self.further)
        connection.sudo().write({"klarna_start_date": self.start_date})
        connection._set_up_klarna()

    def _leave_accounts(self):
        missing = self.rate_ids.filtered(
            lambda rate: not rate.account_id or (rate.rate and not rate.vat_account_id)
        )
        if missing and self.mode == "full":
            raise UserError(self.env._("Choose accounts for %s.", ", ".join(missing.mapped("display_name"))))
        self.connection_id.sudo()._activate()
        self.env.ref("brp_klarna.ir_cron_fetch").sudo()._trigger()
