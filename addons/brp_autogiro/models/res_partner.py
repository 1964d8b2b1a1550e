from odoo import api, fields, models

_GROUPS = "account.group_account_invoice,account.group_account_readonly,sales_team.group_sale_salesman"


class ResPartner(models.Model):
    _inherit = "res.partner"

    autogiro_mandate_ids = fields.One2many(
        "brp.autogiro.mandate", "partner_id", string="Autogiro Mandates", groups=_GROUPS
    )
    autogiro_mandate_id = fields.Many2one(
        "brp.autogiro.mandate",
        compute="_compute_autogiro_mandate_id",
        groups=_GROUPS,
    )
    autogiro_mandate_state = fields.Selection(
        selection=lambda self: (
            self.env["brp.autogiro.mandate"]._fields["state"]._description_selection(self.env)
        ),
        string="Autogiro",
        compute="_compute_autogiro_mandate_id",
        groups=_GROUPS,
    )

    @api.depends_context("company")
    def _compute_autogiro_mandate_id(self):
        found = self.env["brp.autogiro.mandate"]._get_by_partner(self.env.company, self)
        for partner in self:
            partner.autogiro_mandate_id = found.get(partner)
            partner.autogiro_mandate_state = partner.autogiro_mandate_id.state

    def action_view_autogiro_mandates(self):
        """Show the contact's mandates, or start one."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("brp_autogiro.brp_autogiro_mandate_action")
        mandates = self.autogiro_mandate_ids
        action["context"] = {"default_partner_id": self.id}
        if len(mandates) <= 1:
            action.update(view_mode="form", views=[(False, "form")], res_id=mandates.id)
        else:
            action["domain"] = [("partner_id", "=", self.id)]
        return action
