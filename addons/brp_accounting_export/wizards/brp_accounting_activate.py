from odoo import api, fields, models
from odoo.exceptions import UserError

_MAPPING_STEPS = ("payment_method", "vat", "product_group", "other")


class AccountingActivate(models.TransientModel):
    """The dialog that connects an accounting system: what it is for, start date, accounts in four steps."""

    _name = "brp.accounting.activate"
    _description = "Activate an Accounting Export"
    _inherit = "brp.connection.activate"

    provider = fields.Selection(related="connection_id.provider")
    provider_name = fields.Char(related="connection_id.name")
    description = fields.Text(related="connection_id.description")
    step = fields.Selection(
        [
            ("intro", "Introduction"),
            ("start", "Start Date"),
            ("payment_method", "Payment Methods"),
            ("vat", "VAT Rates"),
            ("product_group", "Product Groups"),
            ("other", "Other Events"),
            ("done", "Done"),
        ]
    )
    start_date = fields.Date()
    left_out = fields.Text(compute="_compute_left_out")
    close_time = fields.Float(related="connection_id.accounting_close_time", readonly=False)
    series = fields.Char(related="connection_id.accounting_series", readonly=False)
    journal_ids = fields.Many2many(
        "account.journal",
        compute="_compute_journal_ids",
        inverse="_inverse_journal_ids",
        domain="[('company_id', '=', company_id), ('type', '!=', 'purchase')]",
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    mapping_ids = fields.Many2many("brp.accounting.mapping", readonly=False)
    missing_count = fields.Integer(compute="_compute_missing_count")

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        for wizard in wizards:
            wizard.start_date = wizard.start_date or wizard.connection_id.sudo()._propose_start_date()
        return wizards

    @api.depends("step", "start_date", "connection_id.accounting_journal_ids")
    def _compute_left_out(self):
        """Tell what is in Odoo before the start date and in no voucher."""
        for wizard in self:
            wizard.left_out = False
            if not wizard.start_date or wizard.step != "start":
                continue
            connection = wizard.connection_id._origin.sudo()
            found = connection._sum_left_out(wizard.start_date)
            if not found.count:
                continue
            told = [
                self.env._(
                    "In Odoo before this day, and in no voucher: %(count)s entries of %(first)s to %(last)s."
                    " They stay out.",
                    count=found.count,
                    first=fields.Date.to_string(found.first),
                    last=fields.Date.to_string(found.last),
                )
            ]
            if found.late:
                told.append(
                    self.env._(
                        "%s of them were booked afterwards, while the export was active: nobody else may have"
                        " entered them.",
                        found.late,
                    )
                )
            wizard.left_out = " ".join(told)

    @api.depends("connection_id.accounting_journal_ids")
    def _compute_journal_ids(self):
        for wizard in self:
            wizard.journal_ids = wizard.connection_id._get_accounting_journals()

    def _inverse_journal_ids(self):
        for wizard in self:
            if not wizard.journal_ids:
                raise UserError(self.env._("Choose at least one journal to export."))
            connection = wizard.connection_id
            # The dialog does not show archived journals: they stay as they are.
            journals = wizard.journal_ids | connection._get_accounting_journals().filtered(
                lambda journal: not journal.active
            )
            # What is chosen by nobody follows when a journal is added.
            chosen = journals != connection._get_usual_journals()
            connection.accounting_journal_ids = journals if chosen else False

    @api.depends("connection_id.accounting_mapping_ids.code")
    def _compute_missing_count(self):
        for wizard in self:
            wizard.missing_count = len(
                wizard.connection_id.accounting_mapping_ids.filtered(lambda mapping: not mapping.code)
            )

    def _leave(self):
        if self.step in _MAPPING_STEPS:
            connection = self.connection_id.sudo()
            connection._check_accounts(self.mapping_ids, connection._get_account_names())
        return super()._leave()

    def _go_to(self, step):
        if step in _MAPPING_STEPS:
            mappings = self.connection_id.accounting_mapping_ids
            self.mapping_ids = mappings.filtered(lambda mapping: mapping.kind == step)
        elif step == "done":
            self.connection_id.sudo().with_context(brp_user=self.env.uid)._activate()
        return super()._go_to(step)

    def _leave_start(self):
        """Keep the start date and make the rows of the mapping, with proposals."""
        if not self.start_date:
            raise UserError(self.env._("Choose from which day to export."))
        connection = self.connection_id.sudo()
        connection._check_start_date(self.start_date)
        connection.write(
            {
                "accounting_start_date": self.start_date,
                "responsible_id": connection.responsible_id.id or self.env.uid,
            }
        )
        connection._prepare_mapping()
