"""Chapter 11: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

from tests.chapters.exercise_checks import *  # noqa: F403 - the tests, which read the table below
from tests.chapters.exercise_checks import chapter

DEEPEST = "def deepest(k, weight):\n    import math\n    return "

LUCK = (
    "def luck(differences):\n    from collections import Counter\n    ways = Counter({0: 1})\n"
    "    for one in differences:\n        after = Counter()\n        for total, count in ways.items():\n"
    "            after[total + one] += count\n            after[total - one] += count\n        ways = after\n"
    "    seen = SEEN\n    far = sum(count for total, count in ways.items() if FAR)\n    return SHARE"
)


def lucky(far: str, seen: str = "abs(sum(differences))", share: str = "Fraction(far, 2 ** len(differences))") -> str:
    return LUCK.replace("SEEN", seen).replace("FAR", far).replace("SHARE", share)


BREADTH = (
    "def breadth(share, wanted, chance):\n    import math\n    count = wanted\n    while True:\n"
    "        fewer = sum(math.comb(count, n) * share**n * (1 - share) ** (count - n) for n in range(FEWER))\n"
    "        if ENOUGH:\n            return TOLD\n        count += STEP"
)


def broad(fewer: str = "wanted", enough: str = "1 - fewer >= chance", told: str = "count", step: int = 1) -> str:
    return BREADTH.replace("FEWER", fewer).replace("ENOUGH", enough).replace("TOLD", told).replace("STEP", str(step))


FAULTS = """
def faults(report):
    from itertools import accumulate, pairwise

    found, much = set(), 1.01
    times = [time for _, time in report.percentiles]
    if any(time * much < report.fastest or time > report.slowest * much for time in times):
        found.add("percentile")
    if any(time * much < most for time, most in zip(times, accumulate(times, max))):
        found.add("order")
    if not found:
        parts = [0, *(part for part, _ in report.percentiles), 100]
        edges = [report.fastest, *times, report.slowest]
        shares = [(b - a) / 100 for a, b in pairwise(parts)]
        low = sum(share * edge for share, edge in zip(shares, edges[:-1]))
        high = sum(share * edge for share, edge in zip(shares, edges[1:]))
        if report.mean * much < low or report.mean > high * much:
            found.add("mean")
    if report.requests / report.total * report.mean > report.clients * much:
        found.add("clients")
    return found
"""

WALK = """
import heapq


def walk(links, entry, distance, allowed, wanted):
    seen, ahead, kept, own = {entry}, [(distance(entry), entry)], [], []
    while ahead:
        far, here = heapq.heappop(ahead)
        if STOP:
            break
        kept.append((far, here))
        if TAKE:
            own.append((far, here))
        for other in links[here]:
            if other not in seen:
                seen.add(other)
                heapq.heappush(ahead, (distance(other), other))
    return GIVEN
"""


def walking(stop: str, take: str = "allowed(here)", given: str = "[n for _, n in sorted(own)[:wanted]]") -> str:
    return WALK.replace("STOP", stop).replace("TAKE", take).replace("GIVEN", given)


BEST = next(one.answer.source for one in chapter("11").exercises if one.name == "walk")


def after(given: str) -> str:
    """Call the right answer `first`, and give something else that is made with it."""
    return f"{BEST}\n\n\nfirst = walk\n\n\ndef walk(links, entry, distance, allowed, wanted):\n    return {given}"


WRONG: dict[str, list[tuple[str, str]]] = {
    "overtake": [
        (DEEPEST + "k + 1", "at rank 62 it is ahead too"),
        (DEEPEST + "(k + 1) / weight - k", "is no rank"),
        (DEEPEST + "math.floor((k + 1) / weight - k)", "weight 1/2: at rank 62 it is not ahead"),
        (DEEPEST + "math.ceil((k + 1) / (1 - weight) - k) - 1", "at rank 42 it is ahead too"),
        (DEEPEST + "math.ceil((k + 1) / weight - k)", "at rank 93 it is not ahead"),
        (DEEPEST + "math.ceil((k + 1) / float(weight) - k) - 1", "k = 20, weight 7/20: at rank"),
        (DEEPEST + "0", "at rank 1 in both it is ahead, and you say 0"),
    ],
    "luck": [
        (lucky("total >= seen", "sum(differences)"), "of all ways, and you say"),
        (lucky("abs(total) > seen"), "[]: 1 of all ways, and you say 0"),
        (lucky("abs(total) >= seen", share="far / 2 ** len(differences)"), "no Fraction"),
        (lucky("abs(total) >= seen", "abs(sum(differences))", "Fraction(far, 2 * len(differences) or 1)"),
         "of all ways, and you say"),
        (lucky("total >= seen"), "of all ways, and you say"),
        ("def luck(differences):\n    import random\n    rng, seen = random.Random(1), abs(sum(differences))\n"
         "    sums = [abs(sum(rng.choice((d, -d)) for d in differences)) for _ in range(999)]\n"
         "    return Fraction(sum(one >= seen for one in sums), 999)", "of all ways, and you say"),
        (lucky("abs(total) >= seen", "sum(differences)"), "[-4, 1, -2]: 1/2 of all ways, and you say 1"),
        (lucky("abs(total) >= seen", "max(sum(differences), 0)"), "[-4, 1, -2]: 1/2 of all ways, and you say 1"),
        (lucky("abs(total) >= seen").replace("ways = after", "ways = {t: n for t, n in after.items() if abs(t) < 999}"),
         "[1000, -900, 1000, 0]: 1/2 of all ways, and you say 0"),
        (lucky("abs(total) >= seen").replace("for one in differences", "for one in filter(None, differences)"),
         "[0, 0]: 1 of all ways, and you say 1/4"),
        (lucky("abs(total) >= seen").replace("for one in differences", "for one in differences[:50]"),
         "of all ways, and you say"),
    ],
    "breadth": [
        ("def breadth(share, wanted, chance):\n    import math\n    return math.ceil(wanted / share)",
         "give it with 0."),
        (broad(step=2, told="count + 1"), "would do"),
        (broad(fewer="wanted + 1"), "would do"),
        (broad(enough="fewer <= chance"), "give it with 0."),
        (broad(told="float(count)"), "cannot be enough"),
        (broad(enough="1 - fewer > chance"), "one of two"),
        ("def breadth(share, wanted, chance): return wanted", "give it with 0.0000 only"),
    ],
    "report": [
        ("def faults(report): return set()", "the article's report: ['percentile']"),
        ("def faults(report): return ['percentile']", "is no set"),
        (FAULTS.replace("report.mean * much < low or ", ""), "where 0.155 is the least"),
        (FAULTS.replace("or time > report.slowest * much ", ""), "the article's report: ['percentile']"),
        (FAULTS.replace("time * much < most", "False"), "99 % below what 95 % are below"),
        (FAULTS.replace("time * much < report.fastest or ", ""), "none below 0.024"),
        (FAULTS.replace("set(), 1.01", "set(), 1.0"), "reports are rounded"),
        (FAULTS.replace("set(), 1.01", "set(), 1.09"), "96 % of what 99 % are below"),
        (FAULTS.replace("report.requests / report.total * report.mean", "report.requests / report.total"),
         "the article's report: ['percentile']"),
        (FAULTS.replace("/ report.total * report.mean", "* report.mean"), "the article's report: ['percentile']"),
        (FAULTS.replace("    if not found:", "    if True:"), "75 % at 0.7 s"),
        (FAULTS.replace("    if not found:", '    if "percentile" not in found:'), "where an order is wrong"),
        (FAULTS.replace("    if not found:", '    if "order" not in found:'), "not judged where a percentile is wrong"),
        (FAULTS.replace("    if any(time * much < most", "    elif any(time * much < most"), "75 % at 0.7 s"),
        (FAULTS.replace("zip(times, accumulate(times, max))", "zip(times[-1:], times[-2:])"),
         "a quarter below what a tenth is below"),
        (FAULTS.replace("time * much < most for", "time < most for"), "99 % below 0.484 s, and 95 % below 0.4867"),
        (FAULTS.replace("zip(times, accumulate(times, max))", "zip(times[1:], times)"), "90 % below 0.4867"),
        (FAULTS.replace("report.clients * much", "report.clients"), "with 99 clients: reports are rounded"),
        (FAULTS.replace("report.clients * much", "report.clients * 1.1"), "99.5 on their way, with 98 clients"),
        (FAULTS.replace("report.mean * much < low", "report.mean < low"), "0.155 is the least: reports are rounded"),
        (FAULTS.replace("report.mean > high * much", "report.mean > high"), "0.2497 is the most: reports are rounded"),
        (FAULTS.replace("report.mean > high * much", "report.mean > report.slowest"), "where 0.2497 is the most"),
        (FAULTS.replace("report.mean * much < low", "report.mean < report.fastest"), "where 0.155 is the least"),
        (FAULTS.replace("parts = [0, *(part for part, _ in report.percentiles), 100]",
                        "parts = [0, 10, 25, 50, 75, 90, 95, 99, 100]"), "they allow 0.32"),
        (FAULTS.replace("    if report.requests", "    elif report.requests"), "99.5 on their way, with 98 clients"),
        (FAULTS.replace("    if report.requests", '    if "mean" not in found and report.requests'),
         "100 clients, and a high mean"),
    ],
    "walk": [
        ("def walk(links, entry, distance, allowed, wanted):\n"
         "    own = [n for n in range(len(links)) if allowed(n)]\n    return sorted(own, key=distance)[:wanted]",
         "nothing has led to vector"),
        (walking("len(kept) == 40"), "are given, where 10 are wanted"),
        (walking("False"), "of all distances, not 45%"),
        (walking("len(kept) == 100", take="True"), "another tenant's vector"),
        (walking("len(own) >= 30", given="[n for _, n in sorted(own)[:wanted]][::-1]"), "not the nearest first"),
        (walking("len(own) >= 2 * wanted", given="[own[0][1]] * wanted"), "one is given twice"),
        (after("first(links, entry, distance, allowed, 10)"), "10 are given, where 3 are wanted"),
        (after("first(links, entry, distance, allowed, 10)[:wanted]"), "of all distances, not 70%"),
        (after("first(links, entry, distance, allowed, min(wanted, 10))"), "10 are given, where 25 are wanted"),
        (after("first(links, entry, distance, allowed, wanted)[:8]"), "8 are given, where 10 are wanted"),
        (after("tuple(first(links, entry, distance, allowed, wanted))"), "is no list"),
        (BEST.replace("while ahead:", "while ahead and len(seen) < len(links) - 60:"), "are wanted and the tenant has"),
    ],
}  # fmt: skip
