"""The demo's bank: Bankgirot's simulator, what it has done so far, and the folder it shares with Odoo."""

import shutil

from .console import Step, run
from .service import Service, free_port
from .workspace import DEV, LOGS, ROOT

SIMULATOR = ROOT / "tests/simulators/bankgirot"
FOLDER = DEV / "bank"
# What the simulator answers whom. It is read again when it changes, so that one can try other answers.
ANSWERS = FOLDER / "answers.json"
OPTIONS = ["--folder", FOLDER, "--outcomes", ANSWERS, "--retries", "3"]
FIRST_PORT = 8169

BANK = Service("the bank's simulator", record=DEV / "bank.json", log=LOGS / "bank.log", mark=FOLDER)


def play(ground, database):
    """Have the past months of Autogiro happen in a new demo database; the bank begins anew as well."""
    BANK.end()
    shutil.rmtree(FOLDER, ignore_errors=True)
    with Step("Play the past months of Autogiro with the bank"):
        run(
            [ground.environment.python, "-m", "devtools.bank_history", database],
            log=LOGS / "bank-history.log",
            what="playing the past months of Autogiro",
            cwd=ROOT,
            env=ground.variables(PYTHONDONTWRITEBYTECODE="1"),
        )


def start(ground):
    """Have the simulator running; returns its record."""
    running = BANK.running()
    if running:
        return running
    with Step("Start the bank's simulator"):
        port = free_port(FIRST_PORT)
        command = [ground.environment.python, SIMULATOR, "serve", "--instant", *OPTIONS, "--port", port]
        return BANK.start(command, port)
