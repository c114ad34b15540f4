"""An index: the chunks of a folder's documents and their vectors, kept in a folder of its own.

    index.json              what was indexed and how, with the SHA-256 of all that is beside it, and of itself
    chunks-<hash>.jsonl     a chunk a line
    vectors-<hash>.npy      a row a chunk, in numbers of 16 bits

There is no pickle in it, which would run what a stranger wrote. An index is verified when it is opened: FAISS, given a
file with a flipped bit, answers more often than not. Files are named by what is in them, so that the old ones stay as
they are while the new ones are written, and the index is the new one from the moment at which `index.json` is replaced.

A vector depends on its text alone and not on what else is embedded, so that an index that was brought up to date, and
one that was made anew, are the same to the byte.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from companion.files import replace_file
from companion.models import embeddings
from companion.reasoning.rag.chunks import Chunk, Document, Evidence, RagError
from companion.reasoning.rag.loading import SUFFIXES, Problem, find, read, read_bytes
from companion.reasoning.rag.retrieving import A_SOURCE, By, Retriever
from companion.reasoning.rag.splitting import SIZE, split

FORMAT, VERSION = "companion rag index", 1
"""What an index says of itself. Another way of reading or cutting documents is another version."""

ABOUT = "index.json"
TOGETHER = 32
"""How many texts go to a server, or to another process, at once."""

MANY = 300
"""How many texts are worth starting processes for: a process takes some seconds to load a model."""

_OURS = re.compile(r"chunks-[0-9a-f]{16}\.jsonl|vectors-[0-9a-f]{16}\.npy")
_UNFINISHED = re.compile(rf"(?:{_OURS.pattern})|\.(?:{_OURS.pattern}|index\.json)\.[0-9a-f]{{8}}")
"""What an update that was killed leaves: files that no index lists, and some of them not whole."""

Step = Callable[[int, int], None]


@dataclass(frozen=True)
class Source:
    """A document as the index knows it: of which bytes, with how many chunks, and what it can be filtered by."""

    sha256: str
    size: int
    chunks: int
    label: str
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class Index:
    """Chunks to be searched.

    Attributes
    ----------
    embedding : str
        What made the vectors, and has to embed the questions.
    size, overlap : int
        How documents were cut; see `splitting.split`.
    sources : mapping of str to Source
        The documents, in the order of their chunks.
    unread : tuple of Problem
        What of the folder is not in it.
    chunks : tuple of Chunk
        All pieces of all documents.
    lines : tuple of int
        In which line of its document each chunk begins, from 1 on.
    stored : array of float16
        A row for each chunk.
    """

    embedding: str
    size: int
    overlap: int
    sources: Mapping[str, Source]
    unread: tuple[Problem, ...]
    chunks: tuple[Chunk, ...]
    lines: tuple[int, ...]
    stored: NDArray[np.float16]

    @cached_property
    def retriever(self) -> Retriever:
        """What searches it."""
        return Retriever(self.chunks, self.stored.astype(np.float32))

    def search(
        self,
        question: str,
        k: int = 5,
        *,
        by: By = "fused",
        only: Mapping[str, str] | None = None,
        a_source: int = A_SOURCE,
    ) -> list[Evidence]:
        """Find evidence for a question; see `Retriever.search`."""
        vector = np.zeros(self.stored.shape[1], dtype=np.float32)
        if by != "words":
            vector = embeddings(self.embedding).queries([question])[0]
            if len(vector) != self.stored.shape[1]:
                raise RagError(f"{self.embedding} gives {len(vector)} numbers, and gave {self.stored.shape[1]}")
        return self.retriever.search(question, vector, k, by=by, only=only, a_source=a_source)

    def find(self, source: str, place: int) -> tuple[Chunk, int]:
        """Give the chunk in which a place of a document stands, and in which line of the document that is."""
        first, starts = self._starts[source]
        at = first + max(0, bisect_right(starts, place) - 1)
        chunk = self.chunks[at]
        return chunk, self.lines[at] + chunk.text.count("\n", 0, max(0, place - chunk.start))

    @cached_property
    def _starts(self) -> dict[str, tuple[int, list[int]]]:
        found: dict[str, tuple[int, list[int]]] = {}
        for at, chunk in enumerate(self.chunks):
            found.setdefault(chunk.source, (at, []))[1].append(chunk.start)
        return found


@dataclass(frozen=True)
class Update:
    """What bringing an index up to date came to, in documents, and in chunks that had to be embedded."""

    index: Index
    added: int
    changed: int
    removed: int
    embedded: int
    anew: str = ""
    """Why nothing of an index that was there could be kept, or ""."""


def update(
    folder: Path,
    out: Path,
    *,
    embedding: str = "minilm",
    size: int = SIZE,
    overlap: int = 0,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    jobs: int = 1,
    on_step: Step = lambda done, of: None,
) -> Update:
    """Make an index of a folder, or bring one up to date: documents that are as they were are kept.

    Parameters
    ----------
    folder : Path
        The documents.
    out : Path
        The index: a folder that is not there, is empty, or is an index.
    embedding : str
        As `companion.models.embeddings` takes it.
    size, overlap : int
        See `splitting.split`.
    include, exclude : sequence of str
        See `loading.load`.
    jobs : int
        How many processes embed, where there is much to do and no server does it.
    on_step : callable
        Gets how many characters are embedded, and of how many.

    Raises
    ------
    RagError
        If there is no document, or the index cannot be written.
    ValueError, ImportError
        If there are no such embeddings, or not here.
    """
    embeddings(embedding)  # before anything is read: there may be none of that name
    old, anew = _kept(out, embedding, size, overlap)
    rows = _rows(old) if old else {}
    problems: list[Problem] = []
    made: dict[str, _Made] = {}
    own = out.resolve()
    for file in find(folder, include, exclude, problems.append):
        if file.path.is_relative_to(own):
            continue  # an index within its folder is none of the folder's documents, whatever is included
        try:
            data = read_bytes(file.path)
            sha256 = hashlib.sha256(data).hexdigest()
            if old is not None and file.source in rows and old.sources[file.source].sha256 == sha256:
                made[file.source] = _again(old, file.source, rows[file.source])
            else:
                made[file.source] = _cut(read(file.source, data), sha256, len(data), size, overlap)
        except RagError as error:
            problems.append(Problem(file.source, str(error)))
    if not any(each.chunks for each in made.values()):
        why = (
            str(problems[0])
            if problems
            else f"{' '.join(SUFFIXES)} are; --include names others, which are read as text"
        )
        raise RagError(f"{folder}: no document that can be read ({why})")
    stored = _embed(made, embedding, jobs, on_step)
    index = Index(
        embedding, size, overlap, {name: each.source for name, each in made.items()},
        tuple(sorted(problems, key=str)), tuple(chunk for each in made.values() for chunk in each.chunks),
        tuple(line for each in made.values() for line in each.lines), stored,
    )  # fmt: skip
    _write(index, out)
    before = rows.keys()
    return Update(
        index,
        added=len(made.keys() - before),
        changed=sum(made[name].stored is None for name in made.keys() & before),
        removed=len(before - made.keys()),
        embedded=sum(len(each.chunks) for each in made.values() if each.stored is None),
        anew=anew,
    )


@dataclass(frozen=True)
class _Made:
    """A document's part of an index; its vectors are None where they are to be computed."""

    source: Source
    chunks: Sequence[Chunk]
    lines: Sequence[int]
    stored: NDArray[np.float16] | None = None


def _kept(out: Path, embedding: str, size: int, overlap: int) -> tuple[Index | None, str]:
    """Open the index that is there, if anything of it can be kept, else say why not."""
    if not out.exists() or (out.is_dir() and all(_UNFINISHED.fullmatch(path.name) for path in out.iterdir())):
        return None, ""
    if not (out / ABOUT).is_file():
        raise RagError(f"{out}: neither an index nor an empty folder; choose another")
    try:
        old = open_index(out)
    except RagError as error:
        return None, str(error)
    if (old.embedding, old.size, old.overlap) != (embedding, size, overlap):
        return None, f"it was made by {old.embedding} of chunks of {old.size} characters, {old.overlap} of them twice"
    return old, ""


def _rows(index: Index) -> dict[str, slice]:
    """Say which rows belong to which document."""
    found, at = dict[str, slice](), 0
    for name, source in index.sources.items():
        found[name] = slice(at, at + source.chunks)
        at += source.chunks
    return found


def _again(old: Index, name: str, rows: slice) -> _Made:
    return _Made(old.sources[name], old.chunks[rows], old.lines[rows], old.stored[rows])


def _cut(document: Document, sha256: str, size_in_bytes: int, size: int, overlap: int) -> _Made:
    chunks = split(document, size, overlap)
    lines, line, at = list[int](), 1, 0
    for chunk in chunks:
        line += document.text.count("\n", at, chunk.start)
        at = chunk.start
        lines.append(line)
    return _Made(Source(sha256, size_in_bytes, len(chunks), document.label, document.metadata), chunks, lines)


def _embed(made: Mapping[str, _Made], embedding: str, jobs: int, on_step: Step) -> NDArray[np.float16]:
    """Give a row for each chunk, computed where it is not there."""
    new = [chunk.headed for each in made.values() if each.stored is None for chunk in each.chunks]
    batches = [new[start : start + TOGETHER] for start in range(0, len(new), TOGETHER)]
    apart = jobs > 1 and len(new) >= MANY and not _at_a_server(embedding)
    of, done = sum(map(len, new)), 0
    found = list[NDArray[np.float16]]()
    for batch, vectors in zip(batches, (_in_processes if apart else _here)(batches, embedding, jobs), strict=True):
        found.append(vectors)
        done += sum(map(len, batch))
        on_step(done, of)
    computed = np.concatenate(found) if found else np.zeros((0, 0), np.float16)
    parts, at = list[NDArray[np.float16]](), 0
    for each in made.values():
        if each.stored is None:
            parts.append(computed[at : at + len(each.chunks)])
            at += len(each.chunks)
        else:
            parts.append(each.stored)
    return np.concatenate([part for part in parts if len(part)])


def _at_a_server(embedding: str) -> bool:
    return "/" in embedding


def _here(batches: Sequence[list[str]], embedding: str, jobs: int) -> Iterator[NDArray[np.float16]]:
    return (_vectors(batch, embedding) for batch in batches)


def _in_processes(batches: Sequence[list[str]], embedding: str, jobs: int) -> Iterator[NDArray[np.float16]]:
    """Embed in processes of their own, each with one thread for its products; the vectors are the same ones."""
    from concurrent.futures.process import BrokenProcessPool

    from loky import ProcessPoolExecutor

    pool = ProcessPoolExecutor(
        max_workers=jobs, env={f"{name}_NUM_THREADS": "1" for name in ("OPENBLAS", "OMP", "MKL")}
    )
    try:
        yield from pool.map(_vectors, batches, [embedding] * len(batches))
    except BrokenProcessPool:
        raise RagError(f"one of {jobs} processes that embed was killed; out of memory, perhaps: try fewer") from None
    finally:
        pool.shutdown(wait=False, kill_workers=True)


def _vectors(texts: list[str], embedding: str) -> NDArray[np.float16]:
    """Embed texts, each alone unless a server does it: in other company a sum is taken in another order."""
    model = embeddings(embedding)
    if _at_a_server(embedding):
        return model.matrix(texts).astype(np.float16)
    return np.concatenate([model.matrix([text]) for text in texts]).astype(np.float16)


# On the disk


def _write(index: Index, out: Path) -> None:
    """Write an index whole or not at all, and nothing where it is there already."""
    lines = [
        {"source": chunk.source, "start": chunk.start, "end": chunk.end, "line": line, "header": chunk.header,
         "text": chunk.text}
        for chunk, line in zip(index.chunks, index.lines, strict=True)
    ]  # fmt: skip
    chunks = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.ascontiguousarray(index.stored), version=(1, 0), allow_pickle=False)
    hashed = {kind: (data, hashlib.sha256(data).hexdigest()) for kind, data in
              (("chunks-{}.jsonl", chunks), ("vectors-{}.npy", stream.getvalue()))}  # fmt: skip
    files = {kind.format(sha256[:16]): (data, sha256) for kind, (data, sha256) in hashed.items()}
    about = _about(index, {name: sha256 for name, (_, sha256) in files.items()})
    try:
        out.mkdir(parents=True, exist_ok=True)
        if (out / ABOUT).is_file() and (out / ABOUT).read_bytes() == about and _whole(out, files):
            return
        for name, (data, _) in files.items():
            replace_file(out / name, data)
        replace_file(out / ABOUT, about)
        for path in out.iterdir():
            if _UNFINISHED.fullmatch(path.name) and path.name not in files:
                path.unlink()
    except OSError as error:
        raise RagError(f"{error.filename or out}: {(error.strerror or str(error)).lower()}") from None


def _whole(out: Path, files: Mapping[str, tuple[bytes, str]]) -> bool:
    return all((out / name).is_file() and (out / name).read_bytes() == data for name, (data, _) in files.items())


def _about(index: Index, files: Mapping[str, str]) -> bytes:
    said = {
        "format": FORMAT,
        "version": VERSION,
        "embedding": index.embedding,
        "dimensions": int(index.stored.shape[1]),
        "size": index.size,
        "overlap": index.overlap,
        "files": dict(sorted(files.items())),
        "sources": {
            name: {**vars(source), "metadata": dict(source.metadata)} for name, source in index.sources.items()
        },
        "unread": [vars(problem) for problem in index.unread],
    }
    return _dumped(said | {"sha256": hashlib.sha256(_dumped(said)).hexdigest()})


def _dumped(said: Mapping[str, Any]) -> bytes:
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()


def open_index(path: Path) -> Index:
    """Open an index and verify all of it.

    Raises
    ------
    RagError
        If it is none, or of another version, or any bit of it is not as it was written.
    """
    raw = _read(path / ABOUT)
    try:
        about = json.loads(raw)
        kind, version, sha256 = about["format"], about["version"], about.pop("sha256")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise RagError(f"{path / ABOUT}: no index, or damaged; make it anew") from None
    if kind != FORMAT or version != VERSION:
        raise RagError(f"{path}: an index of another version ({kind} {version}); make it anew")
    if sha256 != hashlib.sha256(_dumped(about)).hexdigest() or _dumped(about | {"sha256": sha256}) != raw:
        raise RagError(f"{path / ABOUT}: damaged; make it anew")
    try:
        return _opened(path, about)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise RagError(f"{path}: no index ({type(error).__name__} {str(error)[:80]}); make it anew") from None


def _opened(path: Path, about: Mapping[str, Any]) -> Index:
    chunks_name, vectors_name = sorted(about["files"])
    lines = [json.loads(line) for line in _verified(path, about, chunks_name).split(b"\n")[:-1]]
    stored = np.lib.format.read_array(io.BytesIO(_verified(path, about, vectors_name)), allow_pickle=False)
    sources = {name: Source(**said) for name, said in about["sources"].items()}
    if stored.dtype != np.float16 or stored.shape != (len(lines), about["dimensions"]):
        raise ValueError(f"vectors of {stored.dtype} {stored.shape} for {len(lines)} chunks")
    if [line["source"] for line in lines] != [name for name, each in sources.items() for _ in range(each.chunks)]:
        raise ValueError("chunks of other documents than are listed")
    chunks = tuple(
        Chunk(line["source"], line["start"], line["end"], line["text"], line["header"],
              sources[line["source"]].metadata)
        for line in lines
    )  # fmt: skip
    unread = tuple(Problem(**problem) for problem in about["unread"])
    numbers = tuple(line["line"] for line in lines)
    return Index(about["embedding"], about["size"], about["overlap"], sources, unread, chunks, numbers, stored)


def _verified(path: Path, about: Mapping[str, Any], name: str) -> bytes:
    """Read a file of the index, and nothing else; what it holds has to be what was written."""
    if not _OURS.fullmatch(name):
        raise ValueError(f"lists {name[:40]!r}")
    data = _read(path / name)
    if hashlib.sha256(data).hexdigest() != about["files"][name]:
        raise RagError(f"{path / name}: damaged; make the index anew")
    return data


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        why = "not there; is this an index?" if isinstance(error, FileNotFoundError) else str(error.strerror).lower()
        raise RagError(f"{file}: {why}") from None
