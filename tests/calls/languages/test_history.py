"""Sixty names with two dates each: what the table holds, and what follows from it."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from companion.calls.languages.history import (
    ERAS,
    UNSOURCED,
    HistoryError,
    ages,
    languages,
    median_birth,
    read,
    table,
    too_young,
)

ROOT = Path(__file__).parents[3]
ROWS = languages()
HEAD = "name,year,kind,paradigm,era,source\n"


def test_every_name_of_the_article_stands_under_its_heading() -> None:
    assert Counter(row.era for row in ROWS) == {"first": 24, "web": 16, "mobile": 9, "new": 10, "next": 1}
    assert {row.name for row in ROWS if row.era == "mobile"} == {
        "Objective-C", "Erlang", "Haskell", "R", "Ruby", "Groovy", "Scala", "Clojure", "Elixir",
    }  # fmt: skip


def test_every_date_has_a_source_in_the_bibliography_or_is_known_to_have_none() -> None:
    keys = set(re.findall(r"^@\w+\{([^,\s]+),", (ROOT / "book" / "references.bib").read_text("utf-8"), re.M))
    assert {row.source for row in ROWS} - keys == {""}
    without = {row.name for row in ROWS if not row.source}
    assert without == {"Paradox", "ActionScript"}


def test_a_paper_is_dated_by_the_year_of_its_entry() -> None:
    text = (ROOT / "book" / "references.bib").read_text("utf-8")
    for row in ROWS:
        if row.kind in ("paper", "recommendation", "e-mail", "white paper", "manual") and row.name != "JCL":
            entry = text[text.index(f"{{{row.source},") :].split("\n@")[0]
            assert re.search(rf"year\s*=\s*\{{{row.year}\}}", entry), row


def test_the_median_ages_are_those_of_four_dates_and_the_order_of_births_is_nobodys_choice() -> None:
    assert [statistics.median(ages(ROWS, era)) for era in ("first", "web", "mobile", "new")] == [12, 0, 10, 3]
    born = [median_birth(ROWS, era) for era in ("first", "web", "mobile", "new")]
    assert born == [1978, 1997, 1995, 2012]
    assert ages(ROWS, "next") == []


def test_which_of_two_eras_has_the_older_languages_hangs_on_one_name_and_the_ages_do_not() -> None:
    turned = []
    for gone in (row for row in ROWS if row.era == "mobile"):
        rows = [row for row in ROWS if row is not gone]
        turned.append(median_birth(rows, "mobile") > median_birth(rows, "web"))
        assert statistics.median(ages(rows, "mobile")) > 3 == statistics.median(ages(rows, "new"))
    assert turned.count(True) == 5


def test_the_medians_stay_when_the_drafts_of_two_recommendations_count_instead() -> None:
    drafts = {"XQuery": 2001, "SPARQL": 2004}
    rows = [replace(row, year=drafts.get(row.name, row.year)) for row in ROWS]
    assert statistics.median(ages(rows, "web")) == 0


def test_five_names_are_younger_than_their_heading_wherever_the_early_nineties_end() -> None:
    names = ["Delphi", "ActionScript", "XQuery", "SPARQL", "Elixir"]
    assert [row.name for row in too_young(ROWS)] == names
    first = [row.year for row in ROWS if row.era == "first" and row.name != "Delphi"]
    assert max(first) == 1991 < (ERAS["first"].last or 0) < 1995


def test_the_table_cites_each_source_and_says_where_there_is_none() -> None:
    text = "\n".join(table(ROWS, era) for era in ERAS)
    assert text.count("{cite:p}`") == 58 and text.count(UNSOURCED) == 2
    assert "| Lisp | 1960 | paper | functional | {cite:p}`mccarthy1960` |" in text
    assert [table(ROWS, era).count("\n") for era in ERAS] == [25, 17, 10, 11, 2]


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("C,soon,design,imperative,first,", "line 2: invalid literal"),
        ("C,1972,design,imperative,stone,", "line 2: 'stone' is no era; there are first, web"),
        ("C,1972,design,imperative,first,\nC,1972,design,imperative,web,", "line 3: C was there before"),
        ("C,1972,design", "line 2: None is no era"),
    ],
)
def test_a_row_that_is_none_is_refused_with_its_number(row: str, why: str) -> None:
    with pytest.raises(HistoryError, match=why.replace("?", r"\?")):
        read(HEAD + row)
