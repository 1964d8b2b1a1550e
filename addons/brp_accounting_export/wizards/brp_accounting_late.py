from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountingLate(models.TransientModel):
    """The question what is to become of entries that were booked afterwards on days before the start."""

    _name = "brp.accounting.late"
    _description = "Entries before the Start Date"

    connection_id = fields.Many2one("brp.connection", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="connection_id.company_id.currency_id")
    start_now = fields.Date(string="Start Date", related="connection_id.accounting_start_date")
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
    going_count = fields.Integer(compute="_compute_going")
    going_amount = fields.Monetary(compute="_compute_going")
    others_count = fields.Integer(compute="_compute_going")
    staying_count = fields.Integer(compute="_compute_going")

    @api.depends("connection_id", "start")
    def _compute_going(self):
        for wizard in self:
            connection = wizard.connection_id._origin.sudo()
            now = connection.accounting_start_date
            if not (now and wizard.start):
                wizard.update({"going_count": 0, "going_amount": 0, "others_count": 0, "staying_count": 0})
                continue
            going = connection._sum_left_out(now, since=wizard.start)
            wizard.going_count = going.count
            wizard.going_amount = going.amount
            wizard.others_count = going.count - going.late
            wizard.staying_count = connection._sum_late().count - going.late

    def action_confirm(self):
        """Do what has been chosen."""
        self.ensure_one()
        connection = self.connection_id
        connection._check_manager()
        connection = connection.sudo()
        if not self.choice:
            raise UserError(self.env._("Choose what to do."))
        if self.choice == "stay":
            connection._leave_out(self.sudo().move_ids)  # those only that have been shown
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
