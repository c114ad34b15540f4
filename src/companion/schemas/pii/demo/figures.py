"""The figures of chapter 23."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from companion.figures import Figure, bars
from companion.figures.charts import PALETTE, legend
from companion.figures.data import as_csv
from companion.figures.figure import INK, styled
from companion.schemas.pii.evaluation.scores import ORDER, Score
from companion.schemas.pii.verdict import Level

_PAPER, _DEEP, _LOUD = "#e8f0fa", "#1f5fa8", "#b3460b"


@styled
def figure_matrices(title: str, scores: Mapping[str, Score]) -> Figure:
    """Draw confusion matrices side by side: rows are what a field is, columns what was said.

    Parameters
    ----------
    title
        The finding.
    scores
        The name of each matrix, and its counts.
    """
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(2.75 * len(scores) + 0.6, 3.4), layout="constrained")
    axes = drawing.subplots(1, len(scores), sharey=True, squeeze=False)[0]
    drawing.suptitle(title, x=0.01, ha="left", size=11.5, weight="bold", wrap=True)
    names = [level.value for level in ORDER]
    for ax, (name, score) in zip(axes, scores.items(), strict=True):
        for row, counts in enumerate(score.matrix):
            for column, count in enumerate(counts):
                _cell(ax, row, column, count, sum(counts) or 1)
        ax.set(xlim=(-0.5, 3.5), ylim=(3.5, -0.5), xlabel="said")
        ax.set_title(name, size=10)
        ax.set_xticks(range(4), names, size=8.5, rotation=30, ha="right")
        ax.set_yticks(range(4), names, size=8.5)
        ax.grid(False)
    axes[0].set_ylabel("is")
    told = [f"Confusion matrices: {title}.", "Rows are what a field is, columns what was said, both HIGH to PUBLIC."]
    told += [_told(name, score) for name, score in scores.items()]
    table = [
        (name, row.value, column.value, score.matrix[i][j])
        for name, score in scores.items()
        for i, row in enumerate(ORDER)
        for j, column in enumerate(ORDER)
    ]
    return Figure(title, " ".join(told), drawing, as_csv(("who", "is", "said", "fields"), table))


def _cell(ax: Any, row: int, column: int, count: int, total: int) -> None:
    """One number; the frame marks the diagonal, and what lies right of it was missed, so it is in the loud colour."""
    import matplotlib

    colours = matplotlib.colors.LinearSegmentedColormap.from_list("paper", [_PAPER, _LOUD if column > row else _DEEP])
    share = count / total
    ax.add_patch(
        matplotlib.patches.Rectangle(
            (column - 0.46, row - 0.44),
            0.92,
            0.88,
            facecolor=colours(share),
            edgecolor=INK,
            linewidth=1.4 if row == column else 0,
        )
    )
    ax.text(column, row, str(count), ha="center", va="center", size=9, color="#ffffff" if share > 0.45 else "#101214")


def _told(name: str, score: Score) -> str:
    rows = (f"{level.value}: {', '.join(map(str, counts))}" for level, counts in zip(ORDER, score.matrix, strict=True))
    return f"{name}: {'; '.join(rows)}."


def figure_scores(title: str, scores: Mapping[str, Score]) -> Figure:
    """Draw, for each name, accuracy beside recall and precision of HIGH, in percent."""
    groups = {}
    for name, score in scores.items():
        measures = {
            "accuracy": score.accuracy,
            "HIGH recall": score.recall(Level.HIGH),
            "HIGH precision": score.precision(Level.HIGH),
        }
        groups[name] = {measure: 100 * value for measure, value in measures.items() if value is not None}
    return bars(title, "percent of fields", groups)


def figure_costs(title: str, costs: Mapping[str, float]) -> Figure:
    """Draw the expected cost of a field, in needless looks."""
    return bars(
        title, "cost of a field (one needless look = 1)", {name: {"cost": cost} for name, cost in costs.items()}
    )


@styled
def figure_exams(title: str, exams: Mapping[str, Mapping[str, Score]], taught: Mapping[str, Collection[str]]) -> Figure:
    """Draw the recall of HIGH, with its interval, of each version on each exam.

    Parameters
    ----------
    title
        The finding.
    exams
        What each exam is called, and the scores of the versions in it.
    taught
        By exam, the versions that had learned from its schemas: their points are filled.
    """
    from matplotlib.figure import Figure as Drawing

    drawing = Drawing(figsize=(7.2, 3.9), layout="constrained")
    ax = drawing.subplots()
    drawing.suptitle("\n".join(textwrap.wrap(title, 74)), x=0.01, ha="left", size=11.5, weight="bold")
    rows, told = list[tuple[str | float, ...]](), list[str]()
    for place, (exam, scores) in enumerate(exams.items()):
        words = []
        for number, (version, score) in enumerate(scores.items()):
            seen = version in taught[exam]
            recall, (low, high) = 100 * (score.recall(Level.HIGH) or 0), score.recall_interval(Level.HIGH)
            x = place + 0.19 * (number - (len(scores) - 1) / 2)
            colour = PALETTE[0] if seen else PALETTE[1]
            ax.plot([x, x], [100 * low, 100 * high], color=colour, linewidth=1.3)
            ax.plot(x, recall, marker="o" if seen else "D", markersize=6, color=colour,
                    markerfacecolor=colour if seen else "none", markeredgewidth=1.5)  # fmt: skip
            ax.annotate(version, (x, 100 * low), (0, -3), textcoords="offset points", ha="center", va="top", size=8)
            rows.append((exam, version, "taught" if seen else "new", recall, 100 * low, 100 * high))
            words.append(f"version {version} {recall:.0f} ({100 * low:.0f} to {100 * high:.0f}){' taught' * seen}")
        told.append(f"{exam}: {', '.join(words)}.")
    ax.plot([], [], "o", color=PALETTE[0], label="had learned from these schemas")
    ax.plot([], [], "D", color=PALETTE[1], markerfacecolor="none", markeredgewidth=1.5, label="had never seen them")
    ax.set_xticks(range(len(exams)), list(exams))
    ax.set(ylim=(0, 103), xlim=(-0.55, len(exams) - 0.45), ylabel="HIGH recall, percent")
    ax.grid(False, axis="x")
    legend(drawing, ax)
    alt = f"Points with intervals: {title}. HIGH recall in percent, 95 % interval in brackets. {' '.join(told)}"
    return Figure(title, alt.replace("\n", " "), drawing,
                  as_csv(("exam", "version", "seen", "recall", "low", "high"), rows))  # fmt: skip


@styled
def figure_graph(title: str, edges: Sequence[tuple[str, str, bool]]) -> Figure:
    """Draw a pipeline from left to right.

    Parameters
    ----------
    title
        The finding.
    edges
        From, to, and whether the way is taken only under a condition. A step stands after all that lead to it.
    """
    from matplotlib.figure import Figure as Drawing

    steps = _in_order(edges)
    drawing = Drawing(figsize=(1.5 * len(steps), 1.9), layout="constrained")
    ax = drawing.subplots()
    drawing.suptitle(title, x=0.01, ha="left", size=11.5, weight="bold")
    for place, name in enumerate(steps):
        box = {"boxstyle": "round,pad=0.45", "facecolor": "none", "edgecolor": INK}
        ax.text(place, 0, name.replace("_", "\n"), ha="center", va="center", size=9, bbox=box)
    for start, end, conditional in edges:
        _arrow(ax, steps.index(start), steps.index(end), conditional=conditional)
    ax.set(xlim=(-0.6, len(steps) - 0.4), ylim=(-0.8, 1.1))
    ax.axis("off")
    told = [f"{start} leads to {end}{' under a condition' if conditional else ''}" for start, end, conditional in edges]
    return Figure(title, f"Graph: {title}. {'. '.join(told)}.", drawing, as_csv(("from", "to", "condition"), edges))


def _in_order(edges: Sequence[tuple[str, str, bool]]) -> list[str]:
    """The steps of a graph without circles, each after those that lead to it."""
    left, order = {name for edge in edges for name in edge[:2]}, list[str]()
    while left:
        waiting = {end for start, end, _ in edges if start in left}
        if left <= waiting:
            raise ValueError(f"these steps lead in a circle: {', '.join(sorted(left))}")
        order += sorted(left - waiting)
        left &= waiting
    return order


def _arrow(ax: Any, start: int, end: int, *, conditional: bool) -> None:
    skips = end - start > 1
    ax.annotate(
        "",
        (end, 0.22 if skips else 0),
        (start, 0.22 if skips else 0),
        arrowprops={
            "arrowstyle": "-|>", "color": INK, "linestyle": "--" if conditional else "-",
            "connectionstyle": f"arc3,rad={-0.35 if skips else 0}",
            "shrinkA": 4 if skips else 32, "shrinkB": 4 if skips else 32,
        },
    )  # fmt: skip
