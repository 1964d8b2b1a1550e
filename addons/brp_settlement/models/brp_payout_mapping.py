from odoo import fields, models
from odoo.tools import SQL

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
        string="Account",
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

    def write(self, vals):
        before = {mapping: mapping._get_meaning() for mapping in self}
        done = super().write(vals)
        for mapping, (kind, account) in before.items():
            if (kind, account) != mapping._get_meaning():
                mapping._apply_to_lines((kind, self.env["account.account"].browse(account)))
        return done

    def _apply_to_lines(self, before):
        """Have the rows of payouts that are not posted follow; those that somebody chose by hand stay.

        :param before: (kind, account) that the word meant until now
        """
        self.ensure_one()
        kind, account = self._get_meaning()
        old_kind, old_account = before
        Line = self.env["brp.payout.line"]
        Line.flush_model()
        self.env.cr.execute(
            SQL(
                """
                UPDATE brp_payout_line line
                   SET kind = %(kind)s, account_id = %(account)s
                  FROM brp_payout payout
                 WHERE payout.id = line.payout_id
                   AND payout.channel_id = %(channel)s
                   AND payout.state <> 'posted'
                   AND (line.code = %(code)s
                        OR (SPLIT_PART(line.code, ':', 1) = %(code)s
                            AND NOT EXISTS (SELECT FROM brp_payout_mapping exact
                                             WHERE exact.channel_id = %(channel)s
                                               AND exact.code = line.code)))
                   AND ((line.kind IS NOT DISTINCT FROM %(old_kind)s
                         AND line.account_id IS NOT DISTINCT FROM %(old_account)s)
                        OR line.account_id IS NULL)
             RETURNING line.payout_id
                """,
                kind=kind,
                account=account,
                channel=self.channel_id.id,
                code=self.code,
                old_kind=old_kind or None,
                old_account=old_account.id or None,
            )
        )
        touched = {payout for (payout,) in self.env.cr.fetchall()}
        self.env["brp.payout"].browse(touched)._note_lines_changed()
