import hashlib
from base64 import b64decode, b64encode
from collections import defaultdict
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.modules.module import get_manifest

from .. import sie
from ..file_folder import FileFolder, plain_name

_DIMENSIONS = {"cost_centre": sie.Dimension.COST_CENTRE, "project": sie.Dimension.PROJECT}


class AccountingFile(models.Model):
    """A SIE file of vouchers, for a person to download or left in a folder on the server."""

    _name = "brp.accounting.file"
    _description = "SIE File"
    _inherit = ["mail.thread"]
    _order = "made_on desc, id desc"

    name = fields.Char(required=True, readonly=True)
    connection_id = fields.Many2one(
        "brp.connection", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_to = fields.Date(string="To", required=True, readonly=True)
    voucher_ids = fields.One2many("brp.accounting.voucher", "file_id", readonly=True)
    withdrawn_voucher_ids = fields.Many2many(
        "brp.accounting.voucher",
        "brp_accounting_file_withdrawn",
        "file_id",
        "voucher_id",
        string="Vouchers It Had",
        readonly=True,
        help="What was in the file when it was taken back.",
    )
    voucher_count = fields.Integer(string="Vouchers", readonly=True)
    document_count = fields.Integer(
        string="Attachments",
        compute="_compute_document_count",
        help="Files on the vouchers' journal entries.",
    )
    amount = fields.Monetary(readonly=True, help="The sum of the debit rows.")
    data = fields.Binary(string="File", attachment=True, readonly=True, copy=False)
    checksum = fields.Char(string="SHA-256", readonly=True, copy=False)
    generated = fields.Date(required=True, readonly=True, help="The date that the file itself has.")
    made_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one(
        "res.users", string="Made by", readonly=True, default=lambda self: self.env.user
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting for the Folder"),
            ("made", "Made"),
            ("dropped", "Left in the Folder"),
            ("withdrawn", "Taken Back"),
        ],
        required=True,
        readonly=True,
        tracking=True,
    )
    folder = fields.Char(readonly=True, help="The folder on the server in which the file is left.")
    dropped_on = fields.Datetime(string="Left in the Folder on", readonly=True)

    _name_unique = models.UniqueIndex("(connection_id, name)")

    @api.depends("voucher_ids.document_ids.attachment_id")
    def _compute_document_count(self):
        for file in self:
            file.document_count = len(file.voucher_ids.document_ids.attachment_id)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("SIE files are kept. One that has not been read in can be taken back."))

    # === MAKING === #

    @api.model
    def _make(self, connection, vouchers, folder=False):
        """Return a new file of vouchers, or nothing when they leave nothing to book.

        The vouchers count as exported, or will when the file has been left in the folder.

        :param vouchers: of the connection, in no file
        :param folder: path of the folder in which it is to be left; none for a file to download
        :raises UserError: the file cannot be written; nothing has been done then
        """
        filed = vouchers.filtered("file_id")
        if filed:
            raise UserError(
                self.env._(
                    "%(voucher)s is in %(file)s already.", voucher=filed[0].text, file=filed[0].file_id.name
                )
            )
        vouchers = vouchers.sorted(lambda voucher: (voucher.date, voucher.correction, voucher.id))
        rows = {voucher: voucher._get_rows() for voucher in vouchers}
        booked = {voucher: of_voucher for voucher, of_voucher in rows.items() if of_voucher}
        if not booked:
            vouchers._note_exported()
            return self.browse()
        generated = connection._get_swedish_date()
        data = self._render(connection, booked, generated)
        first, last = vouchers[0].date, vouchers[-1].date
        file = self.sudo().create(
            {
                "name": self._get_new_name(connection, first, last),
                "connection_id": connection.id,
                "date_from": first,
                "date_to": last,
                "voucher_count": len(vouchers),
                "amount": sum(vouchers.mapped("amount")),
                "data": b64encode(data),
                "checksum": hashlib.sha256(data).hexdigest(),
                "generated": generated,
                "state": "waiting" if folder else "made",
                "folder": folder,
            }
        )
        vouchers.write({"file_id": file.id, "by_hand": False})
        connection._gather_documents(vouchers)
        if not folder:
            vouchers._note_exported()
        return file

    @api.model
    def _get_new_name(self, connection, first, last):
        """Return the name of a new file; later files of the same days get a number."""
        days = dict.fromkeys((fields.Date.to_string(first), fields.Date.to_string(last)))
        base = "_".join([plain_name(connection.company_id.name) or "sie", *days])
        there = set(
            self.sudo()
            .search([("connection_id", "=", connection.id), ("name", "=like", f"{base}%")])
            .mapped("name")
        )
        name, number = f"{base}.si", 1
        while name in there:
            number += 1
            name = f"{base}-{number}.si"
        return name

    # === CONTENT === #

    @api.model
    def _render(self, connection, rows, generated):
        """Return the bytes of a file.

        :param rows: {voucher: its rows}, in the order of the file
        :param generated: the date that the file has
        """
        company = connection.company_id
        of_all = [row for of_voucher in rows.values() for row in of_voucher]
        days = [voucher.date for voucher in rows]
        try:
            return sie.write_file(
                sie.Company(company.name or "", _get_organisation_number(company)),
                sie.Program("BRP for Odoo", get_manifest("brp_accounting_export")["version"]),
                _get_years(company, min(days), max(days)),
                self._get_accounts(connection, {row["account"] for row in of_all}),
                (self._get_voucher(connection, voucher, rows[voucher]) for voucher in rows),
                generated=generated,
                objects=self._get_objects(connection, of_all),
            )
        except sie.SieError as error:
            raise UserError(self._explain(error, connection, list(rows.items()))) from error

    @api.model
    def _get_voucher(self, connection, voucher, rows):
        """Return a voucher as the file has it."""
        room = sie.MAX_TEXT - len(voucher.token) - 1
        text = sie.clean_text(voucher._get_short_text(room))[:room].rstrip()
        return sie.Voucher(
            voucher.series or "",
            voucher.date,
            f"{text} {voucher.token}",
            registered=connection._get_swedish_date(voucher.create_date),
            rows=[
                sie.Row(
                    row["account"],
                    int((row["amount"] * 100).to_integral_exact()),
                    row["text"],
                    cost_centre=row["cost_centre"],
                    project=row["project"],
                )
                for row in rows
            ],
        )

    @api.model
    def _get_accounts(self, connection, codes):
        """Return the accounts; their names are the other system's, else tell what is booked there."""
        theirs, ours = {}, defaultdict(dict)
        for mapping in connection.accounting_mapping_ids:
            if mapping.code_name:
                theirs.setdefault(mapping.code, mapping.code_name)
            own = mapping.kind == "other" and mapping.account_id.name
            ours[mapping.code][own or mapping.name] = True
        return [
            sie.Account(code, _first_named(theirs.get(code), _join_short(ours[code]), code)) for code in codes
        ]

    @api.model
    def _get_objects(self, connection, rows):
        """Return the cost centres and projects of rows, named after their analytic accounts."""
        names = defaultdict(dict)
        for dimension in connection.accounting_dimension_ids:
            names[dimension.kind, dimension.code][dimension.analytic_account_id.name] = True
        used = {(kind, row[kind]) for row in rows for kind in _DIMENSIONS if row[kind]}
        return [
            sie.DimensionObject(_DIMENSIONS[kind], code, _first_named(", ".join(names[kind, code]), code))
            for kind, code in used
        ]

    @api.model
    def _explain(self, error, connection, rows):
        """Return what cannot be written, in which voucher, and what to do about it.

        :param rows: [(voucher, its rows)]
        """
        lang = self.env.lang or "en"
        text = sie.SieError(error.problem, **error.details).text(lang)
        if error.voucher is not None:
            voucher, of_voucher = rows[error.voucher]
            place = voucher.text
            if error.row is not None:
                place = self.env._(
                    "%(voucher)s, account %(account)s",
                    voucher=place,
                    account=of_voucher[error.row]["account"],
                )
            text = f"{place}: {text}"
        advice = {
            "company_name": self.env._("Fill in the company's name under Settings, Companies."),
            "organisation_number": self.env._(
                "Correct the company ID under Settings, Companies, or the tax ID when there is none."
            ),
            "account_number": self.env._("Correct the account in the settings of %s.", connection.name),
            "object_code": self.env._("Correct the code in the settings of %s.", connection.name),
            "years_not_consecutive": self.env._(
                "Correct the last day of the financial year under Invoicing, Configuration, Settings."
            ),
        }
        advice["organisation_check_digit"] = advice["organisation_number"]
        advice["year_dates"] = advice["date_outside"] = advice["years_not_consecutive"]
        advice = advice.get(error.problem)
        return "\n".join([self.env._("The SIE file cannot be made."), f"{text} {advice}" if advice else text])

    # === FOLDER === #

    def _get_bytes(self):
        """Return the file."""
        self.ensure_one()
        return b64decode(self.with_context(bin_size=False).data)

    def _get_zip_name(self):
        """Return the name of the zip file with the documents, beside the file."""
        return f"{self.name.removesuffix('.si')}.zip"

    def _zip_documents(self):
        """Return a zip file of the documents of the file's vouchers, or nothing when there are none."""
        self.ensure_one()
        return self.voucher_ids.document_ids._zip()

    def _get_exchange(self):
        """Return the exchange that leaves the file in the folder, if it is one for the folder."""
        self.ensure_one()
        return (
            self.env["brp.exchange"]
            .sudo()
            .search(
                [("operation", "=", "sie_file"), ("res_model", "=", self._name), ("res_id", "=", self.id)]
            )
        )

    def _drop(self):
        """Have new files left in the folder."""
        for connection, files in self.grouped("connection_id").items():
            self.env["brp.exchange"].sudo()._enqueue(
                connection, "sie_file", files, key=lambda file: f"sie_file {file.id}"
            )

    def _note_dropped(self):
        """The file has been left in the folder: the other system has its vouchers."""
        for file in self.filtered(lambda file: file.state == "waiting"):
            file.write({"state": "dropped", "dropped_on": fields.Datetime.now()})
            file.voucher_ids._note_exported()

    # === TAKING BACK === #

    def _take_back(self, by_hand):
        """Let the vouchers of a file that has not been read in go into another file.

        :param by_hand: whether they wait for a person to export them
        :raises UserError: it has been taken from the folder
        """
        self.ensure_one()
        self.connection_id.lock_for_update()
        self.lock_for_update()
        if self.state == "withdrawn":
            raise UserError(self.env._("%s has been taken back already.", self.name))
        exchange = self._get_exchange()
        exchange.lock_for_update()
        if self.state == "dropped" or exchange.unsure:
            self._take_from_folder()
        exchange.filtered(lambda one: one.state != "done").write({"state": "cancelled"})
        vouchers = self.voucher_ids
        vouchers.document_ids.unlink()  # they go with the next file
        vouchers.write(
            {
                "state": "waiting",
                "number": False,
                "external_id": False,
                "exported_on": False,
                "file_id": False,
                "by_hand": by_hand,
            }
        )
        self.write({"state": "withdrawn", "withdrawn_voucher_ids": [(6, 0, vouchers.ids)]})
        self.message_post(
            body=self.env._("Taken back: its %s vouchers wait and can go into another file.", len(vouchers))
        )
        self.connection_id._refresh_problem()

    def _take_from_folder(self):
        """Take the file out of the folder; it is put back should this transaction come to nothing."""
        data = None if self.state == "dropped" else self._get_bytes()
        try:
            folder = FileFolder(self.folder)
            there = folder.hold(self.name, data)
        except OSError as error:
            raise UserError(self.connection_id._describe_folder_error(self.folder, error)) from error
        if not there:
            raise UserError(
                self.env._(
                    "%s is no longer in the folder: it has been read into the accounting system, or will be."
                    " Set right what is wrong in the documents in Odoo: the next file then has correction"
                    " vouchers.",
                    self.name,
                )
            )
        zip_name = self._get_zip_name()
        self.env.cr.postrollback.add(partial(folder.restore, zip_name, self.name))
        # Who leaves the file there at this moment is not to leave its documents either.
        documents = None if data is None else self._zip_documents()
        if documents or folder.knows(zip_name):
            folder.hold(zip_name, documents or None)

    # === ACTIONS === #

    def action_download(self):
        """Download the file: the same bytes every time."""
        self.ensure_one()
        self.check_access("read")
        if self.state == "withdrawn":
            raise UserError(
                self.env._("%s has been taken back: its vouchers wait for another file.", self.name)
            )
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/data?download=true&filename={self.name}",
            "target": "download",
        }

    def action_download_documents(self):
        """Download the documents of the file's vouchers, in one zip file."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/brp_accounting_export/documents/{self.id}",
            "target": "download",
        }

    def action_take_back(self):
        """Take back files that have not been read into the other system."""
        self.check_access("read")
        if not self.env.user.has_group("brp_connector.group_connector_user"):
            raise AccessError(self.env._("Only those who look after integrations may do this."))
        for file in self.sudo():
            file._take_back(by_hand=True)

    def action_view_vouchers(self):
        """Show the vouchers that are, or were, in the file."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "brp_accounting_export.brp_accounting_voucher_action"
        )
        action["domain"] = [("id", "in", (self.voucher_ids + self.withdrawn_voucher_ids).ids)]
        action["context"] = {}
        return action


class AccountingVoucher(models.Model):
    _inherit = "brp.accounting.voucher"

    file_id = fields.Many2one(
        "brp.accounting.file", string="SIE File", readonly=True, copy=False, index="btree_not_null"
    )
    by_hand = fields.Boolean(
        readonly=True, copy=False, help="Was in a file that was taken back: only a manual export takes it."
    )

    def _take_back_unsent(self):
        unsent = super()._take_back_unsent()
        for file in unsent.file_id:
            try:
                file._take_back(by_hand=False)
            except UserError:
                continue  # it may be on its way: what is wrong in it is corrected
        return unsent.filtered(lambda voucher: not voucher.file_id)


def _get_organisation_number(company):
    """Return the company's organisation number as it is written, or nothing."""
    vat = (company.vat or "").strip()
    return (company.company_registry or "").strip() or (vat if vat.upper().startswith("SE") else "")


def _get_years(company, first, last):
    """Return the financial years of the days from the first to the last, the last one being the current."""
    years, day = [], last
    while not years or first < years[-1].start:
        dates = company.compute_fiscalyear_dates(day)
        years.append(sie.FiscalYear(-len(years), dates["date_from"], dates["date_to"]))
        day = dates["date_from"] - timedelta(days=1)
    return years


def _join_short(names):
    """Return as many of the names as a file takes, whole ones."""
    joined = ""
    for name in names:
        longer = f"{joined}, {name}" if joined else name
        if joined and len(longer) > sie.MAX_TEXT:
            break
        joined = longer
    return joined


def _first_named(*names):
    """Return the first name of which the file can have something."""
    return next((name for name in names if name and sie.clean_text(name)), "")
