import base64
import csv
from io import StringIO

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import clean_context

from ..csv_file import FileError, normalise, read_table
from ..csv_payouts import (
    AMOUNT,
    AMOUNT_OF,
    DETAIL,
    KNOWN_NAMES,
    SINGLE,
    TYPE,
    Column,
    find_date_orders,
    propose,
    propose_paid_words,
    read_payouts,
)
from ..kinds import describe_word
from ..models.brp_payout_column import ORDERS

_SHOWN = 10
_EXAMPLES = 3


class PayoutImport(models.TransientModel):
    """The dialog that imports payouts from a file: what its columns are, what it comes to, then the rows."""

    _name = "brp.payout.import"
    _description = "Import Payouts"

    state = fields.Selection(
        [("file", "File"), ("columns", "Columns"), ("preview", "Preview")], required=True, default="file"
    )
    channel_id = fields.Many2one(
        "brp.payout.channel",
        required=True,
        ondelete="cascade",
        default=lambda self: self._find_channel(),
        domain="[('takes_files', '=', True)]",
    )
    company_id = fields.Many2one(related="channel_id.company_id")
    file = fields.Binary(string="CSV File", attachment=False)
    file_name = fields.Char()
    above = fields.Text(string="Above the Header", readonly=True)
    lacking = fields.Char(string="Lacking Columns", readonly=True)
    column_ids = fields.One2many("brp.payout.import.column", "import_id")
    has_type = fields.Boolean(compute="_compute_has_type")
    paid_words = fields.Char(
        string="The Payout Itself",
        help="Types whose rows are not a part of the payout, but the payout itself. Several are parted by"
        " commas.",
    )
    needs_order = fields.Boolean(readonly=True)
    date_order = fields.Selection(ORDERS, string="Dates Are Written")
    payout_ids = fields.One2many("brp.payout.import.payout", "import_id")
    row_count = fields.Integer(string="Rows", readonly=True)
    sums = fields.Char(string="Lines with Sums", readonly=True)
    without_count = fields.Integer(readonly=True)
    without_text = fields.Char(readonly=True)
    leave_out = fields.Boolean(string="Leave Them Out")
    has_unknown = fields.Boolean(compute="_compute_has_unknown")
    has_changed = fields.Boolean(compute="_compute_has_changed")

    @api.model
    def _find_channel(self):
        """Return the channel if there is only one that it can be."""
        channels = self.env["brp.payout.channel"].search([("takes_files", "=", True)], limit=2)
        return channels if len(channels) == 1 else channels.browse()

    @api.depends("column_ids.target")
    def _compute_has_type(self):
        for wizard in self:
            wizard.has_type = TYPE in wizard.column_ids.mapped("target")

    @api.depends("payout_ids.unknown")
    def _compute_has_unknown(self):
        for wizard in self:
            wizard.has_unknown = any(wizard.payout_ids.mapped("unknown"))

    @api.depends("payout_ids.status")
    def _compute_has_changed(self):
        for wizard in self:
            wizard.has_changed = not {"changed", "booked"}.isdisjoint(wizard.payout_ids.mapped("status"))

    # === STEPS === #

    def action_read(self):
        """Find the columns of the file; a file of a layout that is known needs no answers."""
        self.ensure_one()
        self._check_may_import()
        table = self._read_table()
        kept = {column.name: column for column in self.channel_id.column_ids}
        proposed = propose(table)
        names = set(table.names)
        lacking = [name for name, column in kept.items() if name not in names and column.target != "ignore"]
        known = [kept[name] for name in table.names if name in kept]
        paid_words = next((column.paid_words for column in known if column.target == TYPE), None)
        if paid_words is None:
            paid_words = ", ".join(propose_paid_words(table, proposed))
        self.write(
            {
                "state": "columns",
                "above": "\n".join(table.above),
                "lacking": ", ".join(lacking),
                "date_order": next((column.date_order for column in known if column.date_order), False),
                "needs_order": False,
                "paid_words": paid_words,
                "column_ids": [Command.clear()]
                + [Command.create(values) for values in self._prepare_columns(table, proposed, kept)],
                "payout_ids": [Command.clear()],
            }
        )
        if known and len(known) == len(table.names) and not lacking:
            return self.action_preview()
        return self._reopen()

    def _prepare_columns(self, table, proposed, kept):
        """Return the values of columns: as they were told earlier, else as their names propose."""
        taken = {
            kept[name].target for name in table.names if name in kept and kept[name].target != "ignore"
        } & set(SINGLE)
        for number, column in enumerate(proposed):
            known = kept.get(column.name)
            target = known.target if known else column.target
            if not known and target in taken:
                target = "ignore"
            yield {
                "sequence": number,
                "name": column.name,
                "example": " · ".join(list(dict.fromkeys(table.values(column.name)))[:_EXAMPLES]),
                "target": target,
                "deducted": known.deducted if known else column.deducted and target == column.target,
                "source": "kept" if known else "new" if target == "ignore" else "proposed",
            }

    def action_preview(self):
        """Show what the file comes to."""
        self.ensure_one()
        self._check_may_import()
        table = self._read_table()
        columns = self._get_columns(table)
        if not any(column.target == AMOUNT or column.target in AMOUNT_OF for column in columns):
            if self.state == "columns" and self.column_ids:
                raise UserError(self.env._("No column is an amount. Choose the one that is."))
            return self.action_columns()
        orders = find_date_orders(table, columns)
        if orders is not None and not orders:
            raise UserError(
                self.env._(
                    "Some dates of the file have the day first, others the month. Set them right first."
                )
            )
        self.needs_order = orders is not None and len(orders) > 1
        if self.needs_order and not self.date_order:
            return self.action_columns()
        reading = self._read_payouts(table)
        if not reading.payouts:
            raise UserError(self.env._("No row of the file tells the payout that it belongs to."))
        without = sum(row.amount for row in reading.without)
        self.write(
            {
                "state": "preview",
                "row_count": sum(len(payout.rows) for payout in reading.payouts),
                "sums": ", ".join(map(str, reading.sums)),
                "without_count": len(reading.without),
                "without_text": self._list_lines(sorted({row.line for row in reading.without}), without),
                "payout_ids": [Command.clear()]
                + [Command.create(values) for values in self._prepare_payouts(reading)],
            }
        )
        return self._reopen()

    def action_columns(self):
        """Show the columns again."""
        self.ensure_one()
        self.state = "columns"
        return self._reopen()

    def action_file(self):
        """Choose another file or channel."""
        self.ensure_one()
        self.state = "file"
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Import Payouts"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "extra-large"},
        }

    def _check_may_import(self):
        """Refuse those who may not make payouts, or not of this company."""
        self.env["brp.payout"].check_access("create")
        self.env["brp.payout.line"].check_access("create")
        self.channel_id.check_access("read")

    # === READING === #

    def _read_table(self):
        file = self.with_context(bin_size=False).file
        if not file:
            raise UserError(self.env._("Choose a file."))
        known = KNOWN_NAMES | {normalise(column.name) for column in self.channel_id.column_ids}
        try:
            return read_table(base64.b64decode(file), known)
        except FileError as error:
            raise UserError(self._explain(error)) from error

    def _get_columns(self, table):
        """Return what the columns are by now.

        :raise UserError: two columns are the same, or the file has others than it had
        """
        if tuple(self.column_ids.mapped("name")) != table.names:
            raise UserError(self.env._("The file has changed: read it again."))
        columns = [Column(column.name, column.target, column.deducted) for column in self.column_ids]
        label = dict(self.column_ids._fields["target"]._description_selection(self.env))
        for target in SINGLE:
            same = [column.name for column in columns if column.target == target]
            if len(same) > 1:
                raise UserError(
                    self.env._(
                        "%(columns)s cannot all be “%(target)s”: choose one of them.",
                        columns=", ".join(same),
                        target=label[target],
                    )
                )
        if any(column.target == DETAIL for column in columns) and not self.has_type:
            raise UserError(self.env._("A detail of the type takes a column with the type."))
        return columns

    def _read_payouts(self, table):
        """Return what the file comes to.

        :raise UserError: the lines that cannot be read, and why
        """
        words = (self.paid_words or "").split(",") if self.has_type else []
        reading = read_payouts(
            table, self._get_columns(table), self.date_order or None, filter(str.strip, words)
        )
        if reading.errors:
            texts = [self._explain(error) for error in reading.errors[:_SHOWN]]
            if len(reading.errors) > _SHOWN:
                texts.append(self.env._("… more lines: %s.", len(reading.errors) - _SHOWN))
            raise UserError("\n".join([self.env._("The file cannot be imported."), *texts]))
        return reading

    def _prepare_payouts(self, reading):
        """Return the values of the preview of payouts, with what the file does not tell proposed."""
        currencies = self._get_currencies(reading)
        mapping = self.channel_id._get_mapping()
        labels = dict(self.env["brp.payout.line"]._fields["kind"]._description_selection(self.env))
        names = [payout.reference for payout in reading.payouts if payout.reference]
        existing = {
            payout.name: payout
            for payout in self.env["brp.payout"].search(
                [("channel_id", "=", self.channel_id.id), ("name", "in", names)]
            )
        }
        for number, payout in enumerate(reading.payouts):
            there = existing.get(payout.reference) or self.env["brp.payout"]
            day, paid = payout.day, payout.paid
            if day is None and payout.reference:
                day = there.date or payout.last_day
            if paid is None:
                paid = there.amount_paid if there else payout.total
            pairs = {(row.code, row.kind) for row in payout.rows}
            unknown = {code for code, kind in pairs if not all(self._find_meaning(mapping, code, kind))}
            yield {
                "sequence": number,
                "name": payout.reference,
                "name_told": bool(payout.reference),
                "date": day,
                "date_told": payout.day is not None,
                "amount_paid": float(paid),
                "paid_told": payout.paid is not None,
                "currency_id": currencies[payout.currency].id,
                "row_count": len(payout.rows),
                "amount_lines": float(payout.total),
                "unknown": ", ".join(
                    sorted(
                        describe_word(word, labels) or labels.get(word) or self.env._("(no type)")
                        for word in unknown
                    )
                )
                or False,
                "fingerprint": payout.fingerprint(),
            }

    def _get_currencies(self, reading):
        """Return {code: currency} of what is in a file; what tells none is in the company's."""
        Currency = self.env["res.currency"].with_context(active_test=False)
        codes = {payout.currency for payout in reading.payouts}
        found = {
            currency.name: currency
            for currency in Currency.search([("name", "in", list(filter(None, codes)))])
        }
        if missing := codes - found.keys() - {None}:
            raise UserError(self.env._("%s is no currency that Odoo knows.", ", ".join(sorted(missing))))
        return found | {None: self.company_id.currency_id}

    def _find_meaning(self, mapping, code, kind):
        """Return (kind, account id) of a row, None for what is not known.

        :param kind: what the row's column is, for a word that nobody has told of
        """
        meaning, account = self.channel_id._find_meaning(mapping, code)
        if meaning or not kind:
            return meaning, account
        accounts = (account for of_kind, account in mapping.values() if of_kind == kind and account)
        return kind, next(accounts, None)

    def _list_lines(self, lines, amount):
        """Return a text of some lines and what they come to."""
        if not lines:
            return False
        shown = ", ".join(map(str, lines[:_SHOWN])) + (", …" if len(lines) > _SHOWN else "")
        return self.env._("lines %(lines)s, together %(amount)s", lines=shown, amount=f"{amount:.2f}")

    def _explain(self, error):
        """Return what is wrong with a file and what to do about it."""
        texts = {
            # the file
            "empty": self.env._("The file is empty."),
            "excel": self.env._(
                "This is an Excel workbook. Open it in Excel and save it as CSV (UTF-8), then import that."
            ),
            "pdf": self.env._("This is a PDF. Ask the channel for the same report as CSV."),
            "packed": self.env._("The file is packed. Unpack it and import what is in it."),
            "binary": self.env._("This is not a text file. Payouts are imported from CSV files."),
            "encoding": self.env._("The letters of the file cannot be read. Save it as UTF-8."),
            "too_large": self.env._("The file is larger than %(megabytes)s MB. Split it."),
            "too_many": self.env._("The file has more than %(rows)s rows. Split it."),
            "no_header": self.env._(
                "No line of the file has names of columns. The first line has to be the header."
            ),
            "no_rows": self.env._("The file has a header, but no rows."),
            "quotes": self.env._("the quotation marks are not paired."),
            "cells": self.env._("%(found)s cells, but the header has %(expected)s columns."),
            "short": self.env._(
                "%(found)s cells only, but the header has %(expected)s columns. Is the file whole?"
            ),
            # a cell
            "no_amount": self.env._("there is no amount."),
            "amount": self.env._("%(column)s: “%(found)s” is not an amount."),
            "decimals": self.env._("%(column)s: “%(found)s” has more than two decimals."),
            "ambiguous": self.env._(
                "%(column)s: “%(found)s” can be read in two ways. Have it written with two decimals."
            ),
            "date": self.env._("%(column)s: “%(found)s” is not a date."),
            "date_order": self.env._(
                "%(column)s: “%(found)s” can be read in two ways. Choose how dates are written."
            ),
            "currency": self.env._("“%(found)s” is not a currency."),
            # rows of one payout
            "other_currency": self.env._("it is in %(found)s, but the rest of the payout in %(expected)s."),
            "other_date": self.env._("the payout is dated %(found)s here, but %(expected)s above."),
            "other_paid": self.env._("%(found)s was paid out by this line, but %(expected)s by those above."),
            "paid_differs": self.env._(
                "Payout %(reference)s: its own row tells %(found)s, but the column of paid amounts"
                " %(expected)s."
            ),
            "net": self.env._(
                "the amounts come to %(expected)s, but the line says %(found)s. Is something deducted?"
            ),
            "sum": self.env._(
                "%(column)s: it says that the sum is %(found)s, but the lines above come to %(expected)s."
            ),
        }
        details = {"column": "", "found": "", "expected": "", "reference": "", "rows": "", "megabytes": ""}
        text = texts[error.problem] % (details | error.details)
        return self.env._("Line %(line)s: %(text)s", line=error.line, text=text) if error.line else text

    # === IMPORTING === #

    def action_import(self):
        """Make payouts of the file."""
        self.ensure_one()
        self._check_may_import()
        reading = self._read_payouts(self._read_table())
        lines = self.payout_ids.sorted("sequence")
        if lines.mapped("fingerprint") != [payout.fingerprint() for payout in reading.payouts]:
            raise UserError(self.env._("The file has changed: look at the preview again."))
        self._check_answered(lines, reading)
        lines.invalidate_recordset(["status", "difference_text"])
        existing = lines._find_existing()
        take = lines.filtered(
            lambda line: line.status == "new" or (line.status == "changed" and line.replace)
        )
        if not take:
            if refused := lines.filtered(lambda line: line.status != "same"):
                raise UserError("\n".join(refused.mapped(self._explain_refused)))
            self._keep_columns()
            return self._say_done(self.env["brp.payout"], lines)
        payouts = self._store_payouts(take, existing)
        of_file = dict(zip(lines, reading.payouts, strict=True))
        self._store_rows([(payout, of_file[line]) for line, payout in zip(take, payouts, strict=True)])
        payouts._note_lines_changed()
        payouts._match()
        self._keep_columns()
        self._keep_file(payouts)
        self.env.ref("brp_settlement.ir_cron_post").sudo()._trigger()
        return self._say_done(payouts, lines - take)

    def _check_answered(self, lines, reading):
        """Refuse what lacks an answer."""
        if reading.without and not self.leave_out:
            raise UserError(
                self.env._(
                    "Rows that tell no payout that they belong to: %s. Tick that they are to be left out, or"
                    " choose another column.",
                    len(reading.without),
                )
            )
        if lines.filtered(lambda line: not line._get_reference() or not line.date):
            raise UserError(self.env._("Each payout takes a reference and the date it was paid."))
        for line, payout in zip(lines, reading.payouts, strict=True):
            if payout.reference is not None and line._get_reference() != payout.reference:
                raise UserError(self.env._("The file tells the reference %s.", payout.reference))

    def _explain_refused(self, line):
        if line.status == "booked":
            return self.env._(
                "%(payout)s is booked and differs from the file: %(differences)s. Undo it first if the file"
                " is right.",
                payout=line.name,
                differences=line.difference_text,
            )
        return self.env._(
            "%(payout)s is in Odoo already and differs from the file: %(differences)s. Tick Replace if the"
            " file is right.",
            payout=line.name,
            differences=line.difference_text,
        )

    def _store_payouts(self, lines, existing):
        """Return the payouts of lines, made or emptied to take the rows of the file."""
        Payout = (
            self.env["brp.payout"]
            .with_company(self.company_id)
            .with_context(clean_context(self.env.context))
            .with_context(tracking_disable=True)
        )
        heads = {
            line: {
                "name": line._get_reference(),
                "channel_id": self.channel_id.id,
                "date": line.date,
                "amount_paid": line.amount_paid,
                "currency_id": line.currency_id.id,
            }
            for line in lines
        }
        new = lines.filtered(lambda line: line.status == "new")
        made = dict(zip(new, Payout.create([heads[line] for line in new]), strict=True))
        old = Payout.union(*(existing[line._get_reference()] for line in lines - new))
        if old:
            for payout in old:
                payout._lock()
                payout.line_ids._check_open()
            old.line_ids.unlink()
            old.total_ids.sudo().unlink()
        of_name = {payout.name: payout for payout in old}
        for line in lines - new:
            made[line] = of_name[line._get_reference()]
            made[line].write(heads[line] | {"totals_accepted": False})
        return Payout.union(*(made[line] for line in lines))

    def _store_rows(self, payouts):
        """Store the rows of [(payout, payout of the file)], with what the channel's words mean now."""
        mapping = self.channel_id._get_mapping()
        meanings = {}
        file = StringIO()
        writer = csv.writer(file)
        for payout, of_file in payouts:
            for row in of_file.rows:
                what = row.code, row.kind
                if what not in meanings:
                    meanings[what] = self._find_meaning(mapping, *what)
                kind, account = meanings[what]
                writer.writerow(
                    [
                        payout.id,
                        row.key,
                        row.code,
                        kind or "",
                        account or "",
                        f"{row.amount:.2f}",
                        row.day or "",
                        row.reference,
                        row.order_reference,
                        row.external_reference,
                        row.text,
                        self.env.uid,
                        self.env.uid,
                        self.env.cr.now(),
                        self.env.cr.now(),
                    ]
                )
        file.seek(0)
        self.env["brp.payout.line"].flush_model()
        self.env["brp.payout"].flush_model()
        self.env.cr.copy_expert(
            "COPY brp_payout_line (payout_id, key, code, kind, account_id, amount, date, reference,"
            " order_reference, external_reference, text, create_uid, write_uid, create_date, write_date)"
            " FROM STDIN WITH (FORMAT csv)",
            file,
        )

    def _keep_columns(self):
        """Remember what the columns are, for the channel's next file."""
        channel = self.channel_id.sudo()
        kept = {column.name: column for column in channel.column_ids}
        new = []
        for column in self.column_ids:
            values = {
                "target": column.target,
                "deducted": column.deducted,
                "date_order": column.target in ("date", "payout_date") and self.date_order,
                "paid_words": column.target == TYPE and (self.paid_words or ""),
            }
            if column.name in kept:
                kept[column.name].write(values)
            else:
                new.append({"channel_id": channel.id, "name": column.name, **values})
        self.env["brp.payout.column"].sudo().create(new)

    def _keep_file(self, payouts):
        """Keep the file with its payouts."""
        name = self.file_name or self.env._("Payouts.csv")
        content = base64.b64decode(self.with_context(bin_size=False).file)
        self.env["ir.attachment"].create(
            [
                {
                    "name": name,
                    "raw": content,
                    "mimetype": "application/csv",  # text would be indexed once for each payout
                    "res_model": payouts._name,
                    "res_id": payout.id,
                }
                for payout in payouts
            ]
        )
        body = self.env._("Imported from %s.", name)
        payouts._message_log_batch(bodies=dict.fromkeys(payouts.ids, body))

    def _say_done(self, payouts, others):
        """Show what was imported, and name what was not and why."""
        texts = []
        if payouts:
            texts.append(self.env._("Imported: %s.", self._list_names(payouts)))
        if same := others.filtered(lambda line: line.status == "same"):
            texts.append(self.env._("Imported already, and the same: %s.", self._list_names(same)))
        texts += (others - same).mapped(self._explain_refused)
        if payouts:
            after = self.env["ir.actions.actions"]._for_xml_id("brp_settlement.brp_payout_action")
            after["domain"] = [("id", "in", payouts.ids)]
            if len(payouts) == 1:
                form = next(view for view in after["views"] if view[1] == "form")
                after |= {"res_id": payouts.id, "view_mode": "form", "views": [form]}
        else:
            after = {"type": "ir.actions.act_window_close"}
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if others else "success",
                "sticky": bool(others),
                "title": self.channel_id.name,
                "message": "\n".join(texts),
                "next": after,
            },
        }

    def _list_names(self, records):
        names = records.mapped("name")
        more = [self.env._("and %s more", len(names) - _SHOWN)] if len(names) > _SHOWN else []
        return ", ".join(names[:_SHOWN] + more)
