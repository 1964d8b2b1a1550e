from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

#: Journals that money comes in by.
_TYPES = ("bank", "cash", "credit")


class Facility(models.Model):
    """What a facility's desk takes payment with."""

    _inherit = "brp.facility"

    desk_journal_ids = fields.Many2many(
        "account.journal",
        "brp_facility_desk_journal_rel",
        "facility_id",
        "journal_id",
        string="Paid With at the Desk",
        check_company=True,
        domain=[("type", "in", _TYPES)],
        help="What people at the desk may take payment with, without rights to the accounting.",
    )

    @api.constrains("desk_journal_ids")
    def _check_desk_journal_types(self):
        for journal in self.sudo().desk_journal_ids:
            if journal.type not in _TYPES:
                raise ValidationError(
                    self.env._("%s is no journal for bank, cash or credit cards.", journal.display_name)
                )

    def _get_pay_journals(self):
        """Return the journals that the user may take payment with at the desk.

        Those of the facility; all of the company for who has rights to invoicing.
        """
        self.ensure_one()
        self.check_access("read")
        if self.env.user.has_group("account.group_account_invoice"):
            Journal = self.env["account.journal"]
            return Journal.search([*Journal._check_company_domain(self.company_id), ("type", "in", _TYPES)])
        return self.sudo().desk_journal_ids.sudo(self.env.su)

    def _check_pay_journal(self, journal):
        """Check that the user may take payment with a journal.

        :raise UserError: it is not among those of :meth:`_get_pay_journals`
        """
        if journal not in self._get_pay_journals():
            raise UserError(
                self.env._(
                    "You may not take payment with %(journal)s at %(facility)s. A booking administrator"
                    " chooses on the facility what the desk may use.",
                    journal=journal.sudo().display_name,
                    facility=self.name,
                )
            )
