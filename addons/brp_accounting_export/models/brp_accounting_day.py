from odoo import api, fields, models


class AccountingDay(models.Model):
    """A day of the books and whether the other system has it (dagsavslut)."""

    _name = "brp.accounting.day"
    _description = "Day Close"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"

    connection_id = fields.Many2one(
        "brp.connection", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True)
    number = fields.Integer(
        readonly=True, aggregator=None, help="The number of the day report, without a gap."
    )
    state = fields.Selection(
        [("held", "Held"), ("closed", "Closed")], required=True, readonly=True, tracking=True
    )
    problem = fields.Text(readonly=True, help="Why the day is not exported, and what to do about it.")
    closed_on = fields.Datetime(readonly=True)
    voucher_ids = fields.One2many("brp.accounting.voucher", "day_id", readonly=True)
    voucher_count = fields.Integer(compute="_compute_vouchers")
    export_state = fields.Selection(
        [("held", "Held"), ("waiting", "Waiting"), ("problem", "Problem"), ("exported", "Exported")],
        compute="_compute_vouchers",
    )

    _one_per_date = models.UniqueIndex("(connection_id, date)")
    _number_unique = models.UniqueIndex("(connection_id, number) WHERE number > 0")

    @api.depends("state", "voucher_ids.state")
    def _compute_vouchers(self):
        states = {}
        for day, state, count in self.env["brp.accounting.voucher"]._read_group(
            [("day_id", "in", self.ids)], ["day_id", "state"], ["__count"]
        ):
            states.setdefault(day.id, {})[state] = count
        for day in self:
            of_day = states.get(day.id, {})
            day.voucher_count = sum(of_day.values())
            if day.state == "held":
                day.export_state = "held"
            elif of_day.get("problem"):
                day.export_state = "problem"
            else:
                day.export_state = "waiting" if of_day.get("waiting") else "exported"

    @api.depends("date", "number")
    def _compute_display_name(self):
        for day in self:
            day.display_name = self.env._("Day close %s", fields.Date.to_string(day.date))

    def action_view_vouchers(self):
        """Show the vouchers of the day."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "brp_accounting_export.brp_accounting_voucher_action"
        )
        action["domain"] = [("day_id", "=", self.id)]
        action["context"] = {}
        return action

    @api.model
    def _note_held(self, connection, problems):
        """Keep days back, each with its reason.

        :param problems: {date: text for the user}
        """
        there = {
            day.date: day
            for day in self.search([("connection_id", "=", connection.id), ("date", "in", list(problems))])
        }
        for date, problem in problems.items():
            if date in there:
                there[date].write({"problem": problem, "state": "held"})
        self.create(
            [
                {"connection_id": connection.id, "date": date, "state": "held", "problem": problem}
                for date, problem in problems.items()
                if date not in there
            ]
        )

    @api.model
    def _note_closed(self, connection, dates):
        """Return {date: day} of days that get vouchers now; their reports are numbered without a gap."""
        days = {
            day.date: day
            for day in self.search([("connection_id", "=", connection.id), ("date", "in", list(dates))])
        }
        [(highest,)] = self._read_group([("connection_id", "=", connection.id)], [], ["number:max"])
        new = sorted(set(dates) - days.keys())
        for day in self.create(
            [{"connection_id": connection.id, "date": date, "state": "closed"} for date in new]
        ):
            days[day.date] = day
        number = highest or 0
        for _date, day in sorted(days.items()):
            values = {"state": "closed", "problem": False}
            if not day.number:
                number += 1
                values |= {"number": number, "closed_on": fields.Datetime.now()}
            day.write(values)
        return days
