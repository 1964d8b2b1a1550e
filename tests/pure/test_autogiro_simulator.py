"""The Bankgirot simulator: every report's lines worked out by hand, the service's rules, files and HTTP."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import date, timedelta

import pytest
from bankgirot import Bankgirot, Refused, bankdays, seal
from bankgirot.server import start
from bankgirot.station import Station
from simulated import SIMULATORS, process

OPENING = "01{}AUTOGIRO                                            9000010055550008"
BG = "0055550008"
PAYER = "0000000000000101"
OTHER = "0000000000000102"
ACCOUNT = "6000000123456789"
IDENTITY = "197010632391"
MANDATE = f"04{BG}{PAYER}{ACCOUNT}{IDENTITY}"
MONDAY = date(2026, 3, 2)


def data_of(*lines):
    """The bytes of these lines, each filled to 80."""
    return "".join(f"{line:<80}\r\n" for line in lines).encode("latin-1")


def file_of(written, *lines):
    """A file to Bankgirot of one section."""
    return data_of(OPENING.format(written), *lines)


def payment(day, amount, reference="", payer=PAYER, period="0", renewals="   ", tk="82", bankgiro=BG):
    """A TK82 or TK32; the amount in öre."""
    return f"{tk}{day}{period}{renewals} {payer}{amount:012d}{bankgiro}{reference:<16}"


def lines_of(data):
    """A report's lines without their trailing blanks, after checking that each has 80 characters and CRLF."""
    text = data.decode("latin-1")
    assert text.endswith("\r\n")
    lines = text[:-2].split("\r\n")
    assert {len(line) for line in lines} == {80}
    return [line.rstrip() for line in lines]


def only(given):
    """The lines of the only report."""
    assert len(given) == 1, [name for name, _data in given]
    return lines_of(given[0][1])


def kinds(given):
    """The dataset codes of the reports."""
    return [name.split(".")[1] for name, _data in given]


def with_mandates(*payers, **options):
    """A machine on Tuesday 3 March 2026, where these payers have got their mandates that day."""
    machine = Bankgirot(MONDAY, **options)
    machine.receive(
        file_of("20260302", *[f"04{BG}{payer}{ACCOUNT}{IDENTITY}" for payer in payers or [PAYER]])
    )
    machine.advance(date(2026, 3, 3))
    return machine


def statuses(machine, reference):
    """(date, status) of each coverage check of a reference."""
    return [(f"{done.date:%m%d}", done.status) for done in machine.executions if done.reference == reference]


# -- banking days ---------------------------------------------------------------------------------


def test_banking_days():
    closed = [
        "2026-01-01", "2026-01-06", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-06-19",
        "2025-06-06", "2026-12-24", "2026-12-25", "2026-12-31", "2026-03-07", "2026-03-08",
    ]  # fmt: skip
    assert not [day for day in closed if bankdays.is_banking_day(date.fromisoformat(day))]
    opened = [
        "2026-04-02",
        "2026-01-05",
        "2026-04-30",
        "2026-06-18",
        "2026-12-23",
        "2026-12-30",
        "2026-05-25",
    ]
    assert all(bankdays.is_banking_day(date.fromisoformat(day)) for day in opened)
    assert bankdays.after(date(2026, 4, 2)) == date(2026, 4, 7)
    assert bankdays.passed(date(2026, 4, 2), date(2026, 4, 8)) == 2
    # 365 days − 104 Saturdays and Sundays − 1/1, 6/1, 3/4, 6/4, 1/5, 14/5, 19/6, 24/12, 25/12, 31/12
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(map(bankdays.is_banking_day, year)) == 251


# -- mandates -------------------------------------------------------------------------------------


def test_mandate_advice_new_layout():
    machine = Bankgirot(MONDAY)
    bad_identity = f"04{BG}{OTHER}{ACCOUNT}197010632392"
    bad_account = f"04{BG}0000000000000103{'0' * 16}{IDENTITY}"
    machine.receive(file_of(
        "20260302", MANDATE, f"04{BG}0000000076543214", bad_identity, bad_account, f"04{BG}0000000076543215",
        f"03{BG}0000000000000999",
    ))  # fmt: skip
    given = machine.advance(date(2026, 3, 3))
    assert [name for name, _data in given] == ["BFEP.UAGU4.K0900001.D260303.T060000"]
    assert only(given) == [
        "01AUTOGIRO              20260303            AG-MEDAVI           9000010055550008",
        "73005555000800000000000001026000000123456789197010632392     042020260303",
        "73005555000800000000000001030000000000000000197010632391     042320260303",
        "7300555500080000000076543215                                 042120260303",
        "7300555500080000000000000999                                 030420260303",
        "73005555000800000000000001016000000123456789197010632391     043220260303",
        "73005555000800000000765432140000000000000000995505432145     043220260303",
        "092026030399000000006",
    ]


def test_mandate_advice_old_layout():
    machine = Bankgirot(MONDAY, layout="old")
    machine.receive(file_of("20260302", MANDATE, f"04{BG}0000000076543215"))
    assert only(machine.advance(date(2026, 3, 3))) == [
        "012026030399000055550008AG-MEDAVI",
        "7300555500080000000076543215000000000000000000000000000000000042120260303000000",
        # May be debited from the banking day after, 4 March.
        "7300555500080000000000000101600000012345678919701063239100000043220260303260304",
        "092026030399000000002",
    ]


def test_mandate_already_there_and_quarantine():
    machine = with_mandates()
    machine.receive(file_of("20260303", MANDATE))
    assert only(machine.advance(date(2026, 3, 4)))[1][61:65] == "0410"
    machine.receive(file_of("20260304", f"03{BG}{PAYER}"))
    assert only(machine.advance(date(2026, 3, 5)))[1] == (
        "7300555500080000000000000101                                 033320260305"
    )
    # Ended Thursday 5 March: 6 banking days later is Friday 13, 7 is Monday 16.
    machine.advance(date(2026, 3, 12))
    machine.receive(file_of("20260312", MANDATE))
    assert only(machine.advance(date(2026, 3, 13)))[1][61:65] == "0410"
    machine.receive(file_of("20260313", MANDATE))
    assert only(machine.advance(date(2026, 3, 16)))[1][61:65] == "0432"


@pytest.mark.parametrize(
    ("told", "day", "code"),
    [
        ("20", 3, "0420"),
        ("42/05:3", 5, "4205"),
        ("42/32:3", 5, "4232"),
        ("43/07:6", 10, "4307"),
        ("none", 0, ""),
    ],
)
def test_mandate_answers_as_told(told, day, code):
    machine = Bankgirot(MONDAY)
    machine.set_outcomes({"mandates": {"101": told}})
    machine.receive(file_of("20260302", MANDATE))
    given = machine.advance(date(2026, 3, 20))
    if code:
        row = only(given)[1]
        assert (row[61:65], row[65:73]) == (code, f"202603{day:02d}")
    else:
        assert given == [] and not machine.busy()
    assert machine.mandate("55550008", "101").status == (
        "active" if code == "4232" else "refused" if code else "asked"
    )


def test_changed_payer_number_takes_the_payments_along():
    machine = with_mandates()
    machine.receive(file_of("20260303", payment("20260310", 5000, "A")))
    machine.receive(file_of("20260303", f"05{BG}{PAYER}{BG}{OTHER}", f"05{BG}0000000000000777{BG}{OTHER}"))
    assert only(machine.advance(date(2026, 3, 4)))[1:-1] == [
        "73005555000800000000000001016000000123456789197010632391     053320260304",
        "73005555000800000000000001026000000123456789197010632391     053220260304",
        "7300555500080000000000000777                                 050420260304",
    ]
    assert only(machine.advance(date(2026, 3, 10)))[2][15:31] == OTHER


def test_ended_by_the_payer_removes_payments():
    for layout, reports in (("new", ["UAGU4", "UAGU5"]), ("old", ["UAGU4"])):
        machine = with_mandates(layout=layout)
        machine.receive(file_of("20260303", payment("20260310", 5000, "A")))
        machine.advance(date(2026, 3, 4))
        machine.end_mandate("5555-0008", "101")
        given = machine.advance(date(2026, 3, 5))
        assert kinds(given) == reports
        filler = "     " if layout == "new" else "00000"
        assert lines_of(given[0][1])[1].startswith(
            f"73005555000800000000000001016000000123456789197010632391{filler}460220260305"
        )
        if layout == "new":
            assert lines_of(given[1][1]) == [
                "01AUTOGIRO              20260305            MAKULERING/ÄNDRING  9000010055550008",
                "1120260310000000000000010182000000005000REFERENS00000000A               12",
                "09202603059900              0000000000000000000000010000000000005000000000000000",
            ]
        assert machine.advance(date(2026, 3, 20)) == []


def test_electronic_mandates():
    machine = Bankgirot(MONDAY)
    machine.add_payee("55550008", "900001")
    for payer, name in (("101", "PROVA ÅKESSON"), ("102", "TESTBOLAGET")):
        machine.apply_for_mandate(
            "55550008", payer, ACCOUNT, IDENTITY, [name, "", "PROVGATAN 1"], text="GÄRNA", postcode="12345",
            town="PROVSTAD",
        )  # fmt: skip
    assert only(machine.advance(date(2026, 3, 3))) == [
        "512026030399000055550008AG-EMEDGIV",
        "52005555000800000000000001016000000123456789197010632391     0",
        "53GÄRNA",
        "54PROVA ÅKESSON",
        "55PROVGATAN 1",
        "5612345PROVSTAD",
        "52005555000800000000000001026000000123456789197010632391     0",
        "53GÄRNA",
        "54TESTBOLAGET",
        "55PROVGATAN 1",
        "5612345PROVSTAD",
        "592026030399000000010",
    ]
    machine.receive(file_of("20260303", f"04{BG}{PAYER}"))  # approved
    advice = only(machine.advance(date(2026, 3, 4)))
    assert advice[1] == "73005555000800000000000001016000000123456789197010632391     043220260304"
    assert machine.mandate("55550008", "101").source == "2"
    # 10 and 15 banking days after 3 March: 17 and 24 March; 18 days: 27 March is the last day to answer.
    given = machine.advance(date(2026, 3, 27))
    assert [name.split(".")[3] for name, _data in given] == ["D260317", "D260324"]
    assert [lines_of(data)[1][61] for _name, data in given] == ["1", "2"]
    assert len(machine.applications) == 1
    assert machine.advance(date(2026, 3, 30)) == [] and machine.applications == []


def test_electronic_mandate_rejected_by_the_payee():
    machine = Bankgirot(MONDAY)
    machine.add_payee("55550008", "900001")
    machine.apply_for_mandate("55550008", "101", ACCOUNT, IDENTITY)
    machine.advance(date(2026, 3, 3))
    machine.receive(file_of("20260303", f"04{BG}{PAYER}".ljust(76) + "AV"))
    assert machine.advance(date(2026, 4, 30)) == []
    assert not machine.mandates and not machine.applications


# -- payments -------------------------------------------------------------------------------------


def test_payment_specification_new_layout():
    machine = with_mandates(PAYER, OTHER, retries=1)
    machine.set_outcomes({
        "references": {"LOW": ["1"], "AGAIN": ["9", "0"], "BACK": ["0", "refund:02:3"]},
        "amounts": {"70000": "2"},
    })  # fmt: skip
    machine.receive(file_of(
        "20260303",
        payment("20260306", 10050, "PLAIN", OTHER),
        payment("20260306", 20000, "LOW"),
        payment("20260306", 30000, "AGAIN"),
        payment("20260306", 40000, "BACK"),
        payment("20260306", 70000, "CLOSED", OTHER),
        payment("20260306", 1500, "UT", tk="32"),
    ))  # fmt: skip
    assert machine.advance(date(2026, 3, 5)) == []
    given = machine.advance(date(2026, 3, 6))
    assert given[0][0] == "BFEP.UAGAG.K0900001.D260306.T060000"
    assert only(given) == [
        "01AUTOGIRO              20260306060000000000BET. SPEC & STOPP TK9000010055550008",
        # 100,50 + 400,00
        "15000000000000000000000999000555500082026030600001000000000000050050   00000002",
        "82202603060    00000000000001010000000200000055550008LOW                       1",
        "82202603060    00000000000001010000000300000055550008AGAIN                     9",
        "82202603060    00000000000001010000000400000055550008BACK                      0",
        "82202603060    00000000000001020000000100500055550008PLAIN                     0",
        "82202603060    00000000000001020000000700000055550008CLOSED                    2",
        "16000000000000000000000999000555500082026030600002000000000000001500   00000001",
        "32202603060    00000000000001010000000015000055550008UT                        0",
        "09202603069900000001000000000002000001000000000001000000000000000000",
    ]
    assert only(machine.advance(date(2026, 3, 9)))[1:] == [
        "15000000000000000000000999000555500082026030900003000000000000030000   00000001",
        "82202603090    00000000000001010000000300000055550008AGAIN                     0",
        "09202603099900000001000000000001000000000000000000000000000000000000",
    ]
    # Friday 6 March and three banking days: Wednesday 11.
    assert only(machine.advance(date(2026, 3, 31))) == [
        "01AUTOGIRO              20260311060000000000BET. SPEC & STOPP TK9000010055550008",
        "17000000000000000000000999000555500082026031100004000000000000040000   00000001",
        "77202603060    00000000000001010000000400000055550008BACK            2026031102",
        "09202603119900000000000000000000000000000000000000000001000000000001",
    ]


def test_payment_specification_old_layout():
    machine = with_mandates(PAYER, OTHER, layout="old", retries=1)
    machine.set_outcomes({"references": {"LOW": ["1"], "AGAIN": ["9", "0"], "BACK": ["0", "refund:02:3"]}})
    machine.receive(file_of(
        "20260303",
        payment("20260306", 10050, "PLAIN", OTHER),
        payment("20260306", 20000, "LOW"),
        payment("20260306", 30000, "AGAIN"),
        payment("20260306", 40000, "BACK"),
        payment("20260306", 1500, "UT", tk="32"),
    ))  # fmt: skip
    given = machine.advance(date(2026, 3, 31))
    assert [name.split(".")[3] for name, _data in given] == [
        "D260306",
        "D260309",
    ]  # no refund in the old layout
    assert lines_of(given[0][1]) == [
        "0120260306AUTOGIRO9900                                        9000010055550008",
        "82202603060    00000000000001010000000200000055550008LOW                       1",
        "82202603060    00000000000001010000000300000055550008AGAIN                     9",
        "82202603060    00000000000001010000000400000055550008BACK",
        "32202603060    00000000000001010000000015000055550008UT",
        "82202603060    00000000000001020000000100500055550008PLAIN",
        # The stopped ones count too: 200 + 300 + 400 + 100,50
        "09202603069900              0000000015000000010000040000000000100050000000000000",
    ]


def test_nothing_approved_has_no_serial_number_and_stopped_ones_may_stay_untold():
    machine = with_mandates()
    machine.set_outcomes({"default": ["1"]})
    machine.receive(file_of("20260303", payment("20260304", 100)))
    assert only(machine.advance(date(2026, 3, 4)))[1] == (
        "15000000000000000000000999000555500082026030400000000000000000000000   00000000"
    )
    machine.payee("55550008").report_stopped = False
    machine.receive(file_of("20260304", payment("20260305", 100)))
    assert machine.advance(date(2026, 3, 6)) == []
    assert machine.executions[-1].status == "1"


@pytest.mark.parametrize(
    ("retries", "told", "expected"),
    [
        (3, ["9", "9", "0"], "990"),
        (3, ["9", "9", "1"], "991"),
        (3, ["9"], "9991"),
        (1, ["9", "9", "0"], "91"),
        (0, ["9", "0"], "1"),
        (2, ["2"], "2"),
    ],
)
def test_retries(retries, told, expected):
    machine = with_mandates(retries=retries)
    machine.set_outcomes({"payers": {"0000000000000101": told}})
    machine.receive(file_of("20260303", payment("20260305", 100, "R")))
    machine.advance(date(2026, 3, 31))
    days = ["0305", "0306", "0309", "0310"]
    assert statuses(machine, "R") == list(zip(days, expected, strict=False))


def test_outcomes_of_one_reference_collected_again():
    machine = with_mandates(retries=1)
    machine.set_outcomes({"references": {"R": ["9", "1", "0", "refund:01:1"]}})
    machine.receive(file_of("20260303", payment("20260304", 100, "R")))
    machine.advance(date(2026, 3, 6))
    machine.receive(file_of("20260306", payment("20260309", 100, "R")))
    machine.advance(date(2026, 3, 31))
    assert statuses(machine, "R") == [("0304", "9"), ("0305", "1"), ("0309", "0")]
    assert machine.executions[-1].refunded == date(2026, 3, 10)
    machine.receive(file_of("20260331", payment("20260401", 100, "R")))
    machine.advance(date(2026, 4, 1))
    assert statuses(machine, "R")[-1] == ("0401", "0")
    for wrong in (
        {"references": {"R": ["7"]}},
        {"reference": {}},
        {"payers": {"1": []}},
        {"mandates": {"1": "x"}},
    ):
        with pytest.raises(ValueError):
            machine.set_outcomes(wrong)


def test_days_payments_are_made():
    machine = with_mandates()
    machine.advance(date(2026, 3, 30))
    machine.receive(file_of(
        "20260330",
        payment("GENAST  ", 100, "AT ONCE"),
        payment("20260330", 100, "TODAY"),
        payment("20260323", 100, "5 AGO"),
        payment("20260320", 100, "6 AGO"),
        payment("20260403", 100, "GOOD FRIDAY"),
        payment("20260404", 100, "SATURDAY"),
        payment("20281231", 100, "FAR"),
        payment("20290101", 100, "TOO FAR"),
    ))  # fmt: skip
    given = machine.advance(date(2026, 4, 7))
    rejected = [line for name, data in given if "UAGU6" in name for line in lines_of(data)[1:-1]]
    assert rejected == [
        "82202603200   00000000000001010000000001006 AGO           13",
        "82202901010   0000000000000101000000000100TOO FAR         12",
    ]
    for reference, day in {
        "AT ONCE": "0331", "TODAY": "0331", "5 AGO": "0331", "GOOD FRIDAY": "0407", "SATURDAY": "0407",
    }.items():  # fmt: skip
        assert statuses(machine, reference) == [(day, "0")], reference
    assert [order.reference for order in machine.orders] == ["FAR"]


def test_cut_off():
    machine = with_mandates()
    machine.receive(file_of("20260303", payment("20260304", 100, "IN TIME")))
    machine.receive(file_of("20260303", payment("20260304", 100, "LATE")), late=True)
    machine.advance(date(2026, 3, 7))  # Saturday
    machine.receive(file_of("20260307", payment("20260309", 100, "WEEKEND")))
    machine.advance(date(2026, 3, 31))
    assert statuses(machine, "IN TIME") == [("0304", "0")]
    assert statuses(machine, "LATE") == [("0305", "0")]
    # Friday 19:00 was the last moment for Monday.
    assert statuses(machine, "WEEKEND") == [("0310", "0")]


def test_rejected_payments():
    machine = with_mandates(PAYER)
    machine.receive(file_of("20260303", f"04{BG}{OTHER}{ACCOUNT}{IDENTITY}"))
    machine.receive(file_of(
        "20260303",
        payment("20260310", 10000, "NONE", "0000000000000999"),
        payment("20260310", 20001, "NOT YET", OTHER),
        payment("20260310", 500, "UT", "0000000000000999", tk="32"),
        payment("20260733", 100, "DATE"),
        payment("20260310", 100, "PERIOD", period="9"),
        payment("GENAST  ", 100, "PERIOD", period="1"),
        payment("20260310", 100, "RENEWALS", period="1", renewals="000"),
        payment("20260310", 100, "RENEWALS", renewals="003"),
        payment("20260310", 100, "AMOUNT").replace("000000000100", "00000001,000"),
        payment("20260310", 100, "BANKGIRO", bankgiro="0055550016"),
    ))  # fmt: skip
    given = machine.advance(date(2026, 3, 4))
    assert kinds(given) == ["UAGU4", "UAGU6"]
    assert lines_of(given[1][1]) == [
        "01AUTOGIRO              20260304            AVVISADE BET UPPDR  9000010055550008",
        "82202603100   0000000000000999000000010000NONE            01",
        "82202603100   0000000000000102000000020001NOT YET         02",
        "32202603100   0000000000000999000000000500UT              01",
        "82202607330   0000000000000101000000000100DATE            12",
        "82202603109   0000000000000101000000000100PERIOD          06",
        "82GENAST  1   0000000000000101000000000100PERIOD          06",
        "822026031010000000000000000101000000000100RENEWALS        07",
        "822026031000030000000000000101000000000100RENEWALS        07",
        "82202603100   000000000000010100000001,000AMOUNT          08",
        "82202603100   0000000000000101000000000100BANKGIRO        15",
        # 100,00 + 200,01 + 6 × 1,00
        "09202603049900000001000000000500000009000000030601",
    ]


def test_rejected_payments_old_layout():
    machine = with_mandates(layout="old")
    machine.receive(file_of(
        "20260303", payment("20260310", 10000, "NONE", OTHER), payment("20260733", 100, "DATE"),
    ))  # fmt: skip
    assert only(machine.advance(date(2026, 3, 4))) == [
        "0120260304AUTOGIRO9900FELLISTA REG.KONTRL                     9000010055550008",
        "82202603100   0000000000000102000000010000NONE            01",
        "09202603049900000000000000000000000001000000010000",
    ]


def test_recurring_payments():
    machine = with_mandates()
    machine.receive(file_of(
        "20260303",
        payment("20260331", 100, "EVERY MONTH", period="1", renewals="003"),
        payment("20260331", 100, "MONTH END", period="5"),
        payment("20260315", 100, "QUARTER", period="2"),
    ))  # fmt: skip
    given = machine.advance(date(2026, 8, 31))
    # 31 March, 30 April, then Sunday 31 May: on to Monday 1 June.
    assert statuses(machine, "EVERY MONTH") == [("0331", "0"), ("0430", "0"), ("0601", "0")]
    # Sunday 31 May: back to Friday 29.
    ends = ["0331", "0430", "0529", "0630", "0731", "0831"]
    assert statuses(machine, "MONTH END") == [(day, "0") for day in ends]
    assert statuses(machine, "QUARTER") == [("0316", "0"), ("0615", "0")]
    rows = [line for _name, data in given for line in lines_of(data) if "EVERY MONTH" in line]
    assert [row[10:14] for row in rows] == ["1003", "1002", "1001"]
    ends_rows = [line for _name, data in given for line in lines_of(data) if "MONTH END" in line]
    assert {row[10:14] for row in ends_rows} == {"5   "}


def test_recurring_payment_waits_for_its_mandate():
    machine = Bankgirot(MONDAY)
    machine.set_outcomes({"mandates": {"101": "42/32:5", "102": "42/05:5"}})
    machine.receive(file_of("20260302", MANDATE, f"04{BG}{OTHER}{ACCOUNT}{IDENTITY}"))
    machine.receive(file_of(
        "20260302", payment("20260304", 100, "WAITS", period="1"),
        payment("20260320", 100, "IN VAIN", OTHER, period="1"), payment("20260304", 100, "ONCE"),
    ))  # fmt: skip
    given = machine.advance(date(2026, 4, 30))
    assert statuses(machine, "WAITS") == [("0407", "0")]  # Saturday 4 April, Easter
    rejected = [line[42:].split() for name, data in given if "UAGU6" in name for line in lines_of(data)[1:-1]]
    assert rejected == [["ONCE", "02"], ["IN", "VAIN", "01"]]


# -- cancelled and moved payments -----------------------------------------------------------------


def change(tk, payer=" " * 16, day=" " * 8, amount=" " * 12, way="  ", new=" " * 8, reference=""):
    """A TK23–29."""
    return f"{tk}{BG}{payer}{day}{amount}{way}{new}{reference:<16}"


def test_changes_new_layout():
    machine = with_mandates(PAYER, OTHER)
    machine.receive(file_of(
        "20260303",
        payment("20260320", 10000, "A"), payment("20260320", 20000, "B"), payment("20260320", 30000, ""),
        payment("20260325", 50000, "E"), payment("20260326", 60000, "F", OTHER),
        payment("20260326", 70000, "G", OTHER, period="1"), payment("20260327", 800, "H", OTHER, tk="32"),
        payment("20260327", 900, "I", OTHER),
    ))  # fmt: skip
    machine.advance(date(2026, 3, 4))
    machine.receive(file_of(
        "20260304",
        change("25", PAYER, "20260320", "000000010000", "82", reference="A"),
        change("25", PAYER, "20260320", "000000010000", "82", reference="A"),
        change("29", PAYER, "20260320", "000000020000", "82", "20260323"),
        change("28", PAYER, "20260320", new="20260324"),
        change("28", OTHER, "20260326", new="20260330"),
        change("27", day="20260327", new="20260328"),
        change("24", PAYER, "20260325"),
        change("24", PAYER, "20260231"),
        change("23", "0000000000000999"),
        change("29", PAYER, "20260323", "000000020000", "82", "20260301"),
        change("25", PAYER, "20260323", "000000020000", "81"),
        change("25", PAYER, "20260323", "0000000200,0", "82"),
    ))  # fmt: skip
    given = machine.advance(date(2026, 3, 5))
    assert given[0][0] == "BFEP.UAGU5.K0900001.D260305.T060000"
    assert only(given) == [
        "01AUTOGIRO              20260305            MAKULERING/ÄNDRING  9000010055550008",
        "2520260320000000000000010182000000010000REFERENS00000000A               12",
        "2520260320000000000000010182000000010000REFERENS00000000A               13",
        "2920260320000000000000010182000000020000REFERENS20260323B               18",
        "28202603200000000000000101820000000300000000000020260324000000000000000018",
        "2820260326000000000000010282000000060000REFERENS20260330F               18",
        "2820260326000000000000010282000000070000REFERENS20260330G               15",
        "2720260327                000000000000000000000220260328000000000000000014",
        "2420260325000000000000010182000000050000REFERENS00000000E               12",
        "24202602310000000000000101000000000000000000000000000000000000000000000001",
        "23000000000000000000000999000000000000000000000000000000000000000000000002",
        "29202603230000000000000101820000000200000000000020260301000000000000000006",
        "25202603230000000000000101000000000200000000000000000000000000000000000004",
        "25202603230000000000000101820000000000000000000000000000000000000000000005",
        # Done and 82 or 32: 100 + 200 + 300 + 600 + 500
        "09202603059900              0000000000000000000000050000000000170000000000000000",
    ]
    machine.advance(date(2026, 3, 31))
    assert statuses(machine, "A") == [] and statuses(machine, "E") == []
    assert statuses(machine, "B") == [("0323", "0")]
    assert statuses(machine, "") == [("0324", "0")]
    assert statuses(machine, "F") == [("0330", "0")]
    assert statuses(machine, "G") == [("0326", "0")]
    assert statuses(machine, "H") == statuses(machine, "I") == [("0330", "0")]  # Saturday 28 → Monday 30


def test_all_payments_moved_or_cancelled():
    machine = with_mandates(PAYER, OTHER)
    machine.receive(file_of(
        "20260303", payment("20260320", 100, "A"), payment("20260321", 200, "B", OTHER),
        payment("20260321", 300, "C", OTHER, period="1"),
    ))  # fmt: skip
    machine.receive(file_of("20260303", change("26", new="20260325")))
    assert only(machine.advance(date(2026, 3, 4)))[1:-1] == [
        "2600000000                000000000000000000000220260325000000000000000014",
        "2600000000                000000000000000000000120260325000000000000000015",
    ]
    machine.receive(file_of("20260304", change("23", OTHER)))
    assert only(machine.advance(date(2026, 3, 5)))[1:] == [
        "2320260325000000000000010282000000000200REFERENS00000000B               12",
        "2320260321000000000000010282000000000300REFERENS00000000C               12",
        "09202603059900              0000000000000000000000020000000000000500000000000000",
    ]


def test_change_comes_too_late_or_stops_a_retry():
    machine = with_mandates(retries=3)
    machine.set_outcomes({"references": {"R": ["9"]}})
    machine.receive(file_of("20260303", payment("20260304", 100, "DONE"), payment("20260304", 200, "R")))
    machine.advance(date(2026, 3, 4))
    machine.receive(file_of(
        "20260304", change("25", PAYER, "20260304", "000000000100", "82"),
        change("25", PAYER, "20260304", "000000000200", "82", reference="R"),
    ))  # fmt: skip
    assert [row[72:74] for row in only(machine.advance(date(2026, 3, 31)))[1:-1]] == ["13", "12"]
    assert statuses(machine, "R") == [("0304", "9")]


def test_changes_old_layout_and_signed_sums():
    machine = with_mandates(layout="old")
    machine.payee("55550008").signed_sums = True
    machine.receive(
        file_of("20260303", payment("20260320", 120035, "A"), payment("20260320", 700, "B", tk="32"))
    )
    machine.receive(file_of(
        "20260303", change("29", PAYER, "20260320", "000000120035", "82", "20260323", "A"),
        change("25", PAYER, "20260320", "000000000700", "32"),
    ))  # fmt: skip
    assert only(machine.advance(date(2026, 3, 4))) == [
        "0120260304AUTOGIRO9900MAK/ÄNDRINGSLISTA                       9000010055550008",
        "2920260320000000000000010182000000120035REFERENS20260323A               14",
        "2520260320000000000000010132000000000700REFERENS00000000B               12",
        # −7,00 ends in å, −1 200,35 in N
        "09202603049900              00000000070å000001000001000000000012003N000000000000",
    ]


def test_cancelled_mandate_removes_its_payments_and_closed_payee_all():
    machine = with_mandates(PAYER, OTHER)
    machine.receive(file_of("20260303", payment("20260320", 100), payment("20260320", 250, "B", OTHER)))
    machine.receive(file_of("20260303", f"03{BG}{PAYER}"))
    given = machine.advance(date(2026, 3, 4))
    assert kinds(given) == ["UAGU4", "UAGU5"]
    assert lines_of(given[1][1])[1] == (
        "0320260320000000000000010182000000000100" + "0" * 8 + "0" * 8 + "0" * 16 + "12"
    )
    machine.close_payee("55550008")
    given = machine.advance(date(2026, 3, 5))
    assert lines_of(given[0][1])[1][61:73] == "10  20260305"
    assert lines_of(given[1][1])[1:] == [
        "2100000000                000000000002500000000100000000000000000000000012",
        "09202603059900              0000000000000000000000000000000000000000000000000000",
    ]


# -- registers ------------------------------------------------------------------------------------


def test_registers():
    machine = Bankgirot(MONDAY)
    machine.receive(file_of("20260302", MANDATE, f"04{BG}0000000076543214"))
    machine.advance(date(2026, 3, 3))
    name, data = machine.mandate_register("55550008")
    assert name == "BFEP.UAGU7.K0900001.D260303.T060001"
    assert lines_of(data)[0] == (
        BG + IDENTITY + PAYER + "1" + "26" + "20260303" + "20260303" + "1" + " " * 6 + ACCOUNT
    )
    assert lines_of(data)[1] == (
        BG + "005505432145" + "0000000076543214" + "1" + "26" + "20260303" + "20260303" + "1"
    )
    machine.payee("55550008").layout = "old"
    assert lines_of(machine.mandate_register("55550008")[1])[0] == (
        BG + IDENTITY + PAYER + "1" + "6" + "20260303" + "20260303" + "1" + "0" + "00000" + ACCOUNT
    )
    machine.receive(file_of(
        "20260303", payment("20260320", 100, "A"), payment("20260321", 250, "B", period="1"),
        payment("20260321", 250, "C", period="1", renewals="012"), payment("20260320", 75, "UT", tk="32"),
    ))  # fmt: skip
    machine.advance(date(2026, 3, 4))
    name, data = machine.monitoring_register("55550008")
    assert ".UAGU8." in name
    assert lines_of(data) == [
        "0120260304AUTOGIRO9900BEVAKNINGSREG                           9000010055550008",
        "82202603200    0000000000000101000000000100          A",
        "82202603211000 0000000000000101000000000250          B",
        "82202603211012 0000000000000101000000000250          C",
        "32202603200    0000000000000101000000000075          UT",
        "09202603049900              0000000000750000010000030000000000000600000000000000",
    ]


# -- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "line", "column"),
    [
        (b"", 0, 0),
        (file_of("20260302", MANDATE).replace(b"\r\n", b"\n"), 1, 81),
        (file_of("20260302", MANDATE)[:-2], 2, 81),
        (file_of("20260302", MANDATE + " " * 25), 2, 81),
        (file_of("20260302", MANDATE)[:-5] + b"\r\n", 2, 78),
        (file_of("20260302", MANDATE) + b"\r\n", 3, 1),
        (file_of("20260302", MANDATE + "\t"), 2, 57),
        (file_of("20260302"), 1, 1),
        (data_of(MANDATE), 1, 1),
        (file_of("20260230", MANDATE), 1, 3),
        (file_of("20260302", MANDATE).replace(b"AUTOGIRO", b"Autogiro"), 1, 11),
        (file_of("20260302", MANDATE).replace(b"AUTOGIRO ", b"AUTOGIRO9"), 1, 19),
        (file_of("20260302", MANDATE).replace(b"900001", b"90000 "), 1, 63),
        (file_of("20260302", MANDATE).replace(b"9000010055550008", b"9000010055550009"), 1, 69),
        (file_of("20260302", MANDATE + "X"), 2, 57),
        (file_of("20260302", MANDATE.ljust(76) + "NO"), 2, 77),
        (file_of("20260302", f"03{BG}{PAYER}0"), 2, 29),
        (file_of("20260302", f"11{BG}{PAYER}"), 2, 1),
        (file_of("20260302", f"26{BG}{PAYER}{' ' * 22}20260325"), 2, 13),
        (file_of("20260302", f"23{BG}{PAYER}20260325"), 2, 29),
        (file_of("20260302", payment("20260310", 100)[:14] + "X" + payment("20260310", 100)[15:]), 2, 15),
        (file_of("20260302", payment("20260310", 100) + "X"), 2, 70),
        (file_of("20260302", MANDATE, payment("20260310", 100)), 3, 1),
        (file_of("20260302", "09" + "20260302"), 2, 1),
        (data_of("00260302HMAC", OPENING.format("20260302"), MANDATE), 3, 1),
        (data_of(OPENING.format("20260302"), MANDATE, "99260302" + "0" * 64), 1, 1),
    ],
)  # fmt: skip
def test_wrong_form_is_refused(data, line, column):
    machine = Bankgirot(MONDAY)
    with pytest.raises(Refused) as refusal:
        machine.receive(data)
    assert (refusal.value.line, refusal.value.column) == (line, column), refusal.value.why
    assert not machine.inbox and not machine.payees and not machine.received


def test_refused_files_leave_nothing_behind():
    machine = Bankgirot(MONDAY, open_registration=False)
    with pytest.raises(Refused, match="no agreement"):
        machine.receive(file_of("20260302", MANDATE))
    machine.add_payee("5555-0008", "900001")
    other_customer = OPENING.format("20260302").replace("900001", "900002")
    with pytest.raises(Refused, match="customer number") as refusal:
        machine.receive(data_of(OPENING.format("20260302"), MANDATE, other_customer, f"03{BG}{PAYER}"))
    assert (refusal.value.line, refusal.value.column) == (3, 63)
    assert machine.advance(date(2026, 3, 6)) == []


def test_date_written_far_ahead():
    machine = with_mandates()
    with pytest.raises(Refused, match="years after"):
        machine.play_file(file_of("99991231", MANDATE))
    assert machine.today == date(2026, 3, 3)


def test_sections_of_several_payees():
    machine = Bankgirot(MONDAY)
    second = OPENING.format("20260302").replace("55550008", "55550016")
    machine.receive(data_of(
        OPENING.format("20260302"), MANDATE, second, MANDATE.replace(BG, "0055550016"),
        second, MANDATE.replace(PAYER, OTHER),
    ))  # fmt: skip
    lines = only(machine.advance(date(2026, 3, 3)))
    assert [line[:2] for line in lines] == ["01", "73", "09", "01", "73", "73", "09"]
    assert [line[61:65] for line in lines if line.startswith("73")] == ["0432", "0429", "0432"]


def test_seal():
    key = "1234567890ABCDEF1234567890ABCDEF"
    assert seal.key_check(key) == "FF365893D899291C3BF505FB3175E880"
    assert seal.normalised("ÅÄÖ åäö Éé Üü § 1\r\n".encode("latin-1")) == b"][\\ }{| @` ^~ \xc3 1"
    plain = file_of("20260302", payment("20260310", 100, "ÅR"))
    good = seal.sealed(key, plain, "260302")
    assert good[-82:-10].decode()[:8] == "99260302" and len(good) == 82 * 4
    machine = Bankgirot(MONDAY, seal_key=key)
    for data, why in (
        (plain, "has no seal"),
        (good.replace(b"000000000100", b"000000000900"), "does not fit"),
        (good.replace(b"\xc5R", b"\xc4R"), "does not fit"),
        (seal.sealed("0" * 32, plain, "260302"), "another key"),
    ):
        with pytest.raises(Refused, match=why):
            machine.receive(data)
    assert machine.receive(good).sealed
    with pytest.raises(Refused, match="duplicate"):
        machine.receive(seal.sealed(key, plain, "260303"))
    assert Bankgirot(MONDAY).receive(good).orders == {"82": 1}  # a payee without a key may seal


def test_file_sent_twice():
    data = file_of("20260303", payment("20260310", 100, "TWICE"))
    machine = with_mandates()
    machine.receive(data, "first")
    with pytest.raises(Refused, match=r"2026-03-03 .first."):
        machine.receive(data, "second")
    assert machine.duplicates == 1
    machine.execute_duplicates = True
    assert machine.receive(data, "third").duplicate
    machine.advance(date(2026, 3, 10))
    assert machine.executed_twice == [
        {"bankgiro": "55550008", "payer": PAYER, "reference": "TWICE", "times": 2},
    ]  # fmt: skip


# -- a month, state, faults -----------------------------------------------------------------------


def played_month(between):
    """March 2026 day by day; `between` gets the machine and gives the one to go on with."""
    payers = [f"{100 + n:016d}" for n in range(6)]
    machine = with_mandates(*payers, retries=2)
    machine.set_outcomes({
        "references": {"B": ["9", "0"], "C": ["9", "9", "1"], "D": "2", "E": ["0", "refund:03:5"]},
        "payers": {"105": "1"},
    })  # fmt: skip
    machine.receive(file_of(
        "20260303", *[payment("20260310", 10000 + n, "ABCDEF"[n], payer) for n, payer in enumerate(payers)]
    ))  # fmt: skip
    given = []
    for day in range(4, 32):
        machine = between(machine)
        given += machine.advance(date(2026, 3, day))
    return machine, given


def test_a_month_played_and_the_state_kept_in_json():
    machine, given = played_month(lambda machine: machine)
    found = {ref: "".join(status for _day, status in statuses(machine, ref)) for ref in "ABCDEF"}
    assert found == {"A": "0", "B": "90", "C": "991", "D": "2", "E": "0", "F": "1"}
    assert [name for name, _data in given] == [
        "BFEP.UAGAG.K0900001.D260310.T060000",
        "BFEP.UAGAG.K0900001.D260311.T060000",
        "BFEP.UAGAG.K0900001.D260312.T060000",
        "BFEP.UAGAG.K0900001.D260317.T060000",
    ]
    # 100,00 + 100,04; 100,01; nothing; the refund of 100,04
    sums = [line[50:76] for _name, data in given for line in lines_of(data) if line[:2] in ("15", "17")]
    assert sums == [
        "000000000000020004   00000", "000000000000010001   00000", "000000000000000000   00000",
        "000000000000010004   00000",
    ]  # fmt: skip
    assert not machine.busy()

    def reloaded(machine):
        return Bankgirot.from_json(json.loads(json.dumps(machine.to_json())))

    again, given_again = played_month(reloaded)
    assert given_again == given and again.to_json() == machine.to_json()


def test_refund_asked_for():
    machine = with_mandates()
    machine.receive(file_of("20260303", payment("20260304", 100, "R")))
    machine.advance(date(2026, 3, 4))
    number = machine.executions[0].number
    machine.refund(number, "01", 2)
    with pytest.raises(ValueError):
        machine.refund(number)
    assert only(machine.advance(date(2026, 3, 31)))[2] == (
        "77202603040    00000000000001010000000001000055550008R               2026030601"
    )


def test_spoiled_reports():
    def report(how):
        machine = with_mandates()
        machine.receive(file_of("20260303", payment("20260304", 12345, "R")))
        if how:
            machine.misbehave(how)
        return machine.advance(date(2026, 3, 4))

    ((name, good),) = report(None)
    assert report("lf_only")[0][1] == good.replace(b"\r\n", b"\n")
    assert report("twice") == [(name, good), (name[:-1] + "1", good)]
    assert report("wrong_sum")[0][1] == good.replace(b"000000000000012345", b"000000000000012340")
    truncated = report("truncated")[0][1]
    assert good.startswith(truncated) and len(truncated) % 82
    garbage = report("latin1_garbage")[0][1]
    assert len(garbage) == len(good) and garbage != good and b"\x81" in garbage
    with pytest.raises(ValueError):
        Bankgirot().misbehave("late")


# -- as a process over a folder -------------------------------------------------------------------


def once(folder, *options):
    """Runs the command `once` as its own process."""
    command = [sys.executable, str(SIMULATORS / "bankgirot"), "once", "--folder", str(folder), *options]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=folder)


def names_in(folder):
    return sorted(path.name for path in folder.iterdir())


def test_once_plays_the_past_instantly(tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (tmp_path / "outcomes.json").write_text(json.dumps({"references": {"B": ["9", "0", "refund:02:2"]}}))
    options = ["--instant", "--retries", "1", "--outcomes", str(tmp_path / "outcomes.json")]
    (out / "1.txt").write_bytes(file_of("20250303", MANDATE))
    (out / ".2.txt").write_bytes(b"half")
    (out / "2.txt.part").write_bytes(b"half")
    first = once(tmp_path, *options)
    assert (first.returncode, first.stdout, first.stderr) == (0, "1.txt: taken: 1 TK04\n", "")
    assert names_in(tmp_path / "in") == ["BFEP.UAGU4.K0900001.D250304.T060000"]
    assert names_in(out) == [".2.txt", "2.txt.part"]
    # Wednesday 5 March 2025: A Friday 7, B the same day, again Monday 10, refunded Wednesday 12.
    (out / "2.txt").write_bytes(
        file_of("20250305", payment("20250307", 100, "A"), payment("20250307", 200, "B"))
    )
    assert once(tmp_path, *options).returncode == 0
    assert names_in(tmp_path / "in")[:3] == [
        f"BFEP.UAGAG.K0900001.D2503{day}.T060000" for day in ("07", "10", "12")
    ]  # fmt: skip
    # Written the day after the second file, which has been played to the 12th: received on its own date.
    (out / "3.txt").write_bytes(file_of("20250306", payment("GENAST  ", 300, "C")))
    assert once(tmp_path, *options).returncode == 0
    report = tmp_path / "in" / "BFEP.UAGAG.K0900001.D250307.T060001"
    assert "0000000003000055550008C" in report.read_text("latin-1")
    state = json.loads((tmp_path / "bank" / "state.json").read_text())
    assert state["today"] == "2025-03-12"
    assert names_in(tmp_path / "bank" / "received") == ["1.txt", "2.txt", "3.txt"]


def test_once_tells_what_was_refused(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "bad.txt").write_bytes(file_of("20260302", MANDATE).replace(b"\r\n", b"\n"))
    (tmp_path / "out" / "good.txt").write_bytes(file_of("20260302", MANDATE))
    run = once(tmp_path, "--state", str(tmp_path / "s.json"), "--from", "2026-03-02", "--until", "2026-03-02")
    assert run.returncode == 1
    assert run.stderr.splitlines() == [
        "bad.txt: refused: line 1, column 81: the line ends with LF alone, not CRLF",
    ]  # fmt: skip
    assert names_in(tmp_path / "bank" / "refused") == ["bad.txt", "bad.txt.txt"]
    assert "CRLF" in (tmp_path / "bank" / "refused" / "bad.txt.txt").read_text()
    assert names_in(tmp_path / "in") == []
    run = once(tmp_path, "--state", str(tmp_path / "s.json"), "--until", "2026-03-03")
    assert run.returncode == 0 and len(names_in(tmp_path / "in")) == 1
    (tmp_path / "out" / "again.txt").write_bytes(file_of("20260302", MANDATE))
    run = once(tmp_path, "--state", str(tmp_path / "s.json"))
    assert run.returncode == 1 and "duplicate" in run.stderr
    (tmp_path / "s.json").write_text("{")
    run = once(tmp_path, "--state", str(tmp_path / "s.json"))
    assert run.returncode == 2 and run.stderr.startswith("bankgirot: ")


def test_serve_as_a_process_takes_files_and_tells_its_port(tmp_path):
    options = ("--folder", str(tmp_path), "--instant", "--port", "0")
    with process("bankgirot", *options, folder=tmp_path, as_module=True) as (running, address):
        (tmp_path / "out" / "a.part").write_bytes(file_of("20260302", MANDATE))
        os.replace(tmp_path / "out" / "a.part", tmp_path / "out" / "a.txt")
        assert running.stdout.readline() == "a.txt: taken: 1 TK04\n"
        status, listed = ask(f"{address}/reports")
        assert (status, [report["name"] for report in listed]) == (200, names_in(tmp_path / "in"))
        running.terminate()
        assert running.wait(10) == 0


# -- over HTTP ------------------------------------------------------------------------------------


def ask(url, body=None):
    """GET, or POST of bytes or of something as JSON; returns (status, JSON or text)."""
    data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data), timeout=20) as answer:
            status, content, kind = answer.status, answer.read(), answer.headers["Content-Type"]
    except urllib.error.HTTPError as error:
        with error:
            status, content, kind = error.code, error.read(), error.headers["Content-Type"]
    if kind == "application/json":
        return status, json.loads(content)
    return status, content.decode("latin-1" if "8859" in kind else "utf-8")


@pytest.fixture
def service():
    """The address of a simulator that knows one payee, on Monday 2 March 2026."""
    machine = Bankgirot(MONDAY, retries=1)
    machine.add_payee("55550008", "900001")
    server = start(Station(machine))
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_http(service):
    status, answer = ask(service + "/files", file_of("20260302", MANDATE))
    assert status == 200 and answer["reports"] == [] and answer["receipt"]["orders"] == {"04": 1}
    status, answer = ask(service + "/files", file_of("20260302", MANDATE + "X"))
    assert (status, answer) == (422, {"line": 2, "column": 57, "why": "positions 57–76 have to be blank"})
    status, answer = ask(service + "/electronic-mandates", {
        "bankgiro": "55550008", "payer": "102", "account": ACCOUNT, "identity": IDENTITY, "name": "PROVA <B>",
    })  # fmt: skip
    assert status == 200 and answer["payer"] == OTHER
    status, answer = ask(service + "/clock", {"to": "2026-03-03"})
    assert (status, answer) == (200, {
        "reports": ["BFEP.UAGU3.K0900001.D260303.T060000", "BFEP.UAGU4.K0900001.D260303.T060001"],
        "today": "2026-03-03",
    })  # fmt: skip
    status, content = ask(service + "/reports/BFEP.UAGU4.K0900001.D260303.T060001")
    assert status == 200 and len(content) == 3 * 82
    assert ask(service + "/outcomes", {"amounts": {"10000": ["9", "1"]}}) == (
        200, {"amounts": {"10000": ["9", "1"]}},
    )  # fmt: skip
    assert ask(service + "/outcomes", {"payers": {"102": "2"}})[1].keys() == {"amounts", "payers"}
    # Written on Wednesday: the clock follows.
    status, answer = ask(service + "/files", file_of("20260304", payment("20260305", 10000, "ÅR")))
    assert answer["today"] == "2026-03-04"
    assert ask(service + "/misbehave", {"next_report": "twice"})[0] == 200
    status, answer = ask(service + "/clock", {"banking_days": 2})
    assert answer["reports"] == [
        "BFEP.UAGAG.K0900001.D260305.T060000",
        "BFEP.UAGAG.K0900001.D260305.T060001",
        "BFEP.UAGAG.K0900001.D260306.T060000",
    ]
    status, page = ask(service + "/")
    assert status == 200 and "täckning saknas" in page and "ÅR" in page and "PROVA &lt;B&gt;" in page
    assert "100,00" in page and "Nästa bankdag" in page
    status, answer = ask(service + "/end-mandate", {"bankgiro": "55550008", "payer": "101"})
    assert (status, answer) == (200, {"reports": [], "today": "2026-03-06"})
    status, answer = ask(service + "/registers", {"bankgiro": "55550008", "register": "mandates"})
    assert answer["reports"] == ["BFEP.UAGU7.K0900001.D260306.T060001"]
    status, state = ask(service + "/state")
    assert state["mandates"][0]["status"] == "active" and state["busy"] is True
    assert len(ask(service + "/reports")[1]) == 6


def test_http_errors(service):
    for path, body, expected in (
        ("/clock", {"to": "2026-03-01"}, 400),
        ("/clock", {"to": "soon"}, 400),
        ("/clock", {"to": 3}, 400),
        ("/clock", {}, 400),
        ("/clock", b"{", 400),
        ("/clock", b"[]", 400),
        ("/outcomes", {"references": {"A": "5"}}, 400),
        ("/outcomes", b'{"x": "' + b"x" * 1_000_001 + b'"}', 413),
        ("/electronic-mandates", {"bankgiro": "55550008"}, 400),
        ("/electronic-mandates", {"surprise": 1}, 400),
        ("/end-mandate", {"bankgiro": "55550008", "payer": "1"}, 400),
        ("/end-mandate", {"bankgiro": "1", "payer": "1"}, 400),
        ("/refunds", {"number": 1}, 400),
        ("/misbehave", {"next_report": "late"}, 400),
        ("/misbehave", {}, 400),
        ("/nowhere", {}, 404),
    ):
        status, why = ask(service + path, body)
        assert status == expected and why, (path, body)
    assert ask(service + "/reports/none")[0] == 404
    assert ask(service + "/state")[1]["today"] == "2026-03-02"
