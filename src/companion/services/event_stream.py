"""The lines and the data of a stream of server-sent events, as the standard has them.

    for data in data_of(lines(answer.iter_bytes())):
        message = json.loads(data)

A line ends in a line feed, a carriage return, or both, and in nothing else. Python's `splitlines`, and with it httpx's
`iter_lines`, also end one at U+2028 and at nine other characters. JSON may hold three of them as they are, and would
come out in two halves.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator

_ENDS = re.compile(r"\r\n|\n|\r")


def lines(pieces: Iterable[bytes]) -> Iterator[str]:
    """Read the lines of a stream that arrives in pieces, cut anywhere; one that the end cuts off is none."""
    decoder, rest, after_return = codecs.getincrementaldecoder("utf-8-sig")("replace"), "", False
    for piece in pieces:
        if not (text := decoder.decode(piece)):
            continue
        new = text.removeprefix("\n") if after_return else text
        after_return = text.endswith("\r")
        *whole, rest = _ENDS.split(rest + new)
        yield from whole


def data_of(lines: Iterable[str]) -> Iterator[str]:
    """Give the data of each event that has any; an event that the end cuts off does not count."""
    data: list[str] = []
    for line in lines:
        name, _, value = line.partition(":")
        if name == "data":
            data.append(value.removeprefix(" "))
        elif not line and data:
            yield "\n".join(data)
            data = []
