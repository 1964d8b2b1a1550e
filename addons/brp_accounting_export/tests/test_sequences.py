import random
from collections import defaultdict
from datetime import date, timedelta
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..models import ledger
from .common import AccountingExportCommon

START = date(2026, 4, 1)
LAST = date(2026, 4, 19)
SEED = 20260415
STEPS = 100  # half a minute


@tagged("post_install", "-at_install")
class TestSequences(AccountingExportCommon):
    """Whatever is done to documents, settings and vouchers, in any order: after the next close the vouchers
    are the ledger, per day and row of the mapping, to the öre."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.euro = cls.setup_other_currency("EUR", rates=[("1900-01-01", 0.0871)])
        cls.general = cls.company_data["default_journal_misc"]
        cls.sales = [
            cls.company_data["default_journal_sale"],
            cls.company_data["default_journal_sale"].copy({"name": "Kiosk", "code": "KIOSK"}),
        ]
        included = cls.taxes[25].copy({"name": "25 % included", "price_include_override": "tax_included"})
        fixed = cls.taxes[12].copy({"name": "Deposit", "amount_type": "fixed", "amount": 1.5})
        both = cls.env["account.tax"].create(
            {
                "name": "12 % and 6 %",
                "amount_type": "group",
                "type_tax_use": "sale",
                "children_tax_ids": [Command.set((cls.taxes[12] + cls.taxes[6]).ids)],
            }
        )
        cls.tax_sets = [*cls.taxes.values(), included, both, cls.taxes[6] + fixed, cls.env["account.tax"]]
        plan = cls.env["account.analytic.plan"].create({"name": "Places"})
        cls.places = cls.env["account.analytic.account"].create(
            [{"name": name, "plan_id": plan.id} for name in ("North", "South", "Elsewhere")]
        )
        cls.env["brp.accounting.dimension"].create(
            [
                {"connection_id": cls.connection.id, "analytic_account_id": place.id, "code": f"P{place.id}"}
                for place in cls.places[:2]
            ]
        )
        cls.moves = cls.env["account.move"]

    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.told = []
        # Steps ask the other system, which has lost some of what it was given.
        self.patch(
            self.registry["brp.connection"],
            "_find_gone",
            lambda _connection, vouchers: vouchers.filtered(lambda voucher: self.is_gone(voucher)),
        )

    def test_random_sequences(self):
        for _document in range(5):
            self.step_sell()
        for step in range(STEPS):
            with freeze_time(f"2026-04-20 {8 + step // 60:02}:{step % 60:02}:00"):
                name = self.random.choice(self._get_steps())
                self.told.append(name)
                try:
                    with self.env.cr.savepoint():
                        getattr(self, name)()
                        self.env.flush_all()
                except (UserError, LookupError) as refused:
                    self.told[-1] += f" (refused: {refused})"
                    self.env.invalidate_all()
                if self.random.random() < 0.6:
                    self._close_and_check()
        self._close_and_check()
        done = [name for name in self.told if "refused" not in name]
        self.assertGreater(len(done), STEPS * 0.6, self.told)

    # === CHECKS === #

    def _close_and_check(self):
        for mapping in self.connection.accounting_mapping_ids.filtered(lambda mapping: not mapping.code):
            mapping.code = str(5000 + mapping.id % 1000)
        self.close(LAST)
        if self.connection.accounting_day_ids.filtered(lambda day: day.state == "held"):
            self.close(LAST)  # rows of the mapping were made for what is new
            for mapping in self.connection.accounting_mapping_ids.filtered(lambda mapping: not mapping.code):
                mapping.code = str(5000 + mapping.id % 1000)
            self.close(LAST)
        story = "\n".join(self.told[-15:])
        held = self.connection.accounting_day_ids.filtered(lambda day: day.state == "held")
        self.assertFalse(held.mapped("problem"), story)
        self.env.flush_all()
        self.assertEqual(self._get_vouchers(), self._get_ledger(), story)
        self.assertEqual(self._get_left_out(), self._get_not_exported(), story)
        self.env.cr.execute(
            """
            SELECT voucher.id FROM brp_accounting_voucher voucher
              JOIN brp_accounting_voucher_line line ON line.voucher_id = voucher.id
         LEFT JOIN (SELECT line_id, SUM(amount) AS amount FROM brp_accounting_item GROUP BY line_id) items
                ON items.line_id = line.id
             GROUP BY voucher.id
            HAVING SUM(line.amount) <> 0 OR BOOL_OR(items.amount IS DISTINCT FROM line.amount)
            """
        )
        self.assertFalse(self.env.cr.fetchall(), story)
        self._age()

    def _get_vouchers(self):
        """Return {(date, key of the mapping): sum} of the vouchers."""
        sums = defaultdict(float)
        for line in self.env["brp.accounting.voucher.line"].search(
            [("voucher_id.connection_id", "=", self.connection.id), ("voucher_id.state", "!=", "withdrawn")]
        ):
            sums[line.voucher_id.date, line.mapping_id.key] += line.amount
        return {key: round(amount, 2) for key, amount in sums.items() if round(amount, 2)}

    def _get_ledger(self):
        """Return the same of the ledger."""
        self.env.cr.execute(
            """
            SELECT DISTINCT item.move_id, item.journal_id, voucher.date
              FROM brp_accounting_item item
              JOIN brp_accounting_voucher_line line ON line.id = item.line_id
              JOIN brp_accounting_voucher voucher ON voucher.id = line.voucher_id
            """
        )
        taken = set(self.env.cr.fetchall())
        journals = self.connection._get_accounting_journals()
        sums = defaultdict(float)
        for item in self.env["account.move.line"].search(
            [
                ("company_id", "=", self.company.id),
                ("parent_state", "=", "posted"),
                ("date", "<=", LAST),
                ("journal_id.type", "!=", "purchase"),
            ]
        ):
            in_scope = item.date >= self.connection.accounting_start_date and item.journal_id in journals
            if in_scope or (item.move_id.id, item.journal_id.id, item.date) in taken:
                sums[item.date, self._get_key(item)] += item.balance
        return {key: round(amount, 2) for key, amount in sums.items() if round(amount, 2)}

    def _get_left_out(self):
        """Return the ids of the documents that the connection tells to be left out."""
        query = ledger.find_left_out(self.connection, self.connection.accounting_start_date)
        self.env.cr.execute(query)
        return {row[0] for row in self.env.cr.fetchall()}

    def _get_not_exported(self):
        """Return the ids of the documents of exported journals before the start that no voucher holds."""
        items = self.env["account.move.line"].search(
            [
                ("company_id", "=", self.company.id),
                ("parent_state", "=", "posted"),
                ("date", "<", self.connection.accounting_start_date),
                ("journal_id", "in", self.connection._get_accounting_journals().ids),
                ("balance", "!=", 0),
            ]
        )
        held = self.env["brp.accounting.item"].search([("stands", "=", True)]).move_line_id
        return set((items - held).move_id.ids)

    def _get_key(self, item):
        if item.tax_line_id.amount_type == "percent":
            return f"vat:{item.tax_line_id.type_tax_use}:{item.tax_line_id.amount:g}"
        if item.account_id.account_type.startswith("income") and (
            item.product_id or item.journal_id.type == "sale"
        ):
            rate = sum(
                tax.amount for tax in item.tax_ids.flatten_taxes_hierarchy() if tax.amount_type == "percent"
            )
            return f"group:{item.product_id.categ_id.id or 0}:{rate:g}"
        return f"account:{item.account_id.id}"

    def _age(self):
        """Let all that has been looked at be of long ago, so that only what changes is looked at."""
        self.env.flush_all()
        self.env.cr.execute("UPDATE account_move SET write_date = '2026-01-01'")
        self.env.cr.execute("UPDATE account_move_line SET write_date = '2026-01-01'")
        self.env.invalidate_all()

    # === STEPS === #

    def _get_steps(self):
        """Return the names of all steps, the usual ones several times."""
        names = sorted(name for name in dir(self) if name.startswith("step_"))
        return names + ["step_sell"] * 4 + ["step_edit", "step_draft", "step_post"] * 3

    def any_move(self, **values):
        moves = self.env["account.move"].search(
            [("company_id", "=", self.company.id), *((name, "=", value) for name, value in values.items())],
            order="id desc",
            limit=12,
        )
        if not moves:
            raise LookupError("there is none")
        return self.random.choice(moves)

    def any_day(self):
        return START + timedelta(days=self.random.randrange(-3, 19))

    def any_amount(self):
        return self.random.choice([0, -20, 0.01, 33.33, 99.99, round(self.random.uniform(1, 2000), 2)])

    def any_line(self):
        return {
            "product_id": self.random.choice([*self.products.values(), self.env["product.product"]]).id,
            "name": "Thing",
            "account_id": self.company_data["default_account_revenue"].id,
            "quantity": self.random.choice([1, 3]),
            "price_unit": self.any_amount(),
            "discount": self.random.choice([0, 0, 12.5]),
            "tax_ids": [Command.set(self.random.choice(self.tax_sets).ids)],
            "analytic_distribution": self.random.choice([False, self.any_distribution()]),
        }

    def any_distribution(self):
        shares = self.random.choice([(100,), (33.33, 33.33, 33.34), (50, 70), (120, -40), (12.5, 12.5)])
        return {str(place.id): share for place, share in zip(self.places, shares, strict=False)}

    def step_sell(self):
        day = self.any_day()
        self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "journal_id": self.random.choice(self.sales).id,
                "currency_id": self.random.choice([self.company.currency_id, self.euro]).id,
                "invoice_date": day,
                "date": day,
                "invoice_line_ids": [
                    Command.create(self.any_line() | {"price_unit": 500}),
                    *(Command.create(self.any_line()) for _line in range(self.random.randrange(4))),
                ],
            }
        ).action_post()

    def step_pay(self):
        move = self.any_move(state="posted", move_type="out_invoice")
        self.pay(move, self.random.choice([self.cash, self.card, self.swish]), self.any_day())

    def step_misc(self):
        accounts = [self.card.default_account_id, self.swish.default_account_id]
        amount = round(self.random.uniform(1, 500), 2)
        self.env["account.move"].create(
            {
                "journal_id": self.random.choice([self.general, self.cash]).id,
                "date": self.any_day(),
                "line_ids": [
                    Command.create({"account_id": accounts[0].id, "debit": amount, "name": self.any_text()}),
                    Command.create({"account_id": accounts[1].id, "credit": amount}),
                ],
                "ref": self.any_text(),
            }
        ).action_post()

    def any_text(self):
        return self.random.choice([False, "Fees", "Payout"])

    def step_relabel(self):
        self.random.choice(self.any_move(move_type="entry").line_ids).name = self.any_text()

    def step_refund(self):
        day = self.any_day()
        move = self.any_move(state="posted", move_type="out_invoice")
        move._reverse_moves([{"invoice_date": day, "date": day}], cancel=self.random.random() < 0.5).filtered(
            lambda reversal: reversal.state == "draft"
        ).action_post()

    def step_draft(self):
        self.any_move(state="posted").button_draft()

    def step_post(self):
        self.any_move(state="draft").action_post()

    def step_edit(self):
        move = self.any_move(state="posted", move_type="out_invoice")
        move.button_draft()
        line = self.random.choice(move.invoice_line_ids)
        self.random.choice(
            [
                lambda: line.write({"price_unit": self.any_amount()}),
                lambda: line.write(self.any_line()),
                lambda: line.unlink(),
                lambda: move.write({"invoice_line_ids": [Command.create(self.any_line())]}),
            ]
        )()
        move.action_post()

    def step_move_to_another_day(self):
        move = self.any_move(state="posted", move_type="out_invoice")
        move.button_draft()
        day = self.any_day()
        move.write({"invoice_date": day, "date": day})
        if self.random.random() < 0.5:
            self.random.choice(move.invoice_line_ids).price_unit = self.any_amount()
        move.action_post()

    def step_move_to_another_journal(self):
        move = self.any_move(state="posted", move_type="out_invoice")
        move.button_draft()
        move.write({"name": "/", "journal_id": self.random.choice(self.sales).id})
        move.action_post()

    def step_cancel(self):
        move = self.any_move(state="posted")
        move.button_draft()
        move.button_cancel()

    def step_delete(self):
        move = self.any_move(state="draft")
        move.with_context(force_delete=True).unlink()

    def step_share(self):
        lines = self.any_move(state="posted").line_ids
        self.random.choice(lines).analytic_distribution = self.any_distribution()

    def step_another_account(self):
        move = self.any_move(state="posted", move_type="entry")
        accounts = (self.card + self.swish + self.cash).default_account_id
        self.random.choice(move.line_ids).account_id = self.random.choice(accounts)

    def step_unreconcile(self):
        self.any_move(state="posted").line_ids.remove_move_reconcile()

    def step_other_kind_of_journal(self):
        self.swish.type = "cash" if self.swish.type == "bank" else "bank"

    def step_archive_a_journal(self):
        self.sales[1].active = not self.sales[1].active

    def step_other_journals(self):
        chosen = self.random.choice([[], [self.sales[0], self.card, self.cash], [self.sales[1]]])
        self.connection.accounting_journal_ids = [Command.set([journal.id for journal in chosen])]

    def step_other_start(self):
        self.connection.accounting_start_date = START + timedelta(days=self.random.randrange(12))

    def step_other_vouchers(self):
        self.connection.accounting_per = self.random.choice(["kind", "journal", "document"])
        apart = self.other_entries if self.random.random() < 0.3 else False
        self.connection.accounting_apart_journal_ids = apart

    def step_other_accounts(self):
        mapping = self.random.choice(self.connection.accounting_mapping_ids)
        mapping.code = str(self.random.randrange(3000, 3010))

    def step_close_earlier_days(self):
        self.close(self.any_day())

    def step_close_with_an_account_missing(self):
        self.set_code(f"account:{self.card.default_account_id.id}", False)
        self.set_code(f"group:{self.group.id}:12", False)
        self.close(self.random.choice([LAST, self.any_day()]))

    def step_arrive(self):
        self.any_vouchers("waiting")._note_exported()

    def step_gone_there(self):
        self.any_vouchers("exported").filtered(self.is_gone)._withdraw()

    def is_gone(self, voucher):
        return not voucher.file_id and self.random.random() < 0.3

    def any_vouchers(self, state):
        return (
            self.env["brp.accounting.voucher"]
            .sudo()
            .search([("connection_id", "=", self.connection.id), ("state", "=", state)])
            .filtered(lambda voucher: self.random.random() < 0.3)
        )

    def step_export_anew(self):
        self.connection.sudo()._export_anew(self.any_day())

    def step_file(self):
        per = self.random.choice(["day", "period"])
        with patch.object(self.registry["brp.connection"], "_get_swedish_date", lambda *_args: LAST):
            self.connection.sudo()._export_by_hand(self.any_day(), self.any_day(), per)

    def step_take_back_a_file(self):
        files = (
            self.env["brp.accounting.file"]
            .sudo()
            .search([("connection_id", "=", self.connection.id), ("state", "=", "made")], limit=3)
        )
        for file in files[:1]:
            file._take_back(by_hand=True)
