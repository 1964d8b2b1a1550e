from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context


class AutogiroMandateFile(models.TransientModel):
    """The dialog that shows what is to be asked about mandates before its file is made."""

    _name = "brp.autogiro.mandate.file"
    _description = "Make the Mandate File"

    company_id = fields.Many2one("res.company", required=True, readonly=True)
    mandate_ids = fields.Many2many("brp.autogiro.mandate", compute="_compute_mandate_ids")

    @api.depends("company_id")
    def _compute_mandate_ids(self):
        Mandate = self.env["brp.autogiro.mandate"]
        for wizard in self:
            wizard.mandate_ids = Mandate.search(Mandate._get_waiting_domain(wizard.company_id))

    @api.model
    def _open(self, company):
        """Return the action that shows the dialog, or say that nothing waits."""
        Mandate = self.env["brp.autogiro.mandate"]
        if not Mandate.search_count(Mandate._get_waiting_domain(company), limit=1):
            raise UserError(self.env._("Nothing about mandates waits to be sent."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Make the Mandate File"),
            "res_model": self._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_company_id": company.id},
        }

    def action_make_file(self):
        """Make a file of everything that waits about mandates, and show it."""
        self.ensure_one()
        batches = self.env["brp.autogiro.batch"].with_context(clean_context(self.env.context))
        return batches._make_mandate_batches(self.company_id)
