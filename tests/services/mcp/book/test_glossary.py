"""The glossary is read term by term."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.book.project import Project
from companion.notebooks import BookError
from companion.services.mcp.book.chapters import NotInTheBook
from companion.services.mcp.book.glossary import meaning, terms

ROOT = Path(__file__).parents[4]
PROJECT = Project(ROOT)


def test_every_term_has_a_meaning_and_none_is_lost() -> None:
    page = (ROOT / "book" / "glossary.md").read_text("utf-8").partition("```{glossary}\n")[2].partition("\n```")[0]
    written = [line for line in page.splitlines() if line and not line.startswith(" ")]
    assert list(terms(PROJECT)) == written and len(written) > 30
    assert all(text.endswith(".") and "{cite" not in text for text in terms(PROJECT).values())


def test_a_term_is_found_whatever_its_case() -> None:
    assert meaning(PROJECT, " crdt ")[0] == "CRDT"
    assert meaning(PROJECT, "Goodput")[1].startswith("Requests answered in time, each second")


def test_a_term_that_there_is_not_names_the_nearest() -> None:
    with pytest.raises(NotInTheBook, match=r"^the glossary has no 'quorums'; nearest: 'quorum'"):
        meaning(PROJECT, "quorums")


def test_a_book_without_a_glossary_says_so(tmp_path: Path) -> None:
    with pytest.raises(BookError, match=r"glossary\.md: cannot be read"):
        terms(Project(tmp_path))


def test_a_meaning_may_go_on_over_lines_and_paragraphs(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    page = "# G\n\n```{glossary}\nterm\n  First\n  line.\n\n  Second *part*.\nother term\n  x\n```\nafter\n  all\n"
    (tmp_path / "book" / "glossary.md").write_text(page, "utf-8")
    assert terms(Project(tmp_path)) == {"term": "First line. Second part.", "other term": "x"}
