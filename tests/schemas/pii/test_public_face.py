"""What `companion.schemas.pii` gives to programs of others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import companion.schemas.pii as pii
from companion.schemas.pii import Level, Verdict, annotate, load_rules, scan

SHOP = 'syntax = "proto3";\npackage shop;\nmessage Customer {\n  string ssn = 1;\n  int32 visits = 2;\n}\n'


@pytest.fixture
def protos(tmp_path: Path) -> Path:
    (tmp_path / "shop.proto").write_text(SHOP)
    return tmp_path


def test_it_exports_exactly_these() -> None:
    assert pii.__all__ == ["Level", "Verdict", "annotate", "load_rules", "scan"]
    assert set(pii.__all__) <= set(dir(pii))
    with pytest.raises(AttributeError, match="no attribute 'classify_all'"):
        pii.classify_all  # noqa: B018


def test_importing_the_package_imports_none_of_it() -> None:
    code = (
        "import sys, companion.schemas.pii; print(*(name for name in sys.modules if 'companion.schemas.pii.' in name))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_one_path_is_scanned_with_the_rules_that_come_with_the_package(protos: Path) -> None:
    first, second = scan(str(protos)).verdicts
    assert isinstance(first, Verdict)
    assert (first.key.rpartition("/")[2], first.level, first.pii_type) == ("shop.proto:Customer.ssn", Level.HIGH, "SSN")
    assert second.level is Level.PUBLIC
    assert scan([protos / "shop.proto"]).verdicts == (first, second)


def test_rules_of_ones_own_are_loaded_by_their_path(protos: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "version: '1'\nrules:\n  - {id: visits, type: VISITS, level: LOW, why: x, names: [visits], holds: [number]}\n"
    )
    assert scan(protos, rules=load_rules([str(own)])).verdicts[1].pii_type == "VISITS"


def test_what_cannot_be_read_is_a_problem_and_not_an_exception(protos: Path) -> None:
    (protos / "bad.proto").write_text("message {")
    found = scan(protos)
    assert [Path(problem.path).name for problem in found.problems] == ["bad.proto"]
    assert len(found.verdicts) == 2


def test_annotating_shows_first_and_writes_when_asked(protos: Path) -> None:
    marking = annotate(protos)
    assert '+  string ssn = 1 [(companion.pii.v1.field) = { level: HIGH, type: "SSN"' in marking.diff()
    assert (protos / "shop.proto").read_text() == SHOP
    assert len(marking.write()) == 2  # the schema, and the definitions beside it
    assert "level: HIGH" in (protos / "shop.proto").read_text()
    assert annotate(protos).changed == []
