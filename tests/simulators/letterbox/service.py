"""The letters that are kept, and everything that can be done to them."""

import time
from datetime import datetime, timezone
from pathlib import Path

from plumbing import Service, write_whole

from .letter import Letter, Summary
from .names import is_name, moment_of, name_at
from .post import PostOffice
from .server import Handler


class Letterbox(Service):
    """`with Letterbox(folder) as box:` takes letters on `box.smtp_port` and shows them at `box.url`.

    Each letter is a file of `folder`, named after the moment that it came, its envelope in headers on top.
    Of more than `kept` letters the oldest go. `most` is how many bytes a letter may have. `clock` gives the
    seconds since 1970.
    """

    handler_class = Handler

    def __init__(
        self, folder: Path | str, *, kept: int = 500, most: int = 50_000_000, clock=time.time
    ):  # fmt: skip
        super().__init__()
        self.folder, self.kept, self.most, self.clock = Path(folder), kept, most, clock
        self._post = None
        self.folder.mkdir(parents=True, exist_ok=True)
        names = sorted(path.stem for path in self.folder.glob("*.eml") if is_name(path.stem))
        self._letters = {
            name: Summary.of(self._path(name).read_bytes()) for name in names
        }  # the oldest first

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.eml"

    # -- letters ------------------------------------------------------------------------------------------

    def take(self, sender: str, recipients: list[str], data: bytes) -> str:
        """Keeps a letter; returns its name. OSError when it cannot be written."""
        envelope = [("Return-Path", f"<{sender}>"), *(("Delivered-To", to) for to in recipients)]
        whole = b"".join(_header(*told) for told in envelope) + data
        summary = Summary.of(whole)
        with self.lock:
            name = self._next_name()
            write_whole(self._path(name), whole)
            self._letters[name] = summary
            for old in list(self._letters)[: -self.kept]:
                self._forget(old)
        return name

    def _next_name(self) -> str:
        """After all others, also when letters come at once, or the clock has been set back."""
        moment = datetime.fromtimestamp(self.clock(), timezone.utc)
        if self._letters:
            moment = max(moment, moment_of(list(self._letters)[-1]) + moment.resolution)
        return name_at(moment)

    def _forget(self, name: str) -> None:
        self._path(name).unlink(missing_ok=True)
        self._letters.pop(name, None)

    def listed(self) -> list[tuple[str, Summary]]:
        """(name, summary) of all letters, the newest first."""
        with self.lock:
            return list(reversed(self._letters.items()))

    def source(self, name: str) -> bytes:
        """A letter as it is kept; KeyError when there is none of that name."""
        with self.lock:
            if name not in self._letters:
                raise KeyError(name)
            try:
                return self._path(name).read_bytes()
            except FileNotFoundError:  # somebody has cleared up
                self._forget(name)
                raise KeyError(name) from None

    def letter(self, name: str) -> Letter:
        """What a letter tells; KeyError when there is none of that name."""
        return Letter.of(self.source(name))

    def reset(self) -> None:
        """Empties the box."""
        with self.lock:
            for name in list(self._letters):
                self._forget(name)

    def look(self) -> dict:
        """Everything, as `GET /state` tells it."""
        letters = [
            {
                "name": name,
                "at": moment_of(name).isoformat(timespec="seconds"),
                "from": summary.sender,
                "to": summary.to,
                "subject": summary.subject,
            }
            for name, summary in self.listed()
        ]
        return {"smtp_port": self.smtp_port, "letters": letters}

    # -- serving ------------------------------------------------------------------------------------------

    def start(self, port: int = 0, smtp_port: int = 0) -> "Letterbox":
        """Starts taking letters and serving the page on 127.0.0.1, each in a thread of its own."""
        self._post = PostOffice(self.take, smtp_port, self.most)
        try:
            return super().start(port)
        except BaseException:
            self._post.stop()
            raise

    def stop(self) -> None:
        super().stop()
        if self._post:
            self._post.stop()
            self._post = None

    @property
    def smtp_port(self) -> int:
        return self._post.port


def _header(name: str, value: str) -> bytes:
    """A header of the envelope: one line, whatever the sender put into an address."""
    line = "".join(c if c.isprintable() else " " for c in value)
    return f"{name}: {line}\r\n".encode("utf-8", "replace")
