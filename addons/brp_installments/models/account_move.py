from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_list

# What an installment invoice, an internal entry, need not carry: the chatter of the main
# invoice tells what happened, and thousands are made at once.
_QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}


class AccountMove(models.Model):
    """Main invoices, their installment invoices, and the entries that tie them together.

    A main invoice has an ``installment_plan_id``. Every other document of its purchase has
    ``installment_main_id``: the installment invoices (``out_invoice``), their credit notes
    (``out_refund``) and the entries on the installment account (``entry``).
    """

    _inherit = "account.move"

    installment_plan_id = fields.Many2one(
        "brp.installment.plan",
        string="Installment Plan",
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
        domain=[("move_type", "=", "out_invoice")],
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
    installment_paid = fields.Monetary(
        string="Paid So Far", compute="_compute_installment_totals"
    )
    installment_credited = fields.Monetary(
        string="Credited", compute="_compute_installment_totals"
    )
    installment_left = fields.Monetary(
        string="Left to Pay", compute="_compute_installment_totals"
    )

    # === COMPUTE METHODS === #

    @api.depends("installment_number", "installment_count")
    def _compute_installment_label(self):
        for move in self:
            move.installment_label = move.installment_number and self.env._(
                "%(number)s of %(count)s",
                number=move.installment_number,
                count=move.installment_count,
            )

    @api.depends("installment_main_id", "payment_state", "invoice_date_due", "state")
    @api.depends_context("tz")
    def _compute_installment_state(self):
        today = fields.Date.context_today(self)
        for move in self:
            if not move._is_installment() or move.state != "posted":
                move.installment_state = False
            elif move.payment_state == "reversed":
                move.installment_state = "credited"
            elif move.payment_state in ("paid", "in_payment"):
                move.installment_state = "paid"
            elif move.invoice_date_due < today:
                move.installment_state = "overdue"
            elif move.payment_state == "partial":
                move.installment_state = "partial"
            else:
                move.installment_state = "upcoming"

    @api.depends("installment_ids.amount_residual", "installment_ids.amount_total", "amount_residual")
    def _compute_installment_totals(self):
        """Sum up a main invoice: what was paid, credited and is left, its own rest included."""
        credited = self.installment_ids._get_credited_amounts()
        for move in self:
            parts = move.installment_ids
            move.installment_credited = sum(credited.get(part.id, 0) for part in parts)
            move.installment_left = sum(parts.mapped("amount_residual")) + (
                move.amount_residual if parts else 0
            )
            move.installment_paid = (
                sum(parts.mapped("amount_total"))
                - sum(parts.mapped("amount_residual"))
                - move.installment_credited
            )

    def _get_credited_amounts(self):
        """Return {id: how much of the invoice credit notes have settled}, in its currency."""
        if not self.ids:
            return {}
        groups = self.env["account.partial.reconcile"]._read_group(
            [
                ("debit_move_id.move_id", "in", self.ids),
                ("credit_move_id.move_id.move_type", "=", "out_refund"),
            ],
            ["debit_move_id"],
            ["debit_amount_currency:sum"],
        )
        return {line.move_id.id: amount for line, amount in groups}

    def _is_installment(self):
        return bool(self.installment_main_id) and self.move_type == "out_invoice"

    # === DIVIDING A MAIN INVOICE === #

    def _divide_into_installments(self, due_dates):
        """Settle main invoices with the payment method Installments and post their parts.

        :param self: posted, unpaid main invoices
        :param due_dates: {main invoice: due dates of its installments}
        :return: the posted installment invoices
        """
        entries = self._create_installment_entries(
            [(main, main._get_receivable_line().amount_currency) for main in self]
        )
        parts = self._create_installments(
            [
                (main, number, len(due_dates[main]), due, amount)
                for main in self
                for number, (due, amount) in enumerate(
                    zip(
                        due_dates[main],
                        main.currency_id._split_exactly(
                            main.amount_residual, len(due_dates[main])
                        ),
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
        return parts

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
        return self.with_context(**_QUIET).create(values)

    def _get_installment_entry_date(self):
        """Return the sale's date for the settlement, and today for what comes after it."""
        return fields.Date.context_today(self) if self.installment_ids else self.invoice_date

    def _create_installments(self, parts):
        """Create draft installment invoices.

        :param parts: list of (main invoice, number, count, due date, amount)
        """
        return self.with_context(**_QUIET).create(
            [
                {
                    **main._prepare_installment_document(
                        "out_invoice",
                        amount,
                        main._in_customer_language()._(
                            "Installment %(number)s of %(count)s of invoice %(invoice)s",
                            number=number,
                            count=count,
                            invoice=main.name,
                        ),
                    ),
                    "installment_number": number,
                    "installment_count": count,
                    "invoice_date_due": due,
                }
                for main, number, count, due, amount in parts
            ]
        )

    def _in_customer_language(self):
        return self.with_context(lang=self.partner_id.lang or self.env.lang).env

    def _prepare_installment_document(self, move_type, amount, label):
        """Return the values of an installment invoice, or a credit note of one.

        One line on the installment account and no VAT: all VAT is on the main invoice.
        """
        self.ensure_one()
        company = self.company_id
        return {
            "move_type": move_type,
            "company_id": company.id,
            "journal_id": company.installment_journal_id.id,
            "partner_id": self.partner_id.id,
            "partner_shipping_id": self.partner_shipping_id.id,
            "currency_id": self.currency_id.id,
            "invoice_currency_rate": self.invoice_currency_rate,
            "invoice_date": self._get_installment_entry_date(),
            "invoice_payment_term_id": False,
            "invoice_user_id": self.invoice_user_id.id,
            "invoice_origin": self.name,
            "ref": self.ref,
            "installment_main_id": self.id,
            "invoice_line_ids": [
                Command.create(
                    {
                        "name": label,
                        "account_id": company.installment_account_id.id,
                        "quantity": 1,
                        "price_unit": float(amount),
                        "tax_ids": [Command.clear()],
                    }
                )
            ],
        }

    def _get_receivable_line(self):
        """Return the receivable lines of the documents: one each, as they have no payment term."""
        return self.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def _get_installment_account_lines(self):
        return self.line_ids.filtered(
            lambda line: line.account_id == line.company_id.installment_account_id
        )

    def _get_open_installments(self):
        """Return the unpaid installments of these main invoices, first due first."""
        return self.installment_ids.filtered(
            lambda part: part.state == "posted"
            and part.currency_id.compare_amounts(part.amount_residual, 0) > 0
        ).sorted(lambda part: (part.invoice_date_due, part.installment_number))
