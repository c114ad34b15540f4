"""Types that mean nothing by themselves: money, a date, an image, an identifier, a coded term, a wrapper of one text.

What is in such a message says how a value is written, and not what it tells of whom: two numbers and a currency may be
a salary or the price of a nail. So the field that holds it decides, by its own name, its message and its comment, as if
it were a plain text or number. A type is known for one by its name (`Money`, `LocalDate`, `CodeableConcept`) or by what
it consists of (`value` and `unit`); the words for both are in the rules, under `kinds` and `value_parts`.
"""

from __future__ import annotations

from companion.schemas.pii.evidence.context import Context
from companion.schemas.pii.rules.loading import Rules
from companion.schemas.pii.rules.name_words import Words
from companion.schemas.pii.verdict import MarkedField, MarkedMessage
from companion.schemas.protobuf.model import Kind

_MOST_FIELDS = 8
_MOST_DEEP = 8
_SPEAKING = ("bytes", "time", "text", "enum", "number", "flag")  # of several parts, the first of these is the value


def is_value(context: Context, message: MarkedMessage) -> bool:
    """Whether a message means nothing by itself, so that the field that holds it decides."""
    return message.full_name in context.values


def find_values(context: Context) -> dict[str, str]:
    """Find the messages that mean nothing by themselves: full name, and what it holds in the words of `holds`.

    A value may consist of values, a period of two dates, so all are looked at again with what the round before found;
    what is nested deeper than any value is none.
    """
    for _ in range(_MOST_DEEP):
        found = {name: kind for name, each in context.messages.items() if (kind := _find(context, each)) is not None}
        if found == context.values:
            break
        context.values = found
    return context.values


def kind_by_name(rules: Rules, full_name: str) -> str | None:
    """What a type holds that is called like a value: `google.type.Money` is a number, and so is a `BigDecimal`."""
    words = rules.vocabulary.words(full_name.rpartition(".")[2])
    for kind, names in rules.kinds.items():
        if full_name in names:
            return kind
    for start in range(len(words)):
        end = " ".join(words[start:])
        found = next((kind for kind, names in rules.kinds.items() if end in names), None)
        if found is not None and set(words[:start]) <= rules.grammar.of_values:
            return found
    return None


def _find(context: Context, message: MarkedMessage) -> str | None:
    if not 0 < len(message.fields) <= _MOST_FIELDS:
        return None
    named = kind_by_name(context.rules, message.full_name)
    kinds = [_part(context, message, field, else_="own" if named else None) for field in message.fields]
    held = [context.messages[field.type] for field in message.fields if field.type in context.messages]
    if named is not None and all(inner is message or is_value(context, inner) for inner in held):
        return next((kind for kind in _SPEAKING if kind in kinds), named)
    words = context.words(message, message.name.rpartition(".")[2])
    if None in kinds or words[-1] in context.rules.facts or words[-1] in context.rules.grammar.protocol:
        return None
    return next((kind for kind in _SPEAKING if kind in kinds), None)


def _part(context: Context, message: MarkedMessage, field: MarkedField, else_: str | None) -> str | None:
    """What a field of a value tells: a kind of value, "" for how to read it, None where it is more than such a part."""
    words: Words = context.words(message, field.name)
    role = next((role for role, names in context.rules.value_parts.items() if " ".join(words) in names), else_)
    if role is None:
        return None
    inner = context.messages.get(field.type)
    if field.kind is Kind.MESSAGE and inner is not None:
        own = context.values.get(inner.full_name)
    elif field.kind is Kind.MESSAGE:
        own = kind_by_name(context.rules, field.type)
    else:
        own = field.kind.value
    if own is None or role == "beside":
        return None if own is None else ""
    return own if role == "own" else role
