from odoo.tests import tagged

from odoo.addons.brp_installments_pos.tests.common import UnitTestCase


@tagged("post_install", "-at_install")
class TestUnits(UnitTestCase):
    """What the dialog asks for and tells when a plan is collected by Autogiro."""

    def test_dialog(self):
        self.run_units("brp_installments_pos_autogiro")
