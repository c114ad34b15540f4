"""What the figures say is computed from what they draw."""

from __future__ import annotations

from companion.figures import draw
from companion.simulators.crdts import simulate
from companion.simulators.crdts.figures import (
    figure_carts,
    figure_gossip,
    figure_growth,
    figure_interleaving,
    figure_resurrection,
    figure_wire,
)
from companion.simulators.crdts.page import chart
from companion.simulators.crdts.text import RGA, FractionText, typed


def test_tombstones_are_said_to_grow_and_their_absence_to_stay_below_its_highest() -> None:
    light = simulate("orswot")
    drawn = figure_growth({"with tombstones": simulate("tombstones"), "without": light})
    assert drawn.title == (f"With tombstones, a cart grows with every removal; without, it stays below "
                           f"{max(light.series['size']) + 1} bytes")  # fmt: skip


def test_the_bytes_on_the_wire_are_told_of_the_time_in_which_nothing_changes() -> None:
    states = simulate("deltas", crdt_type="orswot", duration=120.0)
    drawn = figure_wire({"states": states, "deltas": simulate("deltas", duration=120.0)})
    sent = (states.series["bytes"][-1] - states.series["bytes"][-31]) / 1000
    assert drawn.title.endswith(f"states {sent:.0f} kB, deltas 0 kB")


def test_gossip_is_paid_with_messages() -> None:
    drawn = figure_gossip({share: [simulate("orswot", merge_probability=share, duration=90.0)] for share in (0.1, 1.0)})
    assert " times the messages: not " in drawn.title


def test_five_carts_are_five_rows_that_end_alike() -> None:
    result = simulate("partition", n_operations=12, n_elements=4)
    drawn = figure_carts(result, "mbet")
    after = 1 + max(t for t, n in zip(result.series["t"], result.series["distinct"], strict=True) if n > 1)
    assert f"from {after} s on" in drawn.title
    rows = [line.split(",") for line in drawn.csv.splitlines()[1:]]
    last = {row[0]: row[3:] for row in rows}
    assert list(last) == list("ABCDE") and len({tuple(end) for end in last.values()}) == 1
    assert last["A"][1] == "False"


def test_a_stretch_is_marked_exactly_while_others_know_more() -> None:
    result = simulate("partition", n_operations=40, n_elements=4)
    for name, start, end, _, late in (line.split(",") for line in figure_carts(result, "mbet").csv.splitlines()[1:]):
        for second in range(int(start), int(end)):
            assert (late == "True") is (result.held[second]["ABCDE".index(name)] != result.whole[second])
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
    assert drawn.alt.endswith("FractionText: mEiGlGkS. RGA: EGGSmilk.")
