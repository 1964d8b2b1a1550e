"""The Bankgirot simulator against Bankgirot's own example."""

import sys
from datetime import date
from pathlib import Path

SIMULATORS = Path(__file__).resolve().parents[2] / "simulators"
sys.path.insert(0, str(SIMULATORS))

from bankgirot import Payee, reports  # noqa: E402


def test_simulator_writes_the_published_payment_specification(reference):
    path = reference("autogiro/new_layout") / "autogiro_exempelfil_bet-spec-o-tk_sv.txt"
    lines = [line.rstrip() for line in path.read_text("latin-1").splitlines()]
    lines = lines[next(n for n, line in enumerate(lines) if line.startswith("01AUTOGIRO")) :]

    def row(line):
        return {
            "tk": line[:2], "date": date(int(line[2:6]), int(line[6:8]), int(line[8:10])), "period": line[10],
            "renewals": int(line[11:14]) if line[11:14].strip() else None, "payer": line[15:31],
            "amount": int(line[31:43]), "bankgiro": line[43:53], "reference": line[53:69],
        }  # fmt: skip

    rows = [{**row(line), "status": line[79]} for line in lines if line[:2] in ("82", "32")]
    day = date(2009, 11, 10)
    taken_back = [line for line in lines if line[:2] == "77"]
    refunds = [{**row(line), "refund_date": day, "refund_code": line[77:79]} for line in taken_back]
    opening, deposit = lines[0], lines[1]
    payee = Payee(opening[70:80], opening[64:70], account=deposit[2:37].lstrip("0"))
    written = reports.payments(payee, day, rows, refunds, lambda: 1, True, 0)

    def comparable(lines):
        # Without the time of day; the example is not sorted by payer number throughout.
        return sorted(
            line.rstrip() if line[:2] != "01" else line[:32] + line[44:] for line in lines if line.strip()
        )

    assert comparable(written) == comparable(lines)
