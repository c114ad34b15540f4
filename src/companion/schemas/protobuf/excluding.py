"""What a scan leaves out: what its user excludes by a pattern, and what the repository ignores.

A pattern is read as git reads a line of .gitignore. Without a slash it names a file or folder anywhere (`vendor`,
`*_test.proto`); with one, it is a path from where the command runs, or from the folder that is scanned
(`third_party/**/gen`). What is excluded is not judged, and still lends its types to whoever imports it.
"""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from companion import git
from companion.errors import CompanionError

LONGEST = 500  # characters of a pattern
_ANY = "**"


class PatternError(CompanionError, ValueError):
    """A pattern that excludes nothing, or that cannot be read; the message says which and why."""


@dataclass(frozen=True)
class Excluded:
    """Patterns, and the folder that those with a slash start from."""

    patterns: tuple[tuple[re.Pattern[str] | None, ...], ...] = ()  # a pattern's parts; None is `**`
    base: Path = Path()

    def holds(self, path: Path, scanned: Path) -> bool:
        """Whether a file, found under the folder `scanned`, or one of the folders above it is excluded."""
        return bool(self.patterns) and any(
            _matches(pattern, parts) for parts in self._parts(path, scanned) for pattern in self.patterns
        )

    def _parts(self, path: Path, scanned: Path) -> Iterable[tuple[str, ...]]:
        here = absolute(path)
        for start in {absolute(self.base), absolute(scanned)}:
            if here != start and here.is_relative_to(start):
                yield here.relative_to(start).parts


def absolute(path: Path) -> Path:
    """Give a path from the root, its `..` taken out and its links left in."""
    return Path(os.path.normpath(path.absolute()))


def excluded(patterns: Iterable[str]) -> Excluded:
    """Read patterns.

    Raises
    ------
    PatternError
        For one that can match nothing, or that begins with `!`, which git knows and we do not.
    """
    return Excluded(tuple(_read(pattern) for pattern in patterns))


def _read(pattern: str) -> tuple[re.Pattern[str] | None, ...]:
    text = pattern.replace("\\", "/").removeprefix("./")
    parts = [part for part in text.split("/") if part]
    if not parts or len(pattern) > LONGEST or not pattern.isprintable() or {".", ".."} & set(parts):
        raise PatternError(f"{pattern[:60]!r} excludes nothing; write a name (vendor) or a path below (gen/**)")
    if pattern.startswith("!"):
        raise PatternError(f"{pattern[:60]!r}: nothing is taken back with `!`; write narrower patterns")
    if "/" not in text.rstrip("/"):
        parts.insert(0, _ANY)
    squeezed = [part for at, part in enumerate(parts) if part != _ANY or parts[at - 1 : at] != [_ANY]]
    return tuple(None if part == _ANY else re.compile(fnmatch.translate(part)) for part in squeezed)


def _matches(pattern: tuple[re.Pattern[str] | None, ...], parts: Sequence[str]) -> bool:
    """Whether a pattern matches the first parts of a path: a folder, or the whole.

    `reached` are the places in the pattern at which the parts so far may have arrived, so a hostile pattern costs its
    length times the path's.
    """
    reached = {0}
    for part in parts:
        after = set()
        for at in _onwards(pattern, reached):
            wanted = pattern[at]
            if wanted is None:
                after.add(at)
            elif wanted.match(part):
                after.add(at + 1)
        reached = after
        if len(pattern) in reached or (pattern[-1] is None and len(pattern) - 1 in reached):
            return True
    return False


def _onwards(pattern: tuple[re.Pattern[str] | None, ...], reached: set[int]) -> set[int]:
    """Those places and, where `**` stands there, the one behind it: `**` may be no folder at all."""
    return reached | {at + 1 for at in reached if at + 1 < len(pattern) and pattern[at] is None}


def ignored_below(folder: Path) -> frozenset[str]:
    """Give the files and folders below a folder that its repository ignores, as absolute paths.

    Git is asked, so files that are tracked all the same are not among them. None are when there is no repository, when
    git is missing or refuses to answer, or when the folder itself is ignored: whoever names it means it.
    """
    try:
        if git.ask(folder, "check-ignore", "-q", ".") is not None:
            return frozenset()
        found = git.ask(folder, "ls-files", "-o", "-i", "--exclude-standard", "--directory", "-z")
    except git.GitError:
        return frozenset()
    here = absolute(folder)
    names = (os.fsdecode(name).rstrip("/") for name in (found or b"").split(b"\0") if name)
    return frozenset(str(here / PurePosixPath(name)) for name in names)
