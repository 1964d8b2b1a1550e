from odoo import fields, models

from ..models.brp_payout_column import TARGETS


class PayoutImportColumn(models.TransientModel):
    """What a column of the file that is imported is."""

    _name = "brp.payout.import.column"
    _description = "Column of a Payout File"
    _order = "sequence, id"

    import_id = fields.Many2one("brp.payout.import", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer()
    name = fields.Char(string="Column", required=True, readonly=True)
    example = fields.Char(readonly=True)
    target = fields.Selection(TARGETS, string="Is the", required=True, default="ignore")
    deducted = fields.Boolean(help="Written without minus in the file, but it makes the payout smaller.")
    source = fields.Selection(
        [("kept", "Remembered"), ("proposed", "Proposed"), ("new", "Not Known")],
        string="Known By",
        readonly=True,
        help="Remembered from an earlier file of the channel, or proposed by its name.",
    )
