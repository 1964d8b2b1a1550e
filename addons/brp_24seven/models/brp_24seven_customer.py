from odoo import api, fields, models

from odoo.addons.brp_connector.models.at_once import made_once


class SevenCustomer(models.Model):
    """Which customer at 24SevenOffice a contact is."""

    _name = "brp.24seven.customer"
    _description = "Customer at 24SevenOffice"
    _order = "connection_id, number"
    _rec_name = "number"

    connection_id = fields.Many2one("brp.connection", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", required=True, index=True, ondelete="cascade")
    number = fields.Integer(string="Customer Number There", required=True)
    chosen = fields.Boolean(help="Somebody has chosen it among several.")

    # No index: Odoo's merging of contacts knows constraints only.
    _partner_once = models.Constraint("UNIQUE(connection_id, partner_id)")

    @api.model
    def _get_numbers(self, connection, partners):
        """Return {contact: number} of the contacts whose numbers are known."""
        known = self.search([("connection_id", "=", connection.id), ("partner_id", "in", partners.ids)])
        return {link.partner_id: link.number for link in known}

    @api.model
    def _remember(self, connection, partner, number, chosen=False):
        """Remember which customer a contact is."""
        link = self.search([("connection_id", "=", connection.id), ("partner_id", "=", partner.id)])
        if not link:
            with made_once(self.env.cr):
                self.create(
                    {
                        "connection_id": connection.id,
                        "partner_id": partner.id,
                        "number": number,
                        "chosen": chosen,
                    }
                )
        elif link.number != number or chosen:
            link.write({"number": number, "chosen": chosen})
