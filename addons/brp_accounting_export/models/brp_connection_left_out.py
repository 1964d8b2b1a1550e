from dataclasses import dataclass
from datetime import date

from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from . import ledger


@dataclass(frozen=True)
class LeftOut:
    """Documents that are not exported because they are dated before the start.

    :ivar count: how many
    :ivar amount: their sum in kronor, whichever way they go
    :ivar late: how many of them were posted while the export was active
    """

    count: int
    amount: float
    first: date | None
    last: date | None
    late: int


class Connection(models.Model):
    """What is dated before the start is not exported. It is told of when it is booked afterwards."""

    _inherit = "brp.connection"

    accounting_late_count = fields.Integer(compute="_compute_accounting_late_count")

    def _compute_accounting_late_count(self):
        for connection in self:
            connection.accounting_late_count = connection.sudo()._sum_late().count

    def _sum_left_out(self, before, since=None, late=False):
        """Return what is dated before a day and in no voucher.

        :param since: the first date that is looked at, none for the first there is
        :param late: only what was posted while the export was active, and nobody has said to be right
        """
        self.ensure_one()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                SELECT COUNT(*), COALESCE(SUM(amount), 0), MIN(date), MAX(date), COUNT(*) FILTER (WHERE late)
                  FROM (%s) left_out
                """,
                ledger.find_left_out(self, before, since, late),
            )
        )
        count, amount, first, last, of_them_late = self.env.cr.fetchone()
        return LeftOut(count, float(amount), first, last, of_them_late)

    def _sum_late(self):
        """Return what was posted into days before the start while the export was active."""
        if not (self.accounting_start_date and self.state in ("active", "paused")):
            return LeftOut(0, 0.0, None, None, 0)
        return self._sum_left_out(self.accounting_start_date, late=True)

    def _find_late(self):
        """Return the documents that were posted into days before the start while the export was active."""
        self.ensure_one()
        self.env.flush_all()
        query = ledger.find_left_out(self, self.accounting_start_date, late=True)
        self.env.cr.execute(SQL("SELECT id FROM (%s) left_out ORDER BY date, id", query))
        return self.env["account.move"].browse(row[0] for row in self.env.cr.fetchall())

    def _leave_out(self, moves):
        """Let documents that are dated before the start stay out: somebody has said that it is right."""
        self.ensure_one()
        moves._set_left_out(False)
        names = self._shorten(
            self.env._("Not exported, since they are dated before the start date:"), moves.mapped("name")
        )
        self.message_post(body=names)
        self._refresh_problem()

    def _begin_earlier(self, start):
        """Export from an earlier day: all that is dated then or later and in no voucher goes.

        :param start: the new start date
        :raise UserError: it cannot be exported from that day
        """
        self.ensure_one()
        if self.state != "active":
            raise UserError(self.env._("%s is not active.", self.name))
        if start >= self.accounting_start_date:
            raise UserError(
                self.env._("Choose a day before %s.", fields.Date.to_string(self.accounting_start_date))
            )
        self._check_start_date(start)
        # The job looks at once, not when the next day is over.
        self.write({"accounting_start_date": start, "accounting_closed_until": False})
        self._refresh_problem()
        self.env.ref("brp_accounting_export.ir_cron_close").sudo()._trigger()

    def _activate(self):
        # Its dialog has told what stays out; after a pause it has not.
        anew = self.filtered(lambda one: one.is_accounting and one.state not in ("active", "paused"))
        self.env["account.move"].sudo().search(
            [("company_id", "in", anew.company_id.ids), ("accounting_left_out", "=", True)]
        )._set_left_out(False)
        return super()._activate()

    def _close_by_itself(self):
        result = super()._close_by_itself()
        self._refresh_problem()  # what was posted before the start is told of without waiting for the night
        return result

    def _describe_late(self):
        """Return what was posted into days before the start, in words, or nothing when there is none."""
        late = self.sudo()._sum_late()
        if not late.count:
            return False
        return self.env._(
            "Booked afterwards and not exported, because they are dated before the start date %(start)s:"
            " %(count)s entries of %(first)s to %(last)s, %(amount)s in all. Export them too, or leave them"
            " out.",
            start=fields.Date.to_string(self.accounting_start_date),
            count=late.count,
            first=fields.Date.to_string(late.first),
            last=fields.Date.to_string(late.last),
            amount=self.company_id.currency_id.format(late.amount),
        )

    def _find_problem(self):
        problem = super()._find_problem()
        late = self.is_accounting and self._describe_late()
        return "\n".join(filter(None, (problem, late))) or False

    # === ACTIONS === #

    def action_late(self):
        """Ask what to do about what was booked before the start."""
        self.ensure_one()
        self._check_manager()
        late = self.sudo()._find_late()
        wizard = (
            self.env["brp.accounting.late"]
            .sudo()
            .create({"connection_id": self.id, "move_ids": late.ids, "start": late[:1].date})
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Entries before the Start Date"),
            "res_model": wizard._name,
            "res_id": wizard.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_view_late(self):
        """Show the entries that were booked before the start."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Entries before the Start Date"),
            "res_model": "account.move",
            "views": [(self.env.ref("account.view_move_tree").id, "list"), (False, "form")],
            "domain": [("id", "in", self.sudo()._find_late().ids)],
            "context": {"create": False},
        }
