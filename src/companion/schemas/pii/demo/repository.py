"""A small git repository to try commands in: the chapter's stage for what happens in a team's own."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType

from companion.git import environment
from companion.schemas.pii.reports.plain import counted

SECONDS = 60
WIDTH = 84
# Commits that repeat have the same names, wherever and whenever the page is built.
_FIXED = {
    "GIT_AUTHOR_NAME": "a colleague",
    "GIT_AUTHOR_EMAIL": "colleague@example.org",
    "GIT_AUTHOR_DATE": "2026-01-05T09:00:00Z",
    "GIT_COMMITTER_NAME": "a colleague",
    "GIT_COMMITTER_EMAIL": "colleague@example.org",
    "GIT_COMMITTER_DATE": "2026-01-05T09:00:00Z",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "COLUMNS": str(WIDTH),
    "NO_COLOR": "1",
    "TERM": "dumb",
}


class Repository:
    """A repository in a folder that is deleted when it is closed.

    Raises
    ------
    FileNotFoundError
        If git is not installed.
    """

    def __init__(self) -> None:
        if shutil.which("git") is None:
            raise FileNotFoundError("this part of the chapter needs git: install it, then run the cell again")
        self._folder = tempfile.TemporaryDirectory(prefix="companion-repository-")
        self.folder = Path(self._folder.name).resolve()
        self._call("git", "init", "--quiet", "--initial-branch=main")

    def write(self, path: str, text: str) -> None:
        """Put a file into the working tree."""
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")

    def read(self, path: str) -> str:
        """Give a file of the working tree."""
        return (self.folder / path).read_text("utf-8")

    def commit(self, message: str) -> None:
        """Commit everything that is there."""
        self._call("git", "add", "--all")
        self._call("git", "commit", "--quiet", "--allow-empty", "--message", message)

    def run(self, command: str, lines: int | None = None, last: int | None = None) -> int:
        """Run a command as one would in a terminal, and print what it says.

        Parameters
        ----------
        command
            Its words; no shell is involved.
        lines, last
            How many lines of the output to show, from its beginning or its end; what is left out is counted.

        Returns
        -------
        int
            The exit status, which is printed too when it is not zero.
        """
        print(f"$ {command}")
        done = self._call(*shlex.split(command), check=False)
        said = (done.stdout + done.stderr).replace(f"{self.folder}/", "").rstrip("\n").splitlines()
        kept = len(said) if lines is None and last is None else lines or last or 0
        left_out = max(0, len(said) - kept)
        if last is not None and left_out:
            print(f"... after {counted(left_out, 'line')}:")
        print("\n".join(said[left_out:] if last is not None else said[:kept]))
        if last is None and left_out:
            print(f"... and {counted(left_out, 'more line')}")
        if done.returncode:
            print(f"[exit {done.returncode}]")
        return done.returncode

    def close(self) -> None:
        """Delete the folder."""
        self._folder.cleanup()

    def __enter__(self) -> Repository:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    def _call(self, *words: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        program = words[0]
        if program == "companion":  # the one of this environment, whatever the PATH says
            program = str(Path(sys.executable).with_name("companion"))
        return subprocess.run(
            [program, *words[1:]],
            cwd=self.folder,
            env=environment() | _FIXED,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
            check=check,
        )
