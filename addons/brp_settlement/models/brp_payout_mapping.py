from odoo import api, fields, models
from odoo.tools import SQL

from ..kinds import COLLECTED, KINDS, describe_word


class PayoutMapping(models.Model):
    """What a channel's word for a row means, and on which account it is booked."""

    _name = "brp.payout.mapping"
    _description = "Payout Mapping"
    _order = "channel_id, code, id"
    _rec_name = "code"
    _check_company_auto = True

    channel_id = fields.Many2one("brp.payout.channel", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="channel_id.company_id", store=True)
    currency_id = fields.Many2one(related="channel_id.currency_id")
    code = fields.Char(
        required=True,
        help="As the channel writes it. TYPE:DETAIL is looked for first, then TYPE. Of rows that have no word"
        " it is their kind.",
    )
    word = fields.Char(
        string="Channel's Word",
        compute="_compute_word",
        inverse="_inverse_word",
        help="As the channel writes it. TYPE:DETAIL is looked for first, then TYPE.",
    )
    kind = fields.Selection(KINDS, string="Is a")
    account_id = fields.Many2one(
        "account.account",
        check_company=True,
        domain="[('account_type', '!=', 'off_balance')]",
        help="Sales and refunds clear the channel's receivable when this is empty.",
    )
    tax_id = fields.Many2one(
        "account.tax",
        string="VAT",
        check_company=True,
        domain="[('type_tax_use', '=', 'purchase')]",
        help="VAT on fees is reported as this tax.",
    )
    row_count = fields.Integer(
        string="Rows", compute="_compute_rows", help="Of payouts that are not booked yet, as the sum is."
    )
    amount_rows = fields.Monetary(string="Sum of the Rows", compute="_compute_rows")
    first_date = fields.Date(string="First Day", compute="_compute_rows")
    last_date = fields.Date(string="Last Day", compute="_compute_rows")

    _code_unique = models.UniqueIndex("(channel_id, code)", "The channel has this word already.")

    # === COMPUTE METHODS === #

    @api.depends("code", "kind")
    @api.depends_context("lang")
    def _compute_word(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for mapping in self:
            if mapping.code and mapping.code == mapping.kind:
                mapping.word = self.env._("(no word)")
            else:
                mapping.word = describe_word(mapping.code, labels) or mapping.code

    @api.onchange("word")
    def _inverse_word(self):
        for mapping in self:
            mapping.code = mapping.word

    @api.depends("code", "channel_id")
    def _compute_rows(self):
        self.flush_recordset()
        self.env["brp.payout.line"].flush_model()
        self.env["brp.payout"].flush_model()
        found = self.env.execute_query(
            SQL(
                """
                SELECT mapping.id, COUNT(*), SUM(line.amount), MIN(line.date), MAX(line.date)
                  FROM brp_payout_mapping mapping
                  JOIN brp_payout payout USING (channel_id)
                  JOIN brp_payout_line line
                    ON line.payout_id = payout.id AND COALESCE(line.code, line.kind) = mapping.code
                 WHERE mapping.id = ANY(%s) AND payout.move_id IS NULL AND payout.ignored IS NOT TRUE
              GROUP BY mapping.id
                """,
                self._origin.ids,
            )
        )
        sums = {mapping: told for mapping, *told in found}
        for mapping in self:
            told = sums.get(mapping._origin.id, (0, 0, False, False))
            mapping.row_count, mapping.amount_rows, mapping.first_date, mapping.last_date = told

    def _get_meaning(self):
        """Return (kind, account id) of the word, None for what is not known."""
        self.ensure_one()
        account = self.account_id
        if not account and self.kind in COLLECTED:
            account = self.channel_id.receivable_account_id
        return (self.kind or None, account.id or None)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        channels = self.env["brp.payout.channel"].browse({vals["channel_id"] for vals in vals_list})
        before = channels._get_mappings()
        mappings = super().create(vals_list)
        channels._note_mapping_changed(before)
        return mappings

    def write(self, vals):
        before = self.channel_id._get_mappings()
        done = super().write(vals)
        self.channel_id._note_mapping_changed(before)
        return done

    def unlink(self):
        channels = self.channel_id
        before = channels._get_mappings()
        done = super().unlink()
        channels._note_mapping_changed(before)
        return done

    # === ACTIONS === #

    def action_view_rows(self):
        """Show the rows with the word, of payouts that are not booked yet."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("brp_settlement.brp_payout_line_action")
        action["display_name"] = self.word
        action["domain"] = [
            ("payout_id.channel_id", "=", self.channel_id.id),
            ("payout_id.state", "in", ("open", "ready")),
            *("|", ("code", "=", self.code), "&", ("code", "=", False), ("kind", "=", self.code)),
        ]
        action["context"] = {"unknown_rows": True}
        return action
