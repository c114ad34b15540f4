"""What the name of a field says, and the name of its type.

Several rules may find a phrase of theirs in one name. The reading that ends last decides, for the last word of an
English name says what the thing is: a passport country is a country, a password change date is a date.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from companion.schemas.pii.evidence.context import Whom, ends_with
from companion.schemas.pii.evidence.question import Question, Reading, about, applied, applies, holds
from companion.schemas.pii.evidence.values import kind_by_name
from companion.schemas.pii.rules.loading import Harmless, Pattern, Rule, Rules
from companion.schemas.pii.rules.name_words import Words, plain_words
from companion.schemas.pii.verdict import Level
from companion.schemas.protobuf.model import Kind


@dataclass(frozen=True)
class Match:
    """A phrase found in a name; `end` counts the words up to its last one, a fact about it included."""

    start: int
    end: int
    length: int
    says: Rule | Harmless
    fact: str | None = None
    inside: bool = False

    @property
    def weight(self) -> tuple[int, int, int]:
        """Later, then longer, then higher; a harmless phrase as long as a rule's was put there because of it.

        What a rule says of a name inside a certain message is more exact than either.
        """
        rank = self.says.level.rank if isinstance(self.says, Rule) else 4
        return self.end, self.length, rank + 5 * self.inside


def by_name(question: Question) -> Reading | None:
    """What the field's name says, with and without a prefix that its neighbours share."""
    words = question.context.words(question.message, question.field.name)
    last = question.rules.vocabulary.words(question.field.type.rpartition(".")[2])[-1]
    if question.field.kind is Kind.MESSAGE and last in question.rules.grammar.shown and not question.speaks_inside:
        shown = _read_name(question, (*words, last), question.around)
        if shown is not None and shown.type is not None:
            return shown
    found = _read_name(question, words, question.around)
    if found is None and len(words) > 1:
        prefix = question.context.prefix(question.message)
        if words[0] == prefix or (len(words[0]) == 1 and words[0].isalpha()):
            found = _read_name(question, words[1:], (*question.around, words[0]))
            if found is None and len(words) > 2 and len(words[-1]) == 1:  # mtc_usr_a, mtc_usr_b
                found = _read_name(question, words[1:-1], (*question.around, words[0]))
    if found is None:
        known = question.context.stand_in(words)
        found = _read_name(question, known, question.around) if known != words else None
    return found


def head(words: Words, purposes: Collection[str]) -> Words:
    """The words before the first that only tells a purpose: a `secret version for the token` is a version."""
    cut = next((index for index, word in enumerate(words[:-1]) if word in purposes and index), len(words))
    return words[:cut]


def _read_name(question: Question, words: Words, around: Words) -> Reading | None:
    before = head(words, question.rules.grammar.purposes)
    matches = list(phrases(question, before))
    matches += [match for match in phrases(question, words) if match.start < len(before) < match.start + match.length]
    matches += _broad_names(question, words, around) if question.use_message else ()
    if not matches:
        return None
    best = max(matches, key=lambda match: match.weight)
    if isinstance(best.says, Harmless):
        return Reading(Level.PUBLIC, None, best.says.why, best.says.source, broad=best.says.broad)
    if best.fact is not None:
        said = f'"{best.fact}" makes it a fact about the thing, not the thing itself'
        return Reading(Level.PUBLIC, None, said, best.says.source)
    lowered = _lowered(question)
    if lowered is not None:
        return Reading(Level.PUBLIC, None, f'its comment says "{lowered}"', best.says.source)
    return applied(question, best.says, words, best.start)


def phrases(question: Question, words: Words) -> Iterator[Match]:
    for start, word in enumerate(words):
        for pattern in question.rules.by_first.get(word, ()):
            end = start + len(pattern.words)
            if words[start:end] != pattern.words:
                continue
            if isinstance(pattern.says, Harmless):
                yield Match(start, end, len(pattern.words), pattern.says)
            elif applies(question, pattern.says, words, start, end) and not _another_thing(
                question, pattern, words, end
            ):
                fact = _fact(question.rules, pattern.says, words, end)
                last = end if fact is None else fact + 1
                yield Match(start, last, len(pattern.words), pattern.says, None if fact is None else words[fact])


def _another_thing(question: Question, pattern: Pattern, words: Words, end: int) -> bool:
    """Whether a word for contact data only says of which kind another thing is: a mail subject is no mail address."""
    rule = pattern.says
    rules = question.rules
    if not isinstance(rule, Rule) or rule.type not in rules.types.contact or len(pattern.words) > 1:
        return False
    after = words[end] if end < len(words) else ""
    return after in rules.vocabulary.known and after not in rules.grammar.same_thing and not after.isdigit()


def _fact(rules: Rules, rule: Rule, words: Words, end: int) -> int | None:
    """Where, after a rule's phrase, a word makes of the thing a fact about it."""
    facts = (index for index in range(end, len(words)) if words[index] in rules.facts or words[index] in rule.facts)
    return next((index for index in facts if words[index] not in rule.parts), None)


def _broad_names(question: Question, words: Words, around: Words) -> Iterator[Match]:
    for says, places, names in question.rules.inside:
        if isinstance(says, Harmless):
            yield from _of_things(question, says, places, names, words, around)
        elif (
            words in names
            and not (question.field.repeated and words == ("tag",))
            and any(_named_after(question.rules, around, place) for place in places)
            and holds(question, says, words)
            and about(question, says, words, 0, len(words))
        ):
            yield Match(0, len(words), len(words), says, inside=True)
    yield from _keys(question, words, around)


def _of_things(
    question: Question, says: Harmless, places: list[Words], names: set[Words], words: Words, around: Words
) -> Iterator[Match]:
    """A name that ends with a word that in such a message says nothing of a person: the condition of a product."""
    for start in range(len(words)):
        if (
            words[start:] in names
            and any(occurs_in(around, place) for place in places)
            and question.context.read(around).whom is not Whom.PERSON
            and question.context.read(words[:start]).whom is not Whom.PERSON
        ):
            yield Match(start, len(words), len(words) - start, says, inside=True)


def _keys(question: Question, words: Words, around: Words) -> Iterator[Match]:
    """The parts of a message that is the key of a person: a `UserId`."""
    grammar, persons = question.rules.grammar, question.rules.entities["person"]
    if not around or around[-1] not in grammar.keys or " ".join(words) not in grammar.in_keys:
        return
    person = around[-1 - ends_with(around[:-1], persons) : -1]
    rule = question.rules.key_of_a_person
    if person and person[-1] not in grammar.not_own and rule is not None and holds(question, rule, words):
        yield Match(0, len(words), len(words), rule, inside=True)


def occurs_in(words: Words, phrase: Words) -> bool:
    """Whether the words of `phrase` follow one another in `words`."""
    return any(words[index : index + len(phrase)] == phrase for index in range(len(words) - len(phrase) + 1))


def _named_after(rules: Rules, around: Words, place: Words) -> bool:
    """Whether a message is what `place` says, and not a fact about it: a `SecretRef` is no secret."""
    for index in range(len(around) - len(place) + 1):
        if around[index : index + len(place)] == place:
            return not set(around[index + len(place) :]) & (rules.facts - rules.grammar.no_facts)
    return False


def _lowered(question: Question) -> str | None:
    """The words of the comment that say that there is nothing personal, whatever the name says."""
    said = plain_words(question.field.comment) if question.use_comment else []
    for index, word in enumerate(said):
        for phrase in question.rules.lowered.get(word, ()):
            if tuple(said[index : index + len(phrase)]) == phrase:
                return " ".join(phrase)
    return None


def by_type(question: Question) -> Reading | None:
    """What the name of a type says that is not in the scan: `google.type.PostalAddress`, `SecretString`."""
    field, rules = question.field, question.rules
    if field.kind not in (Kind.MESSAGE, Kind.ENUM) or field.type in rules.wrappers | rules.open_boxes:
        return None
    name = field.type.rpartition(".")[2]
    words = rules.vocabulary.words(name)
    if " ".join(words) in rules.marks.types:
        return Reading(rules.marks.level, rules.marks.type, f"its type is called {name}", f"marks ({name})")
    if question.speaks_inside or kind_by_name(rules, field.type) is not None:
        return None
    best = max(phrases(question, words), key=lambda match: match.weight, default=None)
    if best is None or isinstance(best.says, Harmless) or best.fact is not None or best.end != len(words):
        return None
    reading = applied(question, best.says, words, best.start)
    return Reading(reading.level, reading.type, f"its type {name}: {best.says.why}", reading.source)


def by_value(question: Question) -> Reading | None:
    """What the message makes of a type that means nothing by itself: a coded term of a diagnosis, money of a payslip.

    Asked last, of a field whose own name says nothing, unless that name ends like a fact about something else.
    """
    field, rules = question.field, question.rules
    words = question.context.words(question.message, field.name)
    if field.kind is not Kind.MESSAGE or question.speaks_inside or not question.use_message or words[-1] in rules.facts:
        return None
    last = rules.vocabulary.words(field.type.rpartition(".")[2])
    for rule, places, types in rules.of_types:
        placed = not places or any(_named_after(rules, question.around, place) for place in places)
        ends = any(last[-len(name) :] == name for name in types)
        if ends and placed and about(question, rule, words, 0, 0):
            why = f"{field.type.rpartition('.')[2]} in {question.message.name}: {rule.why}"
            return Reading(rule.level, rule.type, why, rule.source)
    return None
