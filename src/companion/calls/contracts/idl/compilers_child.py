"""A process that runs a real compiler on many contracts: they come as JSON on stdin, the answers go to stdout.

    python -I compilers_child.py CORBA|protobuf

omniidl and protoc are written in C++ and tell their errors on the file descriptor 2, so they have a process of their
own, one for all contracts. It reads its input to the end before it starts, and ends by itself. For each contract it
answers ``["model", ...]`` or ``["refused", what the compiler said]``. Nothing here imports this package.
"""

import json
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

MOST_TOLD = 4_000
"""Characters of what a compiler says."""
MOST_S = 30
"""Seconds for a contract, which takes milliseconds."""


def kind(type_: Any) -> Any:
    """Tell a type of IDL: its kind, its name, its bound, and what it is a sequence of."""
    told: list[Any] = [type_.kind()]
    for ask in ("scopedName", "bound"):
        if hasattr(type_, ask):
            told.append(getattr(type_, ask)())
    return told + ([kind(type_.seqType())] if hasattr(type_, "seqType") else [])


def tell(node: Any) -> dict[str, Any]:
    """Tell a node of omniidl's tree, and all below it."""
    told: dict[str, Any] = {"is": type(node).__name__}
    for ask in ("identifier", "repoId", "oneway", "value"):
        if hasattr(node, ask):
            told[ask] = str(getattr(node, ask)())
    told["comments"] = [comment.text() for comment in node.comments()] if hasattr(node, "comments") else []
    for ask in ("memberType", "paramType", "returnType", "aliasType", "switchType", "caseType"):
        if hasattr(node, ask):
            told[ask] = kind(getattr(node, ask)())
    for ask in (
        "definitions", "contents", "callables", "parameters", "members", "declarators", "cases", "labels",
        "enumerators", "raises", "declarations",
    ):  # fmt: skip
        if hasattr(node, ask):
            told[ask] = [one.repoId() if ask == "raises" else tell(one) for one in getattr(node, ask)()]
    if type(node).__name__ == "UnionCase":
        told["declarator"] = tell(node.declarator())
    return told


def omniidl(file: str) -> Any:
    """Compile a contract with omniidl's front end, in a copy of this process: it cannot go on after an error."""
    compiler, written = import_module("_omniidl"), Path("model.json")
    import_module("omniidl.idlast")
    written.unlink(missing_ok=True)
    if not (copy := os.fork()):
        try:
            signal.alarm(MOST_S)
            compiler.keepComments(1)
            tree = compiler.compile(file, file)
            if tree is not None:
                written.write_text(json.dumps([tell(node) for node in tree.declarations()]), "utf-8")
        finally:
            os._exit(0)
    os.waitpid(copy, 0)
    return json.loads(written.read_text("utf-8")) if written.exists() else None


def protoc(file: str) -> Any:
    """Compile a contract with protoc, into a descriptor in hexadecimal digits."""
    written = Path("descriptor.bin")
    written.unlink(missing_ok=True)
    arguments = ["protoc", "-I.", "--include_source_info", f"--descriptor_set_out={written}", file]
    status = import_module("grpc_tools.protoc").main(arguments)
    return None if status else written.read_bytes().hex()


def compiled(compiler: Callable[[str], Any], file: str) -> list[Any]:
    """Run a compiler on a file, and catch what it says."""
    keep = os.dup(2)
    with tempfile.TemporaryFile() as said:
        os.dup2(said.fileno(), 2)
        try:
            model = compiler(file)
        finally:
            os.dup2(keep, 2)
            os.close(keep)
        said.seek(0)
        told = said.read().decode("utf-8", "replace")[:MOST_TOLD]
    return ["refused", told] if model is None else ["model", model]


def main() -> None:
    """Compile all contracts of the input in a folder that is gone afterwards."""
    compiler, ending = {"CORBA": (omniidl, "idl"), "protobuf": (protoc, "proto")}[sys.argv[1]]
    texts = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        answers = {}
        for name, text in texts.items():
            file = f"contract.{ending}"
            Path(file).write_text(text, "utf-8")
            answers[name] = compiled(compiler, file)
        os.chdir("/")
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
