"""Figures describe themselves from the data that they draw, and repeat byte for byte."""

from __future__ import annotations

import csv
import math
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import pytest

from companion.figures import (
    Bar,
    Figure,
    Message,
    Moment,
    Panel,
    Series,
    State,
    bars,
    grid,
    lanes,
    lines,
    matrix,
    sequence,
)  # fmt: skip
from companion.figures.data import as_text

EVENTS: list[Message | State | Moment] = [
    Message("server", "caller", "x = 1", sent=110, arrived=None, marked=True),
    Message("caller", "server", "get x", sent=0, arrived=20),
    State("caller", "waits", start=0, end=100, what="for x"),
    State("server", "works", start=20, end=110),
    State("replica", "down", start=60, end=None),
    Moment("caller", "times out", at=100, marked=True),
    Message("server", "server", "notes it", sent=115, arrived=115),
]
HOURS = list(range(7))
EBB = Series("ebb", HOURS, [4, 3, 2, 1, 0, 0, 0])
FLOOD = Series("flood", HOURS, [0, 1, None, 3, 9, 8, 7], points=True)


def tide(*series: Series, title: str = "The tide goes out") -> Figure:
    return lines(title, "time (h)", [Panel("height (m)", series or (EBB, FLOOD), levels=[(5, "quay")])],
                 spans=[(1, 2, "storm")])  # fmt: skip


FIGURES: dict[str, Callable[[], Figure]] = {
    "lines": tide,
    "bars": lambda: bars("Boats stay in", "boats", {"north": {"in": 7, "out": 1200.4}, "south": {"in": 3}},
                         levels=[(5, "berths")]),
    "grid": lambda: grid("It floods", "wind (m/s)", "moon (d)", {(x, y): x * y for x in (1, 2) for y in (3, 4)},
                         unit="height (m)", low="dry", high="flooded"),
    "sequence": lambda: sequence("The answer comes too late", "time (ms)", EVENTS),
}  # fmt: skip


def test_a_line_is_described_by_its_ends_its_extremes_and_its_collapse() -> None:
    assert tide().alt == (
        "Line chart: The tide goes out. Shaded from 1 to 2: storm. height (m) against time (h). "
        "ebb: 4 at 0, 0 at 6; lowest 0 at 4, highest 4 at 0; below 5 % of its highest for good after 3. "
        "flood: 0 at 0, 7 at 6; lowest 0 at 0, highest 9 at 4. Marked at 5: quay. "
        "ebb first crosses flood at 3. flood first crosses quay at 4."
    )


@pytest.mark.parametrize(
    ("one", "other", "at"),
    [
        ([0, 1, 2, 3], [3, 2, 1, 0], "2"),
        ([0, 2, 2, 4], [2, 2, 2, 2], "3"),  # touching is not crossing
        ([0, None, 4, 4], [2, 2, 2, 2], "2"),
        ([0, 0, 0, 0], [1, 1, 1, 1], None),
        ([2, 2, 2, 2], [2, 2, 2, 2], None),
    ],
)
def test_where_lines_cross_is_told(one: list[float | None], other: list[float | None], at: str | None) -> None:
    alt = tide(Series("one", range(4), one), Series("other", range(4), other)).alt
    assert ("one first crosses other" in alt) is (at is not None)
    assert at is None or f"one first crosses other at {at}." in alt


def test_the_data_of_a_figure_can_be_had_as_csv(tmp_path: Path) -> None:
    expected = {
        "lines": "time (h),quantity,series,value\n0,height (m),ebb,4\n",
        "bars": "name,quantity,boats\nnorth,in,7\nnorth,out,1200.4\nsouth,in,3\n",
        "grid": "wind (m/s),moon (d),height (m)\n1,3,3\n1,4,4\n2,3,6\n2,4,8\n",
        "sequence": "start,end,who,whom,what\n0,20,caller,server,get x\n0,100,caller,,waits for x\n20,110,server,,work",
    }
    for kind, make in FIGURES.items():
        assert make().csv.startswith(expected[kind]), kind
    tide().savefig(tmp_path / "tide.csv")
    table = list(csv.DictReader((tmp_path / "tide.csv").open(encoding="utf-8")))
    assert len(table) == 14
    assert table[9] == {"time (h)": "2", "quantity": "height (m)", "series": "flood", "value": ""}  # the gap


@pytest.mark.parametrize(
    ("y", "collapse"),
    [
        ([100, 100, 6, 6], False),  # low, but not below a twentieth
        ([100, 100, 4, 4], True),
        ([100, 4, 4, 100], False),  # it came back
        ([0, 0, 0, 0], False),  # it was never up
        ([-1, -2, -3, -4], False),
    ],
)
def test_a_collapse_is_told_only_where_a_line_stays_down(y: list[float], collapse: bool) -> None:
    assert ("for good after 1" in tide(Series("line", range(4), y)).alt) is collapse


def test_a_line_without_values_says_so() -> None:
    assert "empty: no values." in tide(Series("empty", [0, 1], [None, float("nan")])).alt


def test_bars_are_described_with_every_value() -> None:
    assert FIGURES["bars"]().alt == "Bar chart: Boats stay in. boats. north: in 7, out 1,200. south: in 3."


def test_a_map_is_described_row_by_row_from_the_top() -> None:
    assert FIGURES["grid"]().alt == (
        "Map: It floods. height (m) over wind (m/s) (columns) and moon (d) (rows). Small is dry, large is flooded. "
        "Columns 1, 2. moon (d) 4: 4, 8. moon (d) 3: 3, 6."
    )


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (7, "7"), (0.12345, "0.123"), (999.4, "999"), (999.7, "1,000"), (1234.5, "1,230"), (-1234.5, "-1,230"),
     (1e6, "1,000,000"), (float("inf"), "inf"), (float("nan"), "nan")],
)  # fmt: skip
def test_a_number_is_written_for_people(value: float, text: str) -> None:
    assert as_text(value) == text


@pytest.mark.parametrize("kind", FIGURES)
def test_the_same_data_gives_the_same_bytes_whatever_the_hash_seed_and_time_zone(kind: str) -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from test_figures import FIGURES; "
        f"sys.stdout.buffer.write(FIGURES[{kind!r}]().svg().encode())"
    )
    elsewhere = {"PYTHONHASHSEED": "5", "TZ": "America/St_Johns", "LC_ALL": "C"}
    there = subprocess.run(
        [sys.executable, "-c", program, str(Path(__file__).parent)],
        capture_output=True, check=True, env={**os.environ, **elsewhere},
    ).stdout  # fmt: skip
    assert there.decode() == FIGURES[kind]().svg() == FIGURES[kind]().svg()


@pytest.mark.parametrize("kind", FIGURES)
def test_an_svg_is_an_image_with_its_description_in_the_colour_of_the_text(kind: str) -> None:
    figure = FIGURES[kind]()
    root = ET.fromstring(figure.svg())
    assert (root.get("role"), root.get("aria-label")) == ("img", figure.alt)
    assert "currentColor" in figure.svg()
    assert "#0a0b0c" not in figure.svg().lower()
    assert "#000000" not in figure.svg()
    assert not re.search(r"font-family: (?!var\(--figure-font)", figure.svg())
    assert "<metadata" not in figure.svg()  # where the date of drawing would stand


def test_a_description_with_any_character_stays_whole() -> None:
    title = 'A & B < C > "D" \\1 \\g<0> é'
    figure = tide(title=title)
    assert ET.fromstring(figure.svg()).get("aria-label") == figure.alt
    assert title in figure.alt


def ids(svg: str) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', svg))


def on_a_page(figure: Figure, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("COMPANION_FIGURES", "svg")
    bundle, _ = figure._repr_mimebundle_()
    assert bundle["text/plain"] == figure.alt
    return str(bundle["image/svg+xml"])


def test_two_figures_of_a_page_share_no_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    # Titles that begin alike, as those of one chapter do.
    long = "The goodput of a service whose callers retry at once"
    figures = [tide(title=f"{long}, {what}") for what in ("today", "tomorrow")] + [FIGURES["bars"](), FIGURES["grid"]()]
    found = [ids(on_a_page(figure, monkeypatch)) for figure in figures]
    assert all(found)
    assert len(set.union(*found)) == sum(map(len, found))


@pytest.mark.parametrize("kind", FIGURES)
def test_what_an_svg_refers_to_is_within_it(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    svg = on_a_page(FIGURES[kind](), monkeypatch)
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
    assert used and used <= ids(svg)


def test_in_a_notebook_a_figure_is_a_png_with_its_description(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMPANION_FIGURES", raising=False)
    figure = tide()
    bundle, metadata = figure._repr_mimebundle_()
    assert bundle["image/png"].startswith(b"\x89PNG")
    assert bundle["text/plain"] == metadata["image/png"]["alt"] == figure.alt


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")])
def test_a_figure_is_saved_by_the_files_ending(tmp_path: Path, ending: str, start: bytes) -> None:
    path = tmp_path / f"figure.{ending}"
    tide().savefig(path)
    assert path.read_bytes().startswith(start)


def test_a_notebooks_own_style_does_not_change_a_figure() -> None:
    import matplotlib

    plain = tide().svg()
    with matplotlib.rc_context({"axes.grid": False, "font.size": 30, "lines.linewidth": 9}):
        assert tide().svg() == plain


def test_panels_that_share_a_legend_share_no_style_and_are_named_once() -> None:
    def pair(*names: str) -> Panel:
        return Panel("y", [Series(name, [0, 1], [0, number]) for number, name in enumerate(names)])

    figure = lines("finding", "x", [pair("a", "b"), pair("alone"), pair("c", "d")])
    (legend,) = figure.drawing.legends
    assert [text.get_text() for text in legend.get_texts()] == ["a", "b", "c", "d"]
    drawn = [line for ax in figure.drawing.axes for line in ax.get_lines()]
    named = [line for line in drawn if line.get_label() != "alone"]
    assert len({line.get_color() for line in named}) == len(named) == 4


def test_a_lane_that_never_ends_runs_to_the_edge_and_is_told_so() -> None:
    figure = lanes("finding", "ms", [Bar("a", 0, 4, "write 1"), Bar("b", 1, None, "write 2")])
    assert "b: write 2 begins at 1, never ends." in figure.alt
    assert "a: write 1 begins at 0, ends at 4." in figure.alt
    ends = [patch.get_x() + patch.get_width() for patch in figure.drawing.axes[0].patches]
    assert ends[1] == figure.drawing.axes[0].get_xlim()[1] > ends[0]


def test_a_matrix_carries_a_sign_for_each_kind() -> None:
    cells = {("csv", "pandas"): "changed", ("csv", "DuckDB"): "equal"}
    figure = matrix("finding", "writer", "reader", cells, {"equal": "=", "changed": "~"})
    assert "csv: pandas changed, DuckDB equal." in figure.alt
    assert {text.get_text() for text in figure.drawing.axes[0].texts} == {"=", "~"}
    assert [text.get_text() for text in figure.drawing.legends[0].get_texts()] == ["=  equal", "~  changed"]


def test_a_sequence_diagram_tells_everything_in_the_order_of_time() -> None:
    assert FIGURES["sequence"]().alt == (
        "Sequence diagram: The answer comes too late. Participants: caller, server, replica. "
        "At 0: caller sends server get x, which arrives at 20. At 0: caller waits until 100 (for x). "
        "At 20: server works until 110. At 60: replica is down to the end. At 100: caller times out. "
        "At 110: server sends caller x = 1, which is lost. At 115: server: notes it."
    )
    order_only = sequence("Too late", "order", EVENTS, participants=["replica"], ticks=False).alt
    assert order_only.startswith(
        "Sequence diagram: Too late. Participants: replica, caller, server. "
        "caller sends server get x. caller waits (for x). server works. replica is down to the end. caller times out. "
    )


def labels(figure: Figure) -> dict[str, tuple[float, float]]:
    texts = figure.drawing.axes[0].texts
    return {text.get_text(): getattr(text, "xy", text.get_position()) for text in texts if text.get_text()}


def arrows(figure: Figure) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """From where to where: each arrow is an annotation without text."""
    texts = figure.drawing.axes[0].texts
    return [(text.xyann, text.xy) for text in texts if getattr(text, "arrow_patch", None) is not None]


def test_a_message_goes_from_lifeline_to_lifeline_and_a_lost_one_half_the_way() -> None:
    (leaves, arrives), ((start, _), (tip, _)) = arrows(FIGURES["sequence"]())
    assert leaves == pytest.approx((0.05, 0))
    assert arrives == pytest.approx((0.95, 20))
    assert start == pytest.approx(0.95)
    assert tip == pytest.approx(0.45)


def test_time_runs_downwards_and_without_a_scale_each_moment_has_a_row_of_its_own() -> None:
    crowd = [Message("a", "b", f"message {number}", sent=at, arrived=at) for number, at in enumerate([0, 1, 2, 900])]
    for ticks, rows in ((True, [0, 1, 2, 900]), (False, [0, 1, 2, 3])):
        figure = sequence("finding", "ms", crowd, ticks=ticks)
        assert [start[1] for start, _ in arrows(figure)] == rows
        bottom, top = figure.drawing.axes[0].get_ylim()
        assert bottom > rows[-1] > rows[0] > top


def test_a_label_stands_in_the_gap_beside_its_sender() -> None:
    far = [Message("a", "c", "far", 0, 10), Message("c", "a", "back", 10, 20), Message("b", "c", "near", 10, 20)]
    found = labels(sequence("finding", "ms", far, participants="abc"))
    assert {name: x for name, (x, _) in found.items()} == {"far": 0.5, "back": 1.5, "near": 1.5}


@pytest.mark.parametrize("who", ["a", "b"])
def test_a_label_lies_along_its_arrow_as_it_is_drawn(who: str) -> None:
    figure = sequence("finding", "ms", [Message(who, "b" if who == "a" else "a", "hello", 0, 10)], participants="ab")
    figure.drawing.draw_without_rendering()
    ax = figure.drawing.axes[0]
    left, right = sorted(map(tuple, ax.transData.transform(arrows(figure)[0])))
    (label,) = (text for text in ax.texts if text.get_text() == "hello")
    slope = math.degrees(math.atan2(right[1] - left[1], right[0] - left[0]))
    assert (label.get_rotation() + 180) % 360 - 180 == pytest.approx(slope, abs=0.5)


def test_a_lifeline_that_is_down_is_dotted_from_the_crash_to_the_restart() -> None:
    events: list[Message | State | Moment] = [State("a", "down", 10, 20), Message("a", "b", "hello", 30, 30)]
    ax = sequence("finding", "ms", events).drawing.axes[0]
    lines = [line for line in ax.get_lines() if len(line.get_xdata()) == 2 and set(line.get_xdata()) == {0}]
    dotted = [line.get_linestyle() != "-" for line in sorted(lines, key=lambda line: line.get_ydata()[0])]
    assert dotted == [False, True, False]
    assert [list(line.get_ydata()) for line in lines if line.get_linestyle() != "-"] == [[10, 20]]


@pytest.mark.parametrize(
    ("event", "why"),
    [(State("a", "sleeps", 0, 1), "kind = 'sleeps' is not accepted: it takes works | waits | down"),
     (State("a", "works", 2, 1), "ends at 1, before it begins at 2"),
     (Message("a", "b", "hello", 2, 1), "hello: ends at 1, before it begins at 2")],
)  # fmt: skip
def test_what_cannot_be_drawn_is_refused(event: Message | State, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        sequence("finding", "ms", [event])


def test_a_sequence_of_nothing_is_an_empty_diagram() -> None:
    assert sequence("finding", "ms", [], participants=["a"]).alt == "Sequence diagram: finding. Participants: a."
