"""What an HTTP message of these wires is, taken apart for a page."""

from collections.abc import Iterator

from companion.calls.wire.recording.record import Exchange


def body(message: bytes) -> bytes:
    """Return what stands behind the headers of an HTTP message."""
    return message.partition(b"\r\n\r\n")[2]


def status(exchange: Exchange) -> int:
    """Return the status of an HTTP answer."""
    return int(exchange.answer.split(b" ", 2)[1])


def lines_of(document: bytes) -> Iterator[str]:
    """Cut a document of one long line between its elements, for a page that is narrow."""
    yield from document.decode().replace("><", ">\n<").splitlines()
