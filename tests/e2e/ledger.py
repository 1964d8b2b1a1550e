"""What the month has come to: Odoo's ledger in SQL, and each outside service by its own account."""

from collections import Counter
from decimal import Decimal

from . import figures

_BALANCES = """
    SELECT account.code_store ->> '1', sum(line.balance)
    FROM account_move_line line JOIN account_account account ON account.id = line.account_id
    WHERE line.parent_state = 'posted' GROUP BY 1
"""
_UNBALANCED = """
    SELECT move.name, sum(line.balance)
    FROM account_move_line line JOIN account_move move ON move.id = line.move_id
    WHERE move.state = 'posted' GROUP BY move.id, move.name HAVING sum(line.balance) <> 0
"""
# Each journal item that is to be told is told, and what is told is what is booked.
_EXPORTED = """
    SELECT line.code, sum(item.amount)
    FROM brp_accounting_item item JOIN brp_accounting_voucher_line line ON line.id = item.line_id GROUP BY 1
"""
_NOT_EXPORTED = """
    SELECT move.name, line.balance
    FROM account_move_line line JOIN account_move move ON move.id = line.move_id
    WHERE move.state = 'posted' AND line.balance <> 0 AND NOT EXISTS (
        SELECT FROM brp_accounting_item item WHERE item.move_line_id = line.id AND item.stands
    )
"""
_TWICE_EXPORTED = """
    SELECT move_line_id, count(*) FROM brp_accounting_item WHERE stands GROUP BY 1 HAVING count(*) > 1
"""
_UNDER_WAY = "SELECT operation, state, error FROM brp_exchange WHERE state NOT IN ('done', 'cancelled')"
_BOOKINGS = "SELECT name FROM brp_booking WHERE connection_id IS NOT NULL"


def check(world):
    """Return what is not as it should be, in lines; empty when all is well."""
    wrong = []

    def compare(what, found, expected):
        for key in sorted({*found, *expected}):
            if found.get(key, 0) != expected.get(key, 0):
                wrong.append(f"{what} {key}: {found.get(key, 0)}, should be {expected.get(key, 0)}")

    def none(what, found):
        wrong.extend(f"{what}: {thing}" for thing in found)

    ledger = _not_nothing(world.rows(_BALANCES))
    compare("Odoo's account", ledger, figures.ledger())
    none("does not balance", world.rows(_UNBALANCED))
    told = world.service("books", "/state")
    books = _books(told)
    compare("Björn Lundén's account", books, figures.books())
    compare("by the mapping, account", _not_nothing(world.rows(_EXPORTED)), books)
    none("not exported", world.rows(_NOT_EXPORTED))
    none("exported twice", world.rows(_TWICE_EXPORTED))
    none("not delivered", world.rows(_UNDER_WAY))
    none("twice at Björn Lundén", told["duplicates"])
    bank = world.service("bank", "/state")
    none("twice at the bank", [bank[name] for name in ("duplicates", "executed_twice") if bank[name]])
    sold = Counter(purchase["order_number"] for purchase in world.service("market", "/state")["purchases"])
    compare("bookings of the marketplace,", Counter(name for (name,) in world.rows(_BOOKINGS)), sold)
    office = world.service("office", "/state")
    none("twice at 24SevenOffice", office["duplicates"])
    none("against 24SevenOffice's description", office["breaches"])
    return wrong


def _not_nothing(rows):
    return {account: Decimal(amount) for account, amount in rows if amount}


def _books(told):
    """The balances at Björn Lundén, by what it has booked."""
    sums = Counter()
    for voucher in told["companies"][0]["vouchers"]:
        for row in voucher["ledgerEntries"]:
            sums[row["accountId"]] += Decimal(str(row["amount"]))
    return {account: amount for account, amount in sums.items() if amount}
