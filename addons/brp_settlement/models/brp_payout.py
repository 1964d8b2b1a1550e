from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date
from odoo.tools.query import Query

from ..kinds import COLLECTED, COSTS, KINDS, describe_word

#: Words that are named in the text of a problem
_WORDS_SHOWN = 5


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
    bank_line_id = fields.Many2one("account.bank.statement.line", compute="_compute_bank_line_id")
    on_bank = fields.Boolean(string="Seen on the Bank", compute="_compute_on_bank", search="_search_on_bank")

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

    # === POSTING === #

    def action_post(self):
        """Book the payouts."""
        self.check_access("write")
        for payout in self:
            payout._post()

    def _post(self):
        """Book the payout. Doing so again changes nothing.

        :raise UserError: what is wrong, and what to do
        """
        self.ensure_one()
        self = self.with_context(lang=self.channel_id._get_language())
        self._lock()
        if self.move_id:
            return
        if self.ignored:
            raise UserError(self.env._("%s has been left out. Take it in again first.", self.display_name))
        self._note_lines_changed()
        problems = self._find_problems() or self._find_hindrances()
        if problems:
            raise UserError("\n".join([self.env._("%s cannot be posted.", self.display_name), *problems]))
        plan = self._plan_items()
        self.move_id = self._make_entry(
            self.date, self.env._("Payout %s", self.name), [values for values, _settles in plan]
        )
        self.write({"failure": False, "on_hold": False})
        self._settle(plan)

    def _lock(self):
        """Wait for who else works on the payout, and see what it has done."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL("SELECT move_id FROM brp_payout WHERE id = %s FOR UPDATE", self.id), log_exceptions=False
        )
        self.invalidate_recordset()

    def _make_entry(self, day, ref, items):
        """Make and post an entry of the channel, see :meth:`_make_entries`."""
        return self._make_entries([(day, ref, items)])

    def _make_entries(self, entries):
        """Make and post entries of the channel.

        :param entries: [(day, reference, values of journal items)]; the items of each balance
        :return: the entries in this order; the items of each have the order of the values when they are
            sorted by id
        """
        channel = self.channel_id
        quiet = {"tracking_disable": True, "skip_invoice_sync": True}
        distributions = self._find_distributions(
            {item["account_id"] for _day, _ref, items in entries for item in items}
        )
        moves = (
            self.env["account.move"]
            .with_company(self.company_id)
            .with_context(**quiet)
            .create(
                [
                    {
                        "move_type": "entry",
                        "journal_id": channel.journal_id.id,
                        "date": day,
                        "ref": ref,
                        "line_ids": [
                            Command.create(
                                item
                                if item.get("partner_id")
                                else {"analytic_distribution": distributions[item["account_id"]], **item}
                            )
                            for item in items
                        ],
                    }
                    for day, ref, items in entries
                ]
            )
        )
        moves._post(soft=False)
        return moves

    def _find_distributions(self, accounts):
        """Return {account id: analytic distribution} as Odoo proposes it for items without a partner.

        It would look for each item of each entry by itself.
        """
        draft = self.env["account.move"].new(
            {
                "journal_id": self.channel_id.journal_id.id,
                "line_ids": [Command.create({"account_id": account}) for account in accounts],
            }
        )
        return {item.account_id._origin.id: item.analytic_distribution for item in draft.line_ids}

    def _plan_items(self):
        """Return [(values of an item of the entry, open items that it settles or none)].

        There is one item per account and kind of row. What settles open items of the receivable to the öre is
        one item together; what settles a part, or something else, is an item of its own.
        """
        self.ensure_one()
        round_ = self.currency_id.round
        receivable = self.channel_id.receivable_account_id
        plan = [(self._prepare_item(self.channel_id.paid_account_id.id, self.amount_paid, self.name), None)]
        whole = self.env["account.move.line"]
        cleared = 0
        for account, kind, item, amount in self._group_lines():
            if account == receivable and not item:
                cleared = round_(cleared + amount)
            elif item and self._is_settled_by(item, amount):
                cleared = round_(cleared + amount)
                whole += item
            elif item:
                values = self._prepare_item(item.account_id.id, -amount, item.move_id.name)
                plan.append((values | {"partner_id": item.partner_id.id}, item))
            else:
                values = self._prepare_item(account.id, -amount, self._describe_kind(kind))
                plan.append((values | self._get_tax_values(kind), None))
        if cleared or whole:
            plan.append((self._prepare_item(receivable.id, -cleared, self.name), whole))
        # What comes to nothing is booked as well: its entry tells that it has been explained.
        return [(values, settles) for values, settles in plan if values["balance"] or settles] or plan[:1]

    def _group_lines(self):
        """Return [(account, kind, open item, sum)] of the rows, what clears the receivable as one kind."""
        Line = self.env["brp.payout.line"]
        return Line._read_group(
            [("payout_id", "=", self.id)], ["account_id", "kind", "item_id"], ["amount:sum"]
        )

    def _is_settled_by(self, item, amount):
        """Return whether an amount settles the whole of an open item of the receivable."""
        return (
            item.account_id == self.channel_id.receivable_account_id
            and item.currency_id.compare_amounts(item.amount_residual, amount) == 0
        )

    def _prepare_item(self, account, balance, name):
        balance = self.currency_id.round(balance)
        return {
            "account_id": account,
            "balance": balance,
            "amount_currency": balance,
            "currency_id": self.company_id.currency_id.id,
            "name": name,
        }

    def _get_tax_values(self, kind):
        """Return what has the item of a kind reported as VAT."""
        if kind != "fee_vat":
            return {}
        tax = self.channel_id.mapping_ids.filtered(lambda row: row.kind == kind).tax_id[:1]
        repartition = tax.invoice_repartition_line_ids.filtered(lambda line: line.repartition_type == "tax")[
            :1
        ]
        if not repartition:
            return {}
        return {
            "tax_repartition_line_id": repartition.id,
            "tax_tag_ids": [Command.set(repartition.tag_ids.ids)],
            "tax_base_amount": abs(self.amount_costs),
        }

    def _describe_kind(self, kind):
        label = dict(self.env["brp.payout.line"]._fields["kind"]._description_selection(self.env)).get(
            kind, ""
        )
        return f"{label} {self.name}"

    def _settle(self, plan):
        """Match what the entry clears with what it settles, so that nothing of the payout stays open."""
        self.ensure_one()
        for item, (_values, settles) in zip(self.move_id.line_ids.sorted("id"), plan, strict=True):
            if settles:
                (item + settles).reconcile()

    def action_undo(self):
        """Take the booking back: the entry is cancelled and what it settled is open again."""
        self.check_access("write")
        for payout in self.filtered("move_id"):
            payout._lock()
            payout._undo()

    def _undo(self):
        moves = self._get_moves().with_context(payout_undo=True)
        posted = moves.filtered(lambda move: move.state == "posted")
        self._find_bank_lines().action_undo_reconciliation()
        posted.line_ids.remove_move_reconcile()
        posted.button_draft()
        moves.filtered(lambda move: move.state == "draft").button_cancel()
        self.message_post(body=self.env._("The booking was undone: %s", ", ".join(moves.mapped("name"))))
        # Otherwise it would be booked again as it is before anybody has corrected it.
        self.write({"move_id": False, "on_hold": True})

    def action_leave_out(self):
        """Put payouts aside that are not to be booked here: booked elsewhere, or in another currency."""
        self.check_access("write")
        self._check_manager()
        for payout in self:
            payout._lock()
            if payout.move_id:
                raise UserError(self.env._("%s is booked. Undo it first.", payout.name))
            payout.ignored = True

    def action_take_in(self):
        """Have payouts that were left out booked after all."""
        self.check_access("write")
        self._check_manager()
        self.ignored = False

    def _check_manager(self):
        """Refuse those who may not decide what is booked in another way than by the rows."""
        if not (self.env.su or self.env.user.has_group("account.group_account_manager")):
            raise AccessError(self.env._("Only accounting administrators may do this."))

    def _get_moves(self):
        """Return the entries that were made for the payouts."""
        return self.move_id

    @api.model
    def _cron_post(self):
        """Post what adds up, in the order it was paid, each payout by itself."""
        # The document of a sale may have come since.
        self.search(
            [("state", "=", "open"), ("channel_id.match_sales", "=", True), ("count_unmatched", ">", 0)]
        )._match()
        domain = [("state", "=", "ready"), ("channel_id.auto_post", "=", True), ("on_hold", "=", False)]
        payouts = self.search(domain, order="date, id")
        progress = self.env["ir.cron"]
        progress._commit_progress(remaining=len(payouts))
        for payout in payouts:
            payout = payout.with_company(payout.company_id).try_lock_for_update()
            if payout:
                payout._try_to_post()
            if not progress._commit_progress(1):
                break

    def _try_to_post(self):
        """Book the payout if it can be; otherwise it tells why, and others do not suffer for it."""
        self.ensure_one()
        self._let_go_of_lost_items()
        if self.state != "ready" or self._find_lock():
            return
        try:
            with self.env.cr.savepoint():
                self._post()
        except UserError as error:
            self.failure = str(error)

    # === WAYS TO SOLVE === #

    def action_map(self):
        """Show the channel's words that are not known yet, to be told what they mean."""
        self.ensure_one()
        words = self._find_unknown_words()
        if not words:
            return self.action_view_unknown()
        channel = self.channel_id
        mapping = channel._get_mapping()
        kinds = dict(KINDS)
        self.env["brp.payout.mapping"].create(
            [
                {"channel_id": channel.id, "code": word, "kind": word in kinds and word}
                for word in words
                if word not in mapping
            ]
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What Do These Mean?"),
            "res_model": "brp.payout.mapping",
            "views": [(self.env.ref("brp_settlement.brp_payout_mapping_view_list").id, "list")],
            "domain": [("channel_id", "=", channel.id), ("code", "in", words)],
            "context": {"default_channel_id": channel.id},
        }

    def _find_unknown_words(self):
        return list(filter(None, self._count_unknown_words()))

    def _count_unknown_words(self):
        """Return {word: number of rows that have no account}; of rows without a word it is their kind.

        What there is neither word nor kind of is under False.
        """
        counts = {}
        for word, kind, count in self.env["brp.payout.line"]._read_group(
            self._get_unknown_domain(), ["code", "kind"], ["__count"]
        ):
            counts[word or kind] = counts.get(word or kind, 0) + count
        return counts

    def _get_unknown_domain(self):
        return [
            ("payout_id", "in", self._origin.ids),
            *("|", ("account_id", "=", False), ("kind", "=", False)),
        ]

    def _describe_unknown(self):
        """Return what there is to tell of rows without account, a sentence for those that have a word."""
        counts = self._count_unknown_words()
        wordless = counts.pop(False, 0)
        sentences = []
        if counts:
            labels = dict(self.env["brp.payout.line"]._fields["kind"]._description_selection(self.env))
            names = [describe_word(word, labels) or labels[word] for word in counts]
            if len(names) > _WORDS_SHOWN:
                names[_WORDS_SHOWN:] = [self.env._("and %s more", len(names) - _WORDS_SHOWN)]
            sentences.append(
                self.env._(
                    "Rows without account: %(count)s (%(words)s). Tell what the words mean, or choose"
                    " accounts on the rows.",
                    count=sum(counts.values()),
                    words=", ".join(names),
                )
            )
        if wordless:
            sentences.append(
                self.env._(
                    "Rows of which the channel does not tell what they are: %s. Choose kind and account on"
                    " them.",
                    wordless,
                )
            )
        return sentences

    def action_accept_difference(self):
        """Book what is missing or too much as a difference, if it is small enough."""
        self._check_manager()
        for payout in self:
            payout._lock()
            payout._accept_difference()

    def _accept_difference(self):
        self.ensure_one()
        channel = self.channel_id
        money = self.currency_id.format
        if not self.difference:
            return
        if not channel.rounding_account_id:
            raise UserError(self.env._("%s has no account for differences. Choose one first.", channel.name))
        if not self.may_accept:
            raise UserError(
                self.env._(
                    "The difference is %(difference)s; at most %(limit)s can be accepted (a setting of"
                    " %(channel)s).",
                    difference=money(self.difference),
                    limit=money(channel.rounding_limit),
                    channel=channel.name,
                )
            )
        self.message_post(body=self.env._("A difference of %s was accepted.", money(self.difference)))
        self.line_ids = [
            Command.create(
                {
                    "kind": "rounding",
                    "account_id": channel.rounding_account_id.id,
                    "amount": self.difference,
                    "date": self.date,
                    "text": self.env._("Accepted difference"),
                }
            )
        ]

    def action_accept_totals(self):
        """Accept that the channel's sums differ from its rows, when the rows come to what was paid."""
        self._check_manager()
        for payout in self:
            if payout.difference:
                raise UserError(
                    self.env._("The rows of %s do not come to what was paid.", payout.display_name)
                )
            payout.totals_accepted = True
            payout.message_post(body=self.env._("The channel's sums were accepted as they are."))

    # === BANK === #

    def _compute_bank_line_id(self):
        for payout in self:
            payout.bank_line_id = payout._find_bank_line()

    def _find_bank_line(self):
        """Return the bank statement's line that the payout can be matched with, if there is exactly one.

        It carries the reference, or is of the same amount within a week.
        """
        self.ensure_one()
        if self.state != "posted" or not self._get_paid_item():
            return self.env["account.bank.statement.line"]
        Line = self.env["account.bank.statement.line"]
        domain = [
            ("company_id", "=", self.company_id.id),
            ("is_reconciled", "=", False),
            ("amount", "=", self.amount_paid),
            ("currency_id", "=", self.currency_id.id),
        ]
        found = Line.search([*domain, ("payment_ref", "ilike", self.name)], limit=2)
        if not found:
            week = fields.Date.add(self.date, days=7)
            found = Line.search([*domain, ("date", ">=", self.date), ("date", "<=", week)], limit=2)
        return found if len(found) == 1 else Line

    def _find_bank_lines(self):
        """Return the lines of bank statements that the payout has been matched with."""
        account = self.channel_id.paid_account_id
        paid = self.move_id.line_ids.filtered(lambda item: item.account_id == account)
        others = paid.matched_debit_ids.debit_move_id | paid.matched_credit_ids.credit_move_id
        return others.statement_line_id

    def _get_paid_item(self):
        """Return the item that waits for the bank statement."""
        account = self.channel_id.paid_account_id
        return self.move_id.line_ids.filtered(
            lambda item: item.account_id == account and account.reconcile and not item.reconciled
        )

    def action_match_bank(self):
        """Match what was paid out with its line of the bank statement."""
        for payout in self:
            line = payout._find_bank_line()
            if not line:
                raise UserError(
                    self.env._("The bank statement has no line, or several, that %s could be.", payout.name)
                )
            suspense = line.journal_id.suspense_account_id
            counterpart = line.line_ids.filtered(lambda item, suspense=suspense: item.account_id == suspense)
            item = payout._get_paid_item()
            counterpart.with_context(force_delete=True, skip_readonly_check=True).account_id = item.account_id
            (counterpart + item).reconcile()

    def _compute_on_bank(self):
        for payout in self:
            payout.on_bank = payout.state == "posted" and not payout._get_paid_item()

    def _search_on_bank(self, operator, value):
        if operator not in ("in", "not in"):
            return NotImplemented
        waiting = self.search([("state", "=", "posted")]).filtered(lambda payout: payout._get_paid_item())
        seen = (True in value) == (operator == "in")
        return [("state", "=", "posted"), ("id", "not in" if seen else "in", waiting.ids)]

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
        return [
            ("move_id", "in", self._get_moves().ids),
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
