"""The labelled corpus: schemas of many trades, each with a table that says what every field holds.

It lies in the book's data folder, and its labelling guide beside it; the package itself carries none of it.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from companion.errors import CompanionError
from companion.measure import records_folder
from companion.schemas.pii.reading import read_marked
from companion.schemas.pii.verdict import Level, MarkedField, MarkedMessage, MarkedSchema

Part = Literal["development", "unseen", "new_trades", "wrapped/mend", "wrapped/exam"]
Place = tuple[str, str]  # message and field
COLUMNS = ["message", "field", "level", "type", "why"]
PERSON = "person"  # a sixth column, of the schemas in new trades
SECOND_PASS = "second_pass.csv"
VENDORED = "vendored"  # a folder beside that of the schemas, with what they import and nobody labels


class CorpusError(CompanionError, ValueError):
    """A corpus that is not here, or whose tables and schemas disagree; the message names the file and the line."""


@dataclass(frozen=True)
class Label:
    """What a reader said that a field holds."""

    level: Level
    types: tuple[str, ...]  # any of them is right; none for PUBLIC
    why: str
    line: int  # in the table, 1-based
    person: bool | None = None  # whether the value relates to a person, whatever its level; None where nobody asked


@dataclass(frozen=True)
class LabelledSchema:
    """A schema and the labels of all its fields, in the order of the file; `lent` are the schemas that it imports."""

    schema: MarkedSchema
    labels: Mapping[Place, Label]
    lent: tuple[MarkedSchema, ...] = ()

    @property
    def trade(self) -> str:
        """What its file is called: ``clinic``, ``bank``."""
        return Path(self.schema.path).stem


@dataclass(frozen=True)
class LabelledField:
    """One field of the corpus, with what it holds."""

    path: str
    message: MarkedMessage
    field: MarkedField
    label: Label

    @property
    def trade(self) -> str:
        """The trade of its schema, as the file is called."""
        return Path(self.path).stem


def corpus_folder(part: Part) -> Path:
    """Find a part of the corpus: beside the measurements, else in the working directory or a folder above it.

    Raises
    ------
    CorpusError
        If it is in neither, as where the package was installed without the book.
    """
    here = Path.cwd()
    roots = [records_folder().parent, *(folder / "data" for folder in (here, *here.parents))]
    folder = next((root / "pii" / part for root in roots if (root / "pii" / part).is_dir()), None)
    if folder is None:
        raise CorpusError(
            f"the labelled corpus (data/pii/{part}) is not here: it comes with the book's repository, not with the "
            "package; run this in a checkout of the book"
        )
    return folder


def load_corpus(part: Part | Path) -> list[LabelledSchema]:
    """Read a part of the corpus, ordered by trade.

    Parameters
    ----------
    part
        One of the book's, or a folder with ``*.proto`` and ``*.csv`` files of the same form; what they import may lie
        in a folder ``vendored`` beside it.

    Raises
    ------
    CorpusError
        If it is not here, a schema cannot be read, or a table does not label exactly the fields of its schema.
    """
    folder = part if isinstance(part, Path) else corpus_folder(part)
    vendored = folder.parent / VENDORED
    schemas, problems = read_marked([folder], [vendored] if vendored.is_dir() else ())
    if problems:
        raise CorpusError(str(problems[0]))
    judged = sorted((schema for schema in schemas if schema.judged), key=lambda schema: Path(schema.path).stem)
    lent = tuple(schema for schema in schemas if not schema.judged)
    return [LabelledSchema(schema, _labels(schema), lent) for schema in judged]


def labelled_fields(corpus: Sequence[LabelledSchema]) -> list[LabelledField]:
    """List all fields of a corpus, in the order of its files."""
    return [
        LabelledField(each.schema.path, message, field, each.labels[message.name, field.name])
        for each in corpus
        for message in each.schema.messages
        for field in message.fields
    ]


def second_pass(corpus: Sequence[LabelledSchema]) -> dict[tuple[str, str, str], Level]:
    """Read the levels that were given when the same fields were labelled a second time, in another order.

    Parameters
    ----------
    corpus
        Schemas of one folder, in which the second table lies too.

    Returns
    -------
    dict of tuple to Level
        By trade, message and field.
    """
    table = Path(corpus[0].schema.path).with_name(SECOND_PASS)
    try:
        with table.open(encoding="utf-8", newline="") as file:
            return {(row["trade"], row["message"], row["field"]): Level(row["level"]) for row in csv.DictReader(file)}
    except OSError as error:
        raise CorpusError(f"{table}: cannot be read: {(error.strerror or str(error)).lower()}") from None


def corpus_number(corpus: Sequence[LabelledSchema]) -> int:
    """Tell one state of the corpus from another by a number of six digits, which fits into a measurement's figures."""
    state = 0
    for each in corpus:
        state = zlib.crc32(each.schema.source, state)
        state = zlib.crc32(repr([(place, label.level.value) for place, label in each.labels.items()]).encode(), state)
    return state % 1_000_000


def _labels(schema: MarkedSchema) -> dict[Place, Label]:
    table = Path(schema.path).with_suffix(".csv")
    found: dict[Place, Label] = {}
    try:
        with table.open(encoding="utf-8", newline="") as file:
            rows = csv.DictReader(file)
            if rows.fieldnames not in (COLUMNS, [*COLUMNS, PERSON]):
                raise CorpusError(f"{table}:1: the columns must be {','.join(COLUMNS)}")
            for row in rows:
                found[row["message"], row["field"]] = _label(row, f"{table}:{rows.line_num}", rows.line_num)
    except OSError as error:
        raise CorpusError(f"{table}: cannot be read: {(error.strerror or str(error)).lower()}") from None
    fields = [(message.name, field.name) for message in schema.messages for field in message.fields]
    if wrong := set(fields) ^ found.keys():
        message, field = min(wrong)
        raise CorpusError(f"{table}: {message}.{field} is not both in the table and in the schema")
    return {place: found[place] for place in fields}


def _label(row: Mapping[str, str], where: str, line: int) -> Label:
    if row["level"] not in list(Level):
        raise CorpusError(f"{where}: {row['level']!r} is no level")
    level, types = Level(row["level"]), tuple(filter(None, (row["type"] or "").split("|")))
    if (level is Level.PUBLIC) == bool(types):
        raise CorpusError(f"{where}: a field has a type exactly when it is not PUBLIC")
    person = row.get(PERSON)
    if person not in (None, "yes", "no"):
        raise CorpusError(f"{where}: {person!r} is neither yes nor no")
    return Label(level, types, row["why"] or "", line, None if person is None else person == "yes")
