"""What goes through the pipeline: a document is cut into chunks, some are evidence for a question, and an answer cites.

    Document -> Chunk -> Evidence -> Answer

A chunk knows where it stands in its document, so a citation is a place that anybody can look up. Positions are
characters of `Document.text`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field

from companion.errors import CompanionError


class RagError(CompanionError):
    """A document, an index or a question that cannot be worked with; the message says which and why, in one line."""


@dataclass(frozen=True)
class Section:
    """A part of a document under a heading of its own, from character `start` to `end`."""

    name: str
    start: int
    end: int


@dataclass(frozen=True)
class Document:
    """A text to be searched.

    Attributes
    ----------
    source : str
        Where it comes from: a path below the folder that was read, or a name.
    text : str
        All of it.
    label : str
        What all of it is about, in a few words: of a filing firm, form and period. Its sentences seldom say so.
    sections : tuple of Section
        In order; a text without headings has none.
    metadata : mapping of str to str
        What it can be filtered by, such as ``firm`` and ``period``.
    """

    source: str
    text: str
    label: str = ""
    sections: tuple[Section, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True)
class Chunk:
    """A piece of a document, as long as is searched and shown at once.

    Attributes
    ----------
    source, start, end : str, int and int
        Its place.
    text : str
        What stands there.
    header : str
        The document's label and the section's name: what the piece is about and does not say.
    metadata : mapping of str to str
        Its document's.
    """

    source: str
    start: int
    end: int
    text: str
    header: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def id(self) -> str:
        """The same for the same piece in the same place: loading it twice changes nothing."""
        place = f"{self.source}\0{self.start}\0{self.end}\0{self.text}"
        return hashlib.sha256(place.encode()).hexdigest()[:16]

    @property
    def headed(self) -> str:
        """The text behind its header, as it is embedded."""
        return f"{self.header}: {self.text}" if self.header else self.text


@dataclass(frozen=True)
class Evidence:
    """A chunk that was found for a question.

    Attributes
    ----------
    chunk : Chunk
        The piece.
    score : float
        How near it is; what the number means depends on `by`.
    by : str
        What found it: ``vectors``, ``words``, ``fused``, ``facts``.
    """

    chunk: Chunk
    score: float
    by: str


@dataclass(frozen=True)
class Citation:
    """The place of a document that a statement of an answer rests on, with its words."""

    source: str
    start: int
    end: int
    text: str
    score: float


@dataclass(frozen=True)
class Answer:
    """What was answered, and from what.

    Attributes
    ----------
    text : str
        The answer; where it is refused, a sentence that says so.
    citations : tuple of Citation
        What it rests on; empty where it is refused.
    refused : bool
        Whether there is no answer.
    why : str
        Why it is refused, or "".
    model : str
        Who wrote it.
    """

    text: str
    citations: tuple[Citation, ...]
    refused: bool
    why: str
    model: str
