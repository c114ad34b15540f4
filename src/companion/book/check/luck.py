"""How a chapter's numbers lie among those of other seeds: which hold anywhere, and which were lucky."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from companion.book.execution.spread import Record, Value, read_record, source_key
from companion.book.project import Chapter, Project
from companion.claims import Claim, claims_in
from companion.notebooks import read_notebook


@dataclass(frozen=True)
class Spread:
    """The values of one claim under other seeds, beside the one of the book.

    Attributes
    ----------
    low, high : str
        The lowest and the highest, rounded as the text rounds; empty where a value is a word, or the seed is not used.
    values : tuple of float or str
        All of them, in the order of the seeds.
    lucky : bool
        Whether the book's value is lower or higher than that of every other seed, or its verdict (a word; zero or not
        zero) is another one under some seed.
    why : str
        Why it is lucky, or why not.
    """

    low: str
    high: str
    values: tuple[Value, ...]
    lucky: bool
    why: str

    @property
    def range(self) -> str:
        """What a page says of it: "over 20 seeds 276 to 288"."""
        if not self.values:
            return "no seed is drawn on"
        if not self.low:
            return self.why
        count = f"{len(self.values)} seeds"
        return f"the same under {count}" if self.low == self.high else f"over {count} {self.low} to {self.high}"


def spread_of(chapter: Chapter) -> dict[str, Spread]:
    """Give the spread of each of a chapter's claims, by name; a claim that was not recorded is left out.

    Raises
    ------
    BookError
        If the record or the notebook cannot be read.
    """
    record = read_record(chapter)
    if record is None:
        return {}
    return dict(_spreads(record, _claims(chapter)))


def luck(project: Project, chapter: Chapter) -> tuple[list[str], list[str]]:
    """Say what is wrong with a chapter's record of other seeds, and which of its claims are lucky.

    Returns
    -------
    stale, lucky : list of str
        What `companion book spread` would mend; what the author is to mend.
    """
    claims = _claims(chapter)
    if not claims:
        return [], []
    again = f"run `companion book spread --only {chapter.number}`"
    record = read_record(chapter)
    if record is None:
        return [f"its claims under other seeds are not recorded: {again}"], []
    stale = []
    if record.source != source_key(project, chapter):
        stale.append(f"its claims under other seeds are stale: the code has changed since; {again}")
    lucky = [f"claim {name!r} is lucky: {found.why}" for name, found in _spreads(record, claims) if found.lucky]
    return stale, [*(f"under seed {seed} it fails: {why}" for seed, why in record.failed.items()), *lucky]


def _claims(chapter: Chapter) -> list[Claim]:
    """Read the claims that the notebook has stored: those of the book's own seed."""
    return [claim for cell in read_notebook(chapter.source)["cells"] for claim in claims_in(cell.get("outputs", []))]


def _spreads(record: Record, claims: Sequence[Claim]) -> Iterator[tuple[str, Spread]]:
    for claim in claims:
        if not record.seeds and not record.failed:
            yield claim.name, Spread("", "", (), False, "no cell that leads to it uses the seed")
        elif claim.name in record.claims:
            yield claim.name, judge(claim, record.claims[claim.name])


def judge(claim: Claim, values: Sequence[Value]) -> Spread:
    """Judge the book's value of a claim by those of other seeds.

    Of 21 runs of which one is the book's, the middle nine tenths are all but the lowest and the highest. Values that
    the text rounds to the same number are the same.
    """
    others, own = [_rounded(claim, value) for value in values], _rounded(claim, claim.value)
    numbers = [value for value in others if isinstance(value, Decimal)]
    if not isinstance(own, Decimal) or len(numbers) < len(others):
        different = sum(value != own for value in others)
        other = f"`{claim.written}` here, otherwise under {different} of {_all(others)}"
        why = other if different else f"the same under {_all(others)}"
        return Spread("", "", tuple(values), different > 0, why)
    low, high = min(numbers), max(numbers)
    zeros = sum(value == 0 for value in numbers)
    why = ""
    if own == 0 and zeros < len(numbers):
        why = f"zero here, not under {len(numbers) - zeros} of {_all(others)}"
    elif own != 0 and zeros:
        why = f"zero under {zeros} of {_all(others)}, and not here"
    elif not low <= own <= high:
        why = f"{claim.written} here, {low:f} to {high:f} under {_all(others)}"
    even = f"the same under {_all(others)}" if low == high else f"within {low:f} to {high:f}, of {_all(others)}"
    return Spread(f"{low:f}", f"{high:f}", tuple(values), bool(why), why or even)


def _rounded(claim: Claim, value: Value) -> Decimal | str:
    """Round a value as the text rounds; what is no number stays a word."""
    try:
        number = Decimal(Claim(claim.name, claim.said, value).rounded)
    except InvalidOperation:
        return str(value)
    return number + 0 if number.is_finite() else str(value)  # a minus zero is a zero


def _all(values: Sequence[object]) -> str:
    return f"{len(values)} seeds"
