"""The customers that are sent, and what the changes are."""

from __future__ import annotations

import random

from companion.calls.wire.evolution.changes import BY_NAME, CHANGES, CUSTOMER, customer


def test_a_customer_has_exactly_the_fields_of_its_schema_in_their_types() -> None:
    kinds = {"int32": int, "int64": int, "double": float, "float": float, "string": str}
    for change in CHANGES:
        made = customer(change.new, random.Random(1), large=change.large)
        assert {name: type(value) for name, value in made.items()} == {f.name: kinds[f.kind] for f in change.new}


def test_large_ids_need_more_than_32_bits_and_others_fit() -> None:
    large = BY_NAME["the same, ids over 2^31"]
    assert all(customer(large.new, random.Random(n), large=True)["id"] >= 2**31 for n in range(50))
    assert all(0 < customer(CUSTOMER, random.Random(n))["id"] < 2**31 for n in range(50))


def test_a_renamed_field_is_found_from_both_sides() -> None:
    renamed = BY_NAME["rename balance"]
    assert renamed.same_thing("amount", forward=True) == "balance"
    assert renamed.same_thing("balance", forward=False) == "amount"
    assert renamed.same_thing("id", forward=True) == "id"


def test_a_reused_tag_is_another_thing_of_the_same_tag_place_and_type() -> None:
    before, after = CUSTOMER[-1], BY_NAME["tag 3 for another field"].new[-1]
    assert (before.tag, before.kind) == (after.tag, after.kind)
    assert before.name != after.name and BY_NAME["tag 3 for another field"].meant is None
