from odoo import models
from odoo.exceptions import UserError

from odoo.addons.brp_connector.models.brp_exchange import Delivered
from odoo.addons.brp_connector.service import ServiceError

from ..soap import INVOICE_PROPERTIES, MessageError, write
from .office import as_service_error

_BATCH = 100
#: What is told of an order that is looked for
_FOUND = (*INVOICE_PROPERTIES, "ExternalStatus")


class Connection(models.Model):
    """Invoices handed over to 24SevenOffice as orders, up to a hundred in a call."""

    _inherit = "brp.connection"

    def _find_seven(self, company):
        """Return the connection of a company.

        :raises UserError: it has none that works
        """
        connection = self.search([("provider", "=", "24seven"), ("company_id", "=", company.id)], limit=1)
        if connection.state != "active":
            raise UserError(
                self.env._(
                    "%s is not connected to 24SevenOffice: activate it under Integrations.", company.name
                )
            )
        return connection

    def _send_seven_waiting(self):
        """Hand over all posted data for accounting that is not there yet."""
        moves = self.env["account.move"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "=", "posted"),
                ("seven_type", "=", "accounting"),
                ("seven_order", "=", False),
                ("seven_state", "in", (False, "deleted")),
            ]
        )
        if not moves:
            raise UserError(self.env._("Everything that is data for accounting has been handed over."))
        return moves.action_seven_send()

    def _get_batch_size(self, operation):
        return _BATCH if operation == "24seven_order" else super()._get_batch_size(operation)

    # === ONE IS AS MANY === #

    def _send_exchange(self, service, exchange):
        if exchange.operation != "24seven_order":
            return super()._send_exchange(service, exchange)
        result = self._send_exchanges(service, exchange)[exchange]
        if isinstance(result, Exception):
            raise result
        return result

    def _look_up_exchange(self, service, exchange):
        if exchange.operation != "24seven_order":
            return super()._look_up_exchange(service, exchange)
        return self._look_up_exchanges(service, exchange).get(exchange)

    # === LOOKING FOR WHAT MAY HAVE ARRIVED === #

    def _look_up_exchanges(self, service, exchanges):
        if exchanges[:1].operation != "24seven_order":
            return super()._look_up_exchanges(service, exchanges)
        # An order that is known is only brought up to date, which may be done twice.
        new = {exchange: exchange._get_record() for exchange in exchanges}
        new = {exchange: move for exchange, move in new.items() if not move.seven_order}
        if not new:
            return {}
        numbers = [move.id for move in new.values()]
        there = {
            order["ExternalStatus"]: order
            for order in service.find_invoices(_FOUND, ExternalStatus=numbers)
        }
        found = {}
        for exchange, move in new.items():
            order = there.get(move.id)
            # Somebody else may use the same numbers for something else.
            if order and order["ReferenceNumber"] == move.name[:50]:
                found[exchange] = self._make_delivered(move, order["OrderId"], order, {})
        return found

    # === SENDING === #

    def _send_exchanges(self, service, exchanges):
        if exchanges[:1].operation != "24seven_order":
            return super()._send_exchanges(service, exchanges)
        results, ready = {}, {}
        for exchange in exchanges:
            move = exchange._get_record()
            try:
                move._check_may_go_to_seven()
            except UserError as error:
                results[exchange] = error
            else:
                ready[exchange] = move
        if not ready:
            return results
        product = self._find_seven_product(service)
        contacts = {move.partner_id._get_seven_customer(): move.partner_id for move in ready.values()}
        numbers, errors = self._find_seven_customers(service, contacts)
        orders, rows = {}, self._get_seven_rows(service, ready.values())
        for exchange, move in ready.items():
            customer = move.partner_id._get_seven_customer()
            if customer in errors:
                results[exchange] = errors[customer]
                continue
            try:
                order = move._get_seven_order(self, numbers[customer], product)
                order = self._make_update(move, order, rows)
                # One that cannot be written is not to keep the others back.
                write("SaveInvoices", {"invoices": [order]})
            except UserError as error:
                results[exchange] = error
            except MessageError as error:
                results[exchange] = as_service_error(error)
            else:
                orders[exchange] = order
        saved = dict(zip(orders, service.save_invoices(list(orders.values())), strict=True))
        told = self._read_back(service, [one.id for one in saved.values() if not one.error])
        for exchange, one in saved.items():
            if one.error:
                results[exchange] = self._make_item_error(one.error)
                continue
            move = ready[exchange]
            customer = move.partner_id._get_seven_customer()
            data = {"customer": [customer.id, numbers[customer]], "product": product}
            results[exchange] = self._make_delivered(move, one.id, told.get(one.id), data)
        return results

    def _make_delivered(self, move, number, told, data):
        """Return that an invoice is there.

        :param told: the order as it was read back, None when that did not work
        """
        totals = {name: str(told[name] or 0) for name in ("OrderTotalIncVat", "OrderTotalVat")} if told else {}
        more = {"fingerprint": move._get_seven_fingerprint(), "totals": totals}
        return Delivered(str(number), data | more)

    def _get_seven_rows(self, service, moves):
        """Return {order: its rows' numbers} of the orders that are there already."""
        known = [int(move.seven_order) for move in moves if move.seven_order]
        if not known:
            return {}
        orders = service.get_invoices(known, ("OrderId", "InvoiceId"), ("RowId",))
        return {
            order["OrderId"]: (order["InvoiceId"], [row["RowId"] for row in order["InvoiceRows"] or ()])
            for order in orders
        }

    def _make_update(self, move, order, rows):
        """Return an order that takes the place of the one that is there, if there is one.

        :raises UserError: it has been published, and cannot be changed
        """
        if not move.seven_order or int(move.seven_order) not in rows:
            return order
        number = int(move.seven_order)
        invoice, old = rows[number]
        if invoice:
            raise UserError(
                self.env._(
                    "%(name)s is published at 24SevenOffice as invoice %(number)s and cannot be changed"
                    " there. Credit it.",
                    name=move.name,
                    number=invoice,
                )
            )
        gone = [{"RowId": row, "ChangeState": "Delete"} for row in old]
        new = [row | {"ChangeState": "Add"} for row in order["InvoiceRows"]]
        return order | {"OrderId": number, "InvoiceRows": gone + new}

    def _read_back(self, service, numbers):
        """Return {number: order} as they are there now; nothing when that does not work.

        They are there: what is not compared now is compared when their status is checked.
        """
        try:
            return {order["OrderId"]: order for order in service.get_invoices(numbers)} if numbers else {}
        except ServiceError:
            return {}

    def _finish_exchange(self, exchange, delivered):
        super()._finish_exchange(exchange, delivered)
        if exchange.operation != "24seven_order":
            return
        move, data = exchange._get_record(), delivered.data
        totals = data["totals"]
        move.write(
            {
                "seven_order": delivered.reference,
                "seven_state": "order",
                "seven_fingerprint": data["fingerprint"],
                "seven_round": move.seven_round + 1,
                "seven_difference": totals
                and move._compare_with_seven(totals["OrderTotalIncVat"], totals["OrderTotalVat"]),
                "is_move_sent": True,
            }
        )
        if customer := data.get("customer"):
            partner, number = customer
            self.env["brp.24seven.customer"]._remember(
                self, self.env["res.partner"].browse(partner), number
            )
        if product := data.get("product"):
            self._write_changed({"seven_product_id": product})

    def _give_up_exchange(self, exchange):
        super()._give_up_exchange(exchange)
        if exchange.operation == "24seven_order":
            move = exchange._get_record().exists()
            move.filtered(lambda move: move.seven_state == "waiting").seven_state = False

    # === THE PRODUCT === #

    def _find_seven_product(self, office):
        """Return the number of the product that all lines are of, which is made if need be."""
        name, category = self.seven_product.strip(), self.seven_category.strip()
        if self.seven_product_id:
            known = office.get_products(ProductIds=[self.seven_product_id])
            if any(one["Id"] == self.seven_product_id and one["Name"] == name for one in known):
                return self.seven_product_id
        found = [one for one in office.get_products(Name=name) if one["Name"] == name]
        found.sort(key=lambda one: (one["StatusId"] != 1, one["Id"]))
        if found:
            return found[0]["Id"]
        return self._saved(
            office.save_products([{"Name": name, "CategoryId": self._find_seven_category(office, category)}])
        )

    def _find_seven_category(self, office, name):
        found = [one["Id"] for one in office.get_categories() if one["Name"] == name]
        return min(found) if found else self._saved(office.save_categories([{"Name": name}]))

    def _saved(self, results):
        """Return the number of the one thing that was saved."""
        [one] = results
        if one.error:
            raise self._make_item_error(one.error)
        return one.id
