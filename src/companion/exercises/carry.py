"""What both ends carry beside plain data: exceptions by name, frozen dataclasses of the package, seeded generators."""

from __future__ import annotations

import builtins
import dataclasses
import random
import sys
from collections.abc import Callable
from typing import Any

from companion.exercises.wire import WireError

# Those with a plain constructor; the others travel by name only.
BUILTIN_ERRORS: dict[str, type[Exception]] = {
    name: kind
    for name, kind in vars(builtins).items()
    if isinstance(kind, type)
    and issubclass(kind, Exception)
    and not issubclass(kind, UnicodeError | SyntaxError | StopIteration | StopAsyncIteration | ExceptionGroup)
}
PACKAGE = "companion."


def describe_error(error: BaseException) -> dict[str, Any]:
    """Give an exception's name, its text, and the built-in classes that it is one of."""
    kind = type(error)
    try:
        text = str(error)
    except BaseException as second:  # noqa: BLE001 - the class may be a student's
        text = f"(its text cannot be had: {type(second).__name__})"
    known = [base.__name__ for base in kind.__mro__ if BUILTIN_ERRORS.get(base.__name__) is base]
    return {"type": str(kind.__name__)[:100], "text": text[:2000], "builtin": known[:8]}


def error_class(described: dict[str, Any], base: type[Exception] | None = None) -> type[Exception]:
    """Make a class for an exception from the other side: of its name, and of its nearest built-in class.

    Parameters
    ----------
    described : dict
        What `describe_error` gave.
    base : type, optional
        A class that it shall be one of, too.
    """
    known = described.get("builtin")
    names = [name for name in known if isinstance(name, str)] if isinstance(known, list) else []
    nearest = next((BUILTIN_ERRORS[name] for name in names if name in BUILTIN_ERRORS), Exception)
    name = str(described.get("type", "Exception"))[:100]
    if base is None and name == nearest.__name__:
        return nearest
    bases = tuple(kind for kind in (base, nearest) if kind is not None and kind is not Exception)
    return type(name, bases or (Exception,), {})


def pack(value: Any, encode: Callable[[Any], Any]) -> dict[str, Any] | None:
    """Describe a frozen dataclass of the package, or a generator of random numbers; None if it is neither."""
    kind = type(value)
    if kind is random.Random:
        return {"t": "random", "v": encode(value.getstate())}
    if _is_ours(kind):
        fields = [[field.name, encode(getattr(value, field.name))] for field in dataclasses.fields(kind) if field.init]
        return {"t": "record", "class": f"{kind.__module__}:{kind.__qualname__}", "v": fields}
    return None


def unpack(data: dict[str, Any], decode: Callable[[Any], Any]) -> Any:
    """Make again what `pack` described.

    Only classes that this side has imported itself are used, so nothing is loaded because the other side names it.

    Raises
    ------
    WireError
        If it cannot be made.
    """
    try:
        if data["t"] == "random":
            generator = random.Random()
            generator.setstate(decode(data["v"]))
            return generator
        module, _, name = str(data["class"]).partition(":")
        kind = getattr(sys.modules.get(module), name, None)
        if not isinstance(kind, type) or not _is_ours(kind):
            raise WireError(f"{module}:{name} is no record that is known here")
        return kind(**{str(field): decode(value) for field, value in data["v"]})
    except WireError:
        raise
    except Exception as error:
        raise WireError(f"a {data.get('t')} that is none: {error}") from error


def _is_ours(kind: type) -> bool:
    parameters = getattr(kind, "__dataclass_params__", None)
    return kind.__module__.startswith(PACKAGE) and parameters is not None and bool(parameters.frozen)
