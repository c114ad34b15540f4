"""Pages are whole or not there at all, and what they say agrees with what the chapters computed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from companion.book.sphinx.render import RenderError, render
from companion.claims import MIME as CLAIM
from companion.measure import MIME as MEASUREMENT

SVG = '<svg role="img" aria-label="Line chart: {0}." viewBox="0 0 10 10"><path id="{0}" d="M 0 0 L 9 9"/></svg>'


def figure(tools: Any, name: str) -> dict[str, Any]:
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
    book.chapter("02-second", tools.prose("There they made [280 attempts a second](#claim-attempts)."))
    book.pretend_executed("02-second")
    book.page("index", "# A small book\n\nIt is [vulnerable](#claim-verdict).\n\n```{chapter-figure} 01-first 2\n```\n")
    assert render(book.project)
    return book


@pytest.mark.parametrize(
    ("page", "text", "address"),
    [
        ("chapters/01-first", "280 attempts", "#claim-attempts"),
        ("chapters/02-second", "280 attempts a second", "01-first.html#claim-attempts"),
        ("index", "vulnerable", "chapters/01-first.html#claim-verdict"),
    ],
)
def test_a_number_leads_to_its_cell_from_any_page(rendered: Any, page: str, text: str, address: str) -> None:
    links = re.findall(r"<a [^>]*claim-link[^>]*>.*?</a>", rendered.html(page), re.S)
    (link,) = [link for link in links if re.sub("<[^>]*>", "", link) == text]
    assert f'href="{address}"' in link
    assert f'id="{address.rpartition("#")[2]}"' in rendered.html("chapters/01-first")


def test_a_number_carries_what_was_computed_as_its_title(rendered: Any) -> None:
    assert 'title="computed: 280.123"' in rendered.html("chapters/02-second")
    assert 'title="computed: vulnerable"' in rendered.html("index")


def test_a_claim_stands_under_its_cell_with_the_value(rendered: Any) -> None:
    line = re.search(r'<p class="claim" id="claim-attempts">(.*?)</p>', rendered.html("chapters/01-first"))
    assert line and line[1] == "attempts: <strong>280</strong> (280.12)"


def test_a_stale_measurement_is_marked_on_the_page(rendered: Any) -> None:
    line = re.search(r'<p class="measurement measurement-stale">(.*?)</p>', rendered.html("chapters/01-first"))
    assert line and line[1] == "Measured: 2026-11-24, 2 cores<strong> The code has changed since.</strong>"


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


WRONG = {
    "[290 attempts](#claim-attempts)": r"WARNING: the text says '290 attempts', but claim 'attempts' says 280",
    "[280 attempts](#claim-atempts)": r"WARNING: .*claim-atempts",
    "[a page](nowhere.md)": r"WARNING: .*nowhere\.md",
    "```{chapter-figure} 01-first 1\n```": r"WARNING: no figure 1 in chapter 01-first",
    "```{chapter-figure} 07-gone 1\n```": r"WARNING: no figure 1 in chapter 07-gone",
}
"""What may be wrong with a line of a page, and the complaint of it."""


@pytest.fixture(scope="module")
def refusal(new_book: Callable[[Path], Any], tools: Any, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Render a book in which everything is wrong, once; give what is said of it."""
    book = new_book(tmp_path_factory.mktemp("refused") / "small")
    wrong = tools.prose("Fine.\n\n[290](#claim-attempts) of them.")
    book.chapter("01-first", "claim('attempts', 280, 280.123)", wrong)
    book.pretend_executed("01-first", [tools.claim("attempts", "280", 280.123)])
    book.page("index", "\n\n".join(["# A small book", *WRONG]) + "\n")
    with pytest.raises(RenderError) as refused:
        render(book.project)
    assert not book.project.html.exists()
    return str(refused.value)


@pytest.mark.parametrize("line", WRONG)
def test_a_page_that_is_wrong_is_named_with_its_line(refusal: str, line: str) -> None:
    before = "".join(f"{other}\n\n" for other in list(WRONG)[: list(WRONG).index(line)])
    number = 3 + before.count("\n")
    assert re.search(rf"^book/index\.md:{number}: {WRONG[line]}", refusal, re.M), refusal


def test_a_chapter_that_is_wrong_is_named_with_cell_and_line(refusal: str) -> None:
    said = "book/chapters/01-first.ipynb cell 4 line 3: WARNING: the text says '290', but claim 'attempts' says 280"
    assert said in refusal.splitlines()


def test_two_claims_of_one_name_are_refused(first: Any, tools: Any) -> None:
    first.chapter("02-second", "claim('attempts', 3, 3)")
    first.pretend_executed("02-second", [tools.claim("attempts", "3", 3)])
    with pytest.raises(RenderError, match="claim 'attempts' is made twice: in 01-first and 02-second"):
        render(first.project)


def test_a_warning_leaves_the_old_pages(first: Any) -> None:
    assert first.run("build").returncode == 0
    before = {path: path.read_bytes() for path in first.project.html.rglob("*") if path.is_file()}
    first.page("index", "# A small book\n\n[nowhere](nowhere.md)\n")
    done = first.run("build")
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "the pages were not rendered, the old ones stay:"
    assert "book/index.md:3: WARNING" in done.stderr
    assert before == {path: path.read_bytes() for path in first.project.html.rglob("*") if path.is_file()}


def test_old_pages_come_back_when_a_build_was_killed_while_it_replaced_them(first: Any) -> None:
    assert render(first.project)
    page = first.html("index")
    # The state between the two renames: the old pages moved away, the new ones not yet in their place.
    first.project.html.rename(first.project.html.with_name("replaced"))
    (first.project.html.with_name("rendering-1") / "_build" / "html").mkdir(parents=True)
    first.page("index", "# A small book\n\n[nowhere](nowhere.md)\n")
    with pytest.raises(RenderError):
        render(first.project)
    assert first.html("index") == page


def test_an_edit_of_a_page_is_rendered(rendered: Any) -> None:
    text = (rendered.root / "book" / "index.md").read_text()
    rendered.page("index", text.replace("It is", "In the end it is"))
    assert render(rendered.project)
    assert "In the end it is" in rendered.html("index")
    assert [path.name for path in rendered.project.html.parent.iterdir()] == ["html"]


def test_no_reader_loads_a_megabyte_of_icons_that_the_font_has_too(rendered: Any) -> None:
    scripts = sorted((rendered.project.html / "_static" / "scripts").glob("*.js"), key=lambda file: file.stat().st_size)
    assert any(file.name == "fontawesome.js" for file in scripts)
    assert scripts[-1].stat().st_size < 200_000, scripts[-1].name
