import os
from datetime import datetime, time, timedelta
from time import monotonic

import pytz
from psycopg2.extensions import TransactionRollbackError

from odoo import Command, api, fields, models
from odoo.exceptions import ConcurrencyError, UserError, ValidationError

from odoo.addons.brp_connector.models.brp_connection import Provider
from odoo.addons.brp_connector.models.brp_exchange import Delivered
from odoo.addons.brp_connector.service import Explanation, Service, ServiceError

from ..settlements import DEFAULTS, LIVE, PLAYGROUND, Klarna, SettlementError, explain

REGIONS = [
    ("EU", "Europe"),
    ("NA", "North America"),
    ("OC", "Oceania"),
    ("test", "Playground (Europe)"),
    ("host", "Another host"),
]
STOCKHOLM = pytz.timezone("Europe/Stockholm")
#: Names of the system parameters
_PLAYGROUND = "brp_klarna.playground"
#: A payout may turn up in Klarna's list some time after the day that it is dated.
_LATE = timedelta(days=60)
_OPERATIONS = ("klarna_payout", "klarna_report", "klarna_orders")
#: What an order has of its customer: it is no business of a log.
_PERSONAL = (
    "billing_address", "shipping_address", "customer", "given_name", "family_name", "email", "phone",
    "street_address", "street_address2", "postal_code", "city", "date_of_birth",
)  # fmt: skip
#: Klarna's word -> the account that it is usually booked on; of others the bookkeeper decides
_USUAL = {
    "FEE": "fee",
    "FEE_VAT": "fee_vat",
    "FEE_REFUND": "fee",
    "FEE_REFUND_VAT": "fee_vat",
    "CORRECTION": "fee",
    "TAX": "fee_vat",
    "REVERSAL": "reversal",
    "REVERSAL_MERCHANT_PROTECTION": "reversal",
    "HOLDBACK": "holdback",
    "RELEASE": "holdback",
}
#: (BAS number, type) of accounts that are made when the company has none of the number
_ACCOUNTS = {
    "receivable": ("1582", "asset_current"),
    "paid": ("1938", "asset_current"),
    "holdback": ("1689", "asset_current"),
    "fee": ("6064", "expense"),
    "fee_vat": ("2640", "liability_current"),
    "reversal": ("6351", "expense"),
    "rounding": ("3740", "income"),
    "gift_card": ("2421", "liability_current"),
    "tip": ("2820", "liability_current"),
    "sales_25": ("3001", "income"),
    "sales_12": ("3002", "income"),
    "sales_6": ("3003", "income"),
    "sales_0": ("3004", "income"),
    "vat_25": ("2611", "liability_current"),
    "vat_12": ("2621", "liability_current"),
    "vat_6": ("2631", "liability_current"),
}


def tell(error, lang):
    """Return what is wrong with an answer of Klarna's, in the user's language."""
    return error.text("sv" if (lang or "").startswith("sv") else "en")


class Connection(models.Model):
    """Klarna as a provider: its access, its accounts, and the list of its payouts."""

    _inherit = "brp.connection"

    provider = fields.Selection(
        selection_add=[("klarna", "Klarna")],
        ondelete={"klarna": lambda connections: connections._forget_klarna()},
    )
    klarna_region = fields.Selection(REGIONS, string="Region", default="EU")
    klarna_host = fields.Char(
        string="Address",
        help="Where the settlements API is, when it is not Klarna's own: https://host.example",
    )
    klarna_user = fields.Char(string="API User", copy=False, groups="base.group_system")
    klarna_password = fields.Char(string="API Password", copy=False, groups="base.group_system")
    klarna_start_date = fields.Date(
        string="Fetch From", copy=False, help="Payouts that were paid before this day are not fetched."
    )
    klarna_listed = fields.Datetime(
        readonly=True, copy=False, help="When Klarna's list was read from the day to fetch from on."
    )
    klarna_mode = fields.Selection(
        [
            ("full", "Sales and payouts: Klarna is the only source"),
            ("payout", "Payouts only: the sales are booked in Odoo already"),
        ],
        string="Books",
        default="full",
    )
    klarna_zero_use = fields.Selection(
        [("gift_card", "Gift cards that were sold"), ("sales", "Sales without VAT")],
        string="What Has No VAT Is",
        default="gift_card",
        help="Klarna tells the VAT of an order, not what was sold. This is how a part without VAT is booked"
        " when no order line tells: as a gift card, a debt until it is redeemed, or as sales at 0 %. Choose"
        " sales if you sell what is free of VAT, as education or health care. Tips are found among the order"
        " lines only.",
    )
    klarna_ask_orders = fields.Boolean(
        string="Ask for Orders",
        default=True,
        help="Klarna's order management is asked where a payout does not tell the VAT of an order, and"
        " what was sold without VAT: a gift card, a tip or neither.",
    )
    klarna_tip_words = fields.Char(
        string="Tips Are Called",
        default="tip, dricks",
        help="Order lines without VAT whose name or reference has one of these words are tips.",
    )
    klarna_default_rate_id = fields.Many2one(
        "brp.klarna.rate",
        string="VAT When Nobody Knows",
        domain="[('connection_id', '=', id), ('use', '=', 'sales')]",
        help="Leave empty to have payouts wait until somebody has told the VAT of such orders.",
    )
    klarna_tax_refund = fields.Selection(
        [("added", "Added to the payout"), ("in_tax", "Taken from the VAT already")],
        string="VAT of Refunded Fees Is",
        default="added",
    )
    klarna_rate_ids = fields.One2many("brp.klarna.rate", "connection_id", string="Sales and VAT")

    @api.constrains("klarna_host", "klarna_region")
    def _check_klarna_host(self):
        for connection in self.filtered(lambda connection: connection.klarna_region == "host"):
            if not connection.klarna_host:
                raise ValidationError(self.env._("Enter the address of the settlements API."))

    def write(self, vals):
        place = {"klarna_region", "klarna_host"} & vals.keys()
        if place and "klarna_password" not in vals:
            # Who may tell the address, but not read the password, is not to have it sent anywhere.
            moved = self.filtered(lambda own: any((own[name] or "") != (vals[name] or "") for name in place))
            moved.sudo().klarna_password = False
        if {"klarna_start_date", "klarna_user", *place} & vals.keys():
            vals = {"klarna_listed": False, **vals}
        done = super().write(vals)
        if "klarna_mode" in vals:
            for connection in self.sudo().filtered("payout_channel_id"):
                connection.payout_channel_id.match_sales = connection.klarna_mode == "payout"
        return done

    def _forget_klarna(self):
        """Let go of the connections when the addon is uninstalled; the channels keep their payouts."""
        self.payout_channel_ids.connection_id = False
        self.exchange_ids.unlink()
        self.unlink()

    @api.model
    def _get_providers(self):
        return super()._get_providers() | {
            "klarna": Provider(
                description=self.env._(
                    "Sales, refunds, fees and payouts from Klarna are booked by themselves, to the öre."
                ),
                logo="/brp_klarna/static/img/klarna.png",
            )
        }

    @api.model
    def _get_fetching_providers(self):
        return [*super()._get_fetching_providers(), "klarna"]

    # === THE SERVICE === #

    def _get_service(self, on_exchange=None):
        if self.provider != "klarna":
            return super()._get_service(on_exchange)
        own = self.sudo()
        return self._get_klarna(
            own.klarna_region, own.klarna_host, own.klarna_user, own.klarna_password, on_exchange
        )

    @api.model
    def _get_klarna(self, region, host, user, password, on_exchange=None):
        """Return what talks to Klarna for a merchant."""
        if not (user and password):
            raise UserError(self.env._("Klarna's API user and password are missing."))
        playground = self._get_klarna_setting(_PLAYGROUND, "KLARNA_PLAYGROUND") or PLAYGROUND["EU"]
        base = {**LIVE, "test": playground, "host": (host or "").rstrip("/")}[region]
        service = Service(
            base,
            secrets=(user, password),
            names=_PERSONAL,
            explain=lambda status, headers, body: Explanation(*explain(status, headers, body)),
            on_exchange=on_exchange,
        )
        # While others leave the exchange alone.
        return Klarna(
            service, (user, password), until=monotonic() + self.env["brp.exchange"]._get_grace() / 2
        )

    @api.model
    def _get_klarna_setting(self, parameter, variable):
        """Return a system parameter, or else a variable of the server's environment."""
        return self.env["ir.config_parameter"].sudo().get_param(parameter) or os.environ.get(variable)

    def _test(self):
        if self.provider != "klarna":
            return super()._test()
        now = datetime.now(pytz.utc)
        try:
            count = sum(1 for _payout in self._get_service().list_payouts(now - timedelta(days=35), now))
        except SettlementError as error:
            raise UserError(self._explain_klarna(error)) from error
        return self.env._("Klarna answers. Payouts during the last five weeks: %s.", count)

    def _explain_klarna(self, error):
        """Return what a person should know about an answer of Klarna's that cannot be relied on."""
        return self.env._("Klarna's answer cannot be used: %s", tell(error, self.env.lang))

    def _get_activation_action(self):
        if self.provider != "klarna":
            return super()._get_activation_action()
        return self.env["brp.klarna.activate"].create({"connection_id": self.id})._reopen()

    def action_klarna_fetch(self):
        """Look for new payouts at once."""
        self.ensure_one()
        if self.state != "active":
            raise UserError(self.env._("%s is not active.", self.name))
        try:
            self.sudo().with_company(self.company_id)._fetch_klarna()
        except ServiceError as error:
            raise UserError(self._explain(error)) from error
        except SettlementError as error:
            raise UserError(self._explain_klarna(error)) from error
        return self.action_view_payouts()

    # === SET-UP === #

    def _check_klarna_start(self, start, further=False):
        """Refuse a start before the previous month, unless somebody has chosen to go further back."""
        today = fields.Date.context_today(self.with_context(tz="Europe/Stockholm"))
        first = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
        if start > today:
            raise UserError(self.env._("Choose a day that has begun."))
        if start < first and not further:
            raise UserError(
                self.env._(
                    "Payouts can be fetched of this month and the previous one, from %s. Choose to go"
                    " further back if nothing older has been booked.",
                    fields.Date.to_string(first),
                )
            )

    def _set_up_klarna(self):
        """Make the channel and the rows of VAT rates, with accounts of BAS numbers; what is there is kept."""
        self.ensure_one()
        company = self.company_id
        self._check_chart_of_accounts()
        if company.currency_id.name != "SEK":
            raise UserError(
                self.env._(
                    "The books of %(company)s are kept in %(currency)s. Only kronor can be booked.",
                    company=company.name,
                    currency=company.currency_id.name,
                )
            )
        names = self._get_klarna_account_names()
        if not self.payout_channel_id:
            self.env["brp.payout.channel"].create(
                {
                    "name": self.name,
                    "connection_id": self.id,
                    "company_id": company.id,
                    "journal_id": self._find_klarna_journal().id,
                    "receivable_account_id": self._find_klarna_account("receivable", names, True).id,
                    "paid_account_id": self._find_klarna_account("paid", names, True).id,
                    "rounding_account_id": self._find_klarna_account("rounding", names).id,
                    "match_sales": self.klarna_mode == "payout",
                    "mapping_ids": [
                        Command.create(
                            {
                                "code": word,
                                "kind": kind,
                                "account_id": word in _USUAL
                                and self._find_klarna_account(_USUAL[word], names).id,
                                "tax_id": kind == "fee_vat" and self._find_klarna_tax("purchase", 25).id,
                            }
                        )
                        for word, kind in DEFAULTS.items()
                    ],
                }
            )
        if not self.klarna_rate_ids:
            self.klarna_rate_ids = [Command.create(values) for values in self._prepare_klarna_rates(names)]

    def _prepare_klarna_rates(self, names):
        rows = []
        for rate in (25, 12, 6, 0):
            tax = self._find_klarna_tax("sale", rate)
            vat = tax.invoice_repartition_line_ids.filtered(lambda line: line.repartition_type == "tax")
            if rate and not vat.account_id:
                vat_account = self._find_klarna_account(f"vat_{rate}", names)
            else:
                vat_account = vat.account_id[:1] if rate else vat.account_id.browse()
            rows.append(
                {
                    "use": "sales",
                    "rate": rate,
                    "account_id": self._find_klarna_account(f"sales_{rate}", names).id,
                    "tax_id": tax.id,
                    "vat_account_id": vat_account.id,
                }
            )
        return rows + [
            {"use": use, "rate": 0, "account_id": self._find_klarna_account(use, names).id}
            for use in ("gift_card", "tip")
        ]

    def _find_klarna_tax(self, use, rate):
        Tax = self.env["account.tax"]
        domain = [
            *Tax._check_company_domain(self.company_id),
            ("type_tax_use", "=", use),
            ("amount_type", "=", "percent"),
            ("amount", "=", rate),
            ("price_include_override", "!=", "tax_included"),
        ]
        default = (
            self.company_id.account_sale_tax_id if use == "sale" else self.company_id.account_purchase_tax_id
        )
        if default and default.amount == rate:
            return default
        return Tax.search(domain, limit=1) if rate else Tax

    def _find_klarna_journal(self):
        Journal = self.env["account.journal"]
        company = self.company_id
        found = Journal.search(
            [*Journal._check_company_domain(company), ("type", "=", "general"), ("code", "=", "KLRN")],
            limit=1,
        )
        return found or Journal.create(
            {"name": "Klarna", "code": "KLRN", "type": "general", "company_id": company.id}
        )

    def _get_klarna_account_names(self):
        return {
            "receivable": self.env._("Klarna, receivable"),
            "paid": self.env._("Klarna, payouts on their way"),
            "holdback": self.env._("Klarna, held back"),
            "fee": self.env._("Klarna, fees"),
            "fee_vat": self.env._("Input VAT"),
            "reversal": self.env._("Klarna, disputes"),
            "rounding": self.env._("Rounding"),
            "gift_card": self.env._("Gift cards that have not been redeemed"),
            "tip": self.env._("Tips to staff"),
            "sales_25": self.env._("Sales, 25 % VAT"),
            "sales_12": self.env._("Sales, 12 % VAT"),
            "sales_6": self.env._("Sales, 6 % VAT"),
            "sales_0": self.env._("Sales without VAT"),
            "vat_25": self.env._("Output VAT 25 %"),
            "vat_12": self.env._("Output VAT 12 %"),
            "vat_6": self.env._("Output VAT 6 %"),
        }

    def _find_klarna_account(self, name, names, reconcile=False):
        number, kind = _ACCOUNTS[name]
        return self._find_or_make_account(number, names[name], kind, reconcile)

    # === THE LIST OF PAYOUTS === #

    @api.model
    def _cron_fetch_klarna(self):
        """Look for new payouts of every connection."""
        now = fields.Datetime.now()
        connections = self.search(
            [
                ("provider", "=", "klarna"),
                ("state", "=", "active"),
                "|",
                ("next_try", "=", False),
                ("next_try", "<=", now),
            ]
        )
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(connections))
        for connection in connections:
            connection = connection.with_company(connection.company_id)._in_language()
            try:
                connection._fetch_klarna()
            except (ServiceError, SettlementError) as error:
                self.env.cr.rollback()
                connection._note_klarna_failure(error)
            except UserError as error:
                self.env.cr.rollback()
                connection._write_changed({"failure": str(error)})
                connection._refresh_problem()
            except (ConcurrencyError, TransactionRollbackError):
                # Somebody else has just done the same.
                self.env.cr.rollback()
            if not progress._commit_progress(1):
                break

    def _note_klarna_failure(self, error):
        if isinstance(error, SettlementError):
            error = ServiceError("garbage", "again", "yes")
        if self._is_closed_by(error):
            self._pause(self._explain(error))
        else:
            self._note_failure(error)
        self._refresh_problem()

    def _fetch_klarna(self):
        """Note the payouts that Klarna lists and have the rows of new ones fetched.

        :return: the payouts that are new
        :raise ServiceError, SettlementError:
        """
        self.ensure_one()
        service = self._get_service()
        start, now = self._get_klarna_window()
        told = list(service.list_payouts(start, now))
        Payout = self.env["brp.payout"].with_company(self.company_id)
        channel = self.payout_channel_id
        there = Payout._find_klarna_payouts(channel, told)
        for payout, of_payout in there.items():
            payout._note_klarna_told(of_payout)
        known = list(there.values())
        new = Payout._note_klarna_payouts(channel, [payout for payout in told if payout not in known])
        waiting = Payout.union(*there).filtered(lambda payout: payout.klarna_state == "waiting")
        (new + waiting)._fetch_klarna_rows()
        self._write_changed({"klarna_listed": now.replace(tzinfo=None, microsecond=0)})
        self._note_success()
        return new

    def _get_klarna_window(self):
        """Return the moments (UTC) between which payouts are asked for."""
        now = datetime.now(pytz.utc)
        start = STOCKHOLM.localize(datetime.combine(self.klarna_start_date, time())).astimezone(pytz.utc)
        if self.klarna_listed:
            start = max(start, pytz.utc.localize(self.klarna_listed) - _LATE)
        return start, now

    # === EXCHANGES === #

    def _send_exchange(self, service, exchange):
        if exchange.operation not in _OPERATIONS:
            return super()._send_exchange(service, exchange)
        payout = exchange._get_record().exists()
        if not payout:
            return Delivered("")  # somebody has deleted it
        if exchange.operation == "klarna_payout":
            return payout._read_klarna_rows(service)
        if exchange.operation == "klarna_report":
            return payout._read_klarna_report(service)
        return payout._read_klarna_orders(service)

    def _look_up_exchange(self, service, exchange):
        # What is only fetched can be fetched again.
        if exchange.operation in _OPERATIONS:
            return None
        return super()._look_up_exchange(service, exchange)

    def _give_up_exchange(self, exchange):
        if exchange.operation == "klarna_orders":
            exchange._get_record().exists()._give_up_klarna_orders()
        return super()._give_up_exchange(exchange)

    def _finish_exchange(self, exchange, delivered):
        payout = exchange._get_record()
        if exchange.operation in _OPERATIONS and not payout.exists():
            pass
        elif exchange.operation == "klarna_payout":
            payout._store_klarna_rows(delivered.data)
        elif exchange.operation == "klarna_report":
            payout._store_klarna_report(delivered.data["pdf"])
        elif exchange.operation == "klarna_orders":
            payout._store_klarna_orders(delivered.data["shares"])
        return super()._finish_exchange(exchange, delivered)
