from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL


class AccountMove(models.Model):
    _inherit = "account.move"

    accounting_voucher_count = fields.Integer(compute="_compute_accounting_voucher_count")
    accounting_left_out = fields.Boolean(
        string="Left Out of the Export",
        readonly=True,
        copy=False,
        help="Posted while an accounting export was active, and dated before its start.",
    )

    _accounting_left_out = models.Index("(company_id) WHERE accounting_left_out")

    def write(self, vals):
        dated = "date" in vals or vals.get("state") == "posted"
        result = super().write(vals)
        if dated:
            self._note_left_out()
        return result

    def _note_left_out(self):
        """Mark what has been posted into days that an active export leaves out: it is told of."""
        posted = self.filtered(lambda move: move.state == "posted")
        if not posted:
            return
        starts = dict(
            self.env["brp.connection"]
            .sudo()
            ._read_group(
                [
                    ("company_id", "in", posted.company_id.ids),
                    ("state", "in", ("active", "paused")),
                    ("accounting_start_date", "!=", False),
                ],
                ["company_id"],
                ["accounting_start_date:max"],
            )
        )
        posted.filtered(
            lambda move: move.company_id in starts and move.date < starts[move.company_id]
        )._set_left_out(True)

    def _set_left_out(self, left_out):
        if not self:
            return
        # It is no change of the entries, whose date of change the export goes by.
        self.env.cr.execute(
            SQL("UPDATE account_move SET accounting_left_out = %s WHERE id = ANY(%s)", left_out, self.ids)
        )
        self.invalidate_recordset(["accounting_left_out"], flush=False)

    def _get_accounting_vouchers(self):
        """Return the vouchers in another system that hold items of these entries."""
        items = self.env["brp.accounting.item"].sudo().search([("move_id", "in", self.ids)])
        return self.env["brp.accounting.voucher"].browse(items.line_id.voucher_id.ids)

    @api.depends("line_ids")
    def _compute_accounting_voucher_count(self):
        vouchers = defaultdict(set)
        for move, line in (
            self.env["brp.accounting.item"]
            .sudo()
            ._read_group([("move_id", "in", self.ids)], ["move_id", "line_id"])
        ):
            vouchers[move.id].add(line.voucher_id)
        for move in self:
            move.accounting_voucher_count = len(vouchers[move.id])

    def action_view_accounting_vouchers(self):
        """Show the vouchers in the other system that hold the entry."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "brp_accounting_export.brp_accounting_voucher_action"
        )
        action["domain"] = [("id", "in", self._get_accounting_vouchers().ids)]
        return action
