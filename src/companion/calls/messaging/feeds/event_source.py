"""What an EventSource does with the bytes of a stream: the parser of the HTML standard, with bounds.

Bytes may come in any pieces. A line ends in CR, LF or CRLF; an empty line hands the event out; a line that begins with
a colon is a comment; an event that the end of the stream cuts off is none, and its id does not count.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from companion.calls.messaging.feeds.quotes import FeedError

MOST_CHARACTERS = 65_536
"""Of one event, its fields and comments together."""
MOST_RETRY_MS = 3_600_000
_END = re.compile(r"\r\n|\n|\r")
_DIGITS = re.compile(r"[0-9]{1,20}")


@dataclass(frozen=True)
class Event:
    """An event as a page's script sees it."""

    data: str
    type: str = "message"
    last_id: str = ""


class EventParser:
    """Reads a stream piece by piece.

    Attributes
    ----------
    last_id : str
        What to send as ``Last-Event-ID``; it outlives the connection.
    retry_ms : int or None
        How long the server asks us to wait before we connect again.
    """

    def __init__(self, last_id: str = "", most: int = MOST_CHARACTERS) -> None:
        self.last_id, self.most = last_id, most
        self.retry_ms: int | None = None
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")("replace")
        self._rest, self._after_return, self._held = "", False, 0
        self._data: list[str] = []
        self._type, self._id = "", last_id

    def feed(self, piece: bytes) -> list[Event]:
        """Read on, and give the events that are whole now.

        Raises
        ------
        FeedError
            If an event is longer than allowed; the stream is of no use then.
        """
        text = self._decoder.decode(piece)
        if not text:
            return []
        new = text.removeprefix("\n") if self._after_return else text
        self._after_return = text.endswith("\r")
        *lines, self._rest = _END.split(self._rest + new)
        events = []
        for line in lines:
            if line:
                self._hold(len(line))
                self._field(line)
            elif (event := self._dispatch()) is not None:
                events.append(event)
        if self._held + len(self._rest) > self.most:
            raise FeedError(f"an event of more than {self.most} characters")
        return events

    def _hold(self, length: int) -> None:
        self._held += length
        if self._held > self.most:
            raise FeedError(f"an event of more than {self.most} characters")

    def _field(self, line: str) -> None:
        name, _, value = line.partition(":")  # a comment has no name
        value = value.removeprefix(" ")
        if name == "data":
            self._data.append(value)
        elif name == "event":
            self._type = value
        elif name == "id" and "\0" not in value:
            self._id = value
        elif name == "retry" and _DIGITS.fullmatch(value):
            self.retry_ms = min(int(value), MOST_RETRY_MS)

    def _dispatch(self) -> Event | None:
        data, kind = self._data, self._type
        self._data, self._type, self._held = [], "", 0
        self.last_id = self._id
        return Event("\n".join(data), kind or "message", self.last_id) if data else None
