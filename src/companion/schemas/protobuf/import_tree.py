"""The tree of imports that protoc is shown: which files are compiled together, and under which names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from companion.schemas.protobuf import source_text
from companion.schemas.protobuf.model import Problem
from companion.schemas.protobuf.sources import Source, bundled_roots

# Definitions that are so common that their absence is no news; nothing in them says what a field holds.
WELL_KNOWN = re.compile(
    r"^(google/(api|type|rpc|longrunning|iam|logging)/|buf/validate/|validate/validate\.proto|gogoproto/|protoc-gen-)"
)
MANY = 4
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

    def imports(self, file: str) -> list[str]:
        """The names that a file of the tree imports; no repair changes them."""
        if file in self.names:
            return [name for name, _ in self.names[file].imports]
        return [name for name, _ in source_text.imports(self.texts.get(file, b""))]

    def state(self) -> tuple[object, ...]:
        """Everything that a repair can change, to see whether it changed anything."""
        return dict(self.texts), set(self.types), set(self.passed_on)


def bundled(source: Source) -> bool:
    return any(source.path.is_relative_to(root.resolve()) for root in bundled_roots())


def components(sources: list[Source]) -> list[list[Source]]:
    """Group the sources that import each other, directly or not."""
    near: dict[int, list[Source]] = {id(source): [] for source in sources}
    for source in sources:
        for other in source.found.values():
            if id(other) in near:
                near[id(source)].append(other)
                near[id(other)].append(source)
    seen: set[int] = set()
    groups = []
    for source in sources:
        pending = [] if id(source) in seen else [source]
        group = {id(one) for one in pending}
        while pending:
            found = [other for other in near[id(pending.pop())] if id(other) not in group]
            group.update(map(id, found))
            pending += found
        if group:
            seen |= group
            groups.append(group)
    order = {member: number for number, group in enumerate(groups) for member in group}
    made: list[list[Source]] = [[] for _ in groups]
    for source in sources:
        made[order[id(source)]].append(source)
    return made


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


def size(batch: Batch) -> int:
    """How many files a batch has."""
    return sum(map(len, batch))


def apart(batch: Batch, clashing: Sequence[Source] = ()) -> list[Batch]:
    """Cut a batch, so that those of its files that go together stay together.

    Components that hold one of the `clashing` files leave the others; without any, the batch is halved. When everything
    clashes with the same few, each goes its own way at once. A single component becomes as many batches as it has files
    that are asked for, each with what it needs; such a part may be as large as the whole.
    """
    if len(batch) == 1:
        return [[_closure(source)] for source in batch[0] if source.judged]
    if not clashing:
        return [batch[: len(batch) // 2], batch[len(batch) // 2 :]]
    those = {id(source) for source in clashing}
    leaving = [component for component in batch if any(id(source) in those for source in component)]
    gone = {id(component) for component in leaving}
    staying = [component for component in batch if id(component) not in gone]
    if len(leaving) > MANY * len(staying):
        return [[component] for component in batch]
    return [staying, leaving]


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
