"""The matrix: thirteen changes on twelve readers, old writer to new reader and back."""

from __future__ import annotations

import importlib.metadata
import json
import platform
import random
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from companion.calls.wire.evolution.changes import BY_NAME, CHANGES, CUSTOMER, Change, Record, Schema, customer
from companion.calls.wire.evolution.codecs import corba, json_text, protobuf, soap, thrift, xdr
from companion.calls.wire.evolution.judge import LETTERS, Received, cell, judge
from companion.files import write_output

Exchange = Callable[[Schema, Schema, Sequence[Record]], list[Received] | None]


def _json(decode: json_text.Decode) -> Exchange:
    return lambda writer, reader, records: json_text.exchange(decode, reader, records)


COLUMNS: dict[str, Exchange | None] = {
    "XDR": xdr.exchange,
    "XDR strict": partial(xdr.exchange, strict=True),
    "CORBA": None,  # needs processes
    "Thrift": thrift.exchange,
    "protobuf": protobuf.exchange,
    "JSON d[k]": _json(json_text.by_index),
    "JSON d.get": _json(json_text.by_get),
    "pydantic": _json(json_text.by_model),
    "pydantic strict": _json(json_text.by_strict_model),
    "zeep": soap.exchange,
    "zeep lax": partial(soap.exchange, strict=False),
    "XSD": soap.exchange_validated,
}
GROUPS = {
    "position": ("XDR", "XDR strict", "CORBA"),
    "tag": ("Thrift", "protobuf"),
    "name": ("JSON d[k]", "JSON d.get", "pydantic", "pydantic strict", "zeep", "zeep lax", "XSD"),
}
"""What tells a reader which value is which."""

LIBRARIES = ("jeteve-omniorb", "thriftpy2", "protobuf", "pydantic", "zeep", "lxml")


@dataclass(frozen=True)
class Cell:
    """What became of the records of one change on one column: how many have which letter.

    `forward` is the old writer to the new reader, `backward` the new writer to the old reader; None where it cannot be.
    """

    change: str
    column: str
    forward: dict[str, int] | None
    backward: dict[str, int] | None

    def __str__(self) -> str:
        return "/".join("-" if counts is None else cell(counts) for counts in (self.forward, self.backward))


def run(
    changes: Collection[str] = tuple(BY_NAME),
    columns: Collection[str] = tuple(COLUMNS),
    *,
    samples: int = 100,
    seed: int = 2,
) -> list[Cell]:
    """Run some of the matrix; CORBA is left out where it cannot run.

    Parameters
    ----------
    changes, columns
        Names of `CHANGES` and of `COLUMNS`.
    samples
        Customers in each direction of each cell.
    seed
        Of the customers; each change has its own.
    """
    with ExitStack() as stack:
        exchanges = {name: exchange for name in columns if (exchange := COLUMNS[name]) is not None}
        if "CORBA" in columns and not corba.missing():
            exchanges["CORBA"] = stack.enter_context(corba.desks())
        return [
            _cell(change, name, exchanges[name], samples, seed)
            for change in CHANGES
            if change.name in changes
            for name in columns
            if name in exchanges
        ]


def _cell(change: Change, column: str, exchange: Exchange, samples: int, seed: int) -> Cell:
    forward = None if change.large else _letters(change, exchange, samples, seed, forward=True)
    return Cell(change.name, column, forward, _letters(change, exchange, samples, seed, forward=False))


def _letters(change: Change, exchange: Exchange, samples: int, seed: int, *, forward: bool) -> dict[str, int] | None:
    writer, reader = (CUSTOMER, change.new) if forward else (change.new, CUSTOMER)
    random_ = random.Random(f"{seed} {change.name} {forward}")  # the same customers on every column
    sent = [customer(writer, random_, large=change.large) for _ in range(samples)]
    received = exchange(writer, reader, sent)
    if received is None:
        return None
    other = partial(change.same_thing, forward=forward)
    counts = Counter(judge(one, got, other) for one, got in zip(sent, received, strict=True))
    return {name: counts[name] for name in LETTERS if counts[name]}


def save(file: Path, *, samples: int = 200, seed: int = 2) -> None:
    """Run the whole and write it down, with the versions that it belongs to."""
    if why := corba.missing():
        raise corba.CorbaError(f"the whole needs all columns: {why}")
    versions = {name: importlib.metadata.version(name) for name in LIBRARIES} | {"python": platform.python_version()}
    cells = [asdict(cell) for cell in run(samples=samples, seed=seed)]
    lines = ",\n  ".join(json.dumps(cell) for cell in cells)
    innocent = _innocent_calls()
    head = json.dumps({"versions": versions, "samples": samples, "seed": seed, "innocent": innocent})
    write_output(file, f'{head[:-1]}, "cells": [\n  {lines}\n]}}\n')


AS_AGREED = {"id": 1, "name": "Ada"}
"""A customer as a server knows it whose `balance` was removed."""


def _innocent_calls() -> dict[str, dict[str, str]]:
    return {
        "two fields": corba.innocent_calls(AS_AGREED),
        "three fields": corba.innocent_calls(AS_AGREED | {"balance": 1234.5}),
    }


def innocent_calls(file: Path) -> tuple[dict[str, dict[str, str]], str]:
    """Send a customer that is as agreed, and one with a field too many, each before three pings on one connection.

    Returns
    -------
    tuple
        What became of each call, by what was sent; and why that was read in the record and not done, if it was.
    """
    if why := corba.missing():
        return json.loads(file.read_text("utf-8"))["innocent"], why
    return _innocent_calls(), ""


def load(file: Path) -> list[Cell]:
    """Read what `save` has written."""
    return [Cell(**cell) for cell in json.loads(file.read_text("utf-8"))["cells"]]


def differing(some: Sequence[Cell], whole: Sequence[Cell]) -> list[Cell]:
    """Give the cells whose most frequent letters are not those of a longer run."""
    known = {(cell.change, cell.column): cell for cell in whole}
    return [cell for cell in some if _most(cell) != _most(known[cell.change, cell.column])]


def _most(cell: Cell) -> list[str]:
    return [max(half, key=half.__getitem__) if half else "" for half in (cell.forward, cell.backward)]


def table(cells: Sequence[Cell]) -> dict[str, dict[str, str]]:
    """Give the cells' text by change and column."""
    rows: dict[str, dict[str, str]] = {}
    for one in cells:
        rows.setdefault(one.change, {})[one.column] = str(one)
    return rows
