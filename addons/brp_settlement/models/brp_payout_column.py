from odoo import fields, models

from ..kinds import KINDS

TARGETS = [
    ("ignore", "Not Used"),
    ("amount", "Amount"),
    *[(f"amount_{kind}", f"Amount: {name}") for kind, name in KINDS],
    ("net", "Net (Only Checked)"),
    ("type", "Type"),
    ("detail", "Detail of the Type"),
    ("reference", "Our Reference"),
    ("order_reference", "Channel's Order"),
    ("external_reference", "Channel's Reference"),
    ("text", "Comment"),
    ("date", "Date"),
    ("payout_reference", "Payout: Reference"),
    ("payout_date", "Payout: Date"),
    ("amount_paid", "Payout: Paid Amount"),
    ("currency", "Currency"),
]
ORDERS = [("day", "Day first: 04/11 is 4 November"), ("month", "Month first: 04/11 is 11 April")]


class PayoutColumn(models.Model):
    """What a column of a channel's files is, as somebody has told it once."""

    _name = "brp.payout.column"
    _description = "Payout File Column"
    _order = "channel_id, id"
    _check_company_auto = True

    channel_id = fields.Many2one("brp.payout.channel", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="channel_id.company_id", store=True)
    name = fields.Char(string="Column", required=True, help="As the header of the file has it.")
    target = fields.Selection(TARGETS, string="Is the", required=True, default="ignore")
    deducted = fields.Boolean(help="Written without minus in the file, but it makes the payout smaller.")
    date_order = fields.Selection(ORDERS, string="Dates Are Written")
    paid_words = fields.Char(
        string="The Payout Itself",
        help="Types whose rows are not a part of the payout, but the payout itself.",
    )

    _name_unique = models.UniqueIndex("(channel_id, name)", "The channel has this column already.")
