from odoo import api, fields, models
from odoo.exceptions import UserError

_MAPPING_STEPS = ("payment_method", "vat", "product_group", "other")


class AccountingActivate(models.TransientModel):
    """The dialog that connects an accounting system: what it is for, start date, accounts in four steps."""

    _name = "brp.accounting.activate"
    _description = "Activate an Accounting Export"

    connection_id = fields.Many2one("brp.connection", required=True, readonly=True, ondelete="cascade")
    provider = fields.Selection(related="connection_id.provider")
    provider_name = fields.Char(related="connection_id.name")
    description = fields.Text(related="connection_id.description")
    company_id = fields.Many2one(related="connection_id.company_id")
    step = fields.Selection(
        [
            ("intro", "Introduction"),
            ("start", "Start Date"),
            ("payment_method", "Payment Methods"),
            ("vat", "VAT Rates"),
            ("product_group", "Product Groups"),
            ("other", "Other Events"),
            ("done", "Done"),
        ],
        default="intro",
        required=True,
        readonly=True,
    )
    start_date = fields.Date(default=lambda self: self._get_default_start_date())
    close_time = fields.Float(default=2.0)
    mapping_ids = fields.Many2many("brp.accounting.mapping", readonly=False)
    missing_count = fields.Integer(compute="_compute_missing_count")

    @api.model
    def _get_default_start_date(self):
        return self.env["brp.connection"]._get_swedish_date()

    @api.depends("connection_id.accounting_mapping_ids.code")
    def _compute_missing_count(self):
        for wizard in self:
            wizard.missing_count = len(
                wizard.connection_id.accounting_mapping_ids.filtered(lambda mapping: not mapping.code)
            )

    def _get_steps(self):
        """Return the steps of the dialog in their order; connectors add theirs."""
        self.ensure_one()
        return ["intro", "start", *_MAPPING_STEPS, "done"]

    def action_next(self):
        """Check what the step asks for and go on to the next."""
        self.ensure_one()
        self.connection_id._check_manager()
        leave = getattr(self, f"_leave_{self.step}", None)
        if leave:
            leave()
        if self.step in _MAPPING_STEPS:
            self.connection_id.sudo()._check_accounts(self.mapping_ids)
        steps = self._get_steps()
        return self._go_to(steps[steps.index(self.step) + 1])

    def action_back(self):
        """Go back a step; what has been filled in is kept."""
        self.ensure_one()
        steps = self._get_steps()
        return self._go_to(steps[max(steps.index(self.step) - 1, 0)])

    def action_close(self):
        """Show the page behind as it is now."""
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _go_to(self, step):
        values = {"step": step}
        if step in _MAPPING_STEPS:
            mappings = self.connection_id.accounting_mapping_ids
            values["mapping_ids"] = [(6, 0, mappings.filtered(lambda mapping: mapping.kind == step).ids)]
        self.write(values)
        if step == "done":
            self.connection_id.sudo().with_context(brp_user=self.env.uid)._activate()
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Activate %s", self.provider_name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _leave_start(self):
        """Keep the start date and make the rows of the mapping, with proposals."""
        if not self.start_date:
            raise UserError(self.env._("Choose from which day to export."))
        connection = self.connection_id.sudo()
        connection._check_start_date(self.start_date)
        connection.write(
            {
                "accounting_start_date": self.start_date,
                "accounting_close_time": self.close_time,
                "responsible_id": connection.responsible_id.id or self.env.uid,
            }
        )
        connection._prepare_mapping()
