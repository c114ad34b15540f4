"""How good the rules are: held against sentences and whole documents that people labelled.

Precision is the share of findings that are right, recall the share of what is wrong that was found. A rule that cannot
tell has made no finding, and has missed what there was to find. It is counted beside that, so that silence is seen. The
rule on what a file says about the rules themselves (`silence`) is not asked.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from companion.operations.postmortems.reading.read import parse, read
from companion.operations.postmortems.rules.catalogue import rules
from companion.operations.postmortems.rules.lint import lint
from companion.operations.postmortems.rules.outcome import Outcome, Verdict
from companion.operations.postmortems.rules.settings import Profile, Settings


@dataclass(frozen=True)
class Judged:
    """One question put to a rule: what a person says, and what the rule says.

    Attributes
    ----------
    rule : str
        Its id.
    what : str
        The sentence, or the file.
    wanted : bool
        Whether there is something to find.
    verdict : Verdict
        What the rule says.
    unsure : bool
        Whether the person, too, cannot tell.
    """

    rule: str
    what: str
    wanted: bool
    verdict: Verdict
    unsure: bool = False

    @property
    def found(self) -> bool:
        """Whether the rule has a finding."""
        return self.verdict is Verdict.NOT_MET

    @property
    def right(self) -> bool:
        """Whether rule and person agree, where both can tell."""
        return self.found == self.wanted


@dataclass(frozen=True)
class Score:
    """Counts over many questions.

    Attributes
    ----------
    hits, alarms, misses : int
        Findings that are right, findings that are not, and what was to be found and was not.
    untold : int
        Questions of which the rule said that it cannot tell, and the person could.
    asked : int
        All questions.
    """

    hits: int
    alarms: int
    misses: int
    untold: int
    asked: int

    @property
    def precision(self) -> float | None:
        """The share of findings that are right; None without a finding."""
        return self.hits / (self.hits + self.alarms) if self.hits + self.alarms else None

    @property
    def recall(self) -> float | None:
        """The share of what was to be found that was; None if there was nothing."""
        return self.hits / (self.hits + self.misses) if self.hits + self.misses else None


def score(judged: Iterable[Judged]) -> Score:
    """Count what was found, missed and invented. What the person cannot tell is left out where the rule agrees."""
    counted = [one for one in judged if not (one.unsure and not one.found)]
    return Score(
        hits=sum(one.found and one.wanted for one in counted),
        alarms=sum(one.found and not one.wanted for one in counted),
        misses=sum(one.wanted and not one.found for one in counted),
        untold=sum(one.verdict is Verdict.CANNOT_TELL and not one.unsure for one in counted),
        asked=len(counted),
    )


def by_family(judged: Sequence[Judged]) -> Mapping[str, Score]:
    """Give the score of each family of rules, in the order of the catalogue."""
    family = {rule.id: rule.family for rule in rules()}
    parts: dict[str, list[Judged]] = {name: [] for name in dict.fromkeys(family.values())}
    for one in judged:
        parts[family[one.rule]].append(one)
    return {name: score(few) for name, few in parts.items() if few}


# Sentences


@dataclass(frozen=True)
class Sentence:
    """A sentence that a person judged by one rule, in the place where it would stand.

    Attributes
    ----------
    rule, place, text : str
        By which rule, in which part of a post mortem, and the words.
    finding : bool
        Whether there is something to find.
    held_back : bool
        Whether it was written after the rules were frozen.
    incident : str
        The day of the incident, where it matters.
    """

    rule: str
    place: str
    text: str
    finding: bool
    held_back: bool = False
    incident: str = "2026-03-02"


_HEADINGS = {
    "summary": "Summary", "impact": "Customer impact", "timeline": "Timeline (UTC)", "detection": "Detection",
    "diagnosis": "Diagnosis", "mitigation": "Mitigation", "blast-radius": "Blast radius", "lesson": "Lessons learned",
    "action": "Action items", "communication": "Communication", "context": "Metrics",
}  # fmt: skip


def around(sentence: Sentence) -> str:
    """Write a post mortem in which the sentence is the only one in its place."""
    title = sentence.text if sentence.place == "title" else "Users could not check out for 44 minutes"
    top = f"# {title}\n\n**Date:** {sentence.incident}\n\n"
    if sentence.place == "why":
        if sentence.rule == "whys-first":
            rest = "   -> It is told below.\n2. Why was that possible?\n   -> Nothing prevents it."
            return f"{top}## Five whys\n\n1. {sentence.text}\n{rest}\n"
        first = "1. Why could users not check out?\n   -> The servers answered with an error."
        return f"{top}## Five whys\n\n{first}\n2. Why did they?\n   -> {sentence.text}\n"
    if sentence.place == "title":
        return f"{top}## Summary\n\nIt is told below.\n"
    marker = "1. " if sentence.place in ("lesson", "action") else "- " if sentence.place == "timeline" else ""
    rest = "\n- 23:58 Service is restored" if sentence.place == "timeline" else ""
    return f"{top}## {_HEADINGS[sentence.place]}\n\n{marker}{sentence.text}{rest}\n"


def sentences(file: Path) -> list[Sentence]:
    """Read labelled sentences, a JSON object a line."""
    return [Sentence(**json.loads(line)) for line in file.read_text("utf-8").splitlines() if line.strip()]


def judge_sentences(listed: Iterable[Sentence]) -> list[Judged]:
    """Put each sentence to its rule."""
    checks = {rule.id: rule.check for rule in rules()}
    return [
        Judged(one.rule, one.text, one.finding, checks[one.rule](parse(around(one))).verdict) for one in listed
    ]  # fmt: skip


# Documents


def judge_documents(folder: Path, *, held_back: bool | None = None) -> list[Judged]:
    """Put the documents of a folder to every rule, and compare with what people expect.

    Parameters
    ----------
    folder
        With the documents, and their labels in ``expected.yaml``: for each document ``not_met`` and ``cannot_tell``,
        lists of rules; all others are met. Those that were written after the rules were frozen say ``held_back: true``.
    held_back
        Which of them: all, if None.
    """
    expected = yaml.safe_load((folder / "expected.yaml").read_text("utf-8"))
    judged = []
    for name, said in expected.items():
        if held_back is None or said.get("held_back", False) == held_back:
            report = lint(read(folder / name), Settings(profile=Profile.FINAL))
            judged += _compared(name, report.outcomes, said)
    return judged


def _compared(name: str, outcomes: Mapping[str, Outcome], said: Mapping[str, Sequence[str]]) -> list[Judged]:
    wanted, unsure = set(said.get("not_met", ())), set(said.get("cannot_tell", ()))
    return [
        Judged(rule, name, rule in wanted, outcome.verdict, rule in unsure)
        for rule, outcome in outcomes.items()
        if rule != "silence"
    ]  # fmt: skip


def differences(judged: Iterable[Judged]) -> dict[str, list[str]]:
    """List what rules and people see differently: invented and missed, each as ``rule: sentence or file``."""
    found: dict[str, list[str]] = defaultdict(list)
    for one in judged:
        if not one.right and not (one.unsure and not one.found):
            found["invented" if one.found else "missed"].append(f"{one.rule}: {one.what}")
    return dict(found)


__all__ = [
    "Judged", "Score", "Sentence", "around", "by_family", "differences", "judge_documents", "judge_sentences", "score",
    "sentences",
]  # fmt: skip
