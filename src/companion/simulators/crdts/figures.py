"""The chapter's figures: functions of data, whose titles say what the data shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from companion.figures import Bar, Figure, Panel, Series, lanes, lines
from companion.simulators.crdts.result import Result


def figure_growth(results: Mapping[str, Result]) -> Figure:
    """Draw the size of the largest state over time, by type."""
    series = [Series(name, result.series["t"], result.series["size"]) for name, result in results.items()]
    last = {name: result.series["size"][-1] for name, result in results.items()}
    most, least = max(last, key=last.__getitem__), min(last, key=last.__getitem__)
    title = f"After the same updates, {most} weighs {last[most] / last[least]:.1f} times as much as {least}"
    return lines(title, "time (s)", [Panel("largest state (bytes of JSON)", series)])


def figure_gossip(results: Mapping[float, Sequence[Result]]) -> Figure:
    """Draw how long replicas take to agree, and what they send, against how often they talk."""
    often = sorted(results)
    apart = [median(_apart(one) for one in results[share]) for share in often]
    sent = [median(one.totals["bytes"] / 1000 for one in results[share]) for share in often]
    title = (
        f"Talking {often[-1] / often[0]:.0f} times as often costs {sent[-1] / sent[0]:.0f} times the bytes "
        f"and agrees {apart[0] / max(apart[-1], 0.1):.0f} times as soon"
    )
    panels = [
        Panel("until all agree (s)", [Series("until all agree", often, apart, points=True)]),
        Panel("sent (kB of JSON)", [Series("sent", often, sent, points=True)]),
    ]
    return lines(title, "chance of talking at each interval", panels, log_x=True)


def _apart(result: Result) -> float:
    """Give how long it took until all agreed; the whole run if they never did (s)."""
    took = result.summary["seconds_to_converge"]
    return result.settings.duration if took is None else took


def figure_apart(result: Result) -> Figure:
    """Draw how many different values there are while a replica is cut off, and afterwards."""
    time = result.series["t"]
    agree = next((second for second, distinct in zip(reversed(time), reversed(result.series["distinct"]), strict=True)
                  if distinct > 1), 0)  # fmt: skip
    panel = Panel("replicas", [
        Series("different values", time, result.series["distinct"]),
        Series("have not heard of all", time, result.series["behind"]),
    ])  # fmt: skip
    title = f"Nobody waited for anybody, and from {agree + 1} s on all hold the same"
    return lines(title, "time (s)", [panel], spans=result.settings.spans)


def figure_wire(results: Mapping[str, Result]) -> Figure:
    """Draw the bytes that all replicas have sent, by type or by what is sent."""
    series = [Series(name, result.series["t"], [sent / 1000 for sent in result.series["bytes"]])
              for name, result in results.items()]  # fmt: skip
    sent = {name: result.totals["bytes"] for name, result in results.items()}
    most, least = max(sent, key=sent.__getitem__), min(sent, key=sent.__getitem__)
    title = f"{most} sends {sent[most] / max(sent[least], 1):.1f} times the bytes of {least}"
    return lines(title, "time (s)", [Panel("sent (kB of JSON)", series)])


def figure_resurrection(results: Mapping[str, Result]) -> Figure:
    """Draw how many elements are held that should be gone, over all replicas, by type or by rule."""
    series = [Series(name, result.series["t"], result.series["resurrected"]) for name, result in results.items()]
    back = {name: result.series["resurrected"][-1] for name, result in results.items()}
    title = "Back from the dead in the end: " + ", ".join(f"{name} {count}" for name, count in back.items())
    return lines(title, "time (s)", [Panel("resurrected (elements, of all replicas)", series)])


def figure_interleaving(texts: Mapping[str, tuple[str, str, str]]) -> Figure:
    """Draw what became of two words that were typed at the same place; the letters of the second are marked.

    Parameters
    ----------
    texts : mapping of str to (str, str, str)
        For each type the merged text and the two words, which have no letter in common.
    """
    letters = [
        Bar(name, place, place + 1, letter, marked=letter in other)
        for name, (text, _, other) in texts.items()
        for place, letter in enumerate(text)
    ]
    broken = [name for name, (text, *words) in texts.items() if not all(word in text for word in words)]
    title = f"{' and '.join(broken) or 'No type'} tears the words apart"
    return lanes(title, "place in the text (characters)", letters)
