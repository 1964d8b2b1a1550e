from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMove(models.Model):
    _inherit = "account.move"

    # Whoever may read invoices, as salespeople, need not see payouts.
    payout_ids = fields.One2many(
        "brp.payout",
        "move_id",
        readonly=True,
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    payout_count = fields.Integer(
        string="Payouts",
        compute="_compute_payout_count",
        groups="account.group_account_invoice,account.group_account_readonly",
    )

    @api.depends("payout_ids")
    def _compute_payout_count(self):
        payouts = self._get_payouts_of_moves()
        for move in self:
            move.payout_count = len(payouts.get(move, ()))

    def _compute_reconciled_payment_ids(self):
        # While payouts' entries are made and matched with each other, they have no payments. Odoo would look
        # for them among all that has ever been matched, again and again.
        entries = self.browse()
        if self.env.context.get("payout_entries"):
            entries = self.filtered(lambda move: move.move_type == "entry")
            entries.reconciled_payment_ids = False
        return super(AccountMove, self - entries)._compute_reconciled_payment_ids()

    def _check_draftable(self):
        super()._check_draftable()
        if self.env.context.get("payout_undo"):
            return
        for move, payouts in self.sudo()._get_payouts_of_moves().items():
            raise UserError(
                self.env._(
                    "%(entry)s is the entry of the payout %(payout)s. Undo the payout instead.",
                    entry=move.name,
                    payout=payouts[0].name,
                )
            )

    def _get_payouts_of_moves(self):
        """Return {entry: the payouts that it was made for} of those that were made for one."""
        return self.payout_ids.grouped("move_id")

    def action_view_payouts(self):
        """Show the payout that the entry was made for."""
        self.ensure_one()
        payouts = self._get_payouts_of_moves().get(self, self.env["brp.payout"])
        action = self.env["ir.actions.actions"]._for_xml_id("brp_settlement.brp_payout_action")
        if len(payouts) == 1:
            form = next(view for view in action["views"] if view[1] == "form")
            return action | {"res_id": payouts.id, "view_mode": "form", "views": [form]}
        return action | {"domain": [("id", "in", payouts.ids)]}
