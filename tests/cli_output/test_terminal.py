"""Reports go where they are wanted, everything else to stderr."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
import typer

from companion.cli_output import terminal
from companion.cli_output.terminal import say, show, with_progress, write_reports


class Screen(io.StringIO):
    """A terminal, as far as a program can tell."""

    def isatty(self) -> bool:
        """Say that it is one."""
        return True


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_report_is_left_as_it_is_and_a_message_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    show("a\n b\n")
    say("x\ny\x1b[31m")
    assert capsys.readouterr() == ("a\n b\n", "x y\n")


def test_what_a_stream_cannot_write_becomes_a_question_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii"))
    show("é\n")
    assert raw.getvalue() == b"?\n"


def test_reports_go_into_files_and_one_to_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.txt"
    make = {"json": lambda: "J\n", "text": lambda: "T\n", "none": lambda: "N\n"}
    assert write_reports("x", {"json": "-", "text": str(file), "none": ""}, make)
    assert (file.read_text(), capsys.readouterr()) == ("T\n", ("J\n", f"wrote {file}\n"))
    assert not write_reports("x", {"text": str(file)}, make)


@pytest.mark.parametrize(
    ("targets", "said"),
    [
        ({"a": "-", "b": "-"}, "companion x: --a and --b cannot both go to stdout; write one into a file\n"),
        ({"a": "none/x"}, "companion x: --a none/x: no such file or directory\n"),
    ],
)
def test_what_cannot_be_written_is_one_line_and_status_2(
    targets: dict[str, str],
    said: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(typer.Exit) as left:
        write_reports("x", targets, dict.fromkeys("ab", lambda: ""))
    assert (left.value.exit_code, capsys.readouterr().err) == (2, said)


@pytest.mark.parametrize(
    ("stream", "patience", "shown"), [(io.StringIO, 0, False), (Screen, 0, True), (Screen, 60, False)]
)
def test_progress_is_shown_to_a_terminal_that_has_waited(
    stream: type[io.StringIO], patience: float, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = stream()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setattr(terminal, "PATIENCE", patience)
    monkeypatch.setenv("TERM", "xterm")
    assert list(with_progress("reading", range(3), 3)) == [0, 1, 2]
    assert ("reading" in screen.getvalue()) is shown
