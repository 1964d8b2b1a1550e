from collections import defaultdict
from decimal import Decimal

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, split_every

_SECTIONS = ("sales", "vat", "events", "payments", "receivables")
# Money comes in as debit; what is sold, and owed for it, is credit.
_DEBIT_SECTIONS = ("payments", "receivables")
_MONEY = ("asset_cash", "liability_credit_card")
_RECEIVABLES = ("asset_receivable", "asset_current", "asset_prepayments")
_NAMED = 5
# So many rows fit on a page with their heading, which not every PDF program repeats by itself.
_ROWS = 28
_ROWS_BELOW_SUMMARY = 12


class AccountingDay(models.Model):
    _inherit = "brp.accounting.day"

    def _get_report_lang(self):
        """Return the language of the day's report: that of who looks after the export."""
        self.ensure_one()
        return self.connection_id.sudo()._get_language()

    def _get_report_name(self):
        """Return what the file of the day's report is called, without its ending."""
        day = self.with_context(lang=self._get_report_lang())
        return day.env._("Day report %(date)s no. %(number)s", date=day.date, number=day.number)

    def _render_report(self):
        """Return the day's report as it is now: (file name, PDF)."""
        self.ensure_one()
        pdf, _kind = self.env["ir.actions.report"]._render_qweb_pdf(
            "brp_accounting_export.brp_accounting_day_report", self.ids
        )
        return f"{self._get_report_name()}.pdf", pdf


class DayReport(models.AbstractModel):
    """The figures of the day report (dagsrapport).

    All of them are what the vouchers' rows and their items hold, never what the journal items are now: the
    report tells what the other system was given, to the öre.
    """

    _name = "report.brp_accounting_export.day_report"
    _description = "Day Report"

    @api.model
    def _get_report_values(self, docids, data=None):
        days = self.env["brp.accounting.day"].browse(docids)
        days.check_access("read")
        for day in days:
            if not day.number:
                raise UserError(
                    self.env._("%s is not closed yet: its report comes with its vouchers.", day.date)
                )
        # Who may read the day may read its report, the names of connections and mappings included.
        return {
            "doc_ids": days.ids,
            "doc_model": days._name,
            "docs": days.sudo(),
            "printed_on": fields.Datetime.now(),
            "reports": self._get_reports(days.sudo()),
        }

    def _get_reports(self, days):
        """Return {day id: figures of its report}, with the same few queries for any number of rows."""
        self.env.flush_all()
        standing = days.voucher_ids.filtered(lambda voucher: voucher.state != "withdrawn")
        turnover = self._find_turnover(standing)
        rows = defaultdict(list)
        for line in standing.line_ids:
            rows[line.voucher_id.id].append(_get_row(line, turnover))
        told = self._find_told_vat(standing.filtered(lambda voucher: not voucher.correction))
        documents = self._find_documents(standing.filtered("correction"))
        return {day.id: self._get_report(day, rows, told[day.id], documents) for day in days}

    def _get_report(self, day, rows, told, documents):
        """Return the figures of one day.

        :param rows: {voucher id: its rows}
        :param told: {(mapping id, account): VAT} of the product groups whose VAT is known
        :param documents: {correction id: names of the documents it corrects}
        """
        vouchers = day.voucher_ids.sorted("id")
        withdrawn = vouchers.filtered(lambda voucher: voucher.state == "withdrawn")
        corrections = vouchers.filtered("correction") - withdrawn
        usual = [row for voucher in vouchers - withdrawn - corrections for row in rows[voucher.id]]
        corrected = [row for voucher in corrections for row in rows[voucher.id]]
        sections = {section: _add_up(usual, section) for section in _SECTIONS}
        for row in sections["sales"]:
            row["group"] = row["text"].removesuffix(f", {row['rate']} %")  # the rate has a column of its own
            row["vat"] = told.get(row["key"])
        everything = usual + corrected
        return {
            "organisation_number": _get_organisation_number(day.company_id),
            "numbers": _join_numbers(vouchers - withdrawn),
            "unnumbered": len((vouchers - withdrawn).filtered(lambda voucher: not voucher.number)),
            "summary": [_sum_up(part) for part in (usual, corrected, everything)],
            **sections,
            "sales_parts": _split(sections["sales"], _ROWS_BELOW_SUMMARY),
            "sales_total": _get_sales_total(sections),
            "rates": _get_rates(sections),
            "input_vat": [row for row in sections["vat"] if not _is_output_vat(row)],
            "corrections": [
                {
                    "voucher": voucher,
                    "corrects": voucher.corrects_ids.sorted("id"),
                    "documents": documents[voucher.id][:_NAMED],
                    "more": len(documents[voucher.id][_NAMED:]),
                }
                for voucher in corrections
            ],
            "vouchers": [self._get_voucher(voucher, rows[voucher.id]) for voucher in vouchers - withdrawn],
            "withdrawn": withdrawn,
            "with_cost_centre": any(row["cost_centre"] for row in everything),
            "with_project": any(row["project"] for row in everything),
        }

    def _get_voucher(self, voucher, rows):
        """Return a voucher as the other system has it: without the rows that add up to nothing."""
        rows = [row for row in rows if row["amount"]]
        closed_on = voucher.day_id.closed_on
        return {
            "voucher": voucher,
            # When the day was closed is known to the second.
            "late": bool(closed_on) and voucher.create_date.replace(microsecond=0) > closed_on,
            "rows": rows,
            "parts": _split(rows),
            "debit": sum((row["amount"] for row in rows if row["amount"] > 0), Decimal()),
            "credit": -sum((row["amount"] for row in rows if row["amount"] < 0), Decimal()),
        }

    # === QUERIES === #

    def _find_turnover(self, vouchers):
        """Return {row id: sum of its debit items}: a refund shows beside the sale it is netted with."""
        sums = (
            self.env["brp.accounting.item"]
            .sudo()
            ._read_group(
                [("line_id.voucher_id", "in", vouchers.ids), ("amount", ">", 0)], ["line_id"], ["amount:sum"]
            )
        )
        return {line.id: _to_ore(debit) for line, debit in sums}

    def _find_told_vat(self, vouchers):
        """Return {day id: {(mapping id, account): VAT}} of the product groups whose VAT the documents tell.

        A document's tax item holds the VAT of all that it sells at the rate. It is a product group's when the
        document sells nothing else at that rate: one group, and an amount that is no other event's as well.
        """
        self.env.cr.execute(
            SQL(
                """
                WITH shares AS (
                    SELECT voucher.day_id, item.move_id, mapping.kind, mapping.rate::numeric AS rate,
                           line.mapping_id, line.code, -SUM(item.amount) AS amount
                      FROM brp_accounting_item item
                      JOIN brp_accounting_voucher_line line ON line.id = item.line_id
                      JOIN brp_accounting_voucher voucher ON voucher.id = line.voucher_id
                      JOIN brp_accounting_mapping mapping ON mapping.id = line.mapping_id
                     WHERE voucher.id = ANY(%s)
                       AND (mapping.kind = 'product_group' OR mapping.key LIKE 'vat:sale:%%')
                     GROUP BY voucher.day_id, item.move_id, mapping.id, line.mapping_id, line.code
                ), documents AS (
                    SELECT *, COUNT(*) FILTER (WHERE kind = 'product_group') OVER document AS groups,
                           COALESCE(SUM(amount) FILTER (WHERE kind = 'vat') OVER document, 0) AS vat
                      FROM shares
                    WINDOW document AS (PARTITION BY day_id, move_id, rate)
                )
                SELECT day_id, mapping_id, code, SUM(vat)
                  FROM documents
                 WHERE kind = 'product_group'
                 GROUP BY day_id, mapping_id, code
                HAVING BOOL_AND(
                           rate = 0
                           OR (move_id IS NOT NULL AND groups = 1 AND ABS(vat - amount * rate / 100) < 1)
                       )
                """,
                vouchers.ids,
            )
        )
        told = defaultdict(dict)
        for day, mapping, code, vat in self.env.cr.fetchall():
            told[day][mapping, code] = _to_ore(vat)
        return told

    def _find_documents(self, corrections):
        """Return {voucher id: names of the documents that it corrects}."""
        self.env.cr.execute(
            SQL(
                """
                SELECT line.voucher_id, ARRAY_AGG(DISTINCT move.name ORDER BY move.name)
                  FROM brp_accounting_item item
                  JOIN brp_accounting_voucher_line line ON line.id = item.line_id
                  JOIN account_move move ON move.id = item.move_id
                 WHERE line.voucher_id = ANY(%s) AND move.name IS NOT NULL
                 GROUP BY line.voucher_id
                """,
                corrections.ids,
            )
        )
        return defaultdict(list, self.env.cr.fetchall())


def _to_ore(amount):
    return Decimal(str(amount)).quantize(Decimal("0.01"))


def _split(rows, first=_ROWS):
    """Return rows in parts of a page each; at least one part, for the heading and the sum.

    :param first: how many the first page has room for
    """
    return [rows[:first], *split_every(_ROWS, rows[first:], list)]


def _get_row(line, turnover):
    """Return a voucher row with where it stands in the report; debit is positive."""
    mapping = line.mapping_id
    amount = _to_ore(line.amount)
    debit = turnover.get(line.id, Decimal())
    return {
        "key": (mapping.id, line.code),
        "section": _get_section(mapping),
        "use": mapping.key,
        "rate": mapping.rate,
        "code": line.code,
        "text": line.text or "",
        # What the summaries call it: rows of an entry with a voucher of its own say what its items say.
        "name": mapping.name or line.text or "",
        "cost_centre": line.cost_centre or "",
        "project": line.project or "",
        "amount": amount,
        "debit": debit,
        "credit": debit - amount,
    }


def _get_section(mapping):
    """Return which of the report's sections a mapping belongs to; what is no longer mapped is an event."""
    if mapping.kind == "product_group":
        return "sales"
    if mapping.kind == "vat":
        return "vat"
    account_type = mapping.account_id.account_type
    if mapping.kind == "payment_method" or account_type in _MONEY:
        return "payments"
    return "receivables" if account_type in _RECEIVABLES else "events"


def _add_up(rows, section):
    """Return a section's rows, one per mapping, account and text; what it is about is positive."""
    sums = {}
    for row in rows:
        if row["section"] == section:
            there = sums.setdefault(
                (row["key"], row["name"]),
                {"text": row["name"], **{name: row[name] for name in ("key", "code", "use", "rate")}}
                | {"plus": Decimal(), "minus": Decimal(), "amount": Decimal()},
            )
            plus, minus = ("debit", "credit") if section in _DEBIT_SECTIONS else ("credit", "debit")
            there["plus"] += row[plus]
            there["minus"] += row[minus]
            there["amount"] += row[plus] - row[minus]
    found = [row for row in sums.values() if row["plus"] or row["minus"]]
    return sorted(found, key=lambda row: (row["text"], row["code"]))


def _sum_up(rows):
    """Return {section: sum}, and as ``control`` what is left when all has been accounted for: nothing."""
    sums = {section: Decimal() for section in _SECTIONS}
    for row in rows:
        sums[row["section"]] += row["amount"] if row["section"] in _DEBIT_SECTIONS else -row["amount"]
    sums["earned"] = sums["sales"] + sums["vat"] + sums["events"]
    sums["covered"] = sums["payments"] + sums["receivables"]
    sums["control"] = sums["earned"] - sums["covered"]
    return sums


def _is_output_vat(row):
    return row["use"].startswith("vat:sale:")


def _get_sales_total(sections):
    """Return the sums of the sales; ``rest`` is the VAT that is of no product group alone."""
    net = sum((row["amount"] for row in sections["sales"]), Decimal())
    vat = sum((row["amount"] for row in sections["vat"] if _is_output_vat(row)), Decimal())
    told = sum((row["vat"] for row in sections["sales"] if row["vat"] is not None), Decimal())
    return {"net": net, "vat": vat, "rest": vat - told, "gross": net + vat}


def _get_rates(sections):
    """Return [{"rate", "net", "vat"}] of what was sold, the highest rate first."""
    rates = defaultdict(lambda: {"net": Decimal(), "vat": Decimal()})
    for row in sections["sales"]:
        rates[row["rate"]]["net"] += row["amount"]
    for row in sections["vat"]:
        if _is_output_vat(row):
            rates[row["rate"]]["vat"] += row["amount"]
    return [{"rate": rate, **rates[rate]} for rate in sorted(rates, key=Decimal, reverse=True)]


def _get_number(voucher):
    """Return the number of a voucher with its series, or nothing as long as it has none."""
    return f"{voucher.series or ''}{voucher.number}" if voucher.number else ""


def _join_numbers(vouchers):
    """Return the numbers of vouchers in short: K7–K9, K12."""
    runs = []
    numbered = vouchers.filtered("number")
    for voucher in numbered.sorted(lambda one: (one.series or "", len(one.number), one.number)):
        last = runs and runs[-1][-1]
        if last and last.series == voucher.series and _follows(last.number, voucher.number):
            runs[-1].append(voucher)
        else:
            runs.append([voucher])
    return ", ".join("–".join(dict.fromkeys(_get_number(one) for one in (run[0], run[-1]))) for run in runs)


def _follows(number, following):
    return number.isdecimal() and following.isdecimal() and int(following) == int(number) + 1


def _get_organisation_number(company):
    """Return the organisation number as people write it; a VAT number is SE, that number and 01."""
    registry = "".join(filter(str.isdecimal, company.company_registry or ""))[-10:]
    digits = registry or "".join(filter(str.isdecimal, company.vat or ""))[:10]
    if len(digits) != 10:
        return company.company_registry or company.vat or ""
    return f"{digits[:6]}-{digits[6:]}"
