"""The answer's end of the conversation: run the cells, then do what the check asks.

Everything here runs beside a student's code, which may change it as it likes: it can only give other answers.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import linecache
import sys
import threading
import traceback
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from companion.exercises.dialogue import serialise
from companion.exercises.dialogue.protocol import DialogueError, Hung, Line
from companion.exercises.dialogue.serialise import Shared

CELL = "<your "
"""How the names of a student's cells begin in a traceback."""
ADDED = "<your cell "
"""How the names of those begin that the student has added."""
MAX_METHODS = 200


class Answering:
    """Serves the check until it hangs up."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._objects: list[Any] = []
        self._known: dict[int, int] = {}
        self._callbacks: dict[int, Callable[..., Any]] = {}
        self._given: dict[int, _Given] = {}
        self._turn = threading.RLock()
        self._asked = 0
        self._names: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__, "input": _no_input}

    def serve(self) -> None:
        """Answer requests until the other side hangs up."""
        with suppress(Hung, DialogueError):
            while True:
                self._serve_one(self._line.receive())

    def _serve_one(self, request: dict[str, Any]) -> None:
        reply = self._reply(request)
        try:
            self._line.send(reply)
        except DialogueError as error:
            self._line.send({"error": serialise.describe_error(error)})

    def _reply(self, request: dict[str, Any]) -> dict[str, Any]:
        self._asked += 1
        shared = Shared()
        try:
            answer = {"value": self._encode(self._do(request, shared), shared)}
        except Hung:
            raise
        except BaseException as error:  # noqa: BLE001 - whatever a student's code raises is an answer
            answer = {"error": self._describe(error)}
        try:
            answer["changed"] = [
                [number, self._encode(shared.things[number], shared, whole=True)] for number in shared.changed()
            ]
        except BaseException as error:  # noqa: BLE001 - see above
            answer = {"error": self._describe(error)}
        with suppress(Exception):
            sys.stdout.flush()
        with self._turn:
            self._asked -= 1
        return answer

    def _do(self, request: dict[str, Any], shared: Shared) -> Any:
        if request["do"] == "run":
            return self._run(request["cells"], request["defines"])
        target = self._objects[request["id"]]
        if request["do"] == "get":
            return getattr(target, request["name"])
        if request["do"] == "set":
            return setattr(target, request["name"], self._decode(request["value"]))
        function = target if request["do"] == "call" else getattr(target, request["name"])
        positional, named = serialise.decode_arguments(request, self._make_object, shared)
        result = function(*positional, **named)
        return _to_its_end(result) if inspect.iscoroutine(result) else result

    def _run(self, cells: list[list[str]], defines: list[str]) -> dict[str, Any]:
        for name, source in cells:
            linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
            try:
                self._execute(name, source)
            except Exception as error:
                if not name.startswith(ADDED):
                    raise
                # A cell of the student's own may be an experiment that failed; the answer need not fail with it.
                print(f"{name.strip('<>')} raised {type(error).__name__}: {error}")
        return {name: self._names[name] for name in defines if name in self._names}

    def _execute(self, name: str, source: str) -> None:
        code = compile(source, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
        if code.co_flags & inspect.CO_COROUTINE:
            _to_its_end(eval(code, self._names))  # noqa: S307 - this is the place to run it
        else:
            exec(code, self._names)

    # Values

    def _encode(self, value: Any, shared: Shared | None = None, *, whole: bool = False) -> Any:
        return serialise.encode(value, self._describe_object, shared, whole=whole)

    def _describe_object(self, value: Any) -> dict[str, Any]:
        if isinstance(value, _Callback):
            return {"t": "callback", "id": value.id}
        if isinstance(value, _Given):
            return {"t": "given", "id": value._id}
        if type(value).__module__ == "numpy" and hasattr(value, "tolist"):
            plain = value.tolist()
            if type(plain) is not type(value):
                return self._encode(plain)  # type: ignore[no-any-return]
        packed = serialise.pack(value, self._encode)
        if packed is not None:
            return packed
        number = self._known.setdefault(id(value), len(self._objects))
        if number == len(self._objects):
            self._objects.append(value)
        kind = value if isinstance(value, type) else type(value)
        names = [] if isinstance(value, type) else dir(kind)
        methods = [name for name in names if callable(getattr(kind, name, None)) and _is_open(name)]
        later = [name for name in methods if inspect.iscoroutinefunction(getattr(kind, name, None))]
        return {"t": "object", "id": number, "class": kind.__name__, "call": callable(value),
                "methods": methods[:MAX_METHODS], "later": later[:MAX_METHODS],
                "async": inspect.iscoroutinefunction(value)}  # fmt: skip

    def _decode(self, data: Any) -> Any:
        return serialise.decode(data, self._make_object)

    def _make_object(self, data: dict[str, Any]) -> Any:
        if data["t"] == "ref":
            return self._objects[data["id"]]
        if data["t"] == "callback":
            number = data["id"]
            if number not in self._callbacks:
                callback = _Callback(number, data["name"], self._call_back)
                self._callbacks[number] = _later(callback) if data.get("later") else callback
            return self._callbacks[number]
        if data["t"] == "given":
            methods = {name: self._decode(one) for name, one in data["methods"]}
            return self._given.setdefault(
                data["id"], _Given(data["id"], data["class"], methods, self._decode(data["get"]))
            )
        if data["t"] == "record":
            importlib.import_module(data["class"].partition(":")[0])
        return serialise.unpack(data, self._decode)

    def _describe(self, error: BaseException) -> dict[str, Any]:
        described = serialise.describe_error(error)
        described["origin"] = getattr(error, "_companion_origin", None)
        frames = traceback.extract_tb(error.__traceback__)
        place = next(((f.filename, f.lineno) for f in reversed(frames) if f.filename.startswith(CELL)), None)
        if isinstance(error, SyntaxError) and str(error.filename).startswith(CELL):
            place = (str(error.filename), error.lineno)
            described["text"] = str(error.msg)
        described["cell"], described["line"] = place or (None, None)
        return described

    # Calls back to the check's functions

    def _call_back(self, number: int, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        with self._turn:
            if self._asked == 0:
                raise RuntimeError("this function can be called only while the check waits for your answer")
            message = {"do": "callback", "id": number, "args": self._encode(list(args)), "kwargs": self._encode(kwargs)}
            self._line.send(message)
            while True:
                message = self._line.receive()
                if "do" not in message:
                    break
                self._serve_one(message)
        if "error" in message:
            error = serialise.error_class(message["error"])(message["error"]["text"])
            error._companion_origin = message["error"].get("origin")  # type: ignore[attr-defined]
            raise error
        return self._decode(message["value"])


def _to_its_end(coroutine: Coroutine[Any, Any, Any]) -> Any:
    import asyncio  # a quarter of the start of a process, and few answers need it

    return asyncio.run(coroutine)


def _no_input(*_: object) -> str:
    raise RuntimeError("input() is not available here: use the given values")


class _Callback:
    """A function of the check's, as the answer sees it."""

    def __init__(self, number: int, name: str, call: Callable[[int, tuple[Any, ...], dict[str, Any]], Any]) -> None:
        self.id = number
        self.__name__ = name
        self._call = call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._call(self.id, args, kwargs)

    def __repr__(self) -> str:
        return f"<function {self.__name__} of the check>"


class _Given:
    """An object of the check's, as the answer sees it: what it shows can be read and called, not changed."""

    def __init__(self, number: int, name: str, methods: dict[str, Any], get: Callable[[str], Any]) -> None:
        self.__dict__.update(methods, _id=number, _class=name, _get=get)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return self._get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{self!r} cannot be changed")

    def __repr__(self) -> str:
        return f"<{self._class} of the check>"


def _later(callback: _Callback) -> Callable[..., Any]:
    async def call(*args: Any, **kwargs: Any) -> Any:
        return callback(*args, **kwargs)

    return call


def _is_open(name: str) -> bool:
    return not name.startswith("_") or (name.startswith("__") and name.endswith("__"))
