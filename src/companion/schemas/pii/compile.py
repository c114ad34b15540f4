"""From source files to descriptors, by protoc itself, in a process of its own.

All files of a scan are compiled together, under the names by which they import each other. What protoc refuses is named
and left out, and what imports it is read all the same (see `mend`): a scan of a thousand files tells what is wrong with
three of them, and judges the rest.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.message import DecodeError

from companion.schemas.pii import mend, text
from companion.schemas.pii.model import Problem
from companion.schemas.pii.sources import Source, bundled_roots, usable
from companion.schemas.pii.workspace import Workspace, batches, bundled, components, one_by_one, workspace_of

SECONDS = 120
ROUNDS = 100  # each mends or leaves out something, so it ends by itself; the bound is for the unforeseen
ALL = "companion/all.proto"  # imports every file: protoc stops at the first bad file it is asked for, not at imports
LITE = "option optimize_for = LITE_RUNTIME;\n"  # whoever imports a lite file must be lite
_COMPLAINT = re.compile(r"^(?P<file>[^:]+):(?:(?P<line>\d+):(?P<column>\d+):)? (?!warning:)(?P<message>.*)$")
_BAD_IMPORT = re.compile(r'^Import "(.+)" was not found or had errors')
_ELSEWHERE = re.compile(r'seems to be defined in "(.+?)", which is not imported')
_TWICE = re.compile(r'^"(?P<name>[\w.]+)" is already defined in file "(?P<file>.+?)"')


@dataclass
class Complaint:
    """One line of protoc's: where in which file of the workspace, and what; line 0 when it names none."""

    file: str
    line: int
    column: int
    message: str


def compile_sources(sources: Sequence[Source]) -> tuple[list[tuple[Source, FileDescriptorProto]], list[Problem]]:
    """Compile everything that can be compiled.

    Returns
    -------
    tuple
        Each readable source with its descriptor (comments and spans included), and what is wrong with the others.
    """
    compiled: list[tuple[Source, FileDescriptorProto]] = []
    problems: list[Problem] = []
    pending = batches(components([source for source in sources if not bundled(source)]))
    while pending:
        batch = pending.pop(0)
        workspace = workspace_of(batch)
        descriptors = _compile(workspace, alone=len(batch) == 1)
        if descriptors is None:  # two of its files define the same thing: they belong to different programs
            pending[:0] = [[component] for component in batch] if len(batch) > 1 else one_by_one(batch[0])
            continue
        compiled += descriptors
        problems += workspace.problems
    order = {id(source): index for index, source in enumerate(sources)}
    compiled = list({id(source): (source, descriptor) for source, descriptor in reversed(compiled)}.values())
    return sorted(compiled, key=lambda pair: order[id(pair[0])]), list(dict.fromkeys(problems))


def _compile(workspace: Workspace, *, alone: bool) -> list[tuple[Source, FileDescriptorProto]] | None:
    for _ in range(ROUNDS):
        result, complaints = _protoc(workspace)
        if result is not None:
            return [(workspace.names[file.name], file) for file in result.file if file.name in workspace.names]
        if not alone and any("is already defined" in complaint.message for complaint in complaints):
            return None
        if not _repair(workspace, complaints):
            break
    for name in sorted(workspace.names):
        workspace.problems.append(
            Problem(workspace.names[name].shown, "protoc could not read it together with the others")
        )
    return []


def _protoc(workspace: Workspace) -> tuple[FileDescriptorSet | None, list[Complaint]]:
    with tempfile.TemporaryDirectory(prefix="companion-") as folder:
        root = Path(folder).resolve()
        stand_ins = mend.stand_ins(workspace.types)
        passed_on = [*stand_ins, *sorted(workspace.passed_on)]
        everything = "".join(f'import "{name}";\n' for name in workspace.names)
        made = {name: mend.empty_import(passed_on) for name in workspace.missing if usable(name)}
        texts = {**made, **workspace.texts, **stand_ins, ALL: f'syntax = "proto2";\n{LITE}{everything}'.encode()}
        for name, content in texts.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
        out = root / "companion" / "set.pb"
        command = [sys.executable, "-I", "-m", "grpc_tools.protoc", "--include_source_info", "--include_imports"]
        command += [f"-I{path}" for path in (root, *bundled_roots())] + [f"--descriptor_set_out={out}", str(root / ALL)]
        try:
            run = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
            if run.returncode == 0:
                return FileDescriptorSet.FromString(out.read_bytes()), []
        except subprocess.TimeoutExpired:
            return None, []
        except DecodeError:
            return None, []
        return None, _complaints(run.stderr.decode("utf-8", "replace"), root)


def _complaints(stderr: str, root: Path) -> list[Complaint]:
    found = []
    for line in stderr.splitlines():
        match = _COMPLAINT.match(line)
        if match:
            file = match["file"].removeprefix(f"{root}/")
            found.append(Complaint(file, int(match["line"] or 0), int(match["column"] or 0), match["message"]))
    return found


def _repair(workspace: Workspace, complaints: list[Complaint]) -> bool:
    """Mend or leave out each file that protoc complains of; False when there is nothing to be done."""
    by_file: dict[str, list[Complaint]] = {}
    for complaint in complaints:
        by_file.setdefault(complaint.file, []).append(complaint)
    before = workspace.state()
    for file, of_file in by_file.items():
        broken = {match[1] for complaint in of_file if (match := _BAD_IMPORT.match(complaint.message))}
        if not broken & (by_file.keys() | workspace.names.keys()):  # else mend what it imports first
            _mend(workspace, file, of_file)
    if workspace.state() == before:  # a cycle of imports, or something that no rule here knows
        for file in by_file.keys() & workspace.names.keys():
            _leave_out(workspace, file, by_file[file][0])
    return workspace.state() != before


def _mend(workspace: Workspace, file: str, complaints: list[Complaint]) -> None:
    tainted = _lacks_something(workspace, file)
    for complaint in complaints:
        if not _mend_one(workspace, complaint, tainted=tainted) and file in workspace.names:
            _leave_out(workspace, file, complaint)
            return


def _mend_one(workspace: Workspace, complaint: Complaint, *, tainted: bool) -> bool:
    twice = _TWICE.match(complaint.message)
    if twice and twice["name"] in workspace.types:
        workspace.types.discard(twice["name"])
        workspace.passed_on |= {complaint.file, twice["file"]} & workspace.names.keys()
        return True
    if complaint.file not in workspace.names:
        return False
    if tainted:
        elsewhere = _ELSEWHERE.search(complaint.message)
        if elsewhere:
            workspace.passed_on.add(elsewhere[1])
            return True
        missing = mend.undefined_type(complaint.message)
        if missing is not None:
            workspace.types.add(missing)
            return True
        if mend.about_an_option(complaint.message) and _rewrite(workspace, complaint, mend.without_option):
            return True
    if not complaint.message.startswith(("Expected", "Missing")) and _rewrite(workspace, complaint, mend.without_enum):
        said = f"read without the values of this enum: {complaint.message}"
        path = workspace.names[complaint.file].shown
        workspace.problems.append(Problem(path, said, complaint.line, fatal=False))
        return True
    return False


def _rewrite(workspace: Workspace, complaint: Complaint, change: Callable[[bytes, bytes, int], bytes | None]) -> bool:
    source = workspace.texts[complaint.file]
    starts = text.line_starts(source)
    if not 0 < complaint.line <= len(starts):
        return False
    at = text.offset(source, starts, complaint.line - 1, complaint.column - 1)
    changed = change(source, text.mask(source), at)
    if changed is None:
        return False
    workspace.texts[complaint.file] = changed
    return True


def _leave_out(workspace: Workspace, file: str, complaint: Complaint) -> None:
    source = workspace.names.pop(file)
    del workspace.texts[file]
    workspace.missing.add(file)
    workspace.problems.append(Problem(source.shown, complaint.message, complaint.line or None))


def _lacks_something(workspace: Workspace, file: str) -> bool:
    """Whether `file` imports, directly or not, something that is not there."""
    pending, visited = [file], {file}
    while pending:
        for name, _ in text.imports(workspace.texts.get(pending.pop(), b"")):
            if name in workspace.missing:
                return True
            if name not in visited:
                visited.add(name)
                pending.append(name)
    return False
