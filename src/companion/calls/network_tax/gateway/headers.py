"""What of a request's headers goes on as metadata, and what of the metadata comes back as headers.

Both ways have a list of what passes, not of what does not: the next header that somebody invents stays outside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from companion.errors import CompanionError

Pairs = list[tuple[str, str]]

UP = ("authorization", "traceparent", "idempotency-key", "accept-language", "x-request-id", "if-none-match")
"""Request headers that become metadata."""
DOWN = ("etag", "retry-after", "x-cost")
"""Metadata, initial or trailing, that becomes response headers."""
LISTS = ("accept-language", "if-none-match")
"""Headers that may come more than once: lists, whose parts belong together."""
MOST_BYTES = 8_192
"""Of all metadata of a call together; what gRPC servers take by default."""
LONGEST = 60.0
"""Seconds that a caller may ask for."""
USUAL = 30.0
"""Seconds for a caller who does not say."""

_PLAIN = re.compile(r"[\x20-\x7e]*")
_TIMEOUT = re.compile(r"([0-9]{1,8})([HMSmun])")
_UNITS = {"H": 3600.0, "M": 60.0, "S": 1.0, "m": 1e-3, "u": 1e-6, "n": 1e-9}


class BadHeader(CompanionError):
    """A header that does not go on; the message says which and why, and does not repeat its value."""


def to_metadata(headers: Iterable[tuple[str, str]]) -> Pairs:
    """Give the metadata for a call.

    Hop-by-hop headers stay, those included that ``Connection`` names, and so do gRPC's own names (``grpc-``, ``-bin``).

    Raises
    ------
    BadHeader
        For a value that metadata cannot carry, a header that came twice and is no list, or more than `MOST_BYTES`.
    """
    given = [(name.lower(), value) for name, value in headers]
    nominated = {part.strip().lower() for name, value in given if name == "connection" for part in value.split(",")}
    found: dict[str, str] = {}
    for name, value in given:
        if name not in UP or name in nominated:
            continue
        if not _PLAIN.fullmatch(value):
            raise BadHeader(f"{name}: only printable ASCII can go on as metadata")
        if name in found and name not in LISTS:
            raise BadHeader(f"{name}: it came twice, and we do not choose")
        found[name] = f"{found[name]}, {value}" if name in found else value
    if sum(len(name) + len(value) + 32 for name, value in found.items()) > MOST_BYTES:
        raise BadHeader(f"the headers that go on have more than {MOST_BYTES} bytes")
    return list(found.items())


def to_headers(*metadata: Iterable[tuple[str, str | bytes]] | None) -> dict[str, str]:
    """Give the response headers for initial and trailing metadata; where both have a name, the trailing one counts."""
    return {
        name: value
        for pairs in metadata
        for name, value in pairs or ()
        if name in DOWN and isinstance(value, str) and _PLAIN.fullmatch(value)
    }


def seconds(headers: Iterable[tuple[str, str]]) -> float:
    """Give the time that the caller has: ``Grpc-Timeout: 500m`` as gRPC writes it, `USUAL` if there is none.

    Raises
    ------
    BadHeader
        When it is not written as gRPC does. What is longer than `LONGEST` is cut to it.
    """
    given = [value for name, value in headers if name.lower() == "grpc-timeout"]
    if not given:
        return USUAL
    found = _TIMEOUT.fullmatch(given[0])
    if found is None or len(given) > 1:
        raise BadHeader("grpc-timeout: once, one to eight digits and one of H M S m u n")
    return min(int(found[1]) * _UNITS[found[2]], LONGEST)
