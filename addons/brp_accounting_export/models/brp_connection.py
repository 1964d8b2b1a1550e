from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class Connection(models.Model):
    """An accounting system as what a connection is to: what its dialog, its settings and its buttons need."""

    _inherit = "brp.connection"

    is_accounting = fields.Boolean(compute="_compute_is_accounting")
    accounting_start_date = fields.Date(
        string="Export From", copy=False, help="What is dated before this day is not exported."
    )
    accounting_series = fields.Char(
        string="Voucher Series",
        size=1,
        default="K",
        help="In a series of its own, everything from Odoo can be found and taken out in the other system.",
    )
    accounting_journal_ids = fields.Many2many(
        "account.journal",
        string="Only Journals",
        check_company=True,
        groups="account.group_account_invoice,account.group_account_readonly",
        help="Leave empty to export all journals except those of vendor bills.",
    )

    # === COMPUTE METHODS === #

    @api.depends("provider")
    def _compute_is_accounting(self):
        for connection in self:
            connection.is_accounting = connection.provider in self._get_accounting_providers()

    # === CONSTRAINT METHODS === #

    @api.constrains("accounting_series")
    def _check_series(self):
        for connection in self:
            series = connection.accounting_series or ""
            if not (len(series) == 1 and "A" <= series <= "Z"):
                raise ValidationError(self.env._("A voucher series is one letter, A to Z."))

    def _propose_start_date(self):
        """Return the first day that is held, else the day after the last one exported, or today."""
        self.ensure_one()
        [(held,)] = self.env["brp.accounting.day"]._read_group(
            [("connection_id", "=", self.id), ("state", "=", "held")], [], ["date:min"]
        )
        if held:
            return held
        [(last,)] = self.env["brp.accounting.day"]._read_group(
            [("company_id", "=", self.company_id.id), ("state", "=", "closed")], [], ["date:max"]
        )
        return last + timedelta(days=1) if last else self._get_swedish_date()

    def _check_start_date(self, start):
        """Refuse a start date for a day that another accounting connection of the company exports."""
        self.ensure_one()
        currency = self.company_id.currency_id
        if currency.name != "SEK":
            raise UserError(
                self.env._(
                    "The books of %(company)s are kept in %(currency)s. Only kronor can be exported.",
                    company=self.company_id.name,
                    currency=currency.name,
                )
            )
        for other in self.sudo().search(
            [
                ("company_id", "=", self.company_id.id),
                ("provider", "in", self._get_accounting_providers()),
                ("id", "!=", self.id),
            ]
        ):
            if other.state in ("active", "paused"):
                raise UserError(
                    self.env._(
                        "%(other)s is active already. Exporting the same days to two places doubles the"
                        " books: deactivate it first.",
                        other=other.name,
                    )
                )
            last = other.accounting_day_ids[:1].date
            if last and last >= start:
                raise UserError(
                    self.env._(
                        "%(other)s has exported the days until %(day)s. Start after that: the same day in two"
                        " exports doubles the books.",
                        other=other.name,
                        day=fields.Date.to_string(last),
                    )
                )

    def _activate(self):
        for connection in self.filtered("accounting_start_date"):
            connection._check_start_date(connection.accounting_start_date)
        return super()._activate()

    # === PROVIDER === #

    @api.model
    def _get_accounting_providers(self):
        """Return the providers that are accounting systems."""
        return []

    def _get_own_proposals(self):
        """Return {key: account number} that the other system proposes for its company."""
        return {}

    def _get_account_names(self):
        """Return {number: name} of the other system's open accounts; nothing when they are not known."""
        return {}

    def _check_accounts(self, mappings, names):
        """Refuse account numbers that the other system does not have; note what it calls the others.

        :param names: what ``_get_account_names`` told
        """
        if not names:
            return
        for mapping in mappings:
            mapping.code_name = names.get(mapping.code)
        unknown = mappings.filtered(lambda mapping: mapping.code and mapping.code not in names)
        if unknown:
            raise UserError(
                "\n".join(
                    self.env._(
                        "%(name)s: there is no open account %(code)s in %(system)s.",
                        name=mapping.name,
                        code=mapping.code,
                        system=self.name,
                    )
                    for mapping in unknown
                )
            )

    def _export_vouchers(self, vouchers):
        """Have new vouchers exported."""

    def _find_gone(self, vouchers):
        """Return those of exported vouchers that the other system no longer has.

        :raise UserError: it cannot be asked
        """
        return vouchers.browse()

    def _check_still_connected(self):
        """Pause the connection when the other system has switched it off."""

    # === ACTIONS === #

    def _get_activation_action(self):
        if self.provider not in self._get_accounting_providers():
            return super()._get_activation_action()
        wizard = self.env["brp.accounting.activate"].create({"connection_id": self.id})
        return wizard._reopen()

    def _get_manual_export_action(self):
        if self.provider not in self._get_accounting_providers():
            return super()._get_manual_export_action()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Manual Export"),
            "res_model": "brp.accounting.export.now",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_connection_id": self.id},
        }

    def action_view_days(self):
        """Show the days that have been closed, and those that are held."""
        return self._view_accounting("brp_accounting_day_action")

    def action_view_vouchers(self):
        """Show the exported vouchers."""
        return self._view_accounting("brp_accounting_voucher_action")

    def _view_accounting(self, name):
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(f"brp_accounting_export.{name}")
        action["domain"] = [("connection_id", "=", self.id)]
        return action
