"""Invalid values, offered to real systems."""

from __future__ import annotations

import pytest

from companion.simulators.interaction.systems.invalid import INVALID, SYSTEMS, Answer, inconsistent, offer_all


@pytest.fixture(scope="module")
def answers() -> list[Answer]:
    return offer_all()


def test_systems_do_not_agree_on_what_is_invalid(answers: list[Answer]) -> None:
    assert len(answers) == len(INVALID) * len(SYSTEMS)
    found = inconsistent(answers)
    assert set(INVALID) - set(found) == {"half a surrogate pair"}  # which all refuse
    assert found["2^40 for 32 bits"]["pandas"] == "changed"
    assert found["2^40 for 32 bits"]["DuckDB"] == "refused"


def test_a_fraction_for_an_integer_is_stored_as_three_numbers(answers: list[Answer]) -> None:
    stored = {a.system: a.stored for a in answers if a.value == "a fraction for an integer"}
    assert (stored["DuckDB"], stored["pandas"], stored["pyarrow"], stored["SQLite"]) == ("3", "2", "2", "2.6")


def test_strict_tables_refuse_more_than_others(answers: list[Answer]) -> None:
    refused = {name: sum(a.outcome == "refused" for a in answers if a.system == name) for name in SYSTEMS}
    assert refused["SQLite, STRICT"] > refused["SQLite"]
