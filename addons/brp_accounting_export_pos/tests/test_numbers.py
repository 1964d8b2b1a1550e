from uuid import uuid4

import psycopg2

from odoo import SUPERUSER_ID, Command, api
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged
from odoo.tools import mute_logger

from odoo.addons.brp_connector.tests.common import make_company


@tagged("post_install", "-at_install")
class TestNumbers(BaseCase):
    """Z numbers have no gaps and none is used twice, whoever closes at the same time: in real transactions.

    What is committed is in a company of its own.
    """

    def setUp(self):
        super().setUp()
        self.registry = Registry(get_db_name())
        env = self.open()
        company = make_company(env, "Tills That Close")
        self.company_id = company.id
        env = company.env
        account = env["account.account"].search(
            [("account_type", "=", "asset_receivable"), ("code", "=like", "158%")], limit=1
        )
        if account:
            company.account_default_pos_receivable_account_id = account
        journal = env["account.journal"].create({"name": "Card", "type": "bank", "code": "CRD"})
        method = env["pos.payment.method"].create({"name": "Card", "journal_id": journal.id})
        self.method_id = method.id
        self.till_ids = (
            env["pos.config"]
            .create(
                [
                    {
                        "name": name,
                        "payment_method_ids": [Command.set(method.ids)],
                        "use_pricelist": False,
                        "cash_control": False,
                    }
                    for name in ("Reception", "Café")
                ]
            )
            .ids
        )
        product = env["product.product"].create(
            {"name": "Towel", "type": "service", "taxes_id": False, "company_id": company.id}
        )
        self.product_id = product.id
        env.cr.commit()

    def open(self):
        """Open a transaction of its own."""
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        context = {"allowed_company_ids": [self.company_id]} if hasattr(self, "company_id") else {}
        return api.Environment(cr, SUPERUSER_ID, context)

    def open_till(self, number, **values):
        """Open a till and sell for 100 kronor; return the session's id."""
        env = self.open()
        till = env["pos.config"].browse(self.till_ids[number])
        if values:
            session = env["pos.session"].create({"config_id": till.id, "user_id": SUPERUSER_ID, **values})
        else:
            till.open_ui()
            session = till.current_session_id
        session.set_opening_control(0, None)
        line = {
            "product_id": self.product_id,
            "full_product_name": "Towel",
            "qty": 1,
            "price_unit": 100,
            "tax_ids": [],
            "price_subtotal": 100,
            "price_subtotal_incl": 100,
        }
        order = {
            "uuid": str(uuid4()),
            "access_token": False,
            "name": "/",
            "state": "paid",
            "session_id": session.id,
            "company_id": self.company_id,
            "partner_id": False,
            "pricelist_id": False,
            "fiscal_position_id": False,
            "last_order_preparation_change": "{}",
            "amount_total": 100,
            "amount_paid": 100,
            "amount_tax": 0,
            "amount_return": 0,
            "is_refund": False,
            "to_invoice": False,
            "lines": [Command.create(line)],
            "payment_ids": [Command.create({"amount": 100, "payment_method_id": self.method_id})],
        }
        env["pos.order"].sync_from_ui([order])
        env.cr.commit()
        return session.id

    def close(self, env, session_id):
        return env["pos.session"].browse(session_id).close_session_from_ui([])

    def numbers(self, *session_ids):
        env = self.open()
        return env["pos.session"].browse(session_ids).mapped("z_number")

    def test_two_tills(self):
        sessions = self.open_till(0), self.open_till(1)
        first, second = self.open(), self.open()
        for env, session in zip((first, second), sessions, strict=True):
            env["pos.session"].browse(session).state  # noqa: B018  each sees both open
        self.assertTrue(self.close(first, sessions[0])["successful"])
        first.cr.commit()
        with mute_logger("odoo.sql_db"):
            try:
                self.close(second, sessions[1])
                second.cr.commit()
            except psycopg2.errors.SerializationFailure:
                # They number entries in one journal: Odoo tries the later one again.
                second.cr.rollback()
                self.close(second, sessions[1])
                second.cr.commit()
        self.assertEqual(self.numbers(*sessions), [1, 1])

    def test_two_sessions_of_a_till(self):
        """The till's own, and one that Odoo has made for orders that came late."""
        sessions = self.open_till(0), self.open_till(0, rescue=True)
        first, second = self.open(), self.open()
        second["pos.config"].browse(self.till_ids[0]).z_last  # noqa: B018  sees no number used
        self.close(first, sessions[0])
        first.cr.commit()
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.SerializationFailure):
            self.close(second, sessions[1])
            second.cr.commit()
        second.cr.rollback()
        self.close(second, sessions[1])
        second.cr.commit()
        self.assertEqual(self.numbers(*sessions), [1, 2])

    def test_what_cannot_be_closed_takes_no_number(self):
        session = self.open_till(0)
        env = self.open()
        payment = env["pos.session"].browse(session).order_ids.payment_ids
        env.cr.execute("UPDATE pos_payment SET amount = 90 WHERE id = %s", [payment.id])
        env.cr.commit()
        env = self.open()
        closed = self.close(env, session)
        env.cr.commit()
        self.assertEqual((closed["successful"], closed["redirect"]), (False, True))
        self.assertEqual(self.numbers(session), [0])
        env = self.open()
        env.cr.execute("UPDATE pos_payment SET amount = 100 WHERE id = %s", [payment.id])
        env.cr.commit()
        env = self.open()
        self.assertTrue(self.close(env, session)["successful"])
        env.cr.commit()
        self.assertEqual(self.numbers(session), [1])
        # Who closes it once more is told, and takes no number either.
        env = self.open()
        self.assertFalse(self.close(env, session)["successful"])
        env.cr.commit()
        self.assertEqual(self.numbers(session), [1])
        self.assertEqual(self.open()["pos.config"].browse(self.till_ids[0]).z_last, 1)

    def test_a_difference_that_is_accepted_in_the_office(self):
        """The dialog *Force Close Session* closes as well as the till does."""
        session = self.open_till(0)
        env = self.open()
        payment = env["pos.session"].browse(session).order_ids.payment_ids
        env.cr.execute("UPDATE pos_payment SET amount = 90 WHERE id = %s", [payment.id])
        env.cr.commit()
        env = self.open()
        action = env["pos.session"].browse(session).action_pos_session_closing_control()
        env[action["res_model"]].with_context(**action["context"]).browse(action["res_id"]).close_session()
        env.cr.commit()
        self.assertEqual(self.numbers(session), [1])
