"""What programs of others may import: it is there, the reference describes it, and the page's examples run."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from companion.errors import CompanionError
from companion.import_graph import PACKAGE

ROOT = Path(__file__).parents[1]
SIMULATORS = sorted(f"companion.simulators.{page.parent.name}" for page in PACKAGE.glob("simulators/*/page.py"))

PUBLIC = {
    "companion.claims": {"ClaimError", "claim"},
    "companion.errors": {"CompanionError"},
    "companion.history": {"KeyVerdict", "Operation", "Verdict", "check", "read_history"},
    "companion.measure": {"Measurement", "measure"},
    "companion.operations.postmortems": {"PostmortemError", "Verdict", "all_rules", "lint", "parse", "read"},
    "companion.schemas.pii": {"Level", "Verdict", "annotate", "load_rules", "scan"},
    "companion.sweep": {"SweepError", "sweep"},
    **{name: {"PRESETS", "Settings", "simulate"} for name in SIMULATORS},
}
"""By module, what may be imported and stays; a change here stands in the changelog."""


@pytest.mark.parametrize("module", PUBLIC)
def test_what_may_be_imported_is_exported(module: str) -> None:
    found = import_module(module)
    assert PUBLIC[module] <= set(found.__all__)
    assert {name for name in PUBLIC[module] if not hasattr(found, name)} == set()


def test_the_reference_describes_all_of_it_and_nothing_else() -> None:
    described = set(re.findall(r"^\.\. auto\w+:: (\S+)", (ROOT / "book" / "api.md").read_text("utf-8"), flags=re.M))
    said = {"PRESETS", "Settings"}  # of each simulator, in words
    assert described == {f"{module}.{name}" for module, names in PUBLIC.items() for name in names - said}


def errors() -> list[tuple[str, str]]:
    """List the exceptions that the package defines, with their modules."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_bytes()
        if not re.search(rb"\bclass\s+\w*(Error|Exception)\b", text):  # most modules, whose syntax need not be read
            continue
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.ClassDef) and re.search(r"(Error|Exception)$", node.name):
                found.append((".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts), node.name))
    return found


@pytest.mark.parametrize(("module", "name"), errors(), ids=lambda one: one.rpartition(".")[2])
def test_every_error_that_is_raised_on_purpose_is_a_companion_error(module: str, name: str) -> None:
    found = getattr(import_module(module), name)
    # these two end a conversation with an answer and never leave the grader
    assert issubclass(found, CompanionError) or name in ("AnswerError", "TalkError")


EXAMPLES = re.findall(r"^```python\n(.*?)^```", (ROOT / "book" / "python.md").read_text("utf-8"), flags=re.M | re.S)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.split()[1])
def test_an_example_of_the_page_runs_where_it_stands_alone(example: str, tmp_path: Path) -> None:
    (tmp_path / "protos").mkdir()
    (tmp_path / "protos" / "a.proto").write_text('syntax = "proto3";\nmessage Person { string ssn = 1; }\n')
    ran = subprocess.run([sys.executable, "-c", example], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    if "companion.schemas.pii" in example:
        assert "protos/a.proto:2 Person.ssn: " in ran.stdout
    if "companion.operations.postmortems" in example:
        assert " time-zone No time zone is given" in ran.stdout
    if "companion.history" in example:
        assert ran.stdout == "False\n"
