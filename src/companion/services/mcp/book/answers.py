"""What the tools of the book's server give: the shapes of their results, which the SDK publishes as schemas."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel


class ChapterInfo(BaseModel):
    """A chapter: its question, and the headings that read_section takes."""

    number: str
    name: str
    title: str
    question: str
    headings: list[str]
    claims: int


class Chapters(BaseModel):
    """The chapters, in the book's order."""

    chapters: list[ChapterInfo]


class Piece(BaseModel):
    """A piece of a section; `next` is where to read on, or null at the end."""

    chapter: str
    heading: str
    text: str
    next: int | None


class PassageFound(BaseModel):
    """A paragraph that holds some of the words: how many, and the claims that it links to."""

    chapter: str
    heading: str
    text: str
    matched: int
    claims: list[str]


class Passages(BaseModel):
    """What was found, best first."""

    passages: list[PassageFound]


class ClaimInfo(BaseModel):
    """A number of the prose.

    `said` is how the text says it, with its unit if it has one, within `sentence`; `value` is what the book's own seed
    gave; `other_seeds` what others gave, with `lowest` and `highest` where those are numbers; `code` is the cell that
    holds it.
    """

    name: str
    value: float | int | str
    said: str
    sentence: str
    chapter: str
    heading: str
    page: str
    other_seeds: str
    lowest: str
    highest: str
    code: str


class Term(BaseModel):
    """A term of the glossary."""

    term: str
    meaning: str


class SimulatorInfo(BaseModel):
    """A simulator and the chapter that argues with it; that is null where the chapter is not here."""

    name: str
    chapter: str | None


class SimulatorList(BaseModel):
    """The simulators."""

    simulators: list[SimulatorInfo]


class Parameter(BaseModel):
    """A parameter: what it is unless it is set, what it takes, and what it means."""

    name: str
    default: str
    range: str
    help: str


class Description(BaseModel):
    """What run_simulator takes for one simulator."""

    name: str
    presets: dict[str, str]
    parameters: list[Parameter]


class Series(BaseModel):
    """The values of a series: each `every`th."""

    every: int
    values: list[float | int | str | None]


class Run(BaseModel):
    """What a simulation gave, and the command line that gives it again."""

    command: str
    parameters: dict[str, Any]
    summary: dict[str, float | int | None]
    series: dict[str, Series]
    series_names: list[str]
    remarks: list[str]
