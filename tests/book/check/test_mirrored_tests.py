"""An author's tests are those of the modules that the chapter reaches, found by their names."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.book.check.mirrored_tests import mirrored_tests, mirrors
from companion.book.project import Project

ROOT = Path(__file__).parents[3]
METASTABLE = {"companion", "companion.claims", "companion.simulators", "companion.simulators.metastable",
              "companion.simulators.metastable.theory"}  # fmt: skip


@pytest.mark.parametrize(
    ("file", "belongs"),
    [
        ("test_claims.py", True),
        ("test_measure.py", False),  # not reached
        ("test_layout.py", False),  # of no module
        ("simulators/test_metastable.py", True),
        ("simulators/test_metastable_theory.py", True),
        ("simulators/test_metastable_cache.py", False),  # a module that is not reached
        ("simulators/test_metastable_anything.py", True),  # of no module: of the longest name that is one
        ("simulators/metastable/test_theory.py", True),
        ("simulators/metastable/test_cache.py", False),
        ("simulators/metastable/test_what_it_cannot_do.py", True),  # of no module: of its room
        ("simulators/crdts/test_laws.py", False),
        ("simulators/test_in_a_page.py", False),  # of the whole part
        ("browser/test_pages.py", False),
    ],
)
def test_a_test_file_belongs_to_the_module_that_its_name_mirrors(file: str, belongs: bool) -> None:
    assert mirrors(Path(file), METASTABLE) is belongs


def test_a_chapter_has_its_own_tests_and_those_of_the_rooms_that_it_uses() -> None:
    project = Project(ROOT)
    (wire,) = project.select(["02"])
    found = {file.relative_to(ROOT / "tests").parts[0] for file in mirrored_tests(project, wire)}
    assert {"calls", "test_claims.py", "test_proxy.py"} <= found
    assert not {"simulators", "schemas", "book", "browser", "test_layout.py"} & found
