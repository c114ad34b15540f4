"""All rules over one document: what they say, less what was silenced with a reason, the worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from companion.operations.postmortems.document import Document, Silence
from companion.operations.postmortems.rules.catalogue import rules
from companion.operations.postmortems.rules.outcome import Mark, Outcome, Rule, Severity, Verdict, cannot_tell
from companion.operations.postmortems.rules.settings import Level, Profile, Setting, Settings

HANDFUL = 5
"""How many findings a reader is shown unasked."""


@dataclass(frozen=True)
class Finding:
    """One place where a document falls short, and how to mend it.

    Attributes
    ----------
    file : str
        As it was named.
    line : int or None
        Where; None for what is missing.
    rule : str
        Its id.
    severity : Severity
        After the settings and the file itself had their say.
    message, fix : str
        What is wrong, and how to mend it.
    reason : str
        Of a silenced one, why.
    by : str
        Of a silenced one, who says so: the file of settings, or empty for the document itself.
    """

    file: str
    line: int | None
    rule: str
    severity: Severity
    message: str
    fix: str
    reason: str = ""
    by: str = ""


@dataclass(frozen=True)
class Report:
    """What the rules say of one document.

    Attributes
    ----------
    document : Document
        As it was read.
    profile : Profile
        Which rules were asked.
    findings : tuple of Finding
        What counts, the worst first.
    silenced : tuple of Finding
        What would count, had nobody said why it should not.
    outcomes : mapping of str to Outcome
        What each rule said, by its id; before anything was silenced.
    foreign : int
        How many rules could not tell because they read English, and the document is in another language.
    """

    document: Document
    profile: Profile
    findings: tuple[Finding, ...]
    silenced: tuple[Finding, ...]
    outcomes: Mapping[str, Outcome]
    foreign: int = 0

    def number_of(self, verdict: Verdict) -> int:
        """Count the rules that say this; one that is not met, and silenced wherever it is not, counts as met."""
        quiet = {finding.rule for finding in self.silenced} - {finding.rule for finding in self.findings}
        said = Counter(Verdict.MET if rule in quiet else outcome.verdict for rule, outcome in self.outcomes.items())
        return said[verdict]

    def fails(self, severity: Severity | None) -> bool:
        """Whether anything is as bad as this or worse; never, for None."""
        return severity is not None and any(_worse(finding.severity) <= _worse(severity) for finding in self.findings)

    @property
    def handful(self) -> tuple[Finding, ...]:
        """The findings that matter most: of each rule what it says first, before a second one of any is shown."""
        said = {
            (rule, mark.message): place
            for rule, outcome in self.outcomes.items()
            for place, mark in enumerate(outcome.marks)
        }
        by_weight = sorted(
            self.findings, key=lambda found: (_worse(found.severity), said.get((found.rule, found.message), 0))
        )
        first = {finding.rule: finding for finding in reversed(by_weight)}
        chosen = [finding for finding in self.findings if first[finding.rule] is finding][:HANDFUL]
        more = [finding for finding in self.findings if first[finding.rule] is not finding]
        chosen += more[: HANDFUL - len(chosen)]
        return tuple(finding for finding in self.findings if finding in chosen)


def lint(document: Document, settings: Settings | None = None) -> Report:
    """Ask every rule about a document.

    A rule that reads English words says of a document in another language that it cannot tell. A silence needs a
    reason; one without, or for a rule that does not exist, is a finding of the rule `silence` and has no effect.

    Parameters
    ----------
    document
        As it was read.
    settings
        What a team has made of the rules; without them every rule says what it says.
    """
    settings = settings or Settings()
    asked = [rule for rule in rules() if not rule.final or settings.profile is Profile.FINAL]
    foreign = document.language != "en"
    outcomes = {rule.id: _foreign(document) if foreign and rule.words else rule.check(document) for rule in asked}
    findings = [finding for rule in asked for finding in _findings(document, rule, outcomes[rule.id], settings)]
    return Report(
        document,
        settings.profile,
        tuple(finding for finding in _ranked(findings) if not finding.reason),
        tuple(finding for finding in _ranked(findings) if finding.reason),
        outcomes,
        sum(rule.words for rule in asked) if foreign else 0,
    )


def _foreign(document: Document) -> Outcome:
    said = "is not known" if document.language == "?" else f"is `{document.language}`"
    return cannot_tell(f"it reads English, and the document's language {said}")


def _findings(document: Document, rule: Rule, outcome: Outcome, settings: Settings) -> Iterable[Finding]:
    setting = settings.rules.get(rule.id)
    silences = [silence for silence in document.silences if silence.rule == rule.id and _counts(silence)]
    for mark in outcome.marks:
        fix = mark.fix or rule.fix
        found = Finding(document.path, mark.line, rule.id, mark.severity or rule.severity, mark.message, fix)
        yield _silenced(found, mark, setting, silences, settings.source)


def _silenced(
    found: Finding, mark: Mark, setting: Setting | None, silences: list[Silence], source: str
) -> Finding:  # fmt: skip
    if setting is not None:
        if setting.level is Level.OFF:
            return replace(found, reason=setting.reason, by=source)
        found = replace(found, severity=Severity(setting.level.value))
    for silence in silences:
        if not _holds(silence, mark.line):
            continue
        if silence.level == Level.OFF:
            return replace(found, reason=" ".join(silence.reason.split()))
        found = replace(found, severity=Severity(silence.level))
    return found


def _counts(silence: Silence) -> bool:
    return silence.level == Level.ERROR or (silence.level in list(Level) and bool(silence.reason.strip()))


def _holds(silence: Silence, line: int | None) -> bool:
    if silence.where is None:
        return True
    first, last = silence.where
    return line is not None and first <= line <= last


def _worse(severity: Severity) -> int:
    return list(Severity).index(severity)


def _ranked(findings: list[Finding]) -> list[Finding]:
    rank = {rule.id: rule.rank for rule in rules()}
    return sorted(findings, key=lambda found: (_worse(found.severity), rank[found.rule], found.line or 0))
