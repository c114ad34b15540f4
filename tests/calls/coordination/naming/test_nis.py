"""A map is what its file says, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.coordination.naming.nis import MAX_LINE, NisNames


def test_a_map_is_read_and_stays_until_it_is_made_anew() -> None:
    names = NisNames("192.0.2.7 north n # the old one\n\n# nothing\n192.0.2.8 south")
    assert [names.resolve(name) for name in ("north", "n", "south", "west")] == [
        "192.0.2.7", "192.0.2.7", "192.0.2.8", None,
    ]  # fmt: skip
    names.make("192.0.2.9 north")
    assert (names.resolve("north"), names.resolve("south")) == ("192.0.2.9", None)


@pytest.mark.parametrize(("source", "why"), [("192.0.2.7", "no name"), ("a" * (MAX_LINE + 1), "longer")])
def test_a_faulty_file_is_refused_and_the_map_stays(source: str, why: str) -> None:
    names = NisNames("192.0.2.7 north")
    with pytest.raises(ValueError, match=f"line 2: .*{why}"):
        names.make(f"192.0.2.8 south\n{source}")
    assert names.resolve("north") == "192.0.2.7"


@settings(max_examples=50)
@given(source=st.text("19.:#an \t\n\x00\u2028", max_size=60))
def test_any_text_is_a_map_or_is_refused(source: str) -> None:
    try:
        NisNames(source)
    except ValueError as error:
        assert str(error).startswith("line ")
