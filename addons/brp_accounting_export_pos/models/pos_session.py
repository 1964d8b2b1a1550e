from odoo import fields, models


class PosSession(models.Model):
    """The entry of a closed till tells what the accounting export has to know; its report has a number."""

    _inherit = "pos.session"

    z_number = fields.Integer(
        string="Z Report",
        readonly=True,
        copy=False,
        aggregator=None,
        help="The number of the till's day report: one more for each session that is closed, without a gap.",
    )

    _z_number_unique = models.UniqueIndex("(config_id, z_number) WHERE z_number > 0")

    def _validate_session(self, *args, **kwargs):
        """Override of ``point_of_sale``: a session that has been closed gets the till's next number."""
        done = super()._validate_session(*args, **kwargs)
        if self.state == "closed" and not self.z_number:
            self.sudo().z_number = self.config_id.sudo()._take_z_number()
        return done

    def _describe_z_report(self):
        """Return what the day report of a closed till tells besides what Odoo does, or nothing.

        :return: {"number", "till", "company_number", and the till's grand totals since its first session:
            "sales", "refunds" and "net"}, sums with VAT, as Odoo prints money
        """
        self.ensure_one()
        if not self.z_number:
            return False
        totals = dict(
            self.env["pos.order"]._read_group(
                [
                    ("session_id.config_id", "=", self.config_id.id),
                    ("session_id.z_number", ">", 0),
                    ("session_id.z_number", "<=", self.z_number),
                    ("state", "in", ("paid", "done")),
                ],
                ["is_refund"],
                ["amount_total:sum"],
            )
        )
        sales, refunds = totals.get(False, 0), totals.get(True, 0)
        return {
            "number": self.z_number,
            "till": self.config_id.name,
            "company_number": self.company_id.company_registry or self.company_id.vat or "",
            **{
                name: self.currency_id.format(amount)
                for name, amount in (("sales", sales), ("refunds", refunds), ("net", sales + refunds))
            },
        }

    def _post_statement_difference(self, amount):
        """Override of ``point_of_sale``, which takes the day of money that was put in or taken out before."""
        session = self.with_context(till_counted_on=fields.Date.context_today(self))
        return super(PosSession, session)._post_statement_difference(amount)

    def _get_sale_key(self, base_line):
        """Override of ``point_of_sale``: a line of its own for each product.

        Product groups, tips and gift cards are told by the product; without it there is one line per account.
        """
        return super()._get_sale_key(base_line) | {"product_id": base_line["product_id"].id}

    def _get_rounding_difference_vals(self, amount, amount_converted):
        """Override of ``point_of_sale``: what is rounded in cash is told as rounding, as on invoices."""
        values = super()._get_rounding_difference_vals(amount, amount_converted)
        return values and values | {"display_type": "rounding"}
