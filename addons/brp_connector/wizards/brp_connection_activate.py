from odoo import fields, models


class ConnectionActivate(models.AbstractModel):
    """The dialog that connects to a service, step by step, until the connection is active.

    An addon's own dialog inherits it and tells its steps in the selection of ``step``, in their order. What a
    step asks for is checked and kept by a method ``_leave_<step>``, if there is one: it raises UserError with
    what is missing.
    """

    _name = "brp.connection.activate"
    _description = "Activate a Connection"

    connection_id = fields.Many2one("brp.connection", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="connection_id.company_id")
    step = fields.Selection(
        lambda self: [],  # each dialog has its own
        default=lambda self: self._get_steps()[0],
        required=True,
        readonly=True,
    )

    def action_next(self):
        """Check and keep what the step asks for, and go on to the next."""
        self.ensure_one()
        self.connection_id._check_manager()
        if not self._leave():
            return self._reopen()
        steps = self._get_steps()
        return self._go_to(steps[steps.index(self.step) + 1])

    def action_back(self):
        """Go back a step; what has been filled in is kept."""
        self.ensure_one()
        steps = self._get_steps()
        return self._go_to(steps[max(steps.index(self.step) - 1, 0)])

    def action_close(self):
        """Show the page behind as it is now."""
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _get_steps(self):
        """Return the steps of the dialog in their order."""
        return self._fields["step"].get_values(self.env)

    def _leave(self):
        """Check and keep what the step asks for; return whether to go on.

        :raise UserError: what is missing; nothing is kept then
        """
        leave = getattr(self, f"_leave_{self.step}", None)
        if leave:
            leave()
        return True

    def _go_to(self, step):
        """Have the dialog be at a step; return the action that shows it."""
        self.step = step
        return self._reopen()

    def _reopen(self):
        """Return the action that shows the dialog."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Activate %s", self.connection_id.name),
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }
