"""How good a scanner's levels are: never accuracy alone, since a scanner that says PUBLIC to all does well in it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from companion.schemas.pii.verdict import Level

ORDER = (Level.HIGH, Level.MEDIUM, Level.LOW, Level.PUBLIC)
"""The order of rows and columns."""

Z95 = 1.959963984540054  # 95 % of a normal distribution lies within so many standard deviations


@dataclass(frozen=True)
class Costs:
    """What a wrong level costs, in alarms: one alarm is somebody looking at a field that needed no look.

    Parameters
    ----------
    high, medium, low
        Cost of one field of that level that is taken for PUBLIC, and so ends in a log or with a third party. Taken for
        a level between, it costs its share: one of three steps down, a third. A missed HIGH field is by far the
        dearest, since it ruins somebody, while an alarm takes a reviewer a minute.
    alarm
        Cost of one field that is taken for more than it is, however much more.
    """

    high: float = 100.0
    medium: float = 10.0
    low: float = 1.0
    alarm: float = 1.0

    def of(self, truth: Level, predicted: Level) -> float:
        """What it costs to take a field of one level for another."""
        if predicted.rank >= truth.rank:
            return self.alarm * (predicted is not truth)
        missed = {Level.HIGH: self.high, Level.MEDIUM: self.medium, Level.LOW: self.low}[truth]
        return missed * (truth.rank - predicted.rank) / truth.rank


@dataclass(frozen=True)
class Score:
    """How predicted levels compare with the true ones.

    Parameters
    ----------
    matrix
        How many fields of the row's level were given the column's; both in the order HIGH, MEDIUM, LOW, PUBLIC.
    """

    matrix: tuple[tuple[int, ...], ...]

    @property
    def n(self) -> int:
        """How many fields were judged."""
        return sum(map(sum, self.matrix))

    @property
    def right(self) -> int:
        """How many were given their level."""
        return sum(self.matrix[i][i] for i in range(len(ORDER)))

    @property
    def accuracy(self) -> float | None:
        """The share that was given its level; None when there are no fields."""
        return _share(self.right, self.n)

    @property
    def accuracy_interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval of the accuracy."""
        return wilson(self.right, self.n)

    def recall(self, level: Level) -> float | None:
        """Of the fields of a level, the share that was found to be; None when there are none."""
        return _share(*self._found(level))

    def recall_interval(self, level: Level) -> tuple[float, float]:
        """Wilson's 95 % interval of the recall."""
        return wilson(*self._found(level))

    def precision(self, level: Level) -> float | None:
        """Of the fields said to be of a level, the share that is; None when none was."""
        column = ORDER.index(level)
        return _share(self.matrix[column][column], sum(row[column] for row in self.matrix))

    def expected_cost(self, costs: Costs | None = None) -> float | None:
        """Give the mean cost of one field; None when there are no fields."""
        prices = costs or Costs()
        total = sum(
            count * prices.of(truth, predicted)
            for truth, row in zip(ORDER, self.matrix, strict=True)
            for predicted, count in zip(ORDER, row, strict=True)
        )
        return total / self.n if self.n else None

    def _found(self, level: Level) -> tuple[int, int]:
        row = ORDER.index(level)
        return self.matrix[row][row], sum(self.matrix[row])


def compare(truth: Sequence[Level], predicted: Sequence[Level | None]) -> Score:
    """Compare predicted levels with the true ones.

    Parameters
    ----------
    truth
        The labels.
    predicted
        What a scanner said, in the same order. None, where it said nothing, is PUBLIC: nobody will look.

    Returns
    -------
    Score
    """
    if len(truth) != len(predicted):
        raise ValueError(f"{len(truth)} labels cannot be compared with {len(predicted)} predictions")
    pairs = Counter(zip(truth, (level or Level.PUBLIC for level in predicted), strict=True))
    return Score(tuple(tuple(pairs[row, column] for column in ORDER) for row in ORDER))


def wilson(successes: int, trials: int, z: float = Z95) -> tuple[float, float]:
    """Give the interval of a share that was seen in so many trials.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, Journal of the American
    Statistical Association 22 (1927) 209-212: the shares p for which what was seen lies within z standard deviations
    of p. It takes the trials for independent; fields of one schema are not quite, so the truth is somewhat wider.

    Parameters
    ----------
    successes, trials
        How often it happened, and out of how many. Out of none, any share is possible.
    z
        Standard deviations; the default is for 95 %.

    Returns
    -------
    tuple of float and float
        The lower and the upper end.
    """
    if not 0 <= successes <= trials:
        raise ValueError(f"{successes} of {trials} is no share")
    if trials == 0:
        return 0.0, 1.0
    share, extra = successes / trials, z * z / trials
    middle = (share + extra / 2) / (1 + extra)
    half = z * math.sqrt(share * (1 - share) / trials + extra / trials / 4) / (1 + extra)
    low = 0.0 if successes == 0 else middle - half  # exactly so; rounding would leave a hair
    high = 1.0 if successes == trials else middle + half
    return low, high


def counts(name: str, truth: Sequence[Level], predicted: Sequence[Level | None]) -> dict[str, float]:
    """Give a confusion matrix as numbers with names such as "presidio/HIGH/PUBLIC", true level first; no zeros."""
    matrix = compare(truth, predicted).matrix
    return {
        f"{name}/{row}/{column}": float(matrix[i][j])
        for i, row in enumerate(ORDER)
        for j, column in enumerate(ORDER)
        if matrix[i][j]
    }


def recorded(figures: Mapping[str, float]) -> dict[str, Score]:
    """Make the scores again from what `counts` gave, by name, in the order of the figures."""
    names = dict.fromkeys(figure.rsplit("/", 2)[0] for figure in figures)
    return {
        name: Score(tuple(tuple(int(figures.get(f"{name}/{row}/{column}", 0)) for column in ORDER) for row in ORDER))
        for name in names
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
