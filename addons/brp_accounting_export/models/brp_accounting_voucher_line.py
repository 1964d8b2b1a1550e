from odoo import api, fields, models


class AccountingVoucherLine(models.Model):
    """A row of a voucher: an account of the other system and an amount, debit positive."""

    _name = "brp.accounting.voucher.line"
    _description = "Voucher Row"
    _order = "code, text, id"
    _log_access = False

    voucher_id = fields.Many2one(
        "brp.accounting.voucher", required=True, readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="voucher_id.company_id")
    currency_id = fields.Many2one(related="voucher_id.currency_id")
    code = fields.Char(string="Account", required=True, readonly=True)
    text = fields.Char(readonly=True)
    cost_centre = fields.Char(readonly=True)
    project = fields.Char(readonly=True)
    amount = fields.Monetary(readonly=True, help="Debit is positive, credit negative.")
    debit = fields.Monetary(compute="_compute_debit_credit")
    credit = fields.Monetary(compute="_compute_debit_credit")
    mapping_id = fields.Many2one("brp.accounting.mapping", readonly=True, ondelete="set null")
    item_ids = fields.One2many("brp.accounting.item", "line_id", readonly=True)

    @api.depends("amount")
    def _compute_debit_credit(self):
        for line in self:
            line.debit = max(line.amount, 0)
            line.credit = max(-line.amount, 0)

    def _follow(self, name, choose):
        """Give rows that have not been sent what the settings say now.

        What undoes another row stays with it: the other system has that where it was when it was sent.

        :param name: "code", "cost_centre" or "project"
        :param choose: function from a row to the value
        """
        undoing = self.env["brp.accounting.item"].search(
            [("line_id", "in", self.ids), ("undoes_id", "!=", False)]
        )
        undone = undoing.grouped("line_id")
        # What is undone was made before, and may itself be among the rows.
        for line in self.sorted("id"):
            value = choose(line)
            items = undone.get(line, undoing.browse())
            if line[name] != value and all(row[name] == value for row in items.undoes_id.line_id):
                line[name] = value

    def action_view_items(self):
        """Show the journal items behind the row."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.text or self.code,
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "domain": [("id", "in", self.item_ids.move_line_id.ids)],
            "context": {"create": False},
        }
