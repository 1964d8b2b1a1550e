"""What has become of many invoices at 24SevenOffice, beside writing to each in Odoo."""

from datetime import date
from decimal import Decimal

from .. import history, sevenoffice

_PAGE = 1000
_OWN = ("seven_order", "seven_state", "seven_identity")


class Flow:
    """Ours: ask for all orders that are not paid, and note what is new. Core: a reference on each."""

    title = "Check what is paid"
    sizes = (1000, 10000)

    def setup(self, env):
        self.simulator = sevenoffice.Simulator()
        connection = sevenoffice.set_up(env, self.simulator)
        self.connection_id = connection.id
        customer = sevenoffice.make_customers(env)[0]
        history.make_history(env, env["product.product"].create({"name": "Traktor"}), 500)
        move = env["account.move"].create(sevenoffice.invoices(env, customer, 1))
        move.action_post()
        numbers = self._save_orders(connection)
        names = [field.name for field in move._fields.values() if field.store and field.column_type]
        names = [name for name in names if name not in ("id", "name", *_OWN)]
        columns = ", ".join(f'"{name}"' for name in names)
        env.flush_all()
        env.cr.execute(
            f"""
            INSERT INTO account_move (name, {", ".join(_OWN)}, {columns})
            SELECT 'BENCH/' || number, number, 'order', %s, {columns}
              FROM account_move, unnest(%s) AS number
             WHERE id = %s
            """,
            (connection.sudo().seven_identity, numbers, move.id),
        )
        env.cr.execute("ANALYZE")

    def _save_orders(self, connection):
        office = connection.sudo()._get_service()
        product = connection._find_seven_product(office)
        [customer] = office.save_companies([{"Name": "Customer AB", "Type": "Business"}])
        row = {"Type": "Normal", "ProductId": product, "Name": "Traktor", "Quantity": 3}
        row |= {"Price": Decimal(sevenoffice.PRICE), "DiscountRate": Decimal(10)}
        row["TaxSettings"] = connection.seven_vat_ids.filtered(lambda code: code.rate == 25)._get_settings()
        order = {"CustomerId": customer.id, "IncludeVAT": False, "DateOrdered": date(2026, 11, 2)}
        order["InvoiceRows"] = [row]
        return [
            str(saved.id)
            for _part in range(max(self.sizes) // _PAGE)
            for saved in office.save_invoices([order] * _PAGE)
        ]

    def prepare(self, env, n):
        moves = env["account.move"].search([("seven_order", "!=", False)], limit=n, order="id")
        self.calls = self.simulator.count_calls()
        return moves

    def ours(self, env, data):
        connection = env["brp.connection"].browse(self.connection_id)
        connection._check_seven(data)
        return len(data)

    def core(self, env, data):
        for number, move in enumerate(data):
            move.ref = f"Seen {number}"
        return len(data)

    def check(self, env, data):
        env.invalidate_all()
        if set(data.mapped("seven_state")) != {"order"} or not all(data.mapped("seven_checked")):
            raise AssertionError("not all have been looked at")
        calls = self.simulator.count_calls() - self.calls
        if calls > 12:
            raise AssertionError(f"{calls} calls")
        return {"calls": calls}
