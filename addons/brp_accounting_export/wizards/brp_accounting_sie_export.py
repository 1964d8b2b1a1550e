from odoo import api, fields, models
from odoo.exceptions import UserError

_SHOWN = 10


class AccountingSieExport(models.TransientModel):
    """The question before a SIE file is made: what is in it, and what is kept back and why."""

    _name = "brp.accounting.sie.export"
    _description = "Export SIE File"

    connection_id = fields.Many2one("brp.connection", required=True, readonly=True, ondelete="cascade")
    currency_id = fields.Many2one(related="connection_id.company_id.currency_id")
    has_folder = fields.Boolean(compute="_compute_has_folder")
    date_from = fields.Date(
        string="From",
        compute="_compute_date_from",
        store=True,
        readonly=False,
        help="Only what has not been exported yet goes into the file, however early this day is.",
    )
    date_to = fields.Date(string="Up To and Including", required=True, default=lambda self: self._get_today())
    per = fields.Selection(
        [("day", "A file per day"), ("period", "One file")],
        string="Files",
        compute="_compute_per",
        store=True,
        readonly=False,
        required=True,
    )
    to_folder = fields.Boolean(
        string="Leave It in the Folder",
        compute="_compute_to_folder",
        store=True,
        readonly=False,
        help="Where the accounting program takes each day's file. Otherwise the file is downloaded.",
    )
    voucher_count = fields.Integer(string="Vouchers", compute="_compute_preview")
    file_count = fields.Integer(string="Number of Files", compute="_compute_preview")
    amount = fields.Monetary(string="Sum of Debit", compute="_compute_preview")
    held = fields.Text(string="Days Held Back", compute="_compute_preview")
    problem = fields.Text(compute="_compute_preview")

    @api.model
    def _get_today(self):
        return self.env["brp.connection"]._get_swedish_date()

    @api.depends("connection_id")
    def _compute_has_folder(self):
        for wizard in self:
            wizard.has_folder = wizard.connection_id._has_automatic_files()

    @api.depends("connection_id")
    def _compute_date_from(self):
        for wizard in self:
            connection = wizard.connection_id.sudo()
            first = connection.accounting_start_date
            # Days before a later start may still be corrected.
            [day] = connection.env["brp.accounting.day"]._read_group(
                [("connection_id", "=", connection._origin.id)], [], ["date:min"]
            )
            wizard.date_from = min(filter(None, (first, *day)), default=False)

    @api.depends("connection_id")
    def _compute_per(self):
        for wizard in self:
            wizard.per = wizard.connection_id.sie_per or "period"

    @api.depends("has_folder")
    def _compute_to_folder(self):
        for wizard in self:
            wizard.to_folder = wizard.has_folder

    @api.depends("connection_id", "date_from", "date_to", "per")
    def _compute_preview(self):
        for wizard in self:
            wizard.update(wizard._preview())

    def _preview(self):
        """Return what the export would make: it is made in a transaction of its own and undone."""
        self.ensure_one()
        preview = {"voucher_count": 0, "file_count": 0, "amount": 0, "held": False, "problem": False}
        connection = self.connection_id._origin
        if not connection or not self.date_to:
            return preview
        self._check_may_export(connection)
        with self.env.registry.cursor() as cr:
            apart = connection.with_env(api.Environment(cr, self.env.uid, dict(self.env.context))).sudo()
            try:
                files = apart._export_by_hand(self.date_from, self.date_to, self.per or "period")
                preview |= {
                    "voucher_count": sum(files.mapped("voucher_count")),
                    "file_count": len(files),
                    "amount": sum(files.mapped("amount")),
                    "held": self._describe_held(apart),
                }
            except UserError as error:
                preview["problem"] = str(error)
            finally:
                cr.rollback()
        return preview

    def _describe_held(self, connection):
        """Return the days of the period that cannot be exported, and why."""
        domain = [
            ("connection_id", "=", connection.id),
            ("state", "=", "held"),
            ("date", "<=", self.date_to),
        ]
        if self.date_from:
            domain.append(("date", ">=", self.date_from))
        days = connection.env["brp.accounting.day"].search(domain, order="date")
        texts = [f"{fields.Date.to_string(day.date)}: {day.problem}" for day in days[:_SHOWN]]
        if len(days) > _SHOWN:
            texts.append(self.env._("… and %s more days.", len(days) - _SHOWN))
        return "\n".join(texts)

    def _check_may_export(self, connection):
        """Refuse those who may not see the files, or the company."""
        connection.check_access("read")
        self.env["brp.accounting.file"].check_access("read")
        if connection.provider != "sie" or connection.state != "active":
            raise UserError(self.env._("%s is not active.", connection.name))

    def action_export(self):
        """Make the files; one is downloaded, or shown when documents go with it; several are in a list."""
        self.ensure_one()
        connection = self.connection_id
        self._check_may_export(connection)
        to_folder = self.to_folder and self.has_folder
        made = connection.sudo()._export_by_hand(self.date_from, self.date_to, self.per, to_folder)
        files = self.env["brp.accounting.file"].browse(made.ids)
        if not files:
            return self._say_nothing_new(connection)
        if len(files) == 1 and not to_folder:
            if files.document_count:
                return {
                    "type": "ir.actions.act_window",
                    "res_model": files._name,
                    "res_id": files.id,
                    "views": [(False, "form")],
                }
            return {**files.action_download(), "target": "new", "close": True}
        action = self.env["ir.actions.actions"]._for_xml_id(
            "brp_accounting_export.brp_accounting_file_action"
        )
        return {**action, "domain": [("id", "in", files.ids)], "target": "current"}

    def _say_nothing_new(self, connection):
        held = self._describe_held(connection.sudo())
        text = self.env._("There is nothing new to export in this period.")
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if held else "info",
                "sticky": bool(held),
                "title": connection.name,
                "message": f"{text}\n{held}" if held else text,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
