from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.brp_connector.service import ServiceError

from ..models.brp_connection import REGIONS
from ..settlements import SettlementError


class KlarnaActivate(models.TransientModel):
    """The dialog that connects Klarna: access, from when and what to book, accounts."""

    _name = "brp.klarna.activate"
    _description = "Activate Klarna"
    _inherit = "brp.connection.sign.in"

    step = fields.Selection(
        [("access", "Access"), ("start", "From When"), ("accounts", "Accounts"), ("done", "Done")]
    )
    region = fields.Selection(REGIONS, default="EU", required=True)
    host = fields.Char(string="Address")
    user = fields.Char(string="API User", help="Begins with K in Klarna's merchant portal.")
    password = fields.Char(string="API Password")
    refusal = fields.Text(help="Why Klarna could not be reached with what was entered.")
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

    def _go_to(self, step):
        if step == "accounts":
            self.mapping_ids = self.channel_id.mapping_ids.filtered(
                lambda row: row.kind not in ("sale", "refund")
            )
        return super()._go_to(step)

    def _get_known_password(self):
        return self.connection_id.sudo().klarna_password

    def _get_access(self):
        return {
            "klarna_region": self.region,
            "klarna_host": (self.host or "").strip(),
            "klarna_user": (self.user or "").strip(),
            "klarna_password": self.password or self._get_known_password(),
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
