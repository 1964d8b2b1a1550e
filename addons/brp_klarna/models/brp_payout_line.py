from odoo import api, fields, models

from ..settlements import Vat, split
from ..settlements.problems import SettlementError


class PayoutLine(models.Model):
    _inherit = "brp.payout.line"

    klarna_short_order = fields.Char(string="Klarna's Order Number", readonly=True)
    klarna_moment = fields.Datetime(string="Moment", readonly=True, help="When it happened.")
    klarna_vat = fields.Monetary(
        string="VAT of the Fee", readonly=True, help="It is part of the row that has the VAT of all fees."
    )
    # [[use, rate in percent, net, VAT]], öre as they add up to the amount without its sign
    klarna_shares = fields.Json(readonly=True, copy=False)
    klarna_rate_id = fields.Many2one(
        "brp.klarna.rate",
        string="VAT by Hand",
        check_company=True,
        copy=False,
        help="Choose the rate of the whole row when Klarna does not tell its VAT.",
    )
    klarna_asked = fields.Boolean(
        readonly=True, copy=False, help="Klarna has been asked for the order's VAT."
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        for line in lines.filtered(lambda line: not line.date and line.payout_id.klarna_state):
            line.date = line.payout_id.date
        lines.filtered("klarna_rate_id")._split_by_hand()
        return lines

    def write(self, vals):
        if "amount" in vals:
            # They would not add up to it.
            vals = {"klarna_shares": None, **vals}
        done = super().write(vals)
        if "klarna_rate_id" in vals or "amount" in vals:
            self._split_by_hand()
        return done

    def _split_by_hand(self):
        """Take the VAT of rows from the rate that somebody chose."""
        for line in self.filtered("klarna_rate_id"):
            line.klarna_shares = line._split_at(line.klarna_rate_id.use, line.klarna_rate_id.rate)

    def _split_at(self, use, rate):
        """Return the shares of a row that is of one VAT rate."""
        gross = round(abs(self.amount) * 100)
        vat = round(gross * rate / (100 + rate))
        return [[use, rate, gross - vat, vat]]


def shares_of(gross, vats, zero_use):
    """Return the shares of what was sold, from the VAT that Klarna tells.

    :param gross: öre, without sign
    :param vats: [Vat]
    :param zero_use: what is without VAT
    :return: [[use, rate in percent, net, VAT]], None when the VAT cannot be right
    """
    try:
        found = split(gross, [Vat(vat.rate, abs(vat.amount)) for vat in vats])
    except SettlementError:
        return None
    return [["sales" if share.rate else zero_use, share.rate / 100, share.net, share.vat] for share in found]
