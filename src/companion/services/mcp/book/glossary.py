"""The glossary, term by term: as Sphinx reads it, a term at the margin and its meaning set in below."""

from __future__ import annotations

import re

from companion.book.check.prose import plain
from companion.book.project import Project
from companion.notebooks import BookError
from companion.services.mcp.book.chapters import NotInTheBook, nearest

_GLOSSARY = re.compile(r"^```\{glossary\}\n(.*?)^```", re.M | re.S)


def terms(project: Project) -> dict[str, str]:
    """Give the meaning of each term, in the order of the page.

    Raises
    ------
    BookError
        If there is no glossary.
    """
    file = project.book / "glossary.md"
    try:
        page = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BookError(f"{file}: cannot be read: {error}") from None
    found: dict[str, list[str]] = {}
    term = ""
    for line in "".join(_GLOSSARY.findall(page)).splitlines():
        if line.strip() and not line.startswith(" "):
            term = line.strip()
        if term:
            found.setdefault(term, []).append(line.strip() if line.startswith(" ") else "")
    return {term: plain(" ".join(filter(None, lines))) for term, lines in found.items()}


def meaning(project: Project, wanted: str) -> tuple[str, str]:
    """Give a term as the glossary writes it, and its meaning.

    Raises
    ------
    NotInTheBook
        If the glossary does not have it; the message has the nearest terms.
    BookError
        If there is no glossary.
    """
    known = terms(project)
    by_fold = {term.casefold(): term for term in known}
    term = by_fold.get(wanted.strip().casefold())
    if term is None:
        raise NotInTheBook(f"the glossary has no {wanted!r}{nearest(wanted, list(known))}")
    return term, known[term]
