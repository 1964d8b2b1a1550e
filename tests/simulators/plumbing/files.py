"""Files that survive being killed in the midst of writing them."""

import json
import os
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file so that nobody, not even after a kill, finds half of it."""
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(data)
    os.replace(temporary, path)


def add_lines(path: Path, items: list) -> None:
    """Adds a line of JSON for each to a file."""
    with path.open("ab") as file:
        file.write(b"".join(json.dumps(item).encode() + b"\n" for item in items))


def read_lines(path: Path) -> list:
    """What was added. A line that a kill has torn was never answered: it is cut off."""
    data = path.read_bytes() if path.exists() else b""
    whole = data[: data.rfind(b"\n") + 1]
    if whole != data:
        os.truncate(path, len(whole))
    return [json.loads(line) for line in whole.splitlines()]
