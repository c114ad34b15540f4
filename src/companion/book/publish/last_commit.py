"""Which commit last touched what a chapter depends on; the stamp of its page says it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from companion import git
from companion.book.execution.fingerprint import chapter_files
from companion.book.project import Project
from companion.import_graph import PACKAGE

UNCOMMITTED = "uncommitted changes"


def history_key(project: Project) -> str:
    """Give a text that changes whenever one of `commits` does, in a hundredth of a second.

    It follows all modules and chapters, not those that a chapter reaches, which would have to be parsed for it.
    """
    top = _top(project)
    if top is None:
        return ""
    within = _within(project, top)
    return f"{_git(top, 'log', '-1', '--format=%H', '--', *within)}{_changed(top, within)}"


def commits(project: Project) -> dict[str, str]:
    """Find the commit that last touched what each chapter depends on, in two calls of git for the whole book.

    Returns
    -------
    dict of str to str
        Short hashes by chapter; `UNCOMMITTED` where an input differs from the last commit. Without a repository, or
        without git, nothing; a chapter is left out when a shallow clone does not reach back to its commit.
    """
    root, top = project.root.resolve(), _top(project)
    if top is None:
        return {}
    inputs = {}
    for chapter in project.chapters():
        files = [chapter.source.resolve(), root / "requirements.lock", *chapter_files(project, chapter)]
        inputs[chapter.name] = {file.relative_to(top).as_posix() for file in files if file.is_relative_to(top)}
    within = _within(project, top)
    changed = _changed(top, within)
    if changed is None:
        return {}
    dirty = {entry[3:] for entry in changed.split("\0")}
    found = {name: UNCOMMITTED for name, files in inputs.items() if files & dirty}
    waiting = {name: files for name, files in inputs.items() if name not in found}
    return found | _last_touched(top, within, waiting)


def _last_touched(top: Path, within: list[str], waiting: dict[str, set[str]]) -> dict[str, str]:
    """Read the history, newest first, until each chapter has met the commit that last touched one of its files."""
    boundary = top / ".git" / "shallow"
    cut = set(boundary.read_text("utf-8").split()) if boundary.is_file() else set()
    found: dict[str, str] = {}
    history = git.command(top, "-c", "core.quotepath=off", "log", "--format=%x00%H %h", "--name-only", "--no-renames",
                          "--", *within)  # fmt: skip
    try:
        with subprocess.Popen(
            history,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=git.environment(),
            text=True,
            encoding="utf-8",
        ) as process:
            assert process.stdout is not None
            whole = short = ""
            for line in map(str.strip, process.stdout):
                if not waiting.keys() - found.keys() or whole in cut:
                    process.kill()
                    break
                if line.startswith("\0"):
                    whole, short = line[1:].split()
                else:
                    found |= {name: short for name, files in waiting.items() if name not in found and line in files}
    except OSError:
        return {}
    return found


def _top(project: Project) -> Path | None:
    root = project.root.resolve()
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), None)


def _within(project: Project, top: Path) -> list[str]:
    """Name the places where the inputs of chapters lie, as git does."""
    root = project.root.resolve()
    places = [root / "chapters", root / "data", root / "requirements.lock", PACKAGE.resolve()]
    return [place.relative_to(top).as_posix() for place in places if place.is_relative_to(top)]


def _changed(top: Path, within: list[str]) -> str | None:
    return _git(top, "status", "--porcelain", "-z", "--no-renames", "--untracked-files=all", "--", *within)


def _git(top: Path, *words: str) -> str | None:
    """Ask git; None when there is no git, or it refuses."""
    try:
        said = git.ask(top, *words)
    except git.GitError:
        return None
    return None if said is None else os.fsdecode(said)
