import logging
from datetime import datetime, timedelta

from psycopg2 import OperationalError

from odoo import api, fields, models
from odoo.exceptions import UserError

_logger = logging.getLogger(__name__)

_LONG_AGO = datetime(2000, 1, 1)
# What was being written when we looked last was not seen then.
_MARGIN = timedelta(days=1)
# How often what has been looked at is put on record.
_NOTED = timedelta(hours=1)
# Longer after its export nothing is attached to a voucher.
_WINDOW = timedelta(days=400)
# So many at a time; the rest goes in the next run, which follows at once.
_BATCH = 500


class Connection(models.Model):
    """The documents of journal entries go with the vouchers that hold the entries."""

    _inherit = "brp.connection"

    accounting_documents = fields.Boolean(
        string="Attach the Documents of Journal Entries",
        default=True,
        help="Files on miscellaneous journal entries, also those that are put there later, go with the"
        " vouchers. Those of invoices stay in Odoo.",
    )
    accounting_documents_checked_at = fields.Datetime(
        readonly=True, copy=False, help="Documents that were written before have been looked at."
    )
    accounting_documents_failure = fields.Text(
        readonly=True, copy=False, help="Why the documents of journal entries could not be looked for."
    )

    def write(self, vals):
        if vals.get("accounting_documents"):
            vals = {**vals, "accounting_documents_checked_at": False}  # those of the meantime go as well
        return super().write(vals)

    @api.model
    def _cron_close_days(self):
        """Look for documents as well that were put on entries after these had been exported."""
        result = super()._cron_close_days()
        for connection in self.search([("state", "=", "active"), ("accounting_documents", "=", True)]):
            if not connection.is_accounting:
                continue
            try:
                with self.env.cr.savepoint():
                    connection._find_new_documents()
            except OperationalError:
                raise  # Odoo tries the job again
            except Exception as error:
                _logger.exception("The documents of connection %s could not be gathered", connection.id)
                connection._in_language()._note_documents_failure(error)
            else:
                connection._note_documents_failure(None)
            self.env["ir.cron"]._commit_progress()
        return result

    def _gather_documents(self, vouchers):
        """Have the documents go with vouchers that the other system has got now, or gets in a file."""
        self.ensure_one()
        if self.accounting_documents:
            self._export_documents(self.env["brp.accounting.document"].sudo()._gather(self, vouchers))

    def _find_new_documents(self):
        """Have those documents go with their vouchers that have been put on the entries since.

        The first time, these are the documents of all that this connection has exported in the last 400 days.
        """
        self.ensure_one()
        now = fields.Datetime.now()
        checked = self.accounting_documents_checked_at
        Document = self.env["brp.accounting.document"].sudo()
        documents = Document._gather(
            self._in_language(),
            since=(checked or _LONG_AGO) - _MARGIN,
            exported_since=now - _WINDOW,
            limit=_BATCH,
        )
        self._export_documents(documents)
        if len(documents) == _BATCH:
            self.env.ref("brp_accounting_export.ir_cron_close").sudo()._trigger()
        # Somebody who exports by hand at this moment is not waited for.
        elif (not checked or now - checked >= _NOTED) and self.try_lock_for_update():
            self.accounting_documents_checked_at = now
        Document.search([("connection_id", "=", self.id), ("state", "=", "problem")])._try_taken_away()

    def _note_documents_failure(self, error):
        """Show why the documents could not be looked for, or that they could.

        :param error: what stopped it, or None
        """
        failure = False
        if error:
            told = str(error) if isinstance(error, UserError) else type(error).__name__
            failure = self.env._(
                "The documents of journal entries could not be looked for: %s. It is tried again; the"
                " vouchers themselves are exported.",
                told,
            )
        if failure != self.accounting_documents_failure:
            self.accounting_documents_failure = failure
            self._refresh_problem()

    def _find_problem(self):
        problem = super()._find_problem()
        failure = self.accounting_documents and self.accounting_documents_failure
        return "\n".join(filter(None, (problem, failure))) or False

    def _export_documents(self, documents):
        """Have new documents go with their vouchers, which the other system has."""
