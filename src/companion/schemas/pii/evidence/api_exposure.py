"""What an interface does with personal data, beyond what each field holds: who gets it, how much, and by which way.

A field that holds a tax number is no fault. A method that hands out everybody's tax numbers to whoever asks for a list
is one, and so is a tax number in an address, which every proxy on the way writes into its log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from companion.schemas.pii.verdict import (
    Finding,
    Level,
    MarkedField,
    MarkedMessage,
    MarkedMethod,
    MarkedSchema,
    Verdict,
)
from companion.schemas.protobuf.http_rules import bindings
from companion.schemas.protobuf.model import Kind

PEOPLE = frozenset({
    "NAME", "DATE_OF_BIRTH", "GENDER", "EMAIL_PERSONAL", "EMAIL_WORK", "PHONE_PERSONAL", "PHONE_WORK", "ADDRESS_HOME",
    "SSN", "NATIONAL_ID", "PASSPORT", "DRIVERS_LICENSE", "MEDICAL_RECORD", "HEALTH_INSURANCE",
})  # fmt: skip
"""Types that only the record of a person holds."""

REFERENCES = frozenset({"PERSON_ID", "USERNAME", "EMPLOYEE_ID", "CUSTOMER_ID"})
"""Types by which other records say whom they belong to."""

SECRETS = frozenset({"PASSWORD", "CREDENTIAL"})
"""What opens something: a server needs to check it, and seldom to show it."""

_LISTS = re.compile(
    r"^(List|Search|Find|Query|Export|BatchGet|BatchRead|GetAll|FetchAll|Scan|Browse|Download|Dump)(?![a-z])"
)
_ISSUES = re.compile(
    r"^(Create|Generate|Issue|Rotate|Regenerate|Renew|Refresh|Enroll|Enrol|Mint|Exchange|Register|Provision|Begin|Start|Initiate|"
    r"Set[Uu]p|Add|Open|Log[Ii]n|Sign[IiUu][np]|Authenticate|Activate|Pair|Connect)(?![a-z])"
)
_ACCEPTED = re.compile(r"\bpii:ignore\b[ \t:]*\S")
_SHOWN = 3  # fields that a message names


def message_levels(schemas: Sequence[MarkedSchema], verdicts: Sequence[Verdict]) -> dict[str, Level]:
    """Give the highest level in each message, by its full name; a field with `pii:ignore` does not count."""
    return _Interface(schemas, verdicts).levels


def method_levels(schemas: Sequence[MarkedSchema], verdicts: Sequence[Verdict]) -> dict[str, Level]:
    """Give the higher level of request and response of each method, by its full name: `package.Service.Method`."""
    levels = message_levels(schemas, verdicts)
    return {
        _full_name(schema, method): max(
            (levels.get(name, Level.PUBLIC) for name in (method.request, method.response)), key=lambda level: level.rank
        )
        for schema in schemas
        if schema.judged
        for method in schema.methods
    }


def findings(schemas: Sequence[MarkedSchema], verdicts: Sequence[Verdict]) -> tuple[Finding, ...]:
    """Find the methods that hand out more than they should, or let it travel where it is written down.

    A method whose comment says `pii:ignore REASON` is passed over, and so is such a field.
    """
    interface = _Interface(schemas, verdicts)
    return tuple(
        finding
        for schema in schemas
        if schema.judged
        for method in schema.methods
        if not _ACCEPTED.search(method.comment)
        for finding in (
            *_lists_everyone(schema, method, interface),
            *_in_the_url(schema, method, interface),
            *_shows_secrets(schema, method, interface),
        )
    )


def _capitalised(name: str) -> str:
    """Some teams write `listUsers`."""
    return f"{name[:1].upper()}{name[1:]}"


def _full_name(schema: MarkedSchema, method: MarkedMethod) -> str:
    return f"{schema.package}.{method.service}.{method.name}".lstrip(".")


@dataclass(frozen=True)
class _Held:
    """A field, and what it was judged to hold."""

    field: MarkedField
    level: Level
    type: str | None

    @property
    def many(self) -> bool:
        return self.field.repeated or self.field.key_type is not None


class _Interface:
    """Messages by full name, with what their fields hold."""

    def __init__(self, schemas: Sequence[MarkedSchema], verdicts: Sequence[Verdict]) -> None:
        said = {(verdict.path, verdict.message, verdict.field.name): verdict for verdict in verdicts}
        self.fields: dict[str, list[_Held]] = {}
        for schema in schemas:
            for message in schema.messages:
                if message.declared:
                    self.fields[message.full_name] = list(_held(schema, message, said))
        self.levels = {
            name: max((held.level for held in inside), key=lambda level: level.rank, default=Level.PUBLIC)
            for name, inside in self.fields.items()
        }

    def inside(self, message: str, but: str = "") -> Iterator[tuple[str, _Held]]:
        """Every field that decides something in `message` and in what it holds, with one path that leads to it.

        The field `but` of `message` itself is passed over. A message is looked into once, and once more for each way
        into it that lets more through than those before: four times at most, however many ways there are.
        """
        seen = {} if but else {message: Level.HIGH.rank}  # the rank of what has been let through
        waiting = [(message, "", -1, Level.HIGH)]
        while waiting:
            current, path, before, highest = waiting.pop()
            inner = list[tuple[str, str, int, Level]]()
            for held in self.fields.get(current, []):
                if not path and held.field.name == but:
                    continue
                # a name may narrow what is inside (work_address), or give a mere wrapper its meaning (ssn of type Text)
                if before < held.level.rank <= highest.rank and self.levels.get(held.field.type) is not held.level:
                    yield f"{path}{held.field.name}", held
                level, known = min(held.level, highest, key=lambda level: level.rank), seen.get(held.field.type, -1)
                if held.field.type in self.fields and known < level.rank:
                    seen[held.field.type] = level.rank
                    inner.append((held.field.type, f"{path}{held.field.name}.", known, level))
            waiting += reversed(inner)

    def at(self, message: str, path: str) -> _Held | None:
        """The field to which `path` leads from `message`; None where it leads nowhere, or a name on it narrows it."""
        found, highest = None, Level.HIGH
        for name in path.split("."):
            found = next((held for held in self.fields.get(message, []) if held.field.name == name), None)
            if found is None or found.level.rank > highest.rank:
                return None
            message, highest = found.field.type, found.level
        return found

    def unwrapped(self, message: str) -> str:
        """Give what a message is about that does nothing but hold another one (and pages, counts and the like)."""
        for _ in range(_SHOWN):
            personal = [held for held in self.fields.get(message, []) if held.level is not Level.PUBLIC]
            if len(personal) != 1 or personal[0].many or personal[0].field.type not in self.fields:
                break
            message = personal[0].field.type
        return message

    def types(self, message: str) -> set[str | None]:
        """Give the types of the fields directly in a message."""
        return {held.type for held in self.fields.get(message, [])}


def _held(
    schema: MarkedSchema, message: MarkedMessage, said: Mapping[tuple[str, str, str], Verdict]
) -> Iterator[_Held]:
    for field in message.fields:
        verdict = said.get((schema.path, message.name, field.name))
        if verdict is None or field.ignored is not None:
            yield _Held(field, Level.PUBLIC, None)
        else:
            yield _Held(field, verdict.level, verdict.pii_type)


# ------------------------------------------------------------------------------------------------------- the findings


def _lists_everyone(schema: MarkedSchema, method: MarkedMethod, interface: _Interface) -> Iterator[Finding]:
    """A list, a search or a stream of people, each with what can ruin them."""
    for item in _items(method, interface):
        high = [(path, held) for path, held in interface.inside(item) if held.level is Level.HIGH]
        if high and _of_many_people(item, high, method, interface):
            short = item.rpartition(".")[2]
            said = f"{method.name} returns {short} after {short} with HIGH data: {_shown(high)}"
            fix = "Return a summary without these fields, and leave them to an audited method that reads one person."
            yield Finding(schema.path, method.line, "list-returns-high", Level.HIGH, said, fix)


def _items(method: MarkedMethod, interface: _Interface) -> list[str]:
    """The messages of which a method returns many, and that the caller has not just sent."""
    response = method.response if method.streams else interface.unwrapped(method.response)
    answer = interface.fields.get(response, [])
    # the record of one person may hold lists, while an answer that is a list says nothing of anyone beside it
    only_lists = all(held.many or held.level is Level.PUBLIC for held in answer)
    if method.streams:
        items = [response]
    elif only_lists or _LISTS.match(_capitalised(method.name)):
        items = [held.field.type for held in answer if held.many and held.field.kind is Kind.MESSAGE]
    else:
        items = []
    sent = {method.request, *(held.field.type for held in interface.fields.get(method.request, []))}
    return [interface.unwrapped(item) for item in dict.fromkeys(items) if item not in sent]


def _of_many_people(item: str, high: Sequence[tuple[str, _Held]], method: MarkedMethod, interface: _Interface) -> bool:
    """Whether a list of `item` is one of people, or of what belongs to people and the request does not say to whom."""
    if all(held.type in SECRETS for _, held in high):
        return False  # which is a finding of its own
    if interface.types(item) & PEOPLE:
        return True
    belongs = interface.types(item) & REFERENCES and not interface.types(method.request) & (REFERENCES | PEOPLE)
    return bool(belongs) and any(held.type not in SECRETS | {"API_KEY"} for _, held in high)


def _in_the_url(schema: MarkedSchema, method: MarkedMethod, interface: _Interface) -> Iterator[Finding]:
    """Whatever google.api.http puts into an address: the path's variables, and all that is in no body."""
    for verb, address, body in bindings(schema.source[method.span.start : method.span.end]):
        variables = [variable.strip() for variable in re.findall(r"\{([^}=]+)", address)]
        found = {path: interface.at(method.request, path) for path in variables}
        found |= dict(interface.inside(method.request, but=body)) if body != "*" else {}
        high = [(path, held) for path, held in found.items() if held is not None and held.level is Level.HIGH]
        if high:
            said = f"{method.name} takes HIGH data in the address of {verb} {address}: {_shown(high)}"
            fix = "Send it in the body of a POST, since proxies, browsers and access logs keep addresses."
            yield Finding(schema.path, method.line, "high-in-url", Level.HIGH, said, fix)


def _shows_secrets(schema: MarkedSchema, method: MarkedMethod, interface: _Interface) -> Iterator[Finding]:
    """A password or private key that comes back; whoever has just made one must be told it once."""
    secrets = [(path, held) for path, held in interface.inside(method.response) if held.type in SECRETS]
    if _ISSUES.match(_capitalised(method.name)) and method.request != method.response:
        secrets = [(path, held) for path, held in secrets if held.type == "PASSWORD"]
    if secrets:
        said = f"{method.name} returns secrets: {_shown(secrets)}"
        fix = "Return a flag that it is set, or let an audited method of its own return it and nothing else."
        yield Finding(schema.path, method.line, "secret-in-response", Level.HIGH, said, fix)


def _shown(held: Sequence[tuple[str, _Held]]) -> str:
    named = ", ".join(f"{path} ({one.type})" for path, one in held[:_SHOWN])
    return named if len(held) <= _SHOWN else f"{named} and {len(held) - _SHOWN} more"
