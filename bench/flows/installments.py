"""Many orders sold in twelve installments, beside the same invoices made straight with Odoo."""

from datetime import date

from odoo import Command

MONTHS = 12
SOLD_ON = date(2026, 1, 10)
BATCH = 500


class Flow:
    """Ours: the many-orders action, from quotations to reconciled installment invoices.

    Core: per order one invoice with a taxed line and twelve with an untaxed line, created
    and posted in batches. What we do besides (confirming the orders, settling the main
    invoices, reconciling) has no counterpart there and is part of our cost.
    """

    title = "Sell in 12 installments"
    sizes = (50, 200)

    def setup(self, env):
        company = env.company
        if not company.chart_template:
            env["account.chart.template"].try_loading("se_K3", company=company, install_demo=False)
        company._set_up_installments()
        self.plan = env["brp.installment.plan"].create(
            {"name": "12 months", "months": MONTHS, "cutoff_day": 15}
        )
        self.tax = env["account.tax"].search(
            [
                ("company_id", "=", company.id),
                ("type_tax_use", "=", "sale"),
                ("amount_type", "=", "percent"),
                ("amount", "=", 25),
            ],
            limit=1,
        )
        self.product = env["product.product"].create(
            {
                "name": "Year Card",
                "type": "service",
                "invoice_policy": "order",
                "list_price": 9600,
                "taxes_id": [Command.set(self.tax.ids)],
                "installment_plan_ids": [Command.set(self.plan.ids)],
            }
        )
        self.partners = env["res.partner"].create(
            [{"name": f"Customer {number}"} for number in range(max(self.sizes))]
        )
        # A business with some history and the database's statistics of it: without them
        # PostgreSQL takes every table for empty and plans core's own queries badly.
        self.prepare(env, min(self.sizes))._sell_in_installments(self.plan, SOLD_ON)
        env.flush_all()
        env.cr.execute("ANALYZE")

    def prepare(self, env, n):
        return env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    "order_line": [Command.create({"product_id": self.product.id})],
                }
                for partner in env["res.partner"].browse(self.partners.ids[:n])
            ]
        )

    def ours(self, env, orders):
        plan = env["brp.installment.plan"].browse(self.plan.id)
        batch = env["brp.installment.batch"]._start(orders, plan, SOLD_ON)
        env["brp.installment.batch"].sudo()._cron_run()
        if batch.sold_count != len(orders):
            raise AssertionError(f"only {batch.sold_count} of {len(orders)} orders were sold")
        return len(orders) * (1 + MONTHS)

    def core(self, env, orders):
        taxed = [self._invoice(env, order.partner_id, 9600, self.tax.ids) for order in orders]
        untaxed = [
            self._invoice(env, order.partner_id, 1000, []) for order in orders for _month in range(MONTHS)
        ]
        values = taxed + untaxed
        for start in range(0, len(values), BATCH):
            env["account.move"].create(values[start : start + BATCH])._post(soft=False)
        return len(values)

    def _invoice(self, env, partner, price, tax_ids):
        return {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": SOLD_ON,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": "Year Card",
                        "quantity": 1,
                        "price_unit": price,
                        "tax_ids": [Command.set(tax_ids)],
                    }
                )
            ],
        }
