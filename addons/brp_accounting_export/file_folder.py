"""The folder on the server from which an accounting program takes its files. No Odoo here.

A file appears in the folder whole and once, also when a process is killed on the way, when two do the same
at the same time, and when the accounting program has taken the file away in between. What has become of a
file is kept in a folder of its own, ``.dropped/<name>/``, which comes into being in one step together with
the file, ``ready``. A rename, which only one process can do, lets that appear; from then on the folder
without the file tells that it has appeared. ``held`` is a file that has been taken back.
"""

import contextlib
import errno
import os
import re
import shutil
import tempfile
import unicodedata
from pathlib import Path

_READY = "ready"
_HELD = "held"
_RECEIPT = "receipt"


class HeldError(OSError):
    """The file has been taken back, or is being taken back, and must not appear."""


class FileFolder:
    """A folder in which files are left.

    :param path: of the folder, which is made when the one above it is there
    """

    def __init__(self, path: str):
        self.path = Path(path)
        self._drops = self.path / ".dropped"
        for folder in (self.path, self._drops):
            folder.mkdir(exist_ok=True)  # no parents: a disk that is not mounted is not to be filled

    def drop(self, name: str, data: bytes) -> None:
        """Let a file appear; one that has appeared already does not appear again.

        :raises HeldError: it has been taken back
        :raises FileExistsError: there is a file of that name which we have not left
        """
        if not (self._drops / name).is_dir():
            if (self.path / name).exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), name)
            self._begin(name, _READY, data)
        self.has_appeared(name)

    def has_appeared(self, name: str) -> bool:
        """Return whether a file has appeared, whoever may have taken it away since.

        One that was about to appear when its process was killed does so now.

        :raises HeldError: it has been taken back
        """
        place = self._drops / name
        self._move(place / _READY, self.path / name)
        if (place / _HELD).exists():
            raise HeldError(errno.EBUSY, os.strerror(errno.EBUSY), name)
        return place.is_dir()

    def hold(self, name: str, data: bytes | None = None) -> bool:
        """Take a file back, so that it is not in the folder and never will be.

        :param data: the file, when it may not have appeared yet
        :return: False when it has appeared and somebody has taken it away
        """
        place = self._drops / name
        if data is not None and not place.is_dir():
            self._begin(name, _HELD, data)
        place.mkdir(exist_ok=True)
        for path in (place / _READY, self.path / name):
            self._move(path, place / _HELD)
        return (place / _HELD).exists()

    def knows(self, name: str) -> bool:
        """Return whether a file has been left, or taken back, whatever has become of it."""
        return (self._drops / name).is_dir()

    def restore(self, *names: str) -> None:
        """Let files appear that were taken back."""
        for name in names:
            self._move(self._drops / name / _HELD, self.path / name)

    def held(self) -> list[str]:
        """Return the names of the files that have been taken back."""
        return sorted(path.parent.name for path in self._drops.glob(f"*/{_HELD}"))

    def _begin(self, name: str, what: str, data: bytes) -> None:
        """Make the folder of a file, together with the file; nothing when there is one already."""
        staged = Path(tempfile.mkdtemp(dir=self._drops, prefix="."))
        try:
            (staged / _RECEIPT).touch()
            with (staged / what).open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.rename(staged, self._drops / name)
        except OSError as error:
            shutil.rmtree(staged, ignore_errors=True)
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
        _sync(self._drops)

    def _move(self, source: Path, target: Path) -> None:
        """Rename a file if it is there."""
        with contextlib.suppress(FileNotFoundError):
            os.rename(source, target)
            _sync(target.parent)


def plain_name(text: str | None) -> str:
    """Return a text as part of a file's name on any system: at most 40 letters a to z, digits, hyphens."""
    letters = unicodedata.normalize("NFKD", text or "").encode("ascii", "ignore").decode().lower()
    return re.sub("[^a-z0-9]+", "-", letters).strip("-")[:40].rstrip("-")


def _sync(folder: Path) -> None:
    """Have the names in a folder survive a power cut."""
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)
