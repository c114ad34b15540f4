"""Four readers of one feed: each asks, takes what comes, and can be cut off.

`ask` makes sure that the server has us: it sends the request, or connects. `take` waits for the next answer and gives
the numbers that were in it. After `Cut` the connection is gone, and the next `ask` makes another.
"""

from __future__ import annotations

import http.client
import json
from abc import ABC, abstractmethod
from contextlib import ExitStack
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

from companion.calls.messaging.feeds.event_source import EventParser
from companion.calls.messaging.feeds.quotes import FeedError

PATIENCE = 30.0
"""Seconds; the right path never waits for it."""
MOST_BYTES = 1 << 20


class Cut(FeedError):
    """The connection is gone."""


class Reader(ABC):
    """Reads a feed.

    Attributes
    ----------
    seen : list of int
        The numbers that came, in this order.
    polls, resumes : bool
        Whether each answer wants a new request; whether a request says what was seen last.
    """

    polls = False
    resumes = False

    def __init__(self, address: tuple[str, int]) -> None:
        self.address = address
        self.seen: list[int] = []
        self.connections = 0

    @property
    def last(self) -> int:
        """The number that was seen last, or 0."""
        return self.seen[-1] if self.seen else 0

    def take(self) -> list[int]:
        """Wait for the next answer; `Cut` if there is none."""
        try:
            found = [_number(text) for text in self._take()]
        except TimeoutError:
            self.close()
            raise FeedError("no answer in time") from None
        except (OSError, EOFError, http.client.HTTPException, WebSocketException) as error:
            self.close()
            raise Cut(f"cut off: {type(error).__name__}") from None
        self.seen += found
        return found

    @abstractmethod
    def ask(self) -> None:
        """Be in place, or on the way there."""

    @abstractmethod
    def _take(self) -> list[Any]: ...

    @abstractmethod
    def close(self) -> None:
        """Hang up."""


def _number(text: object) -> int:
    try:
        fields: Any = json.loads(text) if isinstance(text, str) else text
        return int(fields["id"])
    except (ValueError, TypeError, KeyError, RecursionError):
        raise FeedError(f"no quote: {str(text)[:40]!r}") from None


class _HTTP(Reader):
    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address)
        self._http: http.client.HTTPConnection | None = None

    def _send(self, path: str, headers: dict[str, str]) -> http.client.HTTPConnection:
        """Send a request with as few headers as HTTP allows, which do not tell the port."""
        if self._http is None:
            self._http = http.client.HTTPConnection(*self.address, timeout=PATIENCE)
            self.connections += 1
        self._http.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": "feed", **headers}.items():
            self._http.putheader(name, value)
        self._http.endheaders()
        return self._http

    def close(self) -> None:
        """Hang up."""
        if self._http is not None:
            self._http.close()
            self._http = None


class LongPoll(_HTTP):
    """The article's: one answer for one request, and nothing said of what was seen."""

    polls = True

    def ask(self) -> None:
        """Send the next request."""
        self._send(f"/poll?after={self.last}" if self.resumes else "/poll", {})

    def _take(self) -> list[Any]:
        if self._http is None:
            raise EOFError
        answer = self._http.getresponse()
        if answer.length is None:  # the head was cut off, which http.client takes for its end
            raise EOFError
        if answer.length > MOST_BYTES:
            raise FeedError(f"an answer of {answer.length} bytes")
        body = answer.read()
        if answer.status != 200:
            raise FeedError(f"{answer.status}: {body[:80].decode(errors='replace')}")
        found = json.loads(body)
        if not isinstance(found, list):
            raise FeedError("a list is wanted")
        return found


class LastEventPoll(LongPoll):
    """A long poll that says which event it has seen last."""

    resumes = True


class EventStream(_HTTP):
    """Server-sent events: one answer without an end; the parser knows which id came last."""

    resumes = True

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address)
        self.parser = EventParser()
        self._answer: http.client.HTTPResponse | None = None
        self._waiting: list[str] = []

    def ask(self) -> None:
        """Connect, if we are not connected."""
        if self._http is None:
            self.parser = EventParser(self.parser.last_id)
            headers = {"Last-Event-ID": self.parser.last_id} if self.parser.last_id else {}
            self._answer = self._send("/sse", {"Accept": "text/event-stream", **headers}).getresponse()
            if self._answer.status != 200:
                raise FeedError(f"{self._answer.status}: {self._answer.read(80).decode(errors='replace')}")

    def _take(self) -> list[Any]:
        while not self._waiting:
            piece = self._answer.read1(65_536) if self._answer is not None else b""
            if not piece:
                raise EOFError
            self._waiting = [event.data for event in self.parser.feed(piece)]
        return [self._waiting.pop(0)]


class WebSocketReader(Reader):
    """A WebSocket: the server sends, and neither side knows what was seen."""

    def __init__(self, address: tuple[str, int]) -> None:
        super().__init__(address)
        self._socket: ClientConnection | None = None
        self._open = ExitStack()

    def ask(self) -> None:
        """Connect, if we are not connected."""
        if self._socket is None:
            host, port = self.address
            connecting = connect(
                f"ws://{host}:{port}/ws", compression=None, ping_interval=None, proxy=None, max_size=65_536,
                open_timeout=PATIENCE, close_timeout=1,
            )  # fmt: skip
            self._socket = self._open.enter_context(connecting)
            self.connections += 1

    def _take(self) -> list[Any]:
        if self._socket is None:
            raise EOFError
        return [str(self._socket.recv(timeout=PATIENCE))]

    def close(self) -> None:
        """Hang up."""
        self._socket = None
        self._open.close()


WAYS: dict[str, type[Reader]] = {
    "long poll": LongPoll,
    "lastEventId": LastEventPoll,
    "SSE": EventStream,
    "WebSocket": WebSocketReader,
}
"""The readers by name."""
