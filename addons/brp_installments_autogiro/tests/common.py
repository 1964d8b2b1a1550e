from odoo.addons.brp_autogiro.tests.bank_files import advice_report
from odoo.addons.brp_autogiro.tests.common import BANKGIRO, AutogiroRights
from odoo.addons.brp_installments.tests.common import InstallmentCommon

ACCOUNT = "8327-9 123 456 789"


class InstallmentAutogiroCommon(AutogiroRights, InstallmentCommon):
    """A company that sells in installments and collects them by Autogiro, due day 27."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company._set_up_autogiro()
        cls.company.write({"autogiro_bankgiro": BANKGIRO, "autogiro_customer_number": "471117"})
        cls.customer.personal_number = "19900101-9802"
        cls.autogiro_plan = cls.env["brp.installment.plan"].create(
            {"name": "12 months by Autogiro", "months": 12, "cutoff_day": 15, "autogiro": True}
        )
        cls.early_plan = cls.env["brp.installment.plan"].create(
            {"name": "12 months, first of the month", "months": 12, "cutoff_day": 1, "autogiro": True}
        )
        cls.year_card.installment_plan_ids += cls.autogiro_plan + cls.early_plan

    @classmethod
    def _request_mandate(cls):
        """Return the customer's mandate, sent to the bank today."""
        mandate = cls.env["brp.autogiro.mandate"].create(
            {"partner_id": cls.customer.id, "shown_account": ACCOUNT}
        )
        mandate.action_request()
        cls._send_mandates()
        return mandate

    @classmethod
    def _send_mandates(cls):
        action = cls.env["brp.autogiro.batch"]._make_mandate_batches(cls.company)
        batch = cls.env["brp.autogiro.batch"].browse(action["res_id"])
        batch.action_mark_sent()
        return batch

    @classmethod
    def _approve(cls, day):
        """Read the bank's approval of the customer's mandate, written on a day YYYYMMDD."""
        data = advice_report(BANKGIRO, day, [("199001019802", "04", "32")])
        reports, _known = cls.env["brp.autogiro.report"]._read_file(data, "advice.txt")
        reports.action_book()

    @classmethod
    def _make_batch(cls, payment_date, **values):
        """Return a batch for a payment date, with its invoices listed."""
        batch = cls.env["brp.autogiro.batch"].create({"payment_date": payment_date, **values})
        batch.action_select()
        return batch
