"""The figures of chapter 14, as functions of results; each computes its title, the finding, from the data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

from companion.figures import Figure, Message, Moment, Panel, Series, bars, lines, sequence
from companion.reasoning.rag.trials.answers import Tally
from companion.reasoning.rag.trials.caching import hit_rate, zipf
from companion.reasoning.rag.trials.experiments import Score


def figure_pipeline() -> Figure:
    """Draw who does what between a question and its answer."""
    asker, rows, search, reader = "asker", "look-up", "search", "reader"
    return sequence(
        "A question is looked up first, searched second, and checked last",
        "time",
        [
            Message(asker, rows, "firm, period, rest", 0, 1),
            Moment(rows, "a row that means it?", 1),
            Message(rows, asker, "its figure, its places", 2, 3),
            Message(rows, search, "or no such row", 4, 5),
            Message(search, reader, "five chunks, labelled", 6, 7),
            Message(reader, search, "sentences, numbered", 8, 9),
            Moment(search, "is it there?", 10, marked=True),
            Message(search, asker, "an answer, or a refusal", 11, 12),
        ],
        participants=(asker, rows, search, reader),
        ticks=False,
    )


def figure_ways(scores: Mapping[str, Mapping[int, Score]]) -> Figure:
    """Draw recall at five of each way to search, for each seed; the title tells of the first and the last."""
    means = {name: fmean(score.mean for score in by_seed.values()) for name, by_seed in scores.items()}
    (first, least), *_, (last, most) = means.items()
    title = f"The same chunks by the same model: {least:.2f} of the evidence is found {first}, {most:.2f} with {last}"
    groups = {name: {f"seed {seed}": score.mean for seed, score in by_seed.items()} for name, by_seed in scores.items()}
    return bars(title, "evidence among the first five chunks (share)", groups)


def figure_budget(curves: Mapping[str, Mapping[int, float]], at: int) -> Figure:
    """Draw recall by how many characters have been read, for chunks of several sizes.

    Parameters
    ----------
    curves : mapping of str to mapping of int to float
        For each size, recall by characters.
    at : int
        The number of characters that the title speaks of.
    """
    best = max(curves, key=lambda name: curves[name][at])
    worst = min(curves, key=lambda name: curves[name][at])
    title = f"Of {at:,} characters, {best} give {curves[best][at]:.2f} of the evidence, {worst} {curves[worst][at]:.2f}"
    series = [Series(name, [*curve], [*curve.values()], points=True) for name, curve in curves.items()]
    return lines(title, "characters read", [Panel("evidence read (share)", series)], size=(7.2, 3.8))


def figure_lies(cosines: Mapping[str, Sequence[float]], paraphrase: str) -> Figure:
    """Draw how near sentences are to a true one, those that lie beside the one that says the same.

    The title counts the changes that leave a sentence nearer than the paraphrase in every case, not on average.
    """
    means = {kind: fmean(values) for kind, values in cosines.items()}
    honest = cosines[paraphrase]
    nearer = [
        kind for kind, values in cosines.items() if all(a > b for a, b in zip(values, honest, strict=True))
    ]  # fmt: skip
    title = f"{len(nearer)} of {len(means) - 1} changes leave a sentence nearer than its paraphrase, in each case"
    groups = {kind: {"cosine": mean} for kind, mean in sorted(means.items(), key=lambda each: -each[1])}
    return bars(title, "mean cosine with the true sentence", groups)


def figure_price(tallies: Mapping[str, Tally]) -> Figure:
    """Draw, in numbers of questions, what becomes of those that have an answer and of those that have none."""
    careful = [name for name, told in tallies.items() if told.wrong == told.fooled == 0]
    best = max(careful, key=lambda name: tallies[name].right, default="")
    if best:
        title = f"No wrong answer by {best}, and {100 * tallies[best].price:.0f} of 100 questions refused that have one"
    else:
        title = "Each of these answers something wrongly"
    groups: dict[str, dict[str, float]] = {
        name: {
            "right": told.right,
            "wrong": told.wrong,
            "answered, where there is no answer": told.fooled,
        }
        for name, told in tallies.items()
    }
    first = next(iter(tallies.values()))
    of = f"questions, of {first.answerable} with an answer and {first.caught + first.fooled} without"
    return bars(title, of, groups)


def figure_hits(kept: Sequence[float], simulated: Mapping[int, Sequence[float]], intents: int) -> Figure:
    """Draw how many questions a cache answers, by the formula and as simulated.

    Parameters
    ----------
    kept : sequence of float
        How many questions come while an answer is kept.
    simulated : mapping of int to sequence of float
        For a number of wordings of each question, the share that hit.
    intents : int
        How many different things are asked.
    """
    formulas = {
        wordings: [hit_rate(zipf(intents, wordings), count) for count in kept] for wordings in simulated
    }  # fmt: skip
    apart = max(
        abs(one - other)
        for wordings, shares in simulated.items()
        for one, other in zip(shares, formulas[wordings], strict=True)
    )
    most = max(simulated)
    title = f"What is asked in {most} wordings hits later; the formula is right within {apart:.2f}"
    series = []
    for wordings, shares in simulated.items():
        name = f"{wordings} wording{'s' * (wordings > 1)}"
        series += [
            Series(f"{name}, formula", kept, formulas[wordings]),
            Series(f"{name}, simulated", kept, shares, True),
        ]
    return lines(title, "questions while an answer is kept", [Panel("hit rate", series)], log_x=True, size=(7.2, 3.8))
