"""Documents of strangers: how they are had, within bounds, and how their words are shown, on one line.

A source is told apart from its reading: `Fetch` gives the bytes of a document, and a module for each format makes
something of them. Here the documents lie in a folder (`fixtures`); a `Fetch` that asks the network is as good. Either
way nobody but this program names what is fetched: an address that comes from a model, or from whoever talks to it,
makes the server an errand boy inside its own network (server-side request forgery).
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from pathlib import Path

from pydantic import BaseModel

from companion.errors import CompanionError

MOST_BYTES = 1 << 20
"""The largest document that is read."""

SECONDS = 5.0
"""How long one document may take."""

LONGEST = 160
"""How many characters of a stranger's line are shown."""

Fetch = Callable[[str], Awaitable[bytes]]
"""Gives the bytes of a document by its name, such as ``feeds/releases.xml``; raises OSError if it cannot."""


class SourceError(CompanionError):
    """A document that could not be had or read; the message names it."""


class Result(BaseModel, ABC):
    """What a tool found.

    Attributes
    ----------
    source : str
        The documents that it was read from.
    missing : list of str
        What could not be read, and why. One story that is gone is no reason to show none.
    """

    source: str
    missing: list[str] = []

    @abstractmethod
    def lines(self) -> list[str]:
        """Give it as lines, for people."""


def fixtures(folder: Path) -> Fetch:
    """Give the documents that lie in a folder."""

    async def fetch(name: str) -> bytes:
        return await asyncio.to_thread(_read, folder / name)

    return fetch


def _read(file: Path) -> bytes:
    with file.open("rb") as stream:
        return stream.read(MOST_BYTES + 1)  # one byte more shows that it is too long


def within_bounds(fetch: Fetch) -> Fetch:
    """Bound the time and the size of what is fetched, and make one kind of error of all that goes wrong."""

    async def bounded(name: str) -> bytes:
        try:
            async with asyncio.timeout(SECONDS):
                document = await fetch(name)
        except TimeoutError:
            raise SourceError(f"{name}: no answer within {SECONDS:g} s") from None
        except OSError as error:
            raise SourceError(f"{name}: {(error.strerror or str(error)).lower()}") from None
        if len(document) > MOST_BYTES:
            raise SourceError(f"{name}: longer than {MOST_BYTES} bytes")
        return document

    return bounded


def one_line(text: str, longest: int = LONGEST) -> str:
    """Show a stranger's text on one line: without what moves the cursor or turns the writing round, and not for ever.

    A line end in a title would let it begin a section of its own; U+202E would let an address read backwards.
    """
    seen = text[: 4 * longest]  # enough to fill the line, whatever is taken out
    shown = " ".join("".join(letter if letter.isprintable() else " " for letter in seen).split())
    return shown if len(shown) <= longest and seen == text else shown[: longest - 1].rstrip() + "…"


def web_address(text: str | None) -> str:
    """Give an address that a reader may click on, or nothing: ``javascript:`` is an address too."""
    shown = one_line(text or "", 4 * LONGEST)
    return shown if shown.startswith(("https://", "http://")) and not shown.endswith("…") and " " not in shown else ""


def counted(number: int, one: str, more: str) -> str:
    """Say how many: "1 story", "2 stories"."""
    return f"{number} {one if number == 1 else more}"
