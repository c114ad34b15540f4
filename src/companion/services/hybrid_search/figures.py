"""The figures of chapter 11, as functions of results; each computes its title, the finding, from the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from companion.figures import Figure, Panel, Series, bars, lines
from companion.services.hybrid_search.evaluation import KINDS, Score
from companion.services.hybrid_search.many_tenants import expected_recall


def figure_kinds(scores: Mapping[str, Score]) -> Figure:
    """Draw how good each way of ranking is for questions of each kind; the title tells of the first and the best."""
    first, best = next(iter(scores)), max(scores, key=lambda name: scores[name].ndcg)
    hardest = min(KINDS, key=lambda kind: scores[best].by_kind[kind])
    title = f"{best} is best on average, with {scores[best].ndcg:.2f}, and has {scores[best].by_kind[hardest]:.2f}"
    title += f" for a {hardest}, where “{first}” has {scores[first].by_kind[hardest]:.2f}"
    return bars(title, "nDCG at 10", {name: dict(score.by_kind) for name, score in scores.items()})


def figure_weights(weights: Sequence[float], scores: Sequence[Score], advised: Sequence[float]) -> Figure:
    """Draw how good the fused list is as its text counts more, over all questions and by kind.

    Parameters
    ----------
    weights, scores : sequence
        What the text counts, and how good the list is then.
    advised : sequence of float
        Weights, some of them, that somebody has advised.
    """
    means = [score.ndcg for score in scores]
    best = weights[means.index(max(means))]
    title = f"The fused list is best where its text counts {best:.1f} ({max(means):.2f})"
    for one in advised:
        there = means[weights.index(one)]
        title += f", with {one:.1f} ({there:.2f}) {'below' if there < means[0] else 'no lower than'} the vectors alone"
    series = [Series(f"{kind} ", weights, [score.by_kind[kind] for score in scores]) for kind in KINDS]
    panel = Panel("nDCG at 10", [Series("all questions", weights, means, points=True), *series])
    return lines(title, "what the text counts (0: vectors alone, 1: text alone)", [panel], size=(7.2, 4.2))


def figure_starved(shares: Mapping[str, float], measured: Mapping[str, Mapping[int, float]]) -> Figure:
    """Draw what a filter leaves of an index's answer, by the formula and as it was measured.

    Parameters
    ----------
    shares : mapping of str to float
        Of each tenant, how large a part of the table it has.
    measured : mapping of str to mapping of int to float
        Of each tenant, recall by the number of candidates.
    """
    breadths = [10, 20, 40, 70, 100, 150, 200, 400, 1000, 2000, 5000]
    series = [
        Series(f"{name}, expected", breadths, [expected_recall(breadth, share) for breadth in breadths])
        for name, share in shares.items()
    ]
    series += [Series(f"{name}, measured", list(told), list(told.values()), True) for name, told in measured.items()]
    apart = max(
        abs(expected_recall(breadth, shares[name]) - recall)
        for name, told in measured.items()
        for breadth, recall in told.items()
    )
    title = f"What is filtered after the index has looked is missing, as the formula says (within {apart:.2f})"
    return lines(
        title, "candidates that the index looks at", [Panel("recall at 10", series)], log_x=True, size=(7.2, 3.8)
    )
