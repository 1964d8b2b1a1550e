from odoo import api, fields, models

from ..kinds import COLLECTED, KINDS


class PayoutMapping(models.Model):
    """What a channel's word for a row means, and on which account it is booked."""

    _name = "brp.payout.mapping"
    _description = "Payout Mapping"
    _order = "channel_id, code, id"
    _rec_name = "code"
    _check_company_auto = True

    channel_id = fields.Many2one("brp.payout.channel", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="channel_id.company_id", store=True)
    code = fields.Char(
        string="Channel's Word",
        required=True,
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

    _code_unique = models.UniqueIndex("(channel_id, code)", "The channel has this word already.")

    def _get_meaning(self):
        """Return (kind, account id) of the word, None for what is not known."""
        self.ensure_one()
        account = self.account_id
        if not account and self.kind in COLLECTED:
            account = self.channel_id.receivable_account_id
        return (self.kind or None, account.id or None)

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
