"""The graph: the same as the commands, with a model where one is given, and what goes wrong told at the end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.outputs import ChatResult

from companion.models import chat_model
from companion.schemas.pii import pipeline
from companion.schemas.pii.pipeline import draw, run
from companion.schemas.pii.reading import read_marked
from companion.schemas.pii.rules.loading import load_rules
from companion.schemas.pii.scanning import judge
from companion.schemas.pii.verdict import Level
from companion.schemas.protobuf.safe_write import Refused

SCHEMA = """syntax = "proto3";
package shop;
message Customer {
  string ssn = 1; // as on the card
  string email = 2;
  int32 visits = 3;
}
"""


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    file = tmp_path / "shop.proto"
    file.write_text(SCHEMA, "utf-8")
    return file


def test_the_graph_finds_what_the_commands_find_and_writes_nothing(shop: Path) -> None:
    outcome = run([shop])
    verdicts, _ = judge(read_marked([shop])[0], load_rules())
    assert list(outcome.scan.verdicts) == list(verdicts)
    assert outcome.scan.verdicts[0].level is Level.HIGH
    (annotated,) = outcome.annotated
    assert annotated.path == str(shop) and b"companion.pii.v1.field" in annotated.source
    assert "ssn" in outcome.report
    assert outcome.errors == () and outcome.opinion is None
    assert shop.read_text("utf-8") == SCHEMA


def test_a_second_run_on_what_was_annotated_changes_nothing(shop: Path) -> None:
    shop.write_bytes(run([shop]).annotated[0].source)
    assert run([shop]).annotated == ()


def test_a_model_is_asked_and_changes_no_verdict(shop: Path) -> None:
    without, with_one = run([shop]), run([shop], model=chat_model("offline"))
    assert with_one.scan == without.scan
    assert with_one.opinion is not None
    assert [each.verdict.field.name for each in with_one.opinion.opinions] == ["ssn", "email"]


class Broken(BaseChatModel):
    """A model whose client fails in a way of its own."""

    @property
    def _llm_type(self) -> str:
        return "broken"

    def _generate(self, *arguments: Any, **more: Any) -> ChatResult:
        raise NotImplementedError

    def with_structured_output(self, schema: Any, **more: Any) -> Any:
        raise RuntimeError("the plug\nis out")


def test_a_model_that_fails_is_told_and_the_rest_is_done(shop: Path) -> None:
    outcome = run([shop], model=Broken())
    assert outcome.errors == ("second_opinion: the plug is out",)
    assert outcome.opinion is None and outcome.annotated and "ssn" in outcome.report


def test_what_cannot_be_read_is_a_problem_and_the_rest_is_done(shop: Path) -> None:
    (shop.parent / "broken.proto").write_text("message {", "utf-8")
    outcome = run([shop.parent, shop.parent / "gone.proto"])
    assert {Path(problem.path).name for problem in outcome.scan.problems} == {"broken.proto", "gone.proto"}
    assert [Path(each.path).name for each in outcome.annotated] == ["shop.proto"]


def test_a_file_that_cannot_be_annotated_is_told(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: Any) -> bytes:
        raise Refused("shop.proto:4: cannot tell where ssn ends")

    monkeypatch.setattr(pipeline, "with_marks", refuse)
    outcome = run([shop])
    assert outcome.errors == ("annotate: shop.proto:4: cannot tell where ssn ends",)
    assert outcome.annotated == () and "ssn" in outcome.report


def test_a_fault_of_the_program_is_raised(shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "judge", lambda *_, **__: [][0])
    with pytest.raises(IndexError):
        run([shop])


def test_the_drawing_shows_the_way_with_a_model_and_without() -> None:
    drawn = draw()
    assert drawn == draw()
    edges = [line.strip(" \t;") for line in drawn.splitlines() if "--> " in line or "-. " in line]
    assert sorted(edges) == sorted([
        "__start__ --> parse", "parse --> classify", "classify -. &nbsp;with a model&nbsp; .-> second_opinion",
        "classify -. &nbsp;without&nbsp; .-> annotate", "second_opinion --> annotate", "annotate --> report",
        "report --> __end__",
    ])  # fmt: skip


def test_langgraph_is_loaded_only_for_the_graph() -> None:
    code = "import sys, companion.schemas.pii.pipeline; print('langgraph' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], env=os.environ, capture_output=True, text=True, check=True)
    assert found.stdout == "False\n"
