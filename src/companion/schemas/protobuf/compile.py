"""From source files to descriptors, by protoc itself, in a process of its own.

All files of a scan are compiled together, under the names by which they import each other. What protoc refuses is named
and left out, and what imports it is read all the same (see `missing_imports`): of a thousand files one learns what is
wrong with three, and gets the rest.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib.resources import files
from math import ceil
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.message import DecodeError

from companion.schemas.protobuf import missing_imports
from companion.schemas.protobuf.import_tree import (
    Batch,
    Workspace,
    apart,
    batches,
    bundled,
    components,
    size,
    workspace_of,
)
from companion.schemas.protobuf.model import Problem, Tell, quiet
from companion.schemas.protobuf.sources import Source, bundled_roots, usable

SECONDS = 60  # of computing, for a batch with all its repairs; protoc itself reads a million fields in that time
FILES_A_SECOND = 50  # for each file of a batch it may compute that much longer
PATIENCE = 20  # how many times as long as it may compute it may take: other programs have the processor, too
STOPPED = {-24, -9}  # by the system, when it had computed for too long: SIGXCPU, then SIGKILL
AT_ONCE = min(4, os.cpu_count() or 2)  # runs of protoc
ROUNDS = 100  # each mends or leaves out something, so it ends by itself; the bound is for the unforeseen
ALL = "companion/all.proto"  # imports every file: protoc stops at the first bad file it is asked for, not at imports
COMPLAINTS = 5_000  # of one file in one round; the others come in the next
LITE = "option optimize_for = LITE_RUNTIME;\n"  # whoever imports a lite file must be lite
_COMPLAINT = re.compile(r"^(?P<file>[^:]+):(?:(?P<line>\d+):(?P<column>\d+):)? (?!warning:)(?P<message>.*)$")
_BAD_IMPORT = re.compile(r'^Import "(.+)" was not found or had errors')
_ELSEWHERE = re.compile(r'seems to be defined in "(.+?)", which is not imported')
_TWICE = re.compile(r'^"(?P<name>[\w.]+)" is already defined in file "(?P<file>.+?)"')


# As `-m grpc_tools.protoc` does, in a third of the time: nothing of this environment is looked for, but protoc itself.
# What it may take is counted in time of computing, where the system can do that: a busy machine makes nobody fail.
RUN_PROTOC = """
import sys, time
sys.path.insert(0, sys.argv.pop(1))
seconds = int(sys.argv.pop(1))
try:
    import resource
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
except (ImportError, ValueError, OSError):
    pass
from grpc_tools._protoc_compiler import run_main
status = run_main([word.encode("utf-8", "surrogateescape") for word in sys.argv])
print(time.process_time())
sys.exit(status)
"""


@dataclass
class Complaint:
    """One line of protoc's: where in which file of the workspace, and what; line 0 when it names none."""

    file: str
    line: int
    column: int
    message: str


@dataclass
class _Outcome:
    """What became of one batch; `again` are its parts when it must be taken apart first."""

    compiled: list[tuple[Source, FileDescriptorProto]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    again: list[Batch] = field(default_factory=list)


@dataclass
class _Run:
    """One run of protoc: what it made or complained of, and how many seconds it computed."""

    made: FileDescriptorSet | None
    complaints: list[Complaint]
    seconds: float


def compile_sources(
    sources: Sequence[Source], tell: Tell = quiet
) -> tuple[list[tuple[Source, FileDescriptorProto]], list[Problem]]:
    """Compile everything that can be compiled.

    Returns
    -------
    tuple
        Each readable source with its descriptor (comments and spans included), and what is wrong with the others.
    """
    found: dict[int, tuple[Source, FileDescriptorProto]] = {}
    problems: list[Problem] = []
    pending = batches(components([source for source in sources if not bundled(source)]))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while pending:
            tell(f"compiled {len(found):,} of {len(sources):,} schemas")
            outcomes = list(pool.map(_compile, pending))
            pending = [batch for outcome in outcomes for batch in outcome.again]
            problems += [problem for outcome in outcomes for problem in outcome.problems]
            for source, descriptor in (pair for outcome in outcomes for pair in outcome.compiled):
                found.setdefault(id(source), (source, descriptor))
    order = {id(source): index for index, source in enumerate(sources)}
    compiled = sorted(found.values(), key=lambda pair: order[id(pair[0])])
    return compiled, list(dict.fromkeys(problems))


def _compile(batch: Batch) -> _Outcome:
    """Compile a batch, and mend it as often as that helps."""
    workspace = workspace_of(batch)
    allowed = left = SECONDS + size(batch) / FILES_A_SECOND
    for _ in range(ROUNDS):
        run = _protoc(workspace, left)
        left -= run.seconds
        if run.made is not None:
            pairs = [(workspace.names[file.name], file) for file in run.made.file if file.name in workspace.names]
            return _Outcome(pairs, workspace.problems)
        clashing = _clashing(workspace, run.complaints, alone=len(batch) == 1)
        parts = apart(batch, clashing) if clashing else [batch]
        if all(size(part) < size(batch) for part in parts):  # two programs that define the same thing, each its own
            return _Outcome(again=parts)
        if left <= 0 or not _repair(workspace, run.complaints):
            break
    return _given_up(batch, workspace, "" if left > 0 else f" in {allowed:.0f} s of computing")


def _given_up(batch: Batch, workspace: Workspace, in_what: str) -> _Outcome:
    """One of the files is beyond us: the others need not suffer for it."""
    parts = apart(batch)
    if len(batch) > 1:
        return _Outcome(again=parts)
    said = f"protoc could not read it{in_what}"
    whole = [part[0][0] for part in parts if len(part[0]) == len(batch[0])]
    unread = [Problem(source.shown, said) for source in whole]
    return _Outcome([], workspace.problems + unread, [part for part in parts if len(part[0]) < len(batch[0])])


def _clashing(workspace: Workspace, complaints: list[Complaint], *, alone: bool) -> list[Source]:
    """The files that define what another one, or a stand-in for what another one lacks, defines as well.

    Within one component a stand-in can be mended; between two that know nothing of each other, mending would tie them
    together.
    """
    found = []
    for complaint in complaints:
        twice = _TWICE.match(complaint.message)
        between = (twice or _ELSEWHERE.search(complaint.message)) if not alone else None
        own = twice is not None and twice["name"] not in workspace.types
        if (between or own) and complaint.file in workspace.names:
            found.append(workspace.names[complaint.file])
    return found


def _protoc(workspace: Workspace, seconds: float) -> _Run:
    with tempfile.TemporaryDirectory(prefix="companion-") as folder:
        root = Path(folder).resolve()
        stand_ins = missing_imports.stand_ins(workspace.types)
        passed_on = [*stand_ins, *sorted(workspace.passed_on)]
        everything = "".join(f'import "{name}";\n' for name in workspace.names)
        made = {name: missing_imports.empty_import(passed_on) for name in workspace.missing if usable(name)}
        texts = {**made, **workspace.texts, **stand_ins, ALL: f'syntax = "proto2";\n{LITE}{everything}'.encode()}
        for name, content in texts.items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_bytes(content)
        out = root / "companion" / "set.pb"
        whole = max(ceil(seconds), 1)
        command = [sys.executable, "-I", "-S", "-c", RUN_PROTOC, str(Path(str(files("grpc_tools"))).parent), str(whole)]
        command += ["--include_source_info", "--include_imports"]
        command += [f"-I{path}" for path in (root, *bundled_roots())] + [f"--descriptor_set_out={out}", str(root / ALL)]
        try:
            run = subprocess.run(command, capture_output=True, timeout=whole * PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            return _Run(None, [], whole)
        if run.returncode in STOPPED:
            return _Run(None, [], whole)
        computed = float((run.stdout.split() or [b"0"])[-1])  # nothing when it crashed
        try:
            if run.returncode == 0:
                return _Run(FileDescriptorSet.FromString(out.read_bytes()), [], computed)
        except DecodeError:
            return _Run(None, [], computed)
        return _Run(None, _complaints(run.stderr.decode("utf-8", "replace"), root), computed)


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
    draft = missing_imports.Draft(workspace.texts.get(file, b""))
    for complaint in complaints[:COMPLAINTS]:
        if not _mend_one(workspace, complaint, draft, tainted=tainted) and file in workspace.names:
            _leave_out(workspace, file, complaint)
            return
    if file in workspace.names:
        workspace.texts[file] = bytes(draft.source)


def _mend_one(workspace: Workspace, complaint: Complaint, draft: missing_imports.Draft, *, tainted: bool) -> bool:
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
        missing = missing_imports.undefined_type(complaint.message)
        if missing is not None:
            workspace.types.add(missing)
            return True
        if missing_imports.about_an_option(complaint.message) and draft.drop_option(complaint.line, complaint.column):
            return True
    about_grammar = complaint.message.startswith(("Expected", "Missing"))
    if not about_grammar and draft.empty_enum(complaint.line, complaint.column):
        said = f"read without the values of this enum: {complaint.message}"
        path = workspace.names[complaint.file].shown
        workspace.problems.append(Problem(path, said, complaint.line, fatal=False))
        return True
    return False


def _leave_out(workspace: Workspace, file: str, complaint: Complaint) -> None:
    source = workspace.names.pop(file)
    del workspace.texts[file]
    workspace.missing.add(file)
    workspace.problems.append(Problem(source.shown, complaint.message, complaint.line or None))


def _lacks_something(workspace: Workspace, file: str) -> bool:
    """Whether `file` imports, directly or not, something that is not there."""
    pending, visited = [file], {file}
    while pending:
        for name in workspace.imports(pending.pop()):
            if name in workspace.missing:
                return True
            if name not in visited:
                visited.add(name)
                pending.append(name)
    return False
