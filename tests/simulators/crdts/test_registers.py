"""Registers and maps of them."""

from __future__ import annotations

from companion.simulators.crdts.registers import LWWMap, MVRegister


def test_a_register_keeps_rivals_and_a_map_loses_one() -> None:
    one, other = MVRegister().put("A", "ann"), MVRegister().put("B", "bob")
    both = one.merge(other)
    assert both.value == ("ann", "bob")
    assert both.put("A", "ann").merge(other).value == ("ann",)
    assert LWWMap().put("A", "10:00", "ann").merge(LWWMap().put("B", "10:00", "bob")).value == {"10:00": "bob"}
