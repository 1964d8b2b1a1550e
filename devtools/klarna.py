"""The demo's Klarna: its simulator, with what the webshop has sold lately, and how Odoo finds it."""

from datetime import date

from .klarna_story import tell
from .service import Service, free_port
from .workspace import DEV, LOGS, ROOT, write_json

SIMULATOR = ROOT / "tests/simulators/klarna"
STATE = DEV / "klarna.json"  # what has happened there
STORY = DEV / "klarna-story.json"
# The published description of Klarna's rows does not tell the VAT of orders: Odoo asks for each.
OPTIONS = ["--no-customer-vat", "--state", STATE, "--scenario", STORY]
FIRST_PORT = 8171

KLARNA = Service("Klarna's simulator", record=DEV / "payments.json", log=LOGS / "klarna.log", mark=STATE)


def begin_anew():
    """Forget what has happened: the demo database begins anew as well."""
    KLARNA.end()
    STATE.unlink(missing_ok=True)


def start(ground):
    """Have the simulator running; returns its record."""
    running = KLARNA.running()
    if running:
        return running
    if not STATE.exists():
        write_json(STORY, tell(date.today()))
    port = free_port(FIRST_PORT)
    return KLARNA.start([ground.environment.python, SIMULATOR, "serve", *OPTIONS, "--port", port], port)


def variables(port):
    """Return the environment in which Odoo finds the simulator as Klarna's playground."""
    return {"KLARNA_PLAYGROUND": f"http://127.0.0.1:{port}"}
