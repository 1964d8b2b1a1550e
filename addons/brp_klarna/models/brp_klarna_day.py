import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

_logger = logging.getLogger(__name__)


class KlarnaDay(models.Model):
    """A day's sales and refunds in a payout: their voucher, and the document that explains it.

    A day that several payouts have orders of has a voucher for each of them.
    """

    _name = "brp.klarna.day"
    _description = "Klarna: Day of a Payout"
    _order = "date desc, id desc"
    _rec_name = "date"

    payout_id = fields.Many2one("brp.payout", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="payout_id.company_id", store=True)
    currency_id = fields.Many2one(related="payout_id.currency_id")
    date = fields.Date(required=True, readonly=True)
    amount_sales = fields.Monetary(string="Sales", readonly=True, help="With VAT.")
    amount_refunds = fields.Monetary(string="Refunds", readonly=True, help="With VAT.")
    order_count = fields.Integer(string="Orders Sold", readonly=True, help="Returned orders are not counted.")
    move_id = fields.Many2one(
        "account.move", string="Journal Entry", readonly=True, copy=False, index="btree_not_null"
    )
    state = fields.Selection(
        [("waiting", "Waiting"), ("posted", "Posted")], compute="_compute_state", store=True
    )
    failure = fields.Text(readonly=True, copy=False, help="Why it could not be booked the last time.")
    problem = fields.Text(compute="_compute_problem", string="What It Waits For")
    document_id = fields.Many2one("ir.attachment", string="Order Basis", readonly=True, copy=False)

    _day_unique = models.UniqueIndex("(payout_id, date)")
    _waiting = models.Index("(date) WHERE state = 'waiting'")

    @api.depends("move_id.state")
    def _compute_state(self):
        for day in self:
            day.state = "posted" if day.move_id.state == "posted" else "waiting"

    @api.depends("state", "date", "failure")
    @api.depends_context("lang")
    def _compute_problem(self):
        for day in self:
            lock = day.state == "waiting" and day.payout_id._describe_lock(day.date)
            day.problem = lock or (day.state == "waiting" and day.failure)

    # === POSTING === #

    def _post(self):
        """Book the days whose period is open; the others wait."""
        for payout, days in self.grouped("payout_id").items():
            entries = days.with_context(lang=payout.channel_id._get_language())._prepare_entries()
            for day, move in zip(entries, payout._make_entries(entries.values()), strict=True):
                day._note_entry(move)

    def _prepare_entries(self):
        """Return {day: its entry} of the days that have none yet and whose period is open."""
        days = self.filtered(lambda day: not (day.move_id or day.payout_id._describe_lock(day.date)))
        items = days._prepare_items()
        return {
            day: (
                day.date,
                self.env._("Klarna %(day)s, payout %(payout)s", day=day.date, payout=day.payout_id.name),
                items[day],
            )
            for day in days
        }

    def _note_entry(self, move):
        self.ensure_one()
        self.write({"move_id": move.id, "failure": False})

    def _try_to_post(self):
        """Book the days that can be; of the others each tells why."""
        for day in self:
            try:
                with self.env.cr.savepoint():
                    day._post()
                    day.payout_id._settle_klarna()
            except UserError as error:
                day.failure = str(error)

    def _prepare_items(self):
        """Return the values of the vouchers' items: what the payout clears against sales and VAT per rate.

        :return: {day: items}
        """
        prepared = {}
        for payout, days in self.grouped("payout_id").items():
            rates = payout._get_klarna_rates()
            sums = payout._sum_klarna_shares(days.mapped("date"))
            for day in days:
                prepared[day] = day._prepare_sum_items(sums.get(day.date, {}), rates)
        return prepared

    def _prepare_sum_items(self, sums, rates):
        self.ensure_one()
        payout = self.payout_id
        items = []
        for (kind, account), shares in sums.items():
            label = self.env._("Sales") if kind == "sale" else self.env._("Refunds")
            gross = sum(net + vat for net, vat in shares.values())
            items.append(payout._prepare_item(account, gross / 100, label))
            for (use, percent), (net, vat) in shares.items():
                rate = rates.get((use, percent))
                if not (rate and rate._is_complete(vat)):
                    raise UserError(payout._describe_missing_rate(use, percent))
                items += self._prepare_rate_items(rate, kind, label, -net / 100, -vat / 100)
        return [values for values in items if values["balance"]]

    def _prepare_rate_items(self, rate, kind, label, net, vat):
        """Return the items of one rate, marked as the VAT return wants them."""
        payout = self.payout_id
        lines = (
            rate.tax_id.invoice_repartition_line_ids
            if kind == "sale"
            else rate.tax_id.refund_repartition_line_ids
        )
        base = lines.filtered(lambda line: line.repartition_type == "base")
        tax = lines.filtered(lambda line: line.repartition_type == "tax")[:1]
        name = rate._describe(label)
        of_base = payout._prepare_item(rate.account_id.id, net, name)
        of_tax = payout._prepare_item(rate.vat_account_id.id, vat, name)
        if rate.tax_id:
            of_base |= {"tax_ids": [(6, 0, rate.tax_id.ids)], "tax_tag_ids": [(6, 0, base.tag_ids.ids)]}
            of_tax |= {
                "tax_repartition_line_id": tax.id,
                "tax_tag_ids": [(6, 0, tax.tag_ids.ids)],
                "tax_base_amount": abs(net),
            }
        return [of_base, of_tax]

    @api.model
    def _cron_post(self):
        """Book the days that waited for their period to be opened; make the documents that are missing."""
        progress = self.env["ir.cron"]
        waiting = self.search(
            [("state", "=", "waiting"), ("payout_id.state", "=", "posted")], order="date, id"
        )
        without = [("state", "=", "posted"), ("document_id", "=", False)]
        progress._commit_progress(remaining=len(waiting) + self.search_count(without))
        for payout, days in waiting.grouped("payout_id").items():
            if payout.try_lock_for_update():
                # Somebody may have undone the payout since.
                days = days.exists().filtered(lambda day: day.payout_id.state == "posted")
                days.with_company(payout.company_id)._try_to_post()
            if not progress._commit_progress(len(days)):
                return
        for day in self.search(without, order="date, id"):
            # Another process may have made it since.
            if day.try_lock_for_update() and not day.document_id:
                try:
                    with self.env.cr.savepoint():
                        day.with_company(day.company_id)._make_document()
                except UserError as error:
                    _logger.warning("The document of Klarna's day %s could not be made: %s", day.id, error)
            if not progress._commit_progress(1):
                return

    # === DOCUMENT === #

    def _make_document(self):
        """Attach the day's orders to its voucher, as a PDF."""
        self.ensure_one()
        self = self.with_context(lang=self._get_document_lang())
        pdf, _kind = self.env["ir.actions.report"]._render_qweb_pdf(
            "brp_klarna.brp_klarna_day_report", self.ids
        )
        self.document_id = self.env["ir.attachment"].create(
            {
                "name": f"{self._get_document_name()}.pdf",
                "raw": pdf,
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": self.move_id.id,
            }
        )

    def _get_document_lang(self):
        """Return the language of the document: that of who looks after the connection."""
        self.ensure_one()
        return self.payout_id.channel_id._get_language()

    def _get_document_values(self):
        """Return the figures of the document, kronor without sign; they are what the voucher was made of.

        :return: {"summary": rows by kind and rate with sums, "sections": sales and refunds, an order a row}
        """
        self.ensure_one()
        rates = self.payout_id._get_klarna_rates()
        titles = {"sale": self.env._("Sales"), "refund": self.env._("Refunds")}
        summary = []
        sums = self.payout_id._sum_klarna_shares([self.date])
        for (kind, _account), signed in sums.get(self.date, {}).items():
            sign = 1 if kind == "sale" else -1
            shares = {key: (sign * net, sign * vat) for key, (net, vat) in signed.items()}
            for key, (net, vat) in shares.items():
                rate = rates.get(key) or self.env["brp.klarna.rate"].new({"use": key[0], "rate": key[1]})
                accounts = rate.account_id | (rate.vat_account_id if vat else rate.vat_account_id.browse())
                summary.append(
                    {
                        "text": rate._describe(titles[kind]),
                        "accounts": ", ".join(filter(None, accounts.mapped("code"))),
                        "net": net / 100,
                        "vat": vat / 100,
                        "sum": False,
                    }
                )
            summary.append(
                {
                    "text": titles[kind],
                    "accounts": "",
                    "net": sum(net for net, _vat in shares.values()) / 100,
                    "vat": sum(vat for _net, vat in shares.values()) / 100,
                    "sum": True,
                }
            )
        rows = self._find_document_rows(rates)
        registry = self.company_id.company_registry or self.company_id.vat
        return {
            "organisation_number": registry,
            "made": format_datetime(self.env, fields.Datetime.now(), tz="Europe/Stockholm"),
            "summary": summary,
            "sections": [
                {"text": titles[kind], "rows": rows[kind]} for kind in ("sale", "refund") if rows.get(kind)
            ],
        }

    def _find_document_rows(self, rates):
        lines = self.env["brp.payout.line"].search(
            [
                ("payout_id", "=", self.payout_id.id),
                ("date", "=", self.date),
                ("kind", "in", ("sale", "refund")),
                ("item_id", "=", False),
                ("amount", "!=", 0),
            ],
            order="klarna_moment, id",
        )
        zone = self.with_context(tz="Europe/Stockholm")
        rows = {}
        for line in lines:
            moment = line.klarna_moment and fields.Datetime.context_timestamp(zone, line.klarna_moment)
            head = {
                "time": moment.strftime("%H:%M") if moment else "",
                "order": line.klarna_short_order or line.order_reference or "",
                "reference": line.reference or "",
            }
            rows.setdefault(line.kind, []).extend(self._prepare_document_rows(line, head, rates))
        return rows

    def _prepare_document_rows(self, line, head, rates):
        """Return the rows of an order: one for each rate, and what they come to if they are several."""
        sign = 1 if (line.kind == "sale") == (line.amount > 0) else -1
        rows = []
        for use, rate, net, vat in line.klarna_shares or []:
            of_rate = rates.get((use, rate))
            told = f"{rate:g} %" if use == "sales" or not of_rate else of_rate.display_name
            rows.append({"rate": told, "net": sign * net / 100, "vat": sign * vat / 100, "class": ""})
        if len(rows) > 1:
            for row in rows:
                row["class"] = "o_part"
            sums = {name: line.currency_id.round(sum(row[name] for row in rows)) for name in ("net", "vat")}
            rows.append({"rate": self.env._("Sum"), "class": "o_total", **sums})
        blank = dict.fromkeys(head, "")
        return [{**(blank if number else head), **row} for number, row in enumerate(rows)]

    def _get_document_name(self):
        return self.env._(
            "Klarna orders %(day)s, payout %(payout)s", day=self.date, payout=self.payout_id.name
        )

    def action_open_document(self):
        """Open the day's order basis."""
        self.ensure_one()
        if not self.document_id:
            self.sudo()._make_document()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self.document_id.id}",
            "target": "new",
        }
