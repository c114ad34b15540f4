"""Where a history comes from: a file, perhaps packed by gzip, or a pipe; its text in pieces, again and again."""

from __future__ import annotations

import codecs
import gzip
import shutil
import stat
import sys
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from companion.history.events import HistoryError

CHUNK = 2**20
"""Bytes that are read at once."""

MOST_UNPACKED = 2**30
"""Bytes that a packed file may hold; a few kilobytes can be made to hold more than any disk."""

MOST_PIPED = 2**33
"""Bytes that are taken from a pipe; they are kept in a temporary file, to be read again."""


@contextmanager
def again_and_again(file: str | Path) -> Iterator[Path]:
    """Give a path that can be read more than once: that of the file, or of a copy of what came through a pipe.

    Parameters
    ----------
    file : str or Path
        ``-`` is standard input.

    Raises
    ------
    HistoryError
        If it is a folder or a device.
    OSError
        If it cannot be read.
    """
    path = Path(file)
    mode = 0 if str(file) == "-" else path.stat().st_mode
    if stat.S_ISREG(mode):
        yield path
        return
    if mode and not stat.S_ISFIFO(mode):
        raise HistoryError("not a file; give a file of events, or - for standard input")
    with tempfile.TemporaryDirectory(prefix="companion-history-") as folder:
        copy = Path(folder) / "piped"
        with copy.open("wb") as target:
            if mode:
                with path.open("rb") as pipe:
                    _copy(pipe, target)
            else:
                _copy(sys.stdin.buffer, target)
        yield copy


def _copy(pipe: BinaryIO, target: BinaryIO) -> None:
    shutil.copyfileobj(_Bounded(pipe, MOST_PIPED), target, CHUNK)


class _Bounded:
    """A stream of which no more is read than is allowed."""

    def __init__(self, stream: BinaryIO, most: int) -> None:
        self.stream, self.left, self.most = stream, most, most

    def read(self, size: int = CHUNK) -> bytes:
        data = self.stream.read(size)
        self.left -= len(data)
        if self.left < 0:
            raise HistoryError(f"more than {self.most // 2**20:,} MB; check the keys in files of their own")
        return data


def chunks(path: Path) -> Iterator[str]:
    """Give the text of a file in pieces, unpacked.

    Raises
    ------
    HistoryError
        If it is not UTF-8, or cannot be unpacked.
    OSError
        If it cannot be read.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    line = 1
    with path.open("rb") as file:
        for data in _unpacked(file):
            try:
                text = decoder.decode(data, final=not data)
            except UnicodeDecodeError as error:
                raise HistoryError(
                    f"line {line + error.object[: error.start].count(10)}: not UTF-8; give the events in UTF-8"
                ) from None
            line += data.count(b"\n")
            if text:
                yield text


def _unpacked(file: BinaryIO) -> Iterator[bytes]:
    """Give the bytes of a file in pieces, and an empty piece at the end."""
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    if not packed:
        while data := file.read(CHUNK):
            yield data
        yield b""
        return
    try:
        with gzip.GzipFile(fileobj=file) as inner:
            bounded = _Bounded(inner, MOST_UNPACKED)  # type: ignore[arg-type]
            while data := bounded.read(CHUNK):
                yield data
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise HistoryError(f"cannot be unpacked by gzip: {error}; pack it again") from None
    yield b""
