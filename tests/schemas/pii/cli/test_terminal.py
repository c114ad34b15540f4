"""A log hears now and then that we are still at work."""

from __future__ import annotations

import pytest

from companion.schemas.pii.cli import terminal


def test_a_log_is_told_how_far_we_are_when_the_last_word_is_old(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    now = [0.0]
    monkeypatch.setattr(terminal, "monotonic", lambda: now[0])
    with terminal.patience("reading ...") as tell:
        for now[0] in (1.0, 29.0, 31.0, 40.0, 62.0):
            tell(f"read {now[0]:.0f} schemas")
    assert capsys.readouterr().err == "read 31 schemas ...\nread 62 schemas ...\n"
