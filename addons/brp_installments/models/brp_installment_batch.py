from odoo import Command, api, fields, models
from odoo.exceptions import AccessError

# Orders sold in one transaction: 25 orders in twelve parts make some 350 documents.
_ORDERS_PER_STEP = 25


class InstallmentBatch(models.Model):
    """Many orders to be sold in installments by a cron: progress, and who was left out and why."""

    _name = "brp.installment.batch"
    _description = "Sale of Many Orders in Installments"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _rec_names_search = ["plan_id.name"]

    name = fields.Char(compute="_compute_name")
    plan_id = fields.Many2one("brp.installment.plan", required=True, readonly=True)
    sale_date = fields.Date(string="Date of Sale", required=True, readonly=True)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Started By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )
    state = fields.Selection(
        [("running", "Running"), ("stopped", "Stopped"), ("done", "Done")],
        default="running",
        required=True,
        readonly=True,
        tracking=True,
    )
    line_ids = fields.One2many("brp.installment.batch.line", "batch_id", readonly=True)
    order_count = fields.Integer(string="Orders", compute="_compute_counts")
    sold_count = fields.Integer(string="Sold", compute="_compute_counts")
    failed_count = fields.Integer(string="Left Out", compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts")

    @api.depends("plan_id", "sale_date")
    def _compute_name(self):
        for batch in self:
            batch.name = f"{batch.plan_id.name}, {batch.sale_date}"

    @api.depends("line_ids.state")
    def _compute_counts(self):
        counts = {
            (batch.id, state): count
            for batch, state, count in self.env["brp.installment.batch.line"]._read_group(
                [("batch_id", "in", self.ids)], ["batch_id", "state"], ["__count"]
            )
        }
        for batch in self:
            batch.sold_count = counts.get((batch.id, "sold"), 0)
            batch.failed_count = counts.get((batch.id, "failed"), 0)
            handled = batch.sold_count + batch.failed_count
            batch.order_count = handled + counts.get((batch.id, "waiting"), 0)
            batch.progress = 100 * handled / batch.order_count if batch.order_count else 0

    @api.model
    def _start(self, orders, plan, sale_date):
        """Put orders of one company in a new batch and wake the cron."""
        batch = self.sudo().create(
            {
                "plan_id": plan.id,
                "sale_date": sale_date,
                "company_id": orders.company_id.id,
                "line_ids": [Command.create({"order_id": order.id}) for order in orders],
            }
        )
        batch._wake()
        return batch.sudo(self.env.su)

    def _wake(self):
        self.env.ref("brp_installments.ir_cron_sell_installment_batches")._trigger()

    def _check_may_steer(self):
        """Let those who sell or invoice stop and continue batches that they may read."""
        self.check_access("read")
        groups = ("sales_team.group_sale_salesman", "account.group_account_invoice")
        if not any(self.env.user.has_group(group) for group in groups):
            raise AccessError(self.env._("Only those who sell or invoice can do this."))

    def action_stop(self):
        """Stop after the step that is running; what is sold stays sold."""
        self._check_may_steer()
        self.sudo().filtered(lambda batch: batch.state == "running").state = "stopped"

    def action_continue(self):
        """Go on with the orders that are waiting."""
        self._check_may_steer()
        self.sudo().filtered(lambda batch: batch.state == "stopped").state = "running"
        self._wake()

    def action_retry(self):
        """Try the orders that were left out once more."""
        self._check_may_steer()
        batches = self.sudo()
        batches.line_ids.filtered(lambda line: line.state == "failed").write(
            {"state": "waiting", "message": False}
        )
        batches.state = "running"
        self._wake()

    def action_view_main_invoices(self):
        """Open the main invoices of the orders that were sold."""
        action = self.env["ir.actions.actions"]._for_xml_id("account.action_move_out_invoice_type")
        mains = self.line_ids.filtered(lambda line: line.state == "sold").main_id
        action["domain"] = [("id", "in", mains.ids)]
        action["context"] = {"default_move_type": "out_invoice"}
        return action

    @api.model
    def _cron_run(self):
        """Sell waiting orders, some at a time, each step in a transaction of its own."""
        Line = self.env["brp.installment.batch.line"]
        domain = [("state", "=", "waiting"), ("batch_id.state", "=", "running")]
        self.env["ir.cron"]._commit_progress(remaining=Line.search_count(domain))
        while True:
            first = Line.search(domain, limit=1)
            lines = Line.search([*domain, ("batch_id", "=", first.batch_id.id)], limit=_ORDERS_PER_STEP)
            lines = lines.try_lock_for_update().filtered_domain(domain)
            if not lines:
                break
            lines._sell()
            self._finish_batches(lines.batch_id)
            if not self.env["ir.cron"]._commit_progress(len(lines)):
                break

    @api.model
    def _finish_batches(self, batches):
        for batch in batches:
            if not batch.line_ids.filtered(lambda line: line.state == "waiting"):
                batch.state = "done"
                batch.message_post(
                    body=self.env._(
                        "%(sold)s orders sold in installments, %(failed)s left out.",
                        sold=batch.sold_count,
                        failed=batch.failed_count,
                    ),
                    partner_ids=batch.user_id.partner_id.ids,
                )
