"""Published SIE files of several programs, and a day close that the accounting systems' readers accept."""

from datetime import date

import pytest
from brp_accounting_export.sie import (
    Account,
    Company,
    Dimension,
    DimensionObject,
    FiscalYear,
    Program,
    Row,
    Voucher,
    checksum,
    write_file,
)
from sie_reader import SieReadError, read

DAY_CLOSE = "day_close_4I.si"
# kind, number of accounts, vouchers and rows, date of writing
SAMPLES = {
    "Bokslut_Norstedts_SIE_4E.se": ("4E", 351, 177, 678, date(2011, 3, 17)),
    "Norstedts_Bokslut_SIE_4I.si": ("4I", 351, 2, 4, date(2011, 3, 17)),
    "Norstedts_Revision_SIE_1.SE": ("1", 351, 0, 0, date(2011, 3, 17)),
    "FAKT.SI": ("4I", 3, 1, 3, date(2011, 3, 4)),
    "typ4si.si": ("4I", 299, 81, 287, date(2012, 10, 8)),
    DAY_CLOSE: ("4I", 11, 1, 13, date(2026, 10, 26)),
}
CHECKSUMS = {
    "Bokslut_Norstedts_SIE_4E.se": 854227682,
    "Norstedts_Bokslut_SIE_4I.si": 1573150874,
    "Norstedts_Revision_SIE_1.SE": 3130188017,
}


@pytest.fixture
def samples(reference):
    return reference("sie")


def load(folder, name):
    return read((folder / name).read_bytes(), SAMPLES[name][0])


def test_every_sample_is_tested(samples):
    assert {path.name for path in samples.iterdir()} == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_samples_are_read(samples, name):
    file = load(samples, name)
    rows = sum(len(voucher.rows) for voucher in file.vouchers)
    assert SAMPLES[name] == (file.kind, len(file.accounts), len(file.vouchers), rows, file.generated)
    assert (file.flag, file.unknown) == (0, [])
    assert file.checksum == CHECKSUMS.get(name)


def test_what_samples_say(samples):
    file = load(samples, "Norstedts_Revision_SIE_1.SE")
    assert file.program == ('"Norstedts Revision"', "2010.1.1")  # quotation marks within quotes
    file = load(samples, "FAKT.SI")
    assert (file.name, file.org_number) == ("Övningsbolaget AB", "555555-5555")
    assert [row.amount for row in file.vouchers[0].rows] == [800_000, -160_000, -640_000]
    file = load(samples, "typ4si.si")
    assert file.years[-1] == (date(2011, 1, 1), date(2011, 12, 31))
    assert len(file.objects) == 6
    assert file.objects[6, "200"] == "Nyetablering Söder"
    assigned = [row for voucher in file.vouchers for row in voucher.rows if row.objects]
    assert (assigned[0].account, assigned[0].objects, assigned[0].amount) == ("7010", {1: "AO"}, 2_400_000)


@pytest.mark.parametrize("name", CHECKSUMS)
def test_published_checksums(samples, name):
    data = (samples / name).read_bytes()
    assert checksum(data) == CHECKSUMS[name]
    # With one letter changed neither of the two readers takes it.
    changed = data.replace(b"Datakonsulterna", b"Datakonsulterma")
    assert changed != data and checksum(changed) != CHECKSUMS[name]
    with pytest.raises(SieReadError, match="the checksum is"):
        read(changed, SAMPLES[name][0])


def test_the_readers_refuse_a_file_of_balances_as_one_of_vouchers(samples):
    with pytest.raises(SieReadError, match="#IB does not belong in type 4I"):
        read((samples / "Bokslut_Norstedts_SIE_4E.se").read_bytes())


def written(file):
    """Return what our writer makes of what a file says."""
    years = [FiscalYear(number, *days) for number, days in file.years.items()]
    vouchers = [
        Voucher(
            voucher.series,
            voucher.date,
            voucher.text,
            voucher.registered,
            [
                Row(
                    row.account,
                    row.amount,
                    row.text,
                    row.date,
                    row.objects.get(Dimension.COST_CENTRE),
                    row.objects.get(Dimension.PROJECT),
                    row.quantity,
                )
                for row in voucher.rows
            ],
        )
        for voucher in file.vouchers
    ]
    return write_file(
        Company(file.name, file.org_number, file.account_plan or "EUBAS97"),
        Program(*file.program),
        years or [FiscalYear(0, date(2011, 1, 1), date(2011, 12, 31))],
        [Account(number, name) for number, name in file.accounts.items()],
        vouchers,
        generated=file.generated,
        objects=[DimensionObject(Dimension(d), code, name) for (d, code), name in file.objects.items()],
    )


def test_our_day_close_is_the_one_that_readers_accept(samples):
    file = load(samples, DAY_CLOSE)
    ours = written(file)
    assert read(ours).records == file.records
    assert ours == (samples / DAY_CLOSE).read_bytes()


# Not those of balances, and not the one with series of figures
@pytest.mark.parametrize("name", ["Norstedts_Bokslut_SIE_4I.si", "FAKT.SI"])
def test_vouchers_of_others_are_written_again(samples, name):
    file = load(samples, name)
    again = read(written(file))
    assert again.name == file.name and again.org_number == file.org_number
    assert again.accounts.items() <= file.accounts.items()
    assert [voucher.rows for voucher in again.vouchers] == [voucher.rows for voucher in file.vouchers]
    assert [(v.series, v.date, v.text) for v in again.vouchers] == [
        (v.series, v.date, v.text) for v in file.vouchers
    ]
