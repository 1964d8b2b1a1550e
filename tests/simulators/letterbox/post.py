"""Where letters are handed in: SMTP on 127.0.0.1."""

import asyncio
import socket
import threading
from collections.abc import Callable

from aiosmtpd.smtp import SMTP
from plumbing import binding


class _Hands:
    """What aiosmtpd calls when a letter has been told."""

    def __init__(self, take: Callable):
        self.take = take

    async def handle_DATA(self, _server, _session, envelope) -> str:
        try:
            self.take(envelope.mail_from or "", envelope.rcpt_tos, envelope.original_content)
        except OSError as error:
            return f"452 the letter could not be kept: {error.strerror}"
        return "250 kept"


class _Visit(SMTP):
    """A connection. Lines may be long: a letter is to be seen, however it was made."""

    line_length_limit = 1_000_000

    def __init__(self, opened: set, *arguments, **named):
        super().__init__(*arguments, **named)
        self._opened = opened

    def connection_made(self, transport) -> None:
        self._opened.add(transport)
        super().connection_made(transport)

    def connection_lost(self, error) -> None:
        self._opened.discard(self.transport)
        super().connection_lost(error)


class PostOffice:
    """Takes letters in a thread of its own until it is stopped.

    :param take: called with the envelope's sender, its recipients and the letter; OSError refuses the letter
    :param port: 0 is any free one
    :param most: bytes of a letter
    :raises OSError: the port is taken
    """

    def __init__(self, take: Callable[[str, list[str], bytes], None], port: int, most: int):
        with binding(port):
            self._socket = socket.create_server(("127.0.0.1", port))
        self.port = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._opened = set()

        def visit() -> SMTP:
            # The host's name is not asked for, which may take its time.
            return _Visit(
                self._opened, _Hands(take), data_size_limit=most, enable_SMTPUTF8=True, hostname="localhost",
                loop=self._loop,
            )  # fmt: skip

        self._server = self._loop.run_until_complete(self._loop.create_server(visit, sock=self._socket))
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True, name="letters")
        self._thread.start()

    def stop(self) -> None:
        """Takes no more; who is in the midst of a letter is cut off."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._server.close()
        for transport in list(self._opened):
            transport.abort()
        self._loop.run_until_complete(self._end())
        self._loop.close()

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
