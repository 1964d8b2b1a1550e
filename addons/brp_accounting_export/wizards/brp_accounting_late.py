from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountingLate(models.TransientModel):
    """The question what is to become of entries that were booked afterwards on days before the start."""

    _name = "brp.accounting.late"
    _description = "Entries before the Start Date"

    connection_id = fields.Many2one("brp.connection", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="connection_id.company_id.currency_id")
    late = fields.Text(compute="_compute_late", help="What it is about.")
    move_ids = fields.Many2many(
        "account.move",
        readonly=True,
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    choice = fields.Selection(
        [("earlier", "Start the export earlier"), ("stay", "Leave them out")],
        string="What to Do",
    )
    start = fields.Date(string="Export From")
    going = fields.Text(compute="_compute_going", help="What would be exported from the chosen day.")
    others = fields.Text(compute="_compute_going", help="What of it may be in the other system already.")
    staying = fields.Text(compute="_compute_going", help="What would still not be exported.")

    @api.depends("connection_id")
    def _compute_late(self):
        for wizard in self:
            wizard.late = wizard.connection_id._origin._describe_late()

    @api.depends("connection_id", "start")
    def _compute_going(self):
        for wizard in self:
            wizard.update(wizard._preview())

    def _preview(self):
        """Return what would be exported from the chosen day, in words."""
        self.ensure_one()
        connection = self.connection_id._origin.sudo()
        now = connection.accounting_start_date
        preview = dict.fromkeys(("going", "others", "staying"), False)
        if not (now and self.start and self.start < now):
            return preview
        going = connection._sum_left_out(now, since=self.start)
        others, staying = going.count - going.late, connection._sum_late().count - going.late
        preview["going"] = self.env._(
            "All that is dated %(start)s or later and has not been exported goes: %(count)s entries of before"
            " %(now)s, %(amount)s in all.",
            start=fields.Date.to_string(self.start),
            now=fields.Date.to_string(now),
            count=going.count,
            amount=self.currency_id.format(going.amount),
        )
        if others:
            preview["others"] = self.env._(
                "%s of them were booked before the export was activated. If they have been entered in the"
                " other system in another way, they would stand there twice: then leave the entries above"
                " out, and enter those there by hand.",
                others,
            )
        if staying:
            preview["staying"] = self.env._(
                "%s of the entries above are dated before that day as well, and stay out.", staying
            )
        return preview

    def action_confirm(self):
        """Do what has been chosen."""
        self.ensure_one()
        connection = self.connection_id
        connection._check_manager()
        connection = connection.sudo()
        if not self.choice:
            raise UserError(self.env._("Choose what to do."))
        if self.choice == "stay":
            # Those only that have been shown.
            connection._leave_out(self.sudo().move_ids & connection._find_late())
            return {"type": "ir.actions.client", "tag": "soft_reload"}
        if not self.start:
            raise UserError(self.env._("Choose from which day to export."))
        connection._begin_earlier(self.start)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The export begins with %s now. What is in no voucher yet goes within some minutes.",
                    fields.Date.to_string(self.start),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
