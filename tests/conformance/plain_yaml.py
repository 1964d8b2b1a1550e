"""Reads YAML of the plain kind that published API descriptions are dumped in.

Block mappings and sequences, quoted and plain scalars on one line, and `>-` and `|-` over several, of which
spaces and empty lines are not kept as they were. No anchors, tags or comments.
"""

import json
import re

_KEY = re.compile(r"""('(?:[^']|'')*'|"(?:[^"\\]|\\.)*"|[^\s'"\[{>|-][^:]*?|-[^\s:][^:]*?):(?:\s+(.*))?""")
_PLAIN = {"": None, "null": None, "~": None, "true": True, "false": False, "[]": [], "{}": {}}


def read_yaml(text: str):
    """The value of a document."""
    lines = [(len(line) - len(line.lstrip()), line.strip()) for line in text.splitlines()]
    value, place = _block(lines, _next(lines, 0))
    if _next(lines, place) < len(lines):
        raise ValueError(f"line {_next(lines, place) + 1} is not understood: {lines[place][1]}")
    return value


def _next(lines: list, place: int) -> int:
    while place < len(lines) and not lines[place][1]:
        place += 1
    return place


def _is_item(content: str) -> bool:
    return content == "-" or content.startswith("- ")


def _block(lines: list, place: int) -> tuple:
    """(value, the place after it) of the mapping or sequence that begins at a place."""
    indent = lines[place][0]
    value = [] if _is_item(lines[place][1]) else {}
    is_list = isinstance(value, list)
    while place < len(lines) and lines[place][0] == indent and _is_item(lines[place][1]) == is_list:
        content = lines[place][1]
        if is_list:
            rest = content[1:].strip()
            if _KEY.fullmatch(rest):
                # A mapping whose first line shares the line of its dash.
                lines[place] = (indent + len(content) - len(rest), rest)
                item, place = _block(lines, place)
            else:
                item, place = _value(lines, place, rest)
            value.append(item)
        else:
            found = _KEY.fullmatch(content)
            if not found:
                raise ValueError(f"line {place + 1} is not understood: {content}")
            value[_scalar(found[1])], place = _value(lines, place, found[2] or "")
        place = _next(lines, place)
    return value, place


def _value(lines: list, place: int, rest: str) -> tuple:
    """(value, the place after it) of what follows a key or a dash at a place."""
    indent, after = lines[place][0], _next(lines, place + 1)
    if rest in (">-", "|-"):
        end = place + 1
        while end < len(lines) and (not lines[end][1] or lines[end][0] > indent):
            end += 1
        texts = [content for _indent, content in lines[place + 1 : end]]
        joined = "\n".join(texts).strip()
        return (joined if rest == "|-" else re.sub(r"(?<!\n)\n(?!\n)", " ", joined)), end
    if rest or after >= len(lines):
        return _scalar(rest), place + 1
    deeper, content = lines[after]
    if deeper > indent or (deeper == indent and _is_item(content) and not _is_item(lines[place][1])):
        return _block(lines, after)
    return None, place + 1


def _scalar(text: str):
    if text.startswith("'"):
        return text[1:-1].replace("''", "'")
    if text.startswith('"'):
        return json.loads(text)
    if text in _PLAIN:
        return _PLAIN[text]
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?\d+\.\d+", text) else text
