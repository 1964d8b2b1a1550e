"""`./dev demo`, `./dev stop` and `./dev shell`: a server to look at and try things on."""

import subprocess

from . import accountant, bank, databases, klarna, letterbox, marketplace, sevenoffice, system
from . import addons as our
from .console import DevError, Step, say, shown, warn
from .ground import CONFIG, Ground, prepared, setting_up
from .postgres import connect
from .service import Service, free_port
from .workspace import DEV, LOGS, only_one, read_json, write_json

STATE = DEV / "demo.json"  # what the demo database was made of
SERVER = Service("Odoo", record=DEV / "server.json", log=LOGS / "server.log", mark=CONFIG, page="/web/login")
FIRST_PORT = 8069
BUSY = DEV / "demo.lock"

WELCOME = """\
Odoo is at http://127.0.0.1:{port}/odoo
The bank that it talks to, a simulator of Bankgirot, is at http://127.0.0.1:{bank}/
The accounting system, a simulator of Björn Lundén, is at http://127.0.0.1:{books}/
The webshop's payments, a simulator of Klarna, are at http://127.0.0.1:{payments}/
The marketplace Tidstorget, a simulator, is at http://127.0.0.1:{market}/ (its inside at /insidan)
24SevenOffice, a simulator, is at http://127.0.0.1:{office}/
The letters that Odoo sends are at http://127.0.0.1:{letters}/

Log in as  disk     (password disk): Disa at the desk, who sells
           ekonomi  (password ekonomi): Edvin, the bookkeeper
           kund     (password kund): Astrid, a customer, in the portal
           admin    (password admin): the administrator

Things to try:
  1. As disk, open Karin Forsberg's quotation under Försäljning and sell the year card in twelve installments:
     invoiced, or by Autogiro, which asks for her bank account (8327-9 123 456 789-7 is one).
  2. As ekonomi, open Fatima Hassan's main invoice under Fakturering: two installments were credited, and the
     main invoice shows the 2 000 kr that are left to pay.
  3. As ekonomi, under Fakturering › Autogiro › Debitera autogiro: make a new batch, list the invoices, see
     which are left out and why, make the file and put it in the exchange folder. The bank answers as if the
     day of collection had come, and a minute or two later its report is booked under Återredovisningar.
     Whom the bank is to refuse: {answers}
  4. There too, what waits for somebody: Ej skickade autogirofakturor (refused, refunded, without a mandate),
     and Medgivanden (Rasmus Holmberg's bank has not answered yet).
  5. As ekonomi, under Integrationer, activate Björn Lundén: its public key is on the page of the accounting
     system. Then Manuell export on the card: the vouchers arrive there.
  6. As ekonomi, under Integrationer, activate Klarna: region Playground; user and password are on the page of
     the webshop's payments. Within a minute its payouts are under Fakturering › Kunder › Utbetalningar,
     booked: open one, its days, and the PDF of a day. The analysis there tells by month what share the fees
     are. One payout waits, since Klarna took something that nobody knows: tell what it means. Activate Björn
     Lundén with a day of last month as its Startdatum, then Manuell export: the vouchers are there as well.
     On the page of the payments, have orders returned and the next payout made; Odoo fetches it when asked
     in the settings of Klarna's card, or by itself some hours later.
  7. On the marketplace's page, buy a padel time: it is under Bokningar in Odoo, paid, and its money is on the
     marketplace's receivable. Cancel it there. Pay out on its inside; as ekonomi fetch the statement in the
     settings of the card Tidstorget under Integrationer, and post the payout.
  8. On a phone, or a narrow window, book a time at http://127.0.0.1:{port}/boka
     The receipt, with a calendar file, is soon among the letters, and what the facility is told of it.
  9. As kund, see and pay what is due: Mitt konto, Dina delbetalningar.
 10. As ekonomi, under Integrationer, activate 24SevenOffice: user, password and application ID are on its
     page. Under Försäljning › Att fakturera, invoice Sundby Bygg och Anläggning, which rented a tractor for
     three days. The invoice's Fakturatyp is Data för redovisning: post it, then Skicka faktura, and within
     a minute it is an order on the page of 24SevenOffice. Publish it there: Kontrollera status tells that it
     is not paid. Register its payment there, and Kontrollera status tells that it is.
 11. As disk, under Kassa, open the till: sell Årskort träning and a towel to Karin Forsberg by Betalning,
     Delbetala. The towel moves to a tab of its own, to be paid in cash, by card or by Swish.
"""
WELCOME_WITHOUT_COMPANY = """\
Odoo is at http://127.0.0.1:{port}/odoo
The letters that it sends are at http://127.0.0.1:{letters}/
Log in as admin with the password admin.
"""


SERVICES = {
    SERVER: "Odoo",
    bank.BANK: "the bank's simulator",
    accountant.ACCOUNTANT: "the accounting system's simulator",
    klarna.KLARNA: "Klarna's simulator",
    marketplace.MARKETPLACE: "the marketplace's simulator",
    sevenoffice.SEVENOFFICE: "24SevenOffice's simulator",
    letterbox.LETTERBOX: "the letter box",
}


def demo(port=None, reset=False):
    """Have the demo server running on an up-to-date demo database, and say how to use it."""
    with_company = our.DEMO in our.all_addons()
    with only_one(BUSY, "starting the demo"), prepared() as ground:
        name = f"{ground.server.prefix}_demo"
        running = SERVER.running()
        if reset or _outdated(ground, name) or (running and port and running["port"] != port):
            SERVER.end()
            running = None
        _bring_up_to_date(ground, name, reset)
        pdf = system.find_pdf_program() or (system.install("wkhtmltopdf") and system.find_pdf_program())
        other_side = bank.start(ground)["port"] if with_company else None
        books = accountant.start(ground)["port"] if with_company else None
        payments = klarna.start(ground)["port"] if with_company else None
        market = marketplace.start(ground)["port"] if with_company else None
        office = sevenoffice.start(ground)["port"] if with_company else None
        letters = letterbox.start(ground)
        variables = _variables(books, payments, office) if with_company else {}
        told = {"variables": variables, "options": letterbox.options(letters["smtp"])}
        if running and running.get("told") != told:
            port = port or running["port"]
            SERVER.end()
            running = None
        running = running or _start(ground, name, port, told)
        if with_company:
            marketplace.connect(market, running["port"])
    say()
    welcome = WELCOME if with_company else WELCOME_WITHOUT_COMPANY
    ports = {
        "port": running["port"],
        "bank": other_side,
        "books": books,
        "payments": payments,
        "market": market,
        "office": office,
        "letters": letters["port"],
    }
    say(welcome.format(**ports, answers=shown(bank.ANSWERS)))
    if not pdf:
        warn(f"PDFs need wkhtmltopdf: {system.how_to_install('wkhtmltopdf')}")
    say("./dev stop ends it; ./dev demo --reset begins anew.")


def _variables(books, payments, office):
    """The environment in which Odoo finds the simulators, by their ports."""
    return accountant.variables(books) | klarna.variables(payments) | sevenoffice.variables(office)


def _contents():
    return {name: addon.digest(databases.NOT_INSTALLED) for name, addon in our.for_business().items()}


def _outdated(ground, name):
    return read_json(STATE).get("addons") != _contents() or not ground.server.exists(name)


def _bring_up_to_date(ground, name, reset):
    """Make the demo database, or update the addons in it whose files have changed."""
    before = read_json(STATE).get("addons")
    contents = _contents()
    unplayed = our.DEMO in contents and not bank.FOLDER.is_dir()  # the bank's side is gone, or never was
    if reset or before is None or unplayed or not ground.server.exists(name):
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
        letterbox.begin_anew()
        if our.DEMO in our.all_addons():
            databases.install_demo(ground, making)
            bank.play(ground, making)
            accountant.begin_anew()
            klarna.begin_anew()
            marketplace.begin_anew()
            sevenoffice.begin_anew()
        databases.drop(ground, name)
        databases.rename(ground, making, name)


# -- the server -----------------------------------------------------------------------------------


def _start(ground: Ground, name, port, told):
    """Start Odoo, told where the others are: {"variables": of its environment, "options": of its command}."""
    chosen = free_port(port or FIRST_PORT)
    if port and chosen != port:
        warn(f"port {port} is taken; using {chosen}")
    with Step("Start Odoo"):
        arguments = ["server", "-d", name, "--http-port", chosen, "--no-database-list", *told["options"]]
        command, variables = ground.odoo_command(*arguments), ground.variables(**told["variables"])
        return SERVER.start(command, chosen, also={"told": told}, env=variables)


def stop():
    """End the demo's processes and the private cluster."""
    running = [(service, title) for service, title in SERVICES.items() if service.running()]
    for service, title in running:
        with Step(f"Stop {title}"):
            service.end()
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
