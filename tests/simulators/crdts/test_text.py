"""Text that two people type at once."""

from __future__ import annotations

from companion.simulators.crdts.text import RGA, FractionText, typed


def test_fractions_interleave_what_two_people_typed_and_rga_does_not() -> None:
    merged = {}
    for kind in (FractionText, RGA):
        one, other = typed(kind(), "A", 0, "milk"), typed(kind(), "B", 0, "EGGS")
        assert one.merge(other).value == other.merge(one).value
        merged[kind] = one.merge(other).value
    assert merged[RGA] in ("milkEGGS", "EGGSmilk")
    assert "milk" not in merged[FractionText]
    assert "EGGS" not in merged[FractionText]
