"""How many bytes of code the compilers write for the customers' contract.

protoc and omniidl are in the book's environment and run anew. rpcgen and the compiler of Thrift are not: their bytes,
with the versions, are in a record, and so are omniidl's for systems that have none. The record is made anew by

    python -m companion.calls.contracts.idl.recording [FOLDER WITH RPCGEN AND THRIFT]
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from companion.calls.contracts.idl.contracts import ContractError, contracts

RECORD = Path(__file__).with_name("recorded.json")
PATIENCE_S = 120.0
FILES = {"XDR": "customers.x", "CORBA": "customers.idl", "Thrift": "customers.thrift", "protobuf": "customers.proto"}

Commands = dict[str, tuple[str, list[str]]]
"""For each kind of code the language of its contract, and the command that writes it into the working directory."""


def live_commands() -> Commands:
    """The compilers that the book's environment has."""
    protoc = [sys.executable, "-I", "-m", "grpc_tools.protoc", "-I."]
    commands = {
        "protobuf, Python messages": ("protobuf", [*protoc, "--python_out=."]),
        "protobuf, Python calls": ("protobuf", [*protoc, "--grpc_python_out=."]),
    }
    omniidl = Path(sys.executable).with_name("omniidl")
    if omniidl.exists():
        commands["CORBA, Python"] = ("CORBA", [str(omniidl), "-bpython"])
    return commands


def written_bytes(language: str, command: Sequence[str]) -> int:
    """Run a compiler on a contract, in a folder that is gone afterwards, and count what it wrote.

    Raises
    ------
    ContractError
        When the compiler fails or writes nothing.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        file = folder / FILES[language]
        file.write_text(contracts()[language], "utf-8", newline="\n")
        try:
            subprocess.run(
                [*command, file.name], cwd=folder, check=True, capture_output=True, timeout=PATIENCE_S,
                stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            raise ContractError(f"{Path(command[0]).name} did not compile the contract: {error}") from error
        count = sum(len(one.read_bytes().replace(b"\r\n", b"\n")) for one in folder.rglob("*") if _code(one, file))
    if not count:
        raise ContractError(f"{Path(command[0]).name} wrote nothing")
    return count


def _code(path: Path, contract: Path) -> bool:
    """Whether a file is code that somebody could have to read; Thrift adds a program to call by hand."""
    return path.is_file() and path != contract and not path.name.endswith("-remote") and path.suffix != ".pyc"


def generated_bytes() -> dict[str, int]:
    """The bytes of code by language and target: from the compilers that are here, for the others from the record."""
    found: dict[str, int] = recorded()["bytes"]
    return found | {name: written_bytes(*told) for name, told in live_commands().items()}


def recorded() -> dict[str, Any]:
    """What was recorded: versions, bytes of code, and the table's columns of those compilers that not all have."""
    read: dict[str, Any] = json.loads(RECORD.read_text("utf-8"))
    return read
