"""What REST and JSON-RPC share: JSON without surprises, a server in a thread of its own, and a client.

The server has its own event loop, so it runs beside a notebook, whose main thread already has one. The client's
failures are the wires' own.
"""

import contextlib
import http
import json
import math
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, NamedTuple

import httpx
import uvicorn
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from companion.calls.wire.customers import (
    Address,
    CannotEncode,
    ConnectionLost,
    Customer,
    Customers,
    InvalidCustomer,
    Malformed,
    MalformedReply,
    NotConnected,
    RemoteError,
    Timeout,
    WireError,
    customer_of,
)
from companion.calls.wire.tcp import bind

MAX_BODY = 1 << 20  # of a request
JSON_TYPE = "application/json"


class JsonError(Malformed):
    """Bytes that are no JSON."""


def parse_json(body: bytes) -> Any:
    """Parse JSON as RFC 8259 has it: UTF-8, no NaN, no number that overflows to infinity.

    Raises
    ------
    JsonError
        When it is not, or when it is nested deeper than the parser goes.
    """
    try:
        return json.loads(body.decode(), parse_constant=_refuse, parse_float=_finite)
    except RecursionError as error:
        raise JsonError("nested too deeply") from error
    except ValueError as error:
        raise JsonError(str(error)) from error


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise ValueError("a number beyond the range of a float")
    return value


def to_json(value: Any) -> bytes:
    """Write JSON without spaces, letters as UTF-8."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except UnicodeEncodeError:  # half a surrogate pair, which a peer may send escaped, and gets back escaped
        return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()


def is_json(content_type: str) -> bool:
    """Say whether a Content-Type header announces JSON."""
    return content_type.partition(";")[0].strip().lower() == JSON_TYPE


def middleware() -> list[Middleware]:
    """Return what stands before both apps: gzip for those who ask for it, once a body is worth it (500 bytes)."""
    return [Middleware(GZipMiddleware)]


async def json_body(request: Request) -> bytes:
    """Read a request's body, which must call itself JSON, and no more of it than is allowed.

    Raises
    ------
    HTTPException
        415 when it is announced as something else, 413 when it is too long: at once if its header says so.
    """
    if not is_json(request.headers.get("content-type", "")):
        raise HTTPException(415, f"send the body as {JSON_TYPE}", {"accept": JSON_TYPE})
    return await bounded_body(request)


async def bounded_body(request: Request) -> bytes:
    """Read a request's body, and no more of it than is allowed; 413 as `json_body` does."""
    body = bytearray()
    too_long = int(request.headers.get("content-length", "0")) > MAX_BODY
    if not too_long:
        async for piece in request.stream():
            body += piece
            too_long = len(body) > MAX_BODY
            if too_long:
                break
    if too_long:
        # The rest of the body would still have to be read if the connection were to carry another request.
        raise HTTPException(413, f"a body has at most {MAX_BODY} bytes", {"connection": "close"})
    return bytes(body)


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Return an answer that carries JSON."""
    return Response(to_json(value), status, headers, JSON_TYPE)


async def problem(request: Request, error: Exception) -> Response:
    """Turn a refusal into a problem document."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if "Allow" in headers:  # comes out of a set, in another order in every process
        headers["Allow"] = ", ".join(sorted(headers["Allow"].split(", ")))
    title = http.HTTPStatus(error.status_code).phrase
    document = {"type": "about:blank", "title": title, "status": error.status_code, "detail": error.detail}
    return Response(to_json(document), error.status_code, headers, "application/problem+json")


async def server_fault(request: Request, error: Exception) -> Response:
    """Answer for a fault of ours, without saying more about it than that."""
    # uvicorn hangs up after a fault; a client that is not told would send its next request into the closing connection.
    return await problem(request, HTTPException(500, "the server could not carry this out", {"connection": "close"}))


# Coroutines, or Starlette would run them in a thread, to which a refusal of two lines is no reason.
EXCEPTION_HANDLERS: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {
    HTTPException: problem,
    Exception: server_fault,
}


@contextlib.contextmanager
def running(app: ASGIApp, host: str, port: int, *, lifespan: bool = False) -> Iterator[Address]:
    """Serve an app while the context lasts; with its lifespan, if it keeps anything there.

    Raises
    ------
    OSError
        When the host is unknown or the port is taken.
    """
    listener = bind(host, port)
    address = Address(host, listener.getsockname()[1])
    config = uvicorn.Config(
        app,
        loop="asyncio",
        http="h11",  # not whatever parser is installed: a recording must look the same everywhere
        ws="none",
        lifespan="on" if lifespan else "off",
        log_config=None,
        log_level="critical",
        access_log=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=1,
        limit_concurrency=200,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="wire-http", daemon=True)
    thread.start()
    try:
        while not server.started and thread.is_alive():
            time.sleep(0.002)
        yield address
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


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
                return Answer(response.status_code, response.headers, read_body(response, deadline))
        except httpx.HTTPError as error:
            raise named(error) from error

    def close(self) -> None:
        """Close the connection."""
        self._client.close()


def read_body(response: httpx.Response, deadline: float) -> bytes:
    """Read an answer's body within the bounds of time and size.

    Raises
    ------
    MalformedReply
        When it is longer than `MAX_ANSWER`, or says that it will be.
    Timeout
        When it is not complete at the deadline, a time of `time.monotonic`.
    """
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


def named(error: httpx.HTTPError) -> WireError:
    """Return the wires' own name for a failure of httpx."""
    text = str(error)
    match error:
        case httpx.ConnectError() | httpx.ConnectTimeout():
            return NotConnected("nobody listens at the address")
        case httpx.TimeoutException():
            return Timeout("no complete answer in time")
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
