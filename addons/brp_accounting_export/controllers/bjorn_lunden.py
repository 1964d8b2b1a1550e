from odoo import http
from odoo.http import request


class BjornLunden(http.Controller):
    @http.route(
        ["/brp/bjorn_lunden/<string:key>/<any(ON,OFF):event>/<string:number>"],
        type="http",
        auth="public",
        methods=["GET", "POST"],
        csrf=False,
        save_session=False,
    )
    def connection_changed(self, key, event, number, **_extra):
        """Björn Lundén tells that a company has switched the integration on or off.

        The answer is the same whoever asks and whatever the key: it tells nothing. What is so, is asked of
        the service itself.
        """
        if event == "OFF" and len(key) <= 64:
            request.env["brp.connection"].sudo()._check_key_told(key)
        return request.make_response("", headers=[("Content-Type", "text/plain")])
