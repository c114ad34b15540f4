"""A container that builds objects out of the types that their constructors ask for, with scopes, and without cycles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import signature
from typing import Any, Literal, get_type_hints

from companion.errors import CompanionError

Scope = Literal["once", "each time", "request"]
"""How long an object lives: as long as the container, no longer than its user, or as long as a request."""


class Unbuildable(CompanionError):
    """The container cannot build an object; the message has the path from what was asked for."""


class Container:
    """From types to objects.

    Parameters
    ----------
    bound : mapping
        Which class or function stands for a type, and its scope.
    parent : Container, optional
        Of a request's container: the one for the whole program.
    """

    def __init__(self, bound: Mapping[type, tuple[Callable[..., Any], Scope]], parent: Container | None = None) -> None:
        self.bound, self.parent = dict(bound), parent
        self.made: dict[type, Any] = {}

    def request(self) -> Container:
        """A container for one request: it shares what lives as long as the program."""
        return Container(self.bound, self)

    def get(self, wanted: type, path: tuple[type, ...] = ()) -> Any:
        """Build an object, or give the one that is there.

        Raises
        ------
        Unbuildable
            For a type that nothing is bound to; for an argument without a type; for a cycle; for an object that lives
            on and would keep one that is a request's.
        """
        told = " -> ".join(one.__name__ for one in (*path, wanted))
        if wanted in path:
            raise Unbuildable(f"a cycle: {told}")
        if wanted not in self.bound:
            raise Unbuildable(f"nothing is bound to {wanted.__name__}: {told}")
        make, scope = self.bound[wanted]
        if scope == "request" and self.parent is None:
            raise Unbuildable(f"{wanted.__name__} is a request's, and there is none: {told}")
        if scope == "once" and self.parent is not None:
            return self.parent.get(wanted, path)
        if wanted in self.made:
            return self.made[wanted]
        hints = get_type_hints(getattr(make, "__init__") if isinstance(make, type) else make)  # noqa: B009
        needed = [one.name for one in signature(make).parameters.values() if one.default is one.empty]
        if untyped := [name for name in needed if name not in hints]:
            raise Unbuildable(f"{untyped[0]} has no type: {told}")
        built = make(**{name: self.get(hints[name], (*path, wanted)) for name in needed})
        if scope != "each time":
            self.made[wanted] = built
        return built
