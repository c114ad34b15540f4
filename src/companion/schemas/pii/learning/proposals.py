"""What corrections propose: where more than three say the same of fields that are alike, a rule for somebody to review.

Nothing is applied. A proposal is a rules file as text, for `--rules`, and the diff that leads to it; it has been tried
on the schemas, so that it can say what it would change, what it was meant to change and does not, and who disagrees.
"""

from __future__ import annotations

import difflib
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from companion.models import embeddings
from companion.schemas.pii.evidence.classify import classify
from companion.schemas.pii.learning.corrections import Correction
from companion.schemas.pii.learning.groups import SIMILAR, Group, groups, place
from companion.schemas.pii.rules.editing import with_entries
from companion.schemas.pii.rules.loading import Rules, load_rules
from companion.schemas.pii.verdict import Level, MarkedSchema, Verdict

if TYPE_CHECKING:
    from companion.models.vectors import Vectors

_NAMED = 5  # corrections that a rule's reason names


@dataclass(frozen=True)
class Changed:
    """A field whose verdict the proposal would change, corrected or not."""

    before: Verdict
    after: Verdict


@dataclass(frozen=True)
class Proposal:
    """What to review.

    Parameters
    ----------
    rules
        The organisation's rules file with the new rules in it; empty when nothing is proposed.
    diff
        From the file as it is, in the form that `git apply` takes.
    groups
        One for each rule, and those of which no rule can be made.
    changed
        Every verdict on these schemas that would change.
    without_effect
        Members of groups whose field would still not be judged as they say: another rule, or a mark, has the last word.
    unplaced
        Those of fields that are not, or no longer, in the schemas.
    """

    rules: str
    diff: str
    groups: tuple[Group, ...]
    changed: tuple[Changed, ...]
    without_effect: tuple[Correction, ...]
    unplaced: tuple[Correction, ...]


def propose(
    corrections: Sequence[Correction],
    schemas: Sequence[MarkedSchema],
    rules_file: Path | None = None,
    *,
    vectors: Vectors | None = None,
    similar: float = SIMILAR,
) -> Proposal:
    """Propose rules.

    Parameters
    ----------
    corrections
        In the order of recording: of two of one field the later counts.
    schemas
        Where the corrected fields are.
    rules_file
        The organisation's rules that the proposal adds to; it may not exist yet.
    vectors
        Embeddings; `companion.models.embeddings()` by default.
    similar
        The least cosine that counts as alike.

    Raises
    ------
    RulesError
        If the rules file cannot be used, or rules cannot be added to it.
    """
    existing = rules_file if rules_file is not None and rules_file.is_file() else None
    rules = load_rules([existing] if existing else [])
    latest = list({correction.place: correction for correction in corrections}.values())
    placed = place(latest, schemas, rules)
    known = {found.correction.place for found in placed}
    unplaced = tuple(each for each in latest if each.place not in known)
    found = tuple(groups(placed, rules, vectors or embeddings(), similar))
    meant = tuple(correction for group in found for correction in group.corrections)
    entries = _entries(found)
    if not entries:
        return Proposal("", "", found, (), meant, unplaced)
    shown = rules_file.as_posix() if rules_file is not None else "rules.yaml"
    old = existing.read_bytes().decode() if existing else ""  # as it is, with the ends of lines that it has
    new = with_entries(old, entries, shown=shown)
    changed, verdicts = _try_out(new, schemas, rules)
    return Proposal(new, _diff(old, new, shown), found, changed, tuple(_missed(meant, verdicts)), unplaced)


# As text


def _entries(found: Iterable[Group]) -> dict[str, list[list[str]]]:
    """Each group as the lines of an entry, by the key of the rules file that it goes under."""
    entries: dict[str, list[list[str]]] = {}
    for group in found:
        first = group.corrections[0]
        why = f"why: {_quoted(_why(group))}"
        names = [f"names: {_list(group.names)}"] if group.names else []
        if first.level is Level.PUBLIC:
            if names:
                entries.setdefault("public", []).append([why, *names])
            continue
        inside = [f"  - {{message: {_list([each.message])}, names: {_list([each.name])}}}" for each in group.inside]
        lines = [f"id: {group.id}", f"type: {first.pii_type}", f"level: {first.level}", why, *names]
        lines += ["inside:", *inside] if inside else []
        entries.setdefault("rules", []).append([*lines, f"holds: [{', '.join(group.holds)}]"])
    return entries


def _why(group: Group) -> str:
    """The reason given most often, and the corrections behind it: a rule must say where it comes from."""
    reasons = Counter(each.reason for each in group.corrections)
    reason = max(reasons, key=lambda each: (reasons[each], each))
    places = [f"{each.message}.{each.field}" for each in group.corrections]
    more = f" and {len(places) - _NAMED} more" if len(places) > _NAMED else ""
    return f"{reason} (corrected: {', '.join(places[:_NAMED])}{more})"


def _list(phrases: Sequence[str]) -> str:
    plain = re.compile(r"[a-z]{2,}( [a-z0-9]+)+")
    return f"[{', '.join(phrase if plain.fullmatch(phrase) else _quoted(phrase) for phrase in phrases)}]"


def _quoted(text: str) -> str:
    """As YAML reads it back on one line, whatever is in it: a JSON string is one in YAML too."""
    return json.dumps("".join(each if each.isprintable() else " " for each in text), ensure_ascii=False)


def _diff(old: str, new: str, path: str) -> str:
    name = path.lstrip("/")
    before = f"a/{name}" if old else "/dev/null"
    lines = difflib.unified_diff(_lines(old), _lines(new), before, f"b/{name}")
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(text: str) -> list[str]:
    """Cut at nothing but the ends of lines that a diff knows."""
    return [f"{line}\n" for line in text.split("\n")[:-1]] + [line for line in text.split("\n")[-1:] if line]


# What it would change


def _try_out(text: str, schemas: Sequence[MarkedSchema], rules: Rules) -> tuple[tuple[Changed, ...], list[Verdict]]:
    """Load the proposal as `--rules` would, and judge the schemas with it and without."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rules.yaml"
        file.write_bytes(text.encode())
        proposed = load_rules([file])
    after = classify(schemas, proposed)
    pairs = zip(classify(schemas, rules), after, strict=True)
    changed = (Changed(one, other) for one, other in pairs if _said(one) != _said(other))
    return tuple(changed), after


def _missed(corrections: Sequence[Correction], verdicts: Sequence[Verdict]) -> Iterator[Correction]:
    said = {(each.path, each.message, each.field.name): _said(each) for each in verdicts}
    for each in corrections:
        if said.get(each.place) != (each.level, each.pii_type):
            yield each


def _said(verdict: Verdict) -> tuple[Level, str | None]:
    return verdict.level, verdict.pii_type
