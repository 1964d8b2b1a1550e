from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from odoo.addons.brp_connector.service import ServiceError

_PAGE = 1000
#: So many are noted in one transaction: a payment may have to be registered for each
_STEP = 100
#: What has been asked for so lately is not asked for again by a job that goes on where it stopped
_LATELY = timedelta(minutes=30)
#: What is neither paid nor deleted is asked for as long as it was posted so many days ago at most
_DAYS = 730


class Connection(models.Model):
    """What has become of the orders at 24SevenOffice, a thousand in a call."""

    _inherit = "brp.connection"

    def _check_seven(self, moves):
        """Ask what has become of invoices, and note it.

        :raises UserError: 24SevenOffice does not answer, or refuses
        """
        self.ensure_one()
        sent = moves.filtered(lambda move: move._get_seven_number(self))
        if not sent:
            raise UserError(self.env._("Nothing of this has been handed over to 24SevenOffice yet."))
        own = self.sudo()
        try:
            office = own._get_service()
            for part in split_every(_PAGE, sent.ids, moves.browse):
                part._note_seven(office.get_invoices([int(order) for order in part.mapped("seven_order")]))
        except ServiceError as error:
            raise UserError(self._explain(error)) from error

    @api.model
    def _cron_seven(self):
        """Send what is to be sent by itself, and ask what has become of all that is not paid."""
        progress = self.env["ir.cron"]
        connections = self.search([("provider", "=", "24seven"), ("state", "=", "active")])
        progress._commit_progress(remaining=len(connections))
        for connection in connections:
            connection = connection._in_language().with_company(connection.company_id)
            try:
                if connection.seven_automatic:
                    connection._send_seven_by_itself()
                    # Others may have to be asked about for some time.
                    progress._commit_progress()
                seconds = connection._check_seven_all(progress)
            except ServiceError as error:
                self.env.cr.rollback()
                connection._note_failure(error)
                connection._refresh_problem()
                seconds = progress._commit_progress()
            except UserError as error:
                # One company's is not to keep the others back.
                self.env.cr.rollback()
                connection._write_changed({"failure": str(error)})
                connection._refresh_problem()
                seconds = progress._commit_progress()
            if not seconds or not progress._commit_progress(1):
                break

    def _send_seven_by_itself(self):
        """Hand over what is new; what was deleted there, or given up, is sent again by people only."""
        moves = self._find_seven_waiting()
        given_up = moves._get_seven_exchanges(("cancelled",)).mapped("res_id")
        (moves - moves.browse(given_up)).try_lock_for_update()._send_to_seven()

    def _check_seven_all(self, progress):
        """Ask for all that is not paid; return the seconds that are left."""
        moves = self.env["account.move"].search(
            [
                ("company_id", "in", self._get_seven_branches().ids),
                ("seven_order", "!=", False),
                # Orders of a company that was chosen before have the same numbers.
                ("seven_identity", "=", self.sudo().seven_identity),
                # One may be waiting to be brought up to date.
                ("seven_state", "in", ("waiting", "order", "invoiced")),
                ("invoice_date", ">=", fields.Date.today() - timedelta(days=_DAYS)),
                "|",
                ("seven_checked", "=", False),
                ("seven_checked", "<=", fields.Datetime.now() - _LATELY),
            ],
            order="seven_checked NULLS FIRST, id",
        )
        office, seconds = self._get_service() if moves else None, 1
        for part in split_every(_PAGE, moves.ids, moves.browse):
            asked = {move.id: move.seven_order for move in part}
            orders = office.get_invoices(map(int, asked.values()))
            # What people have done meanwhile is seen, and what they are at now is left to the next time.
            progress._commit_progress()
            for some in split_every(_STEP, part.ids, moves.browse):
                free = some.try_lock_for_update(allow_referencing=True)
                same = free.filtered(lambda move, asked=asked: move.seven_order == asked[move.id])
                same._note_seven(orders)
                if not (seconds := progress._commit_progress()):
                    return seconds
        if moves or not self.failures:
            self._note_success()
        return seconds
