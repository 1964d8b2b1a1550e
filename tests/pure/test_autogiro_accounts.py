"""Bank accounts, bankgiro, organisation and payer numbers as people write them. All are made up."""

from itertools import pairwise

import pytest
from brp_autogiro.bankgirot import (
    AccountError,
    NumberError,
    mask_account,
    read_account,
    read_bankgiro,
    read_organisation_number,
    read_payer_number,
    same_payer_number,
    show_account,
    show_bankgiro,
)
from brp_autogiro.bankgirot.accounts import CHECKS, clearing_ranges


def problems(account):
    return [warning.problem for warning in account.warnings]


# Check digits worked out by hand, from the right.
# 5001 and 1234560, over 001 1234560 (mod 11, weights 1-10):
#   0*1 6*2 5*3 4*4 3*5 2*6 1*7 1*8 0*9 0*10 = 85; 85 % 11 = 8, so the last digit is 3 more: 1234563.
# 4001 and 123456x, over all 4001 123456x (weights 1-10, then 1):
#   x + 6*2 5*3 4*4 3*5 2*6 1*7 1*8 0 0 4*1 = 89 + x; 89 % 11 = 1, so x would be 10: none.
#   With 123457x: 91 + x; 91 % 11 = 3, x = 8.
# 6000 and 12345678x (weights 1-9): x + 16+21+24+25+24+21+16+9 = 156 + x; 156 % 11 = 2, x = 9.
# 3300 and 900101980x (mod 10): 2*(0,9,0,0,9) doubled are 0 9 0 0 9, the others x 8 1 1 0: 28 + x, so 2.
@pytest.mark.parametrize(
    ("typed", "bank", "digits", "shown"),
    [
        ("5001 1234563", "SEB", "5001000001234563", "5001-1234563"),
        ("5001-123 45 63", "SEB", "5001000001234563", "5001-1234563"),
        ("50011234563", "SEB", "5001000001234563", "5001-1234563"),
        ("4001.1234578", "Nordea", "4001000001234578", "4001-1234578"),
        ("6000 123 456 789", "Handelsbanken", "6000000123456789", "6000-123456789"),
        ("3300 900101-9802", "Nordea", "3300009001019802", "3300-9001019802"),
    ],
)
def test_an_account_becomes_sixteen_digits(typed, bank, digits, shown):
    account = read_account(typed)
    assert (account.bank, account.digits, problems(account)) == (bank, digits, [])
    assert show_account(digits) == shown


def test_the_clearing_number_may_have_a_field_of_its_own():
    assert read_account("123 456 789", clearing=" 6000 ").digits == "6000000123456789"
    assert read_account("123 456 789-7", clearing="8327-9").digits == "8327001234567897"


def test_a_handelsbanken_number_of_eight_digits_is_filled_up():
    # x + 7*2 6*3 5*4 4*5 3*6 2*7 1*8 = 112 + x; 112 % 11 = 2, x = 9
    assert read_account("6000 1234567 9").digits == "6000000012345679"
    assert show_account("6000000012345679") == "6000-12345679"


# Swedbank's clearing numbers under 8 have a fifth digit: 8327 and 9 (8+3*2+2+7*2->5+9 = 30).
# 1234567897 fits mod 10: 7 + 9->9*2->9 ... = 7+9+8+5+6+1+4+6+2+2 = 50.
@pytest.mark.parametrize(
    "typed",
    [
        "8327-9 123 456 789-7",
        "8327-9, 123 456 789-7",
        "83279 1234567897",
        "8327 9 123 456 789-7",
        "832791234567897",  # 11 digits after four are no account: so the clearing number has five
        "8327-91234567897",
        "8327 1234567897",
        "8327-1234567897",
        "83271234567897",
        "8327–123.456.789–7",
    ],
)
def test_swedbanks_fifth_digit_is_no_part_of_the_account(typed):
    account = read_account(typed)
    assert (account.clearing, account.number, problems(account)) == ("8327", "1234567897", [])
    assert account.digits == "8327001234567897"


def test_a_number_run_together_that_can_be_split_in_two_ways_is_said_to_be_so():
    # 8327 and 9123456x, or 83279 and 123456x. 123456x fits mod 10 with 6: 6+3+5+8+3+4+1 = 30.
    # 91234566: with 9 in front, at an even place, 9*2 -> 9: 39, does not fit. So five it is, but unclear.
    account = read_account("832791234566")
    assert (account.clearing, account.number, problems(account)) == ("8327", "1234566", ["clearing_split"])
    # 91234575 fits (5+5+5+8+3+4+1+9 = 40), and 1234575 would not (31)
    account = read_account("832791234575")
    assert (account.number, problems(account)) == ("91234575", [])


def test_one_digit_apart_is_the_clearing_numbers_fifth_when_it_fits():
    # 83279 and 1234566 fit (both 30), 91234566 does not (39)
    account = read_account("8327 9 123 456-6")
    assert (account.clearing, account.number, problems(account)) == ("8327", "1234566", [])
    # 91234575 fits as well as 83279 does, and 1234575 alone does not (31): nobody can tell
    account = read_account("8327 9 123 457-5")
    assert (account.number, problems(account)) == ("1234575", ["clearing_split", "check_digit"])
    # 83278 does not fit, so the 8 is the account's first digit: 8123456x, x + 3+5+8+3+4+1+7 = 31 + x, is 9
    account = read_account("8327 8 123 456-9")
    assert (account.number, problems(account)) == ("81234569", ["clearing_split"])


def test_a_fifth_digit_that_is_zero_makes_no_difference():
    # 80200 fits (8+2 = 10), and a zero in front of 1234566 changes nothing
    together, apart = read_account("802001234566"), read_account("8020-0 1234566")
    assert together.digits == apart.digits == "8020000001234566"
    assert problems(together) == problems(apart) == []


def test_the_clearing_number_written_apart_decides():
    assert read_account("8327-91234566").number == "91234566"


def test_a_wrong_check_digit_is_refused_where_banks_always_have_one():
    for typed in ("5001 1234564", "4001 1234570", "6000 123 456 788", "3300 900101-9803"):
        with pytest.raises(AccountError) as caught:
            read_account(typed)
        assert caught.value.problem == "check_digit"


@pytest.mark.parametrize("typed", ["8327-9 123 456 789-0", "9500 12345", "9960 1234567890"])
def test_a_wrong_check_digit_is_warned_of_where_some_accounts_have_none(typed):
    assert problems(read_account(typed)) == ["check_digit"]


def test_an_unknown_clearing_number_is_warned_of():
    account = read_account("9999 1234567")
    assert (account.bank, account.digits, problems(account)) == ("", "9999000001234567", ["unknown_clearing"])
    assert show_account(account.digits) == "9999-1234567"


def test_banks_outside_the_bankgiro_system_and_closed_ranges_are_warned_of():
    # 9550 1234560: 0+12+15+16+15+12+7 + 0*8+5*9+5*10+9*1 = 181; 181 % 11 = 5: last digit 6
    assert problems(read_account("9550 1234566")) == ["dataclearing"]
    # 9400 1234560, over 400: 77 + 0 + 0 + 4*10 = 117; 117 % 11 = 7: last digit 4
    assert problems(read_account("9400 1234564")) == ["closed"]


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "format"),
        ("SE35 5000 0000 0549 1000 0003", "format"),
        ("6000 12345678A", "format"),
        ("٦٠٠٠ 123456789", "format"),
        ("600", "clearing"),
        ("0123 456789", "clearing"),
        ("8327-8 123 456 789-7", "clearing_check_digit"),
        ("83278 1234567897", "clearing_check_digit"),
        ("6000 1234567", "length"),
        ("6000 1234567890", "length"),
        ("6000", "length"),
        ("6000 000000000", "length"),
        ("5001 123456", "length"),
        ("8327 12345678901", "clearing_check_digit"),
        ("9999 1234567890123", "length"),
    ],
)
def test_what_is_no_account_is_refused_and_not_repeated(typed, problem):
    with pytest.raises(AccountError) as caught:
        read_account(typed)
    assert caught.value.problem == problem
    text = caught.value.text("en") + caught.value.text("sv") + str(caught.value)
    assert "123456" not in text


def test_an_account_is_masked_and_not_printed():
    account = read_account("6000 123 456 789")
    assert mask_account(account.digits) == "**** 6789"
    assert mask_account("") == ""
    assert "3456" not in repr(account)


def test_only_accounts_are_shown_with_a_hyphen():
    assert show_account("") == ""
    assert show_account("6000") == "6000"


def test_the_ranges_do_not_overlap_and_can_all_be_checked():
    ranges = clearing_ranges()
    assert len(ranges) > 50
    for earlier, later in pairwise(ranges):
        assert earlier.first <= earlier.last < later.first <= later.last
    assert {known.check for known in ranges} == set(CHECKS)
    assert {known.note for known in ranges} == {"", "dataclearing", "closed"}


@pytest.mark.parametrize(
    ("clearing", "bank", "check"),
    [
        ("3300", "Nordea", "luhn"),
        ("3409", "Länsförsäkringar Bank", "mod11-10"),
        ("3410", "Nordea", "mod11-10"),
        ("3782", "Nordea", "luhn"),
        ("9020", "Länsförsäkringar Bank", "mod11-11"),
        ("9060", "Länsförsäkringar Bank", "mod11-10"),
        ("9180", "Danske Bank", "luhn"),
        ("9300", "Swedbank", "luhn"),
        ("9570", "Sparbanken Syd", "luhn"),
        ("9880", "Riksgälden", "mod11-11"),
        ("9890", "Riksgälden", "luhn"),
    ],
)
def test_whose_a_clearing_number_is(clearing, bank, check):
    known = next(known for known in clearing_ranges() if known.first <= clearing <= known.last)
    assert (known.bank, known.check) == (bank, check)


# Numbers


@pytest.mark.parametrize(
    ("typed", "digits", "shown"),
    [
        ("991-2346", "9912346", "991-2346"),
        (" bg 991 2346", "9912346", "991-2346"),
        ("5050-1055", "50501055", "5050-1055"),
        ("50501055", "50501055", "5050-1055"),
    ],
)
def test_bankgiro_numbers(typed, digits, shown):
    assert read_bankgiro(typed) == digits
    assert show_bankgiro(digits) == shown
    assert show_bankgiro(digits.zfill(10)) == shown


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("", "bankgiro"),
        ("123456", "bankgiro"),
        ("123456789", "bankgiro"),
        ("991-234X", "bankgiro"),
        ("099-1234", "bankgiro"),
        ("991-2347", "bankgiro_check_digit"),
    ],
)
def test_what_is_no_bankgiro_number(typed, problem):
    with pytest.raises(NumberError) as caught:
        read_bankgiro(typed)
    assert caught.value.problem == problem
    assert "siffr" in caught.value.text("sv")


# 556000-000x: 5*2->1 5 6*2->3 0 0 0 0 0 0 = 9, so x is 1.
@pytest.mark.parametrize(
    "typed", ["556000-0001", "5560000001", "SE556000000101", "165560000001", "005560000001", "556000 0001"]
)
def test_organisation_numbers(typed):
    assert read_organisation_number(typed) == "005560000001"


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("556000-0002", "organisation_check_digit"),
        ("556000", "organisation_number"),
        ("", "organisation_number"),
        ("55600000O1", "organisation_number"),
        ("900101-9802", "personal_number"),
    ],
)
def test_what_is_no_organisation_number(typed, problem):
    with pytest.raises(NumberError) as caught:
        read_organisation_number(typed)
    assert caught.value.problem == problem


def test_payer_numbers_have_no_leading_zeros():
    assert read_payer_number("0000000000001001") == "1001"
    assert read_payer_number(" 991-2346 ") == "9912346"
    assert read_payer_number("9" * 16) == "9" * 16
    assert same_payer_number("0001001", "1001")
    assert not same_payer_number("1001", "10010")


@pytest.mark.parametrize("typed", ["", "0", "000", "1" * 17, "12A", "²"])
def test_what_is_no_payer_number(typed):
    with pytest.raises(NumberError) as caught:
        read_payer_number(typed)
    assert caught.value.problem == "payer_number"
