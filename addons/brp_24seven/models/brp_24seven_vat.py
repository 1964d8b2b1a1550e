from decimal import Decimal

from odoo import api, fields, models

#: Where output VAT of sales within Sweden is in the BAS chart of accounts, the most likely first. What is
#: near them has the same rates: own use, reverse charge, imports
_OUTPUT = {25: (2611, 2610), 12: (2621, 2620), 6: (2631, 2630)}
RATES = (25, 12, 6, 0)


class SevenVat(models.Model):
    """Which of 24SevenOffice's VAT codes a rate of ours is."""

    _name = "brp.24seven.vat"
    _description = "VAT Code at 24SevenOffice"
    _order = "rate desc, id"
    _rec_name = "rate"

    connection_id = fields.Many2one("brp.connection", required=True, index=True, ondelete="cascade")
    rate = fields.Float(string="VAT %", required=True, digits=(5, 2))
    code_id = fields.Integer(string="Code's ID", help="TaxId of 24SevenOffice's list of VAT codes.")
    number = fields.Char(string="Code's Number", help="TaxNo of 24SevenOffice's list of VAT codes.")
    name = fields.Char(string="Called There")
    account = fields.Char(string="Account There")

    _once = models.UniqueIndex("(connection_id, rate)", "There is a VAT code for this rate already.")

    @api.model
    def _propose(self, connection, codes):
        """Make the rates that are missing, each with the code that is most likely the right one.

        Several codes have the same rate, as that of purchases: output VAT is told by its account.

        :param codes: as ``GetTaxCodeList`` tells them
        """
        there = set(connection.seven_vat_ids.mapped("rate"))
        for rate in RATES:
            if rate in there:
                continue
            code = self._guess(rate, [code for code in codes if code["TaxRate"] == rate])
            if not code:
                continue
            self.create(
                {
                    "connection_id": connection.id,
                    "rate": rate,
                    "code_id": code["TaxId"],
                    "number": code["TaxNo"],
                    "name": code["TaxName"],
                    "account": code["AccountNo"],
                }
            )

    @api.model
    def _guess(self, rate, codes):
        """Return the code that is most likely that of our sales; None when none is."""
        if not rate:
            # A code without an account is of what has no VAT at all; 0 is that of what has no code.
            return min(
                codes,
                key=lambda code: (bool(code["AccountNo"]), not code["TaxId"], code["TaxId"]),
                default=None,
            )
        by_account = {code["AccountNo"]: code for code in reversed(codes)}
        return next((by_account[account] for account in _OUTPUT[rate] if account in by_account), None)

    def _get_settings(self):
        """Return the VAT as ``TaxSettings``."""
        self.ensure_one()
        by_number = self.connection_id.seven_vat_number == "TaxNo"
        code = int(self.number) if by_number and (self.number or "").isdecimal() else self.code_id
        return {"TaxCode": code, "TaxRate": Decimal(repr(self.rate))}
