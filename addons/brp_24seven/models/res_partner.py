from odoo import fields, models

from ..orders import Customer

INVOICE_TYPES = [("invoice", "Invoice"), ("accounting", "Data for Accounting")]


class Partner(models.Model):
    _inherit = "res.partner"

    seven_type = fields.Selection(
        INVOICE_TYPES,
        string="Invoice Type",
        company_dependent=True,
        help="Whether invoices are sent from here, or handed over to 24SevenOffice. Empty: sent from here.",
    )

    def _get_seven_customer(self):
        """Return who is invoiced at 24SevenOffice: the organisation, or the person who belongs to none."""
        self.ensure_one()
        commercial = self.commercial_partner_id
        # An address of a person need not have a name.
        return commercial if commercial.is_company or not self.name else self

    def _describe_for_seven(self, contact):
        """Return the customer as 24SevenOffice is told of them.

        :param contact: whom the invoice is to, with the address that counts
        """
        self.ensure_one()
        organisation = self.name if self.is_company else contact.company_name
        address = contact if contact.street or contact.zip or contact.city else self
        database = self.env["ir.config_parameter"].sudo().get_param("database.uuid", "")[:8]
        return Customer(
            key=f"odoo-{database}-{self.id}",
            name=organisation or self.name or "",
            organisation=bool(organisation),
            number=self._get_seven_number() if organisation else "",
            email=contact.email_normalized or self.email_normalized or "",
            phone=contact.phone or self.phone or "",
            street=", ".join(filter(None, (address.street, address.street2))),
            postal_code=address.zip or "",
            city=address.city or "",
            country=address.country_id.code or self.country_id.code or "SE",
        )

    def _get_seven_number(self):
        """Return the organisation number; a Swedish VAT number has it between SE and 01."""
        if self.company_registry:
            return self.company_registry
        vat = (self.vat or "").replace(" ", "")
        return vat[2:12] if vat.startswith("SE") and len(vat) == 14 else ""
