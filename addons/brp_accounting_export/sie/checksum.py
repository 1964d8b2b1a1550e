"""The control sum that may stand around the records of a file (SIE 4B, #KSUMMA)."""

import re
import zlib

_MARK = re.compile(rb"(?m)^[ \t]*#KSUMMA[^\r\n]*")
#: A quoted field without its quotes, or a bare one; braces and what parts fields is neither
_FIELD = re.compile(rb'"((?:[^"\\\r\n]+|\\"|\\(?!"))*)"|([^ \t\r\n{}"]+)')


def checksum(data: bytes) -> int:
    """Return the CRC-32 of a file's labels and field contents: what #KSUMMA has, 0 to 2**32 - 1.

    Separators, outer quotes, braces and line ends do not count; an inner quote counts without its backslash.

    :param data: lines in CP437; when they have #KSUMMA lines, only what is between them counts
    """
    parts = _MARK.split(data)
    between = parts[0] if len(parts) == 1 else parts[1]
    contents = b"".join([quoted or bare for quoted, bare in _FIELD.findall(between)])
    return zlib.crc32(contents.replace(rb"\"", b'"'))
