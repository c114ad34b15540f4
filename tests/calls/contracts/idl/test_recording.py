"""The record of compilers that not every machine has."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.calls.contracts.idl.contracts import ContractError
from companion.calls.contracts.idl.generated import recorded, written_bytes
from companion.calls.contracts.idl.recording import find, other_commands, record, version


def test_compilers_that_are_here_still_write_what_is_recorded() -> None:
    commands = other_commands()
    if not commands:
        pytest.skip("there is neither rpcgen nor a compiler of Thrift on this machine")
    for name, (language, command) in commands.items():
        if version(command[0]) in recorded()["versions"]:
            assert written_bytes(language, command) == recorded()["bytes"][name]


def test_a_record_is_whole_or_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find("rpcgen") is None
    with pytest.raises(ContractError, match="needs rpcgen, thrift and omniidl"):
        record(str(tmp_path), tmp_path / "record.json")
    assert not (tmp_path / "record.json").exists()


def test_versions_are_named() -> None:
    named = " ".join(recorded()["versions"])
    for compiler in ("rpcgen", "Thrift", "jeteve-omniorb", "grpcio-tools"):
        assert compiler in named
