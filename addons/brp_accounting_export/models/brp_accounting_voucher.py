import re
import secrets
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError

from . import ledger

MAX_TEXT = 50
KINDS = [
    ("sale", "Sales"),
    ("cash", "Cash"),
    ("bank", "Bank"),
    ("credit", "Card"),
    ("general", "Other"),
    ("purchase", "Purchases"),
]


class AccountingVoucher(models.Model):
    """A voucher for the other accounting system: rows that add up to zero, made of journal items."""

    _name = "brp.accounting.voucher"
    _description = "Exported Voucher"
    _inherit = ["mail.thread"]
    _order = "date desc, id desc"
    _rec_name = "text"

    connection_id = fields.Many2one(
        "brp.connection", required=True, readonly=True, ondelete="restrict", index=True
    )
    company_id = fields.Many2one(related="connection_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    day_id = fields.Many2one(
        "brp.accounting.day", required=True, readonly=True, ondelete="cascade", index=True
    )
    date = fields.Date(required=True, readonly=True, tracking=True)
    kind = fields.Selection(KINDS, required=True, readonly=True)
    journal_id = fields.Many2one("account.journal", readonly=True)
    move_id = fields.Many2one("account.move", string="Document", readonly=True, index="btree_not_null")
    correction = fields.Boolean(readonly=True)
    corrects_ids = fields.Many2many(
        "brp.accounting.voucher",
        "brp_accounting_voucher_correction",
        "correction_id",
        "voucher_id",
        readonly=True,
    )
    text = fields.Char(required=True, readonly=True)
    token = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: f"brp{secrets.token_hex(5)}",
        help="Stands in the voucher's text in the other system, so that it can be found there.",
    )
    series = fields.Char(readonly=True)
    number = fields.Char(readonly=True, copy=False, help="The number that the other system gave it.")
    state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("problem", "Problem"),
            ("exported", "Exported"),
            ("withdrawn", "Withdrawn"),
        ],
        default="waiting",
        required=True,
        readonly=True,
        tracking=True,
    )
    external_id = fields.Char(
        readonly=True, copy=False, help="The other system's own identity of the voucher."
    )
    exported_on = fields.Datetime(readonly=True)
    line_ids = fields.One2many("brp.accounting.voucher.line", "voucher_id", readonly=True)
    amount = fields.Monetary(compute="_compute_amount", store=True, help="The sum of the debit rows.")

    _token_unique = models.UniqueIndex("(token)")

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for voucher in self:
            voucher.amount = sum(line.amount for line in voucher.line_ids if line.amount > 0)

    @api.depends("series", "number", "text")
    def _compute_display_name(self):
        for voucher in self:
            number = f"{voucher.series} {voucher.number} " if voucher.number else ""
            voucher.display_name = f"{number}{voucher.text}"

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Vouchers are kept: a mistake is set right by a correction voucher."))

    def _get_rows(self):
        """Return the rows as another system gets them, without those that add up to nothing.

        :return: [{"account", "amount", "text", "cost_centre", "project"}], kronor as Decimal, debit positive
        """
        self.ensure_one()
        return [
            {
                "account": line.code,
                "amount": Decimal(str(line.amount)).quantize(Decimal("0.01")),
                "text": line.text or "",
                "cost_centre": line.cost_centre,
                "project": line.project,
            }
            for line in self.line_ids
            if not self.currency_id.is_zero(line.amount)
        ]

    def _get_text_with_token(self):
        """Return the text that the other system gets; the token finds the voucher there."""
        self.ensure_one()
        return f"{self._get_short_text(MAX_TEXT - len(self.token) - 1)} {self.token}"

    def _get_short_text(self, room):
        """Return the text as far as there is room for it; its date, which the voucher has anyway, goes first.

        :param room: number of characters
        """
        self.ensure_one()
        text = self.text if len(self.text) <= room else self._get_text_without_date()
        return text[:room].rstrip()

    def _get_text_without_date(self):
        self.ensure_one()
        return re.sub(rf"\s*{fields.Date.to_string(self.date)}", "", self.text).strip(" :,")

    def _carries_report(self):
        """Return whether the day's report goes with the voucher.

        Not with those of single documents, unless the day has no others: then with the first of them.
        """
        self.ensure_one()
        of_day = self.day_id.voucher_ids
        return not self.move_id or (
            all(voucher.move_id for voucher in of_day) and self == of_day.sorted("id")[:1]
        )

    def _note_exported(self, number=False, external_id=False):
        """Note that the other system has the vouchers.

        :param number: what it numbered them
        :param external_id: its own identity of a voucher
        """
        self.write(
            {
                "state": "exported",
                "number": number,
                "external_id": external_id,
                "exported_on": fields.Datetime.now(),
            }
        )

    def _take_back_unsent(self):
        """Return the vouchers that surely have not been sent, and give up sending them."""
        unsure = self._find_exchanges().filtered("unsure").mapped("res_id")
        unsent = self.filtered(lambda voucher: voucher.id not in unsure)
        unsent._cancel_exchanges()
        return unsent

    def _find_on_their_way(self):
        """Return the vouchers that somebody sends at this moment."""
        exchanges = self._find_exchanges().filtered(lambda exchange: exchange._is_on_its_way())
        return self.browse(exchanges.mapped("res_id"))

    def _find_exchanges(self):
        return self.env["brp.exchange"].search(
            [("res_model", "=", self._name), ("res_id", "in", self.ids), ("state", "!=", "done")]
        )

    def _cancel_exchanges(self):
        exchanges = self._find_exchanges()
        exchanges.lock_for_update()
        exchanges.write({"state": "cancelled"})

    def _withdraw(self):
        """Note that the other system does not have the vouchers: their items can be exported again."""
        self.env.flush_all()
        ledger.withdraw(self.env.cr, self.ids)
        self.env["brp.accounting.item"].invalidate_model()
        self.write({"state": "withdrawn"})
        self.connection_id.accounting_checked_at = False  # look at everything again

    def action_view_items(self):
        """Show the journal items that the voucher holds."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Journal Items"),
            "res_model": "account.move.line",
            "view_mode": "list,form",
            "domain": [("id", "in", self.line_ids.item_ids.move_line_id.ids)],
            "context": {"create": False},
        }
