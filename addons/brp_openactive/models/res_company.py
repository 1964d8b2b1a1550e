import pytz

from odoo import fields, models
from odoo.release import version

from ..openactive import BookingService, DatasetSite, Ids, Seller

_SITE = "brp_openactive.site"


class ResCompany(models.Model):
    _inherit = "res.company"

    openactive_published = fields.Datetime(readonly=True, help="When something was first published.")

    def _is_openactive(self):
        """Return whether the company has ever published anything."""
        return bool(self.openactive_published)

    def _get_openactive_site(self):
        """Return the public address of this Odoo, as it was when something was first published.

        Marketplaces keep addresses for ever: they are not to change with the address by which somebody
        happens to have logged in.
        """
        parameters = self.env["ir.config_parameter"].sudo()
        return (parameters.get_param(_SITE) or parameters.get_param("web.base.url") or "").rstrip("/")

    def _begin_to_publish(self):
        """Keep the public address from now on."""
        parameters = self.env["ir.config_parameter"].sudo()
        if not parameters.get_param(_SITE):
            parameters.set_param(_SITE, self._get_openactive_site())
        self.filtered(lambda company: not company.openactive_published).sudo().write(
            {"openactive_published": fields.Datetime.now()}
        )

    def _get_openactive_dataset(self, lang):
        """Return what the data set's page tells.

        :param lang: ``en`` or ``sv``
        """
        self.ensure_one()
        site = self._get_openactive_site()
        seller = self._get_openactive_seller()
        title = "Lediga tider hos %s" if lang == "sv" else "Free times at %s"
        return DatasetSite(
            ids=self._get_openactive_ids(),
            name=title % self.name,
            publisher=seller,
            discussion_url=seller.url,
            published=pytz.utc.localize(self.openactive_published),
            modified=pytz.utc.localize(self.openactive_published),
            booking_service=BookingService("BRP for Odoo", site, software_version=version),
            landing_page=seller.url,
        )

    def _get_openactive_lang(self):
        """Return the language in which the company tells the world of itself, whoever asks."""
        self.ensure_one()
        return self.sudo().partner_id.lang or "en_US"

    def _find_openactive_gaps(self):
        """Return what the company lacks to sell on marketplaces, in words, or nothing."""
        self.ensure_one()
        return self.partner_id._find_openactive_gaps(
            self.env._("Nothing can be sold on marketplaces"), self.env._("the company's address")
        )

    def _get_openactive_ids(self):
        """Return the addresses that stand for what the company publishes."""
        self.ensure_one()
        return Ids(f"{self._get_openactive_site()}/openactive/{self.id}")

    def _get_openactive_seller(self):
        """Return the company as the standard has it."""
        self.ensure_one()
        site = self._get_openactive_site()
        partner = self.partner_id
        return Seller(
            id=self._get_openactive_ids().seller(self.id),
            name=self.name,
            legal_name=self.name,
            address=partner._get_openactive_address(),
            email=self.email or "",
            url=self.website or site,
            telephone=self.phone or "",
            vat_id=self.vat or "",
            logo_url=f"{site}/logo.png?company={self.id}",
        )

    def _get_openactive_facility_uses(self):
        """Return {key: FacilityUse} of the facilities that online tills of the company serve."""
        self.ensure_one()
        if self._find_openactive_gaps():
            return {}
        tills = self.env["brp.connection"].sudo()._find_tills()
        facilities = tills.filtered(lambda till: till.company_id == self).marketplace_facility_ids
        ids, seller = self._get_openactive_ids(), self._get_openactive_seller()
        uses = {}
        for facility in facilities.filtered("active").with_context(lang=self._get_openactive_lang()):
            uses |= facility._get_openactive_uses(ids, seller)
        return uses
