import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..personal_number import PersonalNumberError, mask, normalize

_GROUP = "brp_personal_number.group_personal_number"


class ResPartner(models.Model):
    """Customers have a personal number that only a group of its own may see in full."""

    _inherit = "res.partner"

    personal_number = fields.Char(
        groups=_GROUP,
        copy=False,
        index="btree_not_null",
        help="Personal number or co-ordination number, YYYYMMDD-NNNN. Kept as twelve digits.",
    )
    personal_number_masked = fields.Char(
        string="Masked Personal Number",
        compute="_compute_personal_number_masked",
        compute_sudo=True,
        groups="base.group_user",
        help="The personal number without its last four digits.",
    )
    personal_number_search = fields.Char(
        string="Search by Personal Number",
        store=False,
        copy=False,  # who may not read it could copy no customer
        search="_search_personal_number",
        groups=_GROUP,
        exportable=False,
    )
    same_personal_number_partner_id = fields.Many2one(
        "res.partner",
        string="Partner with the Same Personal Number",
        compute="_compute_same_personal_number_partner_id",
        compute_sudo=False,
        groups=_GROUP,
    )

    # === COMPUTE METHODS === #

    @api.depends("personal_number")
    def _compute_personal_number_masked(self):
        for partner in self:
            number = partner.personal_number
            partner.personal_number_masked = number and mask(number)

    @api.depends("personal_number")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_same_personal_number_partner_id(self):
        """Find another customer of that number among those whom the user may see."""
        for partner in self:
            number = self._read_personal_number(partner.personal_number)
            partner.same_personal_number_partner_id = number and self.with_context(active_test=False).search(
                [("personal_number", "=", number), ("id", "!=", partner._origin.id)], limit=1
            )

    def _search_personal_number(self, operator, value):
        """Find what is typed with or without hyphen and century, or in part."""
        if operator not in ("in", "like", "ilike", "=like", "=ilike"):
            return NotImplemented
        typed = value if operator == "in" else [value]
        parts = [re.sub(r"\D", "", text) for text in typed if isinstance(text, str)]
        return Domain.OR(Domain("personal_number", "like", part) for part in parts if part)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_normal_number(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_normal_number(vals))

    # === HELPERS === #

    def _with_normal_number(self, vals):
        """Return ``vals`` with the personal number, if there is one, as it is kept.

        :raises ValidationError: not a personal number; the message does not contain it
        """
        if not vals.get("personal_number"):
            return vals
        typed = vals["personal_number"].strip()
        try:
            number = bool(typed) and normalize(typed, fields.Date.context_today(self))
        except PersonalNumberError as error:
            raise ValidationError(self._explain_personal_number(error.problem)) from None
        return {**vals, "personal_number": number}

    def _read_personal_number(self, typed):
        """Return ``typed`` as it would be kept, or False when it is not a personal number."""
        try:
            return bool(typed) and normalize(typed, fields.Date.context_today(self))
        except PersonalNumberError:
            return False

    def _explain_personal_number(self, problem):
        return {
            "format": self.env._(
                "Write the personal number as YYYYMMDD-NNNN, or as YYMMDD-NNNN, with a plus sign"
                " instead of the hyphen from the year in which the person turns 100."
            ),
            "date": self.env._("The personal number does not begin with a date of birth."),
            "future": self.env._("The date of birth in the personal number has not come yet."),
            "check_digit": self.env._(
                "A digit of the personal number is wrong: the last one does not fit the others."
            ),
        }[problem]
