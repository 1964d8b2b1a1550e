from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL

from ..kinds import KINDS, USUAL_ACCOUNTS


class PayoutChannel(models.Model):
    """Somebody who collects for us and pays out the net: where it is booked, and what its words mean."""

    _name = "brp.payout.channel"
    _description = "Payout Channel"
    _inherit = ["mail.thread"]
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    connection_id = fields.Many2one(
        "brp.connection",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The integration that the payouts belong to.",
    )
    takes_files = fields.Boolean(
        compute="_compute_takes_files",
        search="_search_takes_files",
        help="Files of its payouts are imported: no integration fetches them.",
    )
    journal_id = fields.Many2one(
        "account.journal",
        required=True,
        check_company=True,
        domain="[('type', '=', 'general')]",
        default=lambda self: self._find_journal(),
        help="The entries of payouts are made here.",
    )
    receivable_account_id = fields.Many2one(
        "account.account",
        string="Receivable",
        required=True,
        tracking=True,
        check_company=True,
        domain="[('reconcile', '=', True), ('account_type', 'in', ('asset_current', 'asset_receivable'))]",
        help="What the channel owes: sales debit it, payouts clear it. Use an account of its own.",
    )
    paid_account_id = fields.Many2one(
        "account.account",
        string="Paid Out To",
        required=True,
        tracking=True,
        check_company=True,
        domain="[('account_type', 'in', ('asset_cash', 'asset_current'))]",
        help="What is paid out is booked here: on an account where it waits for the bank statement,"
        " or directly on the bank's account if statements are not matched in Odoo.",
    )
    rounding_account_id = fields.Many2one(
        "account.account", string="Differences", check_company=True, help="Differences that are accepted."
    )
    rounding_limit = fields.Monetary(
        string="Accept Up To",
        default=1.0,
        help="The largest difference of a payout that can be accepted by hand.",
    )
    match_sales = fields.Boolean(
        string="Sales Are Booked in Odoo",
        default=True,
        tracking=True,
        help="Each sale and refund of a payout is matched with its document. Otherwise the receivable is"
        " cleared by the sum.",
    )
    auto_post = fields.Boolean(
        string="Post by Itself",
        default=True,
        tracking=True,
        help="A payout that adds up and whose rows are all explained is posted without anybody's help.",
    )
    mapping_ids = fields.One2many("brp.payout.mapping", "channel_id", copy=True)
    column_ids = fields.One2many("brp.payout.column", "channel_id", copy=True)
    payout_count = fields.Integer(compute="_compute_payout_count", string="Payouts")

    _connection_unique = models.UniqueIndex("(connection_id) WHERE connection_id IS NOT NULL")

    # === COMPUTE METHODS === #

    def _compute_payout_count(self):
        counts = dict(
            self.env["brp.payout"]._read_group([("channel_id", "in", self.ids)], ["channel_id"], ["__count"])
        )
        for channel in self:
            channel.payout_count = counts.get(channel, 0)

    @api.depends("connection_id")
    def _compute_takes_files(self):
        fetched = self.env["brp.connection"]._get_fetching_providers()
        for channel in self:
            channel.takes_files = channel.connection_id.sudo().provider not in fetched

    def _search_takes_files(self, operator, value):
        if operator != "in":
            return NotImplemented
        fetched = self.env["brp.connection"]._get_fetching_providers()
        # Who imports files need not see integrations.
        channels = (
            self.sudo().with_context(active_test=False).search([("connection_id.provider", "in", fetched)])
        )
        return [("id", "not in" if True in value else "in", channels.ids)]

    # === CONSTRAINT METHODS === #

    @api.constrains("receivable_account_id", "active")
    def _check_receivable_of_its_own(self):
        """Refuse a receivable that two channels share: what each of them owes could not be seen."""
        for channel in self.filtered("active"):
            other = self.search(
                [
                    ("receivable_account_id", "=", channel.receivable_account_id.id),
                    ("company_id", "=", channel.company_id.id),
                    ("id", "!=", channel.id),
                ],
                limit=1,
            )
            if other:
                raise ValidationError(
                    self.env._(
                        "%(account)s is the receivable of %(channel)s. Choose an account of its own.",
                        account=channel.receivable_account_id.display_name,
                        channel=other.name,
                    )
                )

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("mapping_ids"):
                company = self.env["res.company"].browse(vals.get("company_id") or self.env.company.id)
                vals["mapping_ids"] = [
                    Command.create(row)
                    for row in self._propose_mapping([kind for kind, _name in KINDS], company)
                ]
        return super().create(vals_list)

    def write(self, vals):
        before = self._get_mappings()
        done = super().write(vals)
        if "receivable_account_id" in vals:
            self._note_mapping_changed(before)
        return done

    @api.model
    def _find_journal(self):
        """Return the company's journal for miscellaneous entries."""
        # Its code is in the language of the chart of accounts.
        return self.env["account.chart.template"].ref("general", raise_if_not_found=False)

    def _get_language(self):
        """Return the language of what stands in the books: that of who looks after the channel."""
        self.ensure_one()
        responsible = self.connection_id.sudo().responsible_id
        return responsible.lang or self.company_id.partner_id.lang or self.env.lang

    # === WHAT ROWS ARE === #

    @api.model
    def _propose_mapping(self, kinds, company):
        """Return the values of mapping rows for kinds, with the accounts of the company's chart."""
        numbers = {number for kind in kinds for number in USUAL_ACCOUNTS.get(kind, ())}
        Account = self.env["account.account"].with_company(company)
        accounts = {
            account.code: account.id
            for account in Account.search(
                [*Account._check_company_domain(company), ("code", "in", list(numbers))]
            )
        }
        return [
            {
                "code": kind,
                "kind": kind,
                "tax_id": kind == "fee_vat" and company.account_purchase_tax_id.id,
                "account_id": next(
                    (accounts[number] for number in USUAL_ACCOUNTS.get(kind, ()) if number in accounts), False
                ),
            }
            for kind in kinds
        ]

    def _get_mapping(self):
        """Return {the channel's word: (kind, account id)}; what is not known has None."""
        self.ensure_one()
        return {mapping.code: mapping._get_meaning() for mapping in self.mapping_ids}

    def _get_mappings(self):
        return {channel: channel._get_mapping() for channel in self}

    def _find_meaning(self, mapping, code):
        """Return (kind, account id) of a word: of the word itself, else of what stands before its colon."""
        return mapping.get(code) or mapping.get((code or "").partition(":")[0]) or (None, None)

    def _note_mapping_changed(self, before):
        """Have the rows of payouts that are not booked follow; those that somebody chose by hand stay.

        :param before: what ``_get_mappings`` told until now
        """
        Line = self.env["brp.payout.line"]
        touched = set()
        for channel in self:
            waiting = [("payout_id.channel_id", "=", channel.id), ("payout_id.move_id", "=", False)]
            mapping = channel._get_mapping()
            for word, kind in Line._read_group(waiting, ["code", "kind"]):
                old = channel._find_meaning(before[channel], word or kind)
                new = channel._find_meaning(mapping, word or kind)
                if not word:
                    # Of a row that somebody typed in the kind is given, and stays.
                    old, new = [(kind, meaning[1] if meaning[0] == kind else None) for meaning in (old, new)]
                if old != new:
                    touched.update(channel._change_meaning(word, kind, old, new))
        self.env["brp.payout"].browse(touched)._note_lines_changed()

    def _change_meaning(self, word, kind, old, new):
        """Give the rows of a word and kind another kind and account; return the ids of their payouts."""
        self.env["brp.payout.line"].flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE brp_payout_line line
                   SET kind = %(kind)s, account_id = %(account)s
                  FROM brp_payout payout
                 WHERE payout.id = line.payout_id
                   AND payout.channel_id = %(channel)s
                   AND payout.move_id IS NULL
                   AND line.code IS NOT DISTINCT FROM %(word)s
                   AND line.kind IS NOT DISTINCT FROM %(own_kind)s
                   AND ((line.kind IS NOT DISTINCT FROM %(old_kind)s
                         AND line.account_id IS NOT DISTINCT FROM %(old_account)s)
                        OR line.account_id IS NULL OR line.kind IS NULL)
             RETURNING payout.id
                """,
                kind=new[0],
                account=new[1],
                channel=self.id,
                word=word or None,
                own_kind=kind or None,
                old_kind=old[0],
                old_account=old[1],
            )
        )
        return {payout for (payout,) in self.env.cr.fetchall()}

    # === ACTIONS === #

    def action_view_payouts(self):
        """Show the channel's payouts."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("brp_settlement.brp_payout_action")
        action["domain"] = [("channel_id", "=", self.id)]
        action["context"] = {"default_channel_id": self.id}
        return action

    def action_view_receivable(self):
        """Show what the channel has not paid out yet, by the books."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open on %s", self.receivable_account_id.display_name),
            "res_model": "account.move.line",
            "view_mode": "list,pivot,graph",
            "domain": [
                ("account_id", "=", self.receivable_account_id.id),
                ("company_id", "=", self.company_id.id),
                ("parent_state", "=", "posted"),
                ("reconciled", "=", False),
            ],
            "context": {"create": False},
        }

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        if used := self.filtered("payout_count"):
            raise UserError(self.env._("%s has payouts: archive it instead.", ", ".join(used.mapped("name"))))
