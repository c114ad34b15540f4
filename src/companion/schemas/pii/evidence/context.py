"""Everything around a field that a verdict may look at, and how a name tells whom it is about.

A message's name is read from its end, as English names are: `CustomerSettings` are settings, `SettingsCustomer` a
customer. Words that only tell the role in a protocol (Request, Entry, Details) are passed over. Where a name says
nothing, `subjects` asks what is around the message.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from companion.schemas.pii.rules.loading import Rule, Rules
from companion.schemas.pii.rules.name_words import Words
from companion.schemas.pii.verdict import MarkedField, MarkedMessage


class Whom(enum.StrEnum):
    """Whom, or what, a message is about."""

    PERSON = "person"
    BUSINESS = "business"
    THING = "thing"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Subject:
    """What a name tells of whom it is about."""

    whom: Whom
    itself: bool = False  # the message *is* the person, rather than something of theirs
    machine: bool = False
    place: bool = False
    animal: bool = False
    words: Words = ()


@dataclass
class Context:
    """Everything around the fields of one scan that a verdict may look at."""

    rules: Rules
    messages: dict[str, MarkedMessage]
    spoken: dict[str, frozenset[str]]  # full name of a message -> languages of its file
    named: dict[tuple[str, Words], MarkedMessage] = field(default_factory=dict)  # package and words -> message
    holders: dict[str, list[tuple[str, MarkedField]]] = field(default_factory=dict)  # type -> the fields that hold it
    callers: dict[str, list[Words]] = field(default_factory=dict)  # type -> words of the methods that carry it
    subjects: dict[str, Subject] = field(default_factory=dict)  # full name of a message -> whom it is about
    values: dict[str, str] = field(default_factory=dict)  # what a message holds that means nothing by itself
    _prefixes: dict[str, str | None] = field(default_factory=dict)
    _read: dict[Words, Subject] = field(default_factory=dict)
    _owners: set[str] | None = None
    _traced: dict[str, bool] = field(default_factory=dict)

    def subject(self, message: MarkedMessage) -> Subject:
        """Whom `message` is about, as `find_subjects` found it."""
        return self.subjects.get(message.full_name) or self.read(self.words(message, message.name.rpartition(".")[2]))

    def words(self, message: MarkedMessage, name: str) -> Words:
        """The words of `name` in the languages of the file of `message`."""
        return self.rules.vocabulary.words(name, self.spoken.get(message.full_name, frozenset()))

    def prefix(self, message: MarkedMessage) -> str | None:
        """The first word that most fields of a message share: `pax` in `pax_given`; it says nothing of each."""
        if message.full_name not in self._prefixes:
            first = Counter(self.words(message, inner.name)[0] for inner in message.fields)
            word, count = first.most_common(1)[0] if first else ("", 0)
            self._prefixes[message.full_name] = word if count >= 3 and count >= 0.6 * len(message.fields) else None
        return self._prefixes[message.full_name]

    def stand_in(self, words: Words) -> Words:
        """Write `rdr_id` out as `individual id`, where the fields of a message about a person begin with `rdr`."""
        if self._owners is None:
            whose: dict[str, set[Whom]] = {}
            for message in self.messages.values():
                prefix = self.prefix(message)
                if prefix is not None and prefix not in self.rules.vocabulary.known:
                    subject = self.subject(message)
                    whose.setdefault(prefix, set()).add(subject.whom if subject.itself else Whom.UNKNOWN)
            self._owners = {prefix for prefix, found in whose.items() if found == {Whom.PERSON}}
        return tuple("individual" if word in self._owners else word for word in words)

    def traced(self, message: MarkedMessage) -> bool:
        """Whether a message says how to reach somebody: then its city is somebody's city."""
        if message.full_name not in self._traced:
            names = [self.words(message, inner.name) for inner in message.fields]
            self._traced[message.full_name] = any(
                occurs(name, self.rules, lambda rule: rule.type in self.rules.types.traces) for name in names
            )
        return self._traced[message.full_name]

    def read(self, words: Words) -> Subject:
        """What a name says of whom it is about, read from its end."""
        if words not in self._read:
            self._read[words] = self._read_from_its_end(words)
        return self._read[words]

    def _read_from_its_end(self, words: Words) -> Subject:
        sorts = (self._any(words, "machine"), self._any(words, "place"), self._any(words, "animal"))
        index, certain = len(words), True
        while index > 0:
            whom, length = self._word_before(words[:index])
            if whom is Whom.PERSON or (certain and whom in (Whom.BUSINESS, Whom.THING)):
                return Subject(whom, certain and whom is Whom.PERSON, *sorts, words)
            certain = certain and whom is not None  # after a word that nobody listed only a person is believed
            index -= length
        return Subject(Whom.UNKNOWN, False, *sorts, words)

    def _word_before(self, words: Words) -> tuple[Whom | None, int]:
        """What the last word or words are, UNKNOWN for neutral ones and None for unlisted; and how many they are."""
        found: list[tuple[Whom | None, int]] = [(None, 1)]
        for whom in (Whom.PERSON, Whom.BUSINESS, Whom.THING):
            found.append((whom, ends_with(words, self.rules.entities[whom])))
        found.append((Whom.UNKNOWN, ends_with(words, self.rules.entities["neutral"])))
        longest = max(length for _, length in found[1:])
        return next(((whom, length) for whom, length in found[1:] if length and length == longest), (None, 1))

    def _any(self, words: Words, whom: str) -> bool:
        return any(ends_with(words[:index], self.rules.entities.get(whom, {})) for index in range(1, len(words) + 1))


def ends_with(words: Words, phrases: dict[str, list[Words]]) -> int:
    """How many words at the end of `words` are one of `phrases`; the longest."""
    if not words:
        return 0
    return max((len(phrase) for phrase in phrases.get(words[-1], []) if words[-len(phrase) :] == phrase), default=0)


def occurs(words: Words, rules: Rules, wanted: Callable[[Rule], bool]) -> bool:
    """Whether a rule for which `wanted` holds has a name in `words`."""
    for start, word in enumerate(words):
        for pattern in rules.by_first.get(word, []):
            if (
                isinstance(pattern.says, Rule)
                and words[start : start + len(pattern.words)] == pattern.words
                and start + len(pattern.words) == len(words)
                and wanted(pattern.says)
            ):
                return True
    return False


def names_of(messages: Iterable[MarkedMessage]) -> Iterable[str]:
    """All names in some messages: those of the messages, and those of their fields."""
    for message in messages:
        yield message.name
        for inner in message.fields:
            yield inner.name
