"""A chunk is known by its place and its words, and shows what it is about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from companion.reasoning.rag.chunks import Chunk

CHUNK = Chunk("a.txt", 0, 8, "Rain is.", "Weather, Monday")


def test_the_same_piece_in_the_same_place_has_the_same_name_whatever_stands_above_it() -> None:
    assert replace(CHUNK, header="Weather").id == CHUNK.id


@pytest.mark.parametrize("other", [{"source": "b.txt"}, {"start": 1}, {"end": 9}, {"text": "Rain was"}])
def test_another_piece_or_another_place_has_another_name(other: dict[str, object]) -> None:
    assert replace(CHUNK, **other).id != CHUNK.id  # type: ignore[arg-type]


def test_what_it_is_about_stands_before_its_text() -> None:
    assert CHUNK.headed == "Weather, Monday: Rain is."
    assert replace(CHUNK, header="").headed == "Rain is."
