"""Aspects: advice, put around the methods that a pattern of names picks (a pointcut), without a word in the class.

What the pattern does not match has no advice, and nobody is told; `uncovered` tells.
"""

from __future__ import annotations

import fnmatch
import functools
from collections.abc import Callable, Sequence
from typing import Any

from companion.errors import CompanionError

Advice = Callable[[str, Callable[..., Any], tuple[Any, ...]], Any]
"""Gets the method's name, what is left to do, and the arguments; gives the result, or raises."""


class Refused(CompanionError):
    """A caller may not do this; the message says who and what."""


def woven(target: Any, pointcut: str, advice: Advice) -> Any:
    """Put advice around the methods of an object whose names match a pattern such as ``get_*``.

    Returns
    -------
    object
        The same object, whose own attributes now stand before those of its class; calls that the object makes of its
        own methods pass the advice, too, as with a weaver and unlike with a proxy.
    """
    for name in fnmatch.filter(joinpoints(target), pointcut):
        around = functools.partial(advice, name, getattr(target, name))
        setattr(target, name, lambda *arguments, go=around: go(arguments))
    return target


class Proxy:
    """The other way, which containers take: an object in front, with advice, and the target behind it as it was."""

    def __init__(self, target: Any, pointcut: str, advice: Advice) -> None:
        self._target, self._pointcut, self._advice = target, pointcut, advice

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._target, name)
        if not fnmatch.fnmatchcase(name, self._pointcut):
            return method
        return lambda *arguments: self._advice(name, method, arguments)


def joinpoints(target: Any) -> list[str]:
    """The public methods of an object's class."""
    kind = type(target)
    return [name for name in sorted(dir(kind)) if not name.startswith("_") and callable(getattr(kind, name))]


def uncovered(target: Any, pointcuts: Sequence[str]) -> list[str]:
    """The public methods that none of the patterns matches."""
    return [name for name in joinpoints(target) if not any(fnmatch.fnmatchcase(name, one) for one in pointcuts)]


class Accounts:
    """The service, with the names that it had when the pattern was written."""

    def get_balance(self, user: str) -> int:
        """What somebody has."""
        return {"ada": 100, "bob": 7}.get(user, 0)

    def get_report(self, user: str) -> str:
        """A sentence about it; calls another method of the same object."""
        return f"{user} has {self.get_balance(user)}"


class Renamed:
    """The service a year later: one method has a better name."""

    def fetch_balance(self, user: str) -> int:
        """What somebody has."""
        return {"ada": 100, "bob": 7}.get(user, 0)

    def get_report(self, user: str) -> str:
        """A sentence about it."""
        return f"{user} has {self.fetch_balance(user)}"


def only(allowed: str) -> Advice:
    """Advice for calls that this user makes: what is asked about somebody else is refused."""

    def advice(name: str, rest: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        if arguments != (allowed,):
            raise Refused(f"{name}({', '.join(map(repr, arguments))}): {allowed} may not")
        return rest(*arguments)

    return advice


def counting(counts: dict[str, int]) -> Advice:
    """Advice that counts the calls."""

    def advice(name: str, rest: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        counts[name] = counts.get(name, 0) + 1
        return rest(*arguments)

    return advice
