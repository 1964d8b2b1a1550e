from odoo import Command

from odoo.addons.account.tests.common import AccountTestInvoicingCommon


class InstallmentCommon(AccountTestInvoicingCommon):
    """A Swedish company that sells in installments: cut-off day 15, due day 27, three VAT rates."""

    @classmethod
    @AccountTestInvoicingCommon.setup_country("se")
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.company_data["company"]
        cls.env.user.group_ids += cls.env.ref("sales_team.group_sale_manager")
        cls.company._set_up_installments()
        cls.account_1530 = cls.company.installment_account_id
        cls.customer = cls.env["res.partner"].create(
            {"name": "Astrid Berg", "email": "astrid@example.com", "lang": "en_US"}
        )
        cls.receivable = cls.customer.property_account_receivable_id
        cls.plan = cls.env["brp.installment.plan"].create(
            {"name": "12 months", "months": 12, "cutoff_day": 15}
        )
        cls.plan_3 = cls.env["brp.installment.plan"].create(
            {"name": "3 months", "months": 3, "cutoff_day": 15}
        )
        cls.vat = {
            rate: cls.env["account.tax"].search(
                [
                    ("company_id", "=", cls.company.id),
                    ("type_tax_use", "=", "sale"),
                    ("amount_type", "=", "percent"),
                    ("amount", "=", rate),
                    ("country_id.code", "=", "SE"),
                ],
                limit=1,
            )
            for rate in (25, 12, 6)
        }
        cls.year_card = cls._create_card("Year Card", 9600, 25, cls.plan + cls.plan_3)
        cls.course = cls._create_card("Swimming Course", 1000, 12, cls.plan_3)
        cls.book = cls._create_card("Training Book", 100, 6, cls.plan_3)
        cls.towel = cls._create_card("Towel", 80, 25, cls.env["brp.installment.plan"])

    @classmethod
    def _create_card(cls, name, price, rate, plans, **values):
        """Create a product at ``price`` without VAT, invoiced when ordered."""
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "invoice_policy": "order",
                "list_price": price,
                "taxes_id": [Command.set(cls.vat[rate].ids)],
                "installment_plan_ids": [Command.set(plans.ids)],
                **values,
            }
        )

    @classmethod
    def _create_order(cls, *products, partner=None, **values):
        return cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "order_line": [Command.create({"product_id": product.id}) for product in products],
                **values,
            }
        )

    @classmethod
    def _sell(cls, *products, plan=None, date="2026-01-10"):
        """Sell products in installments on a date and return the main invoice."""
        order = cls._create_order(*products)
        return order._sell_in_installments(plan or cls.plan, cls._date(date))

    @staticmethod
    def _date(text):
        from odoo.fields import Date

        return Date.to_date(text)

    def _pay(self, invoice, amount, date="2026-01-27"):
        """Register a payment on the bank journal, as the bookkeeper does."""
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({"amount": amount, "payment_date": date})._create_payments()

    def _balance(self, account, partner=None):
        """Return what the ledger says: debit less credit of an account, posted items."""
        self.env.flush_all()
        groups = self.env["account.move.line"]._read_group(
            [
                ("account_id", "=", account.id),
                ("parent_state", "=", "posted"),
                ("partner_id", "=", (partner or self.customer).id),
            ],
            [],
            ["balance:sum"],
        )
        return round(groups[0][0], 2)
