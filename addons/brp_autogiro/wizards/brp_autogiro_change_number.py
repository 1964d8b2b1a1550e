from odoo import fields, models
from odoo.exceptions import UserError

from ..bankgirot import NumberError, read_payer_number


class AutogiroChangeNumber(models.TransientModel):
    """The dialog that asks Bankgirot for another payer number of a mandate."""

    _name = "brp.autogiro.change.number"
    _description = "Change Payer Number"

    mandate_id = fields.Many2one("brp.autogiro.mandate", required=True, readonly=True)
    new_number = fields.Char(string="New Payer Number", required=True)

    def action_change(self):
        """Let the next mandate file ask for the new number."""
        self.ensure_one()
        mandate = self.mandate_id
        mandate.check_access("write")
        if mandate.state != "active" or mandate.account_type != "bank" or mandate.request:
            raise UserError(
                self.env._(
                    "The payer number can be changed while a mandate on a bank account is active and"
                    " nothing else is being asked of the bank."
                )
            )
        try:
            number = read_payer_number(self.new_number)
        except NumberError as error:
            raise UserError(error.text(mandate._get_short_language())) from None
        mandate._check_payer_number_unused(number)
        mandate.sudo().write({"request": "change", "new_payer_number": number})
        self.unlink()
        return {"type": "ir.actions.act_window_close"}
