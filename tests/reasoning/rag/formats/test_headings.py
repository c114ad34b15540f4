"""Headings are found where a reader sees them, and a place in the text is a place in the file."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.reasoning.rag.formats.headings import (
    Content,
    front_matter,
    key_values,
    lines_of,
    markdown,
    plain,
    plain_text,
    restructured,
    sections_of,
)

MARKDOWN = """\
---
title: "The handbook"
tags:
  - one
---
Before all.

# Handbook

Welcome.

## Rain ##

```sh
# no heading
```

Snow
----

### *Deep* `snow` [here](there.md)

Cold.
"""


def named(content: Content) -> list[tuple[str, str]]:
    return [(section.name, content.text[section.start :].split("\n")[0]) for section in sections_of(content)]


def test_markdown_has_headings_of_both_kinds_and_none_in_a_fence() -> None:
    content = markdown(MARKDOWN)
    assert content.title == "The handbook" and content.metadata == {"title": "The handbook"}
    assert [(each.level, each.name) for each in content.headings] == [
        (1, "Handbook"), (2, "Rain"), (2, "Snow"), (3, "Deep snow here"),
    ]  # fmt: skip


def test_a_section_is_named_by_the_headings_above_it_and_a_lone_heading_begins_the_one_below() -> None:
    assert named(markdown(MARKDOWN)) == [
        ("Handbook", "# Handbook"),
        ("Handbook, Rain", "## Rain ##"),
        ("Handbook, Snow, Deep snow here", "Snow"),
    ]


def test_the_documents_title_is_not_repeated_in_the_names_of_its_sections() -> None:
    content = markdown("# Rain\n\nWet.\n\n## Snow\n\nCold.\n")
    assert content.title == "Rain"
    assert named(content) == [("", "# Rain"), ("Snow", "## Snow")]


@pytest.mark.parametrize(
    "text",
    [
        "#hashtag\n",
        "- item\n---\n",
        "a | b\n---|---\n",
        "two lines\nof prose\n-----\n",
        "\n-----\n",
        "    # code\n",
        "#\n",
    ],
)
def test_what_is_no_heading_of_markdown_is_none(text: str) -> None:
    assert list(markdown(text).headings) == []


REST = """\
=====
Rain
=====

.. a comment

First
=====

It rains.

Second
======

Deeper
------

It pours.

====  ====
a     b
====  ====
1     2
====  ====

-----

    indented
    --------
"""


def test_restructured_text_has_levels_in_the_order_in_which_they_come_up() -> None:
    content = restructured(REST)
    assert [(each.level, each.name) for each in content.headings] == [
        (1, "Rain"), (2, "First"), (2, "Second"), (3, "Deeper"),
    ]  # fmt: skip
    assert content.title == "Rain"
    assert named(content) == [("", "====="), ("First", "First"), ("Second, Deeper", "Second")]


def test_a_first_heading_with_nothing_below_it_is_the_title_and_begins_the_first_section() -> None:
    content = restructured("Rain\n====\n\nFirst\n=====\n\nWet.\n\nSecond\n======\n\nWetter.\n")
    assert content.title == "Rain"
    assert named(content) == [("First", "Rain"), ("Second", "Second")]
    assert named(markdown("# Rain\n\n# First\n\nWet.\n")) == [("First", "# Rain")]
    assert named(markdown("# Rain\n")) == [("", "# Rain")]


def test_a_sign_that_belongs_to_a_heading_stays() -> None:
    assert [each.name for each in markdown("# C#\n\n## F# ##\n\n### G #\n").headings] == ["C#", "F#", "G"]


def test_a_document_of_sections_of_one_level_has_no_title_among_them() -> None:
    assert restructured("First\n=====\n\nRain.\n\nSecond\n======\n\nSnow.\n").title == ""


PEP = """\
PEP: 484
Title: Type ``Hints``
Author: Guido,
  and others
Status: Final

Abstract
========

This PEP ...
"""


def test_a_head_of_keys_and_values_gives_title_and_metadata() -> None:
    content = restructured(PEP)
    assert content.title == "PEP 484 Type Hints"
    assert content.metadata["status"] == "Final" and content.metadata["author"] == "Guido, and others"
    assert named(content) == [("Abstract", "Abstract")]
    assert key_values("Subject: Rain\nFrom: Ada\n\nIt rains.")[0] == {"subject": "Rain", "from": "Ada"}


@pytest.mark.parametrize("text", ["Note: it rains.\n", "It rains: a lot.\nAnd snows.\n", "One: 1\nno pair\n", "", "\n"])
def test_prose_with_a_colon_is_no_head(text: str) -> None:
    assert key_values(text) == ({}, 0)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("The weather\n\nIt rains.", "The weather"),
        ("\n\n# The weather\n\nIt rains.", "The weather"),
        ("The weather", "The weather"),
        (".. highlight:: c\n\nText", ""),
        ("It rains.\n\nAnd snows.", ""),
        ("The weather\nis bad\n\n", ""),
        ("A" * 150 + "\n\nText", ""),
        ("Title: Rain\nBy: Ada\n\nText", "Rain"),
        ("Abstract\n========\n\nText\n\nMore\n====\n\nText", ""),
    ],
)
def test_plain_text_is_called_by_its_head_or_by_a_short_first_line(text: str, title: str) -> None:
    assert plain_text(text).title == title


@pytest.mark.parametrize("text", ["---\nno end", "--- \na: b\n---", "a: b\n---\n"])
def test_a_head_that_is_not_between_two_lines_of_dashes_is_text(text: str) -> None:
    assert front_matter(text) == ({}, 0)


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("`sorted()` and **more**", "sorted() and more"),
        ("Preserving \\*\\*kwargs", "Preserving kwargs"),
        ("See :pep:`8` or `here`_", "See 8 or here"),
        ("![logo](x.png) Rain", "logo Rain"),
        ("snake_case stays", "snake_case stays"),
        ("``X | Y``", "X | Y"),
    ],
)
def test_marks_are_taken_from_a_heading(written: str, said: str) -> None:
    assert plain(written) == said


def test_a_line_made_to_cost_time_costs_none() -> None:
    for text in ("# a" + " " * 300_000 + "b", "# " + "[" * 300_000, "# " + "# " * 300_000, "`" * 300_000 + "\n---"):
        for read in (markdown, restructured, plain_text):
            assert read(text).text == text


@settings(max_examples=60)
@given(st.text("ab#=-~ \n\r\t:`\u2028", max_size=80))
def test_sections_lie_in_order_within_any_text(text: str) -> None:
    assert "\n".join(line.text for line in lines_of(text)) == text
    for read in (markdown, restructured, plain_text):
        content = read(text)
        assert content.text == text
        places = [place for section in sections_of(content) for place in (section.start, section.end)]
        assert places == sorted(places) and all(0 <= place <= len(text) for place in places)
