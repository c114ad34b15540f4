"""Recall, gain, precision and refusals are what they are by hand; a report says what an index is bad at."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

from companion.reasoning.rag.chunks import Answer, Chunk, Citation, Evidence, RagError
from companion.reasoning.rag.evaluating import (
    Question,
    Refusals,
    Span,
    citation_precision,
    interval,
    ndcg,
    read_questions,
    recall,
    recall_read,
    refusals,
    report,
)
from companion.reasoning.rag.index import Index, update


def found(*places: Span) -> list[Evidence]:
    return [Evidence(Chunk(source, start, end, "x" * (end - start)), 1.0, "vectors") for source, start, end in places]


CHUNKS = found(("a", 0, 100), ("b", 0, 100), ("a", 50, 150), ("c", 0, 10))
NEEDED: list[Span] = [("a", 60, 90), ("c", 0, 10)]


@pytest.mark.parametrize(("k", "share"), [(0, 0), (1, 0.5), (3, 0.5), (4, 1)])
def test_a_span_is_found_where_a_chunk_holds_all_of_it(k: int, share: float) -> None:
    assert recall(CHUNKS, NEEDED, k) == share


@pytest.mark.parametrize(("characters", "share"), [(99, 0), (100, 0.5), (309, 0.5), (310, 1)])
def test_recall_by_what_was_read_counts_whole_chunks(characters: int, share: float) -> None:
    assert recall_read(CHUNKS, NEEDED, characters) == share


def test_a_span_that_is_cut_in_two_is_not_found() -> None:
    assert recall(found(("a", 0, 50), ("a", 50, 100)), [("a", 40, 60)]) == 0


def test_gain_is_discounted_and_a_second_chunk_with_the_same_span_adds_none() -> None:
    best = 1 + 1 / math.log2(3)
    assert ndcg(CHUNKS, NEEDED, 5) == pytest.approx((1 + 1 / math.log2(5)) / best)
    assert ndcg(CHUNKS, NEEDED, 3) == pytest.approx(1 / best)
    assert ndcg(found(("a", 0, 100), ("a", 0, 100)), [("a", 0, 5)]) == 1


def test_without_evidence_there_is_nothing_to_find() -> None:
    for measure in (recall, ndcg):
        with pytest.raises(ValueError, match="no evidence is named"):
            measure(CHUNKS, [])


def answer(*places: Span, refused: bool = False) -> Answer:
    cited = tuple(Citation(source, start, end, "", 1.0) for source, start, end in places)
    return Answer("", cited, refused, "", "m")


def test_a_citation_is_right_where_it_touches_evidence() -> None:
    pairs = [(answer(("a", 80, 120), ("a", 90, 120)), NEEDED), (answer(("c", 0, 10)), NEEDED), (answer(), NEEDED)]
    assert citation_precision(pairs) == pytest.approx(2 / 3)
    assert citation_precision([(answer(), NEEDED)]) is None


def test_refusals_are_wrong_in_two_ways() -> None:
    yes, no = answer(), answer(refused=True)
    assert refusals([(yes, True), (no, True), (no, False), (yes, False), (yes, False)]) == Refusals(2, 1, 3, 2)


def test_a_mean_has_an_interval_that_repeats() -> None:
    values = [1.0] * 30 + [0.0] * 30
    mean = interval(values)
    assert mean.mean == 0.5 and 0.3 < mean.low < 0.45 and 0.55 < mean.high < 0.7
    assert interval(values) == mean
    assert str(interval([1.0] * 9)) == "1.00 (1.00-1.00)"


# Of an index


@pytest.fixture
def index(tmp_path: Path) -> Index:
    folder = tmp_path / "documents"
    folder.mkdir()
    for n, word in enumerate(("rain", "snow", "wind", "hail", "fog", "ice", "dew")):
        text = f"# {word}\n\nHere stands what there is to know of {word}. " + f"The {word} comes on day {n}. " * 9
        (folder / f"{word}.md").write_text(text)
    (folder / "copy.md").write_bytes((folder / "rain.md").read_bytes())
    (folder / "short.md").write_text("# Nothing\n\nNothing.")
    (folder / "bad.ipynb").write_text("")
    return update(folder, tmp_path / "index", embedding="words", size=100).index


def test_a_report_says_what_an_index_is_bad_at(index: Index) -> None:
    questions = [
        Question("What is there to know of snow?", ("snow.md",), "to know of SNOW"),
        Question("On which day comes the wind?", ("gone.md", "wind.md"), "day 2"),
        Question("rain", ("ice.md",), "comes on day 5"),
        Question("When does the hail come?", ("hail.md",), "in winter"),
        Question("What of thunder?", ("thunder.md",)),
    ]
    made = report(index, questions)
    assert made.questions == 4
    assert (made.recall_1.mean, made.recall_5.mean) == (0.75, 0.75)
    assert made.mrr.low <= 0.75 < made.mrr.mean < 1
    assert made.answers_5 is not None and made.answers_5.mean == 0.5
    assert [(each.question.text, each.rank is None or each.rank > 1) for each in made.missed] == [("rain", True)]
    assert "rain.md" in made.missed[0].instead
    assert [question.text for question in made.passed_over] == ["rain"]
    assert [question.text for question in made.in_no_chunk] == ["When does the hail come?"]
    assert [question.text for question in made.unknown] == ["What of thunder?"]
    assert made.short == ("short.md",)
    assert made.duplicates == (("copy.md", "rain.md"),)
    assert [problem.source for problem in made.unread] == ["bad.ipynb"]
    assert "snow.md" not in made.never_found and "ice.md" in made.never_found


def test_questions_about_another_folder_are_refused(index: Index) -> None:
    with pytest.raises(RagError, match=r"no question names a document of the index: 'gone.md' is none; 'copy.md' is"):
        report(index, [Question("What?", ("gone.md",))])


# Questions in a file


def test_questions_are_read_a_line_each(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    rows = [{"question": "a\u2028b", "source": "x"}, {"question": "b", "sources": ["x", "y"], "answer": "z", "note": 1}]
    file.write_text("\ufeff" + "\n\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    assert read_questions(file) == [Question("a\u2028b", ("x",)), Question("b", ("x", "y"), "z")]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("", "holds no question"),
        ("{}", r":1: `question` has to be a text"),
        ('{"question": "a", "source": "x"}\n{', r":2: Expecting property name"),
        ("[1]", r":1: an object"),
        ('{"question": " ", "source": "x"}', "`question` has to be"),
        ('{"question": "a"}', "`source` has to be"),
        ('{"question": "a", "sources": []}', "`source` has to be"),
        ('{"question": "a", "source": 3}', "`source` has to be"),
        ('{"question": "a", "source": "x", "answer": 3}', "`answer` has to be"),
        ("[" * 100_000, ":1: "),
    ],
)
def test_a_line_that_is_no_question_is_named(tmp_path: Path, content: str, why: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text(content)
    with pytest.raises(RagError, match=why) as refused:
        read_questions(file)
    assert "\n" not in str(refused.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"\xff\xfe\xfd")
    for name, why in (("gone", "no such file"), ("latin", "no UTF-8"), (".", "is a directory")):
        with pytest.raises(RagError, match=why):
            read_questions(tmp_path / name)
