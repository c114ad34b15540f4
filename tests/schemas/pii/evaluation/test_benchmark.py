"""What is counted of the rules on the corpus: parts that add up to the whole, and exams that stay as they fell."""

from __future__ import annotations

import pytest

from companion.schemas.pii.evaluation import benchmark
from companion.schemas.pii.evaluation.benchmark import (
    EVIDENCE,
    PARTS,
    Judged,
    by_trade,
    exams,
    floor,
    judge,
    measure_scanners,
    right_types,
    scanner_scores,
    score,
    together,
    without_each,
)
from companion.schemas.pii.evaluation.corpus import LabelledSchema, Part, labelled_fields, load_corpus
from companion.schemas.pii.evaluation.scores import ORDER, Score, compare, counts
from companion.schemas.pii.evidence.classify import ALL_EVIDENCE
from companion.schemas.pii.rules.loading import Rules
from companion.schemas.pii.verdict import Level


@pytest.fixture(scope="module")
def judged(corpus: list[LabelledSchema], rules: Rules) -> list[Judged]:
    return judge(corpus, rules)


def test_every_field_has_one_verdict_and_it_is_its_own(corpus: list[LabelledSchema], judged: list[Judged]) -> None:
    fields = labelled_fields(corpus)
    assert [each.field for each in judged] == fields
    assert all(each.verdict.field is each.field.field and each.verdict.path == each.field.path for each in judged)


def test_the_trades_add_up_to_the_whole(corpus: list[LabelledSchema], judged: list[Judged]) -> None:
    trades = by_trade(judged)
    assert list(trades) == sorted(each.trade for each in corpus)
    assert {each.trade: trades[each.trade].n for each in corpus} == {each.trade: len(each.labels) for each in corpus}
    assert together(trades) == score(judged)


def test_right_and_missed_are_what_the_score_counts(judged: list[Judged]) -> None:
    whole = score(judged)
    assert sum(each.right for each in judged) == whole.right
    below = sum(count for i, row in enumerate(whole.matrix) for j, count in enumerate(row) if j > i)
    assert sum(each.missed for each in judged) == below
    assert not any(each.right and each.missed for each in judged)


def test_a_field_says_in_a_line_what_it_is_and_what_was_said(judged: list[Judged]) -> None:
    one = next(each for each in judged if each.field.trade == "bank" and each.field.field.name == "cust_nm")
    assert str(one).split() == [
        "Cust.cust_nm",
        "is",
        "LOW",
        "said",
        *f"{one.verdict.level} {one.verdict.reason}".split(),
    ]
    assert all("\n" not in str(each) for each in judged)


def test_everything_is_what_is_judged_and_each_kind_of_evidence_is_taken_away_once(
    corpus: list[LabelledSchema], rules: Rules
) -> None:
    few = [each for each in corpus if each.trade in ("bank", "clinic")]
    scores = without_each(few, rules)
    assert scores["everything"] == score(judge(few, rules))
    assert scores["the name alone"] == score(judge(few, rules, evidence=frozenset()))
    assert set(scores) == {"everything", "the name alone", *(f"without {kind}" for kind in EVIDENCE.values())}
    assert set(EVIDENCE) == ALL_EVIDENCE
    assert {each.n for each in scores.values()} == {len(labelled_fields(few))}
    assert scores["everything"].right > scores["the name alone"].right


def test_the_floor_finds_nothing_and_is_below_the_rules(corpus: list[LabelledSchema], judged: list[Judged]) -> None:
    lowest = floor(corpus)
    assert [lowest.recall(level) for level in ORDER] == [0, 0, 0, 1]
    assert lowest.n == score(judged).n and lowest.right < score(judged).right


def test_a_type_is_right_only_where_the_level_is(judged: list[Judged]) -> None:
    right, personal = right_types(judged)
    assert 0 < right <= personal == sum(each.right and each.field.label.level is not Level.PUBLIC for each in judged)


# Exams


def test_every_version_sat_every_exam() -> None:
    told = exams()
    assert list(told) == ["home", "1", "2", "3", "4", "5", "6"]
    sizes = {exam: {together(trades).n for trades in versions.values()} for exam, versions in told.items()}
    assert sizes == {"home": {777}, "1": {240}, "2": {240}, "3": {240}, "4": {240}, "5": {476}, "6": {590}}
    sat = {exam: list(versions) for exam, versions in told.items()}
    assert sat.pop("6") == ["4", "5"]  # it was written for a kind of schema that the earlier ones had not met
    assert set(map(tuple, sat.values())) == {("1", "2", "3", "4", "5")}
    assert all(len(trades) == {"home": 12, "6": 6}.get(exam, 4)
               for exam, versions in told.items() for trades in versions.values())  # fmt: skip


def test_what_the_exams_gave_stays_as_it_fell() -> None:
    assert exams()["1"]["1"]["dating"].matrix == ((3, 1, 0, 5), (0, 11, 0, 3), (0, 1, 7, 1), (0, 0, 2, 26))
    fell = [together(exams()[number][number]) for number in "1234"]
    assert [each.right for each in fell] == [201, 212, 209, 217]
    assert [each.matrix[0][0] for each in fell] == [22, 30, 24, 37]
    sixth = together(exams()["6"]["4"])
    assert (sixth.right, sixth.matrix[0][0], sum(sixth.matrix[0])) == (346, 17, 118)


def test_the_rules_of_today_score_what_the_table_says_of_their_version(rules: Rules) -> None:
    places: dict[str, Part] = {"4": "unseen", "5": "new_trades", "6": "wrapped/exam"}
    parts = {trade: score for part in (*PARTS, "wrapped/exam") for trade, score in _by_place(part, rules).items()}
    for exam, versions in exams().items():
        for trade, said in versions[rules.version].items():
            part: Part = places.get(exam, "development")
            assert parts[part, trade] == said, (exam, trade)


def _by_place(part: Part, rules: Rules) -> dict[tuple[Part, str], Score]:
    return {(part, trade): score for trade, score in by_trade(judge(load_corpus(part), rules)).items()}


# Scanners of others


def test_scores_of_scanners_are_told_apart_by_part() -> None:
    truth, said = [Level.HIGH, Level.PUBLIC], [None, Level.LOW]
    figures = {f"development/{name}": count for name, count in counts("a, b", truth, said).items()}
    figures |= {f"unseen/{name}": count for name, count in counts("a, b", truth, truth).items()}
    assert scanner_scores(figures, "development") == {"a, b": compare(truth, said)}
    assert scanner_scores(figures, "unseen") == {"a, b": compare(truth, truth)}


def test_a_record_is_not_replaced_by_one_of_fewer_scanners(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(benchmark, "available", list)
    with pytest.raises(ImportError, match=r"pip install 'companion\[scanners\]' \(here: none\)"):
        measure_scanners()
