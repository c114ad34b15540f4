"""Records that one system writes and another reads."""

from __future__ import annotations

import random

import pytest

from companion.simulators.interaction import PRESETS, simulate
from companion.simulators.interaction.records import AMOUNT, BIRTH, ORDER, convert, rehearse
from companion.simulators.interaction.settings import DATA_PLANE


@pytest.mark.parametrize(
    "preset", [name for name in PRESETS if PRESETS[name].settings().failure_scenario in DATA_PLANE]
)
def test_a_write_read_test_fails_where_the_simulation_does_and_only_there(preset: str) -> None:
    rehearsed = rehearse(PRESETS[preset].settings())
    assert (rehearsed["delivered"] < 1000) is (simulate(preset).summary["delivered_share"] != 1)


def test_what_becomes_of_a_date_depends_on_the_year_and_on_nothing_else() -> None:
    """A long of milliseconds is a date of some year up to 9999 if the birth was near 1970, and no date otherwise."""
    conversion, chosen, rng = BIRTH, PRESETS["metadata_mismatch"].settings(), random.Random(1)
    for item in (conversion.draw(rng, True) for _ in range(5000)):
        outcome = convert(chosen, conversion, item)
        days = (item.held.timestamp()) / 86_400
        if days == 0:
            assert outcome == "delivered"
        else:
            assert outcome == ("changed" if -719_162 <= days * 1000 < 2_932_897 else "refused")


def test_binary_tax_moves_cents_only_where_the_exact_price_ends_in_half_a_cent() -> None:
    conversion, chosen = AMOUNT, PRESETS["type_confusion"].settings()
    rng, changed = random.Random(2), 0
    for item in (conversion.draw(rng, True) for _ in range(5000)):
        if convert(chosen, conversion, item) == "changed":
            changed += 1
            cents = round(item.held * 100_000)  # the exact price with tax has five decimals at most
            assert cents % 1000 == 500
    assert changed > 20


def test_an_order_number_survives_a_float_if_its_last_bits_are_zeros() -> None:
    """A float has 53 bits: of a number of 53 + n bits the last n must be zero."""
    silent, loud = PRESETS["order_number"].settings(), PRESETS["order_number"].settings(on_error="strict")
    rng = random.Random(3)
    for item in (ORDER.draw(rng, odd) for odd in (True, False) for _ in range(2000)):
        spare = max(0, item.held.bit_length() - 53)
        assert (convert(silent, ORDER, item) == "delivered") is (item.held % 2**spare == 0)
        assert convert(loud, ORDER, item) == ("refused" if spare else "delivered")
