"""Questions whose truth agrees with that of the filings."""

from __future__ import annotations

import re
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from companion.reasoning.filings import wordings
from companion.reasoning.filings.corpus import make_corpus
from companion.reasoning.filings.metrics import METRICS
from companion.reasoning.filings.questions import COUNTS, REASONS, Question, make_questions
from companion.reasoning.filings.topics import TOPICS
from companion.reasoning.filings.wordings import Pair, polish

seeds = st.integers(min_value=0, max_value=10**9)
each_seed = settings(max_examples=5)


@each_seed
@given(seeds)
def test_every_kind_is_asked_and_half_is_held_back(seed: int) -> None:
    asked = make_questions(make_corpus(seed))
    assert len(asked) == len({question.text for question in asked}) == len({question.id for question in asked}) >= 160
    found = Counter((question.kind, question.wording) for question in asked)
    assert found == {(kind, wording): count // 2 for kind, count in COUNTS.items() for wording in ("seen", "held back")}
    for question in asked:
        assert re.fullmatch(r"[A-Z].*[?.]", question.text) and "{" not in question.text
        assert "  " not in question.text


@each_seed
@given(seeds)
def test_the_evidence_holds_the_answer(seed: int) -> None:
    corpus = make_corpus(seed)
    for question in make_questions(corpus):
        assert (question.reason == "") == bool(question.evidence) == bool(question.answer)
        for span in [span for each in question.evidence for span in each]:
            assert corpus.by_id[span.document].firm in question.firms
            text = corpus.text(span)
            if question.kind == "textual":
                assert question.answer in text
            elif question.kind != "cross-document" and span in question.evidence[0]:
                shown = question.answer.removesuffix(" million").strip("$%")
                in_thousands = f"{question.value * 1000:,.0f}" if question.value else ""
                assert shown in text or in_thousands in text


@each_seed
@given(seeds)
def test_figures_are_those_of_the_documents_that_are_right(seed: int) -> None:
    corpus = make_corpus(seed)
    for question in make_questions(corpus):
        if question.kind in ("numeric", "reworded", "contradictory"):
            fact = corpus.fact(question.firms[0], question.subject, question.periods[0])
            assert (question.value, question.unit) == (fact.value, fact.unit)
            assert (question.other is not None) == (question.kind == "contradictory")
            assert question.other != question.value


@each_seed
@given(seeds)
def test_what_must_be_computed_is_computed(seed: int) -> None:
    corpus = make_corpus(seed)
    for question in make_questions(corpus):
        if question.kind != "cross-document":
            continue
        facts = [corpus.fact(firm, question.subject, period) for firm in question.firms for period in question.periods]
        values = [fact.value for fact in facts]
        assert len(question.evidence) == len(values) > 1
        best = facts[values.index(max(values))]
        if question.value is None:
            assert question.answer == (best.firm if len(question.firms) == 2 else best.period.name)
        elif len(values) == 3:
            assert round(sum(values) - question.value, 6) == 0
        else:
            assert round(values[1] - values[0] - question.value, 6) == 0


@each_seed
@given(seeds)
def test_contradictions_need_both_sides(seed: int) -> None:
    corpus = make_corpus(seed)
    asked = [question for question in make_questions(corpus) if question.kind == "contradictory"]
    for question in asked:
        right, wrong = ({span.document for span in side} for side in question.evidence)
        (told,) = [conflict for conflict in corpus.conflicts
                   if (conflict.firm, conflict.metric, conflict.period)
                   == (question.firms[0], question.subject, question.periods[0])]  # fmt: skip
        assert told.document in right and (question.value, question.other) == (told.right, told.wrong)
        assert wrong - {told.document}
    assert Counter(question.subject for question in asked).total() == 12
    assert len({(question.firms, question.periods) for question in asked}) == 5


@each_seed
@given(seeds)
def test_what_cannot_be_answered_has_its_reason(seed: int) -> None:
    corpus = make_corpus(seed)
    asked = [question for question in make_questions(corpus) if question.kind == "unanswerable"]
    assert {question.reason for question in asked} == REASONS.keys()
    gaps = {(gap.firm, gap.metric, gap.period) for gap in corpus.missing}
    given_somewhere = {(fact.firm, fact.metric, fact.period) for fact in corpus.facts}
    for question in asked:
        key = (question.firms[0], question.subject, question.periods[0])
        assert key not in given_somewhere
        assert (key in gaps) == (question.reason == "missing")
        if question.reason == "firm":
            assert not any(question.firms[0] in document.text for document in corpus.documents)
        if question.reason == "topic":
            assert (question.firms[0], question.subject) not in {(told.firm, told.topic) for told in corpus.statements}
    wanted = Counter((question.firms, question.wording) for question in asked if question.reason == "missing")
    assert len(wanted) == 12 and set(wanted.values()) == {1}


def templates(question: Question) -> Pair:
    """Give the wordings of which one must have been filled in."""
    topics = {topic.key: topic for topic in TOPICS}
    crossing = [wordings.CHANGE, wordings.TOTAL, wordings.COMPARE, wordings.HIGHEST]
    if question.kind == "cross-document":
        return {wording: sum((pair[wording] for pair in crossing), ()) for wording in ("seen", "held back")}
    if question.subject in topics:
        return {"seen": topics[question.subject].seen, "held back": topics[question.subject].held_back}
    if question.kind == "textual":
        return wordings.CAUSES
    if question.reason == "metric":
        return wordings.NEVER_REPORTED
    if question.kind in ("numeric", "contradictory"):
        return wordings.LITERAL if question.kind == "numeric" else wordings.CONTRADICTION
    reworded = wordings.REWORDED[question.subject]
    if question.kind == "reworded":
        return reworded
    return {wording: wordings.LITERAL[wording] + reworded[wording] for wording in ("seen", "held back")}


@each_seed
@given(seeds)
def test_a_question_is_in_the_kind_of_wording_that_it_says(seed: int) -> None:
    for question in make_questions(make_corpus(seed)):
        texts = [polish(text) for text in templates(question)[question.wording]]
        patterns = [re.sub(r"\\\{\w+\\\}", ".+", re.escape(text)) for text in texts]
        assert any(re.fullmatch(pattern, question.text, re.IGNORECASE) for pattern in patterns), question


def test_no_wording_is_both_seen_and_held_back() -> None:
    pairs = [wordings.LITERAL, wordings.CHANGE, wordings.TOTAL, wordings.COMPARE, wordings.HIGHEST, wordings.CAUSES,
             wordings.CONTRADICTION, wordings.NEVER_REPORTED, *wordings.REWORDED.values()]  # fmt: skip
    pairs += [{"seen": topic.seen, "held back": topic.held_back} for topic in TOPICS]
    for pair in pairs:
        assert len(pair["seen"]) == len(pair["held back"]) >= 2
        assert not {*pair["seen"]} & {*pair["held back"]}
        assert all("{firm}" in text for texts in pair.values() for text in texts)
    assert wordings.REWORDED.keys() == METRICS.keys()


def test_a_reworded_question_has_other_words_than_the_table() -> None:
    for key, pair in wordings.REWORDED.items():
        for label in METRICS[key].labels:
            assert not any(label.lower() in text.lower() for texts in pair.values() for text in texts)
