"""A chapter's page ends with what it last ran with, and says nothing that differs from build to build."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from companion.book.execution.ran_with import KEY
from companion.book.publish.last_commit import UNCOMMITTED
from companion.book.sphinx.render import RenderError, render
from companion.book.sphinx.stamp import Stamp, read_stamps, stamp_html

ROOT = Path(__file__).parents[3]
FULL = Stamp("3.11.7", {"httpx": "0.28.1", "simpy": "4.1.1"}, 11, "abc1234", 24, "under a minute")
EMPTY = Stamp("", {}, None, None, 0, None)


def lines(html: str) -> dict[str, str]:
    """Read the lines of the stamp in a page."""
    (section,) = re.findall(r'<section class="stamp".*?</section>', html, re.S)
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", section))


def test_a_stamp_says_what_is_known_in_a_section_with_a_name() -> None:
    html = stamp_html(FULL, None)
    assert '<section class="stamp" aria-label="About this chapter">' in html
    assert lines(html) == {
        "Last ran with": "Python 3.11.7, httpx 0.28.1, simpy 4.1.1",
        "Seed": "11",
        "Commit": "abc1234",
        "Claims": "24 numbers of the text are held by cells",
        "Runs in": "under a minute",
    }


def test_what_is_not_known_is_left_out() -> None:
    assert lines(stamp_html(EMPTY, None)) == {}
    assert lines(stamp_html(replace(EMPTY, seed=0), None)) == {"Seed": "0"}


def test_one_number_is_counted_as_one() -> None:
    assert lines(stamp_html(replace(FULL, claims=1), None))["Claims"] == "1 number of the text is held by a cell"


def test_a_seed_that_is_markup_is_shown_and_not_obeyed() -> None:
    assert lines(stamp_html(replace(EMPTY, seed="<b>"), None)) == {"Seed": "&lt;b&gt;"}


@pytest.mark.parametrize(
    ("count", "says"), [(1, "1 kB"), (1_499, "1 kB"), (999_499, "999 kB"), (999_500, "1.0 MB"), (12_340_000, "12.3 MB")]
)
def test_the_zip_is_offered_with_its_size(tmp_path: Path, count: int, says: str) -> None:
    path = tmp_path / "01-first.zip"
    path.write_bytes(b"\0" * count)
    link = '<a href="../take-home/01-first.zip" download>01-first.zip</a>'
    assert f"<p>Take this chapter home: {link} ({says})</p>" in stamp_html(FULL, path)


# The page


def ran(book: Any, name: str, *outputs: list[dict[str, Any]]) -> None:
    """Pretend that a chapter ran, under a budget."""
    path = book.pretend_executed(name, *outputs)
    done = json.loads(path.read_text("utf-8"))
    done["metadata"][KEY] = {"python": "3.11.7", "libraries": {"simpy": "4.1.1"}, "seed": 11}
    done["cells"][0]["source"] += "\n\n**Time:** run 30 s, read 40 minutes."
    path.write_text(json.dumps(done), "utf-8")


@pytest.fixture(scope="module")
def stamped(new_book: Callable[[Path], Any], tools: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Render a book with a lock in a repository."""
    book = new_book(tmp_path_factory.mktemp("stamped") / "small")
    book.chapter("01-first", "claim('ebb', 3, 3)", tools.prose("The [3 metres](#claim-ebb)."))
    (book.root / "requirements.lock").write_bytes((ROOT / "requirements.lock").read_bytes())
    (book.root / ".gitignore").write_text("_build/\nbook/chapters/\n")
    ran(book, "01-first", [tools.claim("ebb", "3", 3)])
    tools.git(book.root, "init", "-q")
    book.start_commit = tools.commit(book.root)
    assert render(book.project)
    return book


def pages(book: Any) -> dict[str, bytes]:
    html = book.project.html
    return {str(path.relative_to(html)): path.read_bytes() for path in html.rglob("*") if path.is_file()}


def test_a_chapters_page_ends_with_its_stamp(stamped: Any) -> None:
    assert lines(stamped.html("chapters/01-first")) == {
        "Last ran with": "Python 3.11.7, simpy 4.1.1",
        "Seed": "11",
        "Commit": stamped.start_commit,
        "Claims": "1 number of the text is held by a cell",
        "Runs in": "under a minute",
    }
    article = re.search(r"<article.*?</article>", stamped.html("chapters/01-first"), re.S)
    assert article and article[0].index("3 metres") < article[0].index('class="stamp"')


def test_only_chapters_have_a_stamp_and_the_search_does_not_find_it(stamped: Any) -> None:
    assert 'class="stamp"' not in stamped.html("index")
    assert "uncommit" not in (stamped.project.html / "searchindex.js").read_text("utf-8")
    assert stamped.start_commit not in (stamped.project.html / "searchindex.js").read_text("utf-8")


def test_the_zip_lies_where_the_page_says(stamped: Any) -> None:
    found = re.search(r'Take this chapter home: <a href="([^"]+)" download>01-first.zip</a> \((?:\d+ kB|\d+\.\d MB)\)',
                      stamped.html("chapters/01-first"))  # fmt: skip
    assert found
    zip_file = (stamped.project.html / "chapters" / found[1]).resolve()
    assert zip_file == stamped.project.html.resolve() / "take-home" / "01-first.zip"
    assert zip_file.read_bytes()[:2] == b"PK"


def test_two_builds_give_the_same_bytes(stamped: Any) -> None:
    before = pages(stamped)
    assert render(stamped.project, force=True)
    assert {name for name, content in pages(stamped).items() if before.get(name) != content} == set()
    assert pages(stamped).keys() == before.keys()


def test_a_commit_of_what_a_chapter_depends_on_renders_its_stamp_anew(stamped: Any, tools: Any) -> None:
    assert not render(stamped.project)
    (stamped.root / "notes.txt").write_text("another day\n")
    tools.commit(stamped.root)
    assert not render(stamped.project)  # no chapter depends on it
    tools.git(stamped.root, "commit", "-q", "--amend", "--reset-author", "-m", "the same")
    assert not render(stamped.project)
    lock = stamped.root / "requirements.lock"
    lock.write_text(lock.read_text("utf-8") + "\n", "utf-8")
    ran(stamped, "01-first", [tools.claim("ebb", "3", 3)])
    assert render(stamped.project)
    assert lines(stamped.html("chapters/01-first"))["Commit"] == UNCOMMITTED
    last = tools.commit(stamped.root)
    assert render(stamped.project)
    assert lines(stamped.html("chapters/01-first"))["Commit"] == last


def test_a_lock_that_lacks_a_package_fails_the_build_by_name(book: Any) -> None:
    book.chapter("01-first")
    book.pretend_executed("01-first")
    (book.root / "requirements.lock").write_text("simpy==4.1.1\n    # via companion (pyproject.toml)\n", "utf-8")
    with pytest.raises(RenderError, match=r"WARNING: .*requirements\.lock: pins no [\w-]+, which the package needs"):
        render(book.project)


def test_stamps_are_read_of_the_executed_chapters_only(book: Any) -> None:
    book.chapter("01-first")
    book.chapter("02-second")
    ran(book, "02-second")
    assert read_stamps(book.project) == {
        "02-second": Stamp("3.11.7", {"simpy": "4.1.1"}, 11, None, 0, "under a minute")
    }
