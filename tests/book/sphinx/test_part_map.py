"""The first page names every chapter: those that are there by their question, those to come by their subject."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from companion.book.parts import PARTS, PLANNED
from companion.book.sphinx.part_map import title_and_question
from companion.book.sphinx.render import render


@pytest.fixture(scope="module")
def page(new_book: Callable[[Path], Any], tools: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Render a small book of two chapters, the second of them a draft."""
    book = new_book(tmp_path_factory.mktemp("map") / "small")
    for name in ("02-second", "08-eighth"):
        book.chapter(name)
        book.pretend_executed(name)
    source = book["02-second"].source
    source.write_text(source.read_text().replace("# Chapter 02-second", "# 2 · Second\\n\\n*Is it so?*"))
    book.page("index", "# A small book\n\n```{part-map}\n```\n\n```{colophon}\n```\n")
    assert render(book.project)
    return str(book.html("index"))


def test_a_chapter_that_is_there_is_linked_and_asks_its_question(page: str) -> None:
    assert re.search(r'href="chapters/02-second.html"[^>]*>(<[^>]*>)*2 · Second(<[^>]*>)*</a> Is it so\?', page)
    assert 'href="chapters/08-eighth.html"' in page
    assert "2 of 28 chapters are written" in page


def test_a_chapter_to_come_is_named_with_its_subject_and_not_linked(page: str) -> None:
    article = page.partition("<article")[2].partition("</article>")[0]
    (items,) = [re.findall(r'<li class="to-come">(.*?)</li>', article, re.S)]
    named = [re.sub(r"<[^>]*>", "", item).strip() for item in items]
    assert named == [
        f"{one.number} · {one.title} {one.subject}".replace("'", "’") for one in PLANNED if one.number != 8
    ]
    assert "href" not in "".join(items)


def test_all_parts_stand_in_their_order(page: str) -> None:
    found = [page.index(part.caption) for part in PARTS.values()]
    assert found == sorted(found)


def test_the_colophon_names_author_and_licences(page: str) -> None:
    assert re.search(r"Written by .+\. The text may be used under .*CC BY 4\.0.*, the code under .*MIT", page)


@pytest.mark.parametrize(
    ("opening", "read"),
    [
        ("# 2 · Second\n\n*Is it so?*\n\nYou will", ("2 · Second", "Is it so?")),
        ("# 2 · Second\n\nIt is *so*.", ("2 · Second", "")),
    ],
)
def test_a_question_stands_alone_and_in_italics(opening: str, read: tuple[str, str]) -> None:
    assert title_and_question(opening) == read
