import json

from odoo.http import Controller, request, route

from odoo.addons.brp_openactive.controllers.dispatcher import make_response
from odoo.addons.brp_openactive.openactive import Answer, BookingError
from odoo.addons.brp_openactive.openactive.documents import read_object

from ..test_mode import is_test_mode

_INTERFACE = "/openactive/<int:company>/api/test-interface"
_ROUTE = {"type": "openactive", "auth": "public", "csrf": False, "save_session": False}
_NOTHING = Answer(204, "")


class TestInterface(Controller):
    """OpenActive's test interface, in its controlled mode. The suite calls it without any credentials."""

    @route(f"{_INTERFACE}/datasets/<dataset>", verbs=["DELETE"], **_ROUTE)
    def dataset(self, company, dataset):
        datasets, company = self._begin(company)
        datasets._clear(company, dataset)
        return make_response(_NOTHING)

    @route(f"{_INTERFACE}/datasets/<dataset>/opportunities", verbs=["POST"], **_ROUTE)
    def opportunity(self, company, dataset):
        datasets, company = self._begin(company)
        slot = datasets._make(company, dataset, read_object(request.httprequest.get_data()))
        told = {
            "@context": ["https://openactive.io/", "https://openactive.io/test-interface"],
            "@type": "Slot",
            "@id": company._get_openactive_ids().slot(slot.id),
        }
        return make_response(Answer(201, json.dumps(told)))

    @route(f"{_INTERFACE}/actions", verbs=["POST"], **_ROUTE)
    def action(self, company):
        datasets, company = self._begin(company)
        datasets._act(company, read_object(request.httprequest.get_data()))
        return make_response(_NOTHING)

    def _begin(self, company):
        """Return (what the suite asks for, the company)."""
        env = request.env(su=True)
        company = env["res.company"].browse(company).exists()
        if not is_test_mode() or not company:
            raise BookingError("UnknownOrIncorrectEndpointError")
        company = company.with_company(company)
        return company.env["brp.openactive.dataset"], company
