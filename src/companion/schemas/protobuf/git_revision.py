"""The schemas of a repository as they were at some commit, put into a folder that goes away again.

Nothing is checked out, and nothing of the repository is run: git lists the files and hands over their bytes.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import TypeVar

from companion import git
from companion.schemas.protobuf.model import Problem, Schema
from companion.schemas.protobuf.sources import MAX_BYTES, MAX_FILES

MAX_TOTAL = 500_000_000  # bytes of all schemas of a commit
_REGULAR = (b"100644", b"100755")
_S = TypeVar("_S", bound=Schema)


@dataclass(frozen=True)
class Snapshot:
    """A commit's schemas: `folder` stands for `top`, the folder of the repository that the user works in."""

    folder: Path
    top: Path
    ref: str

    def at(self, path: Path) -> Path:
        """Where a path of the user's lies in the snapshot."""
        return self.folder / real(path).relative_to(self.top)

    def relabelled(
        self, schemas: Sequence[_S], problems: Sequence[Problem], paths: Sequence[Path]
    ) -> tuple[list[_S], list[Problem]]:
        """Call everything as the user does: `a/b.proto`, and not by where the snapshot happens to lie."""
        names = [(self.at(path), path) for path in paths]
        names.append((self.folder, self.top))

        def shown(path: str) -> str:
            for inside, outside in names:
                if PurePath(path).is_relative_to(inside):
                    return (outside / PurePath(path).relative_to(inside)).as_posix()
            return path

        renamed = [replace(problem, path=f"{shown(problem.path)}") for problem in problems]
        return [replace(schema, path=shown(schema.path)) for schema in schemas], renamed


@contextmanager
def snapshot(paths: Sequence[Path], ref: str) -> Iterator[Snapshot]:
    """Put the schemas of a commit into a folder for as long as the context lasts.

    Parameters
    ----------
    paths
        What the user named; all of it lies in one repository.
    ref
        A branch, a tag, a commit, `HEAD~2`.

    Raises
    ------
    GitError
        One line: no repository, no such commit, or more than anybody wants to scan.
    """
    top = _top(paths)
    if not ref or ref.startswith("-") or not ref.isprintable():
        raise git.GitError(f"{ref!r} is no name of a commit")
    found = git.ask(top, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}")
    if found is None:
        raise git.GitError(f"{ref!r} is no commit of {top}; in a shallow clone, fetch it first")
    commit = found.decode().strip()
    with tempfile.TemporaryDirectory(prefix="companion-") as name:
        folder = Path(name).resolve()
        (folder / ".git").mkdir()  # the root of this repository: imports are not looked for above it
        _fill(folder, top, commit)
        yield Snapshot(folder, top, ref)


def _top(paths: Sequence[Path]) -> Path:
    tops = set()
    for path in paths:
        folder = next(above for above in (real(path), *real(path).parents) if above.is_dir())
        top = git.top_of(folder)
        if top is None:
            raise git.GitError(f"{path}: not in a git repository")
        if not real(path).is_relative_to(top):
            raise git.GitError(f"{path}: lies in {top} behind a link; name it by its place there")
        tops.add(top)
    if len(tops) != 1:
        raise git.GitError("the paths lie in several repositories; a commit belongs to one")
    return tops.pop()


def _fill(folder: Path, top: Path, commit: str) -> None:
    listed = git.ask(top, "ls-tree", "-r", "-z", "-l", "--full-tree", commit)
    entries = [entry.partition(b"\t") for entry in (listed or b"").split(b"\0") if entry.endswith(b".proto")]
    files = []
    for entry, _, name in entries:
        mode, _, blob, length = entry.split()
        if mode in _REGULAR and int(length) <= MAX_BYTES:
            files.append((blob, name, int(length)))
    if len(files) > MAX_FILES or sum(size for _, _, size in files) > MAX_TOTAL:
        raise git.GitError(f"{top}: more schemas in one commit than can be read ({len(files):,} files)")
    content = git.ask(top, "cat-file", "--batch", given=b"".join(blob + b"\n" for blob, _, _ in files)) or b""
    at = 0
    for _, name, size in files:
        start = content.index(b"\n", at) + 1  # each begins with a line `<id> blob <size>`
        at = start + size + 1
        path = folder / os.fsdecode(name)
        if real(path).is_relative_to(folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content[start : start + size])


def real(path: Path) -> Path:
    """The place of a path, links followed, as git tells the top of its repository; a loop of links is no error."""
    return Path(os.path.realpath(path))
