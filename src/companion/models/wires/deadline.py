"""A deadline for the whole of a call, and one error for whatever goes wrong in it.

The time-out of an HTTP client is for silence: a server that says a word every second is never late. So a call is worked
on in a thread of its own, and its caller waits until the deadline and no longer. Then the connection is cut, which ends
the thread; before an answer has begun, the client's time-out for silence does.
"""

from __future__ import annotations

import contextlib
import contextvars
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from companion.models.errors import ModelError

T = TypeVar("T")
Embed = Callable[[list[str]], list[list[float]]]

LONGEST = 200
"""Characters of what a server said that an error repeats."""

_TIMED_OUT = {"TimeoutException", "APITimeoutError", "TimeoutError"}
_UNREACHABLE = {"ConnectError", "ConnectionRefusedError", "gaierror"}
_BAD_ADDRESS = {"UnsupportedProtocol", "InvalidURL", "LocalProtocolError"}
_BROKEN_OFF = {"TransportError", "ConnectionError", "APIConnectionError"}
_UNREADABLE = {"ValueError", "AttributeError", "KeyError", "IndexError", "TypeError", "RequestError", "StreamError"}
_REPORTED = {"ResponseError", "APIError"}
_LATER = {408, 409, 425, 429}


_connection: contextvars.ContextVar[list[socket.socket]] = contextvars.ContextVar("connection")
"""Where the call that is worked on keeps the connection that its answer comes over."""


def note_connection(response: Any) -> None:
    """Remember which connection an answer comes over: httpx calls this hook when it has the head of a response."""
    if (kept := _connection.get(None)) is not None:
        kept[:] = [response.extensions["network_stream"].get_extra_info("socket")]


HOOKS: dict[str, list[Callable[..., Any]]] = {"response": [note_connection]}
"""For the clients of both wires."""


def pulled(make: Callable[[], Iterable[T]], seconds: float) -> Iterator[T]:
    """Give what an iterable gives, as long as the deadline is not over.

    Raises
    ------
    TimeoutError
        If it is; what the iterable raises is raised as it is.
    """
    items: queue.SimpleQueue[tuple[list[T], Exception | None]] = queue.SimpleQueue()
    until = time.monotonic() + seconds
    given_up, ended = threading.Event(), threading.Event()
    connection: list[socket.socket] = []

    def pull() -> None:
        _connection.set(connection)
        try:
            for item in make():
                items.put(([item], None))
                if given_up.is_set() or time.monotonic() > until:
                    raise TimeoutError
            items.put(([], None))
        except Exception as error:  # noqa: BLE001 - it is raised again, in the thread that waits
            items.put(([], error))
        finally:
            ended.set()

    # with the caller's context, by which traces find their parent
    threading.Thread(target=contextvars.copy_context().run, args=(pull,), name="model", daemon=True).start()
    try:
        while True:
            try:
                item, error = items.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                raise TimeoutError from None
            if error is not None:
                raise error
            if not item:
                return
            yield item[0]
    finally:
        given_up.set()
        if connection and not ended.is_set():
            with contextlib.suppress(OSError):  # it has been closed by the other side
                connection[0].shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def one_error(name: str, seconds: float) -> Iterator[None]:
    """Have whatever goes wrong with a model inside the context raised as a `ModelError`."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:
        if (said := as_model_error(error, name, seconds)) is None:
            raise
        raise said from error


def as_model_error(error: Exception, name: str, seconds: float) -> ModelError | None:
    """Say what is wrong with a model, by what its library raised; None for what is no model's fault.

    Parameters
    ----------
    error : Exception
        As the library raised it. Its kind is told by the names of its classes, since either library may be missing.
    name : str
        The model, for the message.
    seconds : float
        The deadline, for the message.
    """
    kinds = {kind.__name__ for each in _chain(error) for kind in type(each).__mro__}
    status = getattr(error, "status_code", None)
    if isinstance(status, int) and status > 0:
        later = status in _LATER or status >= 500
        return ModelError(f"{name} refused with {status}: {_one_line(error)}", is_retryable=later)
    if kinds & _TIMED_OUT:
        return ModelError(f"{name} did not answer within {seconds:g} s", is_retryable=True)
    if kinds & _BAD_ADDRESS:
        return ModelError(f"{name} has no address that can be used: {_one_line(error)}", is_retryable=False)
    if kinds & _UNREACHABLE:
        return ModelError(
            f"{name} cannot be reached: `companion doctor` says where it is looked for", is_retryable=True
        )
    if kinds & _BROKEN_OFF:
        return ModelError(f"{name} broke its answer off: the connection was lost", is_retryable=True)
    if kinds & _REPORTED:
        return ModelError(f"{name} reported an error: {_one_line(error)}", is_retryable=True)
    if kinds & _UNREADABLE:
        why = f"{type(error).__name__}: {_one_line(error)}"
        return ModelError(f"{name} gave an answer that cannot be read ({why})", is_retryable=True)
    return None


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Give an error and what led to it: a library may say less than it was told."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _one_line(error: Exception) -> str:
    said = getattr(error, "error", None) or getattr(error, "message", None) or error  # without "(status code: -1)"
    text = " ".join("".join(each if each.isprintable() else " " for each in str(said)).split())
    return text if len(text) <= LONGEST else text[:LONGEST] + "…"


def checked_embeddings(name: str, embed: Embed, seconds: float) -> Embed:
    """Have embeddings end at a deadline, and raise a `ModelError` where there is not one vector for each text."""

    def checked(texts: list[str]) -> list[list[float]]:
        with one_error(name, seconds):
            (vectors,) = pulled(lambda: [embed(texts)], seconds)
        if len(vectors) != len(texts) or len({len(vector) for vector in vectors}) > 1:
            raise ModelError(f"{name} gave no vector for each text, all of one length", is_retryable=True)
        return vectors

    return checked
