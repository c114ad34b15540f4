"""What `companion postmortem lint` and `rules` do, from options to what is printed."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import typer

from companion.cli_output import refuse
from companion.cli_output.terminal import say, show, width, with_progress, write_reports
from companion.operations.postmortems import files
from companion.operations.postmortems.document import Document, PostmortemError


def files_of(command: str, paths: Sequence[Path]) -> tuple[list[Path], list[tuple[str, str]]]:
    """List what is to be read; what is no folder of post mortems is said on stderr, and given with the reason.

    Parameters
    ----------
    command
        The words after ``companion``.
    paths
        Files, or folders.
    """
    found = files.find(paths)
    if found.left_out:
        say(files.said_of(found.left_out))
    return found.read, [not_read(command, path, why) for path, why in found.closed]


def not_read(command: str, path: Path, why: str) -> tuple[str, str]:
    """Say on stderr why a file could not be read, and give both."""
    said = re.sub(r"^(\d+): ", r"line \1: ", why.removeprefix(f"{path}:").strip())
    say(f"companion {command}: {path}: {said}")
    return str(path), said


def read_all(command: str, paths: Sequence[Path]) -> tuple[list[Document], list[tuple[str, str]]]:
    """Read files and folders; what cannot be read is said on stderr, and given with the reason."""
    from companion.operations.postmortems.reading.read import read

    chosen, unread = files_of(command, paths)
    documents = []
    for path in with_progress("reading", chosen, len(chosen)):
        try:
            documents.append(read(path))
        except PostmortemError as error:
            unread.append(not_read(command, path, str(error)))
        except OSError as error:
            unread.append(not_read(command, path, f"cannot be read: {(error.strerror or str(error)).lower()}"))
    return documents, unread


def lint(
    paths: Sequence[Path],
    profile: str,
    config: Path | None,
    targets: Mapping[str, str],
    fail_on: str,
    *,
    everything: bool,
    explain: bool,
) -> None:
    """Lint, report, and leave with the status that `fail_on` asks for."""
    from companion.operations.postmortems.cli.judging import judge_all
    from companion.operations.postmortems.reports.as_json import as_json
    from companion.operations.postmortems.rules.outcome import Severity
    from companion.operations.postmortems.rules.settings import Profile, read_settings

    try:
        settings = read_settings(config, profile=Profile(profile))
    except PostmortemError as error:
        refuse("postmortem lint", str(error))
    chosen, unread = files_of("postmortem lint", paths)
    reports = []
    for path, judged in zip(chosen, with_progress("linting", judge_all(chosen, settings), len(chosen)), strict=True):
        if isinstance(judged, str):
            unread.append(not_read("postmortem lint", path, judged))
        else:
            reports.append(judged)

    def sarif() -> str:
        from companion.operations.postmortems.reports.sarif import as_sarif

        return as_sarif(reports, unread)

    make = {"json": lambda: as_json(reports, unread), "sarif": sarif}
    if not write_reports("postmortem lint", targets, make) and reports:
        from companion.operations.postmortems.reports.plain import as_plain

        colour = sys.stdout.isatty()
        show(as_plain(reports, unread, everything=everything, explain=explain, width=width(), colour=colour))
    if unread:
        raise typer.Exit(2)
    if any(report.fails(None if fail_on == "never" else Severity(fail_on)) for report in reports):
        raise typer.Exit(1)


def rules(name: str, targets: Mapping[str, str]) -> None:
    """List the rules, or tell one of them."""
    from companion.operations.postmortems.rules import catalogue

    found = [rule for rule in catalogue.rules() if name in ("", rule.id)]
    if not found:
        from difflib import get_close_matches

        close = get_close_matches(name, [rule.id for rule in catalogue.rules()], 1)
        meant = f"did you mean {close[0]}?" if close else "`companion postmortem rules` lists them"
        refuse("postmortem rules", f"there is no rule {name}; {meant}")

    def json() -> str:
        from companion.operations.postmortems.reports.as_json import rules_as_json

        return rules_as_json(found)

    def markdown() -> str:
        from companion.operations.postmortems.reports.page import as_page

        return as_page(found)

    if write_reports("postmortem rules", targets, {"json": json, "markdown": markdown}):
        return
    from companion.operations.postmortems.reports.plain import list_of_rules, one_rule

    colour = sys.stdout.isatty()
    show(one_rule(*found, width=width(), colour=colour) if name else list_of_rules(found, width=width(), colour=colour))
