"""The official conformance suites of MCP, run against the book's servers, and against wrong ones.

Run by `make conformance`, which installs the suites from npm. What they cannot tell, since they look at the shapes of
answers, is tested in tests/services/mcp: the values (test_fixture), and today's protocol requirement by requirement
(protocol).
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp_types import EmptyResult, SetLevelRequestParams, SubscribeRequestParams, UnsubscribeRequestParams
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from companion.import_graph import PACKAGE
from companion.services.mcp.access import READ, WRITE
from companion.services.mcp.conformance import (
    RELEASED,
    TODAY,
    Counts,
    Scenario,
    Suite,
    count,
    run_at,
    run_suite,
    servers,
)
from companion.services.mcp.fixture import fixture_server
from companion.services.mcp.service import AUDIENCE
from companion.services.samples import ADA
from companion.services.serving import running
from companion.services.tenancy.keys import open_issuer

pytestmark = pytest.mark.conformance

ASK = {"tools-call-sampling", "tools-call-elicitation", "elicitation-sep1034-defaults", "elicitation-sep1330-enums"}
"""What asks the client in the middle of a call, by a request of the server's."""

REMEMBER = {"logging-set-level", "tools-call-with-logging", "resources-subscribe", "resources-unsubscribe"}
"""What the server is to remember from one request to the next."""


@cache
def ran(suite: Suite, server: str) -> list[Scenario]:
    """Run a suite against one of `servers`, once for all tests; nobody may change the answer."""
    return run_suite(suite, servers()[server])


def failed(scenarios: list[Scenario]) -> set[str]:
    return {scenario.name for scenario in scenarios if scenario.failed}


@contextmanager
def command(*options: str, serve: str = "fixture", **variables: str) -> Iterator[str]:
    """Serve by a command; give its address, and see it end well."""
    line = [sys.executable, "-m", "companion", "serve", serve, "--port", "0", *options]
    with subprocess.Popen(
        line,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        env=os.environ | variables,
        cwd=PACKAGE.parents[1],
    ) as process:
        assert process.stderr is not None
        try:
            ready = re.fullmatch(r"ready (http://127\.0\.0\.1:\d+/mcp)\n", process.stderr.readline())
            assert ready is not None
            yield ready[1]
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()


def test_all_active_scenarios_pass_against_the_command() -> None:
    with command() as url:
        scenarios = run_at(RELEASED, url)
    assert failed(scenarios) == set()
    assert count(scenarios) == Counts(scenarios_passed=30, scenarios=30, checks_passed=40, checks=40)


@pytest.mark.parametrize("options", [(), ("--stateless",)], ids=["stateful", "stateless"])
def test_all_scenarios_that_today_requires_pass_against_the_command(options: tuple[str, ...]) -> None:
    with command(*options) as url:
        scenarios = run_at(TODAY, url)
    assert failed(scenarios) == set()
    assert count(scenarios) == Counts(scenarios_passed=37, scenarios=37, checks_passed=120, checks=120)


def test_without_sessions_exactly_what_needs_one_fails() -> None:
    scenarios = ran(RELEASED, "stateless")
    assert failed(scenarios) == ASK | REMEMBER
    assert count(scenarios) == Counts(scenarios_passed=22, scenarios=30, checks_passed=22, checks=30)
    reasons = {scenario.name: " ".join(scenario.failed) for scenario in scenarios}
    assert {name for name, reason in reasons.items() if "no back-channel" in reason} == ASK
    # One is called passed although none of its checks succeeded: it only warns that there is no session.
    assert [scenario.name for scenario in scenarios if not scenario.passed and not scenario.failed] == [
        "server-sse-multiple-streams"
    ]


# Negative controls: what the suites say of servers that are wrong


def test_a_server_without_any_tool_passes_nine_scenarios() -> None:
    scenarios = ran(RELEASED, "empty")
    passed = {scenario.name for scenario in scenarios} - failed(scenarios)
    assert count(scenarios) == Counts(scenarios_passed=9, scenarios=30, checks_passed=11, checks=32)
    # "Unknown tool" is a text, and an error.
    assert {"tools-list", "tools-call-simple-text", "tools-call-error"} < passed


async def agree(ctx: Any, params: Any) -> EmptyResult:
    """Say yes, and do nothing."""
    return EmptyResult()


@pytest.mark.parametrize(
    ("json_response", "unheard"),
    [(False, set()), (True, {"tools-call-with-logging", "tools-call-with-progress"})],
    ids=["streams", "json"],
)
def test_a_server_that_agrees_and_remembers_nothing_passes_more_than_one_that_says_so(
    json_response: bool, unheard: set[str]
) -> None:
    server = fixture_server()
    app = server.streamable_http_app(stateless_http=True, json_response=json_response)
    server.session_manager.app.add_request_handler("logging/setLevel", SetLevelRequestParams, agree)
    server.session_manager.app.add_request_handler("resources/subscribe", SubscribeRequestParams, agree)
    server.session_manager.app.add_request_handler("resources/unsubscribe", UnsubscribeRequestParams, agree)
    scenarios = run_suite(RELEASED, app)
    assert failed(scenarios) == ASK | unheard
    assert count(scenarios).scenarios_passed == 26 - len(unheard)


def test_texts_that_are_all_wrong_fail_two_checks_of_forty() -> None:
    scenarios = ran(RELEASED, "wrong")
    assert failed(scenarios) == {"resources-templates-read", "prompts-get-with-args"}
    assert count(scenarios) == Counts(scenarios_passed=28, scenarios=30, checks_passed=38, checks=40)


def test_texts_that_are_wrong_and_repeat_the_caller_pass_all() -> None:
    assert count(ran(RELEASED, "wrong, repeating")) == count(ran(RELEASED, "fixture"))


def test_the_suite_of_today_looks_at_shapes_too() -> None:
    assert count(ran(TODAY, "empty")) == Counts(scenarios_passed=13, scenarios=37, checks_passed=79, checks=104)
    assert failed(ran(TODAY, "wrong")) == {"resources-templates-read", "prompts-get-with-args"}
    assert failed(ran(TODAY, "wrong, repeating")) == set()


# `companion serve mcp`: the documents of a tenant, and the book


def gateway(url: str, token: str) -> Starlette:
    """Bring the token that the suites cannot bring; all else passes as it came."""
    web = httpx.AsyncClient(trust_env=False, timeout=60)

    async def forward(request: Request) -> Response:
        said = [*request.headers.raw, (b"authorization", f"Bearer {token}".encode())]
        asked = web.build_request(request.method, url, headers=said, content=await request.body())
        answer = await web.send(asked, stream=True)
        kept = {name: answer.headers[name] for name in answer.headers if name not in ("date", "transfer-encoding")}
        done = BackgroundTask(answer.aclose)
        return StreamingResponse(answer.aiter_raw(), answer.status_code, headers=kept, background=done)

    return Starlette(routes=[Route("/mcp", forward, methods=["GET", "POST", "DELETE", "OPTIONS"])])


@contextmanager
def documents(keys: Path) -> Iterator[str]:
    token = open_issuer(keys).token(ADA, "ada", [READ, WRITE], AUDIENCE, 900)
    with (
        command(serve="mcp", COMPANION_ISSUER_DIRECTORY=str(keys)) as url,
        running(gateway(url, token)) as address,
    ):
        yield f"http://{address}/mcp"


@contextmanager
def book(keys: Path) -> Iterator[str]:
    with command("--book", serve="mcp") as url:
        yield url


APPLY = {
    "dns-rebinding-protection", "ping", "prompts-list", "resources-list", "server-initialize", "tools-list",
}  # fmt: skip
"""What any server of tools, resources and prompts has to pass."""

VACUOUS = {"server-sse-multiple-streams", "tools-call-error", "tools-call-simple-text"}
"""What passes where nothing is looked at: "Unknown tool" is a text, and an error; and a warning is no failure."""

FIXTURE = {
    "prompts-get-embedded-resource", "prompts-get-simple", "prompts-get-with-args", "prompts-get-with-image",
    "resources-read-binary", "resources-read-text", "resources-templates-read", "tools-call-audio",
    "tools-call-embedded-resource", "tools-call-image", "tools-call-mixed-content", "tools-call-with-progress",
}  # fmt: skip
"""What asks for the fixture's tools, resources and prompts by their names."""

OPTIONAL = {"completion-complete"}
"""What a server need not have, and these do not say that they have."""


EVERYWHERE = VACUOUS | FIXTURE | OPTIONAL
APPLY_TODAY = APPLY - {"ping", "server-initialize"} | {"caching", "sep-2164-resource-not-found"}
VACUOUS_TODAY = {
    f"input-required-result-{name}"
    for name in ("ignore-extra-params", "missing-input-response", "unsupported-methods", "validate-input")
}
ASK_TODAY = {
    f"input-required-result-{name}"
    for name in (
        "basic-elicitation", "basic-list-roots", "basic-sampling", "capability-check", "multi-round",
        "multiple-input-requests", "non-tool-request", "request-state", "result-type", "tampered-state",
    )
}  # fmt: skip
"""What asks a person by a tool of the fixture's."""

served = pytest.mark.parametrize("serve", [documents, book], ids=["documents", "book"])
Serve = Callable[[Path], contextlib.AbstractContextManager[str]]


@served
def test_what_applies_to_a_server_without_the_fixtures_tools_passes(serve: Serve, tmp_path: Path) -> None:
    with serve(tmp_path / "keys") as url:
        scenarios = run_at(RELEASED, url)
    names = {scenario.name for scenario in scenarios}
    assert names == APPLY | EVERYWHERE | ASK | REMEMBER
    assert names - failed(scenarios) == APPLY | VACUOUS


@served
def test_what_applies_of_todays_protocol_passes(serve: Serve, tmp_path: Path) -> None:
    with serve(tmp_path / "keys") as url:
        scenarios = run_at(TODAY, url)
    names = {scenario.name for scenario in scenarios}
    assert names == APPLY_TODAY | EVERYWHERE | VACUOUS_TODAY | ASK_TODAY | {"server-stateless"}
    assert names - failed(scenarios) == APPLY_TODAY | VACUOUS | VACUOUS_TODAY
    (stateless,) = [scenario for scenario in scenarios if scenario.name == "server-stateless"]
    assert stateless.passed == 22 and "'test_missing_capability'" in stateless.failed[0]  # a tool of the fixture's
