import json
from datetime import datetime

from odoo.exceptions import AccessError, LockError
from odoo.tests import freeze_time, new_test_user, tagged

from .common import MEDIA_TYPE, OpenactiveCommon, uuid


@tagged("post_install", "-at_install")
class TestAccess(OpenactiveCommon):
    """Who may call, how, and how often."""

    # -- tokens --

    def test_who_does_not_say_who_it_is(self):
        for path in (f"orders/{uuid(1)}", "orders-rpde"):
            self.assertError(self.ask("GET", path, token=""), 403, "NoAPITokenError")
            answer = self.ask("GET", path, token="", headers={"Authorization": "Bearer  "})
            self.assertError(answer, 403, "NoAPITokenError")
        self.assertError(self.ask("GET", "orders-rpde", token="guess"), 401, "InvalidAPITokenError")
        basic = {"Authorization": f"Basic {self.token}"}
        self.assertError(self.ask("GET", "orders-rpde", token="", headers=basic), 401, "InvalidAPITokenError")

    def test_a_token_that_has_been_replaced(self):
        renewed = self.till._make_token()
        self.assertError(self.ask("GET", "orders-rpde"), 401, "InvalidAPITokenError")
        self.assertEqual(self.ask("GET", "orders-rpde", token=renewed).status_code, 200)
        lower = {"Authorization": f"bearer {renewed}"}
        self.assertEqual(self.ask("GET", "orders-rpde", token="", headers=lower).status_code, 200)

    def test_a_till_that_is_closed_or_paused(self):
        self.book(self.padel_slot)
        self.read_feed()
        self.till._pause("Something is wrong.")
        self.assertError(self.book(self.pool_slot, number=2), 401, "InvalidAPITokenError")
        self.assertEqual(
            self.fed(self.pool_slot)["state"] if self.fed(self.pool_slot) else "deleted", "deleted"
        )
        self.till._activate()
        self.assertEqual(self.book(self.pool_slot, number=2).status_code, 201)
        self.assertEqual(self.fed(self.pool_slot)["data"]["remainingUses"], 2)
        self.till.action_deactivate()
        self.assertError(self.book(self.pool_slot, number=3), 401, "InvalidAPITokenError")
        self.assertError(self.quote("C1", self.pool_slot, number=3), 401, "InvalidAPITokenError")
        self.assertEqual(self.fed(self.pool_slot)["state"], "deleted")
        # What it has sold is still to come: its customers are told when we cancel, and may cancel.
        self.assertEqual(self.ask("GET", f"orders/{uuid(2)}").status_code, 200)
        order = self.env["brp.channel.order"].search([("uuid", "=", uuid(2))])
        order.booking_ids._cancel("facility", "Closed.")
        [item] = self.ask("GET", "orders-rpde").json()["items"]
        self.assertEqual(item["id"], uuid(2))

    def test_only_a_hash_of_the_token_is_kept_and_nobody_reads_that(self):
        user = new_test_user(self.env, "seller", "brp_marketplace.group_booking_manager")
        with self.assertRaises(AccessError):
            self.till.with_user(user).marketplace_token_hash  # noqa: B018
        self.assertNotIn(self.token, json.dumps(self.till.sudo().read(), default=str))
        self.assertEqual(self.till.marketplace_token_hint, f"…{self.token[-4:]}")

    def test_who_bought_what_is_not_for_everybody(self):
        self.book(self.padel_slot)
        user = new_test_user(self.env, "seller", "brp_marketplace.group_booking_manager")
        order = self.channel_order().with_user(user)
        for name in ("openactive_parties", "openactive_answer"):
            with self.assertRaises(AccessError):
                order[name]
        for model in ("brp.feed.item", "brp.feed.change", "brp.connection.calls"):
            with self.assertRaises(AccessError):
                self.env[model].with_user(user).search([])

    def test_nothing_of_a_token_is_logged(self):
        with self.assertLogs(level="DEBUG") as logs:
            self.book(self.padel_slot)
            self.ask("GET", f"orders/{uuid(5)}", token="guessed-token")
        written = "\n".join(logs.output)
        self.assertNotIn(self.token, written)
        self.assertNotIn("guessed-token", written)

    # -- companies --

    def test_a_token_is_good_for_one_company(self):
        other = self.make_company()
        self.book(self.padel_slot)
        base, self.company = self.company, other
        self.assertError(self.ask("GET", "orders-rpde"), 401, "InvalidAuthorizationDetailsError")
        self.assertEqual(self.read_orders(self.other_token), [])
        self.assertError(
            self.ask("GET", f"orders/{uuid(1)}", token=self.other_token), 404, "UnknownOrderError"
        )
        self.assertEqual(self.read_feed(), [])
        self.company = base
        self.assertTrue(self.read_feed())
        # Neither does it see the other one's times.
        room = self.env["brp.resource"].create(
            {"name": "Room", "facility_id": self.other_facility.id, "activity_id": self.pool.activity_id.id}
        )
        product = self.make_product("Room", 100, self.env["account.tax"], company_id=other.id)
        strange = self.make_slot(room, product, "2030-05-08 15:00:00")
        self.assertItemErrors(self.quote("C1", strange, number=2), "UnknownOpportunityError")
        self.assertIsNone(self.fed(strange))

    def make_company(self):
        """Make another company with an online till."""
        data = self.setup_other_company(name="Another AB")
        other = data["company"]
        self.env.user.company_ids += other
        other.partner_id.write(
            {
                "street": "Ågatan 1",
                "zip": "582 22",
                "city": "Linköping",
                "country_id": self.env.ref("base.se").id,
            }
        )
        self.other_facility = self.env["brp.facility"].create(
            {"name": "Another", "company_id": other.id, "partner_id": other.partner_id.id}
        )
        _till, self.other_token = self.open_till("Another", other, self.other_facility)
        return other

    # -- HTTP --

    def test_addresses_that_are_not_there(self):
        for path in (
            "",
            "orders",
            "order-proposals/" + uuid(1),
            "order-proposals-rpde",
            "a/b/c",
            f"orders/{uuid(1)}/x",
        ):
            for method in ("GET", "PUT", "DELETE"):
                answer = self.ask(method, path, token="")
                self.assertError(answer, 404, "UnknownOrIncorrectEndpointError")
        answer = self.opener.get(f"{self.base}/api")
        self.assertEqual(answer.json()["@type"], "UnknownOrIncorrectEndpointError")
        self.assertEqual(self.opener.get(f"{self.base_url()}/openactive/999999").status_code, 404)

    def test_verbs(self):
        allowed = {
            f"order-quote-templates/{uuid(1)}": "OPTIONS, PUT",
            f"order-quotes/{uuid(1)}": "DELETE, OPTIONS, PUT",
            f"orders/{uuid(1)}": "DELETE, GET, HEAD, OPTIONS, PATCH, PUT",
            "orders-rpde": "GET, HEAD, OPTIONS",
        }
        for path, methods in allowed.items():
            for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - set(methods.split(", ")):
                answer = self.ask(method, path, token="")
                self.assertError(answer, 405, "MethodNotAllowedError")
                self.assertEqual(answer.headers["Allow"], methods)
            answer = self.ask("OPTIONS", path, token="")
            self.assertEqual((answer.status_code, answer.headers["Allow"]), (204, methods))
        self.book(self.padel_slot)
        answer = self.ask("HEAD", f"orders/{uuid(1)}")
        self.assertEqual((answer.status_code, answer.content), (200, b""))
        self.assertEqual(answer.headers["Content-Type"], MEDIA_TYPE)

    def test_sizes(self):
        body = json.dumps(self.request("B", self.padel_slot)).encode()
        much = body + b" " * (256 * 1024 - len(body))
        self.assertError(self.ask("PUT", f"orders/{uuid(1)}", much + b" "), 400, "OpenBookingError")
        self.assertFalse(self.channel_order())
        self.assertError(self.ask("PUT", f"orders/{uuid(1)}", iter([body])), 400, "OpenBookingError")
        self.assertEqual(self.ask("PUT", f"orders/{uuid(1)}", much).status_code, 201)

    def test_no_cookies_and_nothing_kept_by_others(self):
        answers = [
            self.book(self.padel_slot),
            self.ask("GET", f"orders/{uuid(1)}"),
            self.ask("GET", "orders-rpde"),
            self.ask("GET", "nothing"),
            self.ask("DELETE", "orders-rpde"),
            self.cancel(self.channel_order().booking_ids),
            self.ask("GET", "orders-rpde", token="guess"),
        ]
        for answer in answers:
            self.assertNotIn("Set-Cookie", answer.headers)
            self.assertEqual(answer.headers["Cache-Control"], "private, no-store")

    # -- what goes wrong here --------------------------------------------------------------------------------

    def test_what_goes_wrong_here_is_not_told(self):
        def fail(*_args):
            raise RuntimeError("secret of ours")

        self.patch(self.env.registry["brp.openactive.booking"], "_get_status", fail)
        with self.assertLogs("odoo.http", "ERROR"):
            answer = self.ask("GET", f"orders/{uuid(1)}")
        self.assertError(answer, 500, "InternalApplicationError")
        self.assertNotIn("secret", answer.text)

    def test_too_much_is_going_on(self):
        """Then whoever calls is to come again, and told so in the words of what it wanted."""

        def fail(*_args):
            raise LockError("Somebody works on it")

        for name in ("_quote", "_book", "_cancel", "_delete"):
            self.patch(self.env.registry["brp.openactive.booking"], name, fail)
        refused = {
            "ProduceOrderQuote": self.quote("C1", self.padel_slot),
            "CreateOrder": self.book(self.padel_slot),
            "UpdateOrder": self.cancel(),
            "DeleteOrder": self.ask("DELETE", f"orders/{uuid(1)}"),
        }
        for what, answer in refused.items():
            self.assertError(answer, 503, f"TemporarilyUnableTo{what}Error")
            self.assertEqual(answer.headers["Retry-After"], "2")

    def test_so_many_calls_a_minute(self):
        self.till.openactive_rate = 2
        _other, token = self.open_till("Another")
        with freeze_time("2030-05-06 09:00:45"):
            for _call in range(2):
                self.assertEqual(self.ask("GET", "orders-rpde").status_code, 200)
            for _call in range(2):
                answer = self.ask("GET", "orders-rpde")
                self.assertError(answer, 429, "TooManyRequestsError")
                self.assertEqual(answer.headers["Retry-After"], "15")
            self.assertEqual(self.ask("GET", "orders-rpde", token=token).status_code, 200)
        with freeze_time("2030-05-06 09:01:00"):
            self.assertEqual(self.ask("GET", "orders-rpde").status_code, 200)
        with freeze_time("2030-05-07 09:00:30"):
            self.env["brp.connection.calls"].sudo()._gc_calls()
        left = self.env["brp.connection.calls"].search([("connection_id", "=", self.till.id)])
        self.assertEqual(left.mapped("begins"), [datetime(2030, 5, 6, 9, 1)])
