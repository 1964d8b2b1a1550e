from odoo import fields, models
from odoo.exceptions import RedirectWarning, UserError


class ResCompany(models.Model):
    _inherit = "res.company"

    installment_due_day = fields.Integer(
        help="Day of the month on which installments fall due; in a shorter month its last day.",
    )
    installment_only = fields.Boolean(
        string="Products with an installment plan can only be sold in installments",
    )
    installment_account_id = fields.Many2one(
        "account.account",
        domain="[('reconcile', '=', True), ('account_type', '=', 'asset_current')]",
        check_company=True,
        help="Account of the payment method Installments: what customers owe by contract"
        " but has not been invoiced as an installment yet (BAS 1530).",
    )
    installment_settlement_journal_id = fields.Many2one(
        "account.journal",
        string="Settlement Journal",
        domain="[('type', '=', 'general')]",
        check_company=True,
        help="Where main invoices are settled with the payment method Installments.",
    )
    installment_journal_id = fields.Many2one(
        "account.journal",
        string="Installment Invoice Journal",
        domain="[('type', '=', 'sale')]",
        check_company=True,
        help="Gives installment invoices their own number series.",
    )
    installment_send_days = fields.Integer(
        string="Send Before Due",
        default=14,
        help="Installment invoices are sent this many days before they fall due.",
    )

    _installment_due_day_range = models.Constraint(
        "CHECK(installment_due_day BETWEEN 0 AND 31)",
        "The due day of installments must be from 1 to 31.",
    )
    _installment_send_days_range = models.Constraint(
        "CHECK(installment_send_days >= 0)",
        "The number of days to send installments before they fall due cannot be negative.",
    )

    def _check_installment_settings(self):
        """Raise an error that names every setting that a sale in installments lacks."""
        self.ensure_one()
        company = self.sudo()
        required = (
            "installment_due_day",
            "installment_account_id",
            "installment_settlement_journal_id",
            "installment_journal_id",
        )
        missing = [company._fields[name] for name in required if not company[name]]
        if not missing:
            return
        labels = [field._description_string(self.env) for field in missing]
        message = self.env._(
            "%(company)s cannot sell in installments yet. Missing in the settings: %(settings)s.",
            company=company.name,
            settings=", ".join(labels),
        )
        if self.env.user.has_group("base.group_system"):
            raise RedirectWarning(
                message,
                self.env.ref("account.action_account_config").id,
                self.env._("Go to the settings"),
            )
        raise UserError(message + " " + self.env._("Ask an administrator to complete them."))

    def _set_up_installments(self):
        """Fill in what is missing of the installment settings, by Swedish custom.

        Due day 27, account 1530 as a reconcilable current asset, and two journals. What
        is already set is kept. Calling it again changes nothing.
        """
        for company in self:
            values = {}
            if not company.installment_due_day:
                values["installment_due_day"] = 27
            if not company.installment_account_id:
                values["installment_account_id"] = company._find_installment_account().id
            if not company.installment_settlement_journal_id:
                values["installment_settlement_journal_id"] = company._make_installment_journal(
                    "general", self.env._("Installments"), "DELB"
                ).id
            if not company.installment_journal_id:
                values["installment_journal_id"] = company._make_installment_journal(
                    "sale", self.env._("Installment Invoices"), "DEL"
                ).id
            company.write(values)

    def _find_installment_account(self):
        """Return account 1530, or the first free number after it, as a reconcilable current asset.

        The Swedish chart has 1530 as a receivable, which Odoo refuses on invoice lines: it
        is changed as long as nothing is booked on it.
        """
        self.ensure_one()
        Account = self.env["account.account"].with_company(self)
        of_company = Account._check_company_domain(self)
        account = Account.search([*of_company, ("code", "=", "1530")], limit=1)
        code = "1530" if not account else Account._search_new_account_code("1530")
        if account.account_type != "asset_current":
            used = self.env["account.move.line"].search_count([("account_id", "=", account.id)], limit=1)
            account = account if not used else Account
        if not account:
            account = Account.create(
                {
                    "name": self.env._("Contract receivables (installments)"),
                    "code": code,
                    "account_type": "asset_current",
                    "reconcile": True,
                    "company_ids": [(6, 0, self.root_id.ids)],
                }
            )
        account.write({"account_type": "asset_current", "reconcile": True})
        return account

    def _make_installment_journal(self, journal_type, name, code):
        self.ensure_one()
        Journal = self.env["account.journal"].with_company(self)
        taken = (
            Journal.with_context(active_test=False)
            .search([("company_id", "=", self.id), ("code", "=like", f"{code}%")])
            .mapped("code")
        )
        number = 1
        free_code = code
        while free_code in taken:
            number += 1
            free_code = f"{code}{number}"
        values = {
            "type": journal_type,
            "name": name,
            "code": free_code,
            "company_id": self.id,
            "show_on_dashboard": False,
        }
        if journal_type == "sale":
            values["invoice_reference_model"] = "se_ocr2"
        return Journal.create(values)
