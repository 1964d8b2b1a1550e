from odoo.tests import tagged

from .common import UnitTestCase


@tagged("post_install", "-at_install")
class TestUnits(UnitTestCase):
    """What the till does by itself, on a server that is told what to answer."""

    def test_till(self):
        self.run_units("brp_installments_pos")

    def test_nothing_to_run_is_a_failure(self):
        with self.assertRaisesRegex(AssertionError, "brp_has_no_such_addon"):
            self.run_units("brp_has_no_such_addon")
