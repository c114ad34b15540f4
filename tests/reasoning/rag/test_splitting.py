"""Chunks are spans of a document: in order, none too long, nothing lost, and no figure without its column's head."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.reasoning.filings.corpus import make_corpus
from companion.reasoning.rag.chunks import Document, RagError, Section
from companion.reasoning.rag.splitting import split

PIECES = ["Rain fell. ", "Was it wet? ", "a", "word ", "longestwordofall", "\n", "\n\n", " \n \n", "\t", "Größe 3.5 ",
          "| a | b |\n", "name   1.0   2.0\n", "  ", "雨。", "\u2028", "\r"]  # fmt: skip
texts = st.lists(st.sampled_from(PIECES), max_size=60).map("".join)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    text = draw(texts)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=4)))
    sections = tuple(Section(f"part {n}", *span) for n, span in enumerate(pairwise(cuts)) if draw(st.booleans()))
    return Document("a.txt", text, draw(st.sampled_from(["", "Weather"])), sections)


@settings(max_examples=80)
@given(documents(), st.integers(1, 60))
def test_chunks_are_spans_in_order_within_the_size_and_lose_nothing_but_white_space(
    document: Document, size: int
) -> None:
    chunks = split(document, size)
    assert all(document.text[chunk.start : chunk.end] == chunk.text for chunk in chunks)
    assert all(0 < len(chunk.text) <= size for chunk in chunks)
    assert all(one.end <= other.start for one, other in pairwise(chunks))
    assert "".join("".join(chunk.text.split()) for chunk in chunks) == "".join(document.text.split())
    assert split(document, size) == chunks


@settings(max_examples=80)
@given(documents(), st.integers(2, 60), st.data())
def test_overlapping_chunks_reach_back_by_words_and_no_further(
    document: Document, size: int, data: st.DataObject
) -> None:
    overlap = data.draw(st.integers(1, size - 1))
    chunks = split(document, size, overlap)
    assert all(document.text[chunk.start : chunk.end] == chunk.text for chunk in chunks)
    assert all(0 < len(chunk.text) <= size for chunk in chunks)
    assert all(one.start < other.start and one.end < other.end for one, other in pairwise(chunks))
    assert all(one.end - other.start <= overlap for one, other in pairwise(chunks))
    covered = set[int]().union(*(range(chunk.start, chunk.end) for chunk in chunks))
    assert all(character.isspace() for at, character in enumerate(document.text) if at not in covered)


def test_no_chunk_crosses_the_end_of_a_section_and_its_header_says_which_it_is_of() -> None:
    document = Document("a", "Before. One. Two.", "Book", (Section("I", 8, 13), Section("II", 13, 17)))
    assert [(chunk.header, chunk.text) for chunk in split(document)] == [
        ("Book", "Before."), ("Book, I", "One."), ("Book, II", "Two."),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("size", "pieces"),
    [
        (60, ["One is one. Two is two.\n\nThree is three."]),
        (30, ["One is one. Two is two.", "Three is three."]),
        (15, ["One is one.", "Two is two.", "Three is three."]),
        (8, ["One is", "one.", "Two is", "two.", "Three is", "three."]),
        (4, ["One", "is", "one.", "Two", "is", "two.", "Thre", "e", "is", "thre", "e."]),
    ],
)
def test_a_cut_is_made_at_the_coarsest_border_that_will_do(size: int, pieces: list[str]) -> None:
    document = Document("a", "One is one. Two is two.\n\nThree is three.")
    assert [chunk.text for chunk in split(document, size)] == pieces


def test_a_heading_stays_with_what_stands_below_it() -> None:
    sentences = " ".join(["The rain fell all day."] * 4)
    chunks = split(Document("a", f"First paragraph, short.\n\nRAIN\n\n{sentences}"), 60)
    assert [chunk.text[:10] for chunk in chunks][:2] == ["First para", "RAIN\n\nThe "]


TABLE = """\
(in millions)      FY2024    FY2023
Revenue             285.9     341.9
Cost of sales       101.2     111.8
Research             11.1      12.5
Taxes                 4.0       5.1
"""


def test_rows_stay_whole_and_a_piece_that_begins_inside_a_table_has_the_heads_of_its_columns() -> None:
    document = Document("a", f"Told in full.\n\n{TABLE}", "Borealis, 10-K")
    first, *others = split(document, 80)
    assert first.header == "Borealis, 10-K" and len(others) > 1
    rows = [row for chunk in others for row in chunk.text.splitlines()]
    assert set(rows) <= set(TABLE.splitlines())
    begun_inside = [chunk for chunk in others if not chunk.text.startswith("(in millions)")]
    assert {chunk.header for chunk in begun_inside} == {"Borealis, 10-K, (in millions) FY2024 FY2023"}
    with_overlap = split(document, 80, 30)
    assert {row for chunk in with_overlap[1:] for row in chunk.text.splitlines()} <= set(TABLE.splitlines())


@pytest.mark.parametrize(
    "table",
    [
        "| year | rain |\n|------|------|\n| 2024 | 10 mm |\n| 2025 | 12 mm |\n| 2026 | 14 mm |",
        "year\train\n2024\t10 mm\n2025\t12 mm\n2026\t14 mm\n2027\t16 mm",
        "====  =====  ====\nyear  rain   snow\n====  =====  ====\n2024  10 mm  1 m\n2025  12 mm  2 m\n====  =====",
    ],
    ids=["bars", "tabs", "rules"],
)
def test_tables_of_other_kinds_keep_their_heads_too(table: str) -> None:
    last = split(Document("a", table), 36)[-1]
    assert "year" not in last.text
    assert "year" in last.header and "rain" in last.header


@pytest.mark.parametrize("size", [128, 256, 512])
def test_no_row_of_a_filings_table_is_without_its_period(size: int) -> None:
    corpus = make_corpus(1)
    for filing in corpus.documents[:3]:
        sections = tuple(Section(one.name, one.start, one.end) for one in filing.sections)
        chunks = split(Document(filing.id, filing.text, "", sections), size)
        heads = [line for line in filing.text.splitlines() if line.startswith("(")]
        for chunk in chunks:
            rows = [line for line in chunk.text.splitlines() if "   " in line]
            if rows and rows[0] not in heads:
                assert any(" ".join(head.split()) in chunk.header for head in heads)


@pytest.mark.parametrize(("size", "overlap"), [(0, 0), (-5, 0), (10, 10), (10, -1)])
def test_a_size_that_cannot_be_kept_is_refused(size: int, overlap: int) -> None:
    with pytest.raises(RagError, match="0 <= overlap < size"):
        split(Document("a", "Rain."), size, overlap)


@pytest.mark.parametrize("text", ["", " \n\n\t "])
def test_a_text_without_a_word_has_no_chunk(text: str) -> None:
    assert split(Document("a", text)) == []


def test_a_line_of_two_megabytes_is_cut_as_well() -> None:
    chunks = split(Document("a", "word " * 40_000 + "x" * 200_000), 500)
    assert max(len(chunk.text) for chunk in chunks) == 500
    assert sum(chunk.text.count("x") for chunk in chunks) == 200_000
