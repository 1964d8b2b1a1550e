from odoo import api, fields, models
from odoo.tools import SQL, format_date


class PayoutImportPayout(models.TransientModel):
    """A payout of the file that is imported, before it is."""

    _name = "brp.payout.import.payout"
    _description = "Payout of a File"
    _order = "sequence, id"

    import_id = fields.Many2one("brp.payout.import", required=True, ondelete="cascade", index=True)
    sequence = fields.Integer()
    name = fields.Char(string="Reference")
    name_told = fields.Boolean(readonly=True)
    date = fields.Date()
    date_told = fields.Boolean(readonly=True)
    amount_paid = fields.Monetary(string="Paid Out")
    paid_told = fields.Boolean(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    row_count = fields.Integer(string="Rows", readonly=True)
    amount_lines = fields.Monetary(string="Sum of the Rows", readonly=True)
    difference = fields.Monetary(compute="_compute_difference")
    unknown = fields.Char(string="Not Known Yet", readonly=True, help="Words that nobody has told of yet.")
    fingerprint = fields.Char(readonly=True)
    status = fields.Selection(
        [
            ("new", "New"),
            ("same", "Imported Already"),
            ("changed", "Differs"),
            ("booked", "Differs, Booked"),
        ],
        compute="_compute_status",
    )
    difference_text = fields.Char(string="In Odoo", compute="_compute_status")
    replace = fields.Boolean(help="Put what the file has in the place of what is in Odoo.")

    @api.depends("amount_paid", "amount_lines")
    def _compute_difference(self):
        for line in self:
            line.difference = line.currency_id.round(line.amount_paid - line.amount_lines)

    @api.depends("name", "date", "amount_paid", "currency_id", "fingerprint", "import_id.channel_id")
    def _compute_status(self):
        existing = self._find_existing()
        prints = self._get_fingerprints(self.env["brp.payout"].union(*existing.values()))
        for line in self:
            payout = existing.get(line._get_reference())
            differences = payout and line._find_differences(payout, prints)
            line.difference_text = "; ".join(differences or [])
            if not payout:
                line.status = "new"
            elif not differences:
                line.status = "same"
            else:
                line.status = "booked" if payout.move_id else "changed"

    def _get_reference(self):
        return (self.name or "").strip()

    def _find_existing(self):
        """Return {reference: payout} of those that the channel has already."""
        names = list(filter(None, (line._get_reference() for line in self)))
        payouts = self.env["brp.payout"].search(
            [("channel_id", "in", self.import_id.channel_id.ids), ("name", "in", names)]
        )
        return {payout.name: payout for payout in payouts}

    @api.model
    def _get_fingerprints(self, payouts):
        """Return {payout id: (number of rows from a file or a service, what tells equal ones)}."""
        self.env["brp.payout.line"].flush_model(["payout_id", "key", "amount"])
        rows = self.env.execute_query(
            SQL(
                """
                SELECT payout_id, COUNT(*),
                       MD5(STRING_AGG(key || ' ' || ROUND(amount, 2), E'\n' ORDER BY key COLLATE "C"))
                  FROM brp_payout_line
                 WHERE payout_id = ANY(%s) AND key IS NOT NULL
              GROUP BY payout_id
                """,
                payouts.ids,
            )
        )
        return {payout: (count, digest) for payout, count, digest in rows}

    def _find_differences(self, payout, prints):
        """Return what a payout in Odoo has otherwise than the file, a text each."""
        self.ensure_one()
        money = self.currency_id.format
        differences = []
        if payout.currency_id != self.currency_id:
            differences.append(
                self.env._(
                    "%(own)s, in the file %(file)s",
                    own=payout.currency_id.name,
                    file=self.currency_id.name,
                )
            )
        if payout.date != self.date:
            differences.append(
                self.env._(
                    "dated %(own)s, in the file %(file)s",
                    own=format_date(self.env, payout.date),
                    file=format_date(self.env, self.date) or self.env._("not told"),
                )
            )
        if self.currency_id.compare_amounts(payout.amount_paid, self.amount_paid):
            differences.append(
                self.env._(
                    "%(own)s paid, in the file %(file)s",
                    own=money(payout.amount_paid),
                    file=money(self.amount_paid),
                )
            )
        count, digest = prints.get(payout.id, (0, None))
        if digest != self.fingerprint and (count or self.row_count):
            differences.append(
                self.env._(
                    "rows: %(own)s, together %(own_sum)s; in the file %(file)s, together %(file_sum)s",
                    own=count,
                    own_sum=money(payout.amount_lines),
                    file=self.row_count,
                    file_sum=money(self.amount_lines),
                )
            )
        return differences
