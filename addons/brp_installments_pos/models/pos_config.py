from odoo import Command, api, fields, models


class PosConfig(models.Model):
    """A till that sells in installments has a payment method for it."""

    _inherit = "pos.config"

    sells_in_installments = fields.Boolean(
        string="Installments",
        compute="_compute_sells_in_installments",
        inverse="_inverse_sells_in_installments",
        help="The payment screen has the button Pay in Installments.",
    )

    @api.model
    def _load_pos_data_read(self, records, config):
        read = super()._load_pos_data_read(records, config)
        for values in read[:1]:
            values["_installment_only"] = config.company_id.sudo().installment_only
        return read

    @api.depends("payment_method_ids.is_installment")
    def _compute_sells_in_installments(self):
        for config in self:
            config.sells_in_installments = bool(config._get_installment_method())

    def _inverse_sells_in_installments(self):
        # From the settings, Odoo takes the methods that are written for all that there are to be.
        for config in self.with_context(from_settings_view=False):
            method = config._get_installment_method()
            if config.sells_in_installments and not method:
                config.payment_method_ids = [Command.link(config._find_installment_method().id)]
            elif method and not config.sells_in_installments:
                config.payment_method_ids = [Command.unlink(one.id) for one in method]

    def _get_installment_method(self):
        return self.payment_method_ids.filtered("is_installment")

    def _find_installment_method(self):
        """Return the company's payment method for installments, made the first time."""
        company = self.company_id
        Method = self.env["pos.payment.method"].sudo().with_company(company)
        return Method.search(
            [("is_installment", "=", True), ("company_id", "=", company.id)], limit=1
        ) or Method.create(
            {
                "name": self.env._("Installments"),
                "company_id": company.id,
                "split_transactions": True,
                "is_installment": True,
            }
        )
