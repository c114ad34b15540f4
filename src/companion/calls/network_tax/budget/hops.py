"""The hops of a request, read from a YAML or CSV file that a person wrote; what is wrong is named with its line."""

from __future__ import annotations

import csv
import io
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import yaml

from companion.errors import CompanionError

LARGEST = 64_000
"""Bytes of a file."""
MOST_HOPS = 100
EXAMPLE = "nine_hops.yaml"
FIELDS = ("name", "availability", "p50_ms", "p99_ms", "mean_ms", "parallel", "timeout_ms", "retries")
NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


class BudgetError(CompanionError, ValueError):
    """A file of hops that cannot be used; the message names file, line and what would be right."""


@dataclass(frozen=True)
class Hop:
    """One hop of a request.

    Attributes
    ----------
    name : str
        Unique in its chain.
    p50_ms, p99_ms : float or None
        The median and the 99th percentile of one try, in milliseconds; a lognormal distribution has both.
    mean_ms : float or None
        In their place, the mean of an exponential distribution.
    availability : float
        The probability that one try is answered at all.
    parallel : str
        Hops that follow each other and have this word in common are called at once; the slowest counts.
    timeout_ms : float or None
        After which a try is given up.
    retries : int
        How many tries may follow a failed one.
    """

    name: str
    p50_ms: float | None = None
    p99_ms: float | None = None
    mean_ms: float | None = None
    availability: float = 1.0
    parallel: str = ""
    timeout_ms: float | None = None
    retries: int = 0


def example() -> str:
    """Give the text of the nine hops that the package brings."""
    return resources.files(__package__).joinpath(EXAMPLE).read_text("utf-8")


def read_hops(file: Path) -> list[Hop]:
    """Read a file whose name ends in .yaml, .yml, .json or .csv; `-` is standard input, in YAML or JSON.

    Raises
    ------
    BudgetError
        If it cannot be read or says something that a hop cannot be.
    """
    given = str(file) == "-"
    try:
        with nullcontext(sys.stdin.buffer) if given else file.open("rb") as stream:
            content = stream.read(LARGEST + 1)
    except OSError as error:
        raise BudgetError(f"{file}: {(error.strerror or str(error)).lower()}") from None
    if len(content) > LARGEST:
        raise BudgetError(f"{file}: more than {LARGEST:,} bytes; a hop takes about a hundred")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BudgetError(f"{file}: not UTF-8; save it as UTF-8") from None
    return parse(text, ".yaml" if given else file.suffix.lower(), str(file))


def parse(text: str, suffix: str = ".yaml", file: str = "hops") -> list[Hop]:
    """Read hops from text.

    Parameters
    ----------
    text
        What the file says.
    suffix
        .yaml, .yml, .json or .csv.
    file
        The file's name, for messages.
    """
    if suffix not in (".yaml", ".yml", ".json", ".csv"):  # JSON is YAML, too
        raise BudgetError(f"{file}: its name ends in none of .yaml, .yml, .json, .csv")
    hops: list[Hop] = []
    for line, row in _rows_of_csv(text, file) if suffix == ".csv" else _rows_of_yaml(text, file):
        place = f"{file}:{line}"
        if len(hops) == MOST_HOPS:
            raise BudgetError(f"{place}: more than {MOST_HOPS} hops; a request passes through fewer")
        hop = _hop(row, place)
        if hop.name in {other.name for other in hops}:
            raise BudgetError(f"{place}: a second hop named {hop.name}; give each its own name")
        if hop.parallel and hop.parallel in {other.parallel for other in hops} - {hops[-1].parallel if hops else ""}:
            raise BudgetError(f"{place}: parallel {hop.parallel} begins again; put its hops next to each other")
        hops.append(hop)
    if not hops:
        raise BudgetError(f"{file}: it has no hops; `companion budget --example` prints a file that has")
    return hops


def _hop(row: Mapping[str, str], place: str) -> Hop:
    for field in row:
        if field not in FIELDS:
            raise BudgetError(f"{place}: `{field[:40]}` is none of {', '.join(FIELDS)}")

    def number(field: str, low: float, high: float) -> float | None:
        text = row.get(field, "").strip()
        if not text:
            return None
        if not NUMBER.fullmatch(text) or not low <= float(text) <= high:
            raise BudgetError(
                f"{place}: {field} is {text[:40]}; a number from {low:g} to {high:g} was expected, without a unit"
            )
        return float(text)

    name = row.get("name", "").strip()
    parallel = row.get("parallel", "").strip()
    for field, text in (("name", name), ("parallel", parallel)):
        if len(text) > 40 or not text.isprintable():
            raise BudgetError(f"{place}: {field} has more than 40 characters, or one that cannot be printed")
    if not name:
        raise BudgetError(f"{place}: a hop without a name; begin it with `name: ...`")
    p50, p99, mean = (number(field, 0.001, 1e7) for field in ("p50_ms", "p99_ms", "mean_ms"))
    if (mean is None) == (p50 is None) or (p50 is None) != (p99 is None):
        raise BudgetError(f"{place}: {name} needs p50_ms and p99_ms, or mean_ms in their place")
    if p50 is not None and p99 is not None and not p50 <= p99 <= 1e4 * p50:
        raise BudgetError(f"{place}: p99_ms is {p99:g}; it was expected between p50_ms and 10,000 times that")
    retries = number("retries", 0, 10) or 0.0
    if retries != int(retries):
        raise BudgetError(f"{place}: retries is {retries:g}; a whole number was expected")
    availability = number("availability", 1e-6, 1.0)
    return Hop(
        name, p50, p99, mean, 1.0 if availability is None else availability, parallel,
        number("timeout_ms", 0.001, 1e7), int(retries),
    )  # fmt: skip


def _rows_of_csv(text: str, file: str) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    header: list[str] = []
    try:
        for cells in reader:
            place = f"{file}:{reader.line_num}"
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [cell.strip() for cell in cells]
                if len(set(header)) != len(header):
                    raise BudgetError(f"{place}: two columns have the same name")
                continue
            if len(cells) != len(header):
                raise BudgetError(f"{place}: {len(cells)} cells where the first line has {len(header)}")
            yield reader.line_num, dict(zip(header, cells, strict=True))
    except csv.Error as error:
        raise BudgetError(f"{file}:{reader.line_num}: not CSV: {error}") from None


def _rows_of_yaml(text: str, file: str) -> Iterator[tuple[int, dict[str, str]]]:
    def expect(right: bool, node: Any, what: str) -> None:
        if not right:
            raise BudgetError(f"{file}:{node.start_mark.line + 1}: {what}")

    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):  # before nodes are made: no recursion, no aliases
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            expect(depth <= 4, event, "nested too deeply; `hops:` is a list of hops, each with fields")
            expect(not isinstance(event, yaml.AliasEvent), event, "an alias; write the hop out")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BudgetError(f"{file}:{line}: not YAML: {error.problem}") from None
    except yaml.YAMLError:
        raise BudgetError(f"{file}: not YAML: it has a character that YAML does not allow") from None
    if root is None:
        return
    right = isinstance(root, yaml.MappingNode) and [key.value for key, _ in root.value] == ["hops"]
    expect(right, root, "`hops:` with a list below it was expected, and nothing else")
    hops = root.value[0][1]
    expect(isinstance(hops, yaml.SequenceNode), hops, "`hops:` needs a list: lines that begin with `- name: ...`")
    for node in hops.value:
        expect(isinstance(node, yaml.MappingNode), node, "a hop was expected: `name: ...` and its other fields")
        row: dict[str, str] = {}
        for key, value in node.value:
            expect(
                isinstance(key, yaml.ScalarNode) and isinstance(value, yaml.ScalarNode), key, "a field has one value"
            )
            expect(key.value not in row, key, f"`{key.value}` stands twice in one hop")
            row[key.value] = value.value
        yield node.start_mark.line + 1, row
