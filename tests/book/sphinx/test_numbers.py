"""The page Numbers lists every claim with its sentence, its value and its cell; a changed constant turns claims red."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from companion.book.project import Project
from companion.book.sphinx.numbers import book_claims, sentences_with_claims
from companion.claims import claims_in
from companion.notebooks import read_notebook

ROOT = Path(__file__).parents[3]
CHAPTER = ROOT / "chapters" / "18-metastable.ipynb"


@pytest.fixture(scope="module")
def real() -> Project:
    """Give the real book, as `make test` has built it."""
    return Project(ROOT)


def test_every_claim_of_the_book_is_on_the_page_with_its_value_and_cell(real: Project) -> None:
    page = (real.html / "numbers.html").read_text("utf-8")
    rows = re.findall(r"<tr.*?</tr>", page, re.S)
    held = book_claims(real)
    assert len(held) > 60
    for name, found in held.items():
        own = [row for row in rows if f'{found.chapter}.html#claim-{name}"' in row]
        assert own, name
        assert all(found.claim.shown in row and f"cell {found.cell}<" in row for row in own)


def test_every_claim_has_a_sentence_and_every_sentence_is_prose(real: Project) -> None:
    used = sentences_with_claims(real)
    assert set(used) >= {name for name, found in book_claims(real).items() if found.chapter == "18-metastable"}
    assert all("](#claim-" in sentence for listed in used.values() for sentence in listed)


def red(book: Any) -> set[str]:
    """Execute the chapter leniently, and name the claims that no longer hold."""
    done = book.run("execute", "--only", "18", "--force", "-p", "seed=11")
    assert done.returncode == 0, done.stderr
    cells = read_notebook(book.run_of("18-metastable", "seed-11"))["cells"]
    claims = [claim for cell in cells for claim in claims_in(cell.get("outputs", []))]
    assert len(claims) == 9
    return {claim.name for claim in claims if not claim.holds}


def test_a_changed_constant_of_the_model_turns_every_claim_that_depends_on_it_red(book: Any) -> None:
    """Three runs of the chapter's own cells: as it is, with slower workers, and with another closed form."""
    package = book.own_package()
    notebook = json.loads(CHAPTER.read_text("utf-8"))
    wanted = (
        'simulate("collapse", seed=seed)\n',
        'claim("goodput"',
        'claim("nested-one"',
        'claim("erlang-gap"',
        "tags",
    )
    kept = [cell for cell in notebook["cells"] if "parameters" in cell["metadata"].get("tags", [])
            or any(part in "".join(cell["source"]) for part in wanted)]  # fmt: skip
    (book.root / "book" / "_toc.yml").write_text(
        "format: jb-book\nroot: index\nchapters:\n  - file: chapters/18-metastable\n"
    )
    (book.root / "chapters" / CHAPTER.name).write_text(json.dumps({**notebook, "cells": kept}), "utf-8")
    assert red(book) == set()

    settings = package / "simulators" / "metastable" / "settings.py"
    original = settings.read_text("utf-8")
    settings.write_text(re.sub(r"(base_latency: float = parameter\(\s*)0\.1,", r"\g<1>0.12,", original))
    assert settings.read_text("utf-8") != original
    assert red(book) == {"capacity", "wasted", "erlang-gap", "erlang-error"}
    strict = book.run("execute", "--only", "18", "--force")
    assert strict.returncode == 1
    assert "claim 'capacity': the text says 100, this run gives 83.3333333" in strict.stderr

    settings.write_text(original)
    theory = package / "simulators" / "metastable" / "theory.py"
    text = theory.read_text("utf-8")
    more = "def nested_attempts(*a, **kw):\n    return 1 + _nested(*a, **kw)\n\n\ndef _nested("
    theory.write_text(text.replace("def nested_attempts(", more))
    assert red(book) == {"nested-one", "nested-half", "nested-down"}
