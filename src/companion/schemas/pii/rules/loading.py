"""The rules made ready for use: phrases cut into words and filed under their first one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from companion.schemas.pii.rules.file_format import (
    Harmless,
    Holds,
    LevelMeaning,
    MarkRule,
    Rule,
    RulesError,
    RulesFile,
    parse,
    read_text,
)
from companion.schemas.pii.rules.name_words import Vocabulary, Words, plain_words
from companion.schemas.pii.verdict import Level

__all__ = ["Harmless", "Rule", "Rules", "RulesError", "load_rules"]


@dataclass(frozen=True)
class Pattern:
    """A phrase in words, and what it says: a rule, or that the name is harmless."""

    words: Words
    says: Rule | Harmless


@dataclass
class Rules:
    """Rules made ready for use: phrases cut into words and filed under their first one."""

    version: str
    levels: Mapping[Level, LevelMeaning]
    rules: Sequence[Rule]
    vocabulary: Vocabulary
    by_first: dict[str, list[Pattern]]
    inside: list[tuple[Rule, list[Words], set[Words]]]
    in_comments: dict[str, list[Pattern]]
    facts: set[str]
    intents: set[str]
    entities: dict[str, dict[str, list[Words]]]  # person, business, ...: phrases filed under their last word
    marks: MarkRule
    lowered: dict[str, list[Words]]
    wrappers: set[str]
    kinds: dict[Holds, set[str]]
    open_boxes: set[str]

    @property
    def protections(self) -> dict[Level, tuple[str, ...]]:
        """What each level asks for, in the words of the annotation."""
        return {level: tuple(meaning.protect) for level, meaning in self.levels.items()}


def load_rules(extra: Iterable[str | os.PathLike[str]] = (), *, written: str | None = None) -> Rules:
    """Load the rules that come with the package, and then those in `extra`, of which a later one overrides an earlier.

    Parameters
    ----------
    extra
        Files of an organisation.
    written
        One more, as its text: for trying out.

    Raises
    ------
    RulesError
        If a file cannot be read, is no YAML, or says something that rules cannot say.
    """
    bundled = files("companion.schemas.pii.rules") / "rules.yaml"
    loaded = [parse(bundled.read_text(encoding="utf-8"), "rules.yaml", trusted=True)]
    loaded += [parse(read_text(path), path.name) for path in map(Path, extra)]
    loaded += [parse(written, "these rules")] if written is not None else []
    return _ready(loaded)


def _ready(loaded: Sequence[RulesFile]) -> Rules:
    base = loaded[0]
    rules = list({rule.id: rule for part in loaded for rule in part.rules}.values())
    harmless = [entry for part in loaded for entry in part.public]
    entities: dict[str, list[str]] = {}
    for part in loaded:
        for whom, phrases in part.entities.items():
            entities.setdefault(whom, []).extend(phrases)
    facts = [word for part in loaded for word in part.facts]
    intents = [word for part in loaded for word in part.intents]
    vocabulary = _vocabulary(loaded, rules, harmless, [*facts, *intents], entities)
    patterns = [Pattern(vocabulary.words(name), rule) for rule in rules for name in rule.names]
    patterns += [Pattern(vocabulary.words(name), entry) for entry in harmless for name in entry.names]
    patterns += _about_persons(rules, [vocabulary.words(phrase) for phrase in entities.get("person", [])])
    comments = [Pattern(tuple(plain_words(phrase)), rule) for rule in rules for phrase in rule.comments]
    if base.marks is None:
        raise RulesError("rules.yaml: `marks` is missing")
    return Rules(
        version="+".join(part.version for part in loaded),
        levels={level: meaning for part in loaded for level, meaning in part.levels.items()},
        rules=rules,
        vocabulary=vocabulary,
        by_first=_by(patterns, 0),
        inside=[
            (rule, [vocabulary.words(name) for name in place.message], {vocabulary.words(n) for n in place.names})
            for rule in rules
            for place in rule.inside
        ],
        in_comments=_by(comments, 0),
        facts={word for fact in facts for word in vocabulary.words(fact)[-1:]},
        intents={vocabulary.words(intent)[0] for intent in intents},
        entities={whom: _by_last(vocabulary, phrases) for whom, phrases in entities.items()},
        marks=base.marks.model_copy(
            update={
                "options": [option for part in loaded if part.marks for option in part.marks.options],
                "types": [name for part in loaded if part.marks for name in part.marks.types],
            }
        ),
        lowered=_by_first_word([tuple(plain_words(phrase)) for part in loaded for phrase in part.lowered]),
        wrappers={name for part in loaded for name in part.wrappers},
        kinds={
            kind: {name for part in loaded for name in part.kinds.get(kind, [])}
            for kind in dict.fromkeys(kind for part in loaded for kind in part.kinds)
        },
        open_boxes={name for part in loaded for name in part.open_boxes},
    )


# `user id`, `tutor name`, `member number`: said of every word for a person, so that nobody has to list them all.
_OF_A_PERSON = {
    "person-reference": ["id", "uuid", "uid", "guid", "ref", "reference", "key", "identifier"],
    "name": ["name", "full name"],
    "customer-number": ["number"],
}
_NUMBERED = {
    "customer",
    "client",
    "member",
    "subscriber",
    "student",
    "pupil",
    "patient",
    "insured",
    "borrower",
    "consumer",
}
_NO_PERSONS_OWN = {"profile", "identity", "subject", "visa", "passport", "prospect", "lead", "crew", "child"}


def _about_persons(rules: Sequence[Rule], persons: Sequence[Words]) -> list[Pattern]:
    by_id = {rule.id: rule for rule in rules}
    return [
        Pattern((*person, *ending.split()), by_id[name])
        for name, endings in _OF_A_PERSON.items()
        if name in by_id
        for ending in endings
        for person in persons
        if person[-1] not in _NO_PERSONS_OWN and (ending != "number" or person[-1] in _NUMBERED)
    ]


def _vocabulary(
    loaded: Sequence[RulesFile],
    rules: Sequence[Rule],
    harmless: Sequence[Harmless],
    single: Sequence[str],
    entities: Mapping[str, Sequence[str]],
) -> Vocabulary:
    phrases = [*single, *(name for entry in harmless for name in entry.names)]
    phrases += [phrase for words in entities.values() for phrase in words]
    for rule in rules:
        phrases += [*rule.names, *(name for place in rule.inside for name in (*place.message, *place.names))]
    abbreviations = {short: tuple(long.split()) for part in loaded for short, long in part.words.abbreviations.items()}
    languages: dict[str, dict[str, Words]] = {}
    for part in loaded:
        for language, words in part.words.foreign.items():
            languages.setdefault(language, {}).update({word: tuple(same.split()) for word, same in words.items()})
    known = {word for phrase in phrases for word in phrase.lower().split()}
    known |= {word for words in abbreviations.values() for word in words}
    known -= {word for word in known if f"{word}" in abbreviations}
    ambiguous = {word for part in loaded for word in part.words.ambiguous}
    return Vocabulary(known, abbreviations, languages, ambiguous)


def _by(patterns: Iterable[Pattern], place: int) -> dict[str, list[Pattern]]:
    filed: dict[str, list[Pattern]] = {}
    for pattern in patterns:
        filed.setdefault(pattern.words[place], []).append(pattern)
    return filed


def _by_first_word(phrases: Iterable[Words]) -> dict[str, list[Words]]:
    filed: dict[str, list[Words]] = {}
    for words in phrases:
        filed.setdefault(words[0], []).append(words)
    return filed


def _by_last(vocabulary: Vocabulary, phrases: Sequence[str]) -> dict[str, list[Words]]:
    filed: dict[str, list[Words]] = {}
    for phrase in phrases:
        words = vocabulary.words(phrase)
        filed.setdefault(words[-1], []).append(words)
    return filed
