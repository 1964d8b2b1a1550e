import io
import mimetypes
import os
import re
import zipfile

from odoo import api, fields, models
from odoo.tools import SQL

# What mail programs send along, and no basis of an entry.
_OF_MAIL = [
    "application/ms-tnef",
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "message/rfc822",
    "text/calendar",
]
_LONGEST_NAME = 80
_NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]+')


class AccountingDocument(models.Model):
    """A file on a journal entry that goes with a voucher that holds the entry.

    It goes once, with one of the vouchers that have the entry on that date. When its content is replaced,
    that is another document.
    """

    _name = "brp.accounting.document"
    _description = "Document of a Voucher"
    _order = "name, id"
    _log_access = False

    voucher_id = fields.Many2one(
        "brp.accounting.voucher", required=True, readonly=True, ondelete="cascade", index=True
    )
    connection_id = fields.Many2one("brp.connection", required=True, readonly=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True)
    date = fields.Date(required=True, readonly=True, help="The date of the voucher.")
    attachment_id = fields.Many2one(
        "ir.attachment", readonly=True, ondelete="set null", index="btree_not_null"
    )
    checksum = fields.Char(required=True, readonly=True, help="Of the content, SHA-1.")
    name = fields.Char(required=True, readonly=True)
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("problem", "Problem"),
            ("attached", "Attached"),
            ("file", "With the SIE File"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        readonly=True,
    )
    problem = fields.Text(compute="_compute_problem")

    _once = models.UniqueIndex(
        "(connection_id, attachment_id, checksum, date) WHERE state <> 'withdrawn'",
        "A document goes with a voucher once.",
    )
    _stuck = models.Index("(connection_id) WHERE state = 'problem'")

    @api.depends("name", "voucher_id.display_name")
    def _compute_display_name(self):
        for document in self:
            document.display_name = f"{document.name} ({document.voucher_id.display_name})"

    @api.depends("state")
    def _compute_problem(self):
        stuck = self.filtered(lambda document: document.state == "problem")
        errors = {exchange.res_id: exchange.error for exchange in stuck._find_exchanges()}
        for document in self:
            document.problem = errors.get(document.id)

    @api.model
    def _gather(self, connection, vouchers=None, since=None, exported_since=None, limit=None):
        """Note the documents of journal entries that are to go with vouchers, and return the new ones.

        Only vouchers that the connection itself has exported get any.

        :param vouchers: those that the other system has got now; or else
        :param since: when documents were written that are looked at (UTC), and
        :param exported_since: when vouchers were exported that are looked at (UTC)
        :param limit: how many at most
        """
        if vouchers is None:
            which = SQL(
                "voucher.state = 'exported' AND voucher.exported_on >= %s AND attachment.write_date >= %s",
                exported_since,
                since,
            )
        else:
            which = SQL("voucher.id = ANY(%s)", vouchers.ids)
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                r"""
                INSERT INTO brp_accounting_document
                       (voucher_id, connection_id, company_id, date, attachment_id, checksum, name, state)
                SELECT DISTINCT ON (attachment.id, voucher.date)
                       voucher.id, voucher.connection_id, voucher.company_id, voucher.date,
                       attachment.id, attachment.checksum, attachment.name, 'waiting'
                  FROM ir_attachment attachment
                  JOIN account_move move ON move.id = attachment.res_id AND move.move_type = 'entry'
                  -- What has been corrected or moved since is in another voucher as it is now.
                  JOIN brp_accounting_item item
                    ON item.move_id = move.id AND item.stands AND item.move_line_id IS NOT NULL
                  JOIN brp_accounting_voucher_line line ON line.id = item.line_id
                  JOIN brp_accounting_voucher voucher ON voucher.id = line.voucher_id
                 WHERE attachment.res_model = 'account.move' AND attachment.res_field IS NULL
                   AND attachment.type = 'binary' AND attachment.file_size > 0
                   AND attachment.checksum IS NOT NULL
                   AND COALESCE(attachment.mimetype, '') <> ALL(%(of_mail)s)
                   -- Pictures within the text of a message.
                   AND NOT EXISTS (SELECT FROM message_attachment_rel rel
                                     JOIN mail_message message ON message.id = rel.message_id
                                    WHERE rel.attachment_id = attachment.id
                                      AND message.body ~ ('/web/image/' || attachment.id || '\D'))
                   AND voucher.connection_id = %(connection)s AND voucher.state <> 'withdrawn'
                   -- A voucher that leaves nothing to book is not there.
                   AND (voucher.external_id IS NOT NULL OR voucher.file_id IS NOT NULL)
                   AND %(which)s
                   AND NOT EXISTS (SELECT FROM brp_accounting_document noted
                                    WHERE noted.connection_id = voucher.connection_id
                                      AND noted.attachment_id = attachment.id
                                      AND noted.checksum = attachment.checksum
                                      AND noted.date = voucher.date AND noted.state <> 'withdrawn')
                 ORDER BY attachment.id, voucher.date, voucher.id
                 LIMIT %(limit)s
                    ON CONFLICT DO NOTHING
             RETURNING id
                """,
                of_mail=_OF_MAIL,
                connection=connection.id,
                which=which,
                limit=limit,
            )
        )
        documents = self.browse(row[0] for row in self.env.cr.fetchall())
        self.env["brp.accounting.voucher"].invalidate_model(["document_ids"])
        return documents

    def _is_there(self):
        """Return whether the file still is on the entry, with the content that it had."""
        self.ensure_one()
        return bool(self.attachment_id) and self.attachment_id.checksum == self.checksum

    def _find_exchanges(self):
        """Return what tells the other system of the documents, as long as it has not been told."""
        return (
            self.env["brp.exchange"]
            .sudo()
            .search([("res_model", "=", self._name), ("res_id", "in", self.ids), ("state", "!=", "done")])
        )

    def _withdraw(self):
        """The other system does not have the vouchers: nothing goes with them."""
        exchanges = self._find_exchanges()
        exchanges.lock_for_update()
        exchanges.write({"state": "cancelled"})
        self.write({"state": "withdrawn"})

    def _try_taken_away(self):
        """Have done with what was refused and has been taken away or replaced in Odoo since."""
        gone = self.filtered(lambda document: not document._is_there())
        if gone:
            exchanges = gone._find_exchanges()
            exchanges.filtered(lambda exchange: exchange.state in ("failed", "blocked"))._retry()

    # === NAMES === #

    def _get_stem_and_extension(self):
        """Return the name of the file, fit for any system, and its extension; of its type if it has none."""
        self.ensure_one()
        name = _NOT_IN_NAMES.sub("-", self.name).strip(" .-")
        stem, extension = os.path.splitext(name)
        if not mimetypes.guess_type(name)[0]:
            kind = self.attachment_id.mimetype
            guessed = mimetypes.guess_extension(kind) if kind and not kind.endswith("octet-stream") else None
            if guessed:
                stem, extension = name, guessed
        return stem[:_LONGEST_NAME].rstrip() or "document", extension

    def _get_mark(self):
        """Return what tells the file from all others of its voucher in the other system: part of its name."""
        return self.checksum[:10]

    def _get_marked_name(self):
        """Return the name by which the file is found in the other system."""
        stem, extension = self._get_stem_and_extension()
        return f"{stem}-{self._get_mark()}{extension}"

    def _get_name_in_zip(self):
        """Return the name of the file beside others, with its voucher's day and text first; its extension.

        The token stands in the voucher's text in the other system, and finds it there.
        """
        voucher = self.voucher_id
        day, text = fields.Date.to_string(voucher.date), voucher._get_text_without_date()
        stem, extension = self._get_stem_and_extension()
        return _NOT_IN_NAMES.sub("-", f"{day} {text} {voucher.token} {stem}"), extension

    def _zip(self):
        """Return a zip file of the documents' files as they are now, or nothing when there are none."""
        buffer, names = io.BytesIO(), set()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            # A file whose content was replaced is there once.
            of_vouchers = self.sorted(lambda document: (document.date, document.voucher_id.id, document.id))
            documents = {
                document.attachment_id: document for document in of_vouchers if document.attachment_id
            }
            for attachment, document in documents.items():
                stem, extension = document._get_name_in_zip()
                name, number = f"{stem}{extension}", 1
                while name.lower() in names:
                    number += 1
                    name = f"{stem} ({number}){extension}"
                names.add(name.lower())
                archive.writestr(name, attachment.raw or b"")
        return buffer.getvalue() if names else b""

    # === ACTIONS === #

    def action_download(self):
        """Show or download the file."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.attachment_id.id}",
            "target": "new",
        }


class AccountingVoucher(models.Model):
    _inherit = "brp.accounting.voucher"

    document_ids = fields.One2many(
        "brp.accounting.document", "voucher_id", string="Attachments", readonly=True
    )

    def _withdraw(self):
        result = super()._withdraw()
        self.sudo().document_ids._withdraw()
        return result
