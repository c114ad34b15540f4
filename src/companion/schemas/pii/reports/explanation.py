"""Why a field is judged as it is: everything that was asked, what it answered, and what there is to do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches

from companion.schemas.pii.evidence.comments import by_comment, by_options
from companion.schemas.pii.evidence.context import Context, Whom
from companion.schemas.pii.evidence.names import by_name, by_type, by_value
from companion.schemas.pii.evidence.question import Question, Reading
from companion.schemas.pii.evidence.subjects import make_context
from companion.schemas.pii.reports.baseline import Baseline
from companion.schemas.pii.reports.plain import clean, field_name
from companion.schemas.pii.rules.loading import Rules
from companion.schemas.pii.verdict import Level, MarkedField, MarkedMessage, MarkedSchema, Scan, Verdict

_EVIDENCE: dict[str, Callable[[Question], Reading | None]] = {
    "its name": by_name,
    "its type": by_type,
    "its options": by_options,
    "its comment": by_comment,
    "type here": by_value,
}
_WHOM = {
    Whom.PERSON: "about a person",
    Whom.BUSINESS: "about a business",
    Whom.THING: "about a thing",
    Whom.UNKNOWN: "about nobody that we know of",
}


def explain(name: str, scan: Scan, rules: Rules, baseline: Baseline | None = None) -> str:
    """Explain the verdict on every field of a name.

    Parameters
    ----------
    name
        `field`, `Message.field`, or with the package before it.
    scan
        What was found.
    rules
        The rules that decided.
    baseline
        What was accepted earlier.

    Raises
    ------
    ValueError
        When no field is called so; the message names those that are called much like it.
    """
    context = make_context(scan.schemas, rules)
    verdicts = {(verdict.path, verdict.message, verdict.field.name): verdict for verdict in scan.verdicts}
    parts, names = [], set()
    for schema, message, field in _fields(scan.schemas):
        names |= {field.name, f"{message.name}.{field.name}"}
        verdict = verdicts.get((schema.path, message.name, field.name))
        if verdict is not None and f".{message.full_name}.{field.name}".endswith(f".{name}"):
            parts.append("\n".join(_lines(verdict, message, context, baseline)))
    if not parts:
        near = get_close_matches(name, sorted(names), n=3)
        raise ValueError(f"no field is called {name!r}{', but ' + ', '.join(near) if near else ''}")
    return "\n\n".join(parts) + "\n"


def _fields(schemas: Sequence[MarkedSchema]) -> Iterator[tuple[MarkedSchema, MarkedMessage, MarkedField]]:
    for schema in schemas:
        if schema.judged:
            for message in schema.messages:
                for field in message.fields:
                    yield schema, message, field


def _lines(verdict: Verdict, message: MarkedMessage, context: Context, baseline: Baseline | None) -> Iterator[str]:
    field = verdict.field
    kind = f"{'repeated ' if field.repeated else ''}{field.type}"
    yield f"{clean(field_name(verdict))}, a {kind}, {clean(verdict.path)}:{field.line}"
    rows = [("verdict", f"{verdict.level} {verdict.pii_type or ''}".strip())]
    rows += [("because", verdict.reason), ("decided by", verdict.source), *_rule(verdict, context.rules)]
    subject = context.subject(message)
    rows.append(("words", " ".join(context.words(message, field.name))))
    rows.append(("message", f"{message.name or 'extensions'}, {_WHOM[subject.whom]}"))
    rows.append(("a person's?", f"yes: {verdict.about}" if verdict.about else "nothing beside it says so"))
    question = Question(context, message, field, subject)
    for what, ask in _EVIDENCE.items():
        reading = ask(question)
        said = f"{reading.level} {reading.type or ''}".strip() if reading else "says nothing"
        rows.append((what, f"{said}: {reading.reason} [{reading.source}]" if reading else said))
    if field.comment:
        rows.append(("comment", field.comment))
    rows.append(("what to do", _to_do(verdict, baseline)))
    for title, said in rows:
        yield f"  {title:<11}  {clean(said)}"


def _rule(verdict: Verdict, rules: Rules) -> Iterator[tuple[str, str]]:
    for rule in rules.rules:
        if rule.source == verdict.source:
            asks = "anyone" if rule.about == "anyone" else rule.about.replace("_", " ")
            yield "rule", f"{rule.id}: {rule.why}; speaks of {asks}, where the value is {' or '.join(rule.holds)}"


def _to_do(verdict: Verdict, baseline: Baseline | None) -> str:
    field = verdict.field
    if field.mark is not None:
        asked = ", ".join(field.mark.protections).lower() or "no protection"
        return f"nothing: it is marked, and asks for {asked}"
    if verdict.level is Level.PUBLIC and verdict.about is not None:
        return "no rule asks for any; but whoever asks for a copy of their data, or for its deletion, means this, too"
    if verdict.level is Level.PUBLIC:
        return "nothing; if it is personal after all, tell us with `companion pii learn` or a rule of your own"
    if field.ignored is not None:
        return f"nothing: whoever wrote it says `pii:ignore {field.ignored}`"
    entry = baseline.accepts(verdict) if baseline else None
    if entry is not None:
        return f"nothing: the baseline accepts it ({entry.reason})"
    return (
        "`companion pii annotate` marks it; if it is not what we take it for, "
        "say so in its comment: `pii:ignore` and the reason"
    )
