"""Personal numbers: what may be typed, and what is kept of it. All of them are made up."""

import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).parents[2] / "addons" / "brp_personal_number"))

from personal_number import PersonalNumberError, mask, normalize

TODAY = date(2026, 11, 10)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("19900101-9802", "199001019802"),
        ("199001019802", "199001019802"),
        ("900101-9802", "199001019802"),
        ("9001019802", "199001019802"),
        (" 900101 - 9802 ", "199001019802"),
        ("900101–9802", "199001019802"),  # a dash, as word processors write it
        ("900161-9809", "199001619809"),  # co-ordination number: the 1st + 60
        ("19850677-9803", "198506779803"),
        ("120304-9802", "201203049802"),
        ("120304+9802", "191203049802"),  # has turned 100
        ("19120304+9802", "191203049802"),
        ("001231-9802", "200012319802"),
        ("001231+9802", "190012319802"),
    ],
)
def test_what_is_typed_is_kept_as_twelve_digits(typed, kept):
    assert normalize(typed, TODAY) == kept


def test_the_hyphen_becomes_a_plus_in_the_year_in_which_one_turns_100():
    assert normalize("260101-9801", date(2125, 12, 31)) == "202601019801"
    assert normalize("260101+9801", date(2126, 1, 1)) == "202601019801"
    assert normalize("260101-9801", date(2126, 1, 1)) == "212601019801"


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "format"),
        ("900101", "format"),
        ("90010-19802", "format"),
        ("1900101-9802", "format"),
        ("900101-980A", "format"),
        ("٩٠٠١٠١-٩٨٠٢", "format"),  # other digits than ours
        ("900101-9802 x", "format"),
        ("19901301-9802", "date"),
        ("19900100-9802", "date"),
        ("19900132-9802", "date"),
        ("19900160-9802", "date"),  # the 0th + 60
        ("19900192-9802", "date"),  # the 32nd + 60
        ("20050229-9803", "date"),  # no leap year
        ("18300101-9802", "date"),
        ("00000101-9802", "date"),
        ("20261111-9802", "future"),
        ("261111-9802", "future"),
        ("19900101-9803", "check_digit"),
        ("900101-9820", "check_digit"),  # two digits swapped
    ],
)
def test_what_is_no_personal_number_is_refused_without_repeating_it(typed, problem):
    with pytest.raises(PersonalNumberError) as caught:
        normalize(typed, TODAY)
    assert caught.value.problem == problem
    assert not any(character.isdigit() for character in str(caught.value))


def test_the_mask_leaves_the_date_of_birth():
    assert mask("199001019802") == "19900101-****"


@given(st.text(alphabet="0123456789-+ ", max_size=14))
def test_anything_typed_is_refused_or_stays_the_same_when_normalised_again(typed):
    try:
        kept = normalize(typed, TODAY)
    except PersonalNumberError:
        return
    assert len(kept) == 12
    assert kept.isdigit()
    assert normalize(kept, TODAY) == kept
    assert normalize(f"{kept[:8]}-{kept[8:]}", TODAY) == kept
