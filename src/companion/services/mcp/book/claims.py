"""The numbers of the prose, each with the sentence that says it, the code that gives it, and what other seeds gave."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from companion.book.check.luck import Spread, spread_of
from companion.book.check.prose import claim_links, plain
from companion.book.project import Chapter, Project
from companion.claims import Claim, claims_in
from companion.notebooks import cell_source
from companion.services.mcp.book.chapters import NotInTheBook, cells_of, nearest, sections_of

LONGEST_CODE, LONGEST_SENTENCE = 2_000, 1_000

_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\[*(\"“])")


@dataclass(frozen=True)
class LookedUp:
    """A claim that was looked up.

    Attributes
    ----------
    claim : Claim
        Its name, what the text says, and the value.
    chapter : Chapter
        Where it is made.
    heading : str
        The section of the sentence.
    said : str
        The words of the link, with the unit if they have one: "280 attempts a second".
    sentence : str
        The first sentence that says it.
    code : str
        The cell that holds it.
    spread : Spread or None
        What other seeds gave; None where that is not recorded.
    """

    claim: Claim
    chapter: Chapter
    heading: str
    said: str
    sentence: str
    code: str
    spread: Spread | None


def look_up(project: Project, name: str) -> LookedUp:
    """Look a claim up by its name, which is what the prose links to: ``#claim-NAME``.

    Raises
    ------
    NotInTheBook
        If the book makes no such claim; the message has the nearest names.
    BookError
        If a chapter or a record cannot be read.
    """
    wanted = name.strip().removeprefix("#").removeprefix("claim-").replace(" ", "-").lower()
    names = []
    for chapter, claim, code in all_claims(project):
        if claim.name == wanted:
            heading, said, sentence = _where_said(chapter, wanted)
            return LookedUp(
                claim, chapter, heading, said, sentence, code[:LONGEST_CODE], spread_of(chapter).get(wanted)
            )
        names.append(claim.name)
    raise NotInTheBook(f"no claim {name!r}{nearest(wanted, names)}")


def all_claims(project: Project) -> Iterator[tuple[Chapter, Claim, str]]:
    """List the claims of the committed notebooks, in the book's order, each with the code of its cell."""
    for chapter in project.chapters():
        for cell in cells_of(chapter):
            for claim in claims_in(cell.get("outputs", [])):
                yield chapter, claim, cell_source(cell)


def _where_said(chapter: Chapter, name: str) -> tuple[str, str, str]:
    """Find the first sentence that links to a claim: its section, the link's words, and the sentence."""
    for section in sections_of(chapter):
        for sentence in (one for paragraph in section.prose for one in _SENTENCE.split(" ".join(paragraph.split()))):
            for said, linked in claim_links(sentence):
                if linked == name:
                    return section.heading, plain(said), plain(sentence)[:LONGEST_SENTENCE]
    return "", "", ""
