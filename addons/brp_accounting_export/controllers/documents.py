from odoo import http
from odoo.http import content_disposition, request


class Documents(http.Controller):
    @http.route(
        "/brp_accounting_export/documents/<int:file_id>",
        type="http",
        auth="user",
        methods=["GET"],
        readonly=True,
    )
    def documents(self, file_id):
        """Give the documents of a SIE file's vouchers, to those who may read the file."""
        Files = request.env["brp.accounting.file"]
        file = Files.has_access("read") and Files.search([("id", "=", file_id), ("state", "!=", "withdrawn")])
        data = file and file._zip_documents()
        if not data:
            raise request.not_found()
        return request.make_response(
            data,
            headers=[
                ("Content-Type", "application/zip"),
                ("Content-Disposition", content_disposition(file._get_zip_name())),
                ("X-Content-Type-Options", "nosniff"),
            ],
        )
