"""Whom a message is about: `name` of a patient is personal, `name` of a part is not.

A message's name is read from its end, as English names are: `CustomerSettings` are settings, `SettingsCustomer` a
customer. Words that only tell the role in a protocol (Request, Entry, Details) are passed over. Where the name says
nothing, the message around it is asked, then the fields that hold it, then the methods that carry it, and last its own
fields: whoever has a birth date is a person.
"""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

from companion.schemas.pii.rules.loading import Rule, Rules
from companion.schemas.pii.rules.name_words import Words
from companion.schemas.pii.verdict import MarkedField, MarkedMessage, MarkedSchema


class Whom(enum.StrEnum):
    """Whom, or what, a message is about."""

    PERSON = "person"
    BUSINESS = "business"
    THING = "thing"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Subject:
    """What the name of a message tells, and who told it."""

    whom: Whom
    itself: bool = False  # the message *is* the person, rather than something of theirs
    machine: bool = False
    place: bool = False
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
    _subjects: dict[str, Subject] = field(default_factory=dict)
    _prefixes: dict[str, str | None] = field(default_factory=dict)
    _owners: set[str] | None = None
    _traced: dict[str, bool] = field(default_factory=dict)

    def subject(self, message: MarkedMessage) -> Subject:
        """Whom `message` is about."""
        known = self._subjects.get(message.full_name)
        if known is None:
            self._subjects[message.full_name] = Subject(Whom.UNKNOWN)  # for messages that hold each other
            known = self._subjects[message.full_name] = self._find(message)
        return known

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

    def _find(self, message: MarkedMessage) -> Subject:
        outer, _, own = message.name.rpartition(".")
        words = self.words(message, own)
        subject = self.read(words)
        if subject.whom is not Whom.UNKNOWN:
            return subject
        outer_message = self.messages.get(message.full_name.rpartition(".")[0]) if outer else None
        if outer_message is not None:
            around = self.subject(outer_message)
            if around.whom is not Whom.UNKNOWN:
                return replace(around, itself=False, words=words + around.words)
        found = (
            self._from_fields(message, words) or self._from_namesake(message, words) or self._from_use(message, words)
        )
        return replace(found or subject, machine=subject.machine, place=subject.place)

    def traced(self, message: MarkedMessage) -> bool:
        """Whether a message says how to reach somebody: then its city is somebody's city."""
        if message.full_name not in self._traced:
            names = [self.words(message, inner.name) for inner in message.fields]
            self._traced[message.full_name] = any(
                occurs(name, self.rules, lambda rule: rule.type in self.rules.types.traces) for name in names
            )
        return self._traced[message.full_name]

    def _from_namesake(self, message: MarkedMessage, words: Words) -> Subject | None:
        """`GetAccountRequest` is about whom `Account` is about."""
        core = tuple(word for word in words if word not in self.rules.grammar.protocol)
        other = self.named.get((message.full_name.removesuffix(message.name), core))
        if other is None or other is message:
            return None
        around = self.subject(other)
        return replace(around, words=words) if around.whom is not Whom.UNKNOWN else None

    def _from_use(self, message: MarkedMessage, words: Words) -> Subject | None:
        found = []
        for holder, used in self.holders.get(message.full_name, []):
            by_name = self.read(self.rules.vocabulary.words(used.name))
            around = self.subject(self.messages[holder])
            found.append(by_name if by_name.whom is not Whom.UNKNOWN else around)
        found += [self.read(method) for method in self.callers.get(message.full_name, [])]
        for whom in (Whom.PERSON, Whom.UNKNOWN, Whom.BUSINESS, Whom.THING):  # two readings: the one that protects more
            for subject in found:
                if subject.whom is whom and whom is not Whom.UNKNOWN:
                    return Subject(whom, False, subject.machine, subject.place, words + subject.words)
            if whom is Whom.UNKNOWN and any(subject.whom is whom for subject in found):
                return None
        return None

    def _from_fields(self, message: MarkedMessage, words: Words) -> Subject | None:
        names = [self.words(message, inner.name) for inner in message.fields]
        if any(occurs(name, self.rules, _marks_a_person) for name in names):
            return Subject(Whom.PERSON, itself=self._only_neutral(words), words=words)
        return None

    def _only_neutral(self, words: Words) -> bool:
        """Whether a name says nothing but its role: an `Account` whose fields are a person's is the person's own."""
        neutral = self.rules.entities["neutral"]
        return all((word,) in neutral.get(word, []) for word in words)

    def read(self, words: Words) -> Subject:
        """What a name says of whom it is about, read from its end."""
        machine, place = self._any(words, "machine"), self._any(words, "place")
        index, certain = len(words), True
        while index > 0:
            whom, length = self._word_before(words[:index])
            if whom is Whom.PERSON or (certain and whom in (Whom.BUSINESS, Whom.THING)):
                return Subject(whom, certain and whom is Whom.PERSON, machine, place, words)
            certain = certain and whom is not None  # after a word that nobody listed only a person is believed
            index -= length
        return Subject(Whom.UNKNOWN, False, machine, place, words)

    def _word_before(self, words: Words) -> tuple[Whom | None, int]:
        """What the last word or words are, UNKNOWN for neutral ones and None for unlisted; and how many they are."""
        found: list[tuple[Whom | None, int]] = [(None, 1)]
        for whom in (Whom.PERSON, Whom.BUSINESS, Whom.THING):
            found.append((whom, ends_with(words, self.rules.entities[whom])))
        found.append((Whom.UNKNOWN, ends_with(words, self.rules.entities["neutral"])))
        longest = max(length for _, length in found[1:])
        return next(((whom, length) for whom, length in found[1:] if length and length == longest), (None, 1))

    def _any(self, words: Words, whom: str) -> bool:
        return any(ends_with(words[:index], self.rules.entities[whom]) for index in range(1, len(words) + 1))


def ends_with(words: Words, phrases: dict[str, list[Words]]) -> int:
    """How many words at the end of `words` are one of `phrases`; the longest."""
    if not words:
        return 0
    return max((len(phrase) for phrase in phrases.get(words[-1], []) if words[-len(phrase) :] == phrase), default=0)


def _marks_a_person(rule: Rule) -> bool:
    return rule.marks and rule.about != "person"


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


def make_context(schemas: Sequence[MarkedSchema], rules: Rules) -> Context:
    """Look once at all schemas: who holds whom, and which language each file speaks."""
    messages = {message.full_name: message for schema in schemas for message in schema.messages if message.declared}
    context = Context(rules, messages, {})
    for schema in schemas:
        spoken = rules.vocabulary.spoken(_names(schema.messages))
        for message in schema.messages:
            context.spoken[message.full_name] = spoken
            package = message.full_name.removesuffix(message.name)
            context.named.setdefault((package, context.words(message, message.name)), message)
            for inner in message.fields:
                if inner.type in messages and message.declared:
                    context.holders.setdefault(inner.type, []).append((message.full_name, inner))
        for method in schema.methods:
            for carried in (method.request, method.response):
                words = rules.vocabulary.words(method.name)
                context.callers.setdefault(carried, []).append(words)
    return context


def _names(messages: Iterable[MarkedMessage]) -> Iterable[str]:
    for message in messages:
        yield message.name
        for inner in message.fields:
            yield inner.name
