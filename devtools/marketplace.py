"""The demo's marketplace: its simulator, how Odoo finds it, and how it finds Odoo."""

import json
import urllib.request

from .service import Service, free_port
from .workspace import DEV, LOGS, ROOT

SIMULATOR = ROOT / "tests/simulators/marketplace"
STATE = DEV / "marketplace.json"  # what it has sold and paid out
# Seconds between its readings of Odoo's feeds: who tries the demo looks at both sides.
OPTIONS = ["--state", STATE, "--poll", "5"]
FIRST_PORT = 8172

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


def variables(port):
    """Return the environment in which Odoo finds the simulator."""
    return {"MARKETPLACE_PLAYGROUND": f"http://127.0.0.1:{port}"}


def connect(port, dataset, token, statement_token):
    """Have the marketplace on `port` sell the times of a dataset site, which it may know already.

    token: what it books with. statement_token: what the seller fetches its statements with.
    """
    told = {"dataset": dataset, "token": token, "statement_token": statement_token}
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/control/connect",
        json.dumps(told).encode(),
        {"Content-Type": "application/json"},
    )
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy is not for this address
    with direct.open(request, timeout=60) as answer:
        return json.load(answer)
