"""Pages are whole or not there at all, and what they say agrees with what the chapters computed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from companion.book.project import Project
from companion.book.sphinx.render import RenderError, render
from companion.claims import MIME as CLAIM
from companion.measure import MIME as MEASUREMENT

SVG = '<svg role="img" aria-label="Line chart: {0}." viewBox="0 0 10 10"><path id="{0}" d="M 0 0 L 9 9"/></svg>'


def figure(tools: Any, name: str) -> Any:
    return tools.shown({"image/svg+xml": SVG.format(name), "text/plain": f"Line chart: {name}."})


@pytest.fixture(scope="module")
def rendered(new_book: Callable[[Path], Any], tools: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Render a small book that does everything right."""
    book = new_book(tmp_path_factory.mktemp("rendered") / "small")
    book.chapter(
        "01-first",
        "claim('attempts', 280, 280.123)",
        "figures()",
        tools.prose("Here they make [280 attempts](#claim-attempts)."),
        "measure('wire.speed', f)",
        "claim('verdict', 'vulnerable', 'vulnerable')",
    )
    speed = {MEASUREMENT: {"name": "wire.speed", "place": "2026-11-24, 2 cores"}, "text/plain": "wire.speed: ..."}
    book.pretend_executed(
        "01-first",
        [tools.claim("attempts", "280", 280.123)],
        [figure(tools, "ebb"), figure(tools, "flood")],
        [tools.shown(speed, {MEASUREMENT: {"state": "stale"}})],
        [tools.claim("verdict", "vulnerable", "vulnerable")],
    )
    book.chapter(
        "02-second",
        tools.prose(
            "There: [280 attempts a second](#claim-attempts), *not* here. *Why so?* *No.* *Write down a guess.*"
        ),
    )
    book.pretend_executed("02-second")
    book.page("index", "# A small book\n\nIt is [vulnerable](#claim-verdict).\n\n```{chapter-figure} 01-first 2\n```\n")
    assert render(book.project)
    return book


def test_a_stale_measurement_is_marked_on_the_page(rendered: Any) -> None:
    line = re.search(r'<p class="measurement measurement-stale">(.*?)</p>', rendered.html("chapters/01-first"))
    assert line and line[1] == "Measured: 2026-11-24, 2 cores<strong> The code has changed since.</strong>"


def test_a_question_is_told_from_a_word_that_is_stressed(rendered: Any) -> None:
    page = rendered.html("chapters/02-second")
    assert '<em class="question">Why so?</em>' in page and "<em>not</em>" in page
    assert '<em class="question">Write down a guess.</em>' in page and "<em>No.</em>" in page


def test_a_figure_of_a_chapter_is_shown_on_another_page(rendered: Any) -> None:
    assert SVG.format("flood") in rendered.html("index")
    assert SVG.format("ebb") not in rendered.html("index")
    assert SVG.format("ebb") in rendered.html("chapters/01-first")


def test_only_what_companion_made_is_on_the_pages(rendered: Any) -> None:
    # The plain text is there for notebooks and nbval; a page that showed it would say everything twice.
    assert "attempts: 280<" not in rendered.html("chapters/01-first")
    assert CLAIM not in rendered.html("chapters/01-first")


def test_nothing_changed_renders_nothing(rendered: Any) -> None:
    page = rendered.project.html / "index.html"
    before = page.stat()
    assert not render(rendered.project)
    assert (page.stat().st_mtime_ns, page.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_an_editors_scratch_file_renders_nothing(rendered: Any) -> None:
    (rendered.root / "book" / ".index.md.swp").write_text("half")
    assert not render(rendered.project)


@pytest.fixture
def first(book: Any, tools: Any) -> Any:
    """Make a book whose one chapter claims 280 attempts."""
    book.chapter("01-first", "claim('attempts', 280, 280.123)")
    book.pretend_executed("01-first", [tools.claim("attempts", "280", 280.123)])
    return book


def test_a_page_that_is_wrong_is_named_with_every_line_and_nothing_is_rendered(first: Any) -> None:
    wrong = {
        "[280 attempts](#claim-atempts)": r".*claim-atempts",
        "[a page](nowhere.md)": r".*nowhere\.md",
        "```{chapter-figure} 01-first 1\n```": r"no figure 1 in chapter 01-first",
        "```{chapter-figure} 07-gone 1\n```": r"no figure 1 in chapter 07-gone",
    }
    text = "# A small book\n"
    wanted = []
    for line, complaint in wrong.items():
        text += f"\n{line}\n"
        wanted.append(rf"index\.md:{text.count(chr(10), 0, text.index(line)) + 1}: WARNING: {complaint}")
    first.page("index", text)
    with pytest.raises(RenderError) as refused:
        render(first.project)
    for complaint in wanted:
        assert re.search(complaint, str(refused.value)), complaint
    assert not first.project.html.exists()


def test_pages_wait_for_a_chapter_that_nobody_has_executed(first: Any) -> None:
    first.chapter("02-second", "1")
    ran = first.run("build", "--only", "01")
    assert ran.returncode == 2
    assert "pages are made of all chapters; `companion book build` executes these too: 02-second" in ran.stderr


def test_a_warning_leaves_the_old_pages(first: Any) -> None:
    old = first.write_pages("made by an earlier build")
    first.page("index", "# A small book\n\n[nowhere](nowhere.md)\n")
    done = first.run("build")
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "the pages were not rendered, the old ones stay:"
    assert "book/index.md:3: WARNING" in done.stderr
    assert [*first.project.html.rglob("*")] == [old] and old.read_text("utf-8") == "made by an earlier build"


def test_old_pages_come_back_when_a_build_was_killed_while_it_replaced_them(
    first: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = first.write_pages("made by an earlier build")
    # The state between the two renames: the old pages moved away, the new ones not yet in their place.
    first.project.html.rename(first.project.html.with_name("replaced"))
    (first.project.html.with_name("rendering-1") / "_build" / "html").mkdir(parents=True)

    def refuse(project: Project, scratch: Path) -> None:
        raise RenderError("not this time either")

    monkeypatch.setattr("companion.book.sphinx.render._run_jupyter_book", refuse)
    with pytest.raises(RenderError):
        render(first.project)
    assert old.read_text("utf-8") == "made by an earlier build"


def test_an_edit_of_a_page_is_rendered(rendered: Any) -> None:
    text = (rendered.root / "book" / "index.md").read_text()
    rendered.page("index", text.replace("It is", "In the end it is"))
    assert render(rendered.project)
    assert "In the end it is" in rendered.html("index")
    assert [path.name for path in rendered.project.html.parent.iterdir()] == ["html"]
