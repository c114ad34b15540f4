"""One setting says where the source lives; the pages follow it, or say nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from companion.book.sphinx.addresses import pages_address
from companion.book.sphinx.render import render


@pytest.mark.parametrize(
    ("baseurl", "repository", "address"),
    [
        ("", "", ""),
        ("", "https://github.com/Tide/sockets", "https://tide.github.io/sockets/"),
        ("", "https://github.com/tide/sockets.git", "https://tide.github.io/sockets/"),
        ("", "https://git.example.org/tide/sockets", ""),
        ("https://sockets.example.org", "https://github.com/tide/sockets", "https://sockets.example.org/"),
    ],
)
def test_the_pages_are_where_their_setting_or_their_repository_says(
    baseurl: str, repository: str, address: str
) -> None:
    assert pages_address(baseurl, repository) == address


def test_with_a_repository_pages_link_to_it_to_their_source_and_to_a_place_that_runs_them(
    new_book: Callable[[Path], Any], tmp_path: Path
) -> None:
    book = new_book(tmp_path / "small")
    book.chapter("01-first")
    book.pretend_executed("01-first")
    book.page("index", "# A small book\n\n```{colophon}\n```\n")
    config = book.project.config
    given = config.read_text()

    def with_repository(address: str) -> None:
        setting = f"html_theme_options: {{repository_url: '{address}'}}"
        config.write_text(given.replace("language: en", f"language: en\n    {setting}"))
        assert render(book.project)

    with_repository("")
    assert "github" not in book.html("index") + book.html("chapters/01-first")
    with_repository("https://github.com/tide/sockets")
    index, chapter = book.html("index"), book.html("chapters/01-first")
    assert 'href="https://github.com/tide/sockets"' in index
    assert "https://github.com/tide/sockets/edit/main/book/index.md" in index
    assert "https://github.com/tide/sockets/edit/main/chapters/01-first.ipynb" in chapter
    assert "mybinder.org/v2/gh/tide/sockets/main?urlpath=lab/tree/chapters/01-first.ipynb" in chapter
    assert "mybinder" not in index
