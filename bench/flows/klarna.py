"""A payout of twenty thousand transactions, fetched over HTTP and booked, beside its entries made by Odoo."""

import atexit
import json
import subprocess
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from odoo import Command

SIMULATORS = Path(__file__).resolve().parents[2] / "tests/simulators"
USER, PASSWORD = "K123456_brp", "brp-sandbox-secret"
DAYS = 30
FIRST = "2025-10-01"
# A sale is three transactions, and every tenth has a return besides.
PER_ORDER = 3.1


class Flow:
    """Ours: list, fetch and store the payout, make the vouchers of its days and its own, match them.

    Core: create and post the same entries, all of them in one call each. What Klarna does is done by its
    simulator, a process of its own.
    """

    title = "Fetch and book a Klarna payout"
    sizes = (2000, 20000)

    def setup(self, env):
        company = env.company
        env.ref("base.SEK").active = True
        company.write({"country_id": env.ref("base.se").id, "currency_id": env.ref("base.SEK").id})
        if not company.chart_template:
            env["account.chart.template"].try_loading("se_K3", company=company, install_demo=False)
        env["brp.connection"]._make_cards(company)
        connection = env["brp.connection"].search(
            [("provider", "=", "klarna"), ("company_id", "=", company.id)]
        )
        self.hosts = {size: _serve(round(size / PER_ORDER)) for size in self.sizes}
        connection.write(
            {
                "klarna_region": "host",
                "klarna_host": self.hosts[min(self.sizes)],
                "klarna_user": USER,
                "klarna_password": PASSWORD,
                "klarna_start_date": date.fromisoformat(FIRST),
            }
        )
        connection._set_up_klarna()
        connection._activate()
        env.cr.execute("ANALYZE")
        self.connection_id = connection.id
        self.entries = {}

    def prepare(self, env, n):
        """Return how many transactions there are, and the entries that they become."""
        # Another address is told the password anew.
        env["brp.connection"].browse(self.connection_id).write(
            {"klarna_host": self.hosts[n], "klarna_user": USER, "klarna_password": PASSWORD}
        )
        if n not in self.entries:
            savepoint = env.cr.savepoint()
            self.ours(env, (n, None))
            self.entries[n] = [_describe(move) for move in self.payout._get_moves().sorted("date")]
            savepoint.close(rollback=True)
            env.invalidate_all()
        return n, self.entries[n]

    def ours(self, env, data):
        self.phases = {}
        # As the scheduled jobs do it, which nobody in particular runs, but without their commits.
        env = env(su=True)
        connection = env["brp.connection"].browse(self.connection_id)
        with self._phase(env, "list"):
            payout = connection._fetch_klarna()
        exchange = (
            env["brp.exchange"]
            .search([("operation", "=", "klarna_payout"), ("res_id", "=", payout.id)])
            ._for_its_company()
        )
        with self._phase(env, "fetch"):
            outcome = exchange._deliver(False)
        if not outcome.delivered:
            raise AssertionError(outcome.error or outcome.fault or outcome.refusal)
        with self._phase(env, "store"):
            exchange._conclude(exchange.attempts, outcome)
        with self._phase(env, "book"):
            payout._post()
        self.payout, self.waited = payout, outcome.waited
        return data[0]

    def core(self, env, data):
        n, entries = data
        moves = env["account.move"].create(entries)
        moves.action_post()
        return n

    def check(self, env, data):
        """Return what the phases took; raise unless all is booked to the öre."""
        n, entries = data
        payout = self.payout
        env.invalidate_all()
        told = env["brp.payout.line"].search_count([("payout_id", "=", payout.id)])
        items = env["account.move.line"].search(
            [("account_id", "=", payout.channel_id.receivable_account_id.id), ("parent_state", "=", "posted")]
        )
        right = {
            "the payout is posted": payout.state == "posted",
            "it has the rows and the totals that Klarna tells": not payout.total_ids.filtered("difference"),
            "all rows are there": told > n * 0.99,
            "the receivable is zero": not round(sum(items.mapped("balance")), 2),
            "all of the receivable is matched": all(items.mapped("reconciled")),
            "the entries are those of before": [
                _describe(move) for move in payout._get_moves().sorted("date")
            ]
            == entries,
        }
        if not all(right.values()):
            raise AssertionError(f"not so: {', '.join(text for text, is_so in right.items() if not is_so)}")
        return {
            **self.phases,
            "waiting for the simulator": {"seconds": self.waited},
            "entries": len(entries),
            "items": sum(len(entry["line_ids"]) for entry in entries),
        }

    def check_core(self, env, data):
        """Raise unless Odoo's entries have what ours have."""
        moves = env["account.move"].search([("state", "=", "posted")])
        theirs, ours = ([_sums(entry) for entry in each] for each in (map(_describe, moves), data[1]))
        if sorted(theirs, key=str) != sorted(ours, key=str):
            raise AssertionError("Odoo's entries are not the same")

    def _phase(self, env, name):
        return _Phase(env.cr, self.phases, name)


class _Phase:
    """Notes the time and the queries of what is done within."""

    def __init__(self, cr, phases, name):
        self.cr, self.phases, self.name = cr, phases, name

    def __enter__(self):
        self.begun = time.perf_counter(), self.cr.sql_log_count

    def __exit__(self, *error):
        seconds, queries = self.begun
        self.phases[self.name] = {
            "seconds": time.perf_counter() - seconds,
            "queries": self.cr.sql_log_count - queries,
        }


def _serve(orders):
    """Have Klarna's simulator run with so many orders in one payout; return its address."""
    if str(SIMULATORS) not in sys.path:
        sys.path.append(str(SIMULATORS))
    from klarna.scenarios import many

    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(many(orders, DAYS, FIRST, every=DAYS + 1), file)
        file.flush()
        process = subprocess.Popen(
            [sys.executable, str(SIMULATORS / "klarna"), "serve", "--scenario", file.name],
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(process.wait)
        atexit.register(process.terminate)
        port = process.stdout.readline().rpartition(":")[2].strip()
    return f"http://127.0.0.1:{port}"


def _describe(move):
    """Return the values that make an entry once more."""
    return {
        "move_type": "entry",
        "journal_id": move.journal_id.id,
        "date": move.date,
        "ref": move.ref,
        "line_ids": [
            Command.create(
                {
                    "account_id": item.account_id.id,
                    "name": item.name,
                    "balance": item.balance,
                    "amount_currency": item.amount_currency,
                    "currency_id": item.currency_id.id,
                    "tax_ids": [Command.set(item.tax_ids.ids)],
                    "tax_tag_ids": [Command.set(item.tax_tag_ids.ids)],
                    "tax_repartition_line_id": item.tax_repartition_line_id.id,
                    "tax_base_amount": item.tax_base_amount,
                }
            )
            for item in move.line_ids.sorted("id")
        ],
    }


def _sums(entry):
    """Return {(account, taxes, tags): balance} of an entry, with its date."""
    sums = {}
    for _create, _id, item in entry["line_ids"]:
        key = item["account_id"], str(item["tax_ids"]), str(item["tax_tag_ids"])
        sums[key] = round(sums.get(key, 0) + item["balance"], 2)
    return str(entry["date"]), sorted((*key, amount) for key, amount in sums.items() if amount)
