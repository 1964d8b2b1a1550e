from odoo import fields, models
from odoo.exceptions import UserError

from ..models.brp_connection_bjorn_lunden import show_number


class AccountingActivate(models.TransientModel):
    _inherit = "brp.accounting.activate"

    step = fields.Selection(selection_add=[("key", "Public Key"), ("start",)], ondelete={"key": "cascade"})
    key = fields.Char(string="Public Key")
    key_company = fields.Char(readonly=True)
    key_number = fields.Char(readonly=True)
    key_differs = fields.Boolean(compute="_compute_key_differs")
    key_accepted = fields.Boolean(string="It is the right company all the same")

    def _compute_key_differs(self):
        for wizard in self:
            company = wizard.company_id.sudo()
            own = {show_number(company.company_registry), show_number(company.vat and company.vat[2:12])}
            wizard.key_differs = bool(wizard.key_number) and wizard.key_number not in own

    def _get_steps(self):
        steps = super()._get_steps()
        if self.provider != "bjorn_lunden":
            steps.remove("key")
        return steps

    def action_verify(self):
        """Ask Björn Lundén whose key it is."""
        self.ensure_one()
        self.connection_id._check_manager()
        key = (self.key or "").strip()
        if not key:
            raise UserError(self.env._("Paste the public key from Björn Lundén."))
        company = self.connection_id.sudo()._ask_bjorn_lunden(key)
        self.write(
            {
                "key": key,
                "key_company": company["name"],
                "key_number": show_number(company.get("orgNumber")),
                "key_accepted": False,
            }
        )
        self.connection_id.sudo().bjorn_lunden_key = key
        return self._reopen()

    def _leave_key(self):
        connection = self.connection_id.sudo()
        if not self.key_company or connection.bjorn_lunden_key != (self.key or "").strip():
            raise UserError(self.env._("Verify the key first."))
        if self.key_differs and not self.key_accepted:
            raise UserError(
                self.env._(
                    "The key belongs to %(name)s (%(number)s), which is not the organisation number of"
                    " %(company)s. Confirm that it is right, or paste another key.",
                    name=self.key_company,
                    number=self.key_number,
                    company=self.company_id.name,
                )
            )
        connection.write({"bjorn_lunden_company": self.key_company, "bjorn_lunden_number": self.key_number})
