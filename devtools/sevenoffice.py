"""The demo's 24SevenOffice: its simulator, what Odoo logs in with there, and its companies."""

from .service import Service, free_port
from .workspace import DEV, LOGS, ROOT

SIMULATOR = ROOT / "tests/simulators/sevenoffice"
STATE = DEV / "sevenoffice.json"  # what has been handed over to it
USER = "api@sundby.example"
PASSWORD = "brp-sandbox-secret"
APPLICATION = "5b1f1c1e-24f0-4c7e-9a55-2d6f0b3c8a11"
COMPANIES = ("Sundby Aktivitetscenter AB", "Grannby Idrottshall AB")  # the user may choose between them
FIRST_PORT = 8174

SEVENOFFICE = Service(
    "24SevenOffice's simulator",
    record=DEV / "sevenoffice-service.json",
    log=LOGS / "sevenoffice.log",
    mark=STATE,
)


def begin_anew():
    """Forget what was handed over: the demo database begins anew as well."""
    SEVENOFFICE.end()
    STATE.unlink(missing_ok=True)


def start(ground):
    """Have the simulator running; returns its record."""
    running = SEVENOFFICE.running()
    if running:
        return running
    port = free_port(FIRST_PORT)
    command = [ground.environment.python, SIMULATOR, "serve", "--port", port, "--state", STATE]
    login = ["--user", USER, "--password", PASSWORD, "--application", APPLICATION]
    companies = [option for name in COMPANIES for option in ("--company", name)]
    return SEVENOFFICE.start([*command, *login, *companies], port)


def variables(port):
    """Return the environment in which Odoo finds the simulator as 24SevenOffice."""
    return {"SEVENOFFICE_URL": f"http://127.0.0.1:{port}"}
