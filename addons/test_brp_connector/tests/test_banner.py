from odoo.tests import HttpCase, tagged

from .common import ConnectorCommon


@tagged("post_install", "-at_install")
class TestBanner(ConnectorCommon, HttpCase):
    """On the screens: what does not work is shown while one works on something else, until it works again."""

    def test_banner(self):
        self.make_user(
            "faulty_admin", "base.group_system,brp_connector.group_connector_manager", lang="en_US"
        )
        exchange = self.enqueue("Ada")
        self.misbehave("status", status=401, body={"message": "Unknown key"})
        self.start_tour(
            "/odoo/action-brp_connector.brp_exchange_action", "brp_connector_banner", login="faulty_admin"
        )
        self.assertEqual(self.take_methods(), ["POST", "GET", "GET", "POST"])
        self.assertEqual(exchange.state, "done")
        self.assert_delivered("Ada")

    def test_cards(self):
        self.start_tour(
            "/odoo/action-brp_connector.action_integrations",
            "brp_connector_cards",
            login="faulty_responsible",
        )
        shops = self.env["brp.connection"].search(
            [("company_id", "=", self.company.id), ("provider", "=", "shops")], order="id"
        )
        self.assertEqual(shops.mapped("state"), ["active", "new"])
        self.assertEqual(shops[0].responsible_id, self.responsible)
