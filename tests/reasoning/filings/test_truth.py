"""Draws and periods, and the same characters for the same seed."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from collections import Counter
from datetime import date
from statistics import mean, stdev

import pytest

from companion.reasoning.filings.corpus import make_corpus
from companion.reasoning.filings.market import make_market
from companion.reasoning.filings.questions import make_questions
from companion.reasoning.filings.truth import Draw, Period, in_words

GOLDEN = "b6980396fe588da34597f90b51918c9ac5e654102f443d3104d05e86ef93cb03"
"""Of the filings, the questions and the prices of seed 1; it changes when one of them does, and with nothing else."""

SHOW = """
from companion.reasoning.filings.corpus import make_corpus
from companion.reasoning.filings.market import make_market
from companion.reasoning.filings.questions import make_questions
corpus = make_corpus(1)
print([corpus.documents, corpus.facts, corpus.statements, corpus.conflicts, corpus.missing])
print([make_questions(corpus), make_market(corpus)])
"""


def test_the_same_seed_gives_the_same_characters_in_another_process() -> None:
    corpus = make_corpus(1)
    here = [corpus.documents, corpus.facts, corpus.statements, corpus.conflicts, corpus.missing]
    there = subprocess.run([sys.executable, "-c", SHOW], capture_output=True, text=True, check=True,
                           env={"PYTHONHASHSEED": "5", "PYTHONIOENCODING": "utf-8"}, encoding="utf-8")  # fmt: skip
    assert there.stdout == f"{here}\n{[make_questions(corpus), make_market(corpus)]}\n"


def test_and_on_each_version_of_python() -> None:
    texts = "".join(document.text for document in make_corpus(1).documents)
    asked = "".join(question.text for question in make_questions(make_corpus(1)))
    traded = repr([(price.day.isoformat(), price.close, price.volume) for price in make_market(make_corpus(1)).prices])
    assert hashlib.sha256((texts + asked + traded).encode()).hexdigest() == GOLDEN


def test_a_name_gives_a_stream_of_its_own() -> None:
    assert [Draw(1, "a").below(1000) for _ in range(2)] == [Draw(1, "a").below(1000)] * 2
    assert len({Draw(1, "a").below(10**9), Draw(1, "b").below(10**9), Draw(2, "a").below(10**9)}) == 3


def test_draws_are_even() -> None:
    draw = Draw(1, "even")
    counts = Counter(draw.between(1, 6) for _ in range(6000))
    assert sorted(counts) == [1, 2, 3, 4, 5, 6] and max(counts.values()) < 1150
    assert sorted(draw.shuffled("abcdef")) == list("abcdef")
    firsts = Counter(draw.shuffled("abc")[0] for _ in range(3000))
    assert min(firsts.values()) > 900
    normal = [draw.normal() for _ in range(4000)]
    assert abs(mean(normal)) < 0.06 and abs(stdev(normal) - 1) < 0.05


@pytest.mark.parametrize(
    ("period", "name", "words", "before", "last"),
    [
        (Period(2025, 1), "Q1 2025", "first quarter of 2025", Period(2024, 4), date(2025, 3, 31)),
        (Period(2025, 3), "Q3 2025", "third quarter of 2025", Period(2025, 2), date(2025, 9, 30)),
        (Period(2024), "FY2024", "fiscal year 2024", Period(2023), date(2024, 12, 31)),
    ],
)
def test_a_period_knows_its_names(period: Period, name: str, words: str, before: Period, last: date) -> None:
    assert (period.name, period.words, period.before, period.last_day) == (name, words, before, last)


def test_days_are_written_in_english() -> None:
    assert in_words(date(2025, 6, 3)) == "June 3, 2025"
