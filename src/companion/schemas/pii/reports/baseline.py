"""What a team has accepted already, so that only what is new fails a build.

A baseline is either an earlier JSON report, or a list written by hand, each entry with its reason:

    {"accepted": [{"file": "a.proto", "message": "Door", "field": "phone", "sensitivity": "MEDIUM",
                   "pii_type": "PHONE_PERSONAL", "reason": "false positive: the number on the door"}]}

An entry accepts one verdict on one field. When the verdict rises, or becomes another type, that is new. Findings about
methods are accepted in the same way (`accepted_findings`). A file may be relative to the baseline's folder or to its
repository's root, whatever folder the command runs in (see `places`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from companion.schemas.pii.reports.accepted_findings import FindingEntry, accepted_finding, findings_of_report
from companion.schemas.pii.reports.earlier import Entry, Key, earlier_from, key_of, read_entry, read_object, wrong
from companion.schemas.pii.reports.places import place, places
from companion.schemas.pii.reports.plain import judged
from companion.schemas.pii.verdict import Finding, Level, Scan, Verdict

_KEYS = {"file", "message", "field", "sensitivity", "pii_type", "reason"}


@dataclass(frozen=True)
class Baseline:
    """What was accepted; `path` is the file that says so."""

    path: str
    entries: tuple[Entry, ...]
    findings: tuple[FindingEntry, ...] = ()

    def accepts(self, verdict: Verdict) -> Entry | None:
        """Give the entry that accepts a verdict: of the same field and type, and no lower than the verdict."""
        for entry in self._known.get(key_of(verdict), ()):
            if entry.type == verdict.pii_type and entry.level.rank >= verdict.level.rank:
                return entry
        return None

    def accepts_finding(self, finding: Finding) -> FindingEntry | None:
        """Give the entry that accepts a finding about a method."""
        return next((entry for entry in self.findings if entry.accepts(finding)), None)

    @cached_property
    def _known(self) -> dict[Key, list[Entry]]:
        known: dict[Key, list[Entry]] = {}
        for entry in self.entries:
            known.setdefault(entry.key, []).append(entry)
        return known


def read_baseline(path: Path, scanned: Sequence[Path] = ()) -> Baseline:
    """Read a baseline of either form.

    From a report come the fields that had neither a mark nor a `pii:ignore`: when one of those is taken away later, the
    field is new. Its findings come, too.

    Parameters
    ----------
    path
        The file.
    scanned
        What the command scans: the file's paths may be relative to it.

    Raises
    ------
    ValueError
        One line that names the file, the entry, and what is wrong.
    """
    data = read_object(path)
    if "accepted" not in data:
        if "fields" not in data:
            raise wrong(path, "no baseline: it has neither `accepted` nor, as a report has, `fields`")
        report = earlier_from(data, path, scanned)
        open_entries = [entry for entry in report.entries if not (entry.annotated or entry.ignored)]
        entries = tuple(entry for entry in open_entries if entry.level is not Level.PUBLIC)
        found = findings_of_report(data["summary"], path)
        where = places({finding.file for finding in found}, path, scanned)
        return Baseline(str(path), entries, tuple(replace(finding, file=where[finding.file]) for finding in found))
    if len(data) > 1:
        raise wrong(path, f"`{min(data.keys() - {'accepted'})}` stands beside `accepted`, which stands alone")
    if not isinstance(data["accepted"], list):
        raise wrong(path, "`accepted` is not a list")
    read = [_accepted(one, f"accepted[{number}]", path) for number, one in enumerate(data["accepted"])]
    where = places({entry.file for entry in read}, path, scanned)
    return Baseline(
        str(path),
        tuple(replace(entry, file=where[entry.file]) for entry in read if isinstance(entry, Entry)),
        tuple(replace(entry, file=where[entry.file]) for entry in read if isinstance(entry, FindingEntry)),
    )


def _accepted(data: object, place: str, path: Path) -> Entry | FindingEntry:
    if isinstance(data, dict) and "rule" in data:
        return accepted_finding(data, place, path)
    entry = read_entry(data, place, path)
    if not entry.reason.strip():
        raise wrong(path, f"{place} ({entry.message}.{entry.field}) has an empty `reason`; say why it is accepted")
    if isinstance(data, dict) and data.keys() - _KEYS:
        raise wrong(path, f"{place} has a key `{min(data.keys() - _KEYS)}` that means nothing here")
    return entry


def new_since(scan: Scan, baseline: Baseline | None = None) -> list[Verdict]:
    """Give the fields somebody must look at: personal, without a mark, not ignored, and not in the baseline."""
    return [
        verdict
        for verdict in judged(scan)
        if verdict.level is not Level.PUBLIC
        and verdict.field.mark is None
        and verdict.field.ignored is None
        and (baseline is None or baseline.accepts(verdict) is None)
    ]


def new_findings(scan: Scan, baseline: Baseline | None = None) -> list[Finding]:
    """Give the findings about methods that the baseline does not accept."""
    return [finding for finding in scan.findings if baseline is None or baseline.accepts_finding(finding) is None]


def fails(scan: Scan, level: Level, baseline: Baseline | None = None) -> list[Verdict]:
    """Give the fields that `--fail-on LEVEL` fails for."""
    return [verdict for verdict in new_since(scan, baseline) if verdict.level.rank >= level.rank]


def stale(scan: Scan, baseline: Baseline, *, whole: bool = True) -> list[Entry | FindingEntry]:
    """Give the entries that accept nothing any more, to be deleted.

    After a scan that is not of the `whole` but of what changed, only entries of the files that it read can be stale. A
    file that could not be read makes none stale.
    """
    used: set[Entry | FindingEntry | None] = {*map(baseline.accepts, judged(scan))}
    used |= {*map(baseline.accepts_finding, scan.findings)}
    entries: list[Entry | FindingEntry] = [*baseline.entries, *baseline.findings]
    seen = {place(schema.path) for schema in scan.schemas if schema.judged}
    unread = {place(problem.path) for problem in scan.problems if problem.fatal}
    return [
        entry for entry in entries if entry not in used and entry.file not in unread and (whole or entry.file in seen)
    ]
