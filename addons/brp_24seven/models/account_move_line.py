from decimal import Decimal

from odoo import models
from odoo.exceptions import UserError

from ..orders import Line

#: Digits that a price is sent with when VAT has to be taken out of it
_DIGITS = 6


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = ["account.move.line", "brp.24seven.rented"]

    def _get_seven_line(self, connection, with_vat):
        """Return the line as one of an order.

        :param with_vat: whether the order's prices include VAT
        :raises UserError: 24SevenOffice cannot have such a line
        """
        self.ensure_one()
        sign = -1 if self.move_id.move_type == "out_refund" else 1
        if self.display_type == "rounding":
            return Line(
                self.name or "",
                price=-sign * Decimal(repr(self.amount_currency)),
                quantity=Decimal(sign),
                tax=self._get_seven_vat(connection, 0.0),
            )
        if self.display_type != "product":
            return Line(self.name or "", is_text=True)
        product = self.product_id.with_context(lang=self.move_id.partner_id.lang)
        price = Decimal(repr(self.price_unit))
        tax = self._get_seven_tax()
        if tax.price_include and not with_vat:
            price = round(price / (1 + Decimal(repr(tax.amount)) / 100), _DIGITS)
        return Line(
            self.name or product.display_name or "",
            product=product.name or "",
            start=self.rent_start,
            stop=self.rent_stop,
            price=price,
            quantity=sign * Decimal(repr(self.quantity)),
            discount=Decimal(repr(self.discount)),
            tax=self._get_seven_vat(connection, tax.amount if tax else 0.0),
            project=self._get_seven_dimension(connection, "ProjectId"),
            department=self._get_seven_dimension(connection, "DepartmentId"),
        )

    def _get_seven_tax(self):
        taxes = self.tax_ids.flatten_taxes_hierarchy()
        if len(taxes) > 1 or any(tax.amount_type != "percent" for tax in taxes):
            raise UserError(
                self.env._("%s: a line can have one VAT rate in percent, and no other tax.", self.name)
            )
        return taxes

    def _get_seven_vat(self, connection, rate):
        codes = connection.seven_vat_ids
        if not codes:
            return None  # the user may not see them: 24SevenOffice chooses
        code = codes.filtered(lambda code: code.rate == rate)
        if not code:
            raise UserError(
                self.env._(
                    "%(line)s: tell which VAT code 24SevenOffice has for %(rate)s %%, in the settings of"
                    " %(connection)s.",
                    line=self.name,
                    rate=f"{rate:g}",
                    connection=connection.name,
                )
            )
        return code._get_settings()

    def _get_seven_dimension(self, connection, kind):
        """Return the number of the project or department that all of the line is for; None for none."""
        shares = self.analytic_distribution or {}
        accounts = {int(number) for key in shares for number in key.split(",")}
        numbers = {
            row.number
            for row in connection.seven_dimension_ids
            if row.kind == kind and row.analytic_account_id.id in accounts
        }
        return numbers.pop() if len(numbers) == 1 and len(shares) == 1 else None
