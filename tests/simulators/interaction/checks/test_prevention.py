"""The six checks: what fails is found before any traffic, what does not fail is left in peace."""

from __future__ import annotations

from random import Random

import pytest

from companion.simulators.interaction import PRESETS, simulate
from companion.simulators.interaction.checks.prevention import CHECKS, STUDIED, _form, declared, findings, weighed
from companion.simulators.interaction.checks.registry import misfits
from companion.simulators.interaction.records import conversion_of
from companion.simulators.interaction.settings import DATA_PLANE

FOUND = findings()


@pytest.mark.parametrize("preset", sorted(PRESETS))
def test_a_check_finds_something_exactly_where_the_simulation_fails(preset: str) -> None:
    assert any(FOUND[preset, name] for name in CHECKS) is (simulate(preset).summary["delivered_share"] != 1)


@pytest.mark.parametrize(
    ("preset", "check"),
    [
        ("schema_mojibake", "write-read test"),
        ("premature_timeout", "coherence check"),
        ("lost_update", "history check"),
    ],
)
def test_three_of_the_checks_find_what_no_other_finds(preset: str, check: str) -> None:
    assert [name for name in CHECKS if FOUND[preset, name]] == [check]


def test_a_registry_that_is_not_strict_passes_milliseconds_for_seconds() -> None:
    writer, reader = declared(PRESETS["metadata_mismatch"].settings())
    assert misfits(writer, reader) == []
    assert misfits(writer, reader, strict=True)


def test_a_check_with_nothing_to_look_at_does_not_say_that_all_is_well() -> None:
    assert FOUND["premature_timeout", "write-read test"] is None
    assert FOUND["schema_mojibake", "coherence check"] is None
    assert FOUND["schema_mojibake", "contract test"] is False  # it looked, and every byte is text


@pytest.mark.parametrize("scenario", DATA_PLANE)
def test_a_contract_asks_for_what_b_can_use_and_passes_records_that_b_reads_right(scenario: str) -> None:
    for numbers in ("amounts", "order numbers"):
        chosen = PRESETS["metadata_mismatch"].settings(failure_scenario=scenario, numbers=numbers)
        conversion, (_, holds) = conversion_of(chosen), _form(chosen)
        plain = [conversion.write(chosen, conversion.draw(Random(seed), False)) for seed in range(100)]
        assert all(map(holds, plain))


@pytest.mark.parametrize("encodings", ["latin-1 to utf-8", "utf-8 to latin-1"])
def test_bytes_and_text_may_be_read_as_each_other_so_a_registry_passes_encodings(encodings: str) -> None:
    writer, reader = declared(PRESETS["schema_conflict"].settings(encodings=encodings))
    assert {writer, reader} == {"bytes", "string"}
    assert misfits(writer, reader, strict=True) == []


def test_avro_s_own_rules_pass_most_of_what_strict_ones_refuse() -> None:
    refused = {name: {preset for preset in PRESETS if FOUND[preset, name]} for name in ("registry", "strict registry")}
    assert refused["registry"] == {"type_confusion", "type_strict"}
    assert refused["strict registry"] - refused["registry"] == {"metadata_mismatch", "metadata_null", "order_number"}


def test_a_check_that_finds_all_of_a_plane_weighs_what_the_plane_does() -> None:
    failing = [preset for preset in PRESETS if simulate(preset).summary["delivered_share"] != 1]
    weights = weighed(FOUND, failing)
    assert weights["write-read test"] == {
        "data plane": 100 * STUDIED["data"] / 120, "management plane": 0, "control plane": 0,
    }  # fmt: skip
    assert weights["coherence check"]["management plane"] == 100 * STUDIED["management"] / 120
    assert all(0 <= sum(planes.values()) <= 100 for planes in weights.values())
