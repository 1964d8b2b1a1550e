from collections import defaultdict

from odoo import api, fields, models


class AccountMove(models.Model):
    _inherit = "account.move"

    accounting_voucher_count = fields.Integer(compute="_compute_accounting_voucher_count")

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
