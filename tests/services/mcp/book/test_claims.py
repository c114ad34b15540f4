"""Every number of the book can be looked up, with its sentence, its cell, and what other seeds gave."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.book.project import Project
from companion.claims import agrees
from companion.services.mcp.book.chapters import NotInTheBook
from companion.services.mcp.book.claims import all_claims, look_up

PROJECT = Project(Path(__file__).parents[4])
NAMES = [claim.name for _, claim, _ in all_claims(PROJECT)]


def test_the_claims_of_all_chapters_are_there_once() -> None:
    assert len(NAMES) == len(set(NAMES)) > 400
    assert {chapter.number for chapter, _, _ in all_claims(PROJECT)} >= {"02", "18", "19", "20", "21", "22", "23"}


def test_a_claim_is_looked_up_whole() -> None:
    found = look_up(PROJECT, "attempts")
    assert (found.claim.value, found.said, found.chapter.name) == (280.566667, "281 times a second", "18-metastable")
    assert found.heading == "The collapse, second by second"
    assert found.sentence.startswith("Each of the seventy asks once") and "$70 \\times (1 + 3)$" in found.sentence
    assert 'claim("attempts", 281, collapse.attempts_per_s)' in found.code
    assert found.spread is not None and (found.spread.low, found.spread.high) == ("274", "289")


@pytest.mark.parametrize("name", ["#claim-attempts", "claim-attempts", "Attempts", " attempts "])
def test_it_is_found_by_its_link_too(name: str) -> None:
    assert look_up(PROJECT, name).claim.name == "attempts"


def test_a_claim_whose_name_has_several_words_is_found_by_them() -> None:
    assert look_up(PROJECT, "one retry attempts").claim.name == "one-retry-attempts"


def test_every_claim_has_a_sentence_in_its_chapter_that_says_it() -> None:
    found = [look_up(PROJECT, name) for name in NAMES[::9]]
    said = [one for one in found if one.said]
    assert [one.claim.name for one in said if not agrees(one.said, one.claim.said)] == []
    assert [one.claim.name for one in said if one.said not in one.sentence or not one.heading] == []
    assert len(said) > 0.9 * len(found)  # a claim may be linked to from another page alone


@pytest.mark.parametrize(
    ("name", "why"),
    [("atempts", "no claim 'atempts'; nearest: 'attempts', "), ("../../x", "no claim '../../x'"), ("", "no claim ''")],
)
def test_a_claim_that_there_is_not_names_the_nearest(name: str, why: str) -> None:
    with pytest.raises(NotInTheBook) as raised:
        look_up(PROJECT, name)
    assert str(raised.value).startswith(why)
