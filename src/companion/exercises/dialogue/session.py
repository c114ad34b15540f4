"""The check's end of the conversation: it asks, and the answer replies with plain data or references.

This side is trusted, the other is not. Nothing that the other sends is executed, and what it sends is bounded.
"""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from typing import Any, NoReturn

from companion.exercises.dialogue import serialise
from companion.exercises.dialogue.protocol import DialogueError, Hung, Line
from companion.exercises.dialogue.proxies import AnswerError, Function, Proxy
from companion.exercises.dialogue.serialise import Shared

MAX_REQUESTS = 500_000
MAX_NESTED = 50


class TalkError(BaseException):
    """The answer broke off the conversation, or talked nonsense; no check can go on after it, or catch it."""


class Session:
    """One conversation with an answer, seen from the check; `objects` says whether it may use the answer's objects."""

    def __init__(self, line: Line, *, objects: bool = False) -> None:
        self._line = line
        self.objects = objects
        self._turn = threading.RLock()
        self._functions: list[Callable[..., Any]] = []
        self._given: list[tuple[Any, Callable[..., Any]]] = []
        self.raised: list[BaseException] = []  # by the check's own functions, while the answer called them
        self._requests = 0
        self._nested = 0

    def run(self, cells: list[tuple[str, str]], defines: list[str]) -> dict[str, Any]:
        """Let the answer's cells be executed; give the names that they define."""
        values = self._ask({"do": "run", "cells": cells, "defines": defines})
        if not isinstance(values, dict):
            raise TalkError("the answer's process did not say what it defines")
        return {name: value for name, value in values.items() if name in defines}

    def call(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a function of the answer's."""
        return self._ask_with({"do": "call", "id": number}, args, kwargs)

    def method(self, number: int, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call a method of an object of the answer's."""
        return self._ask_with({"do": "method", "id": number, "name": name}, args, kwargs)

    def get(self, number: int, name: str) -> Any:
        """Read an attribute of an object of the answer's."""
        return self._ask({"do": "get", "id": number, "name": name})

    def set(self, number: int, name: str, value: Any) -> None:
        """Set an attribute of an object of the answer's."""
        self._ask({"do": "set", "id": number, "name": name, "value": self._encode(value)})

    def _ask_with(self, request: dict[str, Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Ask something with arguments; afterwards they hold what the answer has made of them."""
        shared = Shared()
        try:
            encoded = serialise.encode_arguments(list(args), kwargs, self._describe, shared)
        except DialogueError as error:
            raise TypeError(f"cannot be handed to an answer: {error}") from error
        return self._ask({**request, **encoded}, shared)

    def _ask(self, request: dict[str, Any], shared: Shared | None = None) -> Any:
        with self._turn:
            self._requests += 1
            if self._requests > MAX_REQUESTS:
                raise TalkError(f"more than {MAX_REQUESTS:,} requests went to and fro")
            try:
                self._line.send(request)
                while True:
                    message = self._line.receive()
                    if message.get("do") != "callback":
                        break
                    self._line.send(self._serve(message))
            except (DialogueError, Hung) as error:
                raise TalkError(str(error)) from error
            if shared is not None:
                self._take_over(message.get("changed"), shared)
            if "error" in message:
                self._raise(message["error"])
            return self._decode(message.get("value"), shared)

    def _take_over(self, changed: Any, shared: Shared) -> None:
        """Let the containers among the arguments hold what the answer's copies hold now."""
        try:
            contents = [(serialise.index(n, shared.things), self._decode(data, shared)) for n, data in changed or ()]
            for number, content in contents:
                serialise.replace_content(shared.things[number], content)
        except (DialogueError, TypeError, ValueError) as error:
            raise TalkError(f"arguments changed into nothing that can be read: {error}") from error

    def _serve(self, message: dict[str, Any]) -> dict[str, Any]:
        """Call one of the check's own functions for the answer."""
        self._requests += 1
        self._nested += 1
        try:
            if self._nested > MAX_NESTED or self._requests > MAX_REQUESTS:
                raise RecursionError("answer and check call each other too often")
            function = self._functions[serialise.index(message.get("id"), self._functions)]
            args, kwargs = self._decode(message.get("args")), self._decode(message.get("kwargs"))
            if not isinstance(args, list) or not isinstance(kwargs, dict):
                raise DialogueError("a call without arguments")
            result = function(*args, **kwargs)
            if inspect.iscoroutine(result):
                result = _in_own_loop(result)
            return {"value": self._encode(result)}
        except Exception as error:  # noqa: BLE001 - the answer may catch it, as it could in its notebook
            self.raised.append(error)
            return {"error": {**serialise.describe_error(error), "origin": len(self.raised) - 1}}
        finally:
            self._nested -= 1

    def _raise(self, described: Any) -> NoReturn:
        if not isinstance(described, dict):
            raise TalkError("an error that is none")
        origin = described.get("origin")
        if isinstance(origin, int) and 0 <= origin < len(self.raised):
            raise self.raised[origin]
        name, text = str(described.get("type"))[:100], str(described.get("text"))[:2000]
        error = serialise.error_class(described, AnswerError)(f"{name}: {text}" if text else name)
        error.described = described  # type: ignore[attr-defined]
        raise error

    def _encode(self, value: Any) -> Any:
        try:
            return serialise.encode(value, self._describe)
        except DialogueError as error:
            raise TypeError(f"cannot be handed to an answer: {error}") from error

    def _describe(self, value: Any) -> dict[str, Any]:
        if isinstance(value, Proxy):
            return {"t": "ref", "id": object.__getattribute__(value, "_id")}
        packed = serialise.pack(value, self._encode)
        if packed is not None:
            return packed
        if not callable(value):
            return self._give(value)
        if value not in self._functions:
            self._functions.append(value)
        return {"t": "callback", "id": self._functions.index(value), "later": inspect.iscoroutinefunction(value),
                "name": str(getattr(value, "__name__", "function"))}  # fmt: skip

    def _give(self, value: Any) -> dict[str, Any]:
        """Let the answer use an object of a class that the check itself defines: its public names, and no others."""
        kind = type(value)
        if kind.__module__ != "__main__":
            raise DialogueError(f"a {kind.__name__}; give plain data, a function, or an object of a class in the check")

        def get(name: str) -> Any:
            if type(name) is not str or name.startswith("_"):
                raise AttributeError(f"{kind.__name__} shows no {name}")
            return getattr(value, name)

        number = next((n for n, (one, _) in enumerate(self._given) if one is value), len(self._given))
        if number == len(self._given):
            self._given.append((value, get))
        public = [name for name in dir(kind) if not name.startswith("_") and callable(getattr(kind, name))]
        methods = [[name, self._describe(getattr(value, name))] for name in public]
        return {"t": "given", "id": number, "class": kind.__name__, "methods": methods,
                "get": self._describe(self._given[number][1])}  # fmt: skip

    def _decode(self, data: Any, shared: Shared | None = None) -> Any:
        try:
            return serialise.decode(data, self._make, shared)
        except DialogueError as error:
            raise TalkError(str(error)) from error

    def _make(self, data: dict[str, Any]) -> Any:
        kind = data.get("t")
        if kind == "callback":
            return self._functions[serialise.index(data.get("id"), self._functions)]
        if kind == "given":
            return self._given[serialise.index(data.get("id"), self._given)][0]
        if kind == "object" and isinstance(data.get("id"), int):
            return (Function if data.get("call") is True else Proxy)(self, data)
        if kind in ("random", "record"):
            return serialise.unpack(data, self._decode)
        raise DialogueError(f"a value of an unknown kind {kind!r}")


def _in_own_loop(coroutine: Any) -> Any:
    """Run a coroutine to its end although a loop may be running in this thread."""
    import asyncio  # a third of the start of a process, and few checks need it

    results: list[Any] = []

    def run() -> None:
        try:
            results.append((asyncio.run(coroutine), None))
        except BaseException as error:  # noqa: BLE001 - raised again below
            results.append((None, error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    value, error = results[0]
    if error is not None:
        raise error
    return value
