from odoo import Command

from odoo.addons.brp_marketplace.tests.common import BookingCommon


class TillCommon(BookingCommon):
    """A till with its cashier at the facility, on Monday 2 March 2026, 08:00."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.user.group_ids += cls.env.ref("point_of_sale.group_pos_manager")
        cls.config = cls.make_till("Kassan")
        cls.cashier = cls.make_user(
            "cashier_sundby", "base.group_user,point_of_sale.group_pos_user", lang="en_US"
        )
        cls.open_session(cls.config)

    def setUp(self):
        super().setUp()
        # What is held is held in a transaction of its own.
        if not self._registry_patched:
            self.enterContext(self.enter_registry_test_mode())

    @classmethod
    def make_till(cls, name):
        """Return a till that takes cash, cards and puts on the customer's account."""
        journals = [
            cls.env["account.journal"].create({"name": f"{name} {kind}", "type": kind, "code": code})
            for kind, code in (("cash", f"C{name[:3]}"), ("bank", f"B{name[:3]}"))
        ]
        methods = cls.env["pos.payment.method"].create(
            [{"name": journal.name, "journal_id": journal.id} for journal in journals]
            + [{"name": f"{name} konto", "split_transactions": True}]
        )
        return cls.env["pos.config"].create(
            {"name": name, "payment_method_ids": [Command.set(methods.ids)], "use_pricelist": False}
        )

    @classmethod
    def open_session(cls, config):
        config.with_user(cls.cashier).open_ui()
        config.current_session_id.with_user(cls.cashier).set_opening_control(0, None)

    @classmethod
    def get_method(cls, kind):
        """Return the till's payment method: ``cash``, ``bank`` or ``pay_later``."""
        return cls.config.payment_method_ids.filtered(lambda method: method.type == kind)

    def hold(self, uuid, *wanted, config=None):
        """Have the till hold places, as its dialog and payment do: pairs of time and number."""
        till = (config or self.config).with_user(self.cashier)
        return till.hold_slots(uuid, [[slot.id, count] for slot, count in wanted])

    def sell(self, uuid, *wanted, method="bank", customer=None, refunded=None, **values):
        """Have the till send an order that is paid; returns it.

        :param wanted: pairs of time and number
        :param refunded: the lines that are given back, for each of ``wanted``
        """
        customer = customer or self.env["res.partner"]
        lines = [
            self.prepare_line(slot, count, line)
            for (slot, count), line in zip(wanted, refunded or [None] * len(wanted), strict=True)
        ]
        total = sum(line["price_subtotal_incl"] for line in lines)
        order = {
            "uuid": uuid,
            "access_token": False,
            "name": "/",
            "state": "paid",
            "session_id": self.config.current_session_id.id,
            "company_id": self.company.id,
            "user_id": self.cashier.id,
            "partner_id": customer.id,
            "pricelist_id": False,
            "fiscal_position_id": False,
            "date_order": "2026-03-02 07:00:00",
            "pos_reference": f"Kvitto {uuid}",
            "last_order_preparation_change": "{}",
            "amount_total": total,
            "amount_paid": total,
            "amount_tax": total - sum(line["price_subtotal"] for line in lines),
            "amount_return": 0,
            "is_refund": bool(refunded),
            "to_invoice": False,
            "lines": [Command.create(line) for line in lines],
            "payment_ids": [
                Command.create({"amount": total, "payment_method_id": self.get_method(method).id})
            ],
            **values,
        }
        sent = self.env["pos.order"].with_user(self.cashier).sync_from_ui([order])
        self.env.invalidate_all()
        orders = self.env["pos.order"].browse([values["id"] for values in sent["pos.order"]])
        return orders.filtered(lambda order: order.uuid == uuid)

    def prepare_line(self, slot, count, refunded):
        tax = slot.product_id.sudo().taxes_id._filter_taxes_by_company(self.company)
        sums = tax.compute_all(slot.price_unit, self.company.currency_id, count)
        return {
            "product_id": slot.product_id.id,
            "slot_id": False if refunded else slot.id,
            "refunded_orderline_id": refunded.id if refunded else False,
            "full_product_name": slot.product_id.name,
            "qty": count,
            "price_unit": slot.price_unit,
            "tax_ids": [Command.set(tax.ids)],
            "price_subtotal": sums["total_excluded"],
            "price_subtotal_incl": sums["total_included"],
        }

    def give_back(self, uuid, line, count, **values):
        """Have the till refund places of a line that it has sold; returns the refund."""
        slot = line.slot_id
        return self.sell(uuid, (slot, -count), refunded=[line], customer=line.order_id.partner_id, **values)
