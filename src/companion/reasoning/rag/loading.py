"""Documents out of a folder: text, Markdown, reStructuredText, notebooks, HTML and PDF.

    for document in load(Path("handbook")):
        print(document.source, document.label)

A file that cannot be read is a problem that is told, and the others are read all the same. Of a text file nothing is
taken out and nothing added, so that a place in the document is a place in the file, its line ends counted as one
character; of a notebook, a page or a PDF, it is a place in the text that was read out of it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from companion.reasoning.rag.chunks import Document, RagError
from companion.reasoning.rag.formats.headings import Content, markdown, plain_text, restructured, sections_of
from companion.reasoning.rag.formats.notebooks import notebook
from companion.reasoning.rag.formats.pdf import pdf
from companion.reasoning.rag.formats.web import charset_of, web_page

LARGEST = 20_000_000
"""Bytes of a file that is read."""

MOST_FILES = 100_000
"""How many files are read of a folder."""

TEXTS: dict[str, Callable[[str], Content]] = {
    ".txt": plain_text,
    ".md": markdown,
    ".markdown": markdown,
    ".rst": restructured,
    ".ipynb": notebook,
    ".html": web_page,
    ".htm": web_page,
}
"""How texts are read, by the end of their names."""

SUFFIXES = (*TEXTS, ".pdf")


@dataclass(frozen=True)
class Problem:
    """A file that is not read, and why."""

    source: str
    message: str

    def __str__(self) -> str:
        return f"{self.source}: {self.message}"


@dataclass(frozen=True)
class File:
    """A file to be read; `source` is its path below the folder, with slashes."""

    source: str
    path: Path


Told = Callable[[Problem], None]


def load(
    folder: Path,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    on_problem: Told = lambda problem: None,
) -> Iterator[Document]:
    """Read the documents of a folder, in the order of their names.

    Parameters
    ----------
    folder : Path
        Hidden files and folders in it are left out. A link is not followed: what it leads to within the folder is read
        under its own name, and what lies elsewhere is not in the folder.
    include, exclude : sequence of str
        Patterns such as ``*.md`` or ``drafts/*`` for what alone is read, and for what is not. What is included by name
        is read as text, whatever its name ends with.
    on_problem : callable
        Gets each file that is not read.

    Raises
    ------
    RagError
        If there is no such folder, or too much in it.
    """
    for file in find(folder, include, exclude, on_problem):
        try:
            yield read(file.source, read_bytes(file.path))
        except RagError as error:
            on_problem(Problem(file.source, str(error)))


def find(
    folder: Path,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    on_problem: Told = lambda problem: None,
) -> list[File]:
    """List the files of a folder that are documents, in the order of their names; see `load`."""
    if not folder.is_dir():
        raise RagError(f"{folder}: no such folder" if not folder.exists() else f"{folder}: a file, no folder")
    root = folder.resolve()
    found: list[File] = []

    def unreadable(error: OSError) -> None:
        name = os.path.relpath(error.filename or root, root)
        on_problem(Problem(_printable(name), (error.strerror or str(error)).lower()))

    for place, folders, names in os.walk(root, onerror=unreadable):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = Path(place, name)
            source = path.relative_to(root).as_posix()
            if name.startswith(".") or not _wanted(source, include, exclude):
                continue
            if (why := _why_not(path, root)) is not None:
                if why:
                    on_problem(Problem(_printable(source), why))
                continue
            found.append(File(source, path))
            if len(found) > MOST_FILES:
                raise RagError(f"{folder}: more than {MOST_FILES:,} documents; choose some with --include or --exclude")
    return sorted(found, key=lambda file: file.source)


def _wanted(source: str, include: Sequence[str], exclude: Sequence[str]) -> bool:
    if any(_matches(source, pattern) for pattern in exclude):
        return False
    if include:
        return any(_matches(source, pattern) for pattern in include)
    return source.lower().endswith(SUFFIXES)


def _matches(source: str, pattern: str) -> bool:
    """Whether a pattern means a file by its path, its name, or a folder that it is in."""
    pattern = pattern.removeprefix("./").removeprefix("**/").rstrip("/")
    parts = source.split("/")
    folders = ["/".join(parts[:depth]) for depth in range(1, len(parts))]
    return any(fnmatchcase(each, pattern) for each in (source, *folders, *parts))


def _why_not(path: Path, root: Path) -> str | None:
    """Say why a file is not read; "" where it need not be said, None where it is read."""
    try:
        if path.is_symlink():
            if not path.exists():
                return "a link that leads nowhere"
            return "" if path.resolve().is_relative_to(root) else "a link that leaves the folder"
        if not stat.S_ISREG(path.lstat().st_mode):
            return "no regular file"
        path.name.encode()
    except (OSError, RuntimeError) as error:
        return str(error.strerror if isinstance(error, OSError) else error).lower()
    except UnicodeEncodeError:
        return "its name is no UTF-8"
    return None


def _printable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode("utf-8")


def read_bytes(path: Path) -> bytes:
    """Read a file, unless it is too large.

    Raises
    ------
    RagError
        If it cannot be read.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
    except OSError as error:
        raise RagError((error.strerror or str(error)).lower()) from None
    if len(data) > LARGEST:
        raise RagError(f"more than {LARGEST / 1e6:.0f} MB")
    return data


def read(source: str, data: bytes) -> Document:
    """Make a document of the bytes of a file.

    Its label is its title; without one, its name in words.

    Raises
    ------
    RagError
        If it holds no text, or not what its name says.
    """
    suffix = Path(source).suffix.lower()
    if suffix == ".pdf":
        content = pdf(data)
    else:
        charset = charset_of(data) if suffix in (".html", ".htm") else ""
        content = TEXTS.get(suffix, plain_text)(decoded(data, charset))
    if not content.text.strip():
        raise RagError("holds no text" if data.strip() else "empty")
    label = " ".join(content.title.split()) or _in_words(source)
    return Document(source, content.text, label, sections_of(content), content.metadata)


def _in_words(source: str) -> str:
    return " ".join(Path(source).stem.replace("_", " ").replace("-", " ").split())


def decoded(data: bytes, charset: str = "") -> str:
    """Give the text of a file: as UTF-8, as its first bytes or a page say, else in the letters of Western Europe.

    Raises
    ------
    RagError
        If it holds no text but numbers for a machine.
    """
    marked = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in data and not marked:
        raise RagError("no text: it holds bytes that are 0")
    for encoding in ("utf-16",) if marked else ("utf-8", charset):
        try:
            text = data.decode(encoding or "cp1252", "strict" if encoding else "replace")
        except (UnicodeDecodeError, LookupError):
            continue
        break
    else:
        text = data.decode("cp1252", "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")
