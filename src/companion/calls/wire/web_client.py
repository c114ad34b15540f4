"""What the clients of REST and JSON-RPC share: HTTP whose failures are the wires' own, and customers out of JSON."""

import contextlib
import math
import time
from collections.abc import Mapping
from typing import Any, NamedTuple

import httpx

from companion.calls.wire.customers import (
    Address,
    CannotEncode,
    ConnectionLost,
    Customer,
    Customers,
    InvalidCustomer,
    MalformedReply,
    RemoteError,
    Timeout,
    WireError,
    customer_of,
)
from companion.calls.wire.web import JSON_TYPE, JsonError, parse_json, to_json

MAX_ANSWER = 4 << 20  # bytes: a list of all customers, each name escaped as badly as JSON can


class Answer(NamedTuple):
    """An HTTP answer, read to its end."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpConnection:
    """An HTTP client for one server, whose failures are the wires' own.

    Parameters
    ----------
    address : Address
        Where the server listens.
    timeout : float or None
        Seconds for one call; None waits for ever.
    gzip : bool
        Ask for compressed answers.
    """

    def __init__(self, address: Address, timeout: float | None, gzip: bool) -> None:
        self._timeout = timeout
        self._client = httpx.Client(
            base_url=f"http://{address}",
            timeout=timeout,
            trust_env=False,  # a proxy from the environment has no business on this machine's own addresses
            # By default httpx says which version it is and asks for every coding that happens to be installed.
            headers={"user-agent": "companion", "accept-encoding": "gzip" if gzip else "identity"},
        )

    def send(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """Send a request, JSON when it has a body, and read the answer within the bounds of time and size."""
        headers = {} if body is None else {"content-type": JSON_TYPE}
        deadline = math.inf if self._timeout is None else time.monotonic() + self._timeout
        try:
            with self._client.stream(method, path, content=body, headers=headers) as response:
                return Answer(response.status_code, response.headers, _read(response, deadline))
        except httpx.HTTPError as error:
            raise _named(error) from error

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


def _read(response: httpx.Response, deadline: float) -> bytes:
    announced = response.headers.get("content-length", "0")
    if int(announced) > MAX_ANSWER:  # digits: the HTTP parser has refused anything else
        raise MalformedReply(f"an answer of {announced} bytes announced, at most {MAX_ANSWER} are taken")
    data = bytearray()
    for piece in response.iter_bytes():
        data += piece
        if len(data) > MAX_ANSWER:
            raise MalformedReply(f"an answer of more than {MAX_ANSWER} bytes")
        if time.monotonic() > deadline:
            raise Timeout("no complete answer in time")
    return bytes(data)


def _named(error: httpx.HTTPError) -> WireError:
    """Return the wires' own name for a failure of httpx."""
    text = str(error)
    match error:
        case httpx.TimeoutException():
            return Timeout("no complete answer in time")
        case httpx.ConnectError():
            return ConnectionLost("nobody listens at the address")
        case httpx.RemoteProtocolError() if "disconnected" in text or "closed connection" in text:
            return ConnectionLost("the peer closed the connection before the end of its answer")
        case httpx.RemoteProtocolError():
            return MalformedReply("the answer is not HTTP")
        case httpx.DecodingError():
            return MalformedReply("the answer is not compressed as it says")
        case _:
            return ConnectionLost("the connection broke")


def json_of(answer: Answer) -> Any:
    """Parse the body of an answer.

    Raises
    ------
    MalformedReply
        When it is no JSON.
    """
    try:
        return parse_json(answer.body)
    except JsonError as error:
        raise MalformedReply(f"the answer is no JSON: {error}") from error


def encode(value: Any) -> bytes:
    """Write a request's JSON.

    Raises
    ------
    CannotEncode
        When JSON has no way to write it: it knows no infinity.
    """
    try:
        return to_json(value)
    except ValueError as error:
        raise CannotEncode(f"this wire cannot carry the customer: {error}") from error


def read_customer(value: Any) -> Customer:
    """Make a customer of a server's JSON; fields that a later version added are none of our business."""
    try:
        return customer_of({name: value[name] for name in ("id", "name", "balance")})
    except (KeyError, TypeError, InvalidCustomer) as error:
        raise MalformedReply("the answer is no customer") from error


def read_customers(value: Any) -> Customers:
    """Make customers of a server's JSON."""
    if not isinstance(value, list):
        raise MalformedReply("the answer is no list")
    return [read_customer(item) for item in value]


def refusal(answer: Answer) -> RemoteError:
    """Return the error for a status that is no answer to the question; the problem document has the reason."""
    detail = ""
    with contextlib.suppress(MalformedReply, TypeError, KeyError):
        detail = str(json_of(answer)["detail"])
    return RemoteError(str(answer.status), detail)
