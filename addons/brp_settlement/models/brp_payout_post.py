from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class Payout(models.Model):
    """Booking payouts: their entries, what these settle, and taking them back."""

    _inherit = "brp.payout"

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
        problems = (self.state != "ready" and self._find_problems()) or self._find_hindrances()
        if problems:
            raise UserError("\n".join([self.env._("%s cannot be posted.", self.display_name), *problems]))
        plan = self._plan_items()
        own = (self.date, self.env._("Payout %s", self.name), [values for values, _settles in plan])
        along = self._prepare_entries_along()
        moves = self._make_entries([own, *along.values()])
        self.write({"move_id": moves[0].id, "failure": False, "on_hold": False})
        for what, move in zip(along, moves[1:], strict=True):
            what._note_entry(move)
        self._settle(plan)

    def _prepare_entries_along(self):
        """Return the entries that are made with the payout's: to make all of them at once is cheaper.

        :return: {record that :meth:`_note_entry` is called on: entry as in :meth:`_make_entries`}
        """
        return {}

    def _lock(self):
        """Wait for who else works on the payout, and see what it has done."""
        self.flush_recordset()
        self.env.cr.execute(
            SQL("SELECT move_id FROM brp_payout WHERE id = %s FOR UPDATE", self.id), log_exceptions=False
        )
        self.invalidate_recordset()

    def _make_entries(self, entries):
        """Make and post entries of the channel.

        :param entries: [(day, reference, values of journal items)]; the items of each balance
        :return: the entries in this order; the items of each have the order of the values when they are
            sorted by id
        """
        channel = self.channel_id
        quiet = {"tracking_disable": True, "skip_invoice_sync": True, "payout_entries": True}
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
        moves.invalidate_recordset(["reconciled_payment_ids"])
        return moves.with_env(self.env)

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

    def _find_doubt(self):
        """Return why somebody has to look at the payout though it adds up: then it waits for them."""
        self.ensure_one()
        return False

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
        if self.state != "ready" or self._find_lock() or self._find_doubt():
            return
        try:
            with self.env.cr.savepoint():
                self._post()
        except UserError as error:
            self.failure = str(error)
