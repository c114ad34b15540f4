"""Which files a scan reads, and by which names they import each other.

A schema says `import "shop/v1/order.proto"`, relative to a root that only its own build knows. We find the file that
is meant: under the folders that the user names, then under those above the importing file, then as a file of the scan
whose path ends so, then among the definitions that come with this package and with protoc. A file whose own name is
longer is another one: `buf/validate/validate.proto` is not what `validate/validate.proto` asks for.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from pathlib import Path, PurePosixPath

from companion import git
from companion.schemas.protobuf import source_text
from companion.schemas.protobuf.excluding import Excluded, absolute, ignored_below
from companion.schemas.protobuf.model import Problem, Tell, quiet

MAX_BYTES = 5_000_000  # of one file; the largest schema of googleapis, a generated one, has 4 MB
MAX_FILES = 50_000
STEP = 100  # files between two words of how far we are
LEVELS_ABOVE = 8  # how far above a file its import root may be

EXCLUDED = "every schema here is excluded or ignored; scan less of it, or exclude less"
LEFT_OUT = "excluded, and so not judged"
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


@dataclass
class _Search:
    """Everything that is known while imports are followed."""

    include: Sequence[Path]
    sources: dict[Path, Source] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    named: dict[str, list[Path]] = field(default_factory=dict)  # by their last part, also what is excluded
    asked: dict[str, set[str]] = field(default_factory=dict)  # all import names of the scan, by their last part
    there: dict[tuple[Path, str], Source | None] = field(default_factory=dict)  # what a root has by a name
    roots: dict[Path, list[Path]] = field(default_factory=dict)  # above a folder


def collect(
    paths: Sequence[Path],
    include: Sequence[Path] = (),
    exclude: Excluded | None = None,
    tell: Tell = quiet,
) -> tuple[list[Source], list[Problem]]:
    """Open the schemas under `paths`, and whatever they import that can be found.

    Parameters
    ----------
    paths
        Files, or folders to search for `*.proto`. Links to folders are not followed: a loop of links holds nothing up.
        What the repository of a folder ignores is left out.
    include
        Folders that imports are relative to, tried before the ones that we would guess.
    exclude
        What else is left out; it is read only where it is imported.
    tell
        Told how far we are.
    """
    search = _Search(include)
    for count, (shown, judged) in enumerate(_listed(paths, exclude or Excluded(), search.problems), 1):
        if count % STEP == 0:
            tell(f"opened {count:,} schemas")
        found = _open(shown, search.sources, search.problems, judged=True) if judged else None
        place = found.path if found else absolute(shown)
        search.named.setdefault(place.name, []).append(place)
    pending = list(search.sources.values())
    for name in (name for source in pending for name, _ in source.imports):
        search.asked.setdefault(PurePosixPath(name).name, set()).add(name)
    while pending:
        source = pending.pop()
        for name, line in source.imports:
            known = len(search.sources)
            found = _find(name, source, search)
            if found is None:
                source.missing.append((name, line))
                continue
            source.found[name] = found
            if len(search.sources) > known:
                pending.append(found)
    return list(search.sources.values()), search.problems


def _listed(paths: Sequence[Path], exclude: Excluded, problems: list[Problem]) -> Iterator[tuple[Path, bool]]:
    """Every schema under the paths, and whether it is to be judged."""
    count = 0
    for path in paths:
        try:
            is_folder = path.is_dir()
        except OSError as error:
            problems.append(Problem(str(path), _why(path, error)))
            continue
        some = left_out = False
        for found, wanted in _walk(path, problems) if is_folder else [(path, True)]:
            count += 1
            if count > MAX_FILES:
                problems.append(Problem(str(path), f"more than {MAX_FILES:,} schemas; name the folders to scan"))
                return
            judged = wanted and not exclude.holds(found, path if is_folder else path.parent)
            some, left_out = some or judged, left_out or (wanted and not judged)
            yield found, judged
        if left_out and not some:
            problems.append(Problem(str(path), EXCLUDED if is_folder else LEFT_OUT, fatal=is_folder))


def _walk(folder: Path, problems: list[Problem]) -> Iterator[tuple[Path, bool]]:
    def refused(error: OSError) -> None:
        where = Path(error.filename or folder)
        problems.append(Problem(where.as_posix(), _why(where, error)))

    ignored = set(ignored_below(folder))
    top = absolute(folder)
    for here, folders, names in os.walk(folder, onerror=refused, followlinks=False):
        place = absolute(Path(here))
        if place != top and ".git" in (*folders, *names):  # a submodule has rules of its own
            ignored |= ignored_below(place)
        if place != top and str(place.parent) in ignored:
            ignored.add(str(place))
        folders[:] = sorted(name for name in folders if name not in SKIPPED_FOLDERS and not name.startswith("."))
        for name in sorted(names):
            if name.endswith(".proto"):
                yield Path(here) / name, str(place) not in ignored and str(place / name) not in ignored


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
        problems.append(Problem(shown, _why(path, error)))
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


def _why(path: Path, error: Exception) -> str:
    if isinstance(error, RuntimeError) or (isinstance(error, OSError) and error.errno == errno.ELOOP):
        return "a symbolic link that leads back to itself"
    if isinstance(error, FileNotFoundError):
        said, hint = _link(path), missing_submodule(path)
        return f"{said}{hint or '; --exclude leaves it out'}" if said else f"no such file or folder{hint}"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be read: {error.strerror.lower()}"
    return f"cannot be read: {error}"


def _link(path: Path) -> str:
    """What to say of a path that leads over a link to nowhere; nothing when there is no link on it."""
    links = [step for step in (path, *path.parents) if step.is_symlink()]
    if not links:
        return ""
    of = "a symbolic link" if links[0] == path else f"below {links[0].as_posix()}, a symbolic link"
    return f"{of} to {links[0].readlink()}, where there is nothing"


def missing_submodule(path: Path) -> str:
    """Say which submodule has to be checked out before there is something at a path; nothing when none has."""
    place = Path(os.path.realpath(path))
    folder = next(above for above in (place, *place.parents) if above.is_dir())
    try:
        top = git.top_of(folder)
        missing = [name for name in git.submodules(top) if not (top / name / ".git").exists()] if top else []
    except git.GitError:
        return ""
    for name in missing:
        if top and place.is_relative_to(top / name):
            return f"; the submodule {name} is not checked out: `git submodule update --init {name}`"
    return ""


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


def _find(name: str, importer: Source, search: _Search) -> Source | None:
    if not usable(name):
        return None
    folder = importer.path.parent
    if folder not in search.roots:
        search.roots[folder] = roots_above(importer.path)
    return (
        _below([*search.include, *search.roots[folder]], name, search)
        or _by_ending(name, importer, search)
        or _below(bundled_roots(), name, search)
    )


def _below(roots: Sequence[Path], name: str, search: _Search) -> Source | None:
    """The file of a name in the first of some folders that has one that can be read; each is asked once."""
    for root in roots:
        if (root, name) not in search.there:
            path = root / name
            search.there[root, name] = (
                _open(path, search.sources, search.problems, judged=False) if path.is_file() else None
            )
        found = search.there[root, name]
        if found is not None:
            return found
    return None


def _by_ending(name: str, importer: Source, search: _Search) -> Source | None:
    """The file of the scan whose root nobody told us: its path ends so, and nothing says that its name is longer."""
    parts = PurePosixPath(name).parts
    if len(parts) == 1:  # `common.proto` is the one nearby, not any file of that name
        return None
    longer = [other for other in search.asked.get(parts[-1], ()) if other.endswith(f"/{name}")]
    found = []
    for path in search.named.get(parts[-1], []):
        if path.parts[-len(parts) :] != parts or any(path.as_posix().endswith(f"/{other}") for other in longer):
            continue
        source = search.sources.get(path)
        content = source.content if source else _beginning(path)
        package = source_text.package(content).split(".")
        if len(package) < len(parts) or path.parent.parts[-len(package) :] != tuple(package):
            found.append(path)
    if not found:
        return None
    nearest = max(found, key=lambda path: len(os.path.commonpath([path, importer.path])))
    return _open(nearest, search.sources, search.problems, judged=False)


def _beginning(path: Path) -> bytes:
    """The first bytes of a file that is not part of the scan; nothing where there is none."""
    try:
        if path.is_file():
            with path.open("rb") as stream:
                return stream.read(100_000)
    except OSError:
        return b""
    return b""
