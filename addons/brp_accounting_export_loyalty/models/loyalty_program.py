from odoo import models

#: What the cards of a program are in the accounts: money that is owed to whoever comes with them.
EVENTS = {"gift_card": "gift_card", "ewallet": "deposit"}


class LoyaltyProgram(models.Model):
    _inherit = "loyalty.program"

    def _book_as_payments(self):
        """Have gift cards and eWallets booked as such: what fills them, and what is paid with them.

        What somebody has chosen for a product stays.
        """
        for kind, programs in self.filtered("is_payment_program").grouped("program_type").items():
            redeemed = programs.reward_ids.discount_line_product_id.sudo()
            products = programs.rule_ids.product_ids.sudo() | redeemed
            unsaid = products.filtered(lambda product: not product.accounting_event)
            unsaid.accounting_event = EVENTS[kind]
            # Odoo gives new products the company's VAT, and only some of its addons take it from these.
            (unsaid & redeemed).taxes_id = False
