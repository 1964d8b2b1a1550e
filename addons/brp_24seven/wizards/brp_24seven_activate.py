import re

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.brp_connector.service import ServiceError

from ..models.office import GivenSession, Office, as_service_error
from ..soap import AnswerError, FaultError, LoginError, RequestError, identities, log_in

_APPLICATION = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


class SevenIdentity(models.TransientModel):
    """A company that a log-in may work in."""

    _name = "brp.24seven.identity"
    _description = "Company of a Log-in"
    _order = "name, id"

    wizard_id = fields.Many2one("brp.24seven.activate", required=True, index=True, ondelete="cascade")
    name = fields.Char(required=True)
    identity = fields.Char(required=True, groups="base.group_system")


class SevenActivate(models.TransientModel):
    """The dialog that connects 24SevenOffice: access, which company, how orders are made."""

    _name = "brp.24seven.activate"
    _description = "Activate 24SevenOffice"
    _inherit = "brp.connection.sign.in"

    step = fields.Selection(
        [("access", "Access"), ("company", "Company"), ("orders", "Orders"), ("done", "Done")]
    )
    user = fields.Char(help="The e-mail address of the user that was invited for Odoo.")
    application = fields.Char(
        string="Application ID", help="Of this integration: 24SevenOffice's support gives it out."
    )
    refusal = fields.Text(help="Why 24SevenOffice could not be reached with what was entered.")
    identity_ids = fields.One2many("brp.24seven.identity", "wizard_id")
    identity_id = fields.Many2one(
        "brp.24seven.identity", string="Company There", domain="[('wizard_id', '=', id)]"
    )
    status = fields.Selection(related="connection_id.seven_status", readonly=False)
    comment = fields.Selection(related="connection_id.seven_comment", readonly=False)
    product = fields.Char(related="connection_id.seven_product", readonly=False)
    category = fields.Char(related="connection_id.seven_category", readonly=False)
    vat_ids = fields.One2many(related="connection_id.seven_vat_ids", readonly=False)
    vat_number = fields.Selection(related="connection_id.seven_vat_number", readonly=False)
    company_name = fields.Char(string="Handed Over To", related="connection_id.seven_company")

    @api.model_create_multi
    def create(self, vals_list):
        wizards = super().create(vals_list)
        wizards.connection_id._check_manager()
        for wizard in wizards:
            own = wizard.connection_id.sudo()
            wizard.user = wizard.user or own.seven_user
            wizard.application = wizard.application or own.seven_application
        return wizards

    # === ACCESS === #

    def _get_known_password(self):
        return self.connection_id.sudo().seven_password

    def _get_access(self):
        return {
            "seven_user": (self.user or "").strip(),
            "seven_password": self.password or self._get_known_password(),
            "seven_application": (self.application or "").strip(),
        }

    def _sign_in(self, access):
        """Keep the access when 24SevenOffice knows it, and offer the companies that it may work in."""
        found = self._ask_for_companies(access)
        own = self.connection_id.sudo()
        own.write(access | {"seven_session": False})
        current = own.seven_identity
        self.sudo().identity_ids = [
            Command.clear(),
            *(Command.create({"name": name, "identity": identity}) for identity, name in found),
        ]
        chosen = self.sudo().identity_ids.filtered(lambda one: one.identity == current)
        named = self.identity_ids.filtered(lambda one: one.name == self.company_id.name)
        self.identity_id = (
            chosen or named[:1] or (self.identity_ids if len(self.identity_ids) == 1 else False)
        )

    def _ask_for_companies(self, access):
        """Return [(identity, name of the company)] that a log-in may work in."""
        if not all(access.values()):
            raise UserError(self.env._("Enter the user, the password and the application ID."))
        if not _APPLICATION.fullmatch(access["seven_application"]):
            raise UserError(
                self.env._(
                    "The application ID is 32 digits and letters from a to f in five groups, as"
                    " 01234567-89ab-cdef-0123-456789abcdef."
                )
            )
        connection = self.connection_id.sudo()
        transport = connection._get_seven_transport(
            connection.seven_address, (access["seven_password"], access["seven_application"])
        )
        try:
            told = identities(
                transport, access["seven_application"], access["seven_user"], access["seven_password"]
            )
        except ServiceError as error:
            raise UserError(connection._explain(error)) from error
        except (AnswerError, FaultError, LoginError, RequestError) as error:
            raise UserError(connection._explain(as_service_error(error, self.env.lang))) from error
        found = [
            (one["Id"], one["Client"]["Name"]) for one in told if one["Client"] and not one["IsDisabled"]
        ]
        if not found:
            raise UserError(
                self.env._(
                    "%s does not know this user and password, or the user has been invited to no company.",
                    connection.name,
                )
            )
        return found

    # === COMPANY === #

    def _leave_company(self):
        if not self.identity_id:
            raise UserError(self.env._("Choose the company that invoices are handed over to."))
        connection = self.connection_id.sudo()
        identity = self.identity_id.sudo()
        if connection.seven_identity and connection.seven_identity != identity.identity:
            # Its numbers are of another company.
            self.env["brp.24seven.customer"].sudo().search([("connection_id", "=", connection.id)]).unlink()
            connection.seven_vat_ids.unlink()
        try:
            transport = connection._get_seven_transport(
                connection.seven_address, (connection.seven_password, connection.seven_application)
            )
            session = log_in(
                transport,
                connection.seven_application,
                connection.seven_user,
                connection.seven_password,
                identity.identity,
            )
            connection.write(
                {
                    "seven_identity": identity.identity,
                    "seven_company": identity.name,
                    "seven_session": session,
                }
            )
            # The connection's own session would be renewed by another transaction, which waits for this one.
            connection._fetch_seven_vat(Office(connection, transport, GivenSession(session)))
        except ServiceError as error:
            raise UserError(connection._explain(error)) from error
        except (AnswerError, FaultError, LoginError, RequestError) as error:
            raise UserError(connection._explain(as_service_error(error, self.env.lang))) from error

    # === ORDERS === #

    def _leave_orders(self):
        if not ((self.product or "").strip() and (self.category or "").strip()):
            raise UserError(self.env._("Enter the names of the product and of its category."))
        self.connection_id.sudo()._activate()
