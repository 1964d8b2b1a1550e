"""The lines of a file: bytes of any origin become numbered lines of 80 Latin-1 characters."""

import re
import unicodedata
from collections.abc import Iterator

from .layout import LINE_LENGTH
from .problems import ReportError, ReportWarning

ENCODING = "latin-1"
LINE_END = "\r\n"
MEGABYTE = 1024 * 1024
MAX_SIZE = 50 * MEGABYTE
_UTF8_MARK = b"\xef\xbb\xbf"
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

SEAL_OPENING = re.compile(r"00[0-9]{6}HMAC")
SEAL_CLOSING = re.compile(r"99[0-9]{6}[0-9A-Fa-f]{64}")
BGMAX = re.compile(r"01BGMAX")
#: A line that no person wrote above a file: it has a number as long as only records have
_RECORD_LIKE = re.compile(r"[0-9]{10}")
_KNOWN_RECORD = re.compile(r"(?:0[3459]|1[567]|2[1-9]|32|5[29]|7[37]|82)(?:[0-9]{8}|GENAST)")


def _is_latin1(data: bytes) -> bool:
    """Return whether each line with other characters than ASCII has 80 bytes: in UTF-8 it would have more.

    Without this, ``Ã`` and a sign after it would be taken for one letter of UTF-8.
    """
    lines = (line.rstrip(b"\r") for line in data.split(b"\n"))
    return all(len(line) == LINE_LENGTH for line in lines if not line.isascii())


def decode(data: bytes, max_size: int, warnings: list[ReportWarning]) -> str:
    """Return the text of a file, without what editors put around it.

    :param warnings: gets one more when the file is in UTF-8
    :raises ReportError: too large, empty, in another encoding or no text
    """
    if len(data) > max_size:
        raise ReportError("too_large", limit=f"{max_size / MEGABYTE:g}")
    if data.startswith(_UTF16_MARKS):
        raise ReportError("encoding")
    text = None
    marked = data.startswith(_UTF8_MARK)
    if marked or not (data.isascii() or _is_latin1(data)):
        try:
            text = unicodedata.normalize("NFC", data.removeprefix(_UTF8_MARK).decode())
            warnings.append(ReportWarning("utf8"))
        except UnicodeDecodeError:
            if marked:
                raise ReportError("encoding") from None
    if text is None:
        text = data.decode(ENCODING)
    text = text.rstrip("\x1a\r\n ")  # Ctrl-Z ended files once
    if not text.strip():
        raise ReportError("empty")
    if "\0" in text:
        before = text[: text.index("\0")].replace("\r\n", "\n").replace("\r", "\n")
        raise ReportError("nul", before.count("\n") + 1, len(before) - before.rfind("\n"))
    return text.replace("\t", " ")


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number and the 80 characters of each line that is not blank.

    :raises ReportError: a line with something after its 80th character
    """
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if len(line) > LINE_LENGTH:
            excess = line[LINE_LENGTH:]
            if excess.strip():
                # The caller decides: a heading may be as long as it likes.
                yield number, line.rstrip()
                continue
            line = line[:LINE_LENGTH]
        if line.strip():
            yield number, line.ljust(LINE_LENGTH)


def check_length(number: int, line: str) -> None:
    """Refuse a record with something after its 80th character.

    :raises ReportError: naming the first such position
    """
    if len(line) > LINE_LENGTH:
        excess = line[LINE_LENGTH:]
        raise ReportError("line_too_long", number, LINE_LENGTH + 1 + len(excess) - len(excess.lstrip()))


def check_heading(number: int, line: str) -> None:
    """Accept a line above the first opening record only when it is nothing but human words.

    :raises ReportError: it looks like a record, so that something of the file is missing or broken
    """
    if _KNOWN_RECORD.match(line):
        raise ReportError("missing_opening", number)
    if _RECORD_LIKE.search(line):
        raise ReportError("unknown", number)
