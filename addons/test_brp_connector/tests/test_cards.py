import psycopg2

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.modules.module import get_module_path
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestCards(ConnectorCommon):
    """A card for every service that a company can connect to; what has been used is kept."""

    def _get_cards(self, company):
        """Return (provider, state) of the tests' services."""
        cards = self.env["brp.connection"].search(
            [("company_id", "=", company.id), ("provider", "in", ("faulty", "shops"))]
        )
        return sorted((card.provider, card.state) for card in cards)

    def test_made_once_per_company(self):
        other = self.env["res.company"].create({"name": "Other AB"})
        for _time in range(2):
            self.env["brp.connection"]._make_cards(self.company + other)
            self.assertEqual(self._get_cards(self.company), [("faulty", "active"), ("shops", "new")])
            self.assertEqual(self._get_cards(other), [("faulty", "new"), ("shops", "new")])

    def test_several_of_a_kind(self):
        """There is always one more to activate."""
        connections = self.env["brp.connection"]
        connections._make_cards(self.company)
        shop = connections.search([("company_id", "=", self.company.id), ("provider", "=", "shops")])
        shop.with_user(self.responsible).action_activate()
        connections._make_cards(self.company)
        self.assertEqual(
            self._get_cards(self.company), [("faulty", "active"), ("shops", "active"), ("shops", "new")]
        )
        self.assertTrue(shop.with_user(self.responsible).action_manual_export())

    def test_inactive_is_not_made_again(self):
        self.connection._deactivate()
        self.env["brp.connection"]._make_cards(self.company)
        self.assertEqual(self._get_cards(self.company), [("faulty", "inactive"), ("shops", "new")])

    def test_one_of_a_kind(self):
        values = {"name": "Twice", "provider": "faulty", "company_id": self.company.id}
        with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.errors.UniqueViolation):
            self.env["brp.connection"].create(values)

    def test_opening_the_page_makes_them(self):
        manager = self.make_user("faulty_opens", "brp_connector.group_connector_user")
        action = self.env["brp.connection"].with_user(manager).action_open_integrations()
        self.assertEqual(action["res_model"], "brp.connection")
        self.assertEqual(self._get_cards(self.company), [("faulty", "active"), ("shops", "new")])
        plain = self.make_user("faulty_plain_opens", "base.group_user")
        with self.assertRaises(AccessError):
            self.env["brp.connection"].with_user(plain).action_open_integrations()

    def test_card(self):
        self.assertEqual(self.connection.description, "Takes things")
        self.assertTrue(self.connection.logo)
        self.assertFalse(self.connection.has_manual_export)
        self.enqueue("Ada", "Bo", "Cia")
        self.misbehave("status", status=400)
        self.misbehave("status", status=429)
        self.run_queue()
        self.assertRecordValues(self.connection, [{"waiting_count": 2, "attention_count": 1}])
        action = self.connection.with_user(self.responsible).action_view_exchanges()
        self.assertEqual(self.env["brp.exchange"].search_count(action["domain"]), 3)

    def test_used_is_kept(self):
        unused = self.env["brp.connection"].create({"name": "Shop", "provider": "shops", "several": True})
        unused.unlink()
        with self.assertRaisesRegex(UserError, "its history is kept"):
            self.connection.with_user(self.responsible).unlink()
        self.connection._deactivate()
        with self.assertRaisesRegex(UserError, "its history is kept"):
            self.connection.unlink()

    def test_old_exchanges_are_deleted(self):
        """What was delivered or given up is kept for 400 days, what needs somebody for ever."""
        states = ("pending", "done", "failed", "blocked", "cancelled")
        exchanges = self.enqueue(*(f"{age} {state}" for state in states for age in ("old", "new")))
        for exchange in exchanges:
            age, state = exchange.record_name.split()
            days = 401 if age == "old" else 399
            exchange.state = state
            exchange.flush_recordset()
            self.env.cr.execute(
                "UPDATE brp_exchange SET write_date = %s, create_date = %s WHERE id = %s",
                [
                    fields.Datetime.subtract(fields.Datetime.now(), days=days),
                    fields.Datetime.subtract(fields.Datetime.now(), days=500),
                    exchange.id,
                ],
            )
        self.env["brp.exchange"].invalidate_model()
        self.env["brp.exchange"]._gc_old()
        left = set(exchanges.exists().mapped("record_name"))
        expected = {f"{age} {state}" for state in states for age in ("old", "new")}
        self.assertEqual(left, expected - {"old done", "old cancelled"})
        self.env["ir.config_parameter"].set_param("brp_connector.keep_days", 390)
        self.env["brp.exchange"]._gc_old()
        left = set(exchanges.exists().mapped("record_name"))
        self.assertEqual(left, {one for one in expected if one.split()[1] not in ("done", "cancelled")})

    def test_copy_of_the_database(self):
        """What runs on a copy of the database tells nobody anything."""
        paused = self.connection.copy({"provider": "shops", "several": True, "company_id": self.company.id})
        paused._activate()
        paused._pause("The customer has left")
        new = self.connection.copy({"provider": "shops", "several": True, "company_id": self.company.id})
        self.enqueue("Ada")
        self.env.flush_all()
        with open(f"{get_module_path('brp_connector')}/data/neutralize.sql", encoding="utf-8") as file:
            self.env.cr.execute(file.read())
        self.env.invalidate_all()
        self.assertEqual((self.connection + paused + new).mapped("state"), ["inactive", "inactive", "new"])
        self.assertFalse(paused.problem)
        self.run_later()
        self.assertEqual(self.take_methods(), [])

    def test_copy_of_a_connection(self):
        """Neither secrets nor states are copied."""
        copy = self.connection.copy({"provider": "shops", "several": True})
        self.assertRecordValues(copy, [{"faulty_secret": False, "state": "new", "problem": False}])

    def test_views(self):
        """The page, the settings and the exchanges open for those who look after integrations."""
        user = self.make_user("faulty_views", "brp_connector.group_connector_user")
        user.company_ids = [Command.link(self.env.company.id)]
        for model, kinds in {
            "brp.connection": ("kanban", "form", "search"),
            "brp.exchange": ("list", "form", "search"),
        }.items():
            views = self.env[model].with_user(user).get_views([(False, kind) for kind in kinds])
            self.assertEqual(set(views["views"]), set(kinds))

    def test_open_record(self):
        exchange = self.enqueue("Ada").with_user(self.responsible)
        action = exchange.action_open_record()
        self.assertEqual((action["res_model"], action["res_id"]), ("brp.faulty.thing", exchange.res_id))
        exchange.sudo()._get_record().unlink()
        with self.assertRaisesRegex(UserError, "Ada no longer exists"):
            exchange.action_open_record()
