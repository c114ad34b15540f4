"""The filings say what their truth says, read back by other means than those by which they were written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.reasoning.filings.corpus import Corpus, make_corpus
from companion.reasoning.filings.firms import Firm
from companion.reasoning.filings.ledger import HEADLINES, QUARTERS, YEAR
from companion.reasoning.filings.metrics import METRICS
from companion.reasoning.filings.truth import Conflict, Document, Fact, in_words

seeds = st.integers(min_value=0, max_value=10**9)
each_seed = settings(max_examples=5)


@dataclass(frozen=True)
class Table:
    """A table as a reader finds it: its corner, its columns, and its cells by label."""

    corner: str
    columns: list[str]
    rows: dict[str, list[str]]

    def numbers(self, label: str) -> list[float | None]:
        return [number(cell) for cell in self.rows[label]]


def number(cell: str) -> float | None:
    if cell == "—":
        return None
    value = float(re.sub(r"[,()%]", "", cell))
    return -value if cell.startswith("(") else value


def tables(text: str) -> Iterator[Table]:
    for block in text.split("\n\n"):
        head, *lines = block.splitlines()
        if head.startswith("("):
            corner, *columns = re.split(r"\s{2,}", head)
            split = [re.split(r"\s{2,}", line) for line in lines]
            yield Table(corner, columns, {label: cells for label, *cells in split})


def prose(document: Document) -> Iterator[str]:
    for block in document.body.split("\n\n"):
        if not block.startswith("("):
            yield from re.split(r"(?<=\.)\s+(?=[A-Z])", block)


def value_written(corpus: Corpus, document: Document, start: int, end: int) -> float:
    """Read a figure from its span, in millions, dollars, percent or heads."""
    text = document.text[start:end]
    if text.endswith(" million"):
        return float(text.removeprefix("$").removesuffix(" million").replace(",", ""))
    found = number(text.removeprefix("$"))
    assert found is not None
    block = document.text[document.text.rindex("\n\n", 0, start) : start].lstrip()
    is_amount = text[0] != "$" and not text.endswith("%")
    return found / 1000 if is_amount and block.startswith("(") and "in thousands" in block.split("\n")[0] else found


def firm_named(corpus: Corpus, name: str) -> Firm:
    (firm,) = [firm for firm in corpus.firms if firm.name == name]
    return firm


@each_seed
@given(seeds)
def test_there_are_seven_documents_of_each_of_six_firms(seed: int) -> None:
    corpus = make_corpus(seed)
    kinds = [("10-K", YEAR)] + [(form, period) for period in QUARTERS for form in ("press release", "10-Q")]
    assert len({firm.full_name for firm in corpus.firms}) == len({firm.ticker for firm in corpus.firms}) == 6
    for firm in corpus.firms:
        assert [(doc.form, doc.period) for doc in corpus.documents if doc.firm == firm.name] == kinds
    assert len(corpus.by_id) == 42
    assert (sum(firm.thousands for firm in corpus.firms), sum(firm.dates for firm in corpus.firms)) == (2, 3)
    assert 110_000 < sum(len(document.text) for document in corpus.documents) < 135_000


@each_seed
@given(seeds)
def test_every_span_of_a_fact_holds_its_value(seed: int) -> None:
    corpus = make_corpus(seed)
    for fact in corpus.facts:
        for place in fact.places:
            document = corpus.by_id[place.span.document]
            assert document.firm == fact.firm
            read = value_written(corpus, document, place.span.start, place.span.end)
            if fact.unit in ("USD per share", "employees") and read != fact.value:
                read = round(read * 1000, 2)  # which a table in thousands of dollars does not count in thousands
            assert read == fact.value, (fact, corpus.text(place.context))
            assert place.context.start <= place.span.start < place.span.end <= place.context.end
            if not place.table:
                assert re.fullmatch(r"[A-Z$0-9].*\.", corpus.text(place.context))
            (section,) = [one for one in document.sections if one.start <= place.span.start < one.end]
            assert section.name == place.section != "COVER"


@each_seed
@given(seeds)
def test_every_figure_of_a_period_stands_in_its_report_in_prose_and_in_a_table(seed: int) -> None:
    corpus = make_corpus(seed)
    told = {
        (fact.firm, fact.metric, fact.period, corpus.by_id[place.span.document].form, place.table)
        for fact in corpus.facts
        for place in fact.places
        if corpus.by_id[place.span.document].period == fact.period
    }
    missing = {(gap.firm, gap.metric, gap.period) for gap in corpus.missing}
    for firm in corpus.firms:
        for period in (YEAR, *QUARTERS):
            for metric in METRICS:
                forms = ["10-Q", *(["press release"] if metric in HEADLINES else [])] if period.quarter else ["10-K"]
                for form in forms:
                    for table in (False, True):
                        expected = (firm.name, metric, period) not in missing
                        assert ((firm.name, metric, period, form, table) in told) == expected


@each_seed
@given(seeds)
def test_the_preceding_period_stands_beside_each_figure_of_a_table(seed: int) -> None:
    corpus = make_corpus(seed)
    for document in corpus.documents:
        firm = firm_named(corpus, document.firm)
        periods = (document.period, document.period.before)
        names = [in_words(period.last_day) if firm.dates else period.name for period in periods]
        for table in tables(document.body):
            if "Correction" not in table.columns:
                assert [column.removesuffix(" (restated)") for column in table.columns] == names
            assert ("thousands" in table.corner) == firm.thousands


@each_seed
@given(seeds)
def test_rows_add_up_where_they_should(seed: int) -> None:
    corpus = make_corpus(seed)
    sums = {
        "revenue": {"segment_1": 1, "segment_2": 1},
        "gross_profit": {"revenue": 1, "cost": -1},
        "operating_income": {"gross_profit": 1, "research": -1, "overhead": -1},
        "net_income": {"operating_income": 1, "interest": -1, "taxes": -1},
    }
    checked = 0
    for document in corpus.documents:
        labels = firm_named(corpus, document.firm).labels
        for table in tables(document.body):
            if "Correction" in table.columns:
                for label in table.rows:
                    old, by, new = table.numbers(label)
                    assert old is not None and by is not None and new is not None
                    assert round(old + by - new, 6) == 0 and by != 0
                continue
            for total, parts in sums.items():
                if {labels[total], *(labels[part] for part in parts)} <= table.rows.keys():
                    for column in range(2):
                        values = [(sign, table.numbers(labels[part])[column]) for part, sign in parts.items()]
                        found = sum(sign * value for sign, value in values if value is not None)
                        assert round(found - (table.numbers(labels[total])[column] or 0), 6) == 0
                        checked += 1
    assert checked == 24 * 2 * len(sums)


@each_seed
@given(seeds)
def test_the_body_names_no_firm(seed: int) -> None:
    corpus = make_corpus(seed)
    for document in corpus.documents:
        for firm in corpus.firms:
            assert firm.name not in document.body and firm.ticker not in document.body
            assert (firm.full_name in document.cover and firm.ticker in document.cover) == (firm.name == document.firm)
        assert "the Company" in document.body or "The Company" in document.body
        assert document.period.name in document.cover or document.period.words in document.cover


@each_seed
@given(seeds)
def test_two_quarters_are_restated_by_the_report_that_follows(seed: int) -> None:
    corpus = make_corpus(seed)
    restated = [conflict for conflict in corpus.conflicts if conflict.kind == "restated"]
    assert len({(conflict.firm, conflict.period) for conflict in restated}) == 2
    for conflict in restated:
        wrong, right = both_sides(corpus, conflict)
        assert (wrong, right) == (conflict.wrong, conflict.right) and wrong != right
        later = corpus.by_id[conflict.document]
        assert (later.form, later.firm, later.period.before) == ("10-Q", conflict.firm, conflict.period)
        assert "RESTATEMENT" in later.body and conflict.why in later.body
        heads = [column for table in tables(later.body) for column in table.columns if column.endswith("(restated)")]
        assert len(heads) == 4
        elsewhere = [place for fact in about(corpus, conflict) if not fact.right for place in fact.places
                     if corpus.by_id[place.span.document].period != conflict.period]  # fmt: skip
        assert {(place.span.document, place.section[:11]) for place in elsewhere} == {(later.id, "RESTATEMENT")}


@each_seed
@given(seeds)
def test_three_press_releases_differ_from_their_report(seed: int) -> None:
    corpus = make_corpus(seed)
    told = [conflict for conflict in corpus.conflicts if conflict.kind == "press release"]
    assert len(told) == 3
    for conflict in told:
        wrong, right = both_sides(corpus, conflict)
        assert (wrong, right) == (conflict.wrong, conflict.right) and wrong != right
        releases = {fact.right: [place.table for place in fact.places if "press" in place.span.document
                                 and corpus.by_id[place.span.document].period == conflict.period]
                    for fact in about(corpus, conflict)}  # fmt: skip
        assert releases == {False: [False, True], True: []}
        assert corpus.by_id[conflict.document].form == "10-Q"


def about(corpus: Corpus, conflict: Conflict) -> list[Fact]:
    key = (conflict.firm, conflict.metric, conflict.period)
    return [fact for fact in corpus.facts if (fact.firm, fact.metric, fact.period) == key]


def both_sides(corpus: Corpus, conflict: Conflict) -> tuple[float, float]:
    (wrong,), (right,) = [[fact.value for fact in about(corpus, conflict) if fact.right == truth]
                          for truth in (False, True)]  # fmt: skip
    return wrong, right


@each_seed
@given(seeds)
def test_only_what_is_told_as_a_conflict_is_wrong(seed: int) -> None:
    corpus = make_corpus(seed)
    wrong = {(fact.firm, fact.metric, fact.period) for fact in corpus.facts if not fact.right}
    assert wrong == {(conflict.firm, conflict.metric, conflict.period) for conflict in corpus.conflicts}
    right = [(fact.firm, fact.metric, fact.period) for fact in corpus.facts if fact.right]
    assert len(right) == len(set(right))


@each_seed
@given(seeds)
def test_a_missing_figure_is_nowhere(seed: int) -> None:
    corpus = make_corpus(seed)
    assert len({gap.firm for gap in corpus.missing}) == len(corpus.missing) == 6
    for gap in corpus.missing:
        with pytest.raises(KeyError, match="no document gives"):
            corpus.fact(gap.firm, gap.metric, gap.period)
        firm = firm_named(corpus, gap.firm)
        head = in_words(gap.period.last_day) if firm.dates else gap.period.name
        names = [name.lower() for name in METRICS[gap.metric].names]
        dashes = 0
        for document in [document for document in corpus.documents if document.firm == gap.firm]:
            for table in tables(document.body):
                for column, name in enumerate(table.columns):
                    if name.startswith(head) and firm.labels[gap.metric] in table.rows:
                        assert table.rows[firm.labels[gap.metric]][column] == "—"
                        dashes += 1
            amounts = [len(re.findall(r"\d[\d,.]*\d|\d", re.sub(r"\w+ \d+, 20\d\d", "", sentence)))
                       for sentence in prose(document) if any(name in sentence.lower() for name in names)]  # fmt: skip
            if document.period == gap.period:
                told = gap.said and (document.form == "10-Q" or gap.metric in HEADLINES)
                assert amounts == ([0] if told else [])
            elif document.period.before == gap.period:
                assert set(amounts) <= {1}
        assert dashes >= 1


@each_seed
@given(seeds)
def test_no_two_sentences_about_figures_have_the_same_words(seed: int) -> None:
    corpus = make_corpus(seed)
    contexts = {place.context for fact in corpus.facts for place in fact.places if not place.table}
    masked = [re.sub(r"\$?\d[\d,.]*\d|\d", "#", corpus.text(context)) for context in contexts]
    assert len(masked) > 550
    assert len(set(masked)) == len(masked)


@each_seed
@given(seeds)
def test_statements_stand_where_they_say_and_are_told_once(seed: int) -> None:
    corpus = make_corpus(seed)
    for told in corpus.statements:
        assert corpus.text(told.place.span) == told.detail
        assert told.detail in corpus.text(told.place.context)
        assert corpus.by_id[told.place.span.document].period == told.period
    topics = [(told.firm, told.topic) for told in corpus.statements if not told.topic.startswith("cause of ")]
    assert len(topics) == len(set(topics)) == 6 * 11
    details = [told.detail for told in corpus.statements if not told.topic.startswith("cause of ")]
    assert len(details) == len(set(details))
    firsts = [(told.firm, told.period) for told in corpus.statements if told.topic == "cause of segment_1"]
    assert len(firsts) == len(set(firsts)) == 24


@each_seed
@given(seeds)
def test_sections_follow_each_other_without_a_gap(seed: int) -> None:
    for document in make_corpus(seed).documents:
        assert document.sections[0].start == 0 and document.sections[-1].end == len(document.text)
        assert all(one.end == other.start for one, other in pairwise(document.sections))
        assert all(document.text[section.start :].startswith(section.name) for section in document.sections[1:])


def test_seeds_give_other_firms_and_figures() -> None:
    one, other = make_corpus(1), make_corpus(2)
    assert {firm.full_name for firm in one.firms} != {firm.full_name for firm in other.firms}
    values = [{(fact.metric, fact.period, fact.value) for fact in corpus.facts} for corpus in (one, other)]
    assert len(values[0] & values[1]) < len(values[0]) / 20
