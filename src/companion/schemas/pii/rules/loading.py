"""The rules made ready for use: phrases cut into words and filed under their first one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from companion.schemas.pii.rules.file_format import (
    Clash,
    Entity,
    Grammar,
    Harmless,
    Holds,
    KnownTypes,
    LevelMeaning,
    MarkRule,
    Rule,
    RulesError,
    RulesFile,
    ValuePart,
    parse,
    read_text,
)
from companion.schemas.pii.rules.name_words import Clashing, Vocabulary, Words, plain_words
from companion.schemas.pii.verdict import Level

__all__ = ["Harmless", "Rule", "Rules", "RulesError", "load_rules"]


_K = TypeVar("_K", bound=str)
_M = TypeVar("_M", bound=BaseModel)
_V = TypeVar("_V")


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
    inside: list[tuple[Rule | Harmless, list[Words], set[Words]]]
    of_types: list[tuple[Rule, list[Words], set[Words]]]  # what is said of a type that means nothing by itself
    in_comments: dict[str, list[Pattern]]
    facts: set[str]
    intents: set[str]
    entities: Mapping[str, dict[str, list[Words]]]  # person, business, ...: phrases filed under their last word
    marks: MarkRule
    lowered: dict[str, list[Words]]
    wrappers: set[str]
    kinds: dict[Holds, set[str]]
    value_parts: dict[ValuePart, set[str]]  # what a field is called that is a part of a value, by what it tells of it
    open_boxes: set[str]
    grammar: Grammar
    types: KnownTypes

    @property
    def key_of_a_person(self) -> Rule | None:
        """The rule for the keys by which a system knows a person."""
        return next((rule for rule in self.rules if rule.id == "person-reference"), None)

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
    loaded = [_bundled()]
    loaded += [parse(read_text(path), path.name) for path in map(Path, extra)]
    loaded += [parse(written, "these rules")] if written is not None else []
    return _ready(loaded)


@cache
def _bundled() -> RulesFile:
    """The rules that come with the package; nothing changes them."""
    text = (files("companion.schemas.pii.rules") / "rules.yaml").read_text(encoding="utf-8")
    return parse(text, "rules.yaml", trusted=True)


def _ready(loaded: Sequence[RulesFile]) -> Rules:
    base = loaded[0]
    rules = list({rule.id: rule for part in loaded for rule in part.rules}.values())
    harmless = [entry for part in loaded for entry in part.public]
    entities = _merged_by_key(part.entities for part in loaded)
    facts, intents = _merged(part.facts for part in loaded), _merged(part.intents for part in loaded)
    grammar = _merged_model(Grammar, [part.grammar for part in loaded])
    vocabulary = _vocabulary(loaded, rules, harmless, [*facts, *intents], entities, grammar)
    patterns = [Pattern(vocabulary.words(name), rule) for rule in rules for name in rule.names]
    patterns += [Pattern(vocabulary.words(name), entry) for entry in harmless for name in entry.names]
    patterns += _about_persons(rules, [vocabulary.words(phrase) for phrase in entities.get("person", [])], grammar)
    entries: list[Rule | Harmless] = [*rules, *harmless]
    comments = [Pattern(_plain(phrase), entry) for entry in entries for phrase in entry.comments]
    if base.marks is None:
        raise RulesError("rules.yaml: `marks` is missing")
    return Rules(
        version="+".join(part.version for part in loaded),
        levels={level: meaning for part in loaded for level, meaning in part.levels.items()},
        rules=rules,
        vocabulary=vocabulary,
        by_first=_filed((pattern.words[0], pattern) for pattern in patterns),
        inside=[
            (entry, [vocabulary.words(name) for name in place.message], {vocabulary.words(n) for n in place.names})
            for entry in entries
            for place in entry.inside
            if place.names
        ],
        of_types=[
            (rule, [vocabulary.words(name) for name in place.message], {vocabulary.words(n) for n in place.types})
            for rule in rules
            for place in rule.inside
            if place.types
        ],
        in_comments=_filed((pattern.words[0], pattern) for pattern in comments),
        facts={word for fact in facts for word in vocabulary.words(fact)[-1:]},
        intents={vocabulary.words(intent)[0] for intent in intents},
        entities={
            whom: _filed((words[-1], words) for words in map(vocabulary.words, phrases))
            for whom, phrases in entities.items()
        },
        marks=base.marks.model_copy(
            update={
                "options": _merged(part.marks.options for part in loaded if part.marks),
                "types": _merged(part.marks.types for part in loaded if part.marks),
                "personal": {k: v for part in loaded if part.marks for k, v in part.marks.personal.items()},
                "valued": _merged(part.marks.valued for part in loaded if part.marks),
                "denied": _merged(part.marks.denied for part in loaded if part.marks),
            }
        ),
        lowered=_filed((words[0], words) for words in map(_plain, _merged(part.lowered for part in loaded))),
        wrappers=set(_merged(part.wrappers for part in loaded)),
        kinds={kind: set(names) for kind, names in _merged_by_key(part.kinds for part in loaded).items()},
        value_parts={part: set(names) for part, names in _merged_by_key(p.value_parts for p in loaded).items()},
        open_boxes=set(_merged(part.open_boxes for part in loaded)),
        grammar=grammar,
        types=_merged_model(KnownTypes, [part.types for part in loaded]),
    )


def _plain(phrase: str) -> Words:
    return tuple(plain_words(phrase))


def _merged(lists: Iterable[Iterable[str]]) -> list[str]:
    """Add up lists; `-word` in a later one takes a word of an earlier one away."""
    words: dict[str, None] = {}
    for each in lists:
        for word in each:
            if word.startswith("-"):
                words.pop(word[1:], None)
            else:
                words[word] = None
    return list(words)


def _merged_by_key(parts: Iterable[Mapping[_K, Iterable[str]]]) -> dict[_K, list[str]]:
    """Add up lists that have names."""
    found: dict[_K, list[Iterable[str]]] = {}
    for part in parts:
        for key, words in part.items():
            found.setdefault(key, []).append(words)
    return {key: _merged(lists) for key, lists in found.items()}


def _merged_model(kind: type[_M], parts: Sequence[_M]) -> _M:
    """Add up the lists of several sections of one form."""
    merged: dict[str, Any] = {}
    for name in kind.model_fields:
        values = [getattr(part, name) for part in parts]
        if name == "of_a_person":
            merged[name] = _merged_by_key(values)
        elif isinstance(values[0], dict):
            merged[name] = {key: value for each in values for key, value in each.items()}
        else:
            merged[name] = frozenset(_merged(values))
    return kind.model_construct(**merged)


def _about_persons(rules: Sequence[Rule], persons: Sequence[Words], grammar: Grammar) -> list[Pattern]:
    """What is said of every word for a person: `user id`, `tutor name`."""
    by_id = {rule.id: rule for rule in rules}
    return [
        Pattern((*person, *ending.split()), by_id[name])
        for name, endings in grammar.of_a_person.items()
        if name in by_id
        for ending in endings
        for person in persons
        if person[-1] not in grammar.not_own
    ]


def _vocabulary(
    loaded: Sequence[RulesFile],
    rules: Sequence[Rule],
    harmless: Sequence[Harmless],
    single: Sequence[str],
    entities: Mapping[Entity, Sequence[str]],
    grammar: Grammar,
) -> Vocabulary:
    phrases = [*single, *(name for entry in harmless for name in entry.names)]
    phrases += [name for entry in harmless for place in entry.inside for name in (*place.message, *place.names)]
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
    known -= abbreviations.keys()
    ambiguous = set(_merged(part.words.ambiguous for part in loaded))
    return Vocabulary(
        known, abbreviations, languages, ambiguous, grammar.short, grammar.joining, _clashes(loaded, rules, entities)
    )


def _clashes(
    loaded: Sequence[RulesFile], rules: Sequence[Rule], entities: Mapping[Entity, Sequence[str]]
) -> dict[str, Clashing]:
    """What each word that clashes means; whoever writes the word out in a later file knows what they mean by it."""
    found: dict[str, Clash] = {}
    for part in loaded:
        for word in part.words.abbreviations:
            found.pop(word, None)
        found.update({clash.word: clash for clash in part.words.clashes})
    persons = frozenset(phrase for phrase in entities.get("person", ()) if " " not in phrase)
    beside: dict[str, set[str]] = {word: set() for word in found}
    for name in (name for rule in rules for name in rule.names):
        words = name.lower().split()
        for index, word in enumerate(words):
            if word in beside:  # what a rule names beside the word is the word of the rule
                beside[word].update(words[max(0, index - 1) : index], words[index + 1 : index + 2])
    return {
        word: Clashing(
            tuple(clash.means.split()),
            frozenset(clash.beside) or persons | beside[word] | frozenset(clash.unless),
            bool(clash.beside),
            clash.alone,
        )
        for word, clash in found.items()
    }


def _filed(pairs: Iterable[tuple[str, _V]]) -> dict[str, list[_V]]:
    """What belongs to each word, in the order given."""
    filed: dict[str, list[_V]] = {}
    for word, value in pairs:
        filed.setdefault(word, []).append(value)
    return filed
