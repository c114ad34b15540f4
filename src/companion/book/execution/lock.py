"""The lock of the environment, read as far as a chapter uses it: which pins are its own, and which are others'."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from companion.book.parts import part_of
from companion.notebooks import BookError

LOCK = "requirements.lock"

_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;]+)")


@dataclass(frozen=True)
class Lock:
    """What a lock pins.

    Attributes
    ----------
    file : Path
        Where it was read from.
    pins : dict of str to tuple of str
        The lines of each package, with their environment markers, by its name.
    needs : dict of str to frozenset of str
        The packages that each package needs on any system, as the comments `# via` tell.
    """

    file: Path
    pins: dict[str, tuple[str, ...]]
    needs: dict[str, frozenset[str]]

    def closure(self, names: Iterable[str]) -> set[str]:
        """Give packages and all that those need.

        Raises
        ------
        BookError
            If one of them is not pinned.
        """
        waiting = dict.fromkeys(names, "the package")
        wanted: set[str] = set()
        while waiting:
            name, asker = waiting.popitem()
            if name not in self.pins:
                raise BookError(f"{self.file}: pins no {name}, which {asker} needs; run `make lock`")
            wanted.add(name)
            waiting |= dict.fromkeys(self.needs.get(name, frozenset()) - wanted, name)
        return wanted


def read_lock(file: Path) -> Lock:
    """Read a lock that uv or pip-tools wrote."""
    pins: dict[str, list[str]] = {}
    needs: dict[str, set[str]] = {}
    name = ""
    for line in file.read_text("utf-8").splitlines():
        pin = _PIN.match(line)
        if pin:
            name = _name(pin[1])
            pins.setdefault(name, []).append(line.partition(" #")[0].strip())
        elif name and line.lstrip().startswith("#"):
            asker = line.lstrip(" #").removeprefix("via").strip().partition("[")[0].partition(" ")[0]
            if asker:
                needs.setdefault(_name(asker), set()).add(name)
    return Lock(
        file,
        {name: tuple(lines) for name, lines in pins.items()},
        {name: frozenset(found) for name, found in needs.items()},
    )


def needed(number: str) -> frozenset[str]:
    """Name the libraries that a chapter is given: the package's base, what opens a notebook, its part's extra.

    Parameters
    ----------
    number
        The chapter's two digits.
    """
    return _declared("notebook") | _declared(part_of(number).extra)


@lru_cache
def _declared(extra: str) -> frozenset[str]:
    """Name the requirements of the package itself, those of its base and of one of its extras."""
    asked = [Requirement(text) for text in metadata.requires("companion") or []]
    return frozenset(_name(one.name) for one in asked if not one.marker or one.marker.evaluate({"extra": extra}))


def _name(text: str) -> str:
    return str(canonicalize_name(text))


def pins_used(lock: Lock, number: str, imported: Iterable[str]) -> list[str]:
    """List the pins that decide what an executed chapter looks like.

    Parameters
    ----------
    lock
        The environment's lock; what it does not pin is left out.
    number
        The chapter's two digits.
    imported
        The modules that its code imports: one that is pinned under its own name counts, whoever declares it. Others
        (`grpc` of grpcio) are libraries of the part or of the base.
    """
    named = {_name(module.partition(".")[0]) for module in imported if module.partition(".")[0]}
    known = (needed(number) | named | {"papermill"}) & lock.pins.keys()
    return [line for name in sorted(lock.closure(known)) for line in lock.pins[name]]
