"""The folder through which files go to and come from any bank channel. No Odoo here.

``out/`` holds what is to be sent, ``in/`` what has arrived; ``in/done/`` and ``in/failed/`` what has
been read. A file appears in ``out/`` whole and once: it is staged first, the database then notes it as
sent, and only after that commit a rename lets it appear. Whatever is killed in between, a staged file
is known to be noted or not, and the rename happens once.
"""

import contextlib
import hashlib
import os
from pathlib import Path

_STAGED = ".staged"


class ExchangeFolder:
    """A folder for exchanging files.

    :param root: its path; subfolders are made as needed
    """

    def __init__(self, root: str):
        self.out = Path(root) / "out"
        self.incoming = Path(root) / "in"
        for folder in (self.out / _STAGED, self.incoming / "done", self.incoming / "failed"):
            folder.mkdir(parents=True, exist_ok=True)

    def stage(self, name: str, data: bytes) -> None:
        """Write a file where no bank channel looks, replacing one of the same name."""
        path = self.out / _STAGED / name
        with path.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def staged(self) -> list[str]:
        """Return the names of files that are staged and have not appeared in ``out/`` yet."""
        return sorted(path.name for path in (self.out / _STAGED).iterdir() if path.is_file())

    def release(self, name: str) -> None:
        """Let a staged file appear in ``out/``; one that is not staged has appeared already."""
        with contextlib.suppress(FileNotFoundError):
            os.replace(self.out / _STAGED / name, self.out / name)

    def drop(self, name: str) -> None:
        """Delete a staged file that must not appear."""
        (self.out / _STAGED / name).unlink(missing_ok=True)

    def arrived(self) -> list[Path]:
        """Return the files that have arrived, in the order of their names; half-written ones excepted."""
        return sorted(
            path
            for path in self.incoming.iterdir()
            if path.is_file() and not path.name.startswith(".") and not path.name.endswith((".part", ".tmp"))
        )

    def put_away(self, path: Path, folder: str) -> None:
        """Move a file that has been read to ``done`` or ``failed``, overwriting no other."""
        target = self.incoming / folder / path.name
        if target.exists():
            digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
            target = target.with_name(f"{path.name}.{digest}")
        os.replace(path, target)
