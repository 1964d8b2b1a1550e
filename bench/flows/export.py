"""Ten thousand invoices of a day, forty thousand items, into vouchers, beside Odoo's reading of them."""

from datetime import date

from odoo import Command

DAY = date(2030, 3, 27)
OTHER_DAY = date(2030, 6, 1)
BATCH = 500
GROUPS = 20

# What an exporter that reads the items one by one would have to read.
FIELDS = [
    "date",
    "balance",
    "account_id",
    "journal_id",
    "move_id",
    "product_id",
    "tax_line_id",
    "tax_ids",
    "analytic_distribution",
    "name",
]


class Flow:
    """Ours: close the day, with its vouchers, rows and links to every item. Core: search_read the items."""

    title = "Close the day"
    sizes = (1000, 10000)

    def setup(self, env):
        company = env.company
        env.ref("base.SEK").active = True
        company.write({"country_id": env.ref("base.se").id, "currency_id": env.ref("base.SEK").id})
        if not company.chart_template:
            env["account.chart.template"].try_loading("se_K3", company=company, install_demo=False)
        tax = env["account.tax"].create({"name": "25 %", "amount": 25, "type_tax_use": "sale"})
        groups = env["product.category"].create([{"name": f"Group {number}"} for number in range(GROUPS)])
        products = env["product.product"].create(
            [
                {
                    "name": group.name,
                    "categ_id": group.id,
                    "taxes_id": [Command.set(tax.ids)],
                }
                for group in groups
            ]
        )
        partner = env["res.partner"].create({"name": "Customer"})
        for start in range(0, max(self.sizes), BATCH):
            env["account.move"].with_context(tracking_disable=True).create(
                [
                    {
                        "move_type": "out_invoice",
                        "partner_id": partner.id,
                        "invoice_date": DAY,
                        "invoice_line_ids": [
                            Command.create(
                                {"product_id": products[(number + step) % GROUPS].id, "price_unit": 80 + step}
                            )
                            for step in (0, 1)
                        ],
                    }
                    for number in range(start, start + BATCH)
                ]
            )._post(soft=False)
            env.flush_all()
            env.invalidate_all()
        env["brp.connection"]._make_cards(company)
        connection = env["brp.connection"].search([("provider", "=", "sie"), ("company_id", "=", company.id)])
        connection.accounting_start_date = date(2030, 1, 1)
        connection._prepare_mapping()
        connection._activate()
        env.cr.execute("ANALYZE")
        self.connection_id = connection.id
        self.move_ids = env["account.move"].search([("invoice_date", "=", DAY)], order="id").ids

    def prepare(self, env, n):
        """Return the first n invoices; the others are of another day."""
        moves = env["account.move"].browse(self.move_ids)
        for table, column in (("account_move", "id"), ("account_move_line", "move_id")):
            env.cr.execute(
                f"UPDATE {table} SET date = %s WHERE {column} = ANY(%s)", [OTHER_DAY, moves[n:].ids]
            )
        env.invalidate_all()
        return moves[:n]

    def ours(self, env, data):
        vouchers = env["brp.connection"].browse(self.connection_id)._close_days(DAY)
        items = vouchers.line_ids.item_ids
        if len(items) != 4 * len(data):
            raise AssertionError(f"{len(items)} items of {len(data)} invoices are in the vouchers")
        return len(data)

    def core(self, env, data):
        items = env["account.move.line"].search_read([("date", "=", DAY)], FIELDS)
        if len(items) != 4 * len(data):
            raise AssertionError(f"{len(items)} items were read")
        return len(data)
