from odoo.http import Controller, Response, request, route

from ..openactive import dataset_page
from .dispatcher import make_busy


class Dataset(Controller):
    """The pages by which marketplaces, and who develops them, find the feeds."""

    @route(
        "/openactive/<int:company>",
        type="http",
        auth="public",
        methods=["GET"],
        save_session=False,
        readonly=True,
    )
    def dataset(self, company, **_kwargs):
        company = request.env["res.company"].sudo().browse(company).exists()
        if not company or not company._is_openactive():
            raise request.not_found()
        if company._find_openactive_gaps():
            return make_busy()
        lang = request.httprequest.accept_languages.best_match(["sv", "en"]) or "en"
        return Response(
            dataset_page(company._get_openactive_dataset(lang), lang), content_type="text/html; charset=utf-8"
        )
