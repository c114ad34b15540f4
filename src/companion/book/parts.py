"""The parts of the book: which chapters each has, what the table of contents calls it, and which libraries it needs."""

from __future__ import annotations

from dataclasses import dataclass

from companion.notebooks import BookError


@dataclass(frozen=True)
class Part:
    """A part of the book, which is a subpackage of `companion`.

    Attributes
    ----------
    name : str
        The subpackage, and the extra of pyproject.toml that lists the part's libraries.
    chapters : range
        The numbers of its chapters.
    caption : str
        What the table of contents calls it.
    """

    name: str
    chapters: range
    caption: str

    @property
    def extra(self) -> str:
        """The extra of pyproject.toml with what its chapters need beside the base."""
        return self.name


PARTS = {
    part.name: part
    for part in (
        Part("calls", range(1, 8), "Calling other machines"),
        Part("services", range(8, 14), "Agents as services"),
        Part("reasoning", range(14, 18), "Agents that reason"),
        Part("simulators", range(18, 23), "Simulating failure"),
        Part("schemas", range(23, 26), "Schemas: privacy and compatibility"),
        Part("operations", range(26, 29), "Operating what you built"),
    )
}
"""The parts by name, in the order of the book."""


def part_of(number: str) -> Part:
    """Give the part that a chapter belongs to.

    Parameters
    ----------
    number
        The chapter's two digits.

    Raises
    ------
    BookError
        If there is no such chapter.
    """
    found = [part for part in PARTS.values() if number.isdecimal() and int(number) in part.chapters]
    if not found:
        raise BookError(f"{number}: belongs to no part; the chapters are 01 to 28")
    return found[0]
