"""Writes Bankgirot's report files, one function per report; each returns the lines of one payee's section.

`new` picks the layout: True for the new one, False for the old. Amounts are int öre; dates are `date`.
Rows are dictionaries, described at each function. Every line is 80 characters; `encode` makes the file.
"""

from datetime import date

LENGTH = 80
CLEARING = "9900"

# The dataset names tell the kind of report, not its layout.
DATASETS = {
    "payments": "UAGAG",
    "electronic": "UAGU3",
    "advice": "UAGU4",
    "changes": "UAGU5",
    "rejected": "UAGU6",
    "mandate_register": "UAGU7",
    "monitoring": "UAGU8",
}

# The last digit of a negative sum, 0–9, in the manual's signed fields.
_OVERPUNCH = "åJKLMNOPQR"


def encode(lines: list) -> bytes:
    """The file of these lines: Latin-1, CRLF, each line checked to be 80 characters."""
    for line in lines:
        if len(line) != LENGTH:
            raise ValueError(f"a line of {len(line)} characters: {line!r}")
    return "".join(line + "\r\n" for line in lines).encode("latin-1")


def dataset_name(kind: str, customer: str, day: date, second: int) -> str:
    """The name Bankgirot gives a file: kind, customer number, date, and time (`second` of the day)."""
    time = f"{second // 3600:02d}{second // 60 % 60:02d}{second % 60:02d}"
    return f"BFEP.{DATASETS[kind]}.K0{customer:0>6}.D{day:%y%m%d}.T{time}"


def _line(*parts: str) -> str:
    return "".join(parts).ljust(LENGTH)


def _ymd(day) -> str:
    return f"{day:%Y%m%d}"


def _new_opening(payee, day: date, label: str, microsecond: int | None = None) -> str:
    """The opening of the new layout; a `microsecond` of the day makes it the pay spec's full timestamp."""
    stamp = _ymd(day)
    if microsecond is not None:
        seconds, micro = divmod(microsecond, 1_000_000)
        stamp += f"{seconds // 3600:02d}{seconds // 60 % 60:02d}{seconds % 60:02d}{micro:06d}"
    return _line(
        "01",
        f"{'AUTOGIRO':<20}",
        "  ",
        f"{stamp:<20}",
        f"{label:<20}",
        payee.customer,
        f"{payee.bankgiro:0>10}",
    )


def _old_opening(payee, day: date, label: str) -> str:
    return _line(
        "01", _ymd(day), "AUTOGIRO", CLEARING, f"{label:<40}", payee.customer, f"{payee.bankgiro:0>10}", "  "
    )


def _old_closing(day: date, sums: dict) -> str:
    """The closing with sums that the old pay spec, the monitoring register and the changes report share."""
    return _line(
        "09", _ymd(day), CLEARING, " " * 14, sums["out_sum"], f"{sums['out']:06d}", f"{sums['in']:06d}",
        "0000", sums["in_sum"], "0" * 12,
    )  # fmt: skip


def _sums(rows: list, negative: bool = False) -> dict:
    """Counts and 12-digit sums of rows with `tk` (or direction) 82 = in and 32 = out."""
    result = {}
    for name, tk in (("in", "82"), ("out", "32")):
        chosen = [row["amount"] for row in rows if row["tk"] == tk]
        text = f"{sum(chosen):012d}"
        if negative and sum(chosen):
            text = text[:-1] + _OVERPUNCH[int(text[-1])]
        result |= {name: len(chosen), f"{name}_sum": text}
    return result


def _payment(row: dict, tail: str) -> str:
    """The first 69 positions of a payment as the pay spec has it, then `tail`."""
    return _line(
        row["tk"], _ymd(row["date"]), row["period"], _renewals(row["renewals"]), " ", f"{row['payer']:0>16}",
        f"{row['amount']:012d}", f"{row['bankgiro']:0>10}", f"{row['reference']:<16}", tail,
    )  # fmt: skip


def _renewals(value: int | None) -> str:
    return "   " if value is None else f"{value:03d}"


def payments(payee, day: date, rows: list, refunds: list, serial, new: bool, microsecond: int) -> list:
    """The payment specification of one day.

    rows: {tk, date, period, renewals, payer, amount, bankgiro, reference, status} with status "0", "1",
    "2", "9". refunds: the same of the original payment, and {refund_date, refund_code}; only the new layout
    has them. serial: called for each deposit or withdrawal, gives its number.
    """
    by_payer = sorted(rows, key=lambda row: row["payer"].zfill(16))
    if not new:
        listed = [row for row in by_payer if row["tk"] == "82" or row["status"] == "0"]
        if not listed:
            return []
        return [
            _old_opening(payee, day, ""),
            # An approved payment has a blank where the new layout has 0.
            *[_payment(row, " " * 10 + row["status"].replace("0", " ")) for row in listed],
            _old_closing(day, _sums(listed)),  # the stopped ones too
        ]
    lines, groups, approved = [], {"15": 0, "16": 0, "17": len(refunds)}, {"82": 0, "32": 0}

    def group(tk: str, amount: int, count: int) -> str:
        number = serial() if count else 0
        return _line(
            tk,
            f"{payee.account:0>35}",
            _ymd(day),
            f"{number:05d}",
            f"{amount:018d}",
            "   ",
            f"{count:08d}",
            " ",
        )

    for opening, tk in (("15", "82"), ("16", "32")):
        chosen = [row for row in by_payer if row["tk"] == tk]
        if not chosen:
            continue
        amounts = [row["amount"] for row in chosen if row["status"] == "0"]
        groups[opening], approved[tk] = 1, len(amounts)
        lines.append(group(opening, sum(amounts), len(amounts)))
        lines += [_payment(row, " " * 10 + row["status"]) for row in chosen]
    for row in sorted(refunds, key=lambda row: row["payer"].zfill(16)):
        lines.append(group("17", row["amount"], 1))
        lines.append(_payment({**row, "tk": "77"}, f"{_ymd(row['refund_date'])}{row['refund_code']} "))
    if not lines:
        return []
    closing = _line(
        "09", _ymd(day), CLEARING, f"{groups['15']:06d}", f"{approved['82']:012d}", f"{groups['16']:06d}",
        f"{approved['32']:012d}", f"{groups['17']:06d}", f"{groups['17']:012d}",
    )  # fmt: skip
    return [_new_opening(payee, day, "BET. SPEC & STOPP TK", microsecond), *lines, closing]


def advice(payee, day: date, rows: list, new: bool) -> list:
    """The mandate advice.

    rows: {bankgiro, payer, account, identity, info, comment, date, debitable}; account (16) and identity
    (12) may be "" and are then blank in the new layout and zeros in the old; debitable: the date from which
    the mandate may be debited (old layout), or None.
    """
    if not new:
        rows = [
            row for row in rows if row["info"] != "05"
        ]  # the old layout does not tell changed payer numbers
    if not rows:
        return []
    empty = " " if new else "0"
    lines = []
    for row in rows:
        debitable = f"{row['debitable']:%y%m%d}" if row["debitable"] else "000000"
        lines.append(_line(
            "73", f"{row['bankgiro']:0>10}", f"{row['payer']:0>16}", row["account"] or empty * 16,
            row["identity"] or empty * 12, empty * 5, row["info"], f"{row['comment']:<2}", _ymd(row["date"]),
            "" if new else debitable,
        ))  # fmt: skip
    if new:
        opening = _new_opening(payee, day, "AG-MEDAVI")
    else:
        opening = _line("01", _ymd(day), CLEARING, f"{payee.bankgiro:0>10}", "AG-MEDAVI")
    return [opening, *lines, _line("09", _ymd(day), CLEARING, f"{len(rows):07d}")]


def rejected(payee, day: date, rows: list, new: bool) -> list:
    """The rejected payments; from the payer on, fields stand one position further left than elsewhere.

    rows: {tk, date, period, renewals, payer, amount, reference, comment}, all text as it was sent.
    """
    if not new:
        rows = [row for row in rows if row["comment"] in ("01", "02")]  # the rest is in Autogiro Online only
    if not rows:
        return []
    lines = [
        _line(row["tk"], row["date"], row["period"], row["renewals"], row["payer"], row["amount"],
              row["reference"], row["comment"])
        for row in rows
    ]  # fmt: skip
    numbers = [{**row, "amount": int(row["amount"]) if row["amount"].isdecimal() else 0} for row in rows]
    sums = _sums(numbers)
    closing = _line(
        "09", _ymd(day), CLEARING, f"{sums['out']:06d}", sums["out_sum"], f"{sums['in']:06d}", sums["in_sum"]
    )
    if new:
        opening = _new_opening(payee, day, "AVVISADE BET UPPDR")
    else:
        opening = _old_opening(payee, day, "FELLISTA REG.KONTRL")
    return [opening, *lines, closing]


def changes(payee, day: date, rows: list, new: bool, signed: bool = False) -> list:
    """The cancelled and changed payments.

    rows: {code, date, payer, tk, amount, reference, new_date, comment, count}: code is the transaction code
    of the row, `tk` 82, 32 or "00", the dates 8 digits of text, amount int. A row about many payments at
    once (21, 26, 27) has payer "" and their number in `count`. signed: sums as negative signed fields, as
    the manual has them.
    """
    if not new:
        rows = [row for row in rows if row["code"] != "11"]
    if not rows:
        return []
    lines = []
    for row in rows:
        if row["count"] is not None:
            text = f"{row['count']:08d}"
        else:
            text = "REFERENS" if row["reference"].strip() else "0" * 8
        payer = f"{row['payer']:0>16}" if row["payer"] else " " * 16
        reference = f"{row['reference']:<16}" if row["reference"].strip() else "0" * 16
        lines.append(_line(
            row["code"], row["date"], payer, row["tk"], f"{row['amount']:012d}", text, row["new_date"],
            reference, row["comment"],
        ))  # fmt: skip
    done = [row for row in rows if row["comment"] in ("12", "14", "18")]
    if new:
        opening = _new_opening(payee, day, "MAKULERING/ÄNDRING")
    else:
        opening = _old_opening(payee, day, "MAK/ÄNDRINGSLISTA")
    return [opening, *lines, _old_closing(day, _sums(done, signed))]


def electronic(payee, day: date, rows: list) -> list:
    """Mandates applied for in the payers' internet banks; the same in both layouts.

    rows: {payer, account, identity, message, text, name: [4 rows], postcode, town}; message "0" new, "1" and
    "2" reminders.
    """
    if not rows:
        return []
    bankgiro = f"{payee.bankgiro:0>10}"
    lines = []
    for row in rows:
        head = f"52{bankgiro}{row['payer']:0>16}{row['account']}{row['identity']}     {row['message']}"
        lines.append(_line(head))
        if row["text"]:
            lines.append(_line("53", row["text"][:36]))
        names = [f"{name[:36]:<36}" for name in row["name"]]
        lines.append(_line("54", names[0], names[1]))
        if names[2].strip() or names[3].strip():
            lines.append(_line("55", names[2], names[3]))
        lines.append(_line("56", f"{row['postcode']:0>5}", row["town"][:32]))
    opening = _line("51", _ymd(day), CLEARING, bankgiro, "AG-EMEDGIV")
    return [opening, *lines, _line("59", _ymd(day), CLEARING, f"{len(lines):07d}")]


def mandate_register(payee, rows: list, new: bool) -> list:
    """The register of mandates: neither transaction codes nor opening and closing.

    rows: {identity, payer, source, active_year, created, changed, status, account}: source "1" by the
    payee, "2" by internet bank; status "1" approved, "2" under inquiry; account "" for a bankgiro mandate.
    """
    lines = []
    for row in rows:
        head = f"{payee.bankgiro:0>10}{row['identity']:0>12}{row['payer']:0>16}{row['source']}"
        dates = _ymd(row["created"]) + _ymd(row["changed"])
        year = f"{row['active_year'] % 100:02d}"
        if new:
            lines.append(_line(head, year, dates, row["status"], " " * 6, f"{row['account']:<16}"))
        else:
            lines.append(
                _line(head, year[1], dates, row["status"], "0", "0" * 5, f"{row['account']:<16}", " ")
            )
    return lines


def monitoring(payee, day: date, rows: list) -> list:
    """The register of payments that wait for their date; the same in both layouts.

    rows: {tk, date, period, renewals, payer, amount, reference}; renewals None is written 000 (without end)
    for a recurring order.
    """
    lines = []
    for row in rows:
        renewals = "   " if row["period"] == "0" else f"{row['renewals'] or 0:03d}"
        lines.append(_line(
            row["tk"], _ymd(row["date"]), row["period"], renewals, " ", f"{row['payer']:0>16}",
            f"{row['amount']:012d}", " " * 10, f"{row['reference']:<16}",
        ))  # fmt: skip
    return [_old_opening(payee, day, "BEVAKNINGSREG"), *lines, _old_closing(day, _sums(rows))]
