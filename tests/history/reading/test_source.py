"""Bytes become text, unpacked and bounded, from files and pipes."""

from __future__ import annotations

import gzip
import io
import os
import threading
from pathlib import Path

import pytest

from companion.history import HistoryError
from companion.history.reading import source
from companion.history.reading.source import again_and_again, chunks


def test_text_is_given_whole_whatever_the_size_of_the_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "CHUNK", 3)
    text = "é€𐍈\nabc" * 7
    (tmp_path / "plain").write_bytes(b"\xef\xbb\xbf" + text.encode())
    (tmp_path / "packed").write_bytes(gzip.compress(text[:20].encode()) + gzip.compress(text[20:].encode()))
    assert "".join(chunks(tmp_path / "plain")) == text
    assert "".join(chunks(tmp_path / "packed")) == text


def test_what_is_no_text_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes(b"{}\n{}\n\xe9")
    with pytest.raises(HistoryError, match="line 3: not UTF-8"):
        list(chunks(tmp_path / "latin"))


@pytest.mark.parametrize(
    "packed",
    [gzip.compress(b"x" * 99)[:-9], b"\x1f\x8b junk", gzip.compress(b"x" * 99) + b"!"],
    ids=["cut", "junk", "more"],  # not by their bytes, in which gzip writes the time of day
)
def test_a_broken_packed_file_is_refused(tmp_path: Path, packed: bytes) -> None:
    (tmp_path / "packed").write_bytes(packed)
    with pytest.raises(HistoryError, match="cannot be unpacked"):
        list(chunks(tmp_path / "packed"))


def test_a_packed_file_cannot_grow_without_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "MOST_UNPACKED", 2**20)
    (tmp_path / "bomb").write_bytes(gzip.compress(b" " * 2**22))
    with pytest.raises(HistoryError, match="more than 1 MB"):
        list(chunks(tmp_path / "bomb"))


def test_what_comes_through_a_pipe_can_be_read_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"abc")))
    with again_and_again("-") as path:
        assert ["".join(chunks(path)) for _ in range(2)] == ["abc", "abc"]
    assert not path.exists()
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(b"def",))
    writer.start()
    with again_and_again(tmp_path / "pipe") as path:
        assert ["".join(chunks(path)) for _ in range(2)] == ["def", "def"]
    writer.join()


def test_folders_and_devices_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, Path(os.devnull)):
        with pytest.raises(HistoryError, match="not a file"), again_and_again(path):
            pass
