"""The check finds what is wrong anywhere in the book as it was built, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from companion.book.check.checks import check_book
from companion.book.check.report import BookReport, counted
from companion.book.execution.store import store_outputs
from companion.measure import MIME as MEASUREMENT

ALT = "Line chart: the tide comes in. Metres against hours. Tide: 0 at 0, 4 at 6."


@pytest.fixture
def right(book: Any, tools: Any) -> Any:
    """Make a book that is all right: one chapter, a page that cites, pages that were rendered."""
    book.chapter(
        "01-tides",
        "claim('metres', 4, 4.1)",
        tools.prose("It rises [4 metres](#claim-metres), in six hours {cite}`moon2026`."),
    )
    book.pretend_executed("01-tides", [tools.claim("metres", "4", 4.1), figure(tools, ALT)])
    (book.root / "book" / "references.bib").write_text("@book{moon2026,\n  title = {Tides},\n}\n")
    pages(book, '<a href="chapters/01-tides.html#claim-metres">4</a>', '<p id="claim-metres">4</p>')
    return book


def pages(book: Any, index: str, chapter: str) -> None:
    (book.project.html / "chapters").mkdir(parents=True, exist_ok=True)
    (book.project.html / "index.html").write_text(index)
    (book.project.html / "chapters" / "01-tides.html").write_text(chapter)


def figure(tools: Any, alt: str) -> Any:
    return tools.shown({"image/svg+xml": "<svg></svg>", "text/plain": alt})


def measurement(tools: Any, state: str) -> Any:
    return tools.shown({MEASUREMENT: {"name": "tide.speed", "place": "here"}}, {MEASUREMENT: {"state": state}})


def faults(book: Any, *, strict: bool = False) -> list[str]:
    """List every fault; the chapter's with its name."""
    report = check_book(book.project, strict=strict)
    told = [f"{chapter.name}: {fault}" for chapter in report.chapters for fault in chapter.faults] + report.book
    assert report.faults == len(told)
    return told


def test_a_book_without_faults_has_none(right: Any) -> None:
    assert faults(right, strict=True) == []
    (chapter,) = check_book(right.project).chapters
    assert (chapter.cells, chapter.figures, chapter.claims) == (4, 1, 1)
    assert chapter.words == 12  # the title's three, and those of the sentence with its link and citation


def test_the_command_exits_with_zero_or_one(right: Any) -> None:
    done = right.run("check")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "no faults")
    right.page("index", "# A small book\n\n[5 metres](#claim-metres)\n")
    done = right.run("check", "--json", "-")
    assert done.returncode == 1
    report = json.loads(done.stdout)
    assert report["faults"] == 1
    assert report["chapters"][0]["faults"] == ["the text says '5 metres', but claim 'metres' says 4"]
    assert right.run("check").stdout.splitlines()[-1] == "1 fault"


def test_a_report_that_cannot_be_written_is_one_line_and_exit_status_two(right: Any) -> None:
    done = right.run("check", "--json", "nowhere/report.json")
    says = "companion book: --json nowhere/report.json: No such file or directory\n"
    assert (done.returncode, done.stderr) == (2, says)


def test_a_page_that_a_command_writes_may_tell_the_numbers_that_it_was_written_from(right: Any) -> None:
    page = right.project.book / "rules.md"
    page.write_text("# Rules\n\nA gap is 15 minutes.\n")
    assert [fault for fault in faults(right) if "15 minutes" in fault]
    page.write_text("# Rules\n\n<!-- written by `companion tides rules` -->\n\nA gap is 15 minutes.\n")
    assert [fault for fault in faults(right) if "15 minutes" in fault] == []


def test_a_chapter_that_was_not_executed_is_a_fault(right: Any) -> None:
    right["01-tides"].executed.unlink()
    assert "01-tides: has not been executed: run `companion book build`" in faults(right)


def test_a_copy_of_something_else_is_a_fault(right: Any) -> None:
    source = right["01-tides"].source
    source.write_text(source.read_text().replace("seed = 11", "seed = 12"))
    assert faults(right) == ["01-tides: was executed from something else: run `companion book build`"]


def test_a_notebook_that_cannot_be_read_is_a_fault_of_its_chapter(right: Any) -> None:
    right["01-tides"].source.write_text("{")
    assert [fault for fault in faults(right) if fault.startswith("01-tides: ") and "not valid JSON" in fault]


@pytest.mark.parametrize(("alt", "described"), [(ALT, True), ("<Figure size 640x480 with 1 Axes>", False), ("", False)])
def test_a_figure_needs_alternative_text(right: Any, tools: Any, alt: str, described: bool) -> None:
    right.pretend_executed("01-tides", [tools.claim("metres", "4", 4.1), figure(tools, alt)])
    expected = "01-tides: cell 3: a figure without alternative text: make it with companion.figures"
    assert faults(right) == ([] if described else [expected])


def test_a_claim_that_no_prose_uses_is_a_fault(right: Any, tools: Any) -> None:
    more = [tools.claim("metres", "4", 4.1), tools.claim("hours", "6", 6)]
    right.pretend_executed("01-tides", more)
    assert faults(right) == ["01-tides: claim 'hours' is used by no prose"]


def test_a_claim_that_no_cell_makes_is_a_fault(right: Any) -> None:
    right.page("index", "# A small book\n\n[5 boats](#claim-boats)\n")
    assert faults(right) == ["index.md: links to claim 'boats', which no cell makes"]


def test_a_claim_that_is_made_twice_is_a_fault(right: Any, tools: Any) -> None:
    right.pretend_executed("01-tides", [tools.claim("metres", "4", 4.1), tools.claim("metres", "4", 4.2)])
    assert faults(right) == ["claim 'metres' is made 2 times"]


def test_citations_and_bibliography_must_match(right: Any) -> None:
    (right.root / "book" / "references.bib").write_text("@book{sun2026,\n  title = {Days},\n}\n")
    assert faults(right) == [
        "01-tides: cites 'moon2026', which is not in references.bib",
        "references.bib: nothing cites 'sun2026'",
    ]


@pytest.mark.parametrize(
    ("address", "broken"),
    [
        ("chapters/01-tides.html", False),
        ("chapters/01-tides.html#claim-metres", False),
        ("#here", False),
        ("https://elsewhere.example/", False),
        ("chapters/02-gone.html", True),
        ("chapters/01-tides.html#claim-gone", True),
        ("#gone", True),
    ],
)
def test_a_link_within_the_pages_must_lead_somewhere(right: Any, address: str, broken: bool) -> None:
    pages(right, f'<p id="here"></p><a class="x" href="{address}">there</a>', '<p id="claim-metres">4</p>')
    assert faults(right) == ([f"index.html: broken link {address}"] if broken else [])


def test_pages_that_were_not_rendered_are_a_fault(right: Any) -> None:
    (right.project.html / "index.html").unlink()
    assert faults(right) == ["the pages have not been rendered: run `companion book build`"]


def test_a_measurement_must_be_recorded_and_a_stale_one_fails_the_strict_check(right: Any, tools: Any) -> None:
    def found(state: str, strict: bool) -> BookReport:
        right.pretend_executed("01-tides", [tools.claim("metres", "4", 4.1), measurement(tools, state)])
        return check_book(right.project, strict=strict)

    stale = "cell 3: measurement tide.speed is stale: the code has changed since; run `make measure`"
    assert found("recorded", True).faults == found("measured now", True).faults == 0
    assert found("not recorded", False).chapters[0].faults == [
        "cell 3: measurement tide.speed is not recorded: run `make measure`"
    ]
    assert found("stale", False).chapters[0].warnings == [stale]
    assert found("stale", False).faults == 0
    assert found("stale", True).chapters[0].faults == [stale]


def test_a_chapter_has_one_cell_of_parameters_and_three_that_are_not_compared(right: Any, tools: Any) -> None:
    cells = [tools.code("print()", tags=["nbval-ignore-output"])] * 4 + [tools.code("a = 1", tags=["parameters"])]
    right.chapter("01-tides", "claim('metres', 4, 4.1)", tools.prose("[4](#claim-metres) {cite}`moon2026`"), *cells)
    right.pretend_executed("01-tides", [tools.claim("metres", "4", 4.1)])
    assert faults(right) == [
        "01-tides: has 2 cells tagged `parameters`, not one",
        "01-tides: has 4 cells that nbval does not compare; 3 are allowed",
    ]


def test_a_table_of_contents_that_cannot_be_read_is_one_line_and_exit_status_two(right: Any) -> None:
    toc: Path = right.root / "book" / "_toc.yml"
    toc.write_text("root: [")
    done = right.run("check")
    assert done.returncode == 2
    assert done.stderr.startswith("companion book: book/_toc.yml: cannot be read: ") and done.stderr.count("\n") == 1


def test_an_output_that_is_stored_otherwise_than_it_was_executed_is_a_fault(right: Any, tools: Any) -> None:
    store_outputs(right.project, right["01-tides"])
    assert faults(right) == []
    right.pretend_executed("01-tides", [tools.claim("metres", "4", 4.2), figure(tools, ALT)])
    outdated = "its stored output is not what it gave when it was last executed: run `companion book store`"
    assert faults(right) == [f"01-tides: cell 3: {outdated}"]


def test_one_chapter_is_checked_by_itself(right: Any, tools: Any) -> None:
    right.chapter("02-moon", "claim('metres', 4, 4)", tools.prose("See [4 metres](#claim-metres), [5](#claim-gone)."))
    right.pretend_executed("02-moon", [tools.claim("metres", "4", 4)])
    right.page("index", "# A small book\n\n[5 boats](#claim-boats) {cite}`sun2026`\n")
    (right.project.html / "index.html").unlink()

    def of(name: str) -> list[str]:
        report = check_book(right.project, only=[right[name]])
        assert [chapter.name for chapter in report.chapters] == [name]
        return report.chapters[0].faults + report.book

    twice = "claim 'metres' is made 2 times"
    assert of("01-tides") == [twice]
    assert of("02-moon") == [twice, "02-moon: links to claim 'gone', which no cell makes"]
    right.chapter("02-moon", tools.prose("See [4 metres](#claim-metres)."))
    right.pretend_executed("02-moon")
    right["01-tides"].executed.unlink()  # its claims are known from the notebook, once they are stored
    assert of("02-moon") == ["02-moon: links to claim 'metres', which no cell makes"]
    right.pretend_executed("01-tides", [tools.claim("metres", "4", 4.1), figure(tools, ALT)])
    store_outputs(right.project, right["01-tides"])
    right["01-tides"].executed.unlink()
    assert of("02-moon") == []
    assert right.run("check", "--only", "02").returncode == 0
    assert right.run("check", "--only", "03").returncode == 2


def test_faults_are_counted_as_one_says_it() -> None:
    assert [counted(number, "fault") for number in (0, 1, 2)] == ["0 faults", "1 fault", "2 faults"]
