"""Files that are whole at every moment: written beside the old one, then put in its place."""

from __future__ import annotations

import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path


def replace_file(
    path: Path, content: str | bytes, *, mode: int | None = None, last_look: Callable[[], None] | None = None
) -> None:
    """Put content in the place of a file, whole or not at all.

    A reader sees the old file or the new one, and a process that is killed here leaves the old one.

    Parameters
    ----------
    path : Path
        The file; its folder exists. A file that is there keeps its permissions.
    content : str or bytes
        Text is written as UTF-8, its line ends as they are.
    mode : int, optional
        Permissions to set, in place of those of the old file or of the process's umask.
    last_look : callable, optional
        Called when the new file lies ready and before it takes its place; what it raises leaves the old one there.

    Raises
    ------
    OSError
        If the folder takes no file; it names the file that was asked for.
    """
    data = content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content
    if mode is None and path.is_file():
        mode = stat.S_IMODE(path.stat().st_mode)
    ready = path.with_name(f".{path.name[:200]}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(ready, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666), "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            ready.chmod(mode)
        if last_look is not None:
            last_look()
        ready.replace(path)
    except OSError as error:
        if str(error.filename) == str(ready):  # a name that nobody gave
            error.filename = str(path)
        raise
    finally:
        ready.unlink(missing_ok=True)


def write_output(path: Path, content: str | bytes) -> None:
    """Write what a command was asked to write: a file whole or not at all, and straight into a device or a pipe.

    A link stays one, and what it points to is written; ``/dev/stdout`` is such a link.

    Parameters
    ----------
    path
        Its folder exists.
    content
        Text is written as UTF-8.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    target = path.resolve()
    if not target.exists() or target.is_file():
        replace_file(target, content)
        return
    with target.open("wb") as stream:
        stream.write(content.encode("utf-8", "backslashreplace") if isinstance(content, str) else content)
