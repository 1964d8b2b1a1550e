import hashlib
import logging
import time
from base64 import b64encode
from datetime import date

from psycopg2 import OperationalError
from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..bankgirot import ReportError, ReportKind, read_report, show_bankgiro
from .guard import refuse_direct_changes

_logger = logging.getLogger(__name__)

# Rows handled in one transaction.
_ROWS_PER_STEP = 500

# Rows that are booked at once when a person asks for it; more go through the cron.
_ROWS_AT_ONCE = 200

# A file that cannot be read may still be on its way into the folder.
_SETTLED_AFTER = 600  # seconds

# What Odoo itself writes when people talk about a report.
_OF_THREAD = frozenset(
    {"message_main_attachment_id", "message_follower_ids", "message_partner_ids", "message_ids"}
)

_EXTRACTS = (ReportKind.MONITORING, ReportKind.REGISTER)

_KINDS = [
    ("payments", "Payments"),
    ("advice", "Mandate advice"),
    ("rejected", "Rejected payments"),
    ("changes", "Cancelled and moved payments"),
    ("electronic_mandates", "Applications from internet banks"),
    ("monitoring", "Waiting payments (extract)"),
    ("register", "Mandate register (extract)"),
]


class AutogiroReport(models.Model):
    """One section of a file from Bankgirot: what it says, and what has been done about it.

    The section's own lines are kept as they came. Their hash is unique: the same content read again
    is the same report.
    """

    _name = "brp.autogiro.report"
    _description = "Autogiro Report"
    _inherit = ["mail.thread"]
    _order = "id desc"
    _rec_names_search = ["file_name", "bankgiro"]

    name = fields.Char(compute="_compute_name")
    file_name = fields.Char(readonly=True)
    company_id = fields.Many2one("res.company", index=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    bankgiro = fields.Char(readonly=True)
    shown_bankgiro = fields.Char(string="Bankgiro Number", compute="_compute_name")
    customer_number = fields.Char(readonly=True)
    kind = fields.Selection(_KINDS, required=True, readonly=True)
    layout = fields.Selection([("new", "New"), ("old", "Old")], readonly=True)
    written = fields.Date(string="Date Written", readonly=True)
    content_hash = fields.Char(string="SHA-256", required=True, readonly=True)
    raw = fields.Binary(
        string="As Received", attachment=True, readonly=True, groups="brp_autogiro.group_autogiro_user"
    )
    warnings = fields.Text(readonly=True)
    error = fields.Text(readonly=True)
    state = fields.Selection(
        [
            ("new", "New"),
            ("running", "Running"),
            ("stopped", "Stopped"),
            ("failed", "Failed"),
            ("attention", "Needs Attention"),
            ("done", "Done"),
            ("discarded", "Discarded"),
        ],
        default="new",
        required=True,
        readonly=True,
        tracking=True,
        index=True,
    )
    line_ids = fields.One2many("brp.autogiro.report.line", "report_id", readonly=True)
    attention_ids = fields.One2many(
        "brp.autogiro.report.line",
        "report_id",
        string="Needs Attention",
        domain=[("attention", "=", True), ("state", "!=", "assigned")],
    )
    row_count = fields.Integer(string="Rows", compute="_compute_counts")
    done_count = fields.Integer(string="Handled", compute="_compute_counts")
    attention_count = fields.Integer(string="To Look At", compute="_compute_counts")
    progress = fields.Float(compute="_compute_counts")
    approved_amount = fields.Monetary(string="Approved", compute="_compute_counts")
    summary = fields.Html(string="What It Does", compute="_compute_summary", sanitize=False)
    entry_ids = fields.Many2many("account.move", compute="_compute_entry_ids")
    entry_count = fields.Integer(compute="_compute_entry_ids")

    _content_unique = models.UniqueIndex("(content_hash)")

    # === COMPUTE METHODS === #

    @api.depends("kind", "written", "bankgiro")
    def _compute_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for report in self:
            report.name = " ".join(
                filter(None, (kinds.get(report.kind), fields.Date.to_string(report.written)))
            )
            report.shown_bankgiro = show_bankgiro(report.bankgiro) if report.bankgiro else False

    @api.depends("company_id")
    def _compute_currency_id(self):
        for report in self:
            report.currency_id = report.company_id.currency_id or self.env.ref("base.SEK")

    @api.depends("line_ids.state", "line_ids.attention")
    def _compute_counts(self):
        Line = self.env["brp.autogiro.report.line"]
        counts = {}
        for report, state, attention, count in Line._read_group(
            [("report_id", "in", self.ids)], ["report_id", "state", "attention"], ["__count"]
        ):
            of_report = counts.setdefault(report.id, {"rows": 0, "done": 0, "attention": 0})
            of_report["rows"] += count
            of_report["done"] += count if state in ("done", "assigned") else 0
            of_report["attention"] += count if attention and state != "assigned" else 0
        amounts = dict(
            Line._read_group(
                [
                    ("report_id", "in", self.ids),
                    ("tk", "=", "82"),
                    ("code", "=", "0"),
                    # Not what another file has booked already.
                    ("outcome", "!=", "stale"),
                ],
                ["report_id"],
                ["amount:sum"],
            )
        )
        for report in self:
            of_report = counts.get(report.id, {"rows": 0, "done": 0, "attention": 0})
            report.row_count = of_report["rows"]
            report.done_count = of_report["done"]
            report.attention_count = of_report["attention"]
            report.progress = 100 * of_report["done"] / of_report["rows"] if of_report["rows"] else 100
            report.approved_amount = amounts.get(report, 0)

    @api.depends("line_ids.outcome", "line_ids.state")
    @api.depends_context("lang")
    def _compute_summary(self):
        """Show per outcome how many rows and what amount: before booking, what it would do."""
        labels = dict(
            self.env["brp.autogiro.report.line"]._fields["outcome"]._description_selection(self.env)
        )
        for report in self:
            groups = self.env["brp.autogiro.report.line"]._read_group(
                [("report_id", "=", report.id), ("outcome", "!=", "deposit")],
                ["outcome"],
                ["__count", "amount:sum"],
            )
            report.summary = self.env["ir.qweb"]._render(
                "brp_autogiro.report_summary",
                {
                    "rows": [(labels.get(outcome, ""), count, amount) for outcome, count, amount in groups],
                    "currency": report.currency_id,
                    "money": report.kind not in ("advice", "electronic_mandates", "register"),
                },
            )

    def _compute_entry_ids(self):
        entries = {}
        for report, ids in self.env["brp.autogiro.report.line"]._read_group(
            [("report_id", "in", self.ids), ("entry_id", "!=", False)], ["report_id"], ["entry_id:array_agg"]
        ):
            entries[report] = ids
        for report in self:
            report.entry_ids = entries.get(report, [])
            report.entry_count = len(report.entry_ids)

    # === CRUD METHODS === #

    def write(self, vals):
        """Let users choose the company of a report for a bankgiro number that none has, and nothing else."""
        if not self.env.su:
            refuse_direct_changes(self, vals, frozenset(self._fields) - {"company_id"} - _OF_THREAD)
            if "company_id" in vals:
                if any(report.state != "new" or report.company_id for report in self):
                    refuse_direct_changes(self, vals, {"company_id"})
                if vals["company_id"] not in self.env.companies.ids:
                    raise AccessError(self.env._("Choose a company that you work in."))
        result = super().write(vals)
        if vals.get("company_id"):
            self.sudo()._match()
        return result

    # === READING === #

    @api.model
    def create_document_from_attachment(self, _records="", attachment_ids=None):
        """Read uploaded files and show their reports, nothing booked yet.

        A file that cannot be read does not keep the others back; what is wrong is told per file.

        :param attachment_ids: ids of the uploaded attachments, which are deleted: reports keep their own
        :return: action that shows the reports
        """
        self._check_may_book()
        attachments = self.env["ir.attachment"].browse(attachment_ids)
        if any(attachment.res_model or attachment.create_uid != self.env.user for attachment in attachments):
            raise AccessError(self.env._("Upload the files yourself."))
        reports = self.browse()
        told = {}
        for attachment in attachments:
            name = attachment.name
            while name in told:
                name += " "  # another file of the same name
            try:
                with self.env.cr.savepoint():
                    found, known = self._read_file(attachment.raw, attachment.name)
            except UserError as error:
                told[name] = str(error)
                continue
            reports += found
            if unassigned := found.sudo().filtered(lambda report: not report.company_id):
                told[name] = self.env._(
                    "No company has bankgiro number %s. An administrator can choose the company.",
                    unassigned[0].shown_bankgiro,
                )
            elif known:
                told[name] = self.env._("This content has been read before; nothing was changed.")
        attachments.unlink()
        visible = reports._filtered_access("read")
        of_files = "\n".join(f"{name.strip()}: {text}" for name, text in told.items())
        if reports and not visible:
            return {
                "type": "ir.actions.client",
                "tag": "display_notification",
                "params": {"type": "warning", "sticky": True, "message": of_files},
            }
        if not reports:
            raise UserError(of_files)
        action = self.env["ir.actions.actions"]._for_xml_id("brp_autogiro.brp_autogiro_report_action")
        action["context"] = {"notifications": told} if told else {}
        if len(visible) == 1:
            action.update(view_mode="form", views=[(False, "form")], res_id=visible.id)
        else:
            action["domain"] = [("id", "in", visible.ids)]
        return action

    @api.model
    def _read_file(self, data, file_name):
        """Keep the sections of a file from Bankgirot as reports of the companies that they are for.

        :return: the reports, and whether all of them had been read before
        :raises UserError: what is wrong with the file, and where; nothing of it is kept
        """
        return self._keep_file(self._parse_file(data), file_name)

    @api.model
    def _parse_file(self, data):
        """Return what a file from Bankgirot says, or raise what is wrong with it and where."""
        try:
            return read_report(data)
        except ReportError as error:
            raise UserError(error.text(self._get_short_language())) from None

    @api.model
    def _get_companies(self):
        """Return {bankgiro number: the company that has it}."""
        companies = self.env["res.company"].sudo().search([("autogiro_bankgiro", "!=", False)])
        return {company.autogiro_bankgiro: company for company in companies}

    @api.model
    def _keep_file(self, file, file_name):
        """Keep the sections of a file that has been parsed; see ``_read_file``."""
        reports = self.browse()
        new = self.browse()
        companies = self._get_companies()
        warnings = [warning.text(self._get_short_language()) for warning in file.warnings]
        for section in file.sections:
            digest = _get_digest(section)
            if section.kind in _EXTRACTS:
                # An extract has no date of its own, and may be compared again with what has changed here.
                digest = f"{digest} {fields.Datetime.now()}"
            known = self.sudo().search([("content_hash", "=", digest)])
            if known and not known.company_id and section.bankgiro in companies:
                known.company_id = companies[section.bankgiro]
            if not known:
                known = self._keep_section(
                    section, digest, companies.get(section.bankgiro), file_name, warnings
                )
                new += known
            reports += known
        return reports.sudo(self.env.su), not new

    @api.model
    def _keep_section(self, section, digest, company, file_name, warnings):
        self = self.with_context(lang=self._get_reader_language(company))
        warnings = warnings + [warning.text(self._get_short_language()) for warning in section.warnings]
        try:
            with self.env.cr.savepoint():
                report = self.sudo().create(
                    {
                        "file_name": file_name,
                        "company_id": company.id if company else False,
                        "bankgiro": section.bankgiro,
                        "customer_number": section.customer_number,
                        "kind": section.kind.value,
                        "layout": section.layout.value,
                        "written": section.written,
                        "content_hash": digest,
                        "warnings": "\n".join(warnings),
                    }
                )
        except UniqueViolation:
            # Somebody else has read the same file at this very moment.
            raise UserError(self.env._("%s is being read by somebody else.", file_name)) from None
        report.raw = b64encode(section.raw)
        self.env["brp.autogiro.report.line"].sudo()._create_from(report, section.records)
        if company:
            report._match()
        return report

    @api.model
    def _get_reader_language(self, company):
        """Return the user's language; the background job's is that of the person responsible."""
        return self.env.context.get("lang") or (company and company._get_autogiro_language())

    @api.model
    def _get_short_language(self):
        return "sv" if (self.env.lang or "").startswith("sv") else "en"

    def _match(self):
        """Find out what each row is about and what it will do; nothing else changes."""
        for report in self:
            report.line_ids._match()
            report.flush_recordset()
            report.line_ids.flush_recordset()

    # === BOOKING === #

    def _check_may_book(self):
        self.check_access("read")
        if not self.env.su and not self.env.user.has_group("brp_autogiro.group_autogiro_user"):
            raise AccessError(self.env._("Only those who collect by Autogiro can do this."))

    def action_book(self):
        """Do what the report says: book payments, change mandates; many rows in the background."""
        self._check_may_book()
        for report in self.sudo().sorted(lambda report: (report.written or date.min, report.id)):
            if report.state not in ("new", "stopped", "failed"):
                continue
            if not report.company_id:
                raise UserError(
                    self.env._("Choose the company that has bankgiro number %s.", report.shown_bankgiro)
                )
            report.write({"state": "running", "error": False})
            if report.row_count <= _ROWS_AT_ONCE:
                while report._step():
                    pass
            else:
                self.env.ref("brp_autogiro.ir_cron_book_reports")._trigger()

    def action_discard(self):
        """Throw away what an uploaded file said, as long as nothing of it has been booked.

        What remains says which file it was and who threw it away. The file can be read again.
        """
        self._check_may_book()
        for report in self.sudo():
            report.lock_for_update()
            if report.state != "new":
                raise UserError(
                    self.env._("%s has been booked, at least in part, and stays on record.", report.name)
                )
            _logger.info(
                "Autogiro report %s, SHA-256 %s, discarded by user %s",
                report.id,
                report.content_hash,
                self.env.uid,
            )
            report.line_ids.unlink()
            report.write(
                {
                    "state": "discarded",
                    "raw": False,
                    "content_hash": f"{report.content_hash} discarded {fields.Datetime.now()} {report.id}",
                }
            )

    def action_stop(self):
        """Stop after the step that is running; what is booked stays booked."""
        self._check_may_book()
        self.sudo().filtered(lambda report: report.state == "running").state = "stopped"

    @api.model
    def _cron_book(self):
        """Go on with reports that are running, step by step, each in a transaction of its own."""
        progress = self.env["ir.cron"]
        running = [("state", "=", "running"), ("company_id", "!=", False)]
        waiting = Domain("report_id.state", "=", "running") & Domain("state", "in", ("todo", "entered"))
        progress._commit_progress(remaining=self.env["brp.autogiro.report.line"].search_count(waiting))
        while (
            report := self.search(running, order="written, id", limit=1)
            .try_lock_for_update()
            .filtered_domain(running)
        ):
            before = report.done_count
            report._try_step()
            self.env.flush_all()
            report.invalidate_recordset()
            if not progress._commit_progress(max(report.done_count - before, 0)):
                break

    def _try_step(self):
        """Take a step in a savepoint; what stops it stops this report only, and is told."""
        speaker = self.with_context(lang=self._get_reader_language(self.company_id))
        try:
            with self.env.cr.savepoint():
                speaker._step()
                self.env.flush_all()
            return
        except UserError as error:
            problem = str(error)
        except OperationalError:
            raise  # Odoo tries the job again
        except Exception as error:
            # The text of an unexpected error may quote private numbers.
            _logger.error("Autogiro report %s stopped: %s", self.id, type(error).__name__)
            problem = speaker.env._("Unexpected error: %s", type(error).__name__)
        self.env.invalidate_all()
        speaker.write({"state": "failed", "error": problem})
        self.company_id._notify_autogiro(
            speaker.env._("Autogiro report %s could not be booked", speaker.name), problem
        )

    def _step(self):
        """Handle some rows, everything about them in one transaction.

        :return: whether there is more to do
        """
        self.ensure_one()
        report = self.with_company(self.company_id).sudo()
        if report.env["brp.autogiro.report.line"]._handle_some(report, _ROWS_PER_STEP):
            return True
        report._finish()
        return False

    def _finish(self):
        self.ensure_one()
        self.env.flush_all()
        self.invalidate_recordset()
        self.env["brp.autogiro.batch"]._finish(self.company_id)
        self.state = "attention" if self.attention_count else "done"
        self._match_others()

    def _match_others(self):
        """Have reports that wait to be booked say what they will do now, if they tell of the same days."""
        if self.kind != "payments":
            return
        Line = self.env["brp.autogiro.report.line"]
        days = Line.search([("report_id", "=", self.id), ("outcome", "=", "deposit")]).mapped("date")
        others = Line.search(
            [
                ("report_id.state", "=", "new"),
                ("report_id.kind", "=", "payments"),
                ("report_id", "!=", self.id),
                ("company_id", "=", self.company_id.id),
                ("date", "in", days),
            ]
        ).report_id
        others._match()

    def _look_again(self):
        """Close reports of which no row needs attention any more."""
        for report in self.sudo():
            if report.state == "attention" and not report.attention_count:
                report.state = "done"

    def action_view_entries(self):
        """Show the entries that were booked."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("account.action_move_journal_line")
        action["domain"] = [("id", "in", self.entry_ids.ids)]
        action["context"] = {}
        return action

    def action_view_lines(self):
        """Show the rows of the report."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("brp_autogiro.brp_autogiro_report_line_action")
        action["domain"] = [("report_id", "=", self.id)]
        return action

    # === EXCHANGE FOLDER === #

    @api.model
    def _tell_all(self, file_name, problem):
        """Tell everybody who is responsible in some company that a file needs a look, once a day."""
        for company in self.env["res.company"].search([("autogiro_responsible_id", "!=", False)]):
            speaker = self.with_context(lang=company._get_autogiro_language())
            company._notify_autogiro(
                speaker.env._("Autogiro: the file %s needs a look", file_name), problem, once_per_day=True
            )

    @api.model
    def _read_folder(self, folder):
        """Read and book the files that have arrived in the exchange folder.

        A file is moved to ``done`` only after its reports are committed. Killed in between, it is read
        again, which changes nothing. One that cannot be read yet may still be arriving. One that is not
        for our companies alone stays where it is: another database may fetch from the same folder.
        """
        foreign = {}
        for path in folder.arrived():
            try:
                file = self._parse_file(path.read_bytes())
                if numbers := self._get_foreign_bankgiros(file):
                    foreign[path.name] = numbers
                    continue
                with self.env.cr.savepoint():
                    reports, known = self._keep_file(file, path.name)
            except OSError as error:
                # Taken away meanwhile, or not ours to read: the others are read all the same.
                self._tell_all(path.name, error.strerror)
                continue
            except UserError as error:
                if time.time() - path.stat().st_mtime >= _SETTLED_AFTER:
                    folder.put_away(path, "failed")
                    self._tell_all(path.name, str(error))
                continue
            for report in reports.filtered(lambda report: report.state == "new"):
                speaker = report.with_context(lang=self._get_reader_language(report.company_id))
                speaker.state = "running"
                speaker.flush_recordset()
                speaker._track_finalize()  # in this language, not that of whoever is first to be committed
            self.env["ir.cron"]._commit_progress(0)
            folder.put_away(path, "done")
            if not known:
                for report in reports:
                    speaker = report.with_context(lang=self._get_reader_language(report.company_id))
                    report.company_id._notify_autogiro(
                        speaker.env._("Autogiro: %s has arrived", speaker.name),
                        speaker.env._("%(file)s, %(rows)s rows.", file=path.name, rows=report.row_count),
                    )
        if foreign:
            self._tell_administrators(foreign)
        if self.search_count([("state", "=", "running")], limit=1):
            self.env.ref("brp_autogiro.ir_cron_book_reports")._trigger()

    @api.model
    def _get_foreign_bankgiros(self, file):
        """Return the bankgiro numbers of a file that no company has.

        Except of sections whose company a person has chosen: they have been taken care of.
        """
        ours = self._get_companies()
        foreign = {
            _get_digest(section): section.bankgiro
            for section in file.sections
            if section.bankgiro not in ours
        }
        chosen = self.sudo().search([("content_hash", "in", list(foreign)), ("company_id", "!=", False)])
        for digest in chosen.mapped("content_hash"):
            del foreign[digest]
        return sorted(set(foreign.values()))

    @api.model
    def _tell_administrators(self, foreign):
        """Mail the administrators, once a day, which files were left in the exchange folder.

        :param foreign: {name of the file: its bankgiro numbers that no company has}
        """
        files = "\n".join(
            f"{name}: {', '.join(show_bankgiro(number) for number in numbers)}"
            for name, numbers in foreign.items()
        )
        for user in self.env.ref("base.group_system").sudo().all_user_ids.filtered("active"):
            speaker = self.with_context(lang=user.lang or self.env.lang)
            user.company_id._notify_autogiro(
                speaker.env._("Autogiro: files for other bankgiro numbers"),
                speaker.env._(
                    "These files have been left in the exchange folder, as no company here has their bankgiro"
                    " number:\n%s\nAnother database that has it fetches them. If none does, put the number in"
                    " the settings of its company, or upload the file to Autogiro Reports and choose the"
                    " company.",
                    files,
                ),
                once_per_day=True,
                user=user,
            )


def _get_digest(section):
    """Return what tells the content of a section from any other."""
    return hashlib.sha256(section.raw).hexdigest()
