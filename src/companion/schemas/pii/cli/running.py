"""What the commands under `companion pii` share: from options to a scan, and from a scan to what is printed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import typer

from companion.cli_output import refuse
from companion.git import GitError
from companion.schemas.pii.cli import terminal
from companion.schemas.pii.reports.accepted_findings import FindingEntry
from companion.schemas.pii.reports.baseline import Baseline, fails, read_baseline, stale
from companion.schemas.pii.reports.earlier import Earlier, Entry, read_earlier
from companion.schemas.pii.reports.places import place
from companion.schemas.pii.reports.plain import clean, counted, judged
from companion.schemas.pii.rules.loading import Rules, RulesError, load_rules
from companion.schemas.pii.scanning import scan as scan_schemas
from companion.schemas.pii.verdict import Level, Scan
from companion.schemas.protobuf.excluding import PatternError

if TYPE_CHECKING:
    from companion.schemas.pii.reports.inventory import Inventory


class Wanted:
    """Which reports go where: by the name of the form, a file or `-` for stdout, or nothing."""

    def __init__(self, targets: Mapping[str, str]) -> None:
        self.targets = {name: target for name, target in targets.items() if target}
        self.on_stdout = [name for name, target in self.targets.items() if target == "-"]
        if len(self.on_stdout) > 1:
            refuse(
                "pii",
                f"--{self.on_stdout[0]} and --{self.on_stdout[1]} cannot both go to stdout; write one into a file",
            )

    def write(self, make: Mapping[str, Callable[[], str]]) -> None:
        """Make and write each report that is wanted."""
        for name, target in self.targets.items():
            if target == "-":
                terminal.show(make[name]())
                continue
            try:
                Path(target).write_text(make[name](), encoding="utf-8")
            except OSError as error:
                refuse("pii", f"--{name} {target}: {(error.strerror or str(error)).lower()}")
            terminal.say(f"wrote {target}")


def leave(found: Scan, fail_on: str | None = None, accepted: Baseline | None = None) -> None:
    """Leave with 2 if something could not be read, else with 1 if a field is not to be there, else go on."""
    if any(problem.fatal for problem in found.problems):
        raise typer.Exit(2)
    if fail_on is not None and fails(found, Level(fail_on), accepted):
        raise typer.Exit(1)


# ---------------------------------------------------------------------------------------------------- what is read


def load(extra: Sequence[Path] | None) -> Rules:
    """Load the rules that come with the package, and the reader's own."""
    for path in extra or []:
        _regular(path)
    try:
        return load_rules(extra or [])
    except RulesError as error:
        refuse("pii", str(error))


def accepted(path: Path | None, scanned: Sequence[Path] = ()) -> Baseline | None:
    """Read the baseline, if there is one; its paths may be relative to what is scanned."""
    if path:
        _regular(path)
    try:
        return read_baseline(path, scanned) if path else None
    except ValueError as error:
        refuse("pii", str(error))


def earlier(path: Path | None, scanned: Sequence[Path] = ()) -> Earlier | None:
    """Read an earlier report, if there is one; its paths may be relative to what is scanned."""
    if path:
        _regular(path)
    try:
        return read_earlier(path, scanned) if path else None
    except ValueError as error:
        refuse("pii", str(error))


def _regular(path: Path) -> None:
    """Refuse a pipe that nobody may ever write to."""
    if path.exists() and not path.is_file():
        refuse("pii", f"{path}: not a regular file")


def scan(
    paths: Sequence[Path],
    rules: Rules,
    *,
    include: Sequence[Path] = (),
    ref: str | None = None,
    changed_since: str | None = None,
    learn: bool = False,
    exclude: Sequence[str] = (),
) -> Scan:
    """Scan, and say on stderr what could not be read."""
    try:
        with terminal.patience("reading schemas ...") as tell:
            found = scan_schemas(
                paths,
                rules=rules,
                include=include,
                ref=ref,
                changed_since=changed_since,
                learn=learn,
                exclude=exclude,
                tell=tell,
            )
    except PatternError as error:
        refuse("pii", f"--exclude {error}")
    except GitError as error:
        refuse("pii", str(error))
    except RecursionError:
        refuse("pii", "messages that hold each other hundreds deep; they cannot be followed")
    terminal.tell(found.problems)
    return found


# ------------------------------------------------------------------------------------------------ what is printed


def report(
    found: Scan,
    wanted: Wanted,
    baseline: Baseline | None,
    paths: Sequence[Path],
    changed_since: str | None,
    *,
    everything: bool,
    settled: bool = False,
) -> None:
    """Write the reports; without one on stdout, print the table."""
    from companion.schemas.pii.reports.as_json import as_json
    from companion.schemas.pii.reports.markdown import as_markdown
    from companion.schemas.pii.reports.sarif import as_sarif
    from companion.schemas.pii.reports.table import as_table

    old = _stale(found, paths, baseline) if baseline and changed_since is None else []
    at_least = Level.LOW if everything else Level.MEDIUM
    wanted.write(
        {
            "json": lambda: as_json(found),
            "sarif": lambda: as_sarif(found, baseline, at_least=at_least, accepted=settled),
            "markdown": lambda: as_markdown(found, baseline, old),
        }
    )
    if changed_since is not None and not found.verdicts:
        terminal.say(f"no field is new, or judged or marked differently, since {changed_since}")
    elif not wanted.on_stdout:
        colour = sys.stdout.isatty()
        width = terminal.width()
        terminal.show(
            as_table(found, baseline, old, everything=everything, accepted=settled, width=width, colour=colour)
        )


def _stale(found: Scan, paths: Sequence[Path], baseline: Baseline) -> list[Entry | FindingEntry]:
    """The entries of the baseline that can go: a scan of part of the schemas says nothing of the others."""
    scanned = [place(str(path)) for path in paths]
    return [
        entry for entry in stale(found, baseline) if any(PurePath(entry.file).is_relative_to(path) for path in scanned)
    ]


def ask_model(found: Scan, name: str, *, aside: bool) -> None:
    """Print what a model thinks of the fields; the verdicts stay as they are.

    Parameters
    ----------
    found
        What was found.
    name
        The model.
    aside
        Whether stdout is taken by a report, so that this goes to stderr.
    """
    from companion.models.errors import ModelError

    try:
        from companion.models import chat_model
        from companion.schemas.pii.llm.second_opinion import second_opinion

        with terminal.patience(f"asking {name} ..."):
            opinion = second_opinion(judged(found), chat_model(name))
    except (ImportError, ValueError, OSError, RuntimeError, ModelError) as error:
        refuse("pii", f"--model {name}: {error}")
    asked = len(opinion.opinions) + len(opinion.unanswered)
    agreed = len(opinion.opinions) - len(opinion.disagreements)
    said = [
        f"second opinion of {name}: agrees on {agreed:,} of {counted(asked, 'field')}, "
        f"would raise {len(opinion.raised):,}"
    ]
    said += [
        f"{one.verdict.key}: {one.verdict.level} -> {one.level} {one.pii_type or ''} ({one.reasoning})"
        for one in opinion.raised
    ]
    said += [f"no answer: {failure}" for failure in opinion.failures]
    for line in said:
        if aside:
            terminal.say(line)
        else:
            terminal.show(f"{clean(line)}\n")


def show_why(name: str, found: Scan, rules: Rules, baseline: Baseline | None) -> None:
    """Print all that speaks for the verdict on a field."""
    from companion.schemas.pii.reports.explanation import explain

    try:
        terminal.show(explain(name, found, rules, baseline))
    except ValueError as error:
        refuse("pii", str(error))


def report_inventory(found: Scan, before: Earlier | None, regime: str | None, wanted: Wanted) -> None:
    """Write the inventory; without one on stdout, print the tables."""
    from companion.schemas.pii.reports.inventory import inventory_json, take_inventory
    from companion.schemas.pii.reports.inventory_pages import inventory_markdown, inventory_table

    taken = take_inventory(found, before)
    taken = taken if regime is None else _under(regime, taken)
    wanted.write({"json": lambda: inventory_json(taken), "markdown": lambda: inventory_markdown(taken)})
    if not wanted.on_stdout:
        terminal.show(inventory_table(taken, width=terminal.width(), colour=sys.stdout.isatty()))


def _under(regime: str, taken: Inventory) -> Inventory:
    """What one law or standard speaks of."""
    law = next(one for one in taken.regimes.regimes if one.id == regime)
    types = {name for cover in law.covers for name in cover.types}
    changes = taken.changes and tuple(
        change for change in taken.changes if any(side and side[1] in types for side in (change.before, change.after))
    )
    return replace(
        taken,
        rows=tuple(row for row in taken.rows if row.type in types),
        regimes=taken.regimes.model_copy(update={"regimes": (law,)}),
        changes=changes,
    )
