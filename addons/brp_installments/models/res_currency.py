from decimal import Decimal

from odoo import models

from ..schedule import split_amount


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def _split_exactly(self, amount, parts):
        """Split an amount of this currency into equal parts without losing an öre.

        :param float amount: in the currency's main unit (kronor)
        :return: list of ``parts`` Decimals, larger first
        :raises ScheduleError: the amount is too little
        """
        self.ensure_one()
        digits = self.decimal_places
        return split_amount(
            Decimal(f"{self.round(amount):.{digits}f}"), parts, unit=Decimal(1).scaleb(-digits)
        )
