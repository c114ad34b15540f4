"""A number is lucky when other seeds give another verdict, or none gives so much or so little."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.book.check.checks import check_book
from companion.book.check.luck import judge, luck, spread_of
from companion.book.execution.spread import Record, record_file, record_spread, source_key
from companion.claims import Claim


@pytest.mark.parametrize(
    ("said", "own", "values", "lucky", "why"),
    [
        ("281", 281.2, (276, 288, 280, 281), False, "within 276 to 288, of 4 seeds"),
        ("281", 281.2, (281.4, 280.6, 281), False, "the same under 3 seeds"),  # as the text rounds
        ("281", 281.2, (280, 279), True, "281 here, 279 to 280 under 2 seeds"),
        ("281", 281.2, (282, 299), True, "281 here, 282 to 299 under 2 seeds"),
        ("281", 281.2, (281, 299), False, "within 281 to 299, of 2 seeds"),
        ("281", 281.2, (270, 280.6), False, "within 270 to 281, of 2 seeds"),
        ("0", 0, (0, 0.4, 0), False, "the same under 3 seeds"),
        ("0", 0, (0, 3, 5), True, "zero here, not under 2 of 3 seeds"),
        ("4", 4, (0, 3, 5), True, "zero under 1 of 3 seeds, and not here"),
        ("0", -0.2, (0, -0.1), False, "the same under 2 seeds"),
        ("1.7e4", 17_400, (16_600, 17_499), False, "the same under 2 seeds"),
        ("1.7e4", 17_400, (15_000, 16_200), True, "17000 here, 15000 to 16000 under 2 seeds"),
        ("ebb", "ebb", ("ebb", "ebb"), False, "the same under 2 seeds"),
        ("ebb", "ebb", ("ebb", "flood", "ebb"), True, "`ebb` here, otherwise under 1 of 3 seeds"),
        ("12", 12, (12, "none"), True, "`12` here, otherwise under 1 of 2 seeds"),
        ("12", 12, ("inf", 13), True, "`12` here, otherwise under 2 of 2 seeds"),
    ],
)
def test_a_claim_is_judged_by_the_values_of_other_seeds(
    said: str, own: Any, values: Any, lucky: bool, why: str
) -> None:
    found = judge(Claim("tide", said, own), values)
    assert (found.lucky, found.why) == (lucky, why)
    assert found.values == values


@pytest.mark.parametrize(
    ("said", "values", "text"),
    [
        ("281", (276.4, 288, 280), "over 3 seeds 276 to 288"),
        ("281", (281.2, 281), "the same under 2 seeds"),
        ("0.07", (0.0712, 0.105), "over 2 seeds 0.07 to 0.10"),
        ("ebb", ("ebb", "flood"), "`ebb` here, otherwise under 1 of 2 seeds"),
        ("ebb", ("ebb", "ebb"), "the same under 2 seeds"),
    ],
)
def test_a_range_is_written_as_the_text_rounds(said: str, values: Any, text: str) -> None:
    own = values[0] if said == "ebb" else float(said)
    assert judge(Claim("tide", said, own), values).range == text


def test_words_have_no_lowest_and_no_highest() -> None:
    found = judge(Claim("tide", "ebb", "ebb"), ("ebb", "flood"))
    assert (found.low, found.high) == ("", "")


def test_a_minus_zero_is_a_zero() -> None:
    assert judge(Claim("tide", "0", -0.2), (-0.1, -0.3)).low == "0"


@given(st.lists(st.integers(1, 50), min_size=21, max_size=21))
def test_of_all_runs_only_the_lowest_and_the_highest_are_lucky(runs: list[int]) -> None:
    lucky = [judge(Claim("tide", str(own), own), runs[:at] + runs[at + 1 :]).lucky for at, own in enumerate(runs)]
    ends = [own for own in (min(runs), max(runs)) if runs.count(own) == 1]
    assert [own for own, was in zip(runs, lucky, strict=True) if was] == [own for own in runs if own in ends]


@pytest.fixture
def tides(book: Any, tools: Any) -> Any:
    """Make a chapter whose record says 2, 4 and 6 where the book says 22."""
    claims = "claim('tide', 22, 2 * seed)\nclaim('moon', 1, 1)"
    outputs = [tools.claim("tide", "22", 22), tools.claim("moon", "1", 1)]
    book.chapter("18-tides", tools.code(claims, outputs=outputs), tools.prose("[22](#claim-tide) [1](#claim-moon)"))
    key = source_key(book.project, book["18-tides"])
    record = {"claims": {"tide": [2, 4, 6], "moon": [1, 1, 1]}, "confirmed_by": [], "failed": {}, "seeds": [1, 2, 3],
              "source": key}  # fmt: skip
    record_file(book["18-tides"]).parent.mkdir(parents=True)
    record_file(book["18-tides"]).write_text(json.dumps(record), "utf-8")
    return book


def test_the_spread_of_a_chapter_has_each_claim_that_was_recorded(tides: Any, tools: Any) -> None:
    found = spread_of(tides["18-tides"])
    assert {name: (spread.low, spread.high, spread.lucky) for name, spread in found.items()} == {
        "tide": ("2", "6", True),
        "moon": ("1", "1", False),
    }
    tides.chapter("19-moon", tools.code("claim('other', 1, 1)", outputs=[tools.claim("other", "1", 1)]))
    assert spread_of(tides["19-moon"]) == {}
    record_spread(tides.project, [tides["19-moon"]])
    (other,) = spread_of(tides["19-moon"]).values()
    assert (other.lucky, other.range, other.why) == (
        False, "no seed is drawn on", "no cell that leads to it uses the seed",
    )  # fmt: skip


def test_a_check_warns_of_lucky_claims_and_faults_a_stale_record_when_strict(tides: Any) -> None:
    chapter = tides["18-tides"]
    lucky = "claim 'tide' is lucky: 22 here, 2 to 6 under 3 seeds"
    assert luck(tides.project, chapter) == ([], [lucky])

    def checked(strict: bool) -> tuple[list[str], list[str]]:
        (report,) = check_book(tides.project, strict=strict).chapters
        about = ("claim 'tide' is lucky", "its claims under")
        faults, warnings = ([text for text in told if text.startswith(about)] for told in
                            (report.faults, report.warnings))  # fmt: skip
        return faults, warnings

    finished = chapter.source.read_text("utf-8").replace('"draft": true', '"draft": false')
    chapter.source.write_text(finished, "utf-8")
    assert checked(True) == ([], [lucky])
    chapter.source.write_text(finished.replace("2 * seed", "3 * seed"), "utf-8")
    again = "run `companion book spread --only 18`"
    stale = f"its claims under other seeds are stale: the code has changed since; {again}"
    assert checked(False) == ([], [stale, lucky])
    assert checked(True) == ([stale], [lucky])
    record_file(chapter).unlink()
    assert checked(True) == ([f"its claims under other seeds are not recorded: {again}"], [])


def test_a_seed_under_which_the_chapter_failed_is_told(tides: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    record = Record("", (1, 2), {"tide": (22, 22)}, {"3": "cell 4: ValueError: low water"})
    monkeypatch.setattr("companion.book.check.luck.read_record", lambda chapter: record)
    assert luck(tides.project, tides["18-tides"])[1] == ["under seed 3 it fails: cell 4: ValueError: low water"]
