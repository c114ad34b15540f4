"""As much of HTTP/1.1 (RFC 9112) as chapter 3 needs: whole messages out of bytes that arrive in pieces, within bounds.

A message is a head of lines, an empty line, and a body of as many bytes as Content-Length says. There is no chunked
coding: a server here answers 501 to it, and the load generator counts it as an answer that it cannot read.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, urlsplit

from companion.errors import CompanionError

MOST_HEAD = 8192
"""Bytes of a head, its empty line included."""
MOST_BODY = 65_536
"""Bytes of a body."""

_TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_REQUEST = re.compile(rb"(" + _TOKEN + rb") ([\x21-\x7e]+) HTTP/1\.([01])")
_STATUS = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9][0-9])(?: [\x09\x20-\x7e\x80-\xff]*)?")
_FIELD = re.compile(rb"(" + _TOKEN + rb"):[ \t]*([\x09\x20-\x7e\x80-\xff]*)")

REASONS = {200: "OK", 400: "Bad Request", 405: "Method Not Allowed", 413: "Content Too Large",
           431: "Request Header Fields Too Large", 501: "Not Implemented", 502: "Bad Gateway"}  # fmt: skip
"""The statuses that a server here can give."""


class BadMessage(CompanionError, ValueError):
    """Bytes that are no message, or too long a one; `status` is what a server answers."""

    def __init__(self, why: str, status: int = 400) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True)
class Request:
    """What a client asks for.

    Attributes
    ----------
    method, target : str
        Such as GET and ``/?ms=20``.
    keep_alive : bool
        Whether the connection is to stay open after the answer.
    body : bytes
        At most `MOST_BODY`.
    """

    method: str
    target: str
    keep_alive: bool
    body: bytes = b""

    @property
    def query(self) -> dict[str, str]:
        """Give the last value of each name behind the question mark."""
        try:
            return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}
        except ValueError as error:
            raise BadMessage(f"the target cannot be read: {error}") from None


@dataclass(frozen=True)
class Response:
    """What a server answered."""

    status: int
    keep_alive: bool
    body: bytes = b""


def read_request(data: bytes) -> tuple[Request, int] | None:
    """Take a request from the beginning of what has arrived.

    Returns
    -------
    tuple of Request and int, or None
        The request and the bytes that it took; None while it is not whole.

    Raises
    ------
    BadMessage
        As soon as it is certain that no request can come of it, or only one that is too long.
    """
    split = _split(data)
    if split is None:
        return None
    first, fields, head = split
    if (line := _REQUEST.fullmatch(first)) is None:
        raise BadMessage("the first line is no request")
    length = _length(fields)
    if len(data) < head + length:
        return None
    method, target = line[1].decode("ascii"), line[2].decode("ascii")
    return Request(method, target, _keeps(fields, line[3]), data[head : head + length]), head + length


def read_response(data: bytes) -> tuple[Response, int] | None:
    """Take a response from the beginning of what has arrived, in the same way."""
    split = _split(data)
    if split is None:
        return None
    first, fields, head = split
    if (line := _STATUS.fullmatch(first)) is None:
        raise BadMessage("the first line is no status")
    if int(line[2]) not in (204, 304) and b"content-length" not in fields:
        raise BadMessage("the answer has no Content-Length", 501)
    length = _length(fields)
    if len(data) < head + length:
        return None
    return Response(int(line[2]), _keeps(fields, line[1]), data[head : head + length]), head + length


def _split(data: bytes) -> tuple[bytes, dict[bytes, bytes], int] | None:
    """Take a head apart: its first line, its fields by lower-case names, and its length."""
    end = data.find(b"\r\n\r\n", 0, MOST_HEAD)
    if end < 0:
        if len(data) >= MOST_HEAD:
            raise BadMessage(f"the head has more than {MOST_HEAD} bytes", 431)
        return None
    first, *lines = data[:end].split(b"\r\n")
    fields: dict[bytes, bytes] = {}
    for line in lines:
        if (field := _FIELD.fullmatch(line)) is None:
            raise BadMessage("a line of the head is no field")
        name, value = field[1].lower(), field[2].rstrip(b" \t")
        if name == b"content-length" and fields.get(name, value) != value:
            raise BadMessage("two different lengths")  # of which a proxy might believe the other
        fields[name] = value
    return first, fields, end + 4


def _length(fields: dict[bytes, bytes]) -> int:
    if b"transfer-encoding" in fields:
        raise BadMessage("a transfer coding", 501)
    text = fields.get(b"content-length", b"0")
    if not re.fullmatch(rb"[0-9]{1,19}", text):
        raise BadMessage("Content-Length is no number")
    if int(text) > MOST_BODY:
        raise BadMessage(f"the body has more than {MOST_BODY} bytes", 413)
    return int(text)


def _keeps(fields: dict[bytes, bytes], minor: bytes) -> bool:
    words = {word.strip().lower() for word in fields.get(b"connection", b"").split(b",")}
    return b"close" not in words if minor == b"1" else b"keep-alive" in words


def write_request(host: str, target: str, *, close: bool = False) -> bytes:
    """Write a GET."""
    return f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: {'close' if close else 'keep-alive'}\r\n\r\n".encode()


def write_response(status: int, body: bytes, *, keep_alive: bool) -> bytes:
    """Write an answer."""
    connection = "keep-alive" if keep_alive else "close"
    head = f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + f"Connection: {connection}\r\n\r\n".encode() + body
