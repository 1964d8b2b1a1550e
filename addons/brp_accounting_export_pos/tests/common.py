from uuid import uuid4

from odoo import Command
from odoo.tests import freeze_time, new_test_user

from odoo.addons.brp_accounting_export.tests.common import AccountingExportCommon


class TillExportCommon(AccountingExportCommon):
    """A till at the reception that takes cash, cards and Swish; prices are without VAT."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("point_of_sale.group_pos_manager")
        # The Swedish chart proposes 1910, which is the drawer's here.
        cls.company.account_default_pos_receivable_account_id = cls.chart("a1580")
        cls.methods = {
            name: cls.env["pos.payment.method"].create(
                {
                    "name": name,
                    "journal_id": journal.id,
                    "outstanding_account_id": journal.default_account_id.id if name != "Kontant" else False,
                }
            )
            for name, journal in (("Kontant", cls.cash), ("Kort", cls.card), ("Swish", cls.swish))
        }
        cls.tip, cls.gift_card = cls.env["product.product"].create(
            [
                {"name": name, "type": "service", "taxes_id": [], "accounting_event": event}
                for name, event in (("Dricks", "tip"), ("Presentkort", "gift_card"))
            ]
        )
        cls.till = cls.make_till("Reception")
        cls.cashier = new_test_user(
            cls.env,
            "export_cashier",
            groups="base.group_user,point_of_sale.group_pos_user",
            company_ids=[Command.set(cls.company.ids)],
            company_id=cls.company.id,
            lang="en_US",
            tz="Europe/Stockholm",
        )
        cls.look_at_mapping()

    @classmethod
    def look_at_mapping(cls):
        """The till's accounts are new in the company: a person looks at the proposals."""
        cls.connection._prepare_mapping()

    @classmethod
    def make_till(cls, name, *methods):
        """Return a till that takes some methods, or all; a drawer can be of one till only."""
        methods = [cls.methods[method].id for method in methods or cls.methods]
        return cls.env["pos.config"].create(
            {
                "name": name,
                "use_pricelist": False,
                "payment_method_ids": [Command.set(methods)],
            }
        )

    def open(self, till=None, cash=0):
        till = till or self.till
        till.with_user(self.cashier).open_ui()
        session = till.current_session_id
        session.with_user(self.cashier).set_opening_control(cash, None)
        return session

    def sell_at_till(self, session, *sold, method="Kontant", refunded=None):
        """Sell pairs of product and price (without VAT), paid by a method; returns the order."""
        lines = []
        for product, price in sold:
            quantity = -1 if refunded else 1
            taxes = product.sudo().taxes_id._filter_taxes_by_company(self.company)
            sums = taxes.compute_all(price, self.company.currency_id, quantity)
            lines.append(
                {
                    "product_id": product.id,
                    "full_product_name": product.name,
                    "qty": quantity,
                    "price_unit": price,
                    "tax_ids": [Command.set(taxes.ids)],
                    "price_subtotal": sums["total_excluded"],
                    "price_subtotal_incl": sums["total_included"],
                    "refunded_orderline_id": refunded.lines[:1].id if refunded else False,
                }
            )
        total = sum(line["price_subtotal_incl"] for line in lines)
        paid = session.config_id.rounding_method.round(total) if session.config_id.cash_rounding else total
        order = {
            "uuid": str(uuid4()),
            "access_token": False,
            "name": "/",
            "state": "paid",
            "session_id": session.id,
            "company_id": self.company.id,
            "user_id": self.cashier.id,
            "partner_id": False,
            "pricelist_id": False,
            "fiscal_position_id": False,
            "last_order_preparation_change": "{}",
            "amount_total": total,
            "amount_paid": paid,
            "amount_tax": total - sum(line["price_subtotal"] for line in lines),
            "amount_return": 0,
            "is_refund": bool(refunded),
            "to_invoice": False,
            "lines": [Command.create(line) for line in lines],
            "payment_ids": [Command.create({"amount": paid, "payment_method_id": self.methods[method].id})],
        }
        sent = self.env["pos.order"].with_user(self.cashier).sync_from_ui([order])
        return self.env["pos.order"].browse(sent["pos.order"][0]["id"])

    def close_till(self, session, counted=None, at="2026-04-15 18:00:00"):
        """Count the drawer and close; by default it has what it should have."""
        expected = session.cash_register_balance_end
        with freeze_time(at):
            if session.cash_journal_id:
                session.with_user(self.cashier).post_closing_cash_details(
                    expected if counted is None else counted
                )
            # Counting and closing are two requests: the difference is worked out anew.
            self.env.flush_all()
            self.env.invalidate_all()
            session.with_user(self.cashier).close_session_from_ui()
        self.assertEqual(session.state, "closed")
