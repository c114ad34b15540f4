"""The tree of imports that protoc is shown: which files are compiled together, and under which names."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from companion.schemas.pii.model import Problem
from companion.schemas.pii.sources import Source, bundled_roots

# Definitions that are so common that their absence is no news; nothing in them says what a field holds.
WELL_KNOWN = re.compile(
    r"^(google/(api|type|rpc|longrunning|iam|logging)/|buf/validate/|validate/validate\.proto|gogoproto/|protoc-gen-)"
)
Batch = list[list[Source]]  # components: groups of files that import each other


@dataclass
class Workspace:
    """The tree of imports that protoc sees, and what had to be changed in it."""

    names: dict[str, Source]
    texts: dict[str, bytes]
    missing: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    passed_on: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)

    def state(self) -> tuple[object, ...]:
        """Everything that a repair can change, to see whether it changed anything."""
        return dict(self.texts), set(self.types), set(self.passed_on)


def bundled(source: Source) -> bool:
    return any(source.path.is_relative_to(root.resolve()) for root in bundled_roots())


def components(sources: list[Source]) -> list[list[Source]]:
    """Group the sources that import each other, directly or not."""
    group = {id(source): [source] for source in sources}
    for source in sources:
        for other in source.found.values():
            if id(other) in group and group[id(other)] is not group[id(source)]:
                merged = group[id(source)] + group[id(other)]
                group.update({id(member): merged for member in merged})
    return list({id(members): members for members in group.values()}.values())


def batches(groups: list[list[Source]]) -> list[Batch]:
    """Put components together as long as they agree on what each import name means: one run of protoc serves many."""
    found: list[tuple[dict[str, Source], Batch]] = []
    for component in groups:
        meant = {name: other for source in component for name, other in source.found.items()}
        for names, members in found:
            if all(names.get(name, other) is other for name, other in meant.items()):
                names.update(meant)
                members.append(component)
                break
        else:
            found.append((meant, [component]))
    return [members for _, members in found]


def one_by_one(component: list[Source]) -> list[Batch]:
    """Each file that is asked for, with what it needs, as a batch of its own."""
    return [[_closure(source)] for source in component if source.judged]


def _closure(source: Source) -> list[Source]:
    needed, pending = {id(source): source}, [source]
    while pending:
        for other in pending.pop().found.values():
            if id(other) not in needed and not bundled(other):
                needed[id(other)] = other
                pending.append(other)
    return list(needed.values())


def workspace_of(batch: Batch) -> Workspace:
    sources = [source for component in batch for source in component]
    workspace = Workspace({}, {})
    named: dict[int, str] = {}
    for source in sources:
        for name, other in source.found.items():
            if bundled(other):
                continue
            if id(other) in named and named[id(other)] != name:
                workspace.texts[name] = f'syntax = "proto2";\nimport public "{named[id(other)]}";\n'.encode()
            else:
                named[id(other)] = name
    for index, source in enumerate(sources):
        name = named.get(id(source), f"companion/files/{index}.proto")
        workspace.names[name] = source
        workspace.texts[name] = _in_utf8(source.content)
        for wanted, line in source.missing:
            workspace.missing.add(wanted)
            if not WELL_KNOWN.match(wanted):
                said = f'import "{wanted}" was not found; what is defined there stays unknown'
                workspace.problems.append(Problem(source.shown, said, line, fatal=False))
    return workspace


def _in_utf8(content: bytes) -> bytes:
    """A copy that any protobuf library accepts, as long as the original: old files hold Latin-1 in comments."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("latin-1").encode("ascii", "replace")
    return content
