"""Two versions of a schema, in both directions, by the real codec: what became of each field."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from companion.calls.wire.evolution.compare.advice import advise
from companion.calls.wire.evolution.compare.shapes import Message, SchemaError, Schemas, Shape, Symbol, Unreadable
from companion.calls.wire.evolution.judge import LETTERS, same

ORDER = list(LETTERS)
ENDINGS = {".proto": "proto", ".thrift": "thrift", ".json": "json"}


@dataclass(frozen=True)
class Verdict:
    """What became of one field in one direction: the worst letter, and a value that it happened to."""

    letter: str
    sent: str = ""
    got: str = ""


@dataclass(frozen=True)
class Finding:
    """One field that copes less than well, or whose declaration has changed.

    `forward` is the old writer to the new reader, `backward` the new writer to the old reader.
    """

    message: str
    field: str
    change: str
    forward: Verdict
    backward: Verdict
    advice: str


@dataclass(frozen=True)
class Comparison:
    """All findings of two files, and what could not be judged."""

    format: str
    findings: list[Finding]
    messages: int
    fields: int
    removed: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    untried: list[str] = field(default_factory=list)

    def count(self, *letters: str) -> int:
        """How many findings have one of these letters as the worse of their two."""
        return sum(worst(one) in letters for one in self.findings)


def worst(finding: Finding) -> str:
    """The worse of a finding's two letters."""
    return max(finding.forward.letter, finding.backward.letter, key=ORDER.index)


def read(path: Path, include: Sequence[Path] = ()) -> Schemas:
    """Read one version, by what its name ends in; `include` are folders to look in for what a .proto file imports.

    Raises
    ------
    SchemaError
        When that is no schema; the message names the file.
    """
    kind = ENDINGS.get(path.suffix)
    if kind == "proto":
        from companion.calls.wire.evolution.compare.protos import Protos

        return Protos(path, include)
    if kind == "thrift":
        from companion.calls.wire.evolution.compare.thrifts import Thrifts

        return Thrifts(path)
    if kind == "json":
        from companion.calls.wire.evolution.compare.json_schemas import JsonSchemas

        return JsonSchemas(path)
    raise SchemaError(f"{path}: its name ends in none of {', '.join(ENDINGS)}")


def compare(
    old: Schemas, new: Schemas, *, samples: int = 50, seed: int = 2, renamed: Mapping[str, str] | None = None
) -> Comparison:
    """Send values from each version to the other, and judge.

    Parameters
    ----------
    old, new
        Two versions of one format.
    samples
        Values of each message in each direction.
    seed
        Of the values.
    renamed
        Fields that are one thing under two names: `{"Message.old": "new"}`.
    """
    if old.format != new.format:
        raise SchemaError(f"{old.format} and {new.format} cannot be compared")
    names = [name for name in old.messages if name in new.messages]
    findings: list[Finding] = []
    untried: list[str] = []
    for name in names:
        meant = {
            key.rpartition(".")[2]: value for key, value in (renamed or {}).items() if key.rpartition(".")[0] == name
        }
        found = _message(old, new, name, samples, seed, meant)
        if found is None:
            untried.append(name)
        else:
            findings += found
    return Comparison(
        old.format, findings, len(names), sum(len(new.messages[name]) for name in names),
        [name for name in old.messages if name not in new.messages],
        [name for name in new.messages if name not in old.messages], untried,
    )  # fmt: skip


def _message(
    old: Schemas, new: Schemas, name: str, samples: int, seed: int, meant: Mapping[str, str]
) -> list[Finding] | None:
    random_ = random.Random(f"{seed} {name}")
    forward = _direction(old, new, name, samples, random_, {after: before for before, after in meant.items()})
    backward = _direction(new, old, name, samples, random_, meant)
    if forward is None or backward is None:
        return None
    before, after = old.messages[name], new.messages[name]
    right = Verdict("=")
    findings = []
    for one in dict.fromkeys([*before, *after]):
        if one in meant:
            continue  # it is told under its new name
        earlier = next((was for was, now in meant.items() if now == one), one)
        there, back = forward.get(one, right), backward.get(earlier, right)
        change = _change(before, after, earlier, one)
        if change or there.letter != "=" or back.letter != "=":
            shapes = before.get(earlier), after.get(one)
            other = _of_tag(before, after[one].tag) if earlier not in before else _of_tag(after, before[earlier].tag)
            said = advise(old.format, *shapes, other, there.letter, back.letter)
            findings.append(Finding(name, one, change or "what it holds has changed", there, back, said))
    return findings


def _of_tag(message: Message, tag: int | None) -> str:
    return next((one.name for one in message.values() if tag is not None and one.tag == tag), "")


def _change(before: Message, after: Message, earlier: str, name: str) -> str:
    """Say how the declaration has changed."""
    if name not in after:
        heir = _of_tag(after, before[earlier].tag)
        return f"removed; its tag {before[earlier].tag} is now {heir}'s" if heir else "removed"
    if earlier not in before:
        heir = _of_tag(before, after[name].tag)
        return f"added with tag {after[name].tag}, which was {heir}'s" if heir else "added"
    one, two = before[earlier], after[name]
    said = [f"renamed from {earlier}"] if earlier != name else []
    said += [f"tag {one.tag} -> {two.tag}"] if one.tag != two.tag else []
    said += [f"{one.kind} -> {two.kind}"] if one.kind != two.kind else []
    said += ["now required" if two.required else "no longer required"] if one.required != two.required else []
    said += (
        [f"default {one.default!r} -> {two.default!r}"] if one.kind == two.kind and one.default != two.default else []
    )
    return ", ".join(said)


def _direction(
    writer: Schemas, reader: Schemas, name: str, samples: int, random_: random.Random, meant: Mapping[str, str]
) -> dict[str, Verdict] | None:
    """Judge each field that the reader knows, and those that it refuses; None when no value was found."""
    found: dict[str, Verdict] = {}
    shapes = reader.messages[name]
    for _ in range(samples):
        sent = writer.sample(name, random_)
        if sent is None:
            return None
        try:
            received = reader.decode(name, writer.encode(name, sent))
        except Unreadable as error:
            received = error.partial
            for blamed, why in _blamed(writer, reader, name, sent, error).items():
                received.pop(blamed, None)
                if not _told_elsewhere(writer, reader, writer.messages[name].get(blamed), shapes.get(blamed)):
                    _keep(found, blamed, Verdict("E", _shown(sent.get(meant.get(blamed, blamed))), why))
        for field_name, got in received.items():
            other = meant.get(field_name, field_name)
            letter = _letter(writer, reader, writer.messages[name].get(other), shapes[field_name], sent, other, got)
            _keep(found, field_name, Verdict(letter, _shown(sent[other]) if other in sent else "nothing", _shown(got)))
    return found


def _keep(found: dict[str, Verdict], name: str, verdict: Verdict) -> None:
    before = found.get(name)
    if before is None or ORDER.index(verdict.letter) > ORDER.index(before.letter):
        found[name] = verdict


def _blamed(writer: Schemas, reader: Schemas, name: str, sent: Mapping[str, Any], error: Unreadable) -> dict[str, str]:
    """Find out which field breaks a message: the codec says so, or each is sent alone."""
    if error.fields:
        return error.fields
    alone = {}
    for one, value in sent.items():
        try:
            reader.decode(name, writer.encode(name, {one: value}))
        except Unreadable as again:
            if not again.fields or one in again.fields:
                alone[one] = str(again)
    return alone or dict.fromkeys(sent, str(error))


def _told_elsewhere(writer: Schemas, reader: Schemas, was: Shape | None, now: Shape | None) -> bool:
    """Whether a field only holds a message that has its own findings."""
    if was is None or now is None or was.kind != now.kind or not was.inner:
        return False
    return was.inner == now.inner and was.inner in writer.messages and was.inner in reader.messages


def _letter(
    writer: Schemas, reader: Schemas, was: Shape | None, shape: Shape, sent: Mapping[str, Any], other: str, got: Any
) -> str:
    absent = got is None
    default = _equal(got, shape.default) or got in ("", b"", [], {}) or (got == 0 and not isinstance(got, Symbol))
    if other not in sent:
        # What a writer could have sent and did not, such as the other members of a oneof, is not there by right.
        return "=" if was is not None and (absent or default) else "n" if absent else "z" if default else "W"
    value = sent[other]
    if was is not None and was.kind == shape.kind and (shape.inner or _holds_messages(value)):
        if absent or (default and value):
            return "L"
        return "="  # messages within are judged under their own names
    if isinstance(value, dict) and isinstance(got, dict) and was is not None and was.inner and shape.inner:
        return _inner(writer, reader, was.inner, shape.inner, value, got)
    if _equal(value, got):
        return "="
    if _nameless(value, got):
        return "n"  # the reader is told a number that it has no name for
    return "L" if absent or default else "W"


def _nameless(sent: Any, got: Any) -> bool:
    if isinstance(sent, list) and isinstance(got, list):
        return len(sent) == len(got) and all(_nameless(*pair) or _equal(*pair) for pair in zip(sent, got, strict=True))
    return isinstance(sent, Symbol) and isinstance(got, Symbol) and not got.name and sent.number == got.number


def _inner(
    writer: Schemas, reader: Schemas, was: str, now: str, sent: Mapping[str, Any], got: Mapping[str, Any]
) -> str:
    """Judge a message that is read as one of another name."""
    before, after = writer.messages.get(was, {}), reader.messages.get(now, {})
    letters = [
        _letter(writer, reader, before.get(one), after[one], sent, one, got.get(one, after[one].default))
        for one in after
    ]
    return max(letters, key=ORDER.index, default="=")


def _holds_messages(value: Any) -> bool:
    items = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else []
    return any(isinstance(item, dict) for item in items)


def _equal(sent: Any, got: Any) -> bool:
    if isinstance(sent, Symbol) and isinstance(got, Symbol):
        return sent.name == got.name and (bool(sent.name) or sent.number == got.number)
    if isinstance(sent, bool) or isinstance(got, bool):
        return bool(sent == got)
    if isinstance(sent, bytes) and isinstance(got, str):
        return sent == got.encode()
    if isinstance(sent, str) and isinstance(got, bytes):
        return sent.encode() == got
    if isinstance(sent, list) and isinstance(got, list):
        return len(sent) == len(got) and all(map(_equal, sent, got))
    if isinstance(got, list) and len(got) == 1:
        return _equal(sent, got[0])  # one value has become a list of one, or the other way round
    if isinstance(sent, list) and len(sent) == 1:
        return _equal(sent[0], got)
    if isinstance(sent, Symbol) and isinstance(got, int):
        return sent.number == got
    if isinstance(got, Symbol) and isinstance(sent, int):
        return sent == got.number
    return same(sent, got)


def _shown(value: Any) -> str:
    if isinstance(value, Symbol):
        return value.name or str(value.number)
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
