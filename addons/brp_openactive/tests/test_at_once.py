import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from unittest import TestCase

import requests

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ConcurrencyError
from odoo.modules.registry import Registry
from odoo.tests import BaseCase, get_db_name, tagged

from odoo.addons.brp_connector.tests.common import make_company, odoo_command, odoo_options

from ..models.brp_feed_item import _LOCK
from .common import MEDIA_TYPE, Hall, load, uuid

Marketplace = load("marketplace").Marketplace
fight = load("marketplace.fight").fight

# Books, and is killed when it has the places and begins to make the order.
KILLED = """
till, uuid = int(sys.argv[1]), sys.argv[2]
registry["brp.openactive.booking"]._sell = lambda *args: os.kill(os.getpid(), signal.SIGKILL)
with registry.cursor() as cr:
    env = api.Environment(cr, SUPERUSER_ID, {})
    till = env["brp.connection"].browse(till)
    till = till.with_company(till.company_id)
    till.env["brp.openactive.booking"]._book(till, uuid, sys.stdin.buffer.read())
"""


class Committed(Hall, BaseCase):
    """A hall that is there for all processes, in a company of its own; it is closed after the tests."""

    site = "http://127.0.0.1"  # where nobody answers
    day = (datetime.now() + timedelta(days=2)).strftime("%Y-%m-%d")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        with cls.registry.cursor() as cr:
            cls.company = make_company(api.Environment(cr, SUPERUSER_ID, {}), "At Once")
            cls.env = cls.company.env
            parameters = cls.env["ir.config_parameter"]
            cls.site_before = parameters.get_param("brp_openactive.site")
            parameters.set_param("brp_openactive.site", cls.site)
            cls.build_hall()
        cls.addClassCleanup(cls.close_hall)

    @classmethod
    def close_hall(cls):
        """Leave nothing that other tests would read; companies and their entries are never deleted."""
        with cls.transaction() as env:
            env["brp.connection"].browse(cls.till.id).action_deactivate()
            env["brp.facility"].browse(cls.facility.id).active = False
            env["brp.feed.item"]._catch_up(10**6)
            env.cr.execute("DELETE FROM brp_feed_item WHERE company_id = %s", [cls.company.id])
            env["ir.config_parameter"].set_param("brp_openactive.site", cls.site_before)
            env["res.company"].browse(cls.company.id).active = False

    @classmethod
    def base_url(cls):
        return cls.site

    @classmethod
    @contextmanager
    def transaction(cls):
        with cls.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {"allowed_company_ids": cls.company.ids})

    def slot(self, hour, resource=None, minutes=60):
        """Return a new time of a court, or of another resource: its id and price."""
        with self.transaction() as env:
            type(self).env = env
            resource = env["brp.resource"].browse((resource or self.court_1).id)
            product = env["product.product"].browse(self.padel_product.id)
            slot = self.make_slot(resource, product, f"{self.day} {hour:02}:00:00", minutes)
            return Sold(slot.id, slot.price)

    def read_page(self, after=None):
        """Return {slot id: (change number, data)} of the feed's page."""
        with self.transaction() as env:
            company = env["res.company"].browse(self.company.id)
            rows = env["brp.feed.item"]._read_page(company, "slot", after)
        return {int(key): (number, data) for number, _kind, key, data in rows}

    def read_all(self):
        items, after = {}, None
        while page := self.read_page(after):
            items |= page
            after = max(number for number, _data in page.values())
        return items

    def count(self, model, domain):
        with self.transaction() as env:
            return env[model].search_count(domain)


class Sold:
    """A time, as far as a request has to know it."""

    def __init__(self, id_, price):
        self.id, self.price = id_, price


@tagged("post_install", "-at_install")
class TestServer(Committed):
    """A server of several threads, and marketplaces that all call at once."""

    server = None
    connections = 0

    @classmethod
    def setUpClass(cls):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            cls.port = probe.getsockname()[1]
        cls.site = f"http://127.0.0.1:{cls.port}"
        super().setUpClass()
        cls.addClassCleanup(cls.end_server)

    @classmethod
    def serve(cls, connections):
        """Have a server with so many connections to the database; one that runs already will do."""
        if cls.server and cls.connections == connections:
            return
        cls.end_server()
        command = [sys.executable, "-m", "odoo", "server", *odoo_options(), "--no-database-list"]
        command += [f"--http-port={cls.port}", "--http-interface=127.0.0.1", "--max-cron-threads=0"]
        command += ["--log-handler=odoo.http:CRITICAL", "--log-handler=odoo.sql_db:CRITICAL"]
        cls.server = subprocess.Popen([*command, f"--db_maxconn={connections}"])
        cls.connections = connections
        until = time.monotonic() + 90
        while time.monotonic() < until and cls.server.poll() is None:
            with suppress(requests.ConnectionError):
                if requests.get(f"{cls.site}/openactive/{cls.company.id}", timeout=60).ok:
                    return
            time.sleep(0.2)
        raise AssertionError("the server does not answer; its words are above")

    @classmethod
    def end_server(cls):
        if cls.server:
            cls.server.kill()
            cls.server.wait(30)
            cls.server = None

    def call(self, method, path, body=None):
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": MEDIA_TYPE}
        return requests.request(method, f"{self.base}/api/{path}", json=body, headers=headers, timeout=120)

    def at_once(self, calls):
        """Return the responses to calls that are all made at the same time."""
        start = threading.Barrier(len(calls))

        def make(call):
            start.wait()
            return call()

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(make, calls))

    def test_at_once(self):
        self.serve(40)
        with self.subTest("the same order several times"):
            slot = self.slot(8)
            body = self.request("B", slot)
            answers = self.at_once([lambda: self.call("PUT", f"orders/{uuid(1)}", body)] * 6)
            self.assertEqual([answer.status_code for answer in answers], [201] * 6, answers[0].text)
            self.assertEqual(len({answer.content for answer in answers}), 1)
            self.assertEqual(self.count("brp.booking", [("slot_id", "=", slot.id)]), 1)
            with self.transaction() as env:
                order = env["brp.channel.order"].search(
                    [("uuid", "=", uuid(1)), ("connection_id", "=", self.till.id)]
                )
                self.assertEqual(len(order.order_id.invoice_ids), 1)
            self.assertEqual(
                self.count("brp.occupancy", [("slot_id", "=", slot.id), ("expires", "!=", False)]), 0
            )
        with self.subTest("more orders than places"):
            slot = self.slot(9, self.pool)
            answers = self.at_once(
                [
                    lambda number=number: self.call("PUT", f"orders/{uuid(number)}", self.request("B", slot))
                    for number in range(10, 17)
                ]
            )
            self.assertEqual(sorted(answer.status_code for answer in answers), [201] * 3 + [409] * 4)
            self.assertEqual(self.count("brp.booking", [("slot_id", "=", slot.id)]), 3)
        with self.subTest("times that exclude each other"):
            slots = [self.slot(12), self.slot(12, minutes=90), self.slot(11, minutes=90)]
            answers = self.at_once(
                [
                    lambda number=number, slot=slot: self.call(
                        "PUT", f"orders/{uuid(number)}", self.request("B", slot)
                    )
                    for number, slot in enumerate(slots, 20)
                ]
            )
            self.assertEqual(sorted(answer.status_code for answer in answers), [201, 409, 409])
        with self.subTest("what is sold is told"):
            items = self.read_all()
            for slot in slots:
                self.assertIn('"remainingUses":0', items[slot.id][1])

    def test_a_marketplace_that_others_have_written(self):
        """It shares no code with us, and notes all that does not follow the standard."""
        self.serve(40)
        court, pool = self.slot(14), self.slot(14, self.pool)
        with Marketplace(poll=0, timeout=60.0) as market:
            system = market.connect(dataset=self.base, token=self.token)
            self.assertEqual(len(system.catalogue.facilities), 3)
            purchase = market.book([self.slot_id(court), self.slot_id(pool), self.slot_id(pool)])
            self.assertEqual((purchase.state, purchase.charged), ("booked", 96000))  # 3 · 320 kr, in öre
            self.assertEqual(purchase.tax, 5433)  # 3 · 18.11
            market.cancel(purchase.uuid, [0])
            with self.transaction() as env:
                order = env["brp.channel.order"].search([("uuid", "=", purchase.uuid)])
                order.booking_ids.sorted("id")[1]._cancel("facility", "The pool is closed.")
            market.harvest()
            told = [(line.status, line.message) for line in purchase.lines]
            self.assertEqual(
                told, [("by_customer", ""), ("by_seller", "The pool is closed."), ("booked", "")]
            )
            self.assertEqual((purchase.due, purchase.left), (32000, 32000))
            market.orders.undo(purchase)
            market.harvest()
            self.assertTrue(purchase.deleted)
            self.assertEqual(system.look()["breaches"], [])

    def test_many_who_want_the_same(self):
        self.serve(40)
        slots = [self.slot(20), self.slot(20, self.pool), self.slot(21)]
        told = fight(
            self.base, self.token, slots=[self.slot_id(slot) for slot in slots], attempts=60, clients=12
        )
        self.assertEqual([slot["sold"] for slot in told["slots"]], [1, 3, 1])
        self.assertEqual((told["sold"], told["twice"]), (5, []))
        self.assertEqual(told["errors"], {"409 OpportunityIsFullError": 55})

    def test_a_reader_waits_for_the_one_who_gives_out_numbers(self):
        self.serve(40)
        first, second = self.slot(16), self.slot(18)
        before = max(number for number, _data in self.read_all().values())
        with self.transaction() as env:
            env["brp.slot"].browse((first.id, second.id)).write({"price_unit": 333})
        url = f"{self.base}/feeds/slots?afterChangeNumber={before}"
        with ThreadPoolExecutor(1) as pool, self.transaction() as env:
            # As it is done: one time has its number, which nobody can see yet.
            env.cr.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [_LOCK])
            env["brp.feed.item"]._tell_slots(env["brp.slot"].browse(first.id))
            reader = pool.submit(requests.get, url, timeout=120)
            self.wait_for_waiting()
            self.assertFalse(reader.done())
            env.cr.commit()
            items = reader.result(120).json()["items"]
        self.assertEqual([item["id"] for item in items], [str(first.id), str(second.id)])
        self.assertLess(items[0]["modified"], items[1]["modified"])

    def wait_for_waiting(self):
        """Return when somebody waits for the lock."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with self.transaction() as env:
                env.cr.execute(
                    "SELECT FROM pg_stat_activity"
                    " WHERE wait_event = 'advisory' AND datname = current_database()"
                )
                if env.cr.rowcount:
                    return
            time.sleep(0.05)
        self.fail("nobody waits")

    def test_too_few_connections(self):
        """Who calls is told to come again, or waits; nothing is told not to be there, or to be broken."""
        self.serve(3)
        slot = self.slot(10, self.pool)
        calls = [
            lambda: self.call("GET", "orders-rpde"),
            lambda: requests.get(f"{self.base}/feeds/slots", timeout=120),
            lambda: requests.get(f"{self.base}/feeds/facility-uses", timeout=120),
            lambda: self.call("PUT", f"order-quotes/{uuid(50)}", self.request("C2", slot)),
        ]
        answers = [answer for _round in range(4) for answer in self.at_once(calls * 5)]
        told = {answer.status_code for answer in answers}
        self.assertLessEqual(
            told, {200, 503}, [answer.text for answer in answers if answer.status_code >= 500][:3]
        )
        self.assertEqual(told, {200, 503})
        for answer in answers:
            if answer.status_code == 503:
                self.assertEqual(answer.headers["Retry-After"], "2")
        self.assertEqual(self.call("GET", "orders-rpde").status_code, 200)


@tagged("post_install", "-at_install")
class TestTransactions(Committed):
    """What happens in several transactions, however they end."""

    def book_and_be_killed(self, number, slot):
        """Have a process book that is killed when it has the place and begins to make the order."""
        body = requests.models.complexjson.dumps(self.request("B", slot)).encode()
        command = odoo_command(KILLED, self.till.id, uuid(number))
        done = subprocess.run(command, input=body, check=False, timeout=120)
        self.assertEqual(done.returncode, -signal.SIGKILL)

    def test_killed_between_holding_and_ordering(self):
        slot = self.slot(8)
        self.book_and_be_killed(1, slot)
        self.assertEqual(
            self.count("brp.channel.order", [("uuid", "=", uuid(1)), ("connection_id", "=", self.till.id)]), 0
        )
        # For some minutes the place is nobody else's.
        self.assertIn('"remainingUses":0', self.read_all()[slot.id][1])
        self.assertEqual(self.book(2, slot).status, 409)
        self.assertEqual(self.free_after(slot), 5)
        self.let_time_pass(slot)
        self.assertIn('"remainingUses":1', self.read_all()[slot.id][1])
        self.assertEqual(self.book(2, slot).status, 201)
        self.assertEqual(self.book(1, slot).status, 409)

    def test_killed_and_asked_again(self):
        slot = self.slot(9)
        self.book_and_be_killed(3, slot)
        self.assertEqual(self.book(3, slot).status, 201)
        self.assertEqual(self.count("brp.occupancy", [("slot_id", "=", slot.id)]), 1)
        self.assertEqual(
            self.count("brp.occupancy", [("slot_id", "=", slot.id), ("expires", "!=", False)]), 0
        )

    def book(self, number, slot, env=None):
        if not env:
            with self.transaction() as env:
                return self.book(number, slot, env)
        body = requests.models.complexjson.dumps(self.request("B", slot)).encode()
        till = env["brp.connection"].browse(self.till.id)
        return env["brp.openactive.booking"]._book(till, uuid(number), body)

    def test_sold_meanwhile(self):
        """The same request, twice at a time: one that cannot see yet what the other sold is done anew."""
        slot = self.slot(22)
        with self.transaction() as late:
            late["brp.connection"].browse(self.till.id).fetch(["name"])  # what it sees is of this moment
            self.assertEqual(self.book(5, slot).status, 201)
            with TestCase.assertRaises(self, ConcurrencyError):  # Odoo's wants a cursor of its own
                self.book(5, slot, late)
            late.cr.rollback()
            self.assertEqual(self.book(5, slot, late).status, 201)
        self.assertEqual(self.count("brp.occupancy", [("slot_id", "=", slot.id)]), 1)

    def free_after(self, slot):
        """Return the minutes for which a place is held, rounded up."""
        with self.transaction() as env:
            [expires] = env["brp.occupancy"].search([("slot_id", "=", slot.id)]).mapped("expires")
        return -((datetime.now() - expires) // timedelta(minutes=1))

    def let_time_pass(self, slot):
        with self.transaction() as env:
            held = env["brp.occupancy"].search([("slot_id", "=", slot.id)])
            held.expires = datetime.now() - timedelta(seconds=1)

    def test_changes_are_numbered_as_they_can_be_seen(self):
        """Who has read up to a number never has to look for a lower one again."""
        first, second = self.slot(11), self.slot(13)
        before = self.read_all()
        self.assertLess(before[first.id][0], before[second.id][0])
        with self.transaction() as slow:
            slow["brp.slot"].browse(first.id).price_unit = 111
            slow.flush_all()
            with self.transaction() as quick:
                quick["brp.slot"].browse(second.id).price_unit = 222
            page = self.read_page(max(number for number, _data in before.values()))
            self.assertEqual(list(page), [second.id])
            seen = page[second.id][0]
        page = self.read_page(seen)
        self.assertEqual(list(page), [first.id])
        self.assertGreater(page[first.id][0], seen)
        self.assertIn('"price":111', page[first.id][1])
