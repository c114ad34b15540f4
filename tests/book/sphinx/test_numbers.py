"""The page Numbers lists every claim, one row each; a changed constant turns the claims that depend on it red."""

from __future__ import annotations

import html
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from companion.book.check.luck import Spread, judge
from companion.book.project import Project
from companion.book.sphinx.numbers import book_claims, said_in, under_other_seeds
from companion.claims import Claim, claims_in
from companion.notebooks import read_notebook

ROOT = Path(__file__).parents[3]
CHAPTER = ROOT / "chapters" / "18-metastable.ipynb"


@pytest.fixture(scope="module")
def real() -> Project:
    """Give the real book, as `make test` has built it."""
    return Project(ROOT)


def test_every_claim_of_the_book_has_one_row_with_its_number_and_all_digits(real: Project, built: Path) -> None:
    page = (built / "numbers.html").read_text("utf-8")
    rows = re.findall(r"<tr.*?</tr>", page, re.S)
    held, said = book_claims(real), said_in(real)
    assert len(held) > 60
    for name, found in held.items():
        (row,) = [row for row in rows if f'{found.chapter}.html#claim-{name}"' in row]
        cells = [re.sub("<[^>]*>", "", cell) for cell in re.findall(r"<td>(.*?)</td>", row, re.S)]
        text = said[name].get(f"chapters/{found.chapter}") or said[name]["index"]
        assert [html.unescape(cell) for cell in cells[:3]] == [name.replace("-", " "), text, found.claim.shown]
        assert f'#said-{name}"' in row
    assert len(rows) == len(held) + len({found.chapter for found in held.values()})


def test_a_number_is_listed_as_its_page_says_it_first(book: Any, tools: Any) -> None:
    book.chapter("01-first", tools.prose("[280 *attempts*](#claim-attempts), so [280](#claim-attempts)."))
    book.page("index", "# A small book\n\nIt is [vulnerable](#claim-verdict): [280](#claim-attempts).\n")
    assert said_in(book.project) == {
        "attempts": {"chapters/01-first": "280 attempts", "index": "280"},
        "verdict": {"index": "vulnerable"},
    }


def test_two_claims_of_one_name_are_refused(book: Any, tools: Any) -> None:
    for name in ("01-first", "02-second"):
        book.chapter(name, "claim('attempts', 3, 3)")
        book.pretend_executed(name, [tools.claim("attempts", "3", 3)])
    with pytest.raises(ValueError, match="claim 'attempts' is made twice: in 01-first and 02-second"):
        book_claims(book.project)


@pytest.mark.parametrize(
    ("claim", "values", "told"),
    [
        (Claim("attempts", "281", 280.57), (276.1, 288.4, 280.0), "over 3 seeds 276 to 288"),
        (Claim("attempts", "281", 280.57), (281.1, 281.4), "the same under 2 seeds"),
        (Claim("verdict", "vulnerable", "vulnerable"), ("vulnerable",) * 3, "the same under 3 seeds"),
        (Claim("verdict", "safe", "safe"), ("safe", "vulnerable"), "safe here, otherwise under 1 of 2 seeds"),
    ],
)
def test_a_number_tells_what_other_seeds_gave(claim: Claim, values: tuple[float | str, ...], told: str) -> None:
    assert under_other_seeds(judge(claim, values)) == told


def test_a_number_without_a_record_tells_nothing_of_seeds() -> None:
    assert under_other_seeds(None) == ""
    assert under_other_seeds(Spread("", "", (), False, "no cell that leads to it uses the seed")) == ""


def red(book: Any) -> set[str]:
    """Execute the chapter leniently, and name the claims that no longer hold."""
    done = book.run("execute", "--only", "18", "--force", "-p", "seed=11")
    assert done.returncode == 0, done.stderr
    cells = read_notebook(book.run_of("18-metastable", "seed-11"))["cells"]
    claims = [claim for cell in cells for claim in claims_in(cell.get("outputs", []))]
    assert len(claims) == 8
    return {claim.name for claim in claims if not claim.holds}


def test_a_changed_constant_of_the_model_turns_every_claim_that_depends_on_it_red(book: Any) -> None:
    """Two runs of the chapter's own cells, in which all claims hold: with slower workers, and another closed form."""
    package = book.own_package()
    notebook = json.loads(CHAPTER.read_text("utf-8"))
    wanted = ("goodput", "nested-one")
    cells = notebook["cells"]
    kept = [cell for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    for cell, behind in pairwise(cells):  # what computes them, and what claims them
        if any(f'claim("{name}"' in "".join(behind["source"]) for name in wanted):
            kept += [cell, behind]
    (book.root / "book" / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n  - file: chapters/18-metastable\n"
    )
    (book.root / "chapters" / CHAPTER.name).write_text(json.dumps({**notebook, "cells": kept}), "utf-8")

    settings = package / "simulators" / "metastable" / "settings.py"
    original = settings.read_text("utf-8")
    settings.write_text(re.sub(r"(base_latency: float = parameter\(\s*)0\.1,", r"\g<1>0.12,", original))
    assert settings.read_text("utf-8") != original
    assert red(book) == {"capacity", "wasted", "age-end"}
    strict = book.run("execute", "--only", "18", "--force")
    assert strict.returncode == 1
    assert "claim 'capacity': the text says 100, this run gives 83.3333333" in strict.stderr

    settings.write_text(original)
    theory = package / "simulators" / "metastable" / "theory.py"
    text = theory.read_text("utf-8")
    more = "def nested_attempts(*a, **kw):\n    return 1 + _nested(*a, **kw)\n\n\ndef _nested("
    theory.write_text(text.replace("def nested_attempts(", more))
    assert red(book) == {"nested-one", "nested-half", "nested-down"}
