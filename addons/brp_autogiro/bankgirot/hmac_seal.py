"""Bankgirot's seal on files, HMAC-SHA256-128: proof that nobody changed a file on its way.

A sealed file opens with TK00 and ends with TK99, which holds a check value of the key and the
authentication code of all that precedes it. Many payees let their bank's channel protect the
file instead, so the seal is optional. Source: Bankgirot's published description and its test cases.
"""

import hmac
import re
from datetime import date

from .texts import Problem

_KEY = re.compile(r"[0-9A-Fa-f]{32}")
_OPENING = re.compile(rb"00[0-9]{6}HMAC *\r?\n")
_CLOSING = re.compile(rb"(?:^|\n)99[0-9]{6}(?P<kvv>[0-9A-Fa-f]{32})(?P<mac>[0-9A-Fa-f]{32}) *[\r\n\x1a]*\Z")
_KEY_CHECK_TEXT = b"00000000"

# Latin-1 to the seven-bit Swedish characters that codes are reckoned on; all unknown become one byte.
_UNKNOWN = 0xC3
_SWEDISH = dict(zip("ÉÄÖÅÜéäöåü".encode("latin-1"), b"@[\\]^`{|}~", strict=True))
_NORMALIZED = bytes(_SWEDISH.get(byte, byte if 32 <= byte <= 126 else _UNKNOWN) for byte in range(256))


class SealError(Problem):
    """A file that cannot be sealed or verified. ``problem``: a key of ``TEXTS``."""

    TEXTS = {
        "key": (
            "The key for the seal is 32 characters, each 0–9 or A–F.",
            "Sigillnyckeln är 32 tecken, vart och ett 0–9 eller A–F.",
        ),
        "empty": ("There is nothing in the file to seal.", "Filen är tom: det finns inget att försegla."),
        "sealed": ("The file is sealed already.", "Filen är redan förseglad."),
        "not_sealed": (
            "The file has no seal: its first or last record is missing.",
            "Filen är inte förseglad: första eller sista sigillposten saknas.",
        ),
    }


def mac(data: bytes, key: str) -> str:
    """Return the authentication code of Latin-1 ``data``: 32 hexadecimal characters.

    Line ends do not count.

    :param key: 32 hexadecimal characters
    :raises SealError: another key
    """
    if not _KEY.fullmatch(key):
        raise SealError("key")
    return hmac.digest(bytes.fromhex(key), data.translate(_NORMALIZED, b"\r\n"), "sha256")[:16].hex().upper()


def key_check_value(key: str) -> str:
    """Return the check value (KVV) by which two parties compare a key without showing it.

    :raises SealError: a key that is not 32 hexadecimal characters
    """
    return mac(_KEY_CHECK_TEXT, key)


def seal(data: bytes, key: str, day: date) -> bytes:
    """Return ``data`` between an opening and a closing seal record.

    :param data: a whole file, Latin-1
    :param key: 32 hexadecimal characters
    :param day: local date of the sealing
    :raises SealError: a wrong key, nothing to seal, or a file that is sealed already
    """
    if not data.strip():
        raise SealError("empty")
    if _OPENING.match(data):
        raise SealError("sealed")
    stamp = f"{day:%y%m%d}"
    body = f"00{stamp}HMAC".ljust(80).encode() + b"\r\n" + data.rstrip(b"\r\n") + b"\r\n"
    return body + f"99{stamp}{key_check_value(key)}{mac(body, key)}".ljust(80).encode() + b"\r\n"


def verify(data: bytes, key: str) -> bool:
    """Return whether the file is as it was when somebody who has the key sealed it.

    False: it was changed, or sealed with another key.

    :raises SealError: a wrong key, or a file without seal
    """
    expected_kvv = key_check_value(key)
    closing = _CLOSING.search(data)
    if not closing or not _OPENING.match(data):
        raise SealError("not_sealed")
    expected = mac(data[: closing.start()], key)
    same_key = hmac.compare_digest(closing["kvv"].upper(), expected_kvv.encode())
    return hmac.compare_digest(closing["mac"].upper(), expected.encode()) and same_key
