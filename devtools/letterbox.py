"""The demo's letter box: what Odoo mails is taken, kept and shown, and goes nowhere."""

import shutil

from .service import Service, free_port
from .workspace import DEV, LOGS, ROOT

SIMULATOR = ROOT / "tests/simulators/letterbox"
LETTERS = DEV / "letters"
FIRST_PORT = 8173  # of the page
FIRST_SMTP_PORT = 8125

LETTERBOX = Service("the letter box", record=DEV / "letterbox.json", log=LOGS / "letterbox.log", mark=LETTERS)


def begin_anew():
    """Throw the letters away: the demo database begins anew as well."""
    LETTERBOX.end()
    shutil.rmtree(LETTERS, ignore_errors=True)


def start(ground):
    """Have it running; returns its record, with the port of its mail server as "smtp"."""
    running = LETTERBOX.running()
    if running:
        return running
    port, smtp = free_port(FIRST_PORT), free_port(FIRST_SMTP_PORT)
    command = [ground.environment.python, SIMULATOR, "serve", "--letters", LETTERS]
    ports = ["--port", port, "--smtp-port", smtp]
    return LETTERBOX.start([*command, *ports], port, also={"smtp": smtp})


def options(smtp):
    """Return the options by which an Odoo, and no other, hands its mail to the box."""
    return ["--smtp", "127.0.0.1", "--smtp-port", str(smtp)]
