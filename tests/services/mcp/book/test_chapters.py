"""The chapters are read as their pages show them: no solution, no hidden test, and what is named is looked up."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.book.project import Chapter, Project
from companion.exercises.authoring.model import marked
from companion.notebooks import BookError, cell_source, read_notebook
from companion.services.mcp.book.chapters import (
    NotInTheBook,
    Section,
    chapter_text,
    find_chapter,
    find_passages,
    section_text,
    sections_of,
)

PROJECT = Project(Path(__file__).parents[4])
CHAPTERS = PROJECT.chapters()
each_chapter = pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.name)


def headings_written(chapter: Chapter) -> list[str]:
    """Read the headings line by line, which is slower and simpler."""
    found = []
    for cell in read_notebook(chapter.source)["cells"]:
        in_code = cell["cell_type"] != "markdown"
        for line in cell_source(cell).splitlines():
            in_code ^= line.startswith("```")
            if line.startswith("#") and not in_code:
                found.append(line.lstrip("# "))
    return found


@each_chapter
def test_every_heading_of_a_notebook_is_a_section_in_its_order(chapter: Chapter) -> None:
    assert [section.heading for section in sections_of(chapter)] == headings_written(chapter)
    assert sections_of(chapter)[0].level == 1
    assert {section.level for section in sections_of(chapter)} == {1, 2, 3}


@each_chapter
def test_a_chapter_gives_no_solution_and_no_hidden_test_away(chapter: Chapter) -> None:
    text, stretches = chapter_text(chapter), Counter[str]()
    for cell in read_notebook(chapter.source)["cells"]:
        lines = cell_source(cell).splitlines()
        for what in ("SOLUTION", "HIDDEN TESTS"):
            for first, last in marked(cell_source(cell), what):
                stretches[what] += 1
                assert "\n".join(lines[first : last - 1]) not in text
    assert text.count("# YOUR ANSWER HERE") == stretches["SOLUTION"] >= 3
    assert "### BEGIN" not in text


def test_code_stands_with_what_it_printed_and_claims_as_their_values() -> None:
    text = chapter_text(find_chapter(PROJECT, "18"))
    assert "```python\nimport random\n\nimport simpy" in text
    assert "```text\nminute 1:  70.0 attempts,  69.9 answered in time" in text
    assert "= attempts: 281" in text and 'claim("attempts"' not in text
    assert "```text\nExercise 1: right" not in text  # what the check printed of a solution that is not shown


@pytest.mark.parametrize("wanted", ["2", "02", "02-wire", "wire", " 2 "])
def test_a_chapter_has_a_number_a_name_and_a_subject(wanted: str) -> None:
    assert find_chapter(PROJECT, wanted).name == "02-wire"


@pytest.mark.parametrize("wanted", ["../chapters/02-wire", "02-wire.ipynb", "0", "", "%2e%2e", "2\0"])
def test_what_is_no_chapter_is_never_made_into_a_path(wanted: str) -> None:
    with pytest.raises(NotInTheBook, match=r"^no chapter .*: there are 01-languages, 02-wire, "):
        find_chapter(PROJECT, wanted)


def test_a_section_comes_with_those_below_it() -> None:
    heading, text = section_text(find_chapter(PROJECT, "18"), "  so WAIT a little longer between tries ")
    assert heading == "So wait a little longer between tries"
    assert text.startswith("## So wait") and "### Where the advice is right" in text and "## The border" not in text


def test_the_opening_is_the_opening_alone() -> None:
    for heading in ("", "2 · One call, eleven wires"):
        found, text = section_text(find_chapter(PROJECT, "02"), heading)
        assert found == "2 · One call, eleven wires"
        assert "*What do you pay for a remote call" in text and "## A service small" not in text


def test_a_section_that_there_is_not_names_the_nearest() -> None:
    with pytest.raises(
        NotInTheBook, match=r"^chapter 18 has no section 'ten busy second'; nearest: 'Ten busy seconds'"
    ):
        section_text(find_chapter(PROJECT, "18"), "ten busy second")


def test_paragraphs_with_more_of_the_words_come_first() -> None:
    found = find_passages(PROJECT, "the callers who have left, and the queue", 10)
    assert len(found) == 10
    matched = [passage.matched for passage in found]
    assert matched == sorted(matched, reverse=True) and matched[0] >= 3
    assert all("caller" in passage.text.lower() or "queue" in passage.text.lower() for passage in found)


def test_a_passage_is_what_a_reader_sees_and_names_its_claims() -> None:
    (passage,) = find_passages(PROJECT, "hundred second seventy arrive callers wait nobody three times worker tenth", 1)
    assert passage.chapter.name == "18-metastable" and passage.section.heading == "Ten busy seconds"
    assert "a hundred a second" in passage.text and "#claim-" not in passage.text
    assert passage.claims == ["capacity"]


@pytest.mark.parametrize("asked", ["", "the of and", "qzxqzx", "??? ***"])
def test_words_that_say_nothing_find_nothing(asked: str) -> None:
    assert find_passages(PROJECT, asked, 5) == []


def notebook(*cells: dict[str, object]) -> str:
    return json.dumps({"nbformat": 4, "cells": [{"metadata": {}, **cell} for cell in cells]})


def chapter_of(folder: Path, *cells: dict[str, object]) -> Chapter:
    source = folder / "01-test.ipynb"
    source.write_text(notebook(*cells), "utf-8")
    return Chapter("01-test", source, folder / "built.ipynb")


def test_a_comment_in_a_block_of_code_is_no_heading(tmp_path: Path) -> None:
    text = "# Title\n\nBefore.\n\n```bash\n# not a heading\n```\n\n## Next ##\nAfter."
    found = sections_of(chapter_of(tmp_path, {"cell_type": "markdown", "source": text}))
    assert [(section.level, section.heading) for section in found] == [(1, "Title"), (2, "Next")]
    assert "# not a heading" in found[0].text and found[1].prose == ("After.",)


def test_a_chapter_that_is_saved_again_is_read_again(tmp_path: Path) -> None:
    one = chapter_of(tmp_path, {"cell_type": "markdown", "source": "# One"})
    assert sections_of(one)[0].heading == "One"
    chapter_of(tmp_path, {"cell_type": "markdown", "source": "# Another"})
    assert sections_of(one)[0].heading == "Another"


def test_a_long_output_is_cut_and_says_so(tmp_path: Path) -> None:
    outputs = [{"output_type": "stream", "text": "x" * 9999}]
    (section,) = sections_of(chapter_of(tmp_path, {"cell_type": "code", "source": "print()", "outputs": outputs}))
    assert len(section.text) < 2100 and section.text.endswith("x\n…\n```")


def test_a_chapter_that_is_gone_or_broken_is_said(tmp_path: Path) -> None:
    chapter = chapter_of(tmp_path)
    chapter.source.write_text("{", "utf-8")
    with pytest.raises(BookError, match="not valid JSON"):
        sections_of(chapter)
    chapter.source.unlink()
    with pytest.raises(BookError, match="cannot be read"):
        sections_of(chapter)


@settings(max_examples=50)
@given(
    st.lists(
        st.sampled_from(["# A", "## B", "### C", "text", "```", "~~~", "#no", "", "- x", "[1](#claim-a)"]), max_size=15
    )
)
def test_no_line_of_prose_is_lost(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    chapter = chapter_of(tmp_path_factory.mktemp("book"), {"cell_type": "markdown", "source": "\n".join(lines)})
    found: tuple[Section, ...] = sections_of(chapter)
    kept = [line for section in found for line in section.text.splitlines() if line]
    assert kept == [line for line in lines if line]
