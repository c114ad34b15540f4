"""Which files a scan reads, and by which names they import each other.

A schema says `import "shop/v1/order.proto"`, relative to a root that only its own build knows. We find the file that
is meant: among the files of the scan, then under the folders above the importing file, then among the definitions that
come with this package and with protoc.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath

from companion.schemas.protobuf import source_text
from companion.schemas.protobuf.model import Problem

MAX_BYTES = 5_000_000  # of one file; the largest schema of googleapis, a generated one, has 4 MB
MAX_FILES = 50_000
LEVELS_ABOVE = 8  # how far above a file its import root may be

SKIPPED_FOLDERS = {"node_modules", "__pycache__", "venv", "bazel-bin", "bazel-out"}


@dataclass
class Source:
    """A file that could be opened."""

    path: Path
    shown: str  # as the user called it
    content: bytes
    judged: bool
    imports: list[tuple[str, int]] = field(default_factory=list)
    found: dict[str, Source] = field(default_factory=dict)  # import name -> the file that is meant
    missing: list[tuple[str, int]] = field(default_factory=list)


def collect(paths: Sequence[Path], include: Sequence[Path] = ()) -> tuple[list[Source], list[Problem]]:
    """Open the schemas under `paths`, and whatever they import that can be found.

    Parameters
    ----------
    paths
        Files, or folders to search for `*.proto`. Links to folders are not followed: a loop of links holds nothing up.
    include
        Folders that imports are relative to, tried before the ones that we would guess.
    """
    problems: list[Problem] = []
    sources: dict[Path, Source] = {}
    for shown in _listed(paths, problems):
        _open(shown, sources, problems, judged=True)
    pending = list(sources.values())
    endings = _by_name(pending)
    while pending:
        source = pending.pop()
        for name, line in source.imports:
            known = set(sources)
            found = _find(name, source, endings, sources, include, problems)
            if found is None:
                source.missing.append((name, line))
                continue
            source.found[name] = found
            if found.path not in known:
                pending.append(found)
    return list(sources.values()), problems


def _listed(paths: Sequence[Path], problems: list[Problem]) -> Iterator[Path]:
    count = 0
    for path in paths:
        try:
            is_folder = path.is_dir()
        except OSError as error:
            problems.append(Problem(str(path), _why(error)))
            continue
        for found in _walk(path, problems) if is_folder else [path]:
            count += 1
            if count > MAX_FILES:
                problems.append(Problem(str(path), f"more than {MAX_FILES:,} schemas; name the folders to scan"))
                return
            yield found


def _walk(folder: Path, problems: list[Problem]) -> Iterator[Path]:
    def refused(error: OSError) -> None:
        problems.append(Problem(Path(error.filename or folder).as_posix(), _why(error)))

    for here, folders, names in os.walk(folder, onerror=refused, followlinks=False):
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS and not name.startswith("."))
        for name in sorted(names):
            if name.endswith(".proto"):
                yield Path(here) / name


def _open(path: Path, sources: dict[Path, Source], problems: list[Problem], *, judged: bool) -> Source | None:
    shown = path.as_posix()
    try:
        real = path.resolve(strict=True)
        if real in sources:
            return sources[real]
        if not real.is_file():
            problems.append(Problem(shown, "not a regular file"))
            return None
        with real.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except (OSError, RuntimeError, ValueError) as error:  # resolve() tells of a loop of links with a RuntimeError
        problems.append(Problem(shown, _why(error)))
        return None
    trouble = _unfit(content)
    if trouble is not None:
        problems.append(Problem(shown, trouble[0], line=trouble[1]))
        return None
    judged = judged and not _is_a_copy_of_ours(real, content)
    sources[real] = Source(real, shown, content, judged, source_text.imports(content))
    return sources[real]


def _is_a_copy_of_ours(path: Path, content: bytes) -> bool:
    """Whether a file is a copy of definitions of this package, put beside the schemas that import them."""
    return any(
        path.as_posix().endswith(f"/{name}") and content == definitions for name, definitions in _definitions().items()
    )


@cache
def _definitions() -> dict[str, bytes]:
    """The definitions that come with this package, by the name that schemas import them by."""
    root = bundled_roots()[0]
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in sorted(root.rglob("*.proto"))}


def _unfit(content: bytes) -> tuple[str, int | None] | None:
    if len(content) > MAX_BYTES:
        return f"over {MAX_BYTES // 1_000_000} MB, larger than any schema that people write; not read", None
    if b"\0" in content:
        return "binary, not a schema (it holds a zero byte)", content.count(b"\n", 0, content.index(b"\0")) + 1
    return None


def _why(error: Exception) -> str:
    if isinstance(error, RuntimeError) or (isinstance(error, OSError) and error.errno == errno.ELOOP):
        return "a symbolic link that leads back to itself"
    if isinstance(error, FileNotFoundError):
        return "no such file or folder"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror.lower()}"
    return f"cannot be read: {error}"


def _by_name(sources: Iterable[Source]) -> dict[str, list[Source]]:
    named: dict[str, list[Source]] = {}
    for source in sources:
        named.setdefault(source.path.name, []).append(source)
    return named


def usable(name: str) -> bool:
    """Whether an import names a file below its root; protoc refuses the rest, and none may lead us out of a folder."""
    pure = PurePosixPath(name)
    plain = all(character.isprintable() and character not in '\\"' for character in name)
    return plain and name.endswith(".proto") and not pure.is_absolute() and ".." not in pure.parts and str(pure) == name


def roots_above(path: Path) -> list[Path]:
    """The folders that the imports of `path` may be relative to: those above it, up to the root of its repository."""
    above = []
    for folder in list(path.parents)[:LEVELS_ABOVE]:
        above.append(folder)
        if (folder / ".git").exists():
            break
    return above


def bundled_roots() -> list[Path]:
    """Folders with the definitions that need no network: this package's, and then protoc's own types."""
    return [Path(str(files("companion.schemas") / "protos")), Path(str(files("grpc_tools") / "_proto"))]


def _find(
    name: str,
    importer: Source,
    endings: dict[str, list[Source]],
    sources: dict[Path, Source],
    include: Sequence[Path],
    problems: list[Problem],
) -> Source | None:
    if not usable(name):
        return None
    parts = PurePosixPath(name).parts
    near = [source for source in endings.get(parts[-1], []) if source.path.parts[-len(parts) :] == parts]
    if len(parts) == 1:  # `common.proto` is the one nearby, not any file of that name
        near = [source for source in near if source.path.parent in importer.path.parents]
    if near:
        return max(near, key=lambda source: len(os.path.commonpath([source.path, importer.path])))
    for root in [*include, *roots_above(importer.path), *bundled_roots()]:
        if (root / name).is_file():
            return _open(root / name, sources, problems, judged=False)
    return None
