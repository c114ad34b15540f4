"""What a rules file may say: its parts, checked by Pydantic, each rule with the line on which it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain, repeat
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from companion.errors import CompanionError
from companion.schemas.pii.verdict import Level

MAX_BYTES = 1_000_000
About = Literal[
    "anyone",
    "person",
    "person_itself",
    "no_business",
    "no_thing",
    "no_machine",
    "no_place",
    "no_object",
    "no_animal",
    "traced",
]
Entity = Literal["person", "business", "thing", "neutral", "machine", "place", "animal", "work", "role"]
ValuePart = Literal["own", "text", "bytes", "number", "enum", "time", "beside"]
Holds = Literal["text", "bytes", "number", "flag", "enum", "message", "time"]


def _phrase(value: object) -> str:
    """YAML reads `1` as a number; in a list of phrases it is a word."""
    if isinstance(value, bool):
        raise ValueError("must be a word or a phrase; write it in quotes")
    if not isinstance(value, str | int | float):
        raise ValueError("must be a word or a phrase")
    if not re.search(r"[^\W_]", str(value)):
        raise ValueError("must have a letter or a digit")
    return str(value)


Phrase = Annotated[str, BeforeValidator(_phrase)]


class RulesError(CompanionError, ValueError):
    """A rules file that cannot be used; the message names the file, the place and the fix."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Inside(_Strict):
    """A broad name, or a type that means nothing by itself, that counts only inside certain messages."""

    message: list[Phrase] = []
    names: list[Phrase] = []
    types: list[Phrase] = []


class Rule(_Strict):
    """One rule; the head of rules.yaml says what each part means."""

    id: str = Field(pattern=r"^[a-z0-9-]+$")
    type: str = Field(pattern=r"^[A-Z0-9_]+$")
    level: Literal[Level.HIGH, Level.MEDIUM, Level.LOW]
    why: str
    names: list[Phrase] = []
    inside: list[Inside] = []
    comments: list[Phrase] = []
    about: About = "anyone"
    holds: list[Holds] = ["text", "bytes", "message"]
    whole: bool = False
    last: bool = False
    parts: list[Phrase] = []
    facts: list[Phrase] = []
    marks: bool = False
    narrows: bool = False
    source: str = ""  # file and line, filled in when it is read


class Harmless(_Strict):
    """Names that look personal and are not."""

    why: str
    names: list[Phrase] = []
    inside: list[Inside] = []
    comments: list[Phrase] = []
    broad: bool = False
    source: str = ""


class LevelMeaning(_Strict):
    """What a level asks of whoever keeps the data."""

    protect: list[str]
    meaning: str


class Clash(_Strict):
    """A short word that is as often another one, and how its neighbours tell which of the two it is."""

    word: Phrase
    means: Phrase
    why: str
    beside: list[Phrase] = []  # it is the other word beside one of these,
    unless: list[Phrase] = []  # or everywhere else than beside one of these
    alone: bool = False  # and when it has no neighbour, too

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.beside) == bool(self.unless):
            raise ValueError("a clash has either `beside` or `unless`")
        return self


class WordLists(_Strict):
    """How words are written out."""

    clashes: list[Clash] = []
    abbreviations: dict[Phrase, Phrase] = {}
    foreign: dict[Phrase, dict[Phrase, Phrase]] = {}
    ambiguous: list[Phrase] = []


class MarkRule(_Strict):
    """What other maintainers' marks look like, and what they are worth."""

    options: list[Phrase]
    types: list[Phrase]
    level: Level
    type: str
    personal: dict[Phrase, Level] = {}
    valued: list[Phrase] = []
    denied: list[Phrase] = []


Words = frozenset[Phrase]


class Grammar(_Strict):
    """How names and comments are read beside the rules; rules.yaml says of each list what it is for."""

    purposes: Words = frozenset()
    qualifiers: Words = frozenset()
    same_thing: Words = frozenset()
    no_facts: Words = frozenset()
    protocol: Words = frozenset()
    states: Words = frozenset()
    negations: Words = frozenset()
    prose: Words = frozenset()
    in_names: Words = frozenset()
    references: Words = frozenset()
    at_work: Words = frozenset()
    at_work_comment: Words = frozenset()
    not_own: Words = frozenset()
    short: Words = frozenset()
    joining: Words = frozenset()
    of_values: Words = frozenset()
    shown: Words = frozenset()
    verbs: Words = frozenset()
    after_a_word: Words = frozenset()
    keys: Words = frozenset()
    in_keys: Words = frozenset()
    of_a_person: dict[str, list[Phrase]] = {}


class KnownTypes(_Strict):
    """What is known of types: how one reaches somebody, and what becomes of it at work."""

    contact: Words = frozenset()
    traces: Words = frozenset()
    at_work: dict[str, str] = {}
    places: Words = frozenset()


class RulesFile(_Strict):
    """A whole file; an organisation's needs no part but the ones that it adds."""

    version: Phrase
    levels: dict[Level, LevelMeaning] = {}
    rules: list[Rule] = []
    public: list[Harmless] = []
    facts: list[Phrase] = []
    intents: list[Phrase] = []
    entities: dict[Entity, list[Phrase]] = {}
    marks: MarkRule | None = None
    lowered: list[Phrase] = []
    wrappers: list[str] = []
    kinds: dict[Holds, list[str]] = {}
    value_parts: dict[ValuePart, list[Phrase]] = {}
    open_boxes: list[str] = []
    words: WordLists = WordLists()
    grammar: Grammar = Grammar()
    types: KnownTypes = KnownTypes()


def read_text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RulesError(f"{path}: over {MAX_BYTES:,} bytes; no rules file is that long")
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise RulesError(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}") from None
    except UnicodeDecodeError:
        raise RulesError(f"{path}: not UTF-8 text") from None


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads `yes`, `no`, `on` and `off` as the words that they are in a list of words, and not as true and false."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - of PyYAML's own making
        first: [
            (tag, pattern if tag != "tag:yaml.org,2002:bool" else re.compile("^(?:true|false)$", re.IGNORECASE))
            for tag, pattern in resolvers
        ]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def parse(text: str, shown: str, *, trusted: bool = False) -> RulesFile:
    """Check one file; `shown` is what messages call it."""
    try:
        if not trusted and any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=_Loader)):
            raise RulesError(f"{shown}: aliases (`*name`) are not allowed here; write the words out")
        loaded: Any = yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        raise RulesError(
            f"{shown}{line}: not YAML: {getattr(error, 'problem', None) or 'it cannot be parsed'}"
        ) from None
    if not isinstance(loaded, dict):
        raise RulesError(
            f"{shown}: must be a mapping with `version` and `rules`; see the rules that come with the package"
        )
    try:
        parsed = RulesFile.model_validate(loaded)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        said = re.sub(r"<Level\.\w+: ('\w+')>", r"\1", first["msg"])
        raise RulesError(f"{shown}: {place}: {said}") from None
    rules = [
        rule.model_copy(update={"source": f"{rule.id} ({shown}:{line})"})
        for rule, line in zip(parsed.rules, _lines(text, "rules", trusted=trusted), strict=False)
    ]
    harmless = [
        entry.model_copy(update={"source": f"public ({shown}:{line})"})
        for entry, line in zip(parsed.public, _lines(text, "public", trusted=trusted), strict=False)
    ]
    return parsed.model_copy(update={"rules": rules, "public": harmless})


def _lines(text: str, key: Literal["rules", "public"], *, trusted: bool) -> Iterator[int]:
    """The line on which each entry of a list begins; in the end 1, for entries that a merge key (`<<`) put there."""
    if trusted:  # our own file is written in one way, and every start of a command waits for it
        first = {"rules": "  - id: ", "public": "  - why: "}[key]
        return (number for number, line in enumerate(text.splitlines(), 1) if line.startswith(first))
    root = yaml.compose(text, Loader=_Loader)
    entries = {name.value: value for name, value in root.value}.get(key) if root else None
    return chain((entry.start_mark.line + 1 for entry in entries.value) if entries else (), repeat(1))
