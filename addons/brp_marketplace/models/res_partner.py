from odoo import api, fields, models
from odoo.tools import email_normalize


class ResPartner(models.Model):
    _inherit = "res.partner"

    booking_ids = fields.One2many("brp.booking", "partner_id", readonly=True)

    @api.model
    def _find_or_make_customer(self, company, name, email, phone, lang=None):
        """Return the person who books, made if nobody is known by e-mail address and name.

        The address alone is no proof: families share one, and a telephone. With the same telephone, names may
        be shorter or longer: Kim, K. Berg and Kim Berg are one. Nothing of who is found is changed.

        :param lang: the language of who is made; the company's if it is not known
        """
        email = email_normalize(email or "") or (email or "").strip()
        name, phone = (name or "").strip(), (phone or "").strip()
        if email:
            found = self.search(
                [
                    ("email_normalized", "=", email),
                    ("is_company", "=", False),
                    ("company_id", "in", (False, company.id)),
                ],
                order="id",
            )
            for partner in found:
                reached = phone and _digits(partner.phone) == _digits(phone)
                if (partner.name or "").casefold() == name.casefold() or (
                    _may_be_one(partner.name or "", name) if reached else not (name or phone)
                ):
                    return partner
        return self.create(
            {
                "name": name or email or phone,
                "email": email,
                "phone": phone,
                "company_id": company.id if self._is_customer_of_company() else False,
                "lang": lang or company.partner_id.lang,
            }
        )

    @api.model
    def _is_customer_of_company(self):
        """Return whether customers belong to the company that sells: where there are several."""
        return self.env["res.company"].sudo().search_count([], limit=2) > 1


def _may_be_one(known, name):
    """Return whether two names may be one person's: the one's first name begins the other's."""
    first, second = (text.casefold().partition(" ")[0].rstrip(".") for text in (known, name))
    return first.startswith(second) or second.startswith(first)


def _digits(phone):
    """Return the digits of a telephone number as they are dialled from abroad, for Swedish numbers."""
    digits = "".join(filter(str.isdigit, phone or ""))
    if digits.startswith("00"):
        return digits[2:]
    return "46" + digits[1:] if digits.startswith("0") else digits
