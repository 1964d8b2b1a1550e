import hashlib
import secrets

from odoo import Command, api, fields, models

from odoo.addons.brp_connector.models.brp_connection import Provider
from odoo.addons.brp_settlement.kinds import KINDS

_TOKEN_BYTES = 32
#: What marketplaces in Sweden call the rows of their statements -> what they are
_WORDS = {
    "Försäljning": "sale",
    "Återbetalning": "refund",
    "Provision": "commission",
    "Moms på provision": "fee_vat",
}


class Connection(models.Model):
    """An online till: a marketplace that sells our times and pays us later, less its commission."""

    _inherit = "brp.connection"

    provider = fields.Selection(
        selection_add=[("marketplace", "Marketplace")],
        ondelete={"marketplace": lambda connections: connections._forget_marketplace()},
    )
    marketplace_facility_ids = fields.Many2many(
        "brp.facility",
        string="Facilities",
        domain="[('company_id', '=', company_id)]",
        help="Whose times it sells. Times and prices of these facilities can be seen by everybody.",
    )
    marketplace_method_id = fields.Many2one(
        "account.payment.method.line",
        string="Payment Method",
        readonly=True,
        help="What its customers have paid is booked with it, on an account of its own: what it owes us.",
    )
    marketplace_method_number = fields.Integer(
        related="marketplace_method_id.id", string="Payment Method's ID"
    )
    marketplace_refund_method_id = fields.Many2one("account.payment.method.line", readonly=True)
    marketplace_commission = fields.Float(string="Commission", digits=(5, 2), help="Percent of what is sold.")
    marketplace_commission_tax_id = fields.Many2one(
        "account.tax",
        string="VAT on Commission",
        check_company=True,
        domain="[('type_tax_use', '=', 'purchase')]",
    )
    marketplace_payout_day = fields.Integer(
        string="Pays Out On", default=5, help="The day of the month on which it pays for the month before."
    )
    marketplace_horizon = fields.Integer(
        string="Sells Days Ahead", default=14, help="Times further away are not offered by it."
    )
    marketplace_mail_facility = fields.Boolean(string="Tell the Facility What Is Sold", default=True)
    marketplace_mail_customer = fields.Boolean(
        string="Send Receipts to Customers",
        help="Most marketplaces send receipts with our booking number themselves, and do not want ours.",
    )
    marketplace_partner_id = fields.Many2one(
        "res.partner",
        string="Marketplace's Contact",
        check_company=True,
        help="Who is invoiced when the marketplace buys from us and sells in its own name.",
    )
    marketplace_token_hash = fields.Char(copy=False, groups="base.group_system")
    marketplace_token_hint = fields.Char(string="Token", readonly=True, copy=False)
    _marketplace_token = models.UniqueIndex(
        "(marketplace_token_hash) WHERE marketplace_token_hash IS NOT NULL"
    )
    _marketplace_limits = models.Constraint(
        "CHECK(marketplace_payout_day BETWEEN 1 AND 28 AND marketplace_horizon BETWEEN 1 AND 400"
        " AND marketplace_commission BETWEEN 0 AND 100)",
        "It pays out on a day from 1 to 28, sells 1 to 400 days ahead, and keeps 0 to 100 percent.",
    )

    def _forget_marketplace(self):
        """Let go of the connections when the addon is uninstalled; the channels keep their payouts."""
        self.sudo().payout_channel_ids.connection_id = False
        # What they have sold, which keeps them otherwise, goes with the addon.
        sold = self.env["brp.booking"].sudo().search([("connection_id", "in", self.ids)])
        sold.write({"connection_id": False, "channel_order_id": False})
        self.env["brp.channel.order"].sudo().search([("connection_id", "in", self.ids)]).unlink()
        self.exchange_ids.unlink()
        self.unlink()

    @api.model
    def _get_providers(self):
        return super()._get_providers() | {
            "marketplace": Provider(
                description=self.env._(
                    "Free times are sold where people look for them, and paid bookings come back."
                ),
                logo="/brp_marketplace/static/img/marketplace.png",
                several=True,
            )
        }

    def _test(self):
        if self.provider != "marketplace":
            return super()._test()
        return self.env._("It is the marketplace that calls us. Give it the address and a token.")

    def _get_activation_action(self):
        if self.provider != "marketplace":
            return super()._get_activation_action()
        return self.env["brp.marketplace.activate"].create({"connection_id": self.id})._reopen()

    def action_view_bookings(self):
        """Show what the marketplace has sold."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("brp_marketplace.brp_booking_action")
        return action | {"domain": [("connection_id", "=", self.id)], "context": {}}

    def action_new_token(self):
        """Show the dialog with a new token; the one before does not work any longer."""
        self.ensure_one()
        wizard = self.env["brp.marketplace.activate"].create({"connection_id": self.id, "step": "done"})
        return wizard.action_new_token()

    # === TOKEN === #

    def _make_token(self):
        """Return a new token; the one before does not work any longer. Only its hash is kept."""
        self.ensure_one()
        self._check_manager()
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        self.sudo().write(
            {"marketplace_token_hash": self._hash_token(token), "marketplace_token_hint": f"…{token[-4:]}"}
        )
        return token

    @api.model
    def _hash_token(self, token):
        # As long and random as it is made, nobody finds it by trying.
        return hashlib.sha256(token.encode()).hexdigest()

    @api.model
    def _find_by_token(self, token):
        """Return the online till whose token it is, or none.

        One that is closed or paused sells nothing more; of what it has sold it is still told.
        """
        return self.sudo().search(
            [
                ("marketplace_token_hash", "=", self._hash_token(token)),
                ("provider", "=", "marketplace"),
                ("state", "!=", "new"),
            ]
        )

    # === SELLING === #

    def _compute_commission(self, price):
        """Return the expected commission of a sale, without VAT, in kronor."""
        return self.company_id.currency_id.round(price * self.marketplace_commission / 100)

    # === SET-UP === #

    def _set_up_marketplace(self):
        """Make the receivable, the payment method and the payout channel; what is there is kept."""
        self.ensure_one()
        self._check_chart_of_accounts()
        if not self.marketplace_method_id:
            journal = self._make_marketplace_journal()
            self.write(
                {
                    "marketplace_method_id": journal.inbound_payment_method_line_ids[:1].id,
                    "marketplace_refund_method_id": journal.outbound_payment_method_line_ids[:1].id,
                }
            )
        self._make_marketplace_channel()
        if not self.marketplace_commission_tax_id:
            self.marketplace_commission_tax_id = self.company_id.account_purchase_tax_id

    def _make_marketplace_journal(self):
        """Return a new journal in which the marketplace's payments are, on a receivable of its own."""
        company = self.company_id
        account = self._find_or_make_account(
            "1585", self.env._("Receivable, %s", self.name), "asset_current", reconcile=True, own=True
        )
        journal = (
            self.env["account.journal"]
            .with_company(company)
            .create(
                {
                    "name": self.name,
                    "type": "bank",
                    "code": self._find_journal_code(),
                    "company_id": company.id,
                    "default_account_id": account.id,
                }
            )
        )
        lines = journal.inbound_payment_method_line_ids + journal.outbound_payment_method_line_ids
        lines.write({"payment_account_id": account.id, "name": self.name})
        return journal

    def _find_journal_code(self):
        codes = set(
            self.env["account.journal"]
            .with_context(active_test=False)
            .search([("company_id", "=", self.company_id.id)])
            .mapped("code")
        )
        return next(code for number in range(1, 1000) if (code := f"MP{number}") not in codes)

    def _make_marketplace_channel(self):
        Channel = self.env["brp.payout.channel"].sudo().with_company(self.company_id)
        if Channel.search([("connection_id", "=", self.id)]):
            return
        paid = self._find_or_make_account(
            "1938", self.env._("Payouts Under Way"), "asset_current", reconcile=True
        )
        fees = self._find_or_make_account("6050", self.env._("Sales Commissions"), "expense")
        rows = Channel._propose_mapping([kind for kind, _name in KINDS], self.company_id)
        usual = {row["kind"]: row for row in rows}
        usual["commission"]["account_id"] = usual["commission"]["account_id"] or fees.id
        rows += [usual[kind] | {"code": word} for word, kind in _WORDS.items()]
        Channel.create(
            {
                "name": self.name,
                "company_id": self.company_id.id,
                "connection_id": self.id,
                "receivable_account_id": self.marketplace_method_id.payment_account_id.id,
                "paid_account_id": paid.id,
                "mapping_ids": [Command.create(row) for row in rows],
            }
        )
