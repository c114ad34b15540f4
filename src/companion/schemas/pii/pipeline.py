"""The whole way as a graph: parse -> classify -> (second opinion) -> annotate -> report.

Each step takes the state and adds to it, and what goes wrong in one is added too: a file that cannot be annotated, or a
model that is away, is no reason to lose the report on everything else. The commands call the same functions in the same
order without the graph, for LangGraph takes longer to load than a scan to run.
"""

from __future__ import annotations

import operator
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol, TypedDict, cast

from langchain_core.language_models import BaseChatModel

from companion.schemas.pii.annotation.source import with_marks
from companion.schemas.pii.evidence.api_exposure import method_levels
from companion.schemas.pii.llm.asking import RetryPolicy
from companion.schemas.pii.llm.second_opinion import SecondOpinion, second_opinion
from companion.schemas.pii.reading import read_marked
from companion.schemas.pii.reports.markdown import as_markdown
from companion.schemas.pii.rules.loading import Rules, load_rules
from companion.schemas.pii.scanning import judge
from companion.schemas.pii.verdict import Finding, MarkedSchema, Scan, Verdict
from companion.schemas.protobuf.model import Problem
from companion.schemas.protobuf.safe_write import Refused

if TYPE_CHECKING:
    from langgraph.graph.state import CompiledStateGraph

EXPECTED = (OSError, ValueError, ImportError, Refused)
"""What may go wrong in a step of ours; anything else is a fault of the program, and is raised."""


@dataclass(frozen=True)
class Rewritten:
    """A schema with the marks in it, not yet written anywhere."""

    path: str
    source: bytes


class State(TypedDict, total=False):
    """What is known so far; `problems` and `errors` only grow."""

    paths: tuple[Path, ...]
    include: tuple[Path, ...]
    schemas: tuple[MarkedSchema, ...]
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]
    opinion: SecondOpinion
    annotated: tuple[Rewritten, ...]
    scan: Scan
    report: str
    problems: Annotated[tuple[Problem, ...], operator.add]
    errors: Annotated[tuple[str, ...], operator.add]


class Step(Protocol):
    """From the state to what a step adds to it."""

    def __call__(self, state: State) -> State: ...


@dataclass(frozen=True)
class Outcome:
    """What came out at the end.

    Attributes
    ----------
    scan
        As the commands make it.
    opinion
        What the model thought, where one was asked; the scan's verdicts are the same without it.
    annotated
        The schemas that would change.
    report
        The report in Markdown.
    errors
        What went wrong in a step, one line each, beginning with its name.
    """

    scan: Scan
    opinion: SecondOpinion | None
    annotated: tuple[Rewritten, ...]
    report: str
    errors: tuple[str, ...]


def build(
    rules: Rules, model: BaseChatModel | None = None, *, retry: RetryPolicy | None = None
) -> CompiledStateGraph[State, None, State, State]:
    """Make the graph.

    Parameters
    ----------
    rules
        As `load_rules` gives them.
    model
        Who is asked for a second opinion; without one the graph goes past that step.
    retry
        How often it is asked.
    """
    from langgraph.graph import END, START, StateGraph  # takes seconds, and only the graph needs it

    steps = _Steps(rules, model, retry)
    graph = StateGraph(State)
    graph.add_node("parse", _collecting("parse", steps.parse))
    graph.add_node("classify", _collecting("classify", steps.classify))
    # a model may bring any client, and each has exceptions of its own
    graph.add_node("second_opinion", _collecting("second_opinion", steps.second_opinion, (Exception,)))
    graph.add_node("annotate", _collecting("annotate", steps.annotate))
    graph.add_node("report", _collecting("report", steps.report))
    graph.add_edge(START, "parse")
    graph.add_edge("parse", "classify")
    way = "with a model" if model is not None else "without"
    ways: dict[Hashable, str] = {"with a model": "second_opinion", "without": "annotate"}
    graph.add_conditional_edges("classify", lambda _: way, ways)
    graph.add_edge("second_opinion", "annotate")
    graph.add_edge("annotate", "report")
    graph.add_edge("report", END)
    return graph.compile()


def run(
    paths: Sequence[Path],
    *,
    rules: Rules | None = None,
    model: BaseChatModel | None = None,
    include: Sequence[Path] = (),
    retry: RetryPolicy | None = None,
) -> Outcome:
    """Go the whole way, and write nothing to disk.

    Parameters
    ----------
    paths
        Files and folders.
    rules
        Those that come with the package by default.
    model
        Who is asked for a second opinion.
    include
        Folders that imports are relative to.
    retry
        How often the model is asked.
    """
    used = rules or load_rules()
    start: State = {"paths": tuple(paths), "include": tuple(include)}
    end = cast(State, build(used, model, retry=retry).invoke(start))
    return Outcome(
        scan=end.get("scan") or Scan((), (), (), end.get("problems", ()), used.version),
        opinion=end.get("opinion"),
        annotated=end.get("annotated", ()),
        report=end.get("report", ""),
        errors=end.get("errors", ()),
    )


def draw() -> str:
    """Give the graph as Mermaid text, which a page can draw."""
    text: str = build(load_rules()).get_graph().draw_mermaid()
    return text


class _Steps:
    """The steps, each from the state to what it adds."""

    def __init__(self, rules: Rules, model: BaseChatModel | None, retry: RetryPolicy | None) -> None:
        self.rules = rules
        self.model = model
        self.retry = retry

    def parse(self, state: State) -> State:
        schemas, problems = read_marked(state["paths"], state.get("include", ()))
        return {"schemas": tuple(schemas), "problems": tuple(problems)}

    def classify(self, state: State) -> State:
        verdicts, findings = judge(state.get("schemas", ()), self.rules, learn=True)
        return {"verdicts": tuple(verdicts), "findings": tuple(findings)}

    def second_opinion(self, state: State) -> State:
        assert self.model is not None  # the edge that leads here asks
        found = second_opinion(state.get("verdicts", ()), self.model, retry=self.retry)
        return {"opinion": found, "errors": tuple(f"second_opinion: {failure}" for failure in found.failures)}

    def annotate(self, state: State) -> State:
        schemas, verdicts = state.get("schemas", ()), state.get("verdicts", ())
        methods = method_levels(schemas, verdicts)
        written, errors = list[Rewritten](), list[str]()
        for schema in schemas:
            if schema.judged:
                try:
                    source = with_marks(schema, verdicts, self.rules, methods, schemas)
                except Refused as refused:
                    errors.append(f"annotate: {refused}")
                else:
                    written += [Rewritten(schema.path, source)] if source != schema.source else []
        return {"annotated": tuple(written), "errors": tuple(errors)}

    def report(self, state: State) -> State:
        scan = Scan(
            schemas=state.get("schemas", ()),
            verdicts=state.get("verdicts", ()),
            findings=state.get("findings", ()),
            problems=state.get("problems", ()),
            rules_version=self.rules.version,
        )
        return {"scan": scan, "report": as_markdown(scan)}


def _collecting(name: str, step: Step, expected: tuple[type[Exception], ...] = EXPECTED) -> Step:
    def collected(state: State) -> State:
        try:
            return step(state)
        except expected as error:
            return {"errors": (f"{name}: {' '.join(str(error).split()) or type(error).__name__}",)}

    return collected
