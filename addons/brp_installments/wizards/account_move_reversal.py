from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMoveReversal(models.TransientModel):
    """The credit dialog proposes, for a main invoice, the amount that is left to settle."""

    _inherit = "account.move.reversal"

    installment_main_id = fields.Many2one("account.move", compute="_compute_installment_main_id")
    installment_amount = fields.Monetary(
        string="Amount to Credit",
        compute="_compute_installment_amount",
        store=True,
        readonly=False,
        help="With VAT. Split over the VAT rates as what has not been credited yet.",
    )
    installment_creditable = fields.Monetary(
        string="Not Yet Credited", compute="_compute_installment_main_id"
    )
    installment_allocation = fields.Selection(
        [
            ("first", "First due first"),
            ("last", "Last due first"),
            ("none", "None: keep it as the customer's credit"),
        ],
        string="Net Against Installments",
        default="first",
        required=True,
        help="What remains after the main invoice's own debt reduces the open installments"
        " in this order. What is left then is the customer's.",
    )

    @api.depends("move_ids")
    def _compute_installment_main_id(self):
        for wizard in self:
            moves = wizard.move_ids._origin
            main = moves if len(moves) == 1 and moves.installment_plan_id else moves.browse()
            wizard.installment_main_id = main
            wizard.installment_creditable = main._get_creditable_amount() if main else 0

    @api.depends("installment_main_id")
    def _compute_installment_amount(self):
        for wizard in self:
            main = wizard.installment_main_id
            wizard.installment_amount = main and (
                min(main.amount_residual, wizard.installment_creditable) or wizard.installment_creditable
            )

    def reverse_moves(self, is_modify=False):
        self.ensure_one()
        parts = self.move_ids.filtered("installment_main_id")
        mains = self.move_ids.filtered("installment_plan_id")
        if parts and parts == self.move_ids:
            return parts.action_credit_installments()
        if not parts and not mains:
            return super().reverse_moves(is_modify=is_modify)
        if len(self.move_ids) > 1:
            raise UserError(
                self.env._(
                    "Credit one main invoice at a time, and neither installments nor other"
                    " invoices together with it."
                )
            )
        if is_modify:
            raise UserError(
                self.env._(
                    "%s was sold in installments. Credit it, and sell the order again.",
                    mains.name,
                )
            )
        values = self._prepare_default_reversal(mains)
        values.update(auto_post="no", installment_allocation=self.installment_allocation)
        credit_note = mains._credit_main(self.installment_amount, values)
        self.new_move_ids = credit_note
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "view_mode": "form",
            "res_id": credit_note.id,
        }
