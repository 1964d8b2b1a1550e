"""`./dev demo`, `./dev stop` and `./dev shell`: a server to look at and try things on."""

import contextlib
import errno
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from . import addons as our
from . import databases, system
from .console import DevError, Step, say, shown, telling_line, warn
from .ground import CONFIG, Ground, prepared, setting_up
from .postgres import connect
from .workspace import DEV, LOGS, only_one, read_json, write_json

STATE = DEV / "demo.json"  # what the demo database was made of
SERVER = DEV / "server.json"  # which process serves it, and where
LOG = LOGS / "server.log"
FIRST_PORT = 8069
BUSY = DEV / "demo.lock"

WELCOME = """\
Odoo is at http://127.0.0.1:{port}/odoo

Log in as  disk     (password disk): Disa at the desk, who sells
           ekonomi  (password ekonomi): Edvin, the bookkeeper
           kund     (password kund): Astrid, a customer, in the portal
           admin    (password admin): the administrator

Three things to try:
  1. As disk, open Karin Forsberg's quotation under Försäljning and sell the year card in twelve installments.
  2. As ekonomi, open Fatima Hassan's main invoice under Fakturering: two installments were credited, and the
     main invoice shows the 2 000 kr that are left to pay.
  3. As kund, see and pay what is due: Mitt konto, Dina delbetalningar.
"""
WELCOME_WITHOUT_COMPANY = """\
Odoo is at http://127.0.0.1:{port}/odoo
Log in as admin with the password admin.
"""


def demo(port=None, reset=False):
    """Have the demo server running on an up-to-date demo database, and say how to use it."""
    with only_one(BUSY, "starting the demo"), prepared() as ground:
        name = f"{ground.server.prefix}_demo"
        running = server_process()
        if reset or _outdated(ground, name) or (running and port and running["port"] != port):
            _end(running)
            running = None
        _bring_up_to_date(ground, name, reset)
        pdf = system.find_pdf_program() or (system.install("wkhtmltopdf") and system.find_pdf_program())
        if not running:
            running = _start(ground, name, port)
    say()
    welcome = WELCOME if our.DEMO in our.all_addons() else WELCOME_WITHOUT_COMPANY
    say(welcome.format(port=running["port"]))
    if not pdf:
        warn(f"PDFs need wkhtmltopdf: {system.how_to_install('wkhtmltopdf')}")
    say("./dev stop ends it; ./dev demo --reset begins anew.")


def _contents():
    return {name: addon.digest(databases.NOT_INSTALLED) for name, addon in our.all_addons().items()}


def _outdated(ground, name):
    return read_json(STATE).get("addons") != _contents() or not ground.server.exists(name)


def _bring_up_to_date(ground, name, reset):
    """Make the demo database, or update the addons in it whose files have changed."""
    before = read_json(STATE).get("addons")
    contents = _contents()
    if reset or before is None or not ground.server.exists(name):
        _make(ground, name)
    elif before != contents:
        changed = sorted(addon for addon in contents if addon in before and before[addon] != contents[addon])
        new = sorted(set(contents) - set(before))
        options = [*(("-u", ",".join(changed)) if changed else ()), *(("-i", ",".join(new)) if new else ())]
        if options:
            with Step(f"Update {', '.join(changed + new)} in the demo database") as step:
                arguments = ["server", "-d", name, *options, "--stop-after-init", "--no-http"]
                what = "the update (./dev demo --reset begins anew)"
                ground.odoo(*arguments, log="update-demo", step=step, what=what)
    write_json(STATE, {"addons": contents, "database": name})


def _make(ground, name):
    STATE.unlink(missing_ok=True)
    source = databases.with_addons(ground).name
    with setting_up(), databases.throw_away(ground, source, "making") as making:
        if our.DEMO in our.all_addons():
            databases.install_demo(ground, making)
        databases.drop(ground, name)
        databases.rename(ground, making, name)


# -- the server -----------------------------------------------------------------------------------


def server_process():
    """The record {"pid", "port"} of the demo server if it is alive, else None."""
    record = read_json(SERVER)
    if not record:
        return None
    try:
        words = Path(f"/proc/{record['pid']}/cmdline").read_bytes().split(b"\0")
    except (OSError, KeyError):
        return None
    return record if os.fsencode(CONFIG) in words else None  # the number may be another process's by now


def _start(ground: Ground, name, port):
    chosen = _free_port(port or FIRST_PORT)
    if port and chosen != port:
        warn(f"port {port} is taken; using {chosen}")
    LOG.parent.mkdir(parents=True, exist_ok=True)
    with Step("Start Odoo"):
        arguments = ["server", "-d", name, "--http-port", chosen, "--no-database-list"]
        with LOG.open("w", encoding="utf-8") as log:
            process = subprocess.Popen(
                ground.odoo_command(*arguments),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=ground.variables(),
                start_new_session=True,
                cwd=DEV,
            )
        record = {"pid": process.pid, "port": chosen}
        write_json(SERVER, record)
        try:
            _wait_until_it_answers(process, chosen)
        except BaseException:
            _end(record)
            raise
    return record


def _free_port(first):
    """The first port from `first` on that nothing listens on."""
    for port in range(first, min(first + 100, 65536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except PermissionError:
                raise DevError(f"port {port} is for root only; choose one from 1024 on") from None
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                continue
        return port
    raise DevError(f"the hundred ports from {first} on are all taken")


def _wait_until_it_answers(process, port):
    """Return when the log-in page has been served: the first visitor need not wait for its assets."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # a proxy is not for this address
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        if process.poll() is not None:
            lines = LOG.read_text(encoding="utf-8", errors="replace").splitlines()[-40:]
            raise DevError(f"Odoo does not start: {telling_line(lines)} [all of it: {shown(LOG)}]")
        with contextlib.suppress(OSError, urllib.error.URLError):
            if direct.open(f"http://127.0.0.1:{port}/web/login", timeout=60).status == 200:
                return
        time.sleep(0.3)
    raise DevError(f"Odoo did not answer within three minutes; its log is {shown(LOG)}")


def _end(record):
    """Stop the server of `record`, kindly first."""
    if record:
        for attempt, seconds in ((signal.SIGTERM, 15), (signal.SIGKILL, 5)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(record["pid"], attempt)
            deadline = time.monotonic() + seconds
            while server_process() and time.monotonic() < deadline:
                _reap(record["pid"])
                time.sleep(0.1)
            if not server_process():
                break
    SERVER.unlink(missing_ok=True)


def _reap(pid):
    """Take note of the end of a server that is our own child, which otherwise stays on as a zombie."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def stop():
    """End the demo server and the private cluster."""
    running = server_process()
    if running:
        with Step("Stop Odoo"):
            _end(running)
    stopped = connect().stop()
    if not running and not stopped:
        say("Nothing was running.")


def shell(arguments):
    """An interactive Odoo shell on the demo database."""
    with prepared() as ground:
        name = f"{ground.server.prefix}_demo"
        if not ground.server.exists(name):
            raise DevError("there is no demo database yet: ./dev demo makes it")
        command = ground.odoo_command("shell", "-d", name, "--no-http", "--log-level=warn", *arguments)
        return subprocess.call(command, env=ground.variables())
