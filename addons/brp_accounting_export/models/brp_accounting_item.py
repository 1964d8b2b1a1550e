from odoo import fields, models


class AccountingItem(models.Model):
    """What a voucher row took of a journal item. The items of a row add up to the row.

    An item *stands* as long as the other system has it as it is in Odoo. When the journal item is changed or
    taken back, a correction voucher gets an item with the opposite amount, and neither stands any longer.
    """

    _name = "brp.accounting.item"
    _description = "Exported Journal Item"
    _log_access = False

    line_id = fields.Many2one(
        "brp.accounting.voucher.line", required=True, readonly=True, ondelete="cascade", index=True
    )
    move_line_id = fields.Many2one("account.move.line", readonly=True, ondelete="set null")
    move_id = fields.Many2one("account.move", readonly=True, ondelete="set null", index="btree_not_null")
    journal_id = fields.Many2one("account.journal", readonly=True, ondelete="set null")
    part = fields.Integer(
        readonly=True, help="Which share of the journal item, when analytic accounts share it."
    )
    amount = fields.Monetary(readonly=True)
    currency_id = fields.Many2one(related="line_id.currency_id")
    origin = fields.Char(readonly=True, help="What of the journal item decided where it went.")
    stands = fields.Boolean(default=True, readonly=True)
    undoes_id = fields.Many2one("brp.accounting.item", readonly=True, index="btree_not_null")

    _once = models.UniqueIndex(
        "(move_line_id, part) WHERE stands AND move_line_id IS NOT NULL",
        "A journal item is exported once.",
    )
    _gone = models.Index("(line_id) WHERE stands AND (move_line_id IS NULL OR move_id IS NULL)")
    _undone_once = models.UniqueIndex("(undoes_id) WHERE undoes_id IS NOT NULL")
