"""A document is had within bounds, and a stranger's words stay on one line."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.services.mcp.minutes import sources
from companion.services.mcp.minutes.sources import SourceError, counted, fixtures, one_line, web_address, within_bounds


def had(fetch: sources.Fetch, name: str = "a.xml") -> bytes:
    return asyncio.run(within_bounds(fetch)(name))  # type: ignore[arg-type]


def test_a_document_of_a_folder_is_given_as_it_lies_there(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(b"\xff\0")
    assert had(fixtures(tmp_path)) == b"\xff\0"


def test_a_document_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"^a\.xml: no such file or directory$"):
        had(fixtures(tmp_path))


def test_a_document_that_is_too_long_is_refused_and_not_read_to_its_end(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_bytes(b"x" * (sources.MOST_BYTES + 1000))
    with pytest.raises(SourceError, match=r"^a\.xml: longer than 1048576 bytes$"):
        had(fixtures(tmp_path))
    (tmp_path / "a.xml").write_bytes(b"x" * sources.MOST_BYTES)
    assert len(had(fixtures(tmp_path))) == sources.MOST_BYTES


def test_a_document_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(name: str) -> bytes:
        await asyncio.Event().wait()
        raise AssertionError(name)

    monkeypatch.setattr(sources, "SECONDS", 0.01)
    with pytest.raises(SourceError, match=r"^a\.xml: no answer within 0\.01 s$"):
        had(never)


def test_a_source_that_refuses_the_connection_is_one_kind_of_error(tmp_path: Path) -> None:
    async def refused(name: str) -> bytes:
        raise ConnectionRefusedError(111, "Connection refused")

    with pytest.raises(SourceError, match=r"^a\.xml: connection refused$"):
        had(refused)


@given(st.text(max_size=1000), st.integers(2, 200))
def test_any_text_is_one_line_that_can_be_printed_and_is_not_longer(text: str, longest: int) -> None:
    line = one_line(text, longest)
    assert line.isprintable() and len(line) <= longest and line == line.strip()
    assert one_line(line, longest) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("  two\n\nlines ", "two lines"),
        ("read\u202ebackwards", "read backwards"),
        ("\x1b[2Jgone", "[2Jgone"),
        ("a" * 200, "a" * 159 + "…"),
        ("a" * 160, "a" * 160),
        (" " * 700 + "far away", "…"),
    ],
)
def test_what_moves_the_cursor_is_taken_out_and_what_is_cut_says_so(text: str, line: str) -> None:
    assert one_line(text) == line


@pytest.mark.parametrize("address", ["https://a.example/b?c=d", "http://a.example"])
def test_an_address_of_the_web_is_kept(address: str) -> None:
    assert web_address(f" {address}\n") == address


@pytest.mark.parametrize(
    "address",
    [None, "", "javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "//a.example", "https://a.example/ b",
     "https://a.example/" + "x" * 700],
)  # fmt: skip
def test_any_other_address_is_nothing(address: str | None) -> None:
    assert web_address(address) == ""


def test_one_and_several() -> None:
    assert (counted(1, "story", "stories"), counted(0, "story", "stories")) == ("1 story", "0 stories")
