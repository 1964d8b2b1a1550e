from datetime import timedelta

from odoo.tests import tagged

from ..times import at_local
from .boka import BokaCommon


@tagged("post_install", "-at_install")
class TestBokaTour(BokaCommon):
    """With a thumb, on a screen of 390 pixels, in Swedish."""

    browser_size = "390x844"
    touch_enabled = True
    now = None  # the browser's clock is today's

    def test_from_choice_to_receipt(self):
        self.env["res.lang"]._activate_lang("sv_SE")
        today = self.facility._get_today()
        for number, resource in enumerate((self.court, self.court_2, self.court, self.court_2)):
            start = at_local(today + timedelta(days=2 + number // 2), 17 * 60, self.facility._get_zone())
            self.make_slot(resource, start=start, stop=start + timedelta(hours=1))
        self.start_tour("/boka", "brp_marketplace_boka", cookies={"frontend_lang": "sv_SE"})
        [booking] = self.env["brp.booking"].search([("resource_id", "=", self.court_2.id)])
        self.assertEqual((booking.state, booking.cancelled_by), ("cancelled", "customer"))
        self.assertEqual((booking.source, booking.partner_id.name), ("page", "Kim Exempel"))
        self.assertFalse(self.env["brp.booking"].search([("resource_id", "=", self.court.id)]))
        self.assertEqual(booking.partner_id.lang, "sv_SE")
