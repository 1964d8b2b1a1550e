from odoo import models
from odoo.exceptions import UserError

from odoo.addons.brp_connector.models.brp_exchange import Delivered
from odoo.addons.brp_connector.service import TOTAL_TIMEOUT, ServiceError

from ..soap import INVOICE_PROPERTIES, AnswerError, MessageError, search_text, write
from .office import as_service_error

_BATCH = 100
#: What is told of an order that is looked for
_FOUND = (*INVOICE_PROPERTIES, "ExternalStatus")


class Connection(models.Model):
    """Invoices handed over to 24SevenOffice as orders, up to a hundred in a call."""

    _inherit = "brp.connection"

    def _find_seven(self, company):
        """Return the connection of a company: its own, or that of the company that it is a branch of.

        :raises UserError: it has none that works
        """
        connection = self._find_seven_connected(company)
        if connection.state != "active":
            raise UserError(
                self.env._(
                    "%s is not connected to 24SevenOffice: activate it under Integrations.", company.name
                )
            )
        return connection

    def _find_seven_connected(self, company):
        """Return the connection of a company, which may be paused; none when there is none."""
        connections = self.search(
            [
                ("provider", "=", "24seven"),
                ("company_id", "in", company.parent_ids.ids),
                ("state", "in", ("active", "paused")),
            ]
        )
        by_company = {connection.company_id: connection for connection in connections}
        # From the branch upwards
        return next(
            (by_company[each] for each in reversed(company.parent_ids) if each in by_company), self.browse()
        )

    def _get_seven_branches(self):
        """Return the companies whose invoices are handed over here: the connection's own and its branches."""
        self.ensure_one()
        companies = self.env["res.company"].sudo().search([("id", "child_of", self.company_id.id)])
        return companies.filtered(lambda company: self._find_seven_connected(company) == self)

    def _find_seven_waiting(self, states=(False,)):
        """Return all posted data for accounting that is not there yet."""
        return self.env["account.move"].search(
            [
                ("company_id", "in", self._get_seven_branches().ids),
                ("state", "=", "posted"),
                ("seven_type", "=", "accounting"),
                ("seven_order", "=", False),
                ("seven_state", "in", states),
            ]
        )

    def _show_seven_waiting(self):
        """Show all posted data for accounting that is not there, or not any more, to be handed over."""
        moves = self._find_seven_waiting((False, "deleted"))
        if not moves:
            raise UserError(self.env._("Everything that is data for accounting has been handed over."))
        action = self.env["ir.actions.actions"]._for_xml_id("account.action_move_out_invoice_type")
        return action | {
            "name": self.env._("To Hand Over"),
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", moves.ids)],
            "context": {"create": False},
        }

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

    def _get_seven_moves(self, exchanges):
        """Return {exchange: its invoice}, none for one that is gone; they are read together."""
        moves = self.env["account.move"].browse(exchanges.mapped("res_id")).exists()
        by_id = {move.id: move for move in moves}
        return {exchange: by_id.get(exchange.res_id, moves.browse()) for exchange in exchanges}

    def _look_up_exchanges(self, service, exchanges):
        if exchanges[:1].operation != "24seven_order":
            return super()._look_up_exchanges(service, exchanges)
        moves = self._get_seven_moves(exchanges)
        numbers = [move.id for move in moves.values() if move]
        there = service.find_invoices(_FOUND, ExternalStatus=numbers) if numbers else []
        found = {}
        for exchange, move in moves.items():
            orders = {order["OrderId"]: order for order in there if order["ExternalStatus"] == move.id}
            # An order that is known is only brought up to date, which may be done twice.
            if not move or move._get_seven_number(self) in orders:
                continue
            for number, order in orders.items():
                # Somebody else may use the same numbers for something else.
                if exchange._is_seven_order(order, move):
                    found[exchange] = self._make_delivered(
                        move, number, order, exchange._get_seven_data(move)
                    )
        return found

    # === SENDING === #

    def _send_exchanges(self, service, exchanges):
        if exchanges[:1].operation != "24seven_order":
            return super()._send_exchanges(service, exchanges)
        results, ready = {}, {}
        for exchange, move in self._get_seven_moves(exchanges).items():
            try:
                # One that is gone says so.
                (move or exchange._get_record())._check_may_go_to_seven()
            except UserError as error:
                results[exchange] = error
            else:
                ready[exchange] = move
        if not ready:
            return results
        product = self._find_seven_product(service)
        contacts = {move.partner_id._get_seven_customer(): move.partner_id for move in ready.values()}
        numbers, errors = self._find_seven_customers(service, contacts)
        orders, there = {}, self._get_seven_there(service, ready.values())
        for exchange, move in ready.items():
            customer = move.partner_id._get_seven_customer()
            if customer in errors:
                results[exchange] = errors[customer]
                continue
            try:
                order = move._get_seven_order(self, numbers[customer], product)
                order |= self._make_reference(move, there)
                order = self._make_update(move, order, there)
                # One that cannot be written is not to keep the others back.
                write("SaveInvoices", {"invoices": [order]})
            except UserError as error:
                results[exchange] = error
            except MessageError as error:
                results[exchange] = as_service_error(error, self.env.lang)
            else:
                orders[exchange] = order
        exchanges._check_time_left(TOTAL_TIMEOUT)
        saved = dict(zip(orders, service.save_invoices(list(orders.values())), strict=True))
        told = self._read_back([one.id for one in saved.values() if not one.error])
        for exchange, one in saved.items():
            if one.error:
                results[exchange] = self._make_item_error(one.error)
                continue
            move = ready[exchange]
            order = told.get(one.id)
            if order and order["ExternalStatus"] not in (None, move.id):
                # Which one it became is looked up.
                results[exchange] = as_service_error(
                    AnswerError("other", "SaveInvoicesResult"), self.env.lang
                )
                continue
            customer = move.partner_id._get_seven_customer()
            data = {
                "customer": [customer.id, numbers[customer]],
                "product": product,
                "fingerprint": move._get_seven_fingerprint(),
            }
            results[exchange] = self._make_delivered(move, one.id, order, data)
        return results

    def _make_delivered(self, move, number, told, data):
        """Return that an invoice is there.

        :param told: the order as it was read back, None when that did not work
        """
        totals = (
            {name: str(told[name] or 0) for name in ("OrderTotalIncVat", "OrderTotalVat")} if told else {}
        )
        return Delivered(str(number), data | {"totals": totals, "identity": self.sudo().seven_identity})

    def _get_seven_there(self, service, moves):
        """Return {order: (its invoice, its rows' numbers)} of what is there, also of what is credited."""
        known = {
            number
            for move in moves
            for number in (move._get_seven_number(self), move.reversed_entry_id._get_seven_number(self))
            if number
        }
        if not known:
            return {}
        orders = service.get_invoices(known, ("OrderId", "InvoiceId"), ("RowId",))
        return {
            order["OrderId"]: (order["InvoiceId"], [row["RowId"] for row in order["InvoiceRows"] or ()])
            for order in orders
        }

    def _make_reference(self, move, there):
        """Return which invoice a credit note is for; 24SevenOffice takes no order that is not published."""
        number = move.reversed_entry_id._get_seven_number(self)
        invoice, _rows = there.get(number, (None, ()))
        return {"ReferenceInvoiceId": invoice, "ReferenceOrderId": number} if invoice else {}

    def _make_update(self, move, order, there):
        """Return an order that takes the place of the one that is there, if there is one.

        :raises UserError: it has been published, and cannot be changed
        """
        number = move._get_seven_number(self)
        if number not in there:
            return order
        invoice, old = there[number]
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
        # What is not told stays as it is there, also the currency.
        ours = {"Rate": 1, "Unit": 1, "Symbol": move.company_currency_id.name}
        return {"Currency": ours} | order | {"OrderId": number, "InvoiceRows": gone + new}

    def _read_back(self, numbers):
        """Return {number: order} as they are there now; nothing when that does not work.

        They are there: what is not compared now is compared when their status is checked.
        """
        if not numbers:
            return {}
        # With a service of its own: the exchange is to show how the orders were saved, not this.
        try:
            orders = self._get_service().get_invoices(numbers, _FOUND)
            return {order["OrderId"]: order for order in orders}
        except ServiceError:
            return {}

    def _finish_exchange(self, exchange, delivered):
        super()._finish_exchange(exchange, delivered)
        if exchange.operation != "24seven_order":
            return
        move, data = exchange._get_record(), delivered.data
        totals = data["totals"]
        move._write_seven(
            {
                "seven_order": delivered.reference,
                "seven_identity": data["identity"],
                "seven_state": "order",
                "seven_fingerprint": data["fingerprint"],
                "seven_round": move.seven_round + 1,
                "seven_difference": totals
                and move._compare_with_seven(totals["OrderTotalIncVat"], totals["OrderTotalVat"]),
                "is_move_sent": True,
            }
        )
        if not data["fingerprint"] and move._is_for_seven():
            move._enqueue_to_seven(self)
        if customer := data.get("customer"):
            partner, number = customer
            self.env["brp.24seven.customer"]._remember(self, self.env["res.partner"].browse(partner), number)
        if product := data.get("product"):
            self._write_changed({"seven_product_id": product})

    def _give_up_exchange(self, exchange):
        if exchange.operation == "24seven_order":
            move = exchange._get_record().exists()
            if move.seven_state == "waiting":
                move._write_seven({"seven_state": "order" if move.seven_order else False})
        return super()._give_up_exchange(exchange)

    # === THE PRODUCT === #

    def _find_seven_product(self, office):
        """Return the number of the product that all lines are of, which is made if need be."""
        name, category = self.seven_product.strip(), self.seven_category.strip()
        if self.seven_product_id:
            known = office.get_products(ProductIds=[self.seven_product_id])
            if any(one["Id"] == self.seven_product_id and one["Name"] == name for one in known):
                return self.seven_product_id
        self._wait_for_turn()
        found = [one for one in office.get_products(Name=search_text(name)) if one["Name"] == name]
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
