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
SUBMODULES = 8  # how deep in each other
LINKS = 4  # that lead to each other before there is a file
_REGULAR, _LINK, _SUBMODULE = (b"100644", b"100755"), (b"120000",), b"160000"
_S = TypeVar("_S", bound=Schema)


@dataclass(frozen=True)
class Snapshot:
    """A commit's schemas: `folder` stands for `top`, the folder of the repository that the user works in."""

    folder: Path
    top: Path
    commit: str
    problems: tuple[Problem, ...] = ()

    def at(self, path: Path) -> Path:
        """Where a path of the user's lies in the snapshot."""
        return self.folder / real(path).relative_to(self.top)

    def old_names(self, paths: Sequence[Path], ref: str | None) -> list[Path]:
        """What files under `paths` were called in this commit, where git knows that they were called otherwise.

        Parameters
        ----------
        paths
            What the user named.
        ref
            The later commit; None for the files on the disk.
        """
        words = ["diff", "--name-status", "-M", "-z", "--diff-filter=R", self.commit, *([ref] if ref else [])]
        listed = (git.ask(self.top, *words, "--", "*.proto") or b"").split(b"\0")
        places = [real(path) for path in paths]
        found = []
        for before, now in zip(listed[1::3], listed[2::3], strict=False):
            place = self.top / os.fsdecode(now)
            if any(place.is_relative_to(path) for path in places):
                found.append(self.top / os.fsdecode(before))
        return found

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
def snapshot(paths: Sequence[Path], ref: str, *, left_by: str | None = None) -> Iterator[Snapshot]:
    """Put the schemas of a commit into a folder for as long as the context lasts.

    Parameters
    ----------
    paths
        What the user named; all of it lies in one repository.
    ref
        A branch, a tag, a commit, `HEAD~2`.
    left_by
        Another commit, whose branch left that of `ref`: the snapshot is of the commit where it did.

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
    commit, problems = found.decode().strip(), []
    if left_by is not None:
        left = git.ask(top, "merge-base", commit, f"{left_by}^{{commit}}")
        if left:
            commit = left.decode().split()[0]
        else:
            said = f"{ref} and {left_by} have no commit in common here (a shallow clone?); compared with {ref} itself"
            problems.append(Problem(str(top), said, fatal=False))
    with tempfile.TemporaryDirectory(prefix="companion-") as name:
        folder = Path(name).resolve()
        problems += _fill(folder, folder, top, commit)
        yield Snapshot(folder, top, commit, tuple(problems))


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


def _fill(folder: Path, root: Path, top: Path, commit: str, depth: int = 0) -> list[Problem]:
    """Write the schemas of a commit into `folder`, which lies in `root`; those of its submodules and links too."""
    (folder / ".git").mkdir(parents=True, exist_ok=True)  # a repository: imports are not looked for above it
    listed = git.ask(top, "ls-tree", "-r", "-z", "-l", "--full-tree", commit)
    files: list[tuple[bytes, str, int]] = []
    links: list[tuple[bytes, str, int]] = []
    submodules = []
    for entry, _, name in (entry.partition(b"\t") for entry in (listed or b"").split(b"\0") if entry):
        mode, _, blob, length = entry.split()
        if mode == _SUBMODULE:
            submodules.append((blob.decode(), os.fsdecode(name)))
        elif name.endswith(b".proto") and mode in _REGULAR + _LINK and int(length) <= MAX_BYTES:
            (links if mode in _LINK else files).append((blob, os.fsdecode(name), int(length)))
    if len(files + links) > MAX_FILES or sum(size for _, _, size in files) > MAX_TOTAL:
        raise git.GitError(f"{top}: more schemas in one commit than can be read ({len(files + links):,} files)")
    for shown, content in _contents(top, files):
        path = folder / shown
        if real(path).is_relative_to(folder):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    problems = [problem for one in submodules for problem in _fill_submodule(folder, root, top, *one, depth)]
    wanted = [(folder / shown, os.fsdecode(target)) for shown, target in _contents(top, links)]
    for _ in range(LINKS):  # a link to a link comes when that one is there
        for path, target in wanted:
            _link(path, target, root)
    return problems


def _contents(top: Path, files: Sequence[tuple[bytes, str, int]]) -> Iterator[tuple[str, bytes]]:
    """The bytes of each of some files of a repository."""
    content = git.ask(top, "cat-file", "--batch", given=b"".join(blob + b"\n" for blob, _, _ in files)) or b""
    at = 0
    for _, name, size in files:
        start = content.index(b"\n", at) + 1  # each begins with a line `<id> blob <size>`
        at = start + size + 1
        yield name, content[start : start + size]


def _link(path: Path, target: str, root: Path) -> None:
    """Make a link as on the disk, when it leads to a schema of this snapshot and to nothing else."""
    place = Path(os.path.normpath(path.parent / target))
    inside = all(real(each).is_relative_to(root) for each in (place, path.parent))
    if inside and not Path(target).is_absolute() and place.is_file() and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)


def _fill_submodule(folder: Path, root: Path, top: Path, commit: str, name: str, depth: int) -> list[Problem]:
    """The schemas of a submodule that is checked out, at the commit that the outer commit names."""
    place = top / name
    if depth >= SUBMODULES or not real(folder / name).is_relative_to(folder) or not place.is_dir():
        return []
    if git.top_of(place) != real(place):  # nothing is checked out there, so a scan sees nothing of it either
        return []
    if git.ask(place, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}") is None:
        said = f"the submodule lacks the commit {commit[:12]} to compare with; fetch it, or its fields count as new"
        return [Problem(place.as_posix(), said, fatal=False)]
    return _fill(folder / name, root, place, commit, depth + 1)


def real(path: Path) -> Path:
    """The place of a path, links followed, as git tells the top of its repository; a loop of links is no error."""
    return Path(os.path.realpath(path))
