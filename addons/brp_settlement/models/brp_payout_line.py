from odoo import api, fields, models
from odoo.exceptions import UserError

from ..kinds import KINDS, describe_word


class PayoutLine(models.Model):
    """A row of a payout: one thing that made it larger or smaller."""

    _name = "brp.payout.line"
    _description = "Payout Row"
    _order = "payout_id, date, id"
    _rec_name = "reference"
    _check_company_auto = True

    payout_id = fields.Many2one("brp.payout", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="payout_id.company_id")
    channel_id = fields.Many2one(related="payout_id.channel_id")
    currency_id = fields.Many2one(related="payout_id.currency_id")
    state = fields.Selection(related="payout_id.state")
    key = fields.Char(readonly=True, copy=False, help="Tells the row from all others of the payout.")
    code = fields.Char(readonly=True)
    word = fields.Char(string="Channel's Word", compute="_compute_word")
    kind = fields.Selection(KINDS, compute="_compute_kind", store=True, readonly=False, precompute=True)
    account_id = fields.Many2one(
        "account.account",
        compute="_compute_account_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        domain="[('account_type', '!=', 'off_balance')]",
    )
    amount = fields.Monetary(
        required=True, help="What it does to the payout: sales are positive, refunds and fees negative."
    )
    date = fields.Date(help="The day in Sweden on which it happened.")
    reference = fields.Char(string="Our Reference")
    order_reference = fields.Char(string="Channel's Order")
    external_reference = fields.Char(string="Channel's Reference")
    text = fields.Char(string="Comment")
    item_id = fields.Many2one(
        "account.move.line",
        string="Open Item",
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="What the row settles.",
    )
    move_id = fields.Many2one(related="item_id.move_id", string="Document")

    # Refunds look for the sale of their order.
    _sale_of_order = models.Index("(order_reference) WHERE kind = 'sale'")
    _key_unique = models.UniqueIndex("(payout_id, key) WHERE key IS NOT NULL")

    # === COMPUTE METHODS === #

    @api.depends("code")
    @api.depends_context("lang")
    def _compute_word(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for line in self:
            line.word = describe_word(line.code, labels)

    @api.depends("code", "payout_id.channel_id")
    def _compute_kind(self):
        for channel, lines in self.grouped("channel_id").items():
            mapping = (channel and channel._get_mapping()) or {}
            for line in lines:
                line.kind = channel._find_meaning(mapping, line.code)[0] or line.kind

    @api.depends("code", "kind", "payout_id.channel_id")
    def _compute_account_id(self):
        for channel, lines in self.grouped("channel_id").items():
            mapping = (channel and channel._get_mapping()) or {}
            for line in lines:
                meaning, account = channel._find_meaning(mapping, line.code or line.kind)
                line.account_id = account if meaning == line.kind else mapping.get(line.kind, (0, None))[1]

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_open()
        return lines

    def write(self, vals):
        self._check_open()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        self._check_open()

    def _check_open(self):
        posted = self.payout_id.filtered("move_id")
        if posted:
            raise UserError(
                self.env._(
                    "%s is booked. Undo it first if its rows have to be changed.",
                    ", ".join(posted.mapped("name")),
                )
            )
