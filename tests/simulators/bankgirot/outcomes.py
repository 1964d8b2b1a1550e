"""What the coverage checks and the payers' banks will answer, as told by whoever runs the simulator.

A payment's outcome is a sequence of codes, one per coverage check: "0" approved, "1" not covered, "2"
account closed, "9" checked again the next banking day. "refund:CODE:DAYS" after a "0": refunded so many
banking days later. A final code ends one payment, so ["1", "0"] is: the first payment of that key fails,
the second goes well; the last of these parts serves all later payments.

A mandate's answer is a comment code ("20"), an information and a comment code ("42/05"), either with
":DAYS" banking days until the answer (1 unless told), or "none".
"""

import re
from collections.abc import Iterable

SECTIONS = ("references", "payers", "amounts", "mandates", "default")
_CODE = re.compile(r"[0129]|refund:0[1-5]:[1-9]\d{0,2}")
_ANSWER = re.compile(r"none|(?:(\d\d)/)?(\d\d)(?::([1-9]\d?))?")


def _sequence(value) -> list:
    codes = [value] if isinstance(value, str) else value
    if not isinstance(codes, list) or not codes:
        raise ValueError(f"{value!r} is neither a code nor a list of codes")
    for position, code in enumerate(codes):
        if not isinstance(code, str) or not _CODE.fullmatch(code):
            raise ValueError(f"{code!r} is no outcome of a payment")
        if code.startswith("refund") and (not position or codes[position - 1] != "0"):
            raise ValueError("a refund follows an approved payment")
    return codes


def key_of(section: str, key: str) -> str:
    """The key as it is looked up: payer numbers without leading zeros, references without outer blanks."""
    key = str(key).strip()
    return key.lstrip("0") if section in ("payers", "mandates", "amounts") else key


def checked(told: dict) -> dict:
    """The same outcomes with normal keys and lists; raises ValueError for what is not understood."""
    if not isinstance(told, dict):
        raise ValueError("outcomes are an object")
    result = {}
    for section, content in told.items():
        if section not in SECTIONS:
            raise ValueError(f"{section!r} is none of {', '.join(SECTIONS)}")
        if section == "default":
            result[section] = _sequence(content)
            continue
        if not isinstance(content, dict):
            raise ValueError(f"{section} is an object")
        if section == "mandates":
            for answer in content.values():
                mandate_answer(answer)
            result[section] = {key_of(section, key): answer for key, answer in content.items()}
        else:
            result[section] = {key_of(section, key): _sequence(value) for key, value in content.items()}
    return result


def mandate_answer(text: str) -> tuple | None:
    """(information code, comment code, banking days) of a mandate's answer; None for "none"."""
    match = _ANSWER.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise ValueError(f"{text!r} is no answer to a mandate")
    if text == "none":
        return None
    return match[1] or "04", match[2], int(match[3] or 1)


def parts(sequence: Iterable) -> list:
    """The sequence cut after each final code: what the first, second … payment of the key gets."""
    result: list[list] = []
    closed = True
    for code in sequence:
        if closed and not code.startswith("refund"):
            result.append([])
        result[-1].append(code)
        closed = code != "9"
    return result
