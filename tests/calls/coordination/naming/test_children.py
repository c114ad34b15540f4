"""Children answer in lines of JSON, and end when nobody speaks to them any more."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from companion.calls.coordination.naming import children
from companion.calls.coordination.naming.children import Child, ChildError

SPEAKS = """
from companion.calls.coordination.naming.children import questions, say
say(ready=True)
for question in questions():
    if question.get("leave"):
        break
    if question.get("silent"):
        continue
    print(question.get("raw")) if "raw" in question else say(**question)
"""


@pytest.fixture
def module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    (tmp_path / "speaks.py").write_text(SPEAKS)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *filter(None, [os.environ.get("PYTHONPATH")])]))
    return "speaks"


def test_a_question_is_answered_and_the_child_ends_with_its_input(module: str) -> None:
    with Child(module) as child:
        assert child.ready == {"ready": True}
        assert child.ask(a=1) == {"a": 1}
    assert child.process.returncode == 0


@pytest.mark.parametrize("raw", ["no JSON", "[1]", "[" * 30_000])
def test_what_is_no_answer_is_refused(module: str, raw: str) -> None:
    with Child(module) as child, pytest.raises(ChildError, match="speaks says"):
        child.ask(raw=raw)


def test_a_child_that_has_ended_is_told(module: str) -> None:
    with Child(module) as child:
        with pytest.raises(ChildError, match="has ended"):
            child.ask(leave=True)
        child.kill()
        with pytest.raises(ChildError, match="has ended"):
            child.ask(a=1)


def test_a_child_that_cannot_start_is_told() -> None:
    with pytest.raises(ChildError, match="no_such_module has ended"):
        Child("no_such_module")


def test_a_silent_child_is_not_waited_for_longer_than_patience(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with Child(module) as child:
        monkeypatch.setattr(children, "PATIENCE_S", 0.2)
        with pytest.raises(ChildError, match="says nothing"):
            child.ask(silent=True)
        monkeypatch.undo()
