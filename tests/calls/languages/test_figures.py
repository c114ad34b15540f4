"""The figures of chapter 1: their titles are computed from what they draw, and their words say all of it."""

from __future__ import annotations

from companion.calls.languages.figures import births, figure_ages, figure_lines, figure_timeline
from companion.calls.languages.history import Language, languages


def test_the_poster_names_every_language_with_its_year_and_marks_those_without_a_source() -> None:
    rows = languages()
    figure = figure_timeline(rows)
    assert figure.title.startswith("60 languages from birth to use: Fortran was 33 years old")
    assert all(f"{row.name} {row.year}{'' if row.source else '?'}" in figure.alt for row in rows)
    assert figure.csv.count("\n") == 61


def test_the_oldest_of_another_table_is_another() -> None:
    rows = [
        Language("Old", 1950, "paper", "x", "web", "key"),
        Language("Young", 2020, "paper", "x", "new", ""),
        Language("Next", 2021, "paper", "x", "next", ""),
    ]
    assert "Old was 47 years old" in figure_timeline(rows).title


def test_ages_are_told_with_median_and_span() -> None:
    figure = figure_ages(languages())
    assert figure.title == "After the first era, the oldest languages are those of the “mobile, services” years"
    assert "mobile, services, taken as 2005: 9 languages, median 10, youngest -6, oldest 21." in figure.alt


def test_births_are_medians_by_short_names() -> None:
    assert births(languages()) == {"before the web": 1978, "web": 1997, "mobile, services": 1995, "new": 2012}


def test_lines_are_told_from_the_least_to_the_most() -> None:
    assert figure_lines({"a": 5, "b": 36, "c": 4}).title == "The same answer in 4 lines or in 36"
