"""Every command that README.md or a `--help` shows is run as it stands, where a reader would run it.

What needs nothing is run in an empty folder. What needs a book or a file is run in a small book of two chapters, made
by `companion book new`, in whose folder lie the files that the examples name; in the order in which they are read.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from companion.cli import COMMANDS, Later

ROOT = Path(__file__).parents[2]
SCHEMA = 'syntax = "proto3";\npackage shop.v1;\nmessage Parcel {\n  string slot = 1;\n  string ssn = 2;\n}\n'
HISTORY = """\
{"process": 0, "type": "invoke", "f": "write", "key": "x", "value": 1}
{"process": 0, "type": "ok", "f": "write", "key": "x", "value": 1}
{"process": 1, "type": "invoke", "f": "read", "key": "x", "value": null}
{"process": 1, "type": "ok", "f": "read", "key": "x", "value": null}
"""
TRANSACTIONS = """\
{"process": 0, "type": "invoke", "f": "txn", "value": [["r", "x", null], ["append", "y", 1]]}
{"process": 0, "type": "ok", "f": "txn", "value": [["r", "x", []], ["append", "y", 1]]}
"""
QUESTIONS = '{"question": "How is the first code cell tagged?", "source": "contributing.md"}\n'
OLD_SCHEMA = 'syntax = "proto3";\npackage shop.v1;\nmessage Parcel {\n  string slot = 1;\n  string colour = 2;\n}\n'
"""`SCHEMA` before somebody gave tag 2 to another field."""
POST_MORTEM = "# Nobody could search for 40 minutes\n\n## Timeline\n\n- 10:00 A deployment begins.\n- 10:40 Mended.\n"
FOUND_SOMETHING = ("pii scan", "history check", "book check", "load", "wire evolve")
"""Commands that may exit 1 in this folder, since they are there to find what is wrong: `load` finds nobody."""

LISTENS = r"(http|tcp|postgresql)://([^/]*@)?127\.0\.0\.1:\d+"
"""Where a server says that it listens."""

SLOW_IN_THE_REAL_BOOK = ("make ",)
"""What README shows and this very run of the tests has done, or would undo."""


def commands_in(help_text: str) -> list[str]:
    return re.findall(r"`(companion [^`]+)`", help_text) + re.findall(r"^ {4,}(companion .*)$", help_text, flags=re.M)


def helps(command: Any, name: str) -> Iterator[tuple[str, str]]:
    """Give the help of each command below a command, by its name."""
    inner = command.list_commands(None) if hasattr(command, "list_commands") else []
    for each in inner:
        yield from helps(command.get_command(None, each), f"{name} {each}")
    if not inner:
        yield name, command.help or ""


HELPS = dict(
    each
    for name, (line, load) in COMMANDS.items()
    for each in helps(Later(name, line, load).loaded, f"companion {name}")
)
README = [
    line.strip().removeprefix(".venv/bin/").replace("&& .venv/bin/", "&& ")
    for line in (ROOT / "README.md").read_text("utf-8").splitlines()
    if line.startswith("    ")
]
EXAMPLES = list(dict.fromkeys([*README, *(one for text in HELPS.values() for one in commands_in(text))]))


def repeats(example: str) -> bool:
    """Whether a longer example begins like this one, but for the chapter that it names: each build costs seconds."""
    plain = {one: re.sub(r"--only \d\d", "--only NN", one) for one in EXAMPLES}
    return any(other.startswith(f"{plain[example]} && ") for other in plain.values())


NEEDS_NOTHING = [
    one for one in EXAMPLES if re.match(r"companion (doctor|simulate|serve wire|--version)", one) and "&&" not in one
]


@pytest.mark.parametrize("name", HELPS)
def test_every_command_shows_an_example_of_itself(name: str) -> None:
    assert [one for one in commands_in(HELPS[name]) if name in one]


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Give a PATH on which `companion` is the one of this environment."""
    return f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """Give a folder for a server that root runs as somebody else, whom pytest's own folders are closed to."""
    made = Path(tempfile.mkdtemp(prefix="companion-test-"))
    made.chmod(0o711)
    yield str(made)
    shutil.rmtree(made)


@pytest.fixture(scope="session")
def stage(
    tmp_path_factory: pytest.TempPathFactory, new_book: Callable[[Path], Any], path: str, database: str
) -> tuple[Any, dict[str, str]]:
    """Make the small book with the files that examples name, and the environment to run them in."""
    book = new_book(tmp_path_factory.mktemp("examples") / "small")
    book.own_package()
    book.chapter("01-first", "1")
    for number, name, part in (("02", "wire_toy", "calls"), ("18", "metastable_toy", "simulators")):
        made = book.run("new", number, name, "--part", part)
        assert made.returncode == 0, made.stderr
    (book.root / "protos").mkdir()
    (book.root / "protos" / "parcel.proto").write_text(SCHEMA)
    (book.root / "old.proto").write_text(OLD_SCHEMA)
    (book.root / "run.jsonl").write_text(HISTORY)
    (book.root / "transactions.jsonl").write_text(TRANSACTIONS)
    (book.root / "questions.jsonl").write_text(QUESTIONS)
    shutil.copy(ROOT / "book" / "contributing.md", book.root / "book")
    shutil.copytree(ROOT / "data" / "pii", book.root / "data" / "pii")
    shutil.copytree(ROOT / "data" / "postmortems", book.root / "postmortems")
    (book.root / "postmortems" / "search.md").write_text(POST_MORTEM)
    for file in ("LICENSE", "README.md", "pyproject.toml", "requirements.lock"):
        shutil.copy(ROOT / file, book.root)
    assert book.run("execute", "--only", "01").returncode == 0  # pages are made when every chapter has been executed
    (book.root / "handed-in" / "ada").mkdir(parents=True)
    shutil.copy(book.root / "chapters" / "18-metastable-toy.ipynb", book.root / "handed-in" / "ada")
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(book.root / "src"), "COLUMNS": "100"}
    environment["COMPANION_DATABASE_DIRECTORY"] = database
    environment["COMPANION_ISSUER_DIRECTORY"] = str(book.root / "issuer")
    run("companion pii scan protos --json pii.json", book.root, environment)
    return book.root, environment


def run(example: str, folder: Path, environment: dict[str, str]) -> None:
    if re.search(r"\b(serve|database start)\b", example):
        with serving(example, folder, environment):
            return
    if re.match(r"companion (database (psql|stop)|tenancy check)\b", example):
        with serving("companion database start", folder, environment):
            finish(example, folder, environment)
        return
    finish(example, folder, environment)


def finish(example: str, folder: Path, environment: dict[str, str]) -> None:
    ran = subprocess.run(["bash", "-o", "pipefail", "-c", example], cwd=folder, env=environment, capture_output=True,
                         text=True, check=False, stdin=subprocess.DEVNULL)  # fmt: skip
    accepted = (0, 1) if any(f"companion {one}" in example for one in FOUND_SOMETHING) else (0,)
    assert ran.returncode in accepted, f"{example}\n{ran.stdout[-2000:]}{ran.stderr[-2000:]}"
    assert "Traceback" not in ran.stderr
    written = re.search(r" > (\S+)$", example)
    said = ran.stdout + ran.stderr + ((folder / written[1]).read_text("utf-8") if written else "")
    assert said.strip(), "it says something"


@contextmanager
def serving(example: str, folder: Path, environment: dict[str, str]) -> Iterator[None]:
    """Start a server, on a port that is free, and wait until it says where it listens; stop it as a system would."""
    command = ["bash", "-c", f"exec {re.sub(r'--port [0-9]+', '--port 0', example)}"]
    with subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if re.search(LISTENS, line):
                break
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            last = threading.Timer(60, process.kill)  # or the tests would wait with whoever does not end
            last.start()
        process.stderr.read()
        assert process.wait() in (0, -signal.SIGTERM), "".join(said)
        last.cancel()
        assert re.search(LISTENS, said[-1]), "".join(said)


@pytest.mark.parametrize("example", NEEDS_NOTHING)
def test_an_example_that_needs_nothing_runs_in_an_empty_folder(example: str, tmp_path: Path, path: str) -> None:
    run(example, tmp_path, os.environ | {"PATH": path})


@pytest.mark.parametrize("example", [one for one in EXAMPLES if one not in NEEDS_NOTHING and not repeats(one)])
def test_an_example_runs_in_a_folder_that_has_what_it_names(example: str, stage: tuple[Path, dict[str, str]]) -> None:
    if example.startswith(SLOW_IN_THE_REAL_BOOK):
        target = example.split()[1]
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), flags=re.M)
        return
    run(example.partition("&& make")[0], *stage)
