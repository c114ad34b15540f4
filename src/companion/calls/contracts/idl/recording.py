"""Makes the record of what compilers did that not every machine has.

    python -m companion.calls.contracts.idl.recording [FOLDER]

needs rpcgen and Thrift's compiler, in the folder or on the path, and omniidl.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

from companion.calls.contracts.idl.contracts import ContractError
from companion.calls.contracts.idl.generated import RECORD, Commands, live_commands, written_bytes
from companion.calls.contracts.idl.parsers import COMPILERS
from companion.calls.contracts.idl.table import CASE, column, things

TARGETS = {"Python": "py", "Go": "go", "C++": "cpp", "Java": "java"}


def find(program: str, folder: str | None = None) -> str | None:
    """Where a compiler lies: in the folder, or on the path."""
    return (shutil.which(program, path=folder) if folder else None) or shutil.which(program)


def other_commands(folder: str | None = None) -> Commands:
    """The compilers that the book's environment does not have, as far as they are here."""
    commands: Commands = {}
    if rpcgen := find("rpcgen", folder):
        commands["XDR, C"] = ("XDR", [rpcgen])
    if thrift := find("thrift", folder):
        commands |= {f"Thrift, {name}": ("Thrift", [thrift, "--gen", gen]) for name, gen in TARGETS.items()}
    return commands


def version(program: str) -> str:
    """What a compiler says of its version."""
    told = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL)
    return (told.stdout or told.stderr).strip()


def record(folder: str | None = None, path: Path = RECORD) -> None:
    """Run every compiler and write the record.

    Raises
    ------
    ContractError
        When one of them is missing: a record is whole.
    """
    commands = other_commands(folder) | live_commands()
    programs = [find("rpcgen", folder), find("thrift", folder)]
    if None in programs or "CORBA, Python" not in commands:
        raise ContractError("a record needs rpcgen, thrift and omniidl")
    made = {
        "versions": [version(str(program)) for program in programs]
        + [f"{name} {metadata.version(name)}" for name in ("jeteve-omniorb", "grpcio-tools")],
        "bytes": {name: written_bytes(*told) for name, told in commands.items()},
        "columns": {language: column(language, [*things(), CASE]) for language in COMPILERS},
    }
    path.write_text(json.dumps(made, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    record(next(iter(sys.argv[1:]), None))
