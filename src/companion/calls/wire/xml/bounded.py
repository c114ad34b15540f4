"""One exchange over HTTP by requests, within bounds of time and size, whose failures are the wires' own."""

import math
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import requests
import urllib3

from companion.calls.wire.customers import ConnectionLost, MalformedReply, NotConnected, Timeout, WireError
from companion.calls.wire.web import MAX_ANSWER


class HttpAnswer(NamedTuple):
    """What zeep looks at in an answer, read to its end."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    encoding: str = "utf-8"


def tame(session: Any) -> Any:
    """Make a session of requests look at nothing in its environment, and ask for no coding that happens to be there."""
    session.trust_env = False  # a proxy from the environment has no business on this machine's own addresses
    session.headers["Accept-Encoding"] = "identity"
    return session


def new_session() -> Any:
    """Return a session of our own."""
    return tame(requests.Session())


def exchange(
    session: Any,
    timeout: float | None,
    method: str,
    url: str,
    data: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpAnswer:
    """Send a request and read the answer.

    Parameters
    ----------
    session : requests.Session
        Where the connection is kept.
    timeout : float or None
        Seconds for the whole answer; None waits for ever.
    method, url, data, headers
        The request.

    Raises
    ------
    WireError
        When no complete answer came.
    """
    deadline = math.inf if timeout is None else time.monotonic() + timeout
    asked = {"data": data, "headers": headers, "timeout": timeout, "stream": True, "allow_redirects": False}
    try:
        with session.request(method, url, **asked) as response:
            return HttpAnswer(response.status_code, response.headers, _read(response.raw, deadline))
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise _named(error) from error


def _read(source: Any, deadline: float) -> bytes:
    data = bytearray()
    while piece := source.read1(65_536):
        data += piece
        if len(data) > MAX_ANSWER:
            raise MalformedReply(f"an answer of more than {MAX_ANSWER} bytes")
        if time.monotonic() > deadline:
            raise Timeout("no complete answer in time")
    return bytes(data)


def _named(error: Exception) -> WireError:
    """Return the wires' own name for a failure of requests."""
    first = error.args[0] if error.args else None
    cause = getattr(first, "reason", first)  # what urllib3 gave up for
    if isinstance(error, requests.ConnectTimeout) or isinstance(cause, urllib3.exceptions.NewConnectionError):
        return NotConnected("nobody listens at the address")
    if isinstance(error, (requests.Timeout, urllib3.exceptions.TimeoutError)):
        return Timeout("no complete answer in time")
    if any(name in repr(error) for name in ("BadStatusLine", "UnknownProtocol", "InvalidHeader", "LineTooLong")):
        return MalformedReply("the answer is not HTTP")
    return ConnectionLost("the connection broke")
