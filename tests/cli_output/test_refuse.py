"""Whatever a command refuses, it says on one line that a terminal can show."""

from __future__ import annotations

import pytest
import typer

from companion.cli_output import refuse


def test_a_refusal_is_one_printable_line_on_stderr_and_status_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as left:
        refuse("history check", "a\nb\x1b[31m.jsonl: é is no JSON")
    assert left.value.exit_code == 2
    assert capsys.readouterr() == ("", "companion history check: a?b?[31m.jsonl: é is no JSON\n")
