"""The seal: Bankgirot's published check value, and that any change is noticed."""

import hmac
from datetime import date

import pytest
from brp_autogiro.bankgirot import SealError, key_check_value, seal, verify
from brp_autogiro.bankgirot.hmac_seal import mac

KEY = "1234567890ABCDEF1234567890ABCDEF"  # published for tests
OTHER_KEY = "F" * 32
TEXT = "0120261102AUTOGIRO  ÅÄÖ åäö Éé Üü\r\n03\r\n".encode("latin-1")
DAY = date(2026, 11, 2)


def test_the_check_value_of_the_published_key():
    assert key_check_value(KEY) == "FF365893D899291C3BF505FB3175E880"
    assert key_check_value(KEY.lower()) == "FF365893D899291C3BF505FB3175E880"


def test_line_ends_do_not_count():
    assert mac(b"00000\r\n0000\n000\r00\r\n0", KEY) == mac(b"000000000000000", KEY)


def test_swedish_letters_count_as_their_seven_bit_characters():
    assert mac("ÉÄÖÅÜéäöåü".encode("latin-1"), KEY) == mac(b"@[\\]^`{|}~", KEY)


def test_other_characters_are_all_one():
    expected = hmac.new(bytes.fromhex(KEY), b"\xc3" * 6, "sha256").hexdigest()[:32].upper()
    assert mac(b"\t\x7f\x80\xdf\xff\x00", KEY) == expected
    assert mac(b"\xc3", KEY) != mac(b"C", KEY)


def test_the_two_records_of_a_seal():
    lines = seal(TEXT, KEY, DAY).decode("latin-1").split("\r\n")
    assert lines[0] == "00261102HMAC" + " " * 68
    assert lines[1:-2] == TEXT.decode("latin-1").split("\r\n")[:-1]
    assert lines[-2][:40] == "99261102FF365893D899291C3BF505FB3175E880"
    assert len(lines[-2]) == 80
    assert lines[-2][72:] == " " * 8
    assert lines[-1] == ""


def test_what_is_sealed_is_verified():
    sealed = seal(TEXT, KEY, DAY)
    assert verify(sealed, KEY)
    assert verify(sealed.replace(b"\r\n", b"\n"), KEY)
    assert verify(sealed.rstrip(), KEY)
    assert not verify(sealed, OTHER_KEY)


def test_a_file_without_an_end_of_line_is_sealed_as_one_with():
    assert seal(TEXT.rstrip(), KEY, DAY) == seal(TEXT, KEY, DAY)


def test_any_changed_character_is_noticed():
    sealed = seal(TEXT, KEY, DAY)
    closing = sealed.index(b"99261102")
    date_of_closing = range(closing + 2, closing + 8)  # all that the code does not cover, but for blanks
    for at in range(80, closing + 72):
        if sealed[at] in b"\r\n" or at in date_of_closing:
            continue
        changed = bytearray(sealed)
        changed[at] = ord("7") if changed[at] != ord("7") else ord("8")
        try:
            assert not verify(bytes(changed), KEY), at
        except SealError as error:  # the closing record is none any more
            assert error.problem == "not_sealed"


def test_a_record_left_out_is_noticed():
    sealed = seal(TEXT, KEY, DAY)
    assert not verify(sealed.replace(b"03\r\n", b""), KEY)


@pytest.mark.parametrize("key", ["", "123", KEY + "0", "G" * 32, KEY[:-1] + "\n"])
def test_a_key_of_another_form_is_refused_and_not_shown(key):
    for use in (lambda: seal(TEXT, key, DAY), lambda: verify(TEXT, key), lambda: key_check_value(key)):
        with pytest.raises(SealError) as caught:
            use()
        assert caught.value.problem == "key"
        assert not key or key not in caught.value.text("en") + caught.value.text("sv")


def test_what_cannot_be_sealed_or_verified():
    sealed = seal(TEXT, KEY, DAY)
    for use, problem in (
        (lambda: seal(b"\r\n", KEY, DAY), "empty"),
        (lambda: seal(sealed, KEY, DAY), "sealed"),
        (lambda: verify(TEXT, KEY), "not_sealed"),
        (lambda: verify(sealed[82:], KEY), "not_sealed"),
        (lambda: verify(sealed[:-82], KEY), "not_sealed"),
        (lambda: verify(b"", KEY), "not_sealed"),
    ):
        with pytest.raises(SealError) as caught:
            use()
        assert caught.value.problem == problem
