"""Report files as Bankgirot writes them, new layout, made by hand from the format's description."""

CUSTOMER_NUMBER = "471117"


def opening(label, bankgiro, day, stamp=""):
    """The TK01 of a report in the new layout."""
    return f"01{'AUTOGIRO':20}  {(day or '') + stamp:20}{label:20}{CUSTOMER_NUMBER}{bankgiro:0>10}"


def payment_report(bankgiro, day, rows, refunds=(), serial=1, retried=()):
    """A payment specification of one day with one deposit and withdrawals for refunds.

    :param day: YYYYMMDD
    :param rows: [(payer number, öre, reference, status)]
    :param refunds: [(payer number, öre, reference, original date, code)]
    """
    approved = [row for row in rows if row[3] == "0"]
    total = sum(row[1] for row in approved)
    lines = [opening("BET. SPEC & STOPP TK", bankgiro, day, "060000123456")]
    if rows:
        lines.append(
            f"15{'8901003232323232':0>35}{day}{serial if approved else 0:05}{total:018}   {len(approved):08} "
        )
    for payer, ore, reference, status in rows:
        lines.append(f"82{day}0    {payer:0>16}{ore:012}{bankgiro:0>10}{reference:16}{'':10}{status}")
    for number, (payer, ore, reference, original, code) in enumerate(refunds, start=serial + 1):
        lines.append(f"17{'8901003232323232':0>35}{day}{number:05}{ore:018}   {1:08} ")
        lines.append(f"77{original}0    {payer:0>16}{ore:012}{bankgiro:0>10}{reference:16}{day}{code} ")
    lines.append(
        f"09{day}9900{int(bool(rows)):06}{len(approved):012}{0:06}{0:012}"
        f"{len(refunds):06}{len(refunds):012}{'':12}"
    )
    return as_file(lines)


def advice_report(bankgiro, day, rows):
    """A mandate advice: [(payer number, information code, comment code)]."""
    lines = [opening("AG-MEDAVI", bankgiro, day)]
    for payer, information, comment in rows:
        lines.append(f"73{bankgiro:0>10}{payer:0>16}{'':33}{information}{comment}{day}")
    lines.append(f"09{day}9900{len(rows):07}")
    return as_file(lines)


def rejected_report(bankgiro, day, rows):
    """Rejected payments: [(payer number, öre, reference, comment)]."""
    lines = [opening("AVVISADE BET UPPDR", bankgiro, day)]
    for payer, ore, reference, comment in rows:
        lines.append(f"82{day}0   {payer:0>16}{ore:012}{reference:16}{comment}")
    total = sum(row[1] for row in rows)
    lines.append(f"09{day}9900{0:06}{0:012}{len(rows):06}{total:012}")
    return as_file(lines)


def change_report(bankgiro, day, rows):
    """Cancelled and moved payments: [(tk, date, payer, öre, reference, new date, comment)]."""
    lines = [opening("MAKULERING/ÄNDRING", bankgiro, day)]
    for tk, date, payer, ore, reference, new, comment in rows:
        lines.append(
            f"{tk}{date}{payer:0>16}82{ore:012}{'REFERENS' if reference else '0' * 8}{new or '0' * 8}"
            f"{reference or '0' * 16:16}{comment}"
        )
    done = [row for row in rows if row[6] in ("12", "14", "18")]
    total = sum(row[3] for row in done)
    lines.append(f"09{day}9900{'':14}{0:012}{0:06}{len(done):06}0000{total:012}{0:012}")
    return as_file(lines)


def application_report(bankgiro, day, rows):
    """Applications from internet banks: [(payer number, account, person, message type)]."""
    lines = [f"51{day}9900{bankgiro:0>10}{'AG-EMEDGIV':20}"]
    for payer, account, person, message in rows:
        lines += [
            f"52{bankgiro:0>10}{payer:0>16}{account:0>16}{person}{'':5}{message}",
            f"54{'TESTA TESTSSON':36}",
            "5612345SUNDBY",
        ]
    lines.append(f"59{day}9900{3 * len(rows):07}")
    return as_file(lines)


def register_extract(bankgiro, rows):
    """The mandate register: [(payer number, account, person, status)]."""
    return as_file(
        [
            f"{bankgiro:0>10}{person}{payer:0>16}1262026010220260102{status}{'':6}{account:0>16}"
            for payer, account, person, status in rows
        ]
    )


def as_file(lines):
    return "".join(f"{line:80}\r\n" for line in lines).encode("latin-1")
