"""How good the rules are on labelled schemas: beside the floor, beside other scanners, and with evidence taken away."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from companion.schemas.pii.evaluation.corpus import (
    LabelledField,
    LabelledSchema,
    Part,
    corpus_folder,
    labelled_fields,
    load_corpus,
)
from companion.schemas.pii.evaluation.scanners import NamedField, available, figures
from companion.schemas.pii.evaluation.scores import ORDER, Score, compare, recorded
from companion.schemas.pii.evidence.classify import ALL_EVIDENCE, Learned, classify
from companion.schemas.pii.rules.loading import Rules, load_rules
from companion.schemas.pii.verdict import Level, Verdict

LEAST_SCANNERS = 3
PARTS: tuple[Part, ...] = ("development", "unseen", "new_trades")


EVIDENCE = {
    "nesting": "what is inside",
    "message": "its message",
    "comment": "its comment",
    "kind": "the kind of value",
    "options": "others' marks",
    "type": "the type's name",
}
"""What a verdict uses beside the field's name, in plain words."""


@dataclass(frozen=True)
class Judged:
    """A field of the corpus with its verdict."""

    field: LabelledField
    verdict: Verdict

    @property
    def right(self) -> bool:
        """Whether the level is the label's."""
        return self.verdict.level is self.field.label.level

    @property
    def missed(self) -> bool:
        """Whether the level is lower than the label's: what must be protected would not be."""
        return self.verdict.level.rank < self.field.label.level.rank

    def __str__(self) -> str:
        name = f"{self.field.message.name}.{self.field.field.name}"
        return f"{name:42} is {self.field.label.level.value:6} said {self.verdict.level.value:6} {self.verdict.reason}"


def judge(
    corpus: Sequence[LabelledSchema],
    rules: Rules | None = None,
    *,
    evidence: frozenset[str] = ALL_EVIDENCE,
    learned: Learned | None = None,
) -> list[Judged]:
    """Judge every field of a corpus, each schema on its own, as a team that has only that one would."""
    used = rules or load_rules()
    verdicts = [
        verdict for each in corpus for verdict in classify([each.schema, *each.lent], used, learned, evidence=evidence)
    ]
    return [Judged(field, verdict) for field, verdict in zip(labelled_fields(corpus), verdicts, strict=True)]


def score(judged: Sequence[Judged]) -> Score:
    """Count how verdicts and labels agree."""
    return compare([each.field.label.level for each in judged], [each.verdict.level for each in judged])


def by_trade(judged: Sequence[Judged]) -> dict[str, Score]:
    """The score of each schema, by the name of its file."""
    trades: dict[str, list[Judged]] = {}
    for each in judged:
        trades.setdefault(each.field.trade, []).append(each)
    return {trade: score(those) for trade, those in sorted(trades.items())}


def without_each(corpus: Sequence[LabelledSchema], rules: Rules | None = None) -> dict[str, Score]:
    """What each kind of evidence is worth: all of it, each taken away, and nothing left but the field's name."""
    used = rules or load_rules()
    kept = {"everything": ALL_EVIDENCE}
    kept |= {f"without {EVIDENCE[kind]}": ALL_EVIDENCE - {kind} for kind in EVIDENCE}
    kept |= {"the name alone": frozenset()}
    return {name: score(judge(corpus, used, evidence=kinds)) for name, kinds in kept.items()}


def floor(corpus: Sequence[LabelledSchema]) -> Score:
    """What a scanner scores that calls everything PUBLIC: less is worse than no scanner."""
    truth = [each.label.level for each in labelled_fields(corpus)]
    return compare(truth, [Level.PUBLIC] * len(truth))


def right_types(judged: Sequence[Judged]) -> tuple[int, int]:
    """Of the personal fields whose level is right, how many have the right type, and how many there are."""
    those = [each for each in judged if each.right and each.field.label.types]
    return sum(each.verdict.pii_type in each.field.label.types for each in those), len(those)


def measure_scanners() -> dict[str, float]:
    """Run the scanners that are installed on all parts of the corpus; the record is ``pii.scanners``.

    Raises
    ------
    ImportError
        If hardly any is installed, since a record of fewer would take the place of one of more.
    """
    here = available()
    if len(here) < LEAST_SCANNERS:
        names = ", ".join(scanner.name for scanner in here) or "none"
        raise ImportError(f"to compare with other scanners: pip install 'companion[scanners]' (here: {names})")
    found: dict[str, float] = {}
    for part in PARTS:
        found |= {f"{part}/{name}": value for name, value in _on(part).items()}
    return found


def _on(part: Part) -> Mapping[str, float]:
    fields = labelled_fields(load_corpus(part))
    asked = [NamedField(each.message.name, each.field.name, each.field.type, each.field.comment) for each in fields]
    return figures(asked, [each.label.level for each in fields])


def scanner_scores(figures: Mapping[str, float], part: Part) -> dict[str, Score]:
    """Make the scores of the scanners on one part of the corpus from what `measure_scanners` gave."""
    prefix = f"{part}/"
    return recorded({name.removeprefix(prefix): value for name, value in figures.items() if name.startswith(prefix)})


def exams() -> dict[str, dict[str, dict[str, Score]]]:
    """What each version of the rules scores on each exam; nothing is recomputed.

    Exam *n*, for 1 to 4, was written after version *n* was frozen, and taught version *n* + 1; ``home`` are the twelve
    schemas that taught version 1; ``5`` are four trades that taught none; ``6`` are six whose values are wrapped, which
    taught none either, and only versions 4 and 5 sat. Version *n* on exam *n* is as it fell, and so is all of ``6``.

    Returns
    -------
    dict of str to dict of str to dict of str to Score
        By exam, by version, then by trade; the table is data/pii/exams.csv.
    """
    table = corpus_folder("development").with_name("exams.csv")
    rows: dict[tuple[str, str, str], list[tuple[int, ...]]] = {}
    with table.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            counts = tuple(int(row[level.value]) for level in ORDER)
            rows.setdefault((row["exam"], row["rules"], row["trade"]), []).append(counts)
    found: dict[str, dict[str, dict[str, Score]]] = {}
    for (exam, version, trade), matrix in rows.items():
        found.setdefault(exam, {}).setdefault(version, {})[trade] = Score(tuple(matrix))
    return found


def together(scores: Mapping[str, Score]) -> Score:
    """Add up scores."""
    matrices = [each.matrix for each in scores.values()]
    return Score(tuple(tuple(map(sum, zip(*rows, strict=True))) for rows in zip(*matrices, strict=True)))
