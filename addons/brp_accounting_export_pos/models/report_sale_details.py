from odoo import api, models


class ReportSaleDetails(models.AbstractModel):
    """Odoo's day report of a session is the till's Z report: with its number and grand totals."""

    _inherit = "report.point_of_sale.report_saledetails"

    @api.model
    def get_sale_details(
        self, date_start=False, date_stop=False, config_ids=False, session_ids=False, **kwargs
    ):
        details = super().get_sale_details(date_start, date_stop, config_ids, session_ids, **kwargs)
        session = self.env["pos.session"].browse(session_ids or ())
        return details | {"z": session._describe_z_report() if len(session) == 1 else False}
