"""The command `companion wire evolve`. What is heavy is imported when it runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from companion.cli_output import refuse


def evolve(
    old: Annotated[Path, typer.Argument(metavar="OLD", help="A .proto, .thrift or JSON Schema (.json) file.")],
    new: Annotated[Path, typer.Argument(metavar="NEW", help="Its new version.")],
    json_file: Annotated[str, typer.Option("--json", metavar="FILE|-", help="Write it as JSON; - is stdout.")] = "",
    renamed: Annotated[
        list[str] | None,
        typer.Option("--renamed", metavar="MESSAGE.OLD=NEW", help="A field that has a new name; may be repeated."),
    ] = None,
    include: Annotated[
        list[Path] | None,
        typer.Option("--include", metavar="FOLDER", help="Where imports of .proto files lie too; may be repeated."),
    ] = None,
    samples: Annotated[int, typer.Option("--samples", min=1, max=10_000, help="Values of each message.")] = 50,
    seed: Annotated[int, typer.Option("--seed", help="Of the values.")] = 2,
) -> None:
    """Say what a new version of a schema does to readers and writers of the old one: who breaks, who lies, who copes.

    Values that one version allows are encoded by its codec and decoded by the other's, in both directions, and each
    field of the reader is compared with what was sent. `=` copes; `n` lacks what was never sent, and sees None; `z`
    shows 0 for it; `L` loses what was sent; `W` lies: a wrong value without an error; `E` breaks. Of Protocol Buffers
    and Thrift the binary encodings are tried; a reader of JSON validates first. What a schema requires is held against
    a reader, whether or not the library at hand checks it.

    The exit status is 1 when a field breaks or lies, 2 when a file cannot be read. The version before, of a file in
    git, is what `git show HEAD~1:protos/parcel.proto` prints.

    Example: `companion wire evolve old.proto protos/parcel.proto` finds a field that reads another one's bytes
    """
    from companion.calls.wire.evolution.compare.judging import compare, read
    from companion.calls.wire.evolution.compare.report import as_json, as_text
    from companion.calls.wire.evolution.compare.shapes import SchemaError
    from companion.cli_output.terminal import show, write_reports

    meant = {}
    for pair in renamed or []:
        before, equals, after = pair.partition("=")
        if not (before.rpartition(".")[0] and equals and after):
            refuse("wire evolve", f"--renamed {pair}: Message.old=new was expected")
        meant[before] = after
    try:
        schemas = read(old, include or []), read(new, include or [])
        for before, after in meant.items():
            message, _, name = before.rpartition(".")
            known = schemas[0].messages.get(message, {}), schemas[1].messages.get(message, {})
            if name not in known[0] or after not in known[1]:
                refuse("wire evolve", f"--renamed {before}={after}: there are no such fields")
        found = compare(*schemas, samples=samples, seed=seed, renamed=meant)
    except SchemaError as error:
        refuse("wire evolve", str(error))
    made = {"json": lambda: json.dumps(as_json(str(old), str(new), found), ensure_ascii=False) + "\n"}
    if not write_reports("wire evolve", {"json": json_file}, made):
        show("\n".join(as_text(str(old), str(new), found)) + "\n")
    if found.count("E", "W"):
        raise typer.Exit(1)
