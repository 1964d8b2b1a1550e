from odoo import api, fields, models

from odoo.addons.brp_connector.models.brp_connection import Provider
from odoo.addons.brp_connector.models.brp_exchange import Delivered
from odoo.addons.brp_connector.service import Service


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

    def _send_exchange(self, service, exchange):
        if exchange.operation != "thing":
            return super()._send_exchange(service, exchange)
        answer = service.send(
            "POST",
            "/things",
            json={"key": exchange.key, "value": exchange._get_record().name},
            headers={"Authorization": f"Bearer {self.sudo().faulty_secret}"},
        )
        return Delivered(str(answer.json()["id"]))

    def _look_up_exchange(self, service, exchange):
        if exchange.operation != "thing":
            return super()._look_up_exchange(service, exchange)
        found = service.send("GET", "/things", params={"key": exchange.key}).json()["things"]
        return Delivered(str(found[0]["id"])) if found else None

    def _finish_exchange(self, exchange, delivered):
        if exchange.operation == "thing":
            exchange._get_record().write({"ref": delivered.reference})
        return super()._finish_exchange(exchange, delivered)

    def _is_closed_by(self, error):
        if self.provider in ("faulty", "shops") and error.status == 410:
            return True
        return super()._is_closed_by(error)
