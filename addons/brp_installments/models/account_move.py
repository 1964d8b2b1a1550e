from decimal import Decimal

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, LockError, UserError
from odoo.tools import SQL, format_list

from ..schedule import due_dates, effective_annual_rate
from .permission import is_permitted, permitted

# What an installment invoice, an internal entry, need not carry: the chatter of the main
# invoice tells what happened, and thousands are made at once.
_QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}

# What posted documents of a purchase keep, and what posted installments keep as well.
_FROZEN_IN_PURCHASE = frozenset(
    {
        "installment_plan_id",
        "installment_main_id",
        "installment_number",
        "installment_count",
        "installment_replaced",
    }
)
_FROZEN_IN_INSTALLMENT = frozenset({"invoice_date", "invoice_date_due", "date", "partner_id", "journal_id"})


class AccountMove(models.Model):
    """Main invoices, their installment invoices, and the entries that tie them together.

    A main invoice has an ``installment_plan_id``. Every other document of its purchase has
    ``installment_main_id``: the installment invoices (``out_invoice``), their credit notes
    (``out_refund``) and the entries on the installment account (``entry``).
    """

    _inherit = "account.move"

    installment_plan_id = fields.Many2one(
        "brp.installment.plan",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    installment_main_id = fields.Many2one(
        "account.move",
        string="Main Invoice",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    installment_ids = fields.One2many(
        "account.move",
        "installment_main_id",
        string="Installments",
        domain=[("move_type", "=", "out_invoice"), ("installment_replaced", "=", False)],
    )
    installment_document_ids = fields.One2many(
        "account.move", "installment_main_id", string="All Documents of the Purchase"
    )
    installment_replaced = fields.Boolean(
        readonly=True, copy=False, help="Rescheduled: other installments took its place."
    )
    installment_number = fields.Integer(readonly=True, copy=False, aggregator=None)
    installment_count = fields.Integer(readonly=True, copy=False, aggregator=None)
    installment_label = fields.Char(string="Installment", compute="_compute_installment_label")
    installment_state = fields.Selection(
        [
            ("upcoming", "Upcoming"),
            ("overdue", "Overdue"),
            ("partial", "Partly Paid"),
            ("paid", "Paid"),
            ("credited", "Credited"),
        ],
        string="Installment Status",
        compute="_compute_installment_state",
    )
    installment_to_print = fields.Boolean(
        string="To Print", readonly=True, copy=False, help="Due to be sent, but not by e-mail."
    )
    installment_allocation = fields.Selection(
        [
            ("first", "First due first"),
            ("last", "Last due first"),
            ("none", "None: keep it as the customer's credit"),
        ],
        string="Net Against Installments",
        default="first",
        copy=False,
        help="The installments that a credit of the main invoice is netted against, when"
        " nothing is left to pay on the main invoice itself.",
    )
    installment_paid = fields.Monetary(
        string="Paid So Far", compute="_compute_installment_totals", compute_sudo=True
    )
    installment_credited = fields.Monetary(
        string="Credited", compute="_compute_installment_totals", compute_sudo=True
    )
    installment_to_refund = fields.Monetary(
        string="To Be Paid Back", compute="_compute_installment_totals", compute_sudo=True
    )
    installment_left = fields.Monetary(
        string="Left to Pay", compute="_compute_installment_totals", compute_sudo=True
    )

    status_in_payment = fields.Selection(selection_add=[("installments", "In Installments")])

    # A salesperson may read invoices but not payments: Odoo fails on counting them, and the
    # form of the main invoice just sold could not be opened.
    payment_count = fields.Integer(compute_sudo=True)

    # === COMPUTE METHODS === #

    @api.depends("installment_plan_id", "installment_left")
    def _compute_status_in_payment(self):
        """Do not call a main invoice paid, or credited, while its installments are not."""
        result = super()._compute_status_in_payment()
        for move in self.filtered("installment_plan_id"):
            if move.status_in_payment in ("paid", "reversed") and move.installment_left:
                move.status_in_payment = "installments"
        return result

    def _compute_show_reset_to_draft_button(self):
        result = super()._compute_show_reset_to_draft_button()
        self.filtered(lambda move: move._get_purchase()).show_reset_to_draft_button = False
        return result

    @api.depends("installment_number", "installment_count")
    def _compute_installment_label(self):
        for move in self:
            move.installment_label = move.installment_number and move._get_installment_label(
                move.installment_number, move.installment_count
            )

    def _get_installment_label(self, number, count):
        """Return "3 of 12" in the user's language."""
        return self.env._("%(number)s of %(count)s", number=number, count=count)

    @api.depends("installment_main_id", "payment_state", "invoice_date_due", "state")
    @api.depends_context("tz")
    def _compute_installment_state(self):
        today = fields.Date.context_today(self)
        for move in self:
            if not move._is_installment() or move.state != "posted":
                move.installment_state = False
            elif move.payment_state == "reversed" or move._is_credited():
                move.installment_state = "credited"
            elif move.payment_state in ("paid", "in_payment"):
                move.installment_state = "paid"
            elif move.invoice_date_due < today:
                move.installment_state = "overdue"
            elif move.payment_state == "partial":
                move.installment_state = "partial"
            else:
                move.installment_state = "upcoming"

    @api.depends(
        "amount_residual",
        "installment_ids.amount_residual",
        "reversal_move_ids.state",
        "reversal_move_ids.amount_residual",
    )
    def _compute_installment_totals(self):
        """Sum up purchases: what the customer paid, was credited, and has left to pay.

        Total = paid + credited + left to pay - to be paid back. Paid is net of what was paid
        back, or moved to other invoices of the customer.
        """
        mains = self.filtered("installment_plan_id")
        paid = mains._get_paid_amounts()
        for main in mains:
            documents = main + main.installment_ids
            credit_notes = main._get_credit_notes()
            main.installment_left = sum(documents.mapped("amount_residual"))
            main.installment_credited = sum(credit_notes.mapped("amount_total"))
            main.installment_to_refund = sum(credit_notes.mapped("amount_residual"))
            main.installment_paid = paid[main]
        others = self - mains
        others.installment_left = others.installment_credited = 0
        others.installment_to_refund = others.installment_paid = 0

    def _get_paid_amounts(self):
        """Return {main invoice: what came in for the purchase from outside it, less what went out}."""
        purchases = {
            move: main
            for main in self
            for move in main + main.installment_document_ids + main.reversal_move_ids
        }
        paid = dict.fromkeys(self, 0)
        for move, main in purchases.items():
            for line in move._get_receivable_line():
                for partial in line.matched_credit_ids:
                    if purchases.get(partial.credit_move_id.move_id) != main:
                        paid[main] += partial.debit_amount_currency
                for partial in line.matched_debit_ids:
                    if purchases.get(partial.debit_move_id.move_id) != main:
                        paid[main] -= partial.credit_amount_currency
        return {main: main.currency_id.round(amount) for main, amount in paid.items()}

    def _is_credited(self):
        """Say whether an installment's rest was moved to the main invoice or rescheduled."""
        return any(
            credit_note.state == "posted" and credit_note.installment_main_id
            for credit_note in self.reversal_move_ids
        )

    def _is_installment(self):
        return bool(self.installment_main_id) and self.move_type == "out_invoice"

    # === ACTIONS === #

    def action_view_installments(self):
        """Open the installments of these main invoices."""
        action = self.env["ir.actions.actions"]._for_xml_id("brp_installments.installment_action")
        action["domain"] = [("id", "in", self.installment_ids.ids)]
        action["context"] = {}
        return action

    def action_view_installment_main(self):
        """Open the main invoice of an installment."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "account.move",
            "view_mode": "form",
            "res_id": self.installment_main_id.id,
        }

    def action_reschedule_installments(self):
        """Open the dialog that reschedules the open installments of this main invoice."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reschedule Installments"),
            "res_model": "brp.installment.reschedule",
            "view_mode": "form",
            "target": "new",
            "context": {"default_main_id": self.id},
        }

    def action_print_installment_agreement(self):
        """Print the agreement of these purchases, to be signed by both parties."""
        return self.env.ref("brp_installments.action_report_installment_agreement").report_action(self)

    def _get_installment_terms(self):
        """Return what the agreement states about the credit.

        :return: dict of cash_price and fees (with VAT, in the invoice's currency),
            effective_rate (percent a year, None when all is paid at once) and
            personal_number (the buyer's, masked for those who may not see it)
        """
        self.ensure_one()
        buyer = self.partner_id
        number = buyer.sudo().personal_number_masked
        if number and buyer._has_field_access(buyer._fields["personal_number"], "read"):
            number = f"{buyer.personal_number[:8]}-{buyer.personal_number[8:]}"
        fees = self.currency_id.round(self._get_installment_fees())
        cash_price = self.currency_id.round(self.amount_total - fees)
        parts = self._get_current_installments()
        # What was paid at once is not lent.
        credit = self.currency_id.round(sum(parts.mapped("amount_total")) - fees)
        return {
            "cash_price": cash_price,
            "fees": fees,
            "personal_number": number,
            "effective_rate": effective_annual_rate(
                Decimal(str(credit)),
                self.invoice_date,
                [(part.invoice_date_due, Decimal(str(part.amount_total))) for part in parts],
            ),
        }

    def _get_installment_fees(self):
        """Return the plan's fees in this main invoice, with VAT."""
        fee_lines = self.invoice_line_ids.filtered("sale_line_ids.is_installment_fee")
        return sum(fee_lines.mapped("price_total"))

    # === DIVIDING A MAIN INVOICE === #

    def _divide_into_installments(self):
        """Settle main invoices with the payment method Installments and post their parts.

        :param self: posted, unpaid main invoices, which know their plans
        """
        dates = {
            main: due_dates(
                main.invoice_date,
                main.installment_plan_id.months,
                main.installment_plan_id.cutoff_day,
                main.company_id.installment_due_day,
            )
            for main in self
        }
        entries = self._create_installment_entries([(main, main.amount_residual) for main in self])
        parts = self._create_installments(
            [
                (main, number, len(dates[main]), due, amount)
                for main in self
                for number, (due, amount) in enumerate(
                    zip(
                        dates[main],
                        main.currency_id._split_exactly(main.amount_residual, len(dates[main])),
                        strict=True,
                    ),
                    start=1,
                )
            ]
        )
        (entries + parts)._post(soft=False)
        parts_by_main = parts.grouped("installment_main_id")
        self.env["account.move.line"]._reconcile_plan(
            [
                lines
                for main, entry in zip(self, entries, strict=True)
                for lines in (
                    main._get_receivable_line() + entry._get_receivable_line(),
                    (entry + parts_by_main[main])._get_installment_account_lines(),
                )
            ]
        )

    def _create_documents(self, values):
        """Create drafts that name all their lines: no taxes or payment terms to work out."""
        documents = permitted(self).with_context(**_QUIET, skip_invoice_sync=True).create(values)
        return documents.with_context(skip_invoice_sync=False)

    def _create_installment_entries(self, amounts):
        """Create entries between receivable and installment account.

        :param amounts: list of (main invoice, amount in its currency); positive moves the
            main invoice's debt to the installment account (Dr 1530 / Cr 1510), negative
            moves it back
        :return: draft entries, in the order of ``amounts``
        """
        values = []
        for main, amount in amounts:
            company = main.company_id
            receivable = main._get_receivable_line()
            rate = receivable.amount_currency / receivable.balance
            balance = company.currency_id.round(amount / rate)
            label = self.env._("Installments %(invoice)s", invoice=main.name)
            shared = {
                "name": label,
                "partner_id": main.commercial_partner_id.id,
                "currency_id": main.currency_id.id,
            }
            values.append(
                {
                    "move_type": "entry",
                    "company_id": company.id,
                    "journal_id": company.installment_settlement_journal_id.id,
                    "date": main._get_installment_entry_date(),
                    "ref": label,
                    "partner_id": main.partner_id.id,
                    "currency_id": main.currency_id.id,
                    "installment_main_id": main.id,
                    "line_ids": [
                        Command.create(
                            {
                                **shared,
                                "account_id": company.installment_account_id.id,
                                "amount_currency": amount,
                                "balance": balance,
                            }
                        ),
                        Command.create(
                            {
                                **shared,
                                "account_id": receivable.account_id.id,
                                "amount_currency": -amount,
                                "balance": -balance,
                            }
                        ),
                    ],
                }
            )
        return self._create_documents(values)

    def _get_installment_entry_date(self):
        """Return the sale's date for the settlement, and today for what comes after it."""
        return fields.Date.context_today(self) if self.installment_ids else self.date

    def _create_installments(self, parts):
        """Create draft installment invoices.

        :param parts: list of (main invoice, number, count, due date, amount)
        """
        return self._create_documents(
            [
                {
                    **main._prepare_installment_document(
                        "out_invoice",
                        amount,
                        due,
                        main._in_customer_language()._(
                            "Installment %(number)s of %(count)s of invoice %(invoice)s",
                            number=number,
                            count=count,
                            invoice=main.name,
                        ),
                    ),
                    "installment_number": number,
                    "installment_count": count,
                }
                for main, number, count, due, amount in parts
            ]
        )

    def _in_customer_language(self):
        return self.with_context(lang=self.partner_id.lang or self.env.lang).env

    def _prepare_installment_document(self, move_type, amount, due, label):
        """Return the values of an installment invoice, or a credit note of one.

        One line on the installment account and no VAT: all VAT is on the main invoice. Its
        receivable line is given as well, so that Odoo has nothing to work out.
        """
        self.ensure_one()
        company = self.company_id
        receivable = self._get_receivable_line()
        amount = float(amount)
        balance = company.currency_id.round(amount * receivable.balance / receivable.amount_currency)
        sign = 1 if move_type == "out_invoice" else -1
        return {
            "move_type": move_type,
            "company_id": company.id,
            "journal_id": company.installment_journal_id.id,
            "partner_id": self.partner_id.id,
            "partner_shipping_id": self.partner_shipping_id.id,
            "currency_id": self.currency_id.id,
            "invoice_currency_rate": self.invoice_currency_rate,
            "invoice_date": self._get_installment_entry_date(),
            "invoice_date_due": due,
            "invoice_payment_term_id": False,
            "invoice_user_id": self.invoice_user_id.id,
            "invoice_origin": self.name,
            "ref": self.ref,
            "installment_main_id": self.id,
            "line_ids": [
                Command.create(
                    {
                        "display_type": "product",
                        "name": label,
                        "account_id": company.installment_account_id.id,
                        "quantity": 1,
                        "price_unit": amount,
                        "tax_ids": [Command.clear()],
                        "amount_currency": -sign * amount,
                        "balance": -sign * balance,
                    }
                ),
                Command.create(
                    {
                        "display_type": "payment_term",
                        "name": label,
                        "account_id": receivable.account_id.id,
                        "amount_currency": sign * amount,
                        "balance": sign * balance,
                        "date_maturity": due,
                    }
                ),
            ],
        }

    def _get_receivable_line(self):
        """Return the receivable lines of the documents: one each, as they have no payment term."""
        return self.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def _get_installment_account_lines(self):
        return self.line_ids.filtered(lambda line: line.account_id == line.company_id.installment_account_id)

    def _get_current_installments(self):
        """Return the installments of these main invoices, first due first."""
        return self.installment_ids.sorted(lambda part: (part.invoice_date_due, part.installment_number))

    def _get_open_installments(self):
        """Return the unpaid installments of these main invoices, first due first."""
        return self._get_current_installments().filtered(
            lambda part: (
                part.state == "posted" and part.currency_id.compare_amounts(part.amount_residual, 0) > 0
            )
        )

    # === CREDITING === #

    def action_reverse(self):
        """Credit installments at once, without a dialog; everything else as usual."""
        if self and all(move._is_installment() for move in self):
            return self.action_credit_installments()
        return super().action_reverse()

    def action_credit_installments(self):
        """Credit what is left of these installments and move the debt to their main invoices.

        :raises UserError: an installment with nothing left to pay
        """
        self.check_access("write")
        if not self.env.user.has_group("account.group_account_invoice"):
            raise AccessError(self.env._("Only accounting can credit installments."))
        mains = self._credit_installments()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._(
                    "The debt was moved to %s, which is now to be paid or credited.",
                    format_list(self.env, mains.mapped("name")),
                ),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    def _credit_installments(self):
        """Credit these installments and move what was left of them to their main invoices.

        Per installment: a credit note (Dr 1530 / Cr 1510) settles it, and an entry
        (Dr 1510 / Cr 1530) takes back as much of the main invoice's settlement, so that the
        main invoice has it left to pay.

        :return: the main invoices
        """
        self._lock_purchases()
        self._check_open_installments()
        rests = [(part.installment_main_id, part.amount_residual) for part in self]
        credit_notes = self._create_installment_credit_notes()
        entries = self._create_installment_entries([(main, -rest) for main, rest in rests])
        (credit_notes + entries)._post(soft=False)
        mains = self.installment_main_id
        mains._take_back_settlement(entries)
        self.env["account.move.line"]._reconcile_plan(
            [
                (credit_note + entry)._get_installment_account_lines()
                for credit_note, entry in zip(credit_notes, entries, strict=True)
            ]
        )
        for main, of_main in self.grouped("installment_main_id").items():
            main.message_post(
                body=self.env._(
                    "Credited: %s. What was left of them is now to be paid on this invoice.",
                    format_list(self.env, of_main.mapped("name")),
                )
            )
        return mains

    def _check_open_installments(self):
        """Refuse to credit what has nothing left to pay, by name."""
        wrong = self.filtered(
            lambda move: (
                not move._is_installment()
                or move.state != "posted"
                or move.currency_id.is_zero(move.amount_residual)
            )
        )
        if wrong:
            raise UserError(
                self.env._(
                    "Nothing is left to pay on %s. A paid installment is credited by"
                    " crediting its main invoice.",
                    format_list(self.env, wrong.mapped("display_name")),
                )
            )

    def _create_installment_credit_notes(self):
        """Create draft credit notes of what is left of these installments."""
        return self._create_documents(
            [
                {
                    **part.installment_main_id._prepare_installment_document(
                        "out_refund",
                        part.amount_residual,
                        fields.Date.context_today(part),
                        part._in_customer_language()._("Credit of %s", part.name),
                    ),
                    "reversed_entry_id": part.id,
                }
                for part in self
            ]
        )

    def _take_back_settlement(self, entries):
        """Let main invoices have left to pay what ``entries`` move back to them.

        The settlement entry's receivable line is matched with the entries first, and with
        the main invoice only for the rest.
        """
        plan = []
        for main in self:
            receivable = main._get_receivable_line()
            settled = receivable.matched_credit_ids.filtered(
                lambda partial, main=main: partial.credit_move_id.move_id.installment_main_id == main
            )
            settlement = settled.credit_move_id
            permitted(settled).unlink()
            back = entries.filtered(lambda entry, main=main: entry.installment_main_id == main)
            plan += [settlement + back._get_receivable_line(), settlement + receivable]
        self.env["account.move.line"]._reconcile_plan(plan)

    def _get_creditable_amount(self):
        """Return how much of a main invoice is neither credited yet nor in a draft credit note."""
        self.ensure_one()
        credit_notes = self.reversal_move_ids.filtered(lambda move: move.state != "cancel")
        return self.currency_id.round(self.amount_total - sum(credit_notes.mapped("amount_total")))

    def _get_credit_notes(self):
        return self.reversal_move_ids.filtered(lambda move: move.state == "posted")

    def _net_installment_credit(self):
        """Net posted credit notes of main invoices against the open installments."""
        for credit_note in self:
            main = credit_note.reversed_entry_id
            if (
                main.installment_plan_id
                and credit_note.move_type == "out_refund"
                and credit_note.installment_allocation != "none"
            ):
                parts = main._get_open_installments()
                if credit_note.installment_allocation == "last":
                    parts = parts[::-1]
                credit_note._net_against(parts)

    def _net_against(self, parts):
        """Net this credit note against installments in the order given, as far as it goes."""
        left = self.amount_residual
        covered = partly = self.browse()
        for part in parts:
            if self.currency_id.compare_amounts(part.amount_residual, left) > 0:
                partly = part
                break
            covered += part
            left -= part.amount_residual
        # Odoo nets what falls due first first: the one that is not covered comes last.
        for settled in (covered, partly):
            credit = self._get_receivable_line().filtered(lambda line: not line.reconciled)
            if settled and credit:
                (credit + settled._get_receivable_line()).reconcile()

    # === SENDING === #

    def _get_installment_notice(self):
        """Return what the customer is told first in the mail with an installment; nothing by itself."""
        self.ensure_one()
        return ""

    def _get_mail_template(self):
        if self and all(move._is_installment() for move in self):
            return (
                self.env.ref("brp_installments.mail_template_installment", raise_if_not_found=False)
                or super()._get_mail_template()
            )
        return super()._get_mail_template()

    def action_print_installments(self):
        """Download the PDFs of these installments; they are then no longer to be printed."""
        self.installment_to_print = False
        return self.action_invoice_download_pdf()

    # === RULES === #

    def _post(self, soft=True):
        self._check_only_in_installments()
        if not is_permitted(self.env):
            for move in self:
                if move._get_purchase():
                    move._refuse_breaking_purchase()
        posted = super()._post(soft=soft)
        posted._check_not_credited_too_much()
        posted._net_installment_credit()
        return posted

    def _invoice_paid_hook(self):
        """A main invoice that is divided into installments has not been paid."""
        divided = self.filtered("installment_plan_id") if is_permitted(self.env) else self.browse()
        return super(AccountMove, self - divided)._invoice_paid_hook()

    def button_draft(self):
        """Undo what a credit note of a main invoice settled when it is reset to draft."""
        credit_notes = self.filtered(lambda move: move.reversed_entry_id.installment_plan_id)
        credit_notes.line_ids.remove_move_reconcile()
        return super().button_draft()

    def copy_data(self, default=None):
        copied = self.filtered("installment_main_id")
        if copied:
            raise UserError(
                self.env._(
                    "%s belongs to an installment purchase and cannot be duplicated. Use"
                    " Reschedule on the main invoice to make other installments.",
                    copied[0].display_name,
                )
            )
        return super().copy_data(default)

    def _check_not_credited_too_much(self):
        """Refuse credit notes that together exceed the main invoice that they credit."""
        credit_notes = self.filtered(lambda move: move.move_type == "out_refund")
        mains = credit_notes.reversed_entry_id.filtered("installment_plan_id")
        mains._note_change()
        for main in mains:
            credited = sum(main._get_credit_notes().mapped("amount_total"))
            if main.currency_id.compare_amounts(credited, main.amount_total) > 0:
                raise UserError(
                    self.env._(
                        "The credit notes of %(invoice)s would come to %(credited)s, more than its"
                        " total of %(total)s.",
                        invoice=main.name,
                        credited=main.currency_id.format(credited),
                        total=main.currency_id.format(main.amount_total),
                    )
                )

    def _note_change(self):
        """Have whoever changes the same purchases at the same time do it anew, seeing what was done here.

        Two credit notes have no row in common when nothing is left to be netted.
        """
        if self:
            self.env.cr.execute(
                SQL("UPDATE account_move SET id = id WHERE id IN %s", tuple(sorted(self.ids)))
            )

    def _lock_purchases(self):
        """Make sure that nobody else credits or reschedules the same purchases."""
        mains = self.installment_main_id | self.filtered("installment_plan_id")
        try:
            mains.lock_for_update(allow_referencing=True)
        except LockError as error:
            raise UserError(
                self.env._(
                    "Somebody else is working with the same purchase right now. Wait a"
                    " moment and look at it before you try again."
                )
            ) from error
        (mains + mains.installment_ids).invalidate_recordset()

    def _fetch_duplicate_reference(self, matching_states=("draft", "posted")):
        """Installments are alike by nature: do not warn that they may be copies."""
        others = self.filtered(
            lambda move: not move.installment_main_id and not move.reversed_entry_id.installment_plan_id
        )
        return super(AccountMove, others)._fetch_duplicate_reference(matching_states=matching_states)

    def _check_only_in_installments(self):
        """Refuse to invoice in one go what is only sold in installments."""
        for move in self:
            if (
                move.move_type not in ("out_invoice", "out_receipt")
                or move.installment_plan_id
                or move.installment_main_id
                or not move.company_id.sudo().installment_only
            ):
                continue
            products = move.invoice_line_ids.product_id.filtered(
                lambda product, move=move: product.installment_plan_ids._offered_in(move.company_id)
            )
            if products:
                raise UserError(
                    self.env._(
                        "%(products)s can only be sold in installments. Make an order and"
                        " use its button Pay in Installments.",
                        products=format_list(self.env, products.mapped("display_name")),
                    )
                )

    def _get_purchase(self):
        """Return the main invoice of the purchase that a document belongs to, or nothing."""
        self.ensure_one()
        return self.installment_main_id or self.filtered("installment_plan_id")

    def _refuse_breaking_purchase(self):
        """Say that this document stays as it is, and what to do instead."""
        raise UserError(
            self.env._(
                "%(document)s belongs to the installment purchase %(main)s and must stay as"
                " it is. Credit the installment or the main invoice instead, or use"
                " Reschedule on the main invoice to change dates and parts.",
                document=self.display_name,
                main=self._get_purchase().name,
            )
        )

    def _check_draftable(self):
        for move in self:
            if move._get_purchase():
                move._refuse_breaking_purchase()
        return super()._check_draftable()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_installment_purchase(self):
        for move in self:
            if move.state == "posted" and move._get_purchase():
                move._refuse_breaking_purchase()

    def write(self, vals):
        changed = (_FROZEN_IN_PURCHASE | _FROZEN_IN_INSTALLMENT) & vals.keys()
        if changed and not is_permitted(self.env):
            for move in self:
                if (
                    move.state == "posted"
                    and (move.installment_main_id or changed & _FROZEN_IN_PURCHASE)
                    and any(
                        move[name]
                        != move._fields[name].convert_to_record(
                            move._fields[name].convert_to_cache(vals[name], move), move
                        )
                        for name in changed
                    )
                ):
                    move._refuse_breaking_purchase()
        return super().write(vals)
