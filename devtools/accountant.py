"""The demo's accounting system: Björn Lundén's simulator, and how Odoo finds it."""

from .service import Service, free_port
from .workspace import DEV, LOGS, ROOT

SIMULATOR = ROOT / "tests/simulators/bjornlunden"
STATE = DEV / "bjornlunden.json"  # what it has booked
FIRST_PORT = 8170
# The simulator's own; it is no secret.
CLIENT = {"BJORN_LUNDEN_CLIENT_ID": "brp-sandbox", "BJORN_LUNDEN_CLIENT_SECRET": "brp-sandbox-secret"}

ACCOUNTANT = Service(
    "the accounting system's simulator",
    record=DEV / "accountant.json",
    log=LOGS / "accountant.log",
    mark=STATE,
)


def begin_anew():
    """Forget what has been booked: the demo database begins anew as well."""
    ACCOUNTANT.end()
    STATE.unlink(missing_ok=True)


def start(ground):
    """Have the simulator running; returns its record."""
    running = ACCOUNTANT.running()
    if running:
        return running
    port = free_port(FIRST_PORT)
    command = [ground.environment.python, SIMULATOR, "serve", "--state", STATE, "--port", port]
    return ACCOUNTANT.start(command, port)


def variables(port):
    """Return the environment in which Odoo finds the simulator."""
    return {**CLIENT, "BJORN_LUNDEN_HOST": f"http://127.0.0.1:{port}"}
