"""The bytes of generated code."""

from __future__ import annotations

import sys

import pytest

from companion.calls.contracts.idl.contracts import ContractError, contracts
from companion.calls.contracts.idl.generated import generated_bytes, live_commands, recorded, written_bytes

WRITER = "import pathlib, sys; pathlib.Path('a/b').mkdir(parents=True); "


def test_the_record_has_all_and_the_compilers_that_are_here_agree_with_it() -> None:
    found = generated_bytes()
    assert found.keys() == recorded()["bytes"].keys()
    for name in live_commands():
        assert found[name] == pytest.approx(recorded()["bytes"][name], rel=0.1)  # another release writes a little more


def test_thrift_writes_most_for_java_and_least_for_python() -> None:
    thrift = {name: size for name, size in recorded()["bytes"].items() if name.startswith("Thrift")}
    assert sorted(thrift, key=thrift.__getitem__) == ["Thrift, Python", "Thrift, Go", "Thrift, C++", "Thrift, Java"]
    assert min(thrift.values()) > 50 * len(contracts()["Thrift"])


def test_all_files_count_but_the_contract() -> None:
    writes = WRITER + "pathlib.Path('a/b/one.py').write_bytes(b'12\\r\\n'); pathlib.Path('two').write_bytes(b'45')"
    assert written_bytes("Thrift", [sys.executable, "-c", writes]) == 5


@pytest.mark.parametrize("program", ["raise SystemExit(1)", "pass"])
def test_a_compiler_that_fails_or_writes_nothing_is_refused(program: str) -> None:
    with pytest.raises(ContractError):
        written_bytes("Thrift", [sys.executable, "-c", program])


def test_a_compiler_that_is_not_there_is_refused() -> None:
    with pytest.raises(ContractError, match="no_such_program did not compile"):
        written_bytes("Thrift", ["/no_such_program"])
