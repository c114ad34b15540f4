"""What every SARIF log says in the same way: where a file is, what a message means, and by what a result is known."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from companion.cli_output.text import clean

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
MOST = 25_000
"""Results in one run: GitHub refuses a file with more."""


def uri(path: str) -> str:
    """Give a URI, relative wherever the file lies below the folder that we run in; a `..` is not allowed in one."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts:
        real = (Path.cwd() / path).resolve()
        here = Path.cwd().resolve()
        if not real.is_relative_to(here):
            return "file://" + quote(real.as_posix(), errors="surrogateescape")
        pure = PurePosixPath(real.relative_to(here).as_posix())
    return quote(pure.as_posix(), errors="surrogateescape")


def message(text: str) -> str:
    """Write a message that means itself: braces stand for arguments in SARIF, and `[text](target)` for a link."""
    return clean(text).replace("{", "{{").replace("}", "}}").replace("](", "] (")


def fingerprint(*words: str) -> str:
    """Give a key of these words, by which a code host knows a result again after its line has moved."""
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()
