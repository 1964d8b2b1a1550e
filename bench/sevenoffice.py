"""A company connected to 24SevenOffice's simulator, for what is measured of handing invoices over."""

import atexit
import json
import subprocess
import sys
import urllib.request
from pathlib import Path

from odoo import Command

SIMULATOR = Path(__file__).resolve().parents[1] / "tests/simulators/sevenoffice"
COMPANY = "Bench AB"
USER, PASSWORD = "api@example.com", "brp-sandbox-secret"
APPLICATION = "5b1f1c1e-24f0-4c7e-9a55-2d6f0b3c8a11"
CUSTOMERS = 300
PRICE = 1000
TAX = "25 %, bench"


class Simulator:
    """The simulator in a process of its own, which ends with ours."""

    def __init__(self):
        login = ["--user", USER, "--password", PASSWORD, "--application", APPLICATION]
        process = subprocess.Popen(
            [sys.executable, str(SIMULATOR), "serve", "--port", "0", "--company", COMPANY, *login],
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(process.wait)
        atexit.register(process.terminate)
        port = process.stdout.readline().rpartition(":")[2].strip().rstrip("/")
        self.address = f"http://127.0.0.1:{port}"
        self.begin_anew()

    def tell(self, control, **told):
        """Have it do something that is not part of the service."""
        request = urllib.request.Request(
            f"{self.address}/control/{control}",
            json.dumps(told).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def begin_anew(self):
        """Have it forget everything."""
        self.tell("reset")
        self.tell("settings", logins_per_minute=0, hourly_limit=0)

    def count_calls(self):
        """Return how many calls it has answered."""
        with urllib.request.urlopen(f"{self.address}/state", timeout=60) as answer:
            hours = json.load(answer)["counters"]
        return sum(sum(hour.values()) for hour in hours.values())


def set_up(env, simulator):
    """Connect the company; return the connection."""
    company = env.company
    env.ref("base.SEK").active = True
    company.write({"country_id": env.ref("base.se").id, "currency_id": env.ref("base.SEK").id})
    if not company.chart_template:
        env["account.chart.template"].try_loading("se_K3", company=company, install_demo=False)
    env["account.tax"].create({"name": TAX, "amount": 25, "type_tax_use": "sale", "company_id": company.id})
    env["brp.connection"]._make_cards(company)
    connection = env["brp.connection"].search([("provider", "=", "24seven"), ("company_id", "=", company.id)])
    connection.seven_address = simulator.address
    # Calls are counted in transactions of their own, which have to see the connection.
    env.cr.commit()
    wizard = env["brp.24seven.activate"].create(
        {"connection_id": connection.id, "user": USER, "password": PASSWORD, "application": APPLICATION}
    )
    while wizard.step != "done":
        step = wizard.step
        wizard.action_next()
        if wizard.step == step:
            raise AssertionError(wizard.refusal)
    env.cr.commit()
    return connection


def make_customers(env):
    """Make organisations that are invoiced by data for accounting."""
    return env["res.partner"].create(
        [
            {
                "name": f"Customer {number} AB",
                "is_company": True,
                "company_registry": f"559{number:03}-0001",
                "email": f"customer{number}@example.com",
                "street": f"Street {number}",
                "zip": "123 45",
                "city": "Sundby",
                "country_id": env.ref("base.se").id,
                "seven_type": "accounting",
            }
            for number in range(CUSTOMERS)
        ]
    )


def invoices(env, customers, count):
    """Return the values of invoices, one rented line each."""
    tax = env["account.tax"].search([("name", "=", TAX)])
    return [
        {
            "move_type": "out_invoice",
            "partner_id": customers[number % len(customers)].id,
            "invoice_date": "2026-11-02",
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": "Traktor",
                        "price_unit": PRICE,
                        "quantity": 3,
                        "discount": 10,
                        "tax_ids": [Command.set(tax.ids)],
                        "rent_start": "2026-11-02",
                        "rent_stop": "2026-11-04",
                    }
                )
            ],
        }
        for number in range(count)
    ]
