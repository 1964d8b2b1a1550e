from odoo import Command, fields, models
from odoo.exceptions import UserError

from odoo.addons.brp_connector.service import ServiceError


class SevenChoice(models.TransientModel):
    """A customer at 24SevenOffice that a contact may be."""

    _name = "brp.24seven.choice"
    _description = "Customer That It May Be"
    _order = "number"
    _rec_name = "name"

    wizard_id = fields.Many2one("brp.24seven.choose", required=True, index=True, ondelete="cascade")
    number = fields.Char(string="Customer Number", required=True)
    name = fields.Char(required=True)
    organisation_number = fields.Char()
    email = fields.Char(string="E-mail")
    city = fields.Char()

    def action_choose(self):
        """Remember that it is this customer, and hand the invoice over."""
        self.ensure_one()
        return self.wizard_id._choose(int(self.number))


class SevenChoose(models.TransientModel):
    """Which of several customers at 24SevenOffice a contact is: a person says, and it is remembered."""

    _name = "brp.24seven.choose"
    _description = "Choose the Customer at 24SevenOffice"

    move_id = fields.Many2one("account.move", required=True, readonly=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", required=True, readonly=True)
    choice_ids = fields.One2many("brp.24seven.choice", "wizard_id", readonly=True)

    def _open(self, move):
        """Show the customers there that the one of an invoice may be."""
        move.check_access("read")
        customer = move.partner_id._get_seven_customer()
        connection = self.env["brp.connection"].sudo()._find_seven(move.company_id)
        described = customer._describe_for_seven(move.partner_id)
        try:
            found = connection._search_seven(connection._get_service(), [described])
        except ServiceError as error:
            raise UserError(connection._explain(error)) from error
        if not found:
            raise UserError(
                self.env._("%s fits nobody there: a new customer is made.", customer.display_name)
            )
        wizard = self.create(
            {
                "move_id": move.id,
                "partner_id": customer.id,
                "choice_ids": [
                    Command.create(self._describe(one)) for one in {one["Id"]: one for one in found}.values()
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Which customer is %s?", customer.display_name),
            "res_model": self._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _describe(self, company):
        addresses = company["Addresses"] or {}
        address = addresses.get("Invoice") or addresses.get("Post") or {}
        emails = company["EmailAddresses"] or {}
        values = [(emails.get(kind) or {}).get("Value") for kind in ("Invoice", "Work")]
        return {
            "number": str(company["Id"]),
            "name": " ".join(filter(None, (company["FirstName"], company["Name"]))) or str(company["Id"]),
            "organisation_number": company["OrganizationNumber"],
            "email": next(filter(None, values), False),
            "city": address.get("City") or address.get("PostalArea"),
        }

    def _choose(self, number):
        """Remember which customer it is, and hand the invoice over."""
        move = self.move_id
        connection = self.env["brp.connection"].sudo()._find_seven(move.company_id)
        self.env["brp.24seven.customer"].sudo()._remember(
            connection, move.partner_id._get_seven_customer(), number, chosen=True
        )
        return move.action_seven_send()
