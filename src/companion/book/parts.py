"""The parts of the book: which chapters each has, what the table of contents calls it, and which libraries it needs."""

from __future__ import annotations

from dataclasses import dataclass

from companion.notebooks import BookError


@dataclass(frozen=True)
class Part:
    """A part of the book, which is a subpackage of `companion`.

    Attributes
    ----------
    name : str
        The subpackage, and the extra of pyproject.toml that lists the part's libraries.
    chapters : range
        The numbers of its chapters.
    caption : str
        What the table of contents and its own page call it, with its numeral.
    """

    name: str
    chapters: range
    caption: str

    @property
    def extra(self) -> str:
        """The extra of pyproject.toml with what its chapters need beside the base."""
        return self.name


PARTS = {
    part.name: part
    for part in (
        Part("calls", range(1, 8), "I · Calling other machines"),
        Part("services", range(8, 14), "II · Agents as services"),
        Part("reasoning", range(14, 18), "III · Agents that reason"),
        Part("simulators", range(18, 23), "IV · Simulating failure"),
        Part("schemas", range(23, 26), "V · Schemas: privacy and compatibility"),
        Part("operations", range(26, 29), "VI · Operating what you built"),
    )
}
"""The parts by name, in the order of the book."""


@dataclass(frozen=True)
class Planned:
    """A chapter that is not written yet, as the book's first page names it.

    Attributes
    ----------
    number : int
        Its number.
    title : str
        Its title, for now.
    subject : str
        What it is about, in one line.
    """

    number: int
    title: str
    subject: str


PLANNED = (
    Planned(1, "What each language hides", "One problem in six paradigms, and what each of them keeps from you."),
    Planned(3, "A thousand callers at once",
            "Processes, threads, event loops and actors under one load, and what slow clients do to each."),
    Planned(4, "Who goes first",
            "Collectives, tuple spaces and leases: how processes share work, and what is left when one of them dies."),
    Planned(5, "Delivered, at least once",
            "Queues, streams and sockets that push: what an acknowledgement promises, and what comes twice."),
    Planned(6, "What the contract leaves out",
            "Interface languages, the code that they generate, and what every call carries besides."),
    Planned(7, "The tax on every hop", "Queries by the hundred, retries that multiply, percentiles that do not add."),
    Planned(8, "Tools for a model", "MCP, the protocol by which a model calls your service, with state and without."),
    Planned(9, "Agents that call agents", "A2A: tasks that outlive their connection, and who is told how they end."),
    Planned(10, "Whose rows are these?",
            "Keeping tenants apart in the database, in the cache and in a model's context."),
    Planned(11, "Words and vectors", "Full text, embeddings, and how to merge two rankings that disagree."),
    Planned(12, "What an answer costs", "Budgets of tokens and money that hold when many ask at once."),
    Planned(13, "What the agent did", "Traces, logs and metrics of a program that seldom does the same thing twice."),
    Planned(14, "Answers with sources",
            "Retrieval for language models, judged by what it cites and by what it refuses to answer."),
    Planned(15, "Think, act, look",
            "The loop of reasoning and tools: where it helps, where it wanders, and what stops it."),
    Planned(16, "Steps that survive a crash", "Workflows with checkpoints, retries, and people in between."),
    Planned(17, "What it must not say",
            "Checks on what goes into a model and what comes out, and how much they let through."),
    Planned(24, "Without saying who", "Personal data taken out of logs, messages and prompts, as the schemas say."),
    Planned(25, "Old clients, new server", "Which change of an interface breaks whom, and how a build can tell."),
    Planned(26, "Runways of bamboo", "Practices copied without the conditions that made them work, put to the test."),
    Planned(27, "How many layers down?", "What each layer adds to one request, what it hides, and what it costs."),
    Planned(28, "What we learned, again", "Post mortems read by a program, and written so that something changes."),
)  # fmt: skip
"""The chapters to come; an entry is forgotten once the table of contents has its number."""


def part_of(number: str) -> Part:
    """Give the part that a chapter belongs to.

    Parameters
    ----------
    number
        The chapter's two digits.

    Raises
    ------
    BookError
        If there is no such chapter.
    """
    found = [part for part in PARTS.values() if number.isdecimal() and int(number) in part.chapters]
    if not found:
        raise BookError(f"{number}: belongs to no part; the chapters are 01 to 28")
    return found[0]
