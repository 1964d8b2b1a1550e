from odoo import Command, api, fields, models
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
        lambda self: self.env["account.move"]._fields["installment_allocation"].selection,
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
        credit_note = self._credit_main_invoice()
        self.new_move_ids = credit_note
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "view_mode": "form",
            "res_id": credit_note.id,
        }

    def _credit_main_invoice(self):
        """Credit the main invoice and net the credit against what the customer still owes.

        First against what is left on the main invoice itself, then against its open
        installments in the chosen order; the rest is the customer's.

        :return: the posted credit note
        :raises UserError: an amount that is not above zero, or above what can be credited
        """
        main = self.installment_main_id
        main._lock_purchases()
        self._check_amount(main._get_creditable_amount())
        values = self._prepare_default_reversal(main)
        values.update(
            auto_post="no",
            installment_allocation=self.installment_allocation,
            invoice_currency_rate=main.invoice_currency_rate,
        )
        if main.currency_id.compare_amounts(self.installment_amount, main.amount_total) == 0:
            credit_note = main._reverse_moves([values])
        else:
            credit_note = main.create(
                {
                    **values,
                    "move_type": "out_refund",
                    "reversed_entry_id": main.id,
                    "partner_id": main.partner_id.id,
                    "partner_shipping_id": main.partner_shipping_id.id,
                    "currency_id": main.currency_id.id,
                    "fiscal_position_id": main.fiscal_position_id.id,
                    "invoice_line_ids": [Command.create(line) for line in self._prepare_credit_lines()],
                }
            )
        if main.currency_id.compare_amounts(credit_note.amount_total, self.installment_amount):
            raise UserError(
                self.env._(
                    "The credit note would be %(total)s instead of %(amount)s.",
                    total=main.currency_id.format(credit_note.amount_total),
                    amount=main.currency_id.format(self.installment_amount),
                )
            )
        # The customer's account may have changed since the sale.
        credit_note._get_receivable_line().account_id = main._get_receivable_line().account_id
        credit_note._post(soft=False)
        main._message_log(
            body=self.env._(
                "%(amount)s credited by %(credit_note)s.",
                amount=main.currency_id.format(credit_note.amount_total),
                credit_note=credit_note._get_html_link(),
            )
        )
        return credit_note

    def _check_amount(self, creditable):
        main = self.installment_main_id
        compare = main.currency_id.compare_amounts
        if compare(self.installment_amount, 0) <= 0 or compare(self.installment_amount, creditable) > 0:
            raise UserError(
                self.env._(
                    "%(invoice)s can be credited by more than 0 and at most %(creditable)s, not %(amount)s.",
                    invoice=main.name,
                    creditable=main.currency_id.format(creditable),
                    amount=main.currency_id.format(self.installment_amount),
                )
            )

    def _prepare_credit_lines(self):
        """Return credit note lines of exactly the chosen amount.

        It is spread as what has not been credited yet is over accounts and VAT rates. Core's
        down payment split does it without losing an öre; after the last credit note every
        rate is credited by exactly what was invoiced.
        """
        main = self.installment_main_id
        AccountTax = self.env["account.tax"]
        base_lines = main._get_rounded_base_and_tax_lines()[0]
        for credit_note in main._get_credit_notes():
            base_lines += [
                AccountTax._turn_base_line_is_refund_flag_off(base_line)
                for base_line in credit_note._get_rounded_base_and_tax_lines()[0]
            ]
        parts = AccountTax._prepare_down_payment_lines(
            base_lines,
            main.company_id,
            "fixed",
            self.installment_amount,
            computation_key=f"installment_credit,{main.id}",
            grouping_function=lambda base_line: {"account_id": base_line["account_id"]},
        )
        label = main._in_customer_language()._("Credit of part of invoice %s", main.name)
        return [
            {
                "name": label,
                "account_id": part["account_id"].id,
                "quantity": part["quantity"],
                "price_unit": self._get_credit_price(part),
                "tax_ids": [Command.set(part["tax_ids"].ids)],
                "analytic_distribution": part["analytic_distribution"],
                "extra_tax_data": AccountTax._export_base_line_extra_tax_data(part),
            }
            for part in parts
        ]

    def _get_credit_price(self, part):
        """Return the price of a credit line: exact where no tax amounts are kept with it."""
        if part["tax_ids"]:
            return part["price_unit"]
        details = part["tax_details"]
        return self.installment_main_id.currency_id.round(
            details["total_excluded_currency"] + details["delta_total_excluded_currency"]
        )
