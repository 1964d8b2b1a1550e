"""Files that are either the old or the new ones, never half."""

import os
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Writes a file so that nobody, not even after a kill, finds half of it."""
    temporary = path.with_name(f".{path.name}.part")
    temporary.write_bytes(data)
    os.replace(temporary, path)
