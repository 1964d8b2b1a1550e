import logging
import re
from urllib.parse import urlencode
from uuid import uuid4

from odoo import Command
from odoo.tests import HttpCase, new_test_user

from odoo.addons.brp_installments.tests.common import InstallmentCommon


class TillCommon(InstallmentCommon):
    """A till that sells in installments, with its cashier."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Test processes that run side by side share a filestore, and their files are alike.
        cls.env["ir.config_parameter"].sudo().set_param("ir_attachment.location", "db")
        cls.env.user.group_ids += cls.env.ref("point_of_sale.group_pos_manager")
        journals = cls.env["account.journal"].create(
            [
                {"name": f"Till {kind}", "type": kind, "code": code}
                for kind, code in (("cash", "TCSH"), ("bank", "TBNK"))
            ]
        )
        methods = cls.env["pos.payment.method"].create(
            [{"name": journal.name, "journal_id": journal.id} for journal in journals]
        )
        cls.cash, cls.card = methods
        cls.config = cls.env["pos.config"].create(
            {"name": "Reception", "payment_method_ids": [Command.set(methods.ids)], "use_pricelist": False}
        )
        cls.config.sells_in_installments = True
        cls.cashier = new_test_user(
            cls.env,
            "cashier_sundby",
            groups="base.group_user,point_of_sale.group_pos_user",
            company_ids=[Command.set(cls.company.ids)],
            company_id=cls.company.id,
            lang="en_US",
            tz="Europe/Stockholm",
        )
        products = cls.year_card + cls.course + cls.book + cls.towel
        products.available_in_pos = True
        cls.config.with_user(cls.cashier).open_ui()
        cls.till_session = cls.config.current_session_id
        cls.till_session.with_user(cls.cashier).set_opening_control(0, None)

    @classmethod
    def line(cls, product, quantity=1, refunded=None):
        tax = product.taxes_id
        sums = tax.compute_all(product.list_price, cls.company.currency_id, quantity)
        return Command.create(
            {
                "product_id": product.id,
                "full_product_name": product.name,
                "qty": quantity,
                "price_unit": product.list_price,
                "tax_ids": [Command.set(tax.ids)],
                "price_subtotal": sums["total_excluded"],
                "price_subtotal_incl": sums["total_included"],
                "refunded_orderline_id": refunded.id if refunded else False,
            }
        )

    def sync(self, *lines, method=None, uuid=None, **values):
        """Have the till send an order: as it is so far, or paid by a method."""
        total = sum(line[2]["price_subtotal_incl"] for line in lines)
        uuid = uuid or str(uuid4())
        order = {
            "uuid": uuid,
            "access_token": False,
            "name": "/",
            "state": "paid" if method else "draft",
            "session_id": self.till_session.id,
            "company_id": self.company.id,
            "user_id": self.cashier.id,
            "partner_id": self.customer.id,
            "pricelist_id": False,
            "fiscal_position_id": False,
            "last_order_preparation_change": "{}",
            "amount_total": total,
            "amount_paid": total if method else 0,
            "amount_tax": total - sum(line[2]["price_subtotal"] for line in lines),
            "amount_return": 0,
            "is_refund": total < 0,
            "to_invoice": False,
            "lines": list(lines),
            "payment_ids": [
                Command.create({"amount": total, "payment_method_id": one.id}) for one in method or ()
            ],
            **values,
        }
        sent = self.env["pos.order"].with_user(self.cashier).sync_from_ui([order])
        orders = self.env["pos.order"].browse([values["id"] for values in sent["pos.order"]])
        return orders.filtered(lambda one: one.uuid == uuid)

    def offer(self, order):
        return order.with_user(self.cashier).offer_installments()

    def sell(self, order, plan=None, total=None):
        """Have the till sell an order as it has shown it; return the main invoice."""
        plan = plan or self.plan
        if total is None:
            [shown] = [each for each in self.offer(order)["plans"] if each["id"] == plan.id]
            total = shown["total"]
        order.with_user(self.cashier).sell_in_installments(plan.id, total)
        return order.account_move


class UnitTestCase(HttpCase):
    """The unit tests of an addon's JavaScript, in Odoo's own runner."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # As with a till: test processes share a filestore, and the runner's bundles are alike.
        cls.env["ir.config_parameter"].sudo().set_param("ir_attachment.location", "db")

    def run_units(self, addon):
        """Run an addon's suites, and no others; having none is a failure."""
        told = self.listen()
        query = urlencode({"headless": "", "loglevel": 2, "preset": "desktop", "filter": f'"@{addon}/"'})
        self.browser_js(
            f"/web/tests?{query}",
            "",
            login="admin",
            timeout=300,
            success_signal="[HOOT] Test suite succeeded",
            # The runner tells of each test that failed before it gives up.
            error_checker=lambda message: "[HOOT]" not in message,
        )
        passed = [int(found[1]) for line in told.lines if (found := re.search(r"Passed (\d+) tests", line))]
        self.assertTrue(sum(passed), f"No unit test of {addon} was run.")

    def listen(self):
        """Return what the browser tells from now on, whatever is logged otherwise."""
        told = Told()
        logger = self._logger.getChild("browser")
        self.addCleanup(logger.setLevel, logger.level)
        self.addCleanup(logger.removeHandler, told)
        logger.setLevel(logging.INFO)
        logger.addHandler(told)
        return told


class Told(logging.Handler):
    """Keeps what the browser tells."""

    def __init__(self):
        super().__init__()
        self.lines = []

    def emit(self, record):
        self.lines.append(record.getMessage())
