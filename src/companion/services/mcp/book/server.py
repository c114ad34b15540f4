"""The tools, resources and the prompt of the book's server.

It reads, and needs no token; it is meant for its reader's own machine. What a caller names (a chapter, a claim, a
simulator) is looked up in a list of those that there are, and never made into a path.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from mcp.server.mcpserver import Context, MCPServer, UserMessage
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, ToolAnnotations
from pydantic import Field

from companion.book.check.prose import plain
from companion.book.project import Chapter, Project
from companion.claims import claims_in
from companion.errors import CompanionError
from companion.services.mcp.arguments import refuse_unknown_arguments
from companion.services.mcp.book import chapters, claims, glossary
from companion.services.mcp.book.answers import (
    ChapterInfo,
    Chapters,
    ClaimInfo,
    Description,
    Parameter,
    PassageFound,
    Passages,
    Piece,
    Run,
    Series,
    SimulatorInfo,
    SimulatorList,
    Term,
)
from companion.services.mcp.book.simulations import SECONDS, Progress, Simulations, simulators

LONGEST_PIECE = 12_000
"""How many characters of a section come at once."""

MOST_POINTS = 200
"""How many values of a series are given; of a longer one every second, third, ... one."""

READS = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)

INSTRUCTIONS = """\
The book From Sockets to Agents, as it lies in its reader's checkout. Its numbers are links to claims, \
[280](#claim-name): look a number up with `claim` before you quote it, and say what other seeds gave. To see what a \
parameter does, run the simulator and give its command line, so that the reader can run it too. Solutions of exercises \
are not here: help to find them."""

Words = Annotated[str, Field(min_length=1, max_length=200)]
ChapterName = Annotated[
    str,
    Field(min_length=1, max_length=60, description='Its number, name or subject: "18", "18-metastable", "metastable".'),
]
Heading = Annotated[str, Field(max_length=200, description="A heading of the chapter; empty for its opening.")]
Offset = Annotated[int, Field(ge=0, le=10_000_000, description="Where to read on: `next` of the piece before.")]
Most = Annotated[int, Field(ge=1, le=20, description="How many passages at most.")]
ClaimName = Annotated[str, Field(min_length=1, max_length=100, description="What the prose links to, after #claim-.")]
Simulator = Annotated[str, Field(min_length=1, max_length=40, description="One of list_simulators.")]
Line = Annotated[str, Field(max_length=100, pattern=r"^[ -~]*$")]
Preset = Annotated[Line, Field(description="A scenario of describe_simulator; empty for its first.")]
Parameters = Annotated[
    dict[Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,59}$")], bool | int | float | Line | None],
    Field(
        default_factory=dict,
        max_length=60,
        description="What to change of the preset: names and values of describe_simulator.",
    ),
]
Seed = Annotated[int | None, Field(ge=0, le=2**32 - 1, description="Where every random draw comes from.")]
SeriesNames = Annotated[tuple[Line, ...], Field(max_length=5, description="Of which series to give the values.")]


def book_server(root: Path) -> MCPServer[Any]:
    """Make the server of the book in a folder; see `companion.notebooks.find_book`.

    Parameters
    ----------
    root : Path
        The checkout. It is read anew where it has changed.
    """
    server: MCPServer[Any] = MCPServer("from-sockets-to-agents", instructions=INSTRUCTIONS, log_level="CRITICAL")
    server.middleware.append(refuse_unknown_arguments(server))
    project = Project(root.resolve())
    _add_reading(server, project)
    _add_simulators(server, project)
    _add_resources(server, project)
    return server


@contextmanager
def _refusals(project: Project) -> Iterator[None]:
    """Tell a caller why there is no answer, without telling where the book lies on this machine."""
    try:
        yield
    except CompanionError as error:
        raise ToolError(str(error).replace(f"{project.root}/", "")) from None


def _add_reading(server: MCPServer[Any], project: Project) -> None:
    """Add the tools that read."""

    @server.tool(annotations=READS)
    def list_chapters() -> Chapters:
        """List the chapters of the book: the question of each, and its headings."""
        with _refusals(project):
            return Chapters(chapters=[_chapter_info(chapter) for chapter in project.chapters()])

    @server.tool(annotations=READS)
    def read_section(chapter: ChapterName, heading: Heading = "", offset: Offset = 0) -> Piece:
        """Read a section of a chapter, code and what it printed included, with the sections below it."""
        with _refusals(project):
            found = chapters.find_chapter(project, chapter)
            heading, text = chapters.section_text(found, heading)
        end = offset + LONGEST_PIECE
        return Piece(chapter=found.name, heading=heading, text=text[offset:end], next=end if end < len(text) else None)

    @server.tool(annotations=READS)
    def find(words: Words, limit: Most = 5) -> Passages:
        """Find paragraphs of the chapters by their words, letter by letter."""
        with _refusals(project):
            passages = chapters.find_passages(project, words, limit)
        return Passages(passages=[
            PassageFound(chapter=one.chapter.name, heading=one.section.heading, text=one.text, matched=one.matched,
                         claims=one.claims)
            for one in passages
        ])  # fmt: skip

    @server.tool(annotations=READS)
    def claim(name: ClaimName) -> ClaimInfo:
        """Look up a number of the text: its value, the sentence that says it, and what other seeds gave."""
        with _refusals(project):
            return _claim_info(claims.look_up(project, name))

    @server.tool(annotations=READS)
    def glossary_term(term: Words) -> Term:
        """Say what a term means in this book."""
        with _refusals(project):
            return Term(**dict(zip(("term", "meaning"), glossary.meaning(project, term), strict=True)))


def _add_simulators(server: MCPServer[Any], project: Project) -> None:
    """Add the tools that run experiments."""
    simulations = Simulations(project.root)

    @server.tool(annotations=READS)
    def list_simulators() -> SimulatorList:
        """List the simulators of the book."""
        with _refusals(project):
            by_subject = {chapter.name.partition("-")[2]: chapter.name for chapter in project.chapters()}
        return SimulatorList(
            simulators=[SimulatorInfo(name=name, chapter=by_subject.get(name)) for name in simulators()]
        )

    @server.tool(annotations=READS)
    async def describe_simulator(name: Simulator) -> Description:
        """Say which presets and parameters a simulator has."""
        with _refusals(project):
            found = await simulations.describe(name)
        return Description(name=name, presets=found.presets, parameters=[Parameter(**one) for one in found.parameters])

    @server.tool(annotations=READS)
    async def run_simulator(
        name: Simulator, context: Context, parameters: Parameters, preset: Preset = "", seed: Seed = None,
        series: SeriesNames = (),
    ) -> Run:  # fmt: skip
        """Run a simulation of the book with other settings. It stops after a minute, or when you hang up."""
        with _refusals(project):
            result, command, remarks = await simulations.run(name, preset, parameters, seed, _telling(context, name))
        if unknown := [wanted for wanted in series if wanted not in result["series"]]:
            raise ToolError(f"{name} has no series {unknown[0]!r}: there are {', '.join(result['series'])}")
        return Run(
            command=command,
            parameters=result["parameters"],
            summary=result["summary"],
            series={wanted: _thinned(result["series"][wanted]) for wanted in series},
            series_names=list(result["series"]),
            remarks=remarks,
        )


def _add_resources(server: MCPServer[Any], project: Project) -> None:
    """Add what a person puts before a model: a chapter, a number, the glossary, and a question about a number."""

    @server.resource("book://chapters/{number}", mime_type="text/markdown")
    def chapter(number: str) -> str:
        """Give the text of a chapter."""
        with _not_found(project):
            return chapters.chapter_text(chapters.find_chapter(project, number))

    @server.resource("book://claims/{name}", mime_type="application/json")
    def claim(name: str) -> str:
        """Give a number of the text, with what other seeds gave."""
        with _not_found(project):
            return _claim_info(claims.look_up(project, name)).model_dump_json(indent=1)

    @server.resource("book://glossary", mime_type="text/markdown")
    def glossary_page() -> str:
        """Give the glossary."""
        with _not_found(project):
            return "\n\n".join(f"**{term}**: {meaning}" for term, meaning in glossary.terms(project).items())

    @server.prompt(title="Explain this number")
    def explain_this_number(claim: str) -> list[UserMessage]:
        """Ask where a number of the book comes from, how sure it is, and what would change it."""
        try:
            with _not_found(project):
                found = _claim_info(claims.look_up(project, claim))
        except ResourceNotFoundError as error:
            raise MCPError(INVALID_PARAMS, str(error)) from None
        return [UserMessage(_question(found))]


@contextmanager
def _not_found(project: Project) -> Iterator[None]:
    try:
        with _refusals(project):
            yield
    except ToolError as error:
        raise ResourceNotFoundError(str(error)) from None


def _question(found: ClaimInfo) -> str:
    return f"""\
In chapter {found.chapter} of From Sockets to Agents, under "{found.heading}", it says:

> {found.sentence}

The number "{found.said}" is the claim `{found.name}`. The book's own seed gave {found.value}; other seeds: \
{found.other_seeds or "not recorded"}. This cell holds it:

```python
{found.code}
```

Read the section with read_section. Then explain to me where the number comes from, whether another seed would say the \
same, and which parameter would change it; try one with run_simulator, if the chapter has a simulator. Say what you \
looked up, and what you conclude."""


def _chapter_info(chapter: Chapter) -> ChapterInfo:
    opening, *rest = chapters.sections_of(chapter)
    question = next((part for part in opening.prose if part.startswith("*") and part.endswith("*")), "")
    made = sum(len(claims_in(cell.get("outputs", []))) for cell in chapters.cells_of(chapter))
    return ChapterInfo(
        number=chapter.number, name=chapter.name, title=opening.heading, question=plain(question),
        headings=[section.heading for section in rest], claims=made,
    )  # fmt: skip


def _claim_info(found: claims.LookedUp) -> ClaimInfo:
    spread = found.spread
    return ClaimInfo(
        name=found.claim.name,
        value=found.claim.value,
        said=found.said or found.claim.written,
        sentence=found.sentence,
        chapter=found.chapter.name,
        heading=found.heading,
        page=f"chapters/{found.chapter.name}.html#claim-{found.claim.name}",
        other_seeds=plain(spread.range) if spread else "",
        lowest=spread.low if spread else "",
        highest=spread.high if spread else "",
        code=found.code,
    )


def _thinned(values: list[Any]) -> Series:
    every = max(1, -(-len(values) // MOST_POINTS))
    return Series(every=every, values=values[::every])


def _telling(context: Context, name: str) -> Progress:
    async def tell(seconds: float) -> None:
        await context.report_progress(
            seconds, SECONDS, f"{name} has run for {seconds:.0f} s, of {SECONDS:.0f} s at most"
        )

    return tell
