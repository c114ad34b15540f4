"""What people wrote about a field without naming it: other maintainers' marks, and the comment.

Comments mislead when they are read as prose: they speak of other fields, of what happens when, of what is not there. So
we read the first clause, look for what a rule knows, and pass over it when a word before says that the field is
something else ("the name of the secret").
"""

from __future__ import annotations

import re

from companion.schemas.pii.evidence.context import Whom, ends_with
from companion.schemas.pii.evidence.names import head, phrases
from companion.schemas.pii.evidence.question import Question, Reading, about, applied
from companion.schemas.pii.rules.loading import Harmless, Rule
from companion.schemas.pii.rules.name_words import Words, first_clause, plain_words
from companion.schemas.pii.verdict import Level

PERSONAL = "PERSONAL"
"""The type of a field that is called personal by a mark without a type."""

_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_TEXT = r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'"
_VALUE = re.compile(
    rf"""{_TEXT} | (?: \( \s* (?P<scope>[\w.]+) \s* \) (?: \s* (?P<tail>[\w.]+) )? | (?<![\w.]) (?P<path>[\w.]+) )
    \s* [:=] \s*
    (?P<value> \[ (?: {_TEXT} | [^\[\]"'] )* \] | (?: (?:{_TEXT}) \s* )+ | [\w.+-]+ )""",
    re.VERBOSE,
)
_PART_OF_VALUE = re.compile(rf"{_TEXT}|[\w.+-]+")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_MOST = 20_000  # characters of options that are read
_SHORT_VALUE = 5  # words; what is longer is prose
_SHORTENED = re.compile(r"\b(incl|excl|approx|no|nr|e\.g|i\.e|max|min|resp)\.\s", re.IGNORECASE)
_BEHAVIOUR = re.compile(
    r"^(?:(?:required|optional|output only|input only|immutable|deprecated|identifier)[.:,]\s*)+", re.IGNORECASE
)


def by_options(question: Question) -> Reading | None:
    """What another maintainer marked: `debug_redact`, an option of their own that says sensitive or secret."""
    if not question.field.options or question.kind == "flag":  # a flag has no secret to keep
        return None
    marks = question.rules.marks
    personal = _called_personal(question)
    if question.kind in ("enum", "time"):
        return personal
    options = _STRING.sub('""', question.field.options)  # what a string says marks nothing
    for option in marks.options:
        word = rf"(?<![A-Za-z_]){re.escape(option)}(?![A-Za-z_])"
        if re.search(rf"{word}[^,=\]]*=(?!\s*(?:false|0)\b)", options, re.IGNORECASE):
            return Reading(marks.level, marks.type, f"a maintainer marked it: {option}", f"marks ({option})")
    return personal


def _called_personal(question: Question) -> Reading | None:
    """A mark that calls the field personal and leaves it to the rest to say in which way: `(data).tags = "PII"`."""
    marks = question.rules.marks
    phrases = {_words(phrase): level for phrase, level in marks.personal.items()}
    valued, denied = [_words(name) for name in marks.valued], {word.lower() for word in marks.denied}
    found: list[tuple[Level, str]] = []
    for match in _VALUE.finditer(question.field.options[:_MOST]):
        if match["value"] is None:
            continue  # a text in between
        names = [
            name
            for name in ((match["scope"] or "").rpartition(".")[2], *(match["path"] or match["tail"] or "").split("."))
            if name
        ]
        parts = [part.strip("\"'") for part in _PART_OF_VALUE.findall(match["value"])]
        values = [words for words in map(_words, parts) if not denied & set(words) and len(words) <= _SHORT_VALUE]
        if values:
            found += [
                (level, name)
                for name in names
                for phrase, level in phrases.items()
                if _words(name) in (phrase, ("is", *phrase), ("contains", *phrase), ("has", *phrase))
            ]
        if any(_words(name)[-len(end) :] == end for name in names for end in valued):
            found += [
                (level, f"{names[-1]} {' '.join(words)}")
                for words in values
                for phrase, level in phrases.items()
                if any(words[at : at + len(phrase)] == phrase for at in range(len(words)))
            ]
    if not found:
        return None
    level, said = max(found, key=lambda one: one[0].rank)
    by_its_comment = by_comment(question) if question.use_comment else None
    if by_its_comment is not None and by_its_comment.type is not None:
        return by_its_comment
    return Reading(level, PERSONAL, f"a maintainer marked it: {said}", f"marks ({said})")


def _words(text: str) -> Words:
    return tuple(word.lower() for word in _WORD.findall(text))


def by_comment(question: Question) -> Reading | None:
    """What the first clause of the comment names, unless the name says that the field is a fact about something."""
    words = question.context.words(question.message, question.field.name)
    if not question.field.comment or question.kind == "time":
        return None
    if words[-1] in question.rules.facts:
        return _by_referent(question, words) or _by_opening(question)
    if question.speaks_inside:
        return None  # what is inside has spoken
    clause, grammar = _first_clause(question.field.comment), question.rules.grammar
    harmless = _harmless(question, clause)
    found: list[tuple[int, Rule, Words]] = []
    for start, word in enumerate(clause):
        for pattern in question.rules.in_comments.get(word, ()):
            rule = pattern.says
            if (
                isinstance(rule, Rule)
                and (start <= 5 or len(pattern.words) > 1)
                and tuple(clause[start : start + len(pattern.words)]) == pattern.words
                and question.kind in rule.holds
                and not set(clause[:start]) & (grammar.negations | grammar.prose | question.rules.facts)
                and start not in harmless
                and (len(pattern.words) > 1 or _says_what_it_holds(question, rule, clause, start))
                and about(question, rule, (), 0, 0)
            ):
                found.append((start, rule, pattern.words))
    if found:
        _, rule, phrase = min(found, key=lambda item: (-item[1].level.rank, item[0]))
        return Reading(rule.level, rule.type, f'its comment says "{" ".join(phrase)}": {rule.why}', rule.source)
    if question.kind == "flag":
        return None
    return _by_plain_statement(question) or _by_short_comment(question, clause) or _by_who(question, clause)


def _harmless(question: Question, said: list[str]) -> set[int]:
    """Where in a comment a phrase stands that means something else: a `race condition`."""
    return {
        place
        for start, word in enumerate(said)
        for pattern in question.rules.in_comments.get(word, ())
        if isinstance(pattern.says, Harmless) and tuple(said[start : start + len(pattern.words)]) == pattern.words
        for place in range(start, start + len(pattern.words))
    }


def _says_what_it_holds(question: Question, rule: Rule, clause: list[str], at: int) -> bool:
    """Whether a lone word is what the field holds, and not what is done, or a word before another thing.

    "Disabled by default" tells of a behaviour, "the diagnosis of an error" of a thing; "diagnosis" and "illness of the
    guest" tell what is there.
    """
    if rule.level is not Level.HIGH:
        return True
    grammar, persons = question.rules.grammar, question.rules.entities["person"]
    before = question.rules.vocabulary.words(" ".join(clause[:at])) if at else ()
    somebody = any(ends_with(before[:end], persons) for end in range(1, len(before) + 1))
    if set(clause[:at]) & grammar.verbs and not somebody:
        return False
    after = clause[at + 1 :]
    if after and after[0] not in grammar.after_a_word:
        return False
    if after[:1] != ["of"] or question.subject.whom is Whom.PERSON:
        return True
    whose = [word for word in after[1:4] if word not in ("the", "a", "an", "our", "your", "this", "each")]
    return any(
        question.context.read(question.rules.vocabulary.words(" ".join(whose[:length]))).whom is Whom.PERSON
        for length in (1, 2)
    )


def _by_plain_statement(question: Question) -> Reading | None:
    """Three words and more that a rule knows count wherever in the comment they stand: `whoever has it can ...`."""
    said, grammar = plain_words(question.field.comment)[:80], question.rules.grammar
    harmless = _harmless(question, said)
    for start, word in enumerate(said):
        for pattern in question.rules.in_comments.get(word, ()):
            rule, length = pattern.says, len(pattern.words)
            if (
                isinstance(rule, Rule)
                and length >= (2 if rule.type == "FREE_TEXT" else 3)
                and start not in harmless
                and tuple(said[start : start + length]) == pattern.words
                and question.kind in rule.holds
                and not set(said[max(0, start - 4) : start])
                & (grammar.negations if length > 3 or rule.type == "FREE_TEXT" else grammar.negations | grammar.prose)
                and about(question, rule, (), 0, 0)
            ):
                return Reading(
                    rule.level, rule.type, f'its comment says "{" ".join(pattern.words)}": {rule.why}', rule.source
                )
    return None


def _by_short_comment(question: Question, clause: list[str]) -> Reading | None:
    """A comment of a few words is a better name: `no_1 // passport number`."""
    spoken = question.context.spoken.get(question.message.full_name, frozenset())
    grammar = question.rules.grammar
    words = head(question.rules.vocabulary.words(" ".join(clause), spoken), grammar.purposes)
    if (
        not 0 < len(words) <= 5
        or set(clause) & (grammar.prose - grammar.in_names | grammar.verbs)
        or question.field.comment.isupper()
        or (grammar.negations - {"no"}) & set(words)
        or _harmless(question, clause)
    ):
        return None
    found = [match for match in phrases(question, words) if isinstance(match.says, Harmless) or not match.says.last]
    about = question.rules.facts | {"name", "id"}  # `the name of the secret` is a name
    found = [match for match in found if not set(words[: match.start]) & about]
    best = max(found, key=lambda match: match.weight, default=None)
    if best is None or isinstance(best.says, Harmless) or best.fact is not None:
        return None
    if best.length == 1 and best.end != len(words):
        return None  # a lone word that does not end the clause only happens to be there
    reading = applied(question, best.says, words, best.start)
    said = f'its comment says "{" ".join(clause)}": {best.says.why}'
    return Reading(reading.level, reading.type, said, reading.source)


def _by_referent(question: Question, words: Words) -> Reading | None:
    """The id of a person, when a short comment says whose: `partner_id // The other member.`"""
    rule = next((rule for rule in question.rules.rules if rule.id == "done-by"), None)
    clause = first_clause(question.field.comment)
    if (
        rule is None
        or words[-1] not in question.rules.grammar.references
        or question.kind not in rule.holds
        or len(clause) > 6
    ):
        return None
    named = question.rules.vocabulary.words(" ".join(clause))
    persons = question.rules.entities["person"]
    if not any(ends_with(named[:end], persons) for end in range(1, len(named) + 1)):
        return None
    return Reading(rule.level, rule.type, f'its comment says "{" ".join(clause)}": {rule.why}', rule.source)


def _by_opening(question: Question) -> Reading | None:
    """A comment that opens with what ruins somebody, though the name ends like a fact: a fingerprint template."""
    clause = _first_clause(question.field.comment)
    for start, word in enumerate(clause[:2]):
        for pattern in question.rules.in_comments.get(word, ()):
            rule, end = pattern.says, start + len(pattern.words)
            if (
                isinstance(rule, Rule)
                and rule.level is Level.HIGH
                and len(pattern.words) > 1
                and tuple(clause[start:end]) == pattern.words
                and question.kind in rule.holds
                and not set(clause[end : end + 1]) & question.rules.facts
            ):
                said = f'its comment says "{" ".join(pattern.words)}": {rule.why}'
                return Reading(rule.level, rule.type, said, rule.source)
    return None


def _by_who(question: Question, clause: list[str]) -> Reading | None:
    """A comment that begins with "who" tells of somebody: `scan_uid // who held the scanner`."""
    if clause[:1] == ["in"] and clause[-1] == "words":
        rule = next((rule for rule in question.rules.rules if rule.id == "free-text"), None)
        if rule is not None and question.kind in rule.holds:
            return Reading(rule.level, rule.type, f'its comment says "{" ".join(clause)}": {rule.why}', rule.source)
    rule = next((rule for rule in question.rules.rules if rule.id == "done-by"), None)
    if rule is None or clause[:1] not in (["who"], ["whoever"], ["whom"]) or question.kind not in rule.holds:
        return None
    return Reading(rule.level, rule.type, f'its comment says "{" ".join(clause[:4])}": {rule.why}', rule.source)


def _first_clause(comment: str) -> list[str]:
    """The words of a comment up to its first stop, at most a dozen; how a field behaves is passed over."""
    text = _SHORTENED.sub(r"\1 ", _BEHAVIOUR.sub("", " ".join(comment.split())))
    return first_clause(text)[:12]
