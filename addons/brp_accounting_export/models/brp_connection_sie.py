import os
import re

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from odoo.addons.brp_connector.models.brp_connection import Provider
from odoo.addons.brp_connector.models.brp_exchange import Delivered
from odoo.addons.brp_connector.service import ServiceError

from ..file_folder import FileFolder, HeldError, plain_name

_DIRECTORY = "brp_accounting_export.sie_directory"
_SUBFOLDER = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,59}")


class Connection(models.Model):
    _inherit = "brp.connection"

    provider = fields.Selection(selection_add=[("sie", "SIE")], ondelete={"sie": "cascade"})
    sie_per = fields.Selection(
        [("day", "Day"), ("period", "Period, when I ask for it")],
        string="One File per",
        default="day",
        required=True,
        help="With a folder on the server, each day's file is left there by itself when the day is closed.",
    )
    sie_subfolder = fields.Char(
        string="Subfolder",
        compute="_compute_sie_subfolder",
        store=True,
        readonly=False,
        copy=False,
        help="The company's own folder, within the one that the administrator has set for all companies.",
    )
    sie_folder = fields.Char(string="Folder on the Server", compute="_compute_sie_folder")
    sie_problem = fields.Text(readonly=True, copy=False, help="Why a file cannot be made.")
    sie_file_ids = fields.One2many(
        "brp.accounting.file",
        "connection_id",
        readonly=True,
        groups="account.group_account_invoice,account.group_account_readonly",
    )
    sie_file_count = fields.Integer(compute="_compute_sie_file_count")

    # === COMPUTE METHODS === #

    @api.depends("provider", "company_id")
    def _compute_sie_subfolder(self):
        for connection in self:
            if connection.provider == "sie" and not connection.sie_subfolder:
                company = connection.company_id
                connection.sie_subfolder = f"{plain_name(company.name) or 'company'}-{company.id}"

    @api.depends("sie_subfolder")
    def _compute_sie_folder(self):
        directory = self.env["ir.config_parameter"].sudo().get_param(_DIRECTORY)
        for connection in self:
            of_sie = directory and connection.provider == "sie" and connection.sie_subfolder
            connection.sie_folder = of_sie and os.path.join(directory, connection.sie_subfolder)

    @api.depends_context("uid")
    def _compute_card(self):
        result = super()._compute_card()
        if not self.env["brp.accounting.file"].has_access("read"):
            self.filtered(lambda connection: connection.provider == "sie").has_manual_export = False
        return result

    @api.depends("sie_file_ids")
    def _compute_sie_file_count(self):
        counts = dict(
            self.env["brp.accounting.file"]
            .sudo()
            ._read_group([("connection_id", "in", self.ids)], ["connection_id"], ["__count"])
        )
        for connection in self:
            connection.sie_file_count = counts.get(connection, 0)

    # === CONSTRAINT METHODS === #

    @api.constrains("sie_subfolder")
    def _check_sie_subfolder(self):
        for connection in self.filtered(lambda connection: connection.provider == "sie"):
            if not _SUBFOLDER.fullmatch(connection.sie_subfolder or ""):
                raise ValidationError(
                    self.env._(
                        "A subfolder is named with letters a to z, digits, hyphens, underscores and points."
                    )
                )
            same = [("sie_subfolder", "=ilike", connection.sie_subfolder), ("id", "!=", connection.id)]
            if self.sudo().search_count(same, limit=1):
                raise ValidationError(self.env._("Another company has this subfolder. Choose another name."))

    # === PROVIDER === #

    @api.model
    def _get_providers(self):
        return super()._get_providers() | {
            "sie": Provider(
                description=self.env._(
                    "Each day's sales as vouchers in a SIE file, which every Swedish accounting system reads."
                ),
                logo="/brp_accounting_export/static/img/sie.png",
                manual_export=True,
            )
        }

    @api.model
    def _get_accounting_providers(self):
        return [*super()._get_accounting_providers(), "sie"]

    def _get_manual_export_action(self):
        if self.provider != "sie":
            return super()._get_manual_export_action()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Export SIE File"),
            "res_model": "brp.accounting.sie.export",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_connection_id": self.id},
        }

    def _get_service(self, on_exchange=None):
        return None if self.provider == "sie" else super()._get_service(on_exchange)

    def _test(self):
        if self.provider != "sie":
            return super()._test()
        if not self.sie_folder:
            return self.env._("Files are made when you ask for them: there is no folder on the server.")
        try:
            folder = FileFolder(self.sie_folder)
        except OSError as error:
            raise UserError(self._describe_folder_error(self.sie_folder, error)) from error
        if not os.access(folder.path, os.W_OK | os.X_OK):
            raise UserError(self.env._("Nothing may be written in the folder %s.", self.sie_folder))
        return self.env._("Files can be left in %s.", self.sie_folder)

    def action_view_files(self):
        """Show the SIE files."""
        return self._view_accounting("brp_accounting_file_action")

    # === FILES === #

    def _has_automatic_files(self):
        """Return whether each day's file is left in the folder by itself."""
        self.ensure_one()
        return bool(self.sie_per == "day" and self.sie_folder)

    def _find_unfiled(self, start=None, until=None, by_itself=False):
        """Return the vouchers that are to go into a file.

        :param by_itself: leave out what only a person exports
        """
        domain = [
            ("connection_id", "=", self.id),
            ("state", "in", ("waiting", "problem")),
            ("file_id", "=", False),
        ]
        if start:
            domain.append(("date", ">=", start))
        if until:
            domain.append(("date", "<=", until))
        if by_itself:
            domain.append(("by_hand", "=", False))
        return self.env["brp.accounting.voucher"].sudo().search(domain, order="date, id")

    def _export_by_hand(self, start, until, per, to_folder=False):
        """Close the days until a date, today included, and return the files of what is not exported yet.

        :param start: the first date of the files, or nothing for the first there is
        :param per: "day" for a file per day, "period" for one of it all
        :param to_folder: have them left in the folder
        """
        self.ensure_one()
        until = min(until, self._get_swedish_date())
        self.with_context(sie_by_hand=True)._close_days(until)
        vouchers = self._find_unfiled(start, until)
        if not vouchers:
            return self.env["brp.accounting.file"].sudo()
        parts = vouchers.grouped("date").values() if per == "day" else [vouchers]
        folder = to_folder and self.sie_folder
        files = (
            self.env["brp.accounting.file"]
            .sudo()
            .union(*(self.env["brp.accounting.file"]._make(self, part, folder) for part in parts))
        )
        if folder:
            files._drop()
        if not self._find_unfiled(by_itself=True):
            self._note_sie_problem(False)
        return files

    def _export_vouchers(self, vouchers):
        result = super()._export_vouchers(vouchers)
        if self.provider == "sie" and not self.env.context.get("sie_by_hand"):
            self._drop_files()
        return result

    def _close_by_itself(self):
        result = super()._close_by_itself()
        if self.provider == "sie" and self.state == "active" and self.sie_problem:
            self._drop_files()  # what was wrong may have been set right
        return result

    def _drop_files(self):
        """Have vouchers left in the folder, in a file per day; a day that cannot be keeps no other back."""
        self.ensure_one()
        if not self._has_automatic_files():
            self._note_sie_problem(False)
            return
        self._restore_held()
        speaker = self.env["brp.accounting.file"].with_context(lang=self.responsible_id.lang or self.env.lang)
        files, problem = self.env["brp.accounting.file"].sudo(), False
        for vouchers in self._find_unfiled(by_itself=True).grouped("date").values():
            try:
                files += speaker._make(self, vouchers, self.sie_folder)
            except UserError as error:
                problem = problem or f"{fields.Date.to_string(vouchers[0].date)}: {error}"
        files._drop()
        self._note_sie_problem(problem)

    def _restore_held(self):
        """Put back what a process took from the folder that was killed before it could say so."""
        try:
            folder = FileFolder(self.sie_folder)
            held = folder.held()
        except OSError:
            return  # told of when something is to be left there
        there = (
            self.env["brp.accounting.file"]
            .sudo()
            .search([("connection_id", "=", self.id), ("name", "in", held), ("state", "!=", "withdrawn")])
        )
        for file in there:
            folder.restore(file._get_zip_name(), file.name)

    def _note_sie_problem(self, problem):
        if problem != self.sie_problem:
            self.sie_problem = problem
            self._refresh_problem()

    def _find_problem(self):
        problem = super()._find_problem()
        return "\n".join(filter(None, (problem, self.sie_problem))) or False

    def _describe_folder_error(self, folder, error):
        return self.env._(
            "The folder %(folder)s on the server cannot be used: %(error)s. Ask your administrator.",
            folder=folder,
            error=error.strerror or type(error).__name__,
        )

    def _export_documents(self, documents):
        if self.provider == "sie":
            documents.state = "file"
        return super()._export_documents(documents)

    # === EXCHANGES === #

    def _send_exchange(self, service, exchange):
        if exchange.operation != "sie_file":
            return super()._send_exchange(service, exchange)
        file = exchange._get_record()
        if file.state == "withdrawn":
            raise UserError(self.env._("%s has been taken back.", file.name))
        self._use_folder(file, lambda folder: self._drop_file(folder, file))
        return Delivered(file.name)

    def _drop_file(self, folder, file):
        """Leave a file in a folder; its documents first, so that they are there when the file appears."""
        documents = file._zip_documents()
        if documents:
            folder.drop(file._get_zip_name(), documents)
        folder.drop(file.name, file._get_bytes())

    def _look_up_exchange(self, service, exchange):
        if exchange.operation != "sie_file":
            return super()._look_up_exchange(service, exchange)
        file = exchange._get_record()
        appeared = self._use_folder(file, lambda folder: folder.has_appeared(file.name))
        return Delivered(file.name) if appeared else None

    def _use_folder(self, file, use):
        """Return what ``use`` makes of the file's folder; what goes wrong is a matter of the folder."""
        try:
            folder = FileFolder(file.folder)
        except OSError as error:
            raise self._make_folder_error(file, error, "no") from error
        try:
            return use(folder)
        except FileExistsError as error:
            raise UserError(
                self.env._(
                    "There is another %(file)s in the folder %(folder)s. Move it away and try again.",
                    file=error.filename,
                    folder=file.folder,
                )
            ) from error
        except HeldError as error:
            if file.state == "withdrawn":
                raise UserError(self.env._("%s has been taken back.", file.name)) from error
            raise self._make_folder_error(file, error, "maybe") from error
        except OSError as error:
            raise self._make_folder_error(file, error, "maybe") from error

    def _make_folder_error(self, file, error, reached):
        return ServiceError("folder", kind="again", reached=reached, words=f"{file.folder}: {error.strerror}")

    def _finish_exchange(self, exchange, delivered):
        if exchange.operation == "sie_file":
            exchange._get_record()._note_dropped()
        return super()._finish_exchange(exchange, delivered)

    def _give_up_exchange(self, exchange):
        if exchange.operation == "sie_file":
            file = exchange._get_record()
            if file.state == "waiting":
                file._take_back(by_hand=True)
        return super()._give_up_exchange(exchange)

    def _explain(self, error):
        if error.problem != "folder":
            return super()._explain(error)
        return self.env._(
            "SIE files cannot be left in their folder on the server. We try again.\n%s", error.words
        )
