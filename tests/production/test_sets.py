"""Which backups are kept, and what a damaged one is told by."""

import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from production_server import DOCKER

sys.path.insert(0, str(DOCKER))

from brp_production import sets
from brp_production.settings import ProductionError


def made(*moments):
    return [Path(sets.name_of("brp", moment.replace(tzinfo=timezone.utc))) for moment in moments]


def days_of(paths):
    return [f"{sets.moment_of(path):%Y-%m-%d %H}" for path in paths]


def test_one_backup_is_kept_of_each_of_the_last_days_and_months():
    nights = [datetime(2026, 9, 1, 2) + timedelta(days=number) for number in range(75)]  # to 14 November
    gone = sets.superfluous(made(*nights), days=3, months=2)
    kept = [path for path in made(*nights) if path not in gone]
    assert days_of(kept) == [
        "2026-10-01 02",
        "2026-11-01 02",
        "2026-11-12 02",
        "2026-11-13 02",
        "2026-11-14 02",
    ]


def test_of_one_day_the_newest_is_kept():
    paths = made(datetime(2026, 3, 1, 2), datetime(2026, 3, 2, 2), datetime(2026, 3, 2, 14))
    assert days_of(sets.superfluous(paths, days=14, months=0)) == ["2026-03-02 02"]


def test_days_without_a_backup_do_not_count():
    """After a month of failures the last backups are still there."""
    paths = made(datetime(2026, 1, 5), datetime(2026, 1, 6), datetime(2026, 3, 1))
    assert sets.superfluous(paths, days=3, months=0) == []


def test_the_newest_is_always_kept():
    assert sets.superfluous(made(datetime(2026, 1, 5)), days=0, months=0) == []


def test_only_sets_of_the_database_are_counted(tmp_path):
    for name in ("brp-20260301T020000Z", "brp_test-20260301T020000Z", "brp-20260302T020000Z.part", "notes"):
        (tmp_path / name).mkdir()
    assert [path.name for path in sets.all_of(tmp_path, "brp")] == ["brp-20260301T020000Z"]


@pytest.fixture
def whole(tmp_path):
    (tmp_path / sets.DUMP).write_bytes(b"dump")
    (tmp_path / sets.FILES).write_bytes(b"files")
    (tmp_path / sets.MANIFEST).write_text('{"database": "brp"}')
    sets.write_sums(tmp_path)
    return tmp_path


def test_a_whole_set_is_known(whole):
    assert sets.checked(whole) == {"database": "brp"}


@pytest.mark.parametrize("name", [sets.DUMP, sets.FILES, sets.MANIFEST, sets.SUMS])
def test_a_set_of_which_something_is_missing_is_damaged(whole, name):
    (whole / name).unlink()
    with pytest.raises(ProductionError) as error:
        sets.checked(whole)
    assert error.value.code == sets.DAMAGED


@pytest.mark.parametrize("name", [sets.DUMP, sets.FILES, sets.MANIFEST])
def test_one_changed_byte_is_seen(whole, name):
    content = bytearray((whole / name).read_bytes())
    content[-1] ^= 1
    (whole / name).write_bytes(content)
    with pytest.raises(ProductionError) as error:
        sets.checked(whole)
    assert error.value.code == sets.DAMAGED


def test_a_set_without_the_sum_of_a_file_is_damaged(whole):
    lines = (whole / sets.SUMS).read_text().splitlines()
    (whole / sets.SUMS).write_text("\n".join(lines[1:]))
    with pytest.raises(ProductionError) as error:
        sets.checked(whole)
    assert error.value.code == sets.DAMAGED
