"""Git, asked from a program: about the repository that a folder lies in, whoever asks and from where.

A hook runs with variables that say which repository git is at work on (`GIT_DIR`, `GIT_INDEX_FILE` and others). They
answer for every folder, so a program that passes them on is told of the hook's repository wherever it asks, and in a
linked worktree or a submodule of the wrong files. Here they are left out; what a user configured stays.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from companion.errors import CompanionError

SECONDS = 60
"""How long one question to git may take."""

# As `git rev-parse --local-env-vars` lists them, but for the user's own configuration (GIT_CONFIG_*).
_OF_ONE_REPOSITORY = {
    "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE",
    "GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE", "GIT_NO_REPLACE_OBJECTS", "GIT_OBJECT_DIRECTORY",
    "GIT_PREFIX", "GIT_QUARANTINE_PATH", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
}  # fmt: skip


class GitError(CompanionError, ValueError):
    """Git is missing, hangs, or may not read the repository; the message says which."""


def environment() -> dict[str, str]:
    """Give the environment for git: no word of another repository, no lock, no question, no download."""
    mine = {name: value for name, value in os.environ.items() if name not in _OF_ONE_REPOSITORY}
    return mine | {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"}


def command(folder: Path, *words: str) -> list[str]:
    """Give the command line that asks git about the repository of a folder."""
    return ["git", "-C", str(folder), *words]


def ask(folder: Path, *words: str, given: bytes = b"") -> bytes | None:
    """Ask git about the repository that a folder lies in.

    Parameters
    ----------
    folder : Path
        A folder of the repository.
    *words : str
        The question, such as ``"rev-parse", "HEAD"``.
    given : bytes
        Standard input.

    Returns
    -------
    bytes or None
        What git says; None when it refuses.

    Raises
    ------
    GitError
        If git is not installed, does not answer in a minute, or distrusts the repository's owner.
    """
    try:
        done = subprocess.run(
            command(folder, *words), input=given, capture_output=True, timeout=SECONDS, env=environment(), check=False
        )
    except FileNotFoundError:
        raise GitError("git is not installed here, and commits are read with it") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitError(f"git failed in {folder}: {error}") from None
    if done.returncode != 0 and b"dubious ownership" in done.stderr:
        raise GitError(f"git refuses {folder}: it belongs to another user (see `git help config`, safe.directory)")
    return done.stdout if done.returncode == 0 else None


def top_of(folder: Path) -> Path | None:
    """Find the top folder of the working tree that a folder lies in; None outside of any."""
    found = ask(folder, "rev-parse", "--show-toplevel")
    return Path(os.fsdecode(found.rstrip(b"\n"))) if found else None


def submodules(top: Path) -> list[str]:
    """List the folders of the submodules that the working tree with this top folder names in its .gitmodules."""
    if not (top / ".gitmodules").is_file():
        return []
    found = ask(top, "config", "-z", "--file", ".gitmodules", "--get-regexp", r"^submodule\..*\.path$")
    return [os.fsdecode(entry.partition(b"\n")[2]) for entry in (found or b"").split(b"\0") if entry]
