"""The chapter's figures: functions of data, whose titles say what the data shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from companion.figures import Figure, Panel, Series, lines
from companion.figures.charts import PALETTE, axes_of
from companion.figures.data import as_csv
from companion.figures.figure import INK, styled
from companion.simulators.crdts.result import Result


def figure_growth(results: Mapping[str, Result]) -> Figure:
    """Draw the size of the largest state over time, by type."""
    series = [Series(name, result.series["t"], result.series["size"]) for name, result in results.items()]
    most = {name: max(result.series["size"]) for name, result in results.items()}
    heavy, light = max(most, key=most.__getitem__), min(most, key=most.__getitem__)
    title = f"{heavy}, a cart grows with every removal; {light}, it stays below {most[light] + 1:,} bytes".capitalize()
    return lines(title, "time (s)", [Panel("largest state (bytes of JSON)", series)])


def figure_gossip(results: Mapping[float, Sequence[Result]]) -> Figure:
    """Draw how long replicas take to agree against how often they talk, and a line that falls as one over it."""
    often = sorted(results)
    apart = [median(_apart(one) for one in results[share]) for share in often]
    sent = [median(one.totals["messages"] for one in results[share]) for share in often]
    law = [apart[0] * often[0] / share for share in often]
    title = f"{sent[-1] / sent[0]:.0f} times the messages: not {apart[0]:.0f} s but {apart[-1]:.1f} s until all agree"
    panel = Panel("until all agree, median (s)", [
        Series("measured", often, apart, points=True), Series("in proportion to the silence", often, law),
    ], log=True)  # fmt: skip
    return lines(title, "chance of talking at each interval", [panel], log_x=True)


def _apart(result: Result) -> float:
    """Give how long it took until all agreed; the whole run if they never did (s)."""
    took = result.summary["seconds_to_converge"]
    return result.settings.duration if took is None else took


@dataclass(frozen=True)
class _Stretch:
    """What a replica's cart held from one moment to another (s), and whether others knew more."""

    replica: str
    start: float
    end: float
    cart: str
    behind: bool


@styled
def figure_carts(result: Result, letters: str) -> Figure:
    """Draw the cart of each replica as a row: what is in it, and from when to when.

    Parameters
    ----------
    result : Result
        A run of a set.
    letters : str
        For the elements e0, e1 and so on a letter each. Where others know more, the stretch is hatched.
    """
    rows = [_stretches(result, replica, letters) for replica in range(result.settings.n_replicas)]
    agree = max((second for second, distinct in zip(result.series["t"], result.series["distinct"], strict=True)
                 if distinct > 1), default=0)  # fmt: skip
    title = f"{len(rows)} carts, each with a life of its own; from {agree + 1} s on all hold the same"
    drawing, (ax,) = axes_of(title, 1, (7.2, 1.5 + 0.42 * len(rows)))
    for place, row in enumerate(rows):
        for one in row:
            look = {"color": PALETTE[1], "alpha": 0.45, "hatch": "//"} if one.behind else {"color": "none"}
            ax.barh(place, one.end - one.start, 0.74, left=one.start, edgecolor=INK, linewidth=0.7, **look)
            if one.end - one.start > 0.85 * len(one.cart):
                box = {"facecolor": "white", "edgecolor": "none", "pad": 1.0, "alpha": 0.85} if one.behind else None
                ax.text((one.start + one.end) / 2, place, one.cart, ha="center", va="center", size=9.5, bbox=box,
                        color="#101214" if one.behind else INK)  # fmt: skip
    for start, stop, name in result.settings.spans:
        ax.annotate(
            f"{rows[-1][0].replica} {name}",
            ((start + stop) / 2, -0.62),
            ha="center",
            va="center",
            size=8.5,
            annotation_clip=False,
        )
        ax.plot([start, stop], [-0.45] * 2, color=INK, linewidth=2.5)
    ax.set(xlim=(0, result.settings.duration), ylim=(len(rows) - 0.5, -0.85), xlabel="time (s)")
    ax.set_yticks(range(len(rows)), [row[0].replica for row in rows])
    ax.grid(False)
    told = [f"Rows of carts: {title}. Hatched where others know more."]
    for row in rows:
        words = [f"{one.cart} from {one.start:g}{' (hatched)' if one.behind else ''}" for one in row]
        told.append(f"{row[0].replica}: {', '.join(words)}.")
    table = [(one.replica, one.start, one.end, one.cart, str(one.behind)) for row in rows for one in row]
    return Figure(
        title, " ".join(told), drawing, as_csv(("replica", "start", "end", "cart", "others know more"), table)
    )


def _stretches(result: Result, replica: int, letters: str) -> list[_Stretch]:
    named = {f"e{number}": letter for number, letter in enumerate(letters)}
    shown = [
        ("".join(sorted(map(named.__getitem__, held[replica]), key=letters.index)) or "-", held[replica] != whole)
        for held, whole in zip(result.held, result.whole, strict=True)
    ]
    turns = [0, *(second for second in range(1, len(shown)) if shown[second] != shown[second - 1]), len(shown)]
    return [_Stretch("ABCDEFGHIJ"[replica], start, end, *shown[start]) for start, end in pairwise(turns)]


def figure_wire(results: Mapping[str, Result]) -> Figure:
    """Draw the bytes that all replicas have sent, by type or by what is sent."""
    series = [Series(name, result.series["t"], [sent / 1000 for sent in result.series["bytes"]])
              for name, result in results.items()]  # fmt: skip
    late = {name: (result.series["bytes"][-1] - result.series["bytes"][-1 - len(result.series["t"]) // 4]) / 1000
            for name, result in results.items()}  # fmt: skip
    title = "Sent in the last quarter, when nobody changed anything: " + ", ".join(
        f"{name} {kilobytes:,.0f} kB" for name, kilobytes in late.items()
    )
    return lines(title, "time (s)", [Panel("sent (kB of JSON)", series)])


def figure_resurrection(results: Mapping[str, Result]) -> Figure:
    """Draw how many elements are held that should be gone, over all replicas, by type or by rule."""
    series = [Series(name, result.series["t"], result.series["resurrected"]) for name, result in results.items()]
    back = {name: result.series["resurrected"][-1] for name, result in results.items()}
    title = "Back from the dead in the end: " + ", ".join(f"{name} {count}" for name, count in back.items())
    return lines(title, "time (s)", [Panel("back (elements, all copies)", series)])


@styled
def figure_interleaving(texts: Mapping[str, tuple[str, str, str]]) -> Figure:
    """Write what became of two words that were typed at the same place; the second word's letters are underlined.

    Parameters
    ----------
    texts : mapping of str to (str, str, str)
        For each type the merged text and the two words, which have no letter in common.
    """
    broken = [name for name, (text, *words) in texts.items() if not all(word in text for word in words)]
    title = f"{' and '.join(broken) or 'No type'} tears the words apart"
    drawing, (ax,) = axes_of(title, 1, (3.5, 0.7 + 0.62 * len(texts)))  # a phone shows it whole
    for row, (name, (text, _, other)) in enumerate(texts.items()):
        ax.text(0, row, name, ha="left", va="center", size=9.5)
        for place, letter in enumerate(text, start=5):
            second = letter in other
            ax.text(place / 2, row, letter, ha="center", va="center", size=18, family="monospace",
                    weight="bold" if second else "normal", color=PALETTE[1 if second else 0])  # fmt: skip
            if second:
                ax.plot([place / 2 - 0.2, place / 2 + 0.2], [row + 0.27] * 2, color=PALETTE[1], linewidth=2)
    longest = max((len(text) for text, *_ in texts.values()), default=0)
    ax.set(xlim=(-0.1, 2.6 + longest / 2), ylim=(len(texts) - 0.4, -0.6))
    ax.set_axis_off()
    told = [f"{name}: {text}." for name, (text, *_) in texts.items()]
    _, one, other = next(iter(texts.values()))
    alt = " ".join([f"Two words, {one} and {other}, after the merge: {title}.", *told])
    return Figure(title, alt, drawing, as_csv(("type", "text"), [(name, text) for name, (text, *_) in texts.items()]))
