"""What the Autogiro flows share: a company that collects, and ten thousand open invoices with mandates."""

from datetime import date

from odoo import Command

DAY = date(2030, 3, 27)
BANKGIRO = "9912346"
AMOUNT = 450
BATCH = 500

# What Odoo does at the same price per document however many there are is measured on so many.
CORE_SAMPLE = 300


class Autogiro:
    """Makes the invoices once; each measurement takes as many of them as it needs."""

    sizes = (1000, 10000)

    def setup(self, env):
        company = env.company
        env.ref("base.SEK").active = True
        company.write({"country_id": env.ref("base.se").id, "currency_id": env.ref("base.SEK").id})
        if not company.chart_template:
            env["account.chart.template"].try_loading("se_K3", company=company, install_demo=False)
        company._set_up_autogiro()
        company.write({"autogiro_bankgiro": BANKGIRO, "autogiro_customer_number": "471117"})
        count = max(self.sizes) + CORE_SAMPLE
        partners = env["res.partner"].create([{"name": f"Customer {number}"} for number in range(count)])
        mandates = env["brp.autogiro.mandate"].create(
            [
                {
                    "partner_id": partner.id,
                    "payer_number": str(number),
                    "account_number": "8327000123456789",
                    "holder_number": "199001019802",
                }
                for number, partner in enumerate(partners, start=1)
            ]
        )
        mandates.sudo().write({"state": "active"})
        for start in range(0, count, BATCH):
            env["account.move"].with_context(tracking_disable=True).create(
                [self._invoice(env, partner) for partner in partners[start : start + BATCH]]
            )._post(soft=False)
            env.flush_all()
            env.invalidate_all()
        env.cr.execute("ANALYZE")
        self.move_ids = env["account.move"].search([("autogiro_date", "=", DAY)], order="id").ids

    def prepare(self, env, n):
        """Return the first n invoices; the others belong to no period, the last of them are Odoo's."""
        moves = env["account.move"].browse(self.move_ids)
        env.cr.execute("UPDATE account_move SET autogiro_date = NULL WHERE id = ANY(%s)", [moves[n:].ids])
        return moves[:n], moves[-CORE_SAMPLE:]

    def _invoice(self, env, partner):
        return {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": date(2030, 3, 1),
            "invoice_date_due": DAY,
            "invoice_payment_term_id": False,
            "preferred_payment_method_line_id": env.company.autogiro_method_line_id.id,
            "invoice_line_ids": [
                Command.create(
                    {"name": "Membership", "quantity": 1, "price_unit": AMOUNT, "tax_ids": [Command.clear()]}
                )
            ],
        }
