"""The demo's marketplace: its simulator, and how it finds Odoo."""

import json
import urllib.request

from .service import Service, free_port
from .workspace import DEV, LOGS, ROOT

SIMULATOR = ROOT / "tests/simulators/marketplace"
STATE = DEV / "marketplace.json"  # what it has sold and paid out
# Seconds between its readings of Odoo's feeds: who tries the demo looks at both sides.
OPTIONS = ["--state", STATE, "--poll", "5"]
FIRST_PORT = 8172
PUBLISHED = "http://localhost:8069"
# As in addons/brp_demo/bookings.py
TOKEN = "tidstorget-demo"
STATEMENT_TOKEN = "tidstorget-utbetalning"

MARKETPLACE = Service(
    "the marketplace's simulator",
    record=DEV / "market.json",
    log=LOGS / "marketplace.log",
    mark=STATE,
)


def begin_anew():
    """Forget what has been sold: the demo database begins anew as well."""
    MARKETPLACE.end()
    STATE.unlink(missing_ok=True)


def start(ground):
    """Have the simulator running; returns its record."""
    running = MARKETPLACE.running()
    if running:
        return running
    port = free_port(FIRST_PORT)
    return MARKETPLACE.start([ground.environment.python, SIMULATOR, "serve", *OPTIONS, "--port", port], port)


def connect(port, odoo):
    """Have the marketplace on `port` sell the times of the demo's Odoo, on port `odoo`.

    What Odoo publishes is under the address that it had when it was set up: that stays, wherever it runs.
    """
    told = {
        "dataset": f"{PUBLISHED}/openactive/1",
        "token": TOKEN,
        "statement_token": STATEMENT_TOKEN,
        "addresses": [f"127.0.0.1:{odoo}"],
    }
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/control/connect",
        json.dumps(told).encode(),
        {"Content-Type": "application/json"},
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy is not for this address
    with direct.open(request, timeout=60) as answer:
        return json.load(answer)
