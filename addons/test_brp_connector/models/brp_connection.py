from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.brp_connector.models.brp_connection import Provider
from odoo.addons.brp_connector.models.brp_exchange import Delivered
from odoo.addons.brp_connector.service import Service, ServiceError

#: What is told of one by one, and several at once
_OPERATIONS = ("thing", "things")
BATCH = 10


class Connection(models.Model):
    """Takes things to the faulty service of the simulators."""

    _inherit = "brp.connection"

    provider = fields.Selection(
        selection_add=[("faulty", "Faulty"), ("shops", "Shops")],
        ondelete={"faulty": "cascade", "shops": "cascade"},
    )
    faulty_address = fields.Char()
    faulty_secret = fields.Char(groups="base.group_system", copy=False)
    faulty_patience = fields.Float(default=0.4, help="Seconds to wait for the next byte of an answer.")

    @api.model
    def _get_providers(self):
        return super()._get_providers() | {
            "faulty": Provider(description="Takes things", logo="/brp_connector/static/description/icon.png"),
            "shops": Provider(
                description="A company has several",
                logo="/brp_connector/static/description/icon.png",
                several=True,
                manual_export=True,
            ),
        }

    def _get_activation_action(self):
        if self.provider not in ("faulty", "shops"):
            return super()._get_activation_action()
        self.sudo()._activate()
        return {"type": "ir.actions.act_window_close"}

    def _get_manual_export_action(self):
        if self.provider != "shops":
            return super()._get_manual_export_action()
        return {"type": "ir.actions.client", "tag": "reload"}

    def _get_service(self, on_exchange=None):
        if self.provider not in ("faulty", "shops"):
            return super()._get_service(on_exchange)
        secret = self.sudo().faulty_secret
        return Service(
            self.faulty_address,
            secrets=(secret,),
            on_exchange=on_exchange,
            connect_timeout=2,
            read_timeout=self.faulty_patience,
            total_timeout=2 * self.faulty_patience,
            max_answer=100_000,
            backoff=0.01,
        )

    def _test(self):
        if self.provider not in ("faulty", "shops"):
            return super()._test()
        count = len(self._get_service().send("GET", "/things").json()["things"])
        return self.env._("It has %s things.", count)

    def _get_batch_size(self, operation):
        return BATCH if operation == "things" else super()._get_batch_size(operation)

    def _send_exchange(self, service, exchange):
        if exchange.operation not in _OPERATIONS:
            return super()._send_exchange(service, exchange)
        return Delivered(str(self._post_things(service, self._make_thing(exchange))["id"]))

    def _send_exchanges(self, service, exchanges):
        if exchanges[:1].operation != "things":
            return super()._send_exchanges(service, exchanges)
        results, things = {}, {}
        for exchange in exchanges:
            try:
                things[exchange] = self._make_thing(exchange)
            except UserError as error:
                results[exchange] = error
        told = self._post_things(service, {"things": list(things.values())})["results"] if things else []
        for exchange, one in zip(things, told, strict=True):
            if error := one.get("error"):
                results[exchange] = ServiceError("status", "ours", "yes", words=error["message"])
            else:
                results[exchange] = Delivered(str(one["id"]))
        return results

    def _make_thing(self, exchange):
        return {"key": exchange.key, "value": exchange._get_record().name}

    def _post_things(self, service, body):
        authorization = {"Authorization": f"Bearer {self.sudo().faulty_secret}"}
        return service.send("POST", "/things", json=body, headers=authorization).json()

    def _look_up_exchange(self, service, exchange):
        if exchange.operation not in _OPERATIONS:
            return super()._look_up_exchange(service, exchange)
        return self._find_things(service, exchange).get(exchange)

    def _look_up_exchanges(self, service, exchanges):
        if exchanges[:1].operation != "things":
            return super()._look_up_exchanges(service, exchanges)
        return self._find_things(service, exchanges)

    def _find_things(self, service, exchanges):
        keys = [("key", exchange.key) for exchange in exchanges]
        there = {
            thing["key"]: thing["id"]
            for thing in service.send("GET", "/things", params=keys).json()["things"]
        }
        return {one: Delivered(str(there[one.key])) for one in exchanges if one.key in there}

    def _finish_exchange(self, exchange, delivered):
        if exchange.operation in _OPERATIONS:
            exchange._get_record().write({"ref": delivered.reference})
        return super()._finish_exchange(exchange, delivered)

    def _is_closed_by(self, error):
        if self.provider in ("faulty", "shops") and error.status == 410:
            return True
        return super()._is_closed_by(error)
