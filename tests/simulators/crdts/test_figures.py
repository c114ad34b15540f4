"""What the figures say is computed from what they draw."""

from __future__ import annotations

from companion.figures import draw
from companion.simulators.crdts import simulate
from companion.simulators.crdts.figures import (
    figure_apart,
    figure_gossip,
    figure_growth,
    figure_interleaving,
    figure_resurrection,
    figure_wire,
)
from companion.simulators.crdts.page import chart
from companion.simulators.crdts.text import RGA, FractionText, typed


def test_tombstones_weigh_more_than_none() -> None:
    drawn = figure_growth({"tombstones": simulate("tombstones"), "none": simulate("orswot")})
    assert drawn.title == "After the same updates, tombstones weighs 4.8 times as much as none"


def test_the_bytes_on_the_wire_name_the_dearest_and_the_cheapest() -> None:
    states = simulate("deltas", crdt_type="orswot")
    drawn = figure_wire({"states": states, "deltas": simulate("deltas")})
    assert drawn.title.startswith("states sends ")
    assert drawn.title.endswith(" times the bytes of deltas")


def test_gossip_is_paid_with_bytes() -> None:
    drawn = figure_gossip({share: [simulate("orswot", merge_probability=share, duration=90.0)] for share in (0.1, 1.0)})
    assert drawn.title.startswith("Talking 10 times as often costs ")


def test_agreement_comes_after_the_cut() -> None:
    result = simulate("partition")
    after = 1 + max(t for t, n in zip(result.series["t"], result.series["distinct"], strict=True) if n > 1)
    assert f"from {after} s on" in figure_apart(result).title
    assert "cut off" in draw(chart(result)).alt


def test_the_dead_are_counted_by_type() -> None:
    results = {"the naive set": simulate("resurrection"), "tombstones": simulate("tombstones")}
    back = results["the naive set"].totals["resurrected"]
    assert figure_resurrection(results).title == (f"Back from the dead in the end: the naive set {back}, tombstones 0")


def test_the_words_that_are_torn_apart_are_named() -> None:
    texts = {}
    for kind in (FractionText, RGA):
        merged = typed(kind(), "A", 0, "milk").merge(typed(kind(), "B", 0, "EGGS"))
        texts[kind.__name__] = (merged.value, "milk", "EGGS")
    drawn = figure_interleaving(texts)
    assert drawn.title == "FractionText tears the words apart"
    assert "RGA: k begins at 7, ends at 8." in drawn.alt
