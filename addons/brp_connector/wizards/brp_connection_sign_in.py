from odoo import api, fields, models
from odoo.exceptions import UserError


class ConnectionSignIn(models.AbstractModel):
    """The dialog of a service that wants a password: it leaves the step ``access`` when it is known there."""

    _name = "brp.connection.sign.in"
    _description = "Activate a Connection with a Password"
    _inherit = "brp.connection.activate"

    password = fields.Char()
    password_hint = fields.Char(compute="_compute_password_hint")
    refusal = fields.Text(readonly=True)

    @api.depends("connection_id")
    def _compute_password_hint(self):
        for wizard in self:
            known = wizard._get_known_password()
            wizard.password_hint = self.env._("As it was, if nothing is entered") if known else False

    def _leave(self):
        return self._try_to_sign_in() if self.step == "access" else super()._leave()

    def _try_to_sign_in(self):
        """Return whether the service knows what was entered; ``refusal`` tells why not.

        The dialog does not keep the password any longer than this takes. An error that is raised would leave
        in the database what was stored of it before: the dialog shows it instead.
        """
        access = self._get_access()
        self.write({"password": False, "refusal": False})
        try:
            # What worked before goes on when this does not.
            with self.env.cr.savepoint():
                self._sign_in(access)
        except UserError as error:
            self.refusal = str(error)
        return not self.refusal

    def _get_known_password(self):
        """Return the password that the connection has already, or nothing."""
        raise NotImplementedError

    def _get_access(self):
        """Return {field of the connection: value} of what was entered; no password means the known one."""
        raise NotImplementedError

    def _sign_in(self, access):
        """Ask the service whether it knows who signs in, and keep in the connection what was entered.

        :param access: what ``_get_access`` gave
        :raise UserError: why not; what has been written is undone then
        """
        raise NotImplementedError
