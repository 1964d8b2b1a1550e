from odoo import http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.account.controllers.portal import PortalAccount
from odoo.addons.portal.controllers.portal import pager as portal_pager


class PortalInstallments(PortalAccount):
    """The customer's purchases in installments."""

    def _get_installment_purchase_domain(self):
        return self._get_invoices_domain("out") & Domain("installment_plan_id", "!=", False)

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if "installment_purchase_count" in counters:
            Move = request.env["account.move"]
            values["installment_purchase_count"] = (
                Move.search_count(self._get_installment_purchase_domain(), limit=1)
                if Move.has_access("read")
                else 0
            )
        return values

    @http.route(
        ["/my/installments", "/my/installments/page/<int:page>"],
        type="http",
        auth="user",
        website=True,
    )
    def portal_my_installments(self, page=1, **kwargs):
        """List the purchases of the logged-in customer, with the next installment to pay."""
        Move = request.env["account.move"]
        domain = self._get_installment_purchase_domain()
        pager = portal_pager(
            url="/my/installments",
            total=Move.search_count(domain),
            page=page,
            step=self._items_per_page,
        )
        purchases = Move.search(
            domain,
            order="invoice_date desc, id desc",
            limit=self._items_per_page,
            offset=pager["offset"],
        )
        request.session["my_invoices_history"] = purchases.ids[:100]
        return request.render(
            "brp_installments.portal_my_installments",
            {
                **self._prepare_portal_layout_values(),
                "purchases": purchases.sudo(),
                "page_name": "installments",
                "pager": pager,
                "default_url": "/my/installments",
            },
        )
