"""Three workflows of an agent that reads a tenant's documents: answer, research, and both together.

Each is a graph of LangGraph whose nodes are steps. A step tells what it found as an event of the task, and its result
is kept under the task and the step's name; so a server that takes over a task of a dead one repeats the step that was
being worked on, and no step before it.

The model reads what it is given and nothing else. `offline`, the default, is a literal reader that quotes sentences
(`companion.models.offline`): a report of these workflows is put together from quotations, and says where each stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict, cast

from a2a.types import a2a_pb2 as pb
from langchain_core.messages import HumanMessage
from langgraph.graph import END, START, StateGraph
from numpy.typing import ArrayLike

from companion.models import chat_model
from companion.models.context import defused
from companion.services.a2a.tasks.run import Rejected, Run
from companion.services.documents import get_document
from companion.services.hybrid_search.search import hybrid_search

KEPT = 5
"""How many documents are read, of those that were found."""
NOT_FOUND = "The documents hold no evidence for an answer."

_CITATION = re.compile(r"([^\[\]]+)\[([^\[\]]+)\]")
_COMPETES = re.compile(r"competes with ([^.]+)\.")

Embed = Callable[[Sequence[str]], ArrayLike]


class Source(TypedDict):
    """A document that was found, as far as a step needs it."""

    id: str
    title: str
    body: str
    score: float


class State(TypedDict, total=False):
    """What the steps hand on; a workflow uses the part that it needs."""

    question: str
    found: list[Source]
    ranked: list[Source]
    answer: str
    verified: bool
    competitors: list[str]
    sections: dict[str, str]


Ask = Callable[[str, str, Sequence[Source]], str]


@dataclass(frozen=True)
class Means:
    """What the steps work with.

    Attributes
    ----------
    run : Run
        The attempt at the task.
    model : str
        The name of a chat model.
    embed : callable, optional
        Gives the vector of each text; without it, documents are found by their words.
    """

    run: Run
    model: str = "offline"
    embed: Embed | None = None

    def search(self, question: str, limit: int, text_weight: float = 0.5) -> list[Source]:
        """Find documents of the task's tenant."""
        vector = None if self.embed is None else self.embed([question])[0]  # type: ignore[index]

        def find(connection: Any) -> list[Source]:
            hits = hybrid_search(connection, question, vector, limit, text_weight, 1 - text_weight)
            bodies = [get_document(connection, hit.id) for hit in hits]
            return [
                Source(id=str(hit.id), title=hit.title, body=found.body, score=hit.score)
                for hit, found in zip(hits, bodies, strict=True)
                if found is not None
            ]

        return self.run.written(find)

    def read(self, question: str, sources: Sequence[Source]) -> str:
        """Have the model answer a question from documents, none of which can pass for two or end the context."""
        context = "\n".join(f"[{_title(source)}] {defused(source['body'])}" for source in sources)
        prompt = f"Answer from the context, and cite it.\n\nContext:\n{context}\n\nQuestion: {defused(question)}"
        return str(chat_model(self.model).invoke([HumanMessage(prompt)]).text)

    def step(self, name: str, work: Callable[[State], tuple[State, str]]) -> Callable[[State], State]:
        """Give a node: it does its work unless this task has done it before, and tells what came of it."""

        def node(state: State) -> State:
            def done() -> State:
                update, said = work(state)
                self.run.report(f"{name}: {said}")
                return update

            return self.run.remembered(name, done)

        return node


def answer(means: Means, question: str, name: str = "") -> State:
    """Search, rank, generate, verify.

    Parameters
    ----------
    means : Means
        What the steps work with.
    question : str
        What is asked.
    name : str
        Goes before the steps' names, where a task asks several questions.
    """

    def search(state: State) -> tuple[State, str]:
        found = means.search(state["question"], limit=10)
        return {"found": found}, f"{len(found)} documents found"

    def rank(state: State) -> tuple[State, str]:
        ranked = sorted(state["found"], key=lambda source: -source["score"])[:KEPT]
        return {"ranked": ranked}, f"the best {len(ranked)} are read"

    def generate(state: State) -> tuple[State, str]:
        text = means.read(state["question"], state["ranked"]) if state["ranked"] else NOT_FOUND
        return {"answer": text}, f"an answer of {len(text.split())} words"

    def verify(state: State) -> tuple[State, str]:
        good = verified(state["answer"], state["ranked"])
        return {
            "verified": good
        }, "each citation stands in its source" if good else "a citation is wrong, or there is none"

    steps = {"search": search, "rank": rank, "generate": generate, "verify": verify}
    return _in_order(means, steps, name, {"question": question})


def research(means: Means, company: str, ask: Ask | None = None) -> State:
    """Look up a company, its competitors and its figures; then tell, and check what was told.

    The article's graph has `verify_facts` before `generate_report`, and reads a draft there that no step before has
    written. Here a report is verified after it was written.

    Parameters
    ----------
    means : Means
        What the steps work with.
    company : str
        Its name.
    ask : callable, optional
        Takes the title of a section, its question and the documents found so far; by default the model reads these.
    """
    ask = ask or (lambda title, question, sources: means.read(question, sources))

    def search_company(state: State) -> tuple[State, str]:
        found = means.search(f"{company} business operations revenue products", limit=20)
        names = competitors_in(company, found)
        return {"found": found, "competitors": names}, f"{len(found)} documents, {len(names)} competitors"

    def search_competitors(state: State) -> tuple[State, str]:
        more = [means.search(f"{name} market share products revenue", limit=10) for name in state["competitors"]]
        return {"found": _united(state["found"], *more)}, f"{len(more)} competitors looked up"

    def search_financials(state: State) -> tuple[State, str]:
        figures = means.search(f"{company} revenue earnings profit margin cash flow", limit=15, text_weight=0.7)
        return {"found": _united(state["found"], figures)}, f"{len(figures)} documents with figures"

    def analyze_trends(state: State) -> tuple[State, str]:
        asked = {
            "Business": f"What does {company} make?",
            "Competitors": f"Who competes with {company}?",
            "Figures": f"What was the revenue of {company}?",
        }
        sections = {title: ask(title, question, state["found"]) for title, question in asked.items()}
        return {"sections": sections}, f"{len(sections)} questions answered"

    def generate_report(state: State) -> tuple[State, str]:
        text = "\n".join(f"{title}: {said}" for title, said in state["sections"].items())
        return {"answer": text}, f"a report of {len(text.split())} words"

    def verify_facts(state: State) -> tuple[State, str]:
        good = all(verified(said, state["found"]) for said in state["sections"].values())
        return {
            "verified": good
        }, "each citation stands in its source" if good else "a citation is wrong, or there is none"

    steps = {
        "search_company": search_company, "search_competitors": search_competitors,
        "search_financials": search_financials, "analyze_trends": analyze_trends,
        "generate_report": generate_report, "verify_facts": verify_facts,
    }  # fmt: skip
    return _in_order(means, steps, "", {"question": company})


def hybrid(means: Means, company: str) -> State:
    """Research whose questions are each answered by the first workflow: searched for, ranked, generated, verified."""

    def ask(title: str, question: str, sources: Sequence[Source]) -> str:
        said = answer(means, question, name=f"{title} ")
        return said["answer"] if said["verified"] else NOT_FOUND

    return research(means, company, ask)


def _in_order(
    means: Means, steps: Mapping[str, Callable[[State], tuple[State, str]]], name: str, state: State
) -> State:
    graph = StateGraph(State)
    for step, work in steps.items():
        graph.add_node(f"{name}{step}", means.step(f"{name}{step}", work))  # type: ignore[call-overload]
    names = [f"{name}{step}" for step in steps]
    for before, after in zip([START, *names], [*names, END], strict=True):
        graph.add_edge(before, after)
    return cast(State, graph.compile().invoke(state))


def verified(text: str, sources: Sequence[Source]) -> bool:
    """Say whether a text cites, and each sentence of it that does stands word by word in the source that it names."""
    bodies = {_title(source): " ".join(defused(source["body"]).split()) for source in sources}
    cited = _CITATION.findall(text)
    return bool(cited) and all(" ".join(said.split()) in bodies.get(title, "") for said, title in cited)


def _title(source: Source) -> str:
    return " ".join(defused(source["title"]).split())


def competitors_in(company: str, sources: Sequence[Source]) -> list[str]:
    """List whom a company competes with, where a document says so in the words that we look for."""
    said = [match for source in sources if company in source["body"] for match in _COMPETES.findall(source["body"])]
    names = {name.strip() for listed in said for name in re.split(r",| and ", listed)}
    return sorted(names - {company, ""})


def _united(*lists: Sequence[Source]) -> list[Source]:
    return list({source["id"]: source for found in lists for source in found}.values())


WORKFLOWS: dict[str, Callable[[Means, str], State]] = {"answer": answer, "research": research, "hybrid": hybrid}

SKILLS = [
    pb.AgentSkill(
        id="answer",
        name="Answer a question",
        description="Searches the tenant's documents, reads the best of them and answers with citations.",
        tags=["search", "questions", "citations"],
        examples=["What does Northwind make?"],
    ),
    pb.AgentSkill(
        id="research",
        name="Research a company",
        description="Looks up a company, its competitors and its figures, and writes a report with citations.",
        tags=["research", "companies", "report"],
        examples=["Northwind"],
    ),
    pb.AgentSkill(
        id="hybrid",
        name="Research a company, question by question",
        description="Like the research, with a search of its own for each question of the report.",
        tags=["research", "companies", "search", "report"],
        examples=["Northwind"],
    ),
]
"""What the agent's card says; a message chooses by ``skill`` in its metadata, and gets the first without."""


def agent(model: str = "offline", embed: Embed | None = None) -> Callable[[Run], None]:
    """Give the agent that runs these workflows."""

    def work(run: Run) -> None:
        chosen = run.messages[0].get("metadata", {}).get("skill", SKILLS[0].id)
        if chosen not in WORKFLOWS:
            raise Rejected(f"there is no such skill; there are {', '.join(WORKFLOWS)}")
        if not run.text.strip():
            run.ask("What do you want to know?")
        result = WORKFLOWS[chosen](Means(run, model, embed), run.text.strip())
        run.artifact(chosen, result["answer"])

    return work
