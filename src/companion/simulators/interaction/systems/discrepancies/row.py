"""What a discrepancy is: two systems, a real conversion between them, and what each made of the same value."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from companion.simulators.interaction.systems.libraries import VERSIONS

BOUND = {
    "duckdb": "2.0.1", "fastavro": "1.13.1", "msgpack": "1.2.4", "pandas": "3.1.1", "protobuf": "7.36.2",
    "pyarrow": "26.0.1", "PyYAML": "6.0.4", "SQLite": "3.40.1",
}  # fmt: skip
"""The versions under which every outcome was recorded."""

BY_DESIGN, OPEN = "by design", "open bug"

Outcome = dict[str, str]
"""For each system, or way to ask it, what it gave."""


@dataclass(frozen=True)
class Discrepancy:
    """One row of the table.

    Attributes
    ----------
    number : int
        Its number.
    title : str
        What is written, and who disagrees.
    uses : tuple of str
        The systems whose versions it belongs to; see `versions`.
    status : str
        ``by design``, ``open bug`` with its number in the project's tracker, or ``cured in`` a version.
    advice : str
        What to do about it.
    expected : mapping of str to str
        What each system gave under `BOUND`.
    run : callable
        Does the conversion in a folder of its own, and gives what each system gave now.
    """

    number: int
    title: str
    uses: tuple[str, ...]
    status: str
    advice: str
    expected: Mapping[str, str]
    run: Callable[[Path], Outcome]

    @property
    def versions(self) -> dict[str, str]:
        """The versions that the expectation is bound to."""
        return {name: BOUND[name] for name in self.uses}

    def reproduce(self) -> Reproduction:
        """Do the conversion now, with what is installed."""
        with tempfile.TemporaryDirectory() as folder:
            return Reproduction(self, self.run(Path(folder)))


@dataclass(frozen=True)
class Reproduction:
    """A discrepancy, and what was seen of it with the installed versions."""

    row: Discrepancy
    seen: Outcome

    @property
    def changed(self) -> dict[str, tuple[str | None, str | None]]:
        """What is no longer as it was recorded: what was expected and what was seen, by system."""
        names = {**self.row.expected, **self.seen}
        pairs = {name: (self.row.expected.get(name), self.seen.get(name)) for name in names}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    @property
    def complaint(self) -> str:
        """What to tell whoever changed a version; empty if the row stands."""
        if not self.changed:
            return ""
        what = "; ".join(f"{name}: was {was}, is {now}" for name, (was, now) in self.changed.items())
        moved = [f"{name} {VERSIONS[name]}" for name in self.row.uses if VERSIONS[name] != BOUND[name]]
        if not moved:
            return f"row {self.row.number} does not give what it records under the same versions: {what}"
        return f"row {self.row.number} changed with {' and '.join(moved)}: say so in the row ({what})"


ROWS: dict[int, Discrepancy] = {}
"""Every discrepancy by its number; the modules beside this one fill it when they are imported."""


def row(
    number: int, title: str, uses: str, status: str, advice: str, expected: Mapping[str, str]
) -> Callable[[Callable[[Path], Outcome]], Callable[[Path], Outcome]]:
    """Enter a function into the table; `uses` names the systems, separated by spaces.

    Raises
    ------
    ValueError
        If the number is taken.
    """

    def enter(run: Callable[[Path], Outcome]) -> Callable[[Path], Outcome]:
        if number in ROWS:
            raise ValueError(f"row {number} is there already: {ROWS[number].title}")
        ROWS[number] = Discrepancy(number, title, tuple(uses.split()), status, advice, expected, run)
        return run

    return enter
