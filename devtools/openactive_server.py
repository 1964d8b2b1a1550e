"""`./dev openactive`: a server with a fresh database for OpenActive's own test suite to be run against."""

import json
import os

from . import databases
from .console import DevError, Step, say, shown, warn
from .ground import CONFIG, Ground, prepared
from .service import Service, free_port
from .workspace import DEV, LOGS

ADDON = "test_brp_openactive"
SERVER = Service(
    "Odoo",
    record=DEV / "openactive-server.json",
    log=LOGS / "openactive-server.log",
    mark=CONFIG,
    page="/openactive/1/feeds/slots",
)
FIRST_PORT = 8090
TOKEN = "test-suite"  # of a database that is gone with the server

WELCOME = """\
Base address     {base}/api
Data set site    {base}
Seller           {base}/sellers/1
Token            {token}

In the configuration of the test suite:
{configuration}

Ctrl-C ends the server and removes its database."""

# What the suite calls it: true is tested, false is tested not to be there, null is left out.
FEATURES = {
    "agent-broker": True,
    "amending-order-quote": True,
    "availability-check": True,
    "booking-window": True,
    "business-to-consumer-tax-calculation-gross": True,
    "cancellation-window": True,
    "common-error-conditions": True,
    "customer-requested-cancellation": True,
    "dataset-site": True,
    "free-opportunities": True,
    "named-leasing": True,
    "non-free-opportunities": True,
    "order-deletion": True,
    "prepayment-required": True,
    "seller-requested-cancellation": True,
    "seller-requested-cancellation-message": True,
    "single-seller": True,
    "test-interface": True,
    "anonymous-leasing": False,
    "payment-reconciliation-detail-validation": False,
}


def serve(port=None):
    """The command: serve a fresh database until somebody presses Ctrl-C."""
    with prepared() as ground:
        installed = databases.with_addons(ground)
        with databases.throw_away(ground, installed.name, "openactive") as database:
            chosen = free_port(port or FIRST_PORT)
            if port and chosen != port:
                warn(f"port {port} is taken; using {chosen}")
            site = f"http://localhost:{chosen}"
            _install(ground, database, site)
            with Step("Start Odoo"):
                SERVER.start(_command(ground, database, chosen), chosen, env=_variables(ground))
            try:
                base = f"{site}/openactive/1"
                told = json.dumps(configuration(base), indent=2)
                say()
                say(WELCOME.format(base=base, token=TOKEN, configuration=told))
                _wait()
            except KeyboardInterrupt:
                say()
            finally:
                SERVER.end()


def _install(ground: Ground, database, site):
    """Install the test interface, which sets up a company with a hall; its addresses are the server's."""
    ground.server.query(
        f"INSERT INTO ir_config_parameter (key, value) VALUES ('brp_openactive.site', '{site}')"
        " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        database,
    )
    arguments = ["server", "-d", database, "-i", ADDON, "--stop-after-init", "--no-http"]
    with Step("Set up a company and its hall") as step:
        variables = {**databases.FOR_TESTS, "BRP_OPENACTIVE_TOKEN": TOKEN}
        what = f"installing {ADDON}"
        ground.odoo(*arguments, log="install-openactive", step=step, what=what, variables=variables)


def _command(ground: Ground, database, port):
    return ground.odoo_command("server", "-d", database, "--http-port", port, "--no-database-list")


def _variables(ground: Ground):
    return ground.variables(**databases.FOR_TESTS)


def _wait():
    """Wait until somebody presses Ctrl-C. Raises DevError when the server ends by itself."""
    os.waitpid(SERVER.running()["pid"], 0)
    raise DevError(f"the server has ended; its log is {shown(SERVER.log)}")


def configuration(base, token=TOKEN):
    """Return what stands in the suite's configuration of a server.

    :param base: the data set site, to which all addresses belong
    """
    headers = {"Authorization": f"Bearer {token}"}
    return {
        "ci": True,
        "broker": {
            "datasetSiteUrl": base,
            "bookingPartners": {
                "primary": {
                    "authentication": {"initialAccessToken": None, "ordersFeedRequestHeaders": headers}
                },
                "secondary": None,
            },
        },
        "sellers": {
            "primary": {
                "@type": "Organization",
                "@id": f"{base}/sellers/1",
                "authentication": {"loginCredentials": None, "requestHeaders": headers},
                "taxMode": "https://openactive.io/TaxGross",
                "paymentReconciliationDetails": None,
            },
            "secondary": None,
        },
        "integrationTests": {
            "useRandomOpportunities": False,
            "bookableOpportunityTypesInScope": {"FacilityUseSlot": True, "IndividualFacilityUseSlot": True},
            "bookingFlowsInScope": {"OpenBookingSimpleFlow": True, "OpenBookingApprovalFlow": False},
            "implementedFeatures": FEATURES,
        },
    }
