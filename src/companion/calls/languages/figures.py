"""The figures of chapter 1: sixty lifelines as a poster, the ages when used, and the lines of six programs."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence

from companion.calls.languages.history import ERAS, Language, ages, median_birth
from companion.figures import Figure, bars
from companion.figures.charts import PALETTE, axes_of
from companion.figures.data import as_csv, as_text
from companion.figures.figure import INK, styled

_USED = [key for key, era in ERAS.items() if era.taken is not None]
_SHORT = {"first": "before the web", "web": "web", "mobile": "mobile, services", "new": "new"}


@styled
def figure_timeline(rows: Sequence[Language]) -> Figure:
    """Draw a line for each language, from its birth to the year at which its era is taken, one band an era."""
    oldest = max(
        (row for row in rows if row.era in _USED), key=lambda row: (ERAS[row.era].taken or row.year) - row.year
    )
    age = (ERAS[oldest.era].taken or oldest.year) - oldest.year
    title = f"{len(rows)} languages from birth to use: {oldest.name} was {age} years old, and some were not yet born"
    drawing, (ax,) = axes_of(title, 1, (6.2, 0.165 * (len(rows) + 2.2 * len(ERAS)) + 1.2))
    place, names, told = 0.0, [], []
    for number, (key, era) in enumerate(ERAS.items()):
        place += 1.6
        ax.text(1951.5, place - 0.95, era.heading, size=9.5, weight="bold", va="center")
        began = place
        for row in (row for row in rows if row.era == key):
            names.append((place, row.name))
            colour = PALETTE[number % 6]
            if era.taken is not None and row.year <= era.taken:
                ax.plot([row.year, era.taken], [place, place], color=colour, linewidth=1.6, solid_capstyle="butt")
            elif era.taken is not None:
                ax.plot([era.taken, row.year], [place, place], color=colour, linewidth=1, linestyle=(0, (1, 1.3)))
            young = era.taken is not None and row.year > era.taken
            ax.plot([row.year], [place], "o", color=colour, markersize=5, markerfacecolor="none" if young else colour)
            ax.annotate(_dated(row), (row.year, place), xytext=(5 if young or era.taken is None else -5, 0),
                        textcoords="offset points", ha="left" if young or era.taken is None else "right",
                        va="center", size=8)  # fmt: skip
            place += 1
        if era.taken is not None:
            ax.plot([era.taken] * 2, [began - 0.6, place - 0.4], color=INK, linewidth=0.9)
        born = ", ".join(f"{row.name} {_dated(row)}" for row in rows if row.era == key)
        told.append(f"{era.heading}{f', taken as {era.taken}' if era.taken else ''}: {born}.")
    ax.set(
        xlim=(1951, 2021),
        ylim=(place - 0.2, -0.2),
        xlabel="year (?: no primary source); a line ends where we take it as used",
    )
    ax.set_yticks([at for at, _ in names], [name for _, name in names], size=9)
    ax.tick_params(axis="y", length=0)
    ax.grid(False, axis="y")
    table = [(row.name, float(row.year), ERAS[row.era].taken, row.era) for row in rows]
    alt = " ".join([f"Timeline: {title}.", *told])
    return Figure(title, alt, drawing, as_csv(("language", "born", "taken as used", "era"), table))


def _dated(row: Language) -> str:
    return f"{row.year}{'' if row.source else '?'}"


@styled
def figure_ages(rows: Sequence[Language]) -> Figure:
    """Draw how old the languages of each era were when used, a point each, and the median."""
    medians = {era: statistics.median(ages(rows, era)) for era in _USED}
    oldest = max(list(medians)[1:], key=lambda era: medians[era])
    title = f"After the first era, the oldest languages are those of the “{_SHORT[oldest]}” years"
    drawing, (ax,) = axes_of(title, 1, (7.2, 3.4))
    told, table = [], []
    for number, era in enumerate(_USED):
        found = ages(rows, era)
        seen: dict[int, int] = {}
        for age in found:
            seen[age] = seen.get(age, 0) + 1
            ax.plot([age], [number + 0.13 * (seen[age] - 1)], "o", color=PALETTE[0 if age >= 0 else 1], markersize=5,
                    markerfacecolor=PALETTE[0] if age >= 0 else "none")  # fmt: skip
        ax.plot([medians[era]] * 2, [number - 0.3, number + 0.62], color=INK, linewidth=1.6)
        ax.annotate(as_text(medians[era]), (medians[era], number - 0.32), ha="center", va="bottom", size=8.5)
        told.append(
            f"{_SHORT[era]}, taken as {ERAS[era].taken}: {len(found)} languages, median {as_text(medians[era])}, "
            f"youngest {min(found)}, oldest {max(found)}."
        )
        table += [(_SHORT[era], float(age)) for age in found]
    ax.axvline(0, color=INK, linewidth=0.8, linestyle=(0, (2, 3)))
    ax.set(ylim=(len(_USED) - 0.2, -0.75), xlabel="age when used (years; below 0 not yet born; line: median)")
    ax.set_yticks(range(len(_USED)), [_SHORT[era] for era in _USED])
    ax.grid(False, axis="y")
    return Figure(title, " ".join([f"Points: {title}.", *told]), drawing, as_csv(("era", "age"), table))


def figure_lines(lines: Mapping[str, int]) -> Figure:
    """Draw how many lines each program takes."""
    least, most = (pick(lines, key=lambda name: lines[name]) for pick in (min, max))
    title = f"The same answer in {lines[least]} lines or in {lines[most]}"
    return bars(title, "non-blank lines", {name: {"lines": float(count)} for name, count in lines.items()})


def births(rows: Sequence[Language]) -> dict[str, float]:
    """Give each era's median year of birth, by its short name."""
    return {_SHORT[era]: median_birth(rows, era) for era in _USED}
