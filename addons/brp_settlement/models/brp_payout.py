from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date
from odoo.tools.query import Query

from ..kinds import COLLECTED, COSTS


class Payout(models.Model):
    """What a channel paid out: what it collected for us, less what it kept.

    It is posted when its rows add up to what was paid, agree with the sums that the channel tells, and each
    has an account. One entry clears the channel's receivable, books what was kept, and leaves one item for
    the bank.
    """

    _name = "brp.payout"
    _description = "Payout"
    _inherit = ["mail.thread.main.attachment", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(
        string="Reference", required=True, help="The channel's own; it stands on the bank statement."
    )
    channel_id = fields.Many2one("brp.payout.channel", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="channel_id.company_id", store=True, precompute=True, index=True)
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    date = fields.Date(
        required=True, default=fields.Date.context_today, help="The day it was paid, in Sweden."
    )
    amount_paid = fields.Monetary(string="Paid Out", required=True)
    line_ids = fields.One2many("brp.payout.line", "payout_id", string="Rows")
    total_ids = fields.One2many("brp.payout.total", "payout_id", string="Totals", readonly=True)
    totals_accepted = fields.Boolean(
        readonly=True, copy=False, help="Somebody has accepted that the channel's sums differ from its rows."
    )
    move_id = fields.Many2one(
        "account.move", string="Journal Entry", readonly=True, copy=False, index="btree_not_null"
    )
    on_hold = fields.Boolean(
        readonly=True, copy=False, help="Somebody has undone its booking: it is posted by hand only."
    )
    ignored = fields.Boolean(
        readonly=True, copy=False, help="Somebody has decided that it is not to be booked here."
    )
    totals_differ = fields.Boolean(compute="_compute_totals_differ")
    may_accept = fields.Boolean(compute="_compute_may_accept", help="The difference is small enough.")
    failure = fields.Text(
        readonly=True, copy=False, help="Why it could not be posted by itself the last time."
    )
    state = fields.Selection(
        [
            ("open", "To Explain"),
            ("ready", "Ready to Post"),
            ("posted", "Posted"),
            ("ignored", "Left Out"),
        ],
        compute="_compute_state",
        store=True,
        tracking=True,
        index=True,
    )
    problem = fields.Text(compute="_compute_problem", string="What Is Wrong")
    amount_lines = fields.Monetary(string="Sum of the Rows", compute="_compute_amounts", store=True)
    difference = fields.Monetary(
        compute="_compute_amounts", store=True, help="What was paid, less the sum of the rows."
    )
    amount_sales = fields.Monetary(string="Sales", compute="_compute_amounts", store=True)
    amount_refunds = fields.Monetary(string="Refunds", compute="_compute_amounts", store=True)
    amount_costs = fields.Monetary(
        string="Fees", compute="_compute_amounts", store=True, help="Fees, commission and their corrections."
    )
    amount_vat = fields.Monetary(string="VAT on Fees", compute="_compute_amounts", store=True)
    amount_other = fields.Monetary(string="Other", compute="_compute_amounts", store=True)
    fee_share = fields.Float(
        compute="_compute_amounts",
        store=True,
        aggregator="avg",
        help="Fees without VAT, as a part of the sales.",
    )
    count_unknown = fields.Integer(string="Rows Without Account", compute="_compute_amounts", store=True)
    count_unmatched = fields.Integer(string="Rows Without Document", compute="_compute_amounts", store=True)
    match_sales = fields.Boolean(related="channel_id.match_sales")

    _name_unique = models.UniqueIndex(
        "(channel_id, name)", "The channel has a payout of this reference already."
    )

    # === COMPUTE METHODS === #

    @api.depends("amount_paid", "line_ids.amount", "line_ids.kind", "line_ids.account_id", "line_ids.item_id")
    def _compute_amounts(self):
        sums, unknown, unmatched = self._sum_lines()
        for payout in self:
            of_kind = sums.get(payout._origin.id, {})
            round_ = payout.currency_id.round if payout.currency_id else lambda amount: round(amount, 2)
            total = round_(sum(of_kind.values()))
            payout.amount_lines = total
            payout.difference = round_(payout.amount_paid - total)
            payout.amount_sales = of_kind.get("sale", 0)
            payout.amount_refunds = of_kind.get("refund", 0)
            payout.amount_costs = round_(sum(of_kind.get(kind, 0) for kind in COSTS))
            payout.amount_vat = of_kind.get("fee_vat", 0)
            payout.amount_other = round_(
                total - payout.amount_sales - payout.amount_refunds - payout.amount_costs - payout.amount_vat
            )
            payout.fee_share = -payout.amount_costs / payout.amount_sales if payout.amount_sales else 0
            payout.count_unknown = unknown.get(payout._origin.id, 0)
            payout.count_unmatched = unmatched.get(payout._origin.id, 0)

    def _sum_lines(self):
        """Return ({payout id: {kind: sum}}, {payout id: rows without account}, {id: rows without item})."""
        sums, unknown, unmatched = {}, {}, {}
        Line = self.env["brp.payout.line"]
        for payout, kind, amount in Line._read_group(
            [("payout_id", "in", self._origin.ids)], ["payout_id", "kind"], ["amount:sum"]
        ):
            sums.setdefault(payout.id, {})[kind] = amount
        nowhere = ["|", ("account_id", "=", False), ("kind", "=", False)]
        for payout, count in Line._read_group(
            [("payout_id", "in", self._origin.ids), *nowhere], ["payout_id"], ["__count"]
        ):
            unknown[payout.id] = count
        # What somebody books on another account needs no document.
        for payout, account, count in Line._read_group(
            [
                ("payout_id", "in", self._origin.ids),
                ("kind", "in", COLLECTED),
                ("item_id", "=", False),
                ("amount", "!=", 0),
            ],
            ["payout_id", "account_id"],
            ["__count"],
        ):
            if account == payout.channel_id.receivable_account_id:
                unmatched[payout.id] = count
        return sums, unknown, unmatched

    @api.depends(
        "difference",
        "count_unknown",
        "count_unmatched",
        "channel_id.match_sales",
        "currency_id",
        "total_ids.difference",
        "totals_accepted",
        "move_id.state",
        "ignored",
    )
    def _compute_state(self):
        for payout in self:
            if payout.move_id:
                payout.state = "posted" if payout.move_id.state == "posted" else "open"
            elif payout.ignored:
                payout.state = "ignored"
            else:
                payout.state = "open" if payout._find_problems() else "ready"

    @api.depends("total_ids.difference")
    def _compute_totals_differ(self):
        for payout in self:
            payout.totals_differ = any(payout.total_ids.mapped("difference"))

    @api.depends("difference", "channel_id.rounding_limit")
    def _compute_may_accept(self):
        for payout in self:
            limit = payout.channel_id.rounding_limit
            payout.may_accept = bool(payout.difference and payout.currency_id) and (
                payout.currency_id.compare_amounts(abs(payout.difference), limit) <= 0
            )

    @api.depends("state", "date", "failure", "on_hold")
    @api.depends_context("lang")
    def _compute_problem(self):
        for payout in self:
            problems = [] if payout.state in ("posted", "ignored") else payout._find_problems()
            if payout.state == "ready":
                problems = payout._find_hindrances() or list(filter(None, [payout.failure]))
                if payout.on_hold and not problems:
                    problems = [
                        self.env._("Its booking was undone. Correct what is wrong, and post it by hand.")
                    ]
            payout.problem = "\n".join(problems)

    def _find_problems(self):
        """Return what keeps the payout from being posted and what to do about it, a sentence each."""
        self.ensure_one()
        money = self.currency_id.format
        problems = []
        if self.move_id and self.move_id.state != "posted":
            problems.append(
                self.env._(
                    "Its entry %s is not posted. Post it, or undo the payout.", self.move_id.display_name
                )
            )
        if self.company_id and self.currency_id != self.company_id.currency_id:
            problems.append(
                self.env._(
                    "It is paid in %(currency)s, the books are kept in %(own)s. Leave it out, and book it by"
                    " hand at the bank's rate.",
                    currency=self.currency_id.name,
                    own=self.company_id.currency_id.name,
                )
            )
        if self.count_unknown:
            problems += self._describe_unknown()
        if self.channel_id.match_sales and self.count_unmatched:
            problems.append(
                self.env._(
                    "Sales and refunds without a document in Odoo: %s. Choose the invoice or payment that"
                    " each belongs to.",
                    self.count_unmatched,
                )
            )
        if not self.totals_accepted:
            problems += [
                self.env._(
                    "%(name)s: the channel tells %(told)s, its rows come to %(rows)s, a difference of"
                    " %(difference)s. Fetch it again, or ask the channel.",
                    name=total.name,
                    told=money(total.amount),
                    rows=money(total.amount_lines),
                    difference=money(total.difference),
                )
                for total in self.total_ids.filtered("difference")
            ]
        if self.difference:
            problems.append(
                self.env._(
                    "The rows come to %(rows)s, but %(paid)s was paid: a difference of %(difference)s.",
                    rows=money(self.amount_lines),
                    paid=money(self.amount_paid),
                    difference=money(self.difference),
                )
            )
        if not self.amount_lines and not self.amount_paid and not self._has_lines():
            problems.append(self.env._("It has no rows."))
        return problems

    def _has_lines(self):
        return bool(self.env["brp.payout.line"].search_count([("payout_id", "=", self._origin.id)], limit=1))

    def _find_hindrances(self):
        """Return what keeps a payout that is explained from being posted now, a sentence each."""
        self.ensure_one()
        hindrances = list(filter(None, [self._find_lock()]))
        if lost := self._find_lost_items():
            hindrances.append(
                self.env._(
                    "No longer open: %s. Choose other documents for their rows.",
                    ", ".join(lost.move_id.mapped("display_name")[:10]),
                )
            )
        return hindrances

    def _find_lost_items(self):
        """Return the items that rows are to settle, but that have been settled or taken back since."""
        Line = self.env["brp.payout.line"]
        items = self.env["account.move.line"].union(
            *[item for (item,) in Line._read_group([("payout_id", "=", self.id)], ["item_id"])]
        )
        return items.filtered(lambda item: item.parent_state != "posted" or item.reconciled)

    def _let_go_of_lost_items(self):
        """Have the rows of items that can no longer be settled look for others."""
        if lost := self._find_lost_items():
            self.env["brp.payout.line"].search(
                [("payout_id", "=", self.id), ("item_id", "in", lost.ids)]
            ).item_id = False
        # An item that was deleted has left its row without a word.
        self._note_lines_changed()

    def _find_lock(self):
        """Return why the books cannot take the payout's day, or nothing. A date is never moved."""
        self.ensure_one()
        return self._describe_lock(self.date)

    def _describe_lock(self, day):
        company = self.company_id
        locks = company._get_violated_lock_dates(day, True, self.channel_id.journal_id)
        if not locks:
            return False
        return self.env._(
            "%(day)s is locked: %(locks)s. It waits until the period is opened.",
            day=format_date(self.env, day),
            locks=company._format_lock_dates(locks),
        )

    # === CRUD METHODS === #

    def _note_lines_changed(self):
        """Count anew after rows were written past the ORM."""
        Line = self.env["brp.payout.line"]
        Line.invalidate_model()
        self.invalidate_recordset(["line_ids"])
        for name in ("amount_lines", "count_unknown", "amount_sales"):
            self.env.add_to_compute(self._fields[name], self)
        self.modified(["line_ids"])

    @api.ondelete(at_uninstall=False)
    def _unlink_except_posted(self):
        for payout in self:
            if payout.move_id:
                raise UserError(self.env._("%s is booked. Undo it first.", payout.name))

    def write(self, vals):
        fixed = {"name", "channel_id", "currency_id", "date", "amount_paid"} & vals.keys()
        if fixed and (booked := self.filtered("move_id")):
            raise UserError(self.env._("%s is booked. Undo it first.", ", ".join(booked.mapped("name"))))
        return super().write(vals)

    def _message_track(self, fields_iter, initial_values_dict):
        # Scheduled actions have no language: whoever looks after the channel reads what they note.
        if self.env.lang:
            return super()._message_track(fields_iter, initial_values_dict)
        tracking = {}
        for lang, payouts in self.grouped(lambda payout: payout.channel_id._get_language()).items():
            payouts = payouts.with_context(lang=lang or "en_US")
            tracking |= super(Payout, payouts)._message_track(fields_iter, initial_values_dict)
        return tracking

    # === ACTIONS === #

    def action_view_lines(self):
        """Show the payout's rows."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id("brp_settlement.brp_payout_line_action")
        action["domain"] = [("payout_id", "=", self.id)]
        action["context"] = {"default_payout_id": self.id}
        return action

    def action_view_unknown(self):
        """Show the rows that have no account, or of which nobody knows what they are."""
        action = self.action_view_lines()
        action["display_name"] = self.env._("Without Account")
        action["domain"] = self._get_unknown_domain()
        action["context"] |= {"unknown_rows": True}
        return action

    def action_view_unmatched(self):
        """Show the sales and refunds that have no document."""
        action = self.action_view_lines()
        action["display_name"] = self.env._("Without Document")
        action["domain"] = [("payout_id", "=", self.id), ("kind", "in", COLLECTED), ("item_id", "=", False)]
        return action

    def action_view_moves(self):
        """Show the entries that were made for the payout."""
        moves = self._get_moves()
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Journal Entries"),
            "res_model": "account.move",
            "domain": [("id", "in", moves.ids)],
            "views": [(self.env.ref("account.view_move_tree").id, "list"), (False, "form")],
            "context": {"create": False},
        }
        if len(moves) == 1:
            action |= {"views": [(False, "form")], "res_id": moves.id}
        return action

    def action_view_open_items(self):
        """Show what of the payout is still open on the channel's receivable."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open on %s", self.channel_id.receivable_account_id.display_name),
            "res_model": "account.move.line",
            "views": [(self.env.ref("brp_settlement.account_move_line_view_list_open").id, "list")],
            "domain": self._get_open_domain(),
            "context": {"create": False},
        }

    def _get_open_domain(self):
        """Return the domain of what is open on the receivable.

        Where sales are booked before they are paid out, what a payout has left out is open as well.
        """
        own = [] if self.match_sales else [("move_id", "in", self._get_moves().ids)]
        return [
            *own,
            ("company_id", "=", self.company_id.id),
            ("account_id", "=", self.channel_id.receivable_account_id.id),
            ("reconciled", "=", False),
            ("parent_state", "=", "posted"),
        ]

    def _read_group_select(self, aggregate_spec: str, query: Query) -> SQL:
        # The share of a group is that of its sums, not the average of its payouts' shares.
        if aggregate_spec != "fee_share:avg":
            return super()._read_group_select(aggregate_spec, query)
        return SQL(
            "-SUM(%(costs)s) / NULLIF(SUM(%(sales)s), 0)",
            costs=self._field_to_sql(self._table, "amount_costs", query),
            sales=self._field_to_sql(self._table, "amount_sales", query),
        )
