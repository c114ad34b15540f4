"""Which file a report means: it may have been written in another folder, with absolute paths, or on another machine.

Everything is compared by one name, the path from where the command runs. A report's own paths are relative to a folder
that it does not tell. We take the folder in which most of its files are found: the report's own, the root of its
repository, the one that the command runs in, or one that is scanned.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path, PurePosixPath, PureWindowsPath

DEEP = 40  # folders above each other, of another machine's path
SAMPLE = 500  # files that are looked for in each of the folders; a report has thousands


def place(path: str) -> str:
    """Give a path from where the command runs, links followed; outside of it, from the root of the disk."""
    return _place(path, str(Path.cwd()))


@lru_cache(maxsize=100_000)
def _place(path: str, folder: str) -> str:
    try:
        here, there = Path(os.path.realpath(folder)), Path(os.path.realpath(Path(folder, path)))
    except (OSError, ValueError):  # nothing that a file could be called
        return path
    return (there.relative_to(here) if there.is_relative_to(here) else there).as_posix()


def places(files: Iterable[str], report: Path, scanned: Sequence[Path] = ()) -> dict[str, str]:
    """Say which file each path of a report means, as `place` gives it.

    Parameters
    ----------
    files
        The paths in the report.
    report
        Where the report lies.
    scanned
        What the command scans.
    """
    texts = {text: _slashes(text) for text in files}
    own = Path(os.path.realpath(report)).parent
    folders = list(dict.fromkeys([own, _root(own), Path.cwd(), _root(Path.cwd()), *scanned]))
    relative = {text for text, path in texts.items() if not _is_absolute(path)}
    absolute = texts.keys() - relative
    found = _below(_most(folders, {texts[text] for text in relative}), {text: texts[text] for text in relative})
    if not any(_is_file(Path(texts[text])) for text in _some(absolute)):
        return found | _moved({text: texts[text] for text in absolute}, folders)
    return found | {text: place(texts[text]) for text in absolute}


def _slashes(text: str) -> str:
    """A path with Windows' separators, in ours; a backslash may also be a character of a name, here."""
    return text.replace("\\", "/") if "\\" in text and not _is_file(Path(text)) else text


def _is_absolute(path: str) -> bool:
    return PurePosixPath(path).is_absolute() or PureWindowsPath(path).is_absolute()


def _root(folder: Path) -> Path:
    return next((above for above in (folder, *folder.parents) if (above / ".git").exists()), folder)


def _some(files: Iterable[str]) -> list[str]:
    return sorted(files)[:SAMPLE]


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, or holds a zero byte
        return False


def _count(folder: Path, files: Iterable[str]) -> int:
    return sum(_is_file(folder / file) for file in _some(files))


def _most(folders: Sequence[Path], files: Iterable[str]) -> Path:
    """The folder that has most of the files, the first of several; where none has any, the one we are in."""
    files = set(files)
    best = max(folders, key=lambda folder: _count(folder, files))
    return best if _count(best, files) else Path.cwd()


def _below(folder: Path, files: dict[str, str]) -> dict[str, str]:
    return {text: place(str(folder / path)) for text, path in files.items()}


def _moved(files: dict[str, str], folders: Sequence[Path]) -> dict[str, str]:
    """The absolute paths of another machine, of which nothing is here: what lies in one of our folders, if any does."""
    parts = {text: PurePosixPath(path).parts for text, path in files.items()}
    shared = min((len(each) for each in parts.values()), default=1) - 1
    while len({each[:shared] for each in parts.values()}) > 1:
        shared -= 1
    best = 0
    found = {text: place(path) for text, path in files.items()}
    for cut in range(1, min(shared, DEEP) + 1):  # the longest paths first: what fits further is no accident
        tails = {text: "/".join(each[cut:]) for text, each in parts.items()}
        folder = _most(folders, tails.values())
        count = _count(folder, tails.values())
        if count > best:
            best, found = count, _below(folder, tails)
    return found
