import os

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.brp_connector.models.brp_connection import Provider
from odoo.addons.brp_connector.service import Explanation, Service, ServiceError

from ..soap import LIVE, SECRET_NAMES, explain
from .office import SEVERAL, Office

STATUSES = [
    ("Web", "Web"),
    ("Draft", "Draft"),
    ("ForInvoicing", "For Invoicing"),
    ("Confirmed", "Confirmed"),
]
COMMENTS = [
    ("InvoiceTitle", "Comment"),
    ("InvoiceText", "Invoice text"),
    ("YourReference", "Your reference"),
]
#: The name of the generic product and of its category, until somebody chooses others
PRODUCT = "OdooRental"
#: Codes of errors that concern all that is sent
_ALL = ("session", "limit", "application", "identity", "login")
#: What a customer's record has: it is no business of a log
_PERSONAL = (
    "Name", "FirstName", "NickName", "CustomerName", "Street", "PostalCode", "PostalArea", "City", "Value",
    "InvoiceEmailAddress", "InvoiceTitle", "InvoiceText", "YourReference", "CompanyEmail", "Username",
)  # fmt: skip


class Connection(models.Model):
    """24SevenOffice as a provider: its access, its company, and how invoices are handed over."""

    _inherit = "brp.connection"

    provider = fields.Selection(
        selection_add=[("24seven", "24SevenOffice")],
        ondelete={"24seven": lambda connections: connections._forget_seven()},
    )
    seven_address = fields.Char(
        string="24SevenOffice's Address",
        help="Where the services are, when they are not 24SevenOffice's own: https://host",
    )
    seven_user = fields.Char(string="User", copy=False, groups="base.group_system")
    seven_password = fields.Char(string="Password", copy=False, groups="base.group_system")
    seven_application = fields.Char(
        string="Application ID",
        copy=False,
        groups="base.group_system",
        help="Of this integration: 24SevenOffice's support gives it out.",
    )
    seven_identity = fields.Char(readonly=True, copy=False, groups="base.group_system")
    seven_session = fields.Char(readonly=True, copy=False, groups="base.group_system")
    seven_company = fields.Char(
        string="Company There",
        readonly=True,
        copy=False,
        help="The exact name of the company, as 24SevenOffice has it.",
    )
    seven_status = fields.Selection(
        STATUSES, string="Order Status", default="Web", help="What an order is when it arrives."
    )
    seven_comment = fields.Selection(
        COMMENTS,
        string="Person's Name In",
        default="InvoiceTitle",
        help="Where the name of the person stands when the customer is an organisation.",
    )
    seven_product = fields.Char(
        string="Product There",
        default=PRODUCT,
        help="All lines are of this product; it is made if there is none with exactly this name.",
    )
    seven_category = fields.Char(string="Its Category", default=PRODUCT)
    seven_product_id = fields.Integer(readonly=True, copy=False)
    seven_vat_ids = fields.One2many("brp.24seven.vat", "connection_id", string="VAT")
    seven_vat_number = fields.Selection(
        [("TaxId", "By its ID"), ("TaxNo", "By its number")],
        string="VAT Codes Are Told",
        default="TaxId",
        help="24SevenOffice does not say which of the two it wants: if an order comes back with another VAT,"
        " choose the other.",
    )
    seven_dimension_ids = fields.One2many("brp.24seven.dimension", "connection_id", string="Dimensions")
    seven_automatic = fields.Boolean(
        string="Send by Itself", help="Posted invoices that are data for accounting are sent without a click."
    )
    seven_journal_id = fields.Many2one(
        "account.journal",
        string="Register Payments In",
        domain="[('type', 'in', ('bank', 'cash')), ('company_id', '=', company_id)]",
        help="What is paid there is registered as paid here, in this journal. Empty: it is only shown.",
    )

    def write(self, vals):
        if "seven_address" in vals and "seven_password" not in vals:
            # Who may tell the address, but not read the password, is not to have it sent anywhere.
            moved = self.filtered(lambda own: (own.seven_address or "") != (vals["seven_address"] or ""))
            moved.sudo().write({"seven_password": False, "seven_session": False})
        if {"seven_product", "seven_category", "seven_identity"} & vals.keys():
            vals = {"seven_product_id": False, **vals}
        return super().write(vals)

    def _forget_seven(self):
        """Let go of the connections when the addon is uninstalled."""
        self.exchange_ids.unlink()
        self.unlink()

    @api.model
    def _get_providers(self):
        return super()._get_providers() | {
            "24seven": Provider(
                description=self.env._(
                    "Invoices are handed over to 24SevenOffice with one click, and it is seen here when they"
                    " are paid."
                ),
                logo="/brp_24seven/static/img/24seven.png",
                manual_export=True,
            )
        }

    # === THE SERVICE === #

    def _get_service(self, on_exchange=None):
        if self.provider != "24seven":
            return super()._get_service(on_exchange)
        own = self.sudo()
        if not (own.seven_user and own.seven_password and own.seven_application):
            raise UserError(
                self.env._("Enter the user, the password and the application ID of %s.", self.name)
            )
        secrets = (own.seven_password, own.seven_application, own.seven_session or "")
        return Office(own, self._get_seven_transport(own.seven_address, secrets, on_exchange))

    @api.model
    def _get_seven_transport(self, address, secrets, on_exchange=None):
        """Return what sends HTTP to 24SevenOffice, or to what answers in its place."""
        parameter = self.env["ir.config_parameter"].sudo().get_param("brp_24seven.address")
        return Service(
            address or parameter or os.environ.get("SEVENOFFICE_URL") or LIVE,
            secrets=tuple(filter(None, secrets)),
            names=(*SECRET_NAMES, *_PERSONAL),
            explain=lambda status, headers, body: Explanation(*explain(status, headers, body)),
            on_exchange=on_exchange,
        )

    def _get_seven_credentials(self):
        """Return what :func:`log_in` takes besides the service."""
        own = self.sudo()
        return own.seven_application, own.seven_user, own.seven_password, own.seven_identity

    def _test(self):
        if self.provider != "24seven":
            return super()._test()
        current = [one for one in self._get_service().identities() if one["Id"] == self.sudo().seven_identity]
        if not current:
            raise UserError(
                self.env._(
                    "%(name)s knows the user, who has no access to %(company)s any more.",
                    name=self.name,
                    company=self.seven_company,
                )
            )
        return self.env._("%(name)s answers for %(company)s.", name=self.name, company=self.seven_company)

    def _get_activation_action(self):
        if self.provider != "24seven":
            return super()._get_activation_action()
        return self.env["brp.24seven.activate"].create({"connection_id": self.id})._reopen()

    def action_seven_access(self):
        """Open the dialog that connects, where user, password and company are changed."""
        self.ensure_one()
        self._check_manager()
        return self._get_activation_action()

    def _get_manual_export_action(self):
        if self.provider != "24seven":
            return super()._get_manual_export_action()
        return self.sudo()._show_seven_waiting()

    # === ERRORS === #

    def _concerns_all(self, error):
        if self.provider == "24seven" and error.code in _ALL:
            return True
        return super()._concerns_all(error)

    def _explain(self, error):
        if self.provider != "24seven":
            return super()._explain(error)
        if error.code == SEVERAL:
            return error.words
        sentences = {
            "session": self.env._(
                "%s does not let the user do this: see which packages the user has been invited to.",
                self.name,
            ),
            "limit": self.env._("%s allows 7 200 calls an hour. We go on when it does again.", self.name),
            "application": self.env._(
                "%s does not know the application ID. Check it in the settings.", self.name
            ),
            "identity": self.env._(
                "%s has blocked the user for this company. Choose the company anew.", self.name
            ),
            "login": self.env._(
                "%s does not know this user and password. Enter them in the settings.", self.name
            ),
        }
        if sentence := sentences.get(error.code):
            return f"{sentence}\n{self.name}: {error.words}" if error.words else sentence
        return super()._explain(error)

    # === VAT === #

    def _fetch_seven_vat(self, office):
        """Propose a VAT code for each rate; those that somebody has chosen are kept.

        A user without rights to the accounting sees no codes: then 24SevenOffice chooses the VAT itself.
        """
        try:
            codes = office.tax_codes()
        except ServiceError as error:
            if error.kind == "again":
                raise
            codes = []
        self.seven_vat_ids._propose(self, codes)
