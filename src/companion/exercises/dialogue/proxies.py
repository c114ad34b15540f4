"""What an answer defines, as the check sees it: proxies of functions and objects that live in the answer's process.

A proxy never stands for a value: to compare it, or to ask whether it is true, is an error, since the answer would be
its own judge. Where the exercise asks for no class, an object can only be iterated, counted, entered and left: a method
of it might be told what the check expects.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from companion.exercises.dialogue.session import Session

_OPERATORS = ("len", "getitem", "setitem", "delitem", "contains", "iter", "enter", "exit", "add", "sub", "mul",
              "truediv", "or", "and", "xor", "matmul")  # fmt: skip

_HARMLESS = {"__iter__", "__len__", "__enter__", "__exit__"}


class AnswerError(Exception):
    """The answer raised an exception, or gave what nobody can use."""

    described: dict[str, Any] = {}  # noqa: RUF012 - each instance that has one sets its own


class Proxy:
    """An object that lives with the answer."""

    __hash__ = None  # type: ignore[assignment] # a set would take it for something that it can compare

    def __init__(self, session: Session, data: dict[str, Any]) -> None:
        names = {key: frozenset(filter(_is_text, data.get(key) or ())) for key in ("methods", "later")}
        for name, value in (("_session", session), ("_id", data["id"]), ("_class", str(data.get("class"))[:100]),
                            ("_methods", names["methods"]), ("_later", names["later"]),
                            ("_async", data.get("async") is True)):  # fmt: skip
            object.__setattr__(self, name, value)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(f"{self!r} shows no {name} here")
        if not self._session.objects:
            self._refuse()
        if name in self._methods:
            return _method(self, name)
        return self._session.get(self._id, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if not self._session.objects:
            self._refuse()
        self._session.set(self._id, name, value)

    def __repr__(self) -> str:
        return f"<an object of the answer's class {self._class}>"

    def __instancecheck__(self, value: Any) -> bool:
        return isinstance(value, Proxy) and value._class == self._class

    def __next__(self) -> Any:
        try:
            return self._session.method(self._id, "__next__", (), {})
        except AnswerError as error:
            if error.described.get("type") == "StopIteration":
                raise StopIteration from None
            raise

    def _refuse(self, *_: Any) -> NoReturn:
        raise AnswerError(f"gave an object of class {self._class} where the check needs a plain value")

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __bool__ = __float__ = __int__ = __index__ = _refuse
    __format__ = _refuse


class Function(Proxy):
    """A function, or another thing to be called, that lives with the answer."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self._async:
            return _Soon(self._session.call, self._id, args, kwargs)
        return self._session.call(self._id, args, kwargs)

    def __repr__(self) -> str:
        return f"<a function or class of the answer's: {self._class}>"


def _forward(name: str) -> Callable[..., Any]:
    def operator(self: Proxy, *args: Any) -> Any:
        if not self._session.objects and name not in _HARMLESS:
            self._refuse()
        if name not in self._methods:
            raise TypeError(f"an object of the answer's class {self._class} has no {name}")
        return self._session.method(self._id, name, tuple(map(_portable, args)), {})

    return operator


for _name in _OPERATORS:
    setattr(Proxy, f"__{_name}__", _forward(f"__{_name}__"))


def _portable(value: Any) -> Any:
    """What leaving a `with` block tells (class, exception, traceback) stays here but for the text."""
    return value if not isinstance(value, BaseException | type) and not inspect.istraceback(value) else str(value)


def _method(proxy: Proxy, name: str) -> Callable[..., Any]:
    def call(*args: Any, **kwargs: Any) -> Any:
        if name in proxy._later:
            return _Soon(proxy._session.method, proxy._id, name, args, kwargs)
        return proxy._session.method(proxy._id, name, args, kwargs)

    call.__name__ = name
    return call


class _Soon(Coroutine[Any, Any, Any]):
    """What a coroutine function gives: to be awaited, and for nothing else; a bare coroutine counts as true."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, function: Callable[..., Any], *args: Any) -> None:
        async def wait() -> Any:
            return function(*args)

        self._inner = wait()

    def send(self, value: Any) -> Any:
        return self._inner.send(value)

    def throw(self, *error: Any) -> Any:
        return self._inner.throw(*error)

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Any:
        return self._inner.__await__()

    def __repr__(self) -> str:
        return "a coroutine (the function is `async`, and nobody awaits it here)"

    def _refuse(self, *_: Any) -> NoReturn:
        raise AnswerError("gave a coroutine, which the check does not await: write `def`, not `async def`")

    __eq__ = __ne__ = __bool__ = _refuse


def _is_text(value: Any) -> bool:
    return isinstance(value, str)
