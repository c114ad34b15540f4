"""A chapter that is taken home runs there as it is: the same bytes each time, all that it needs, and no network.

What it says is the same in any time zone, language and hash order too: one execution shows all of this at once.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from companion.book.project import Chapter, Project
from companion.book.publish.takehome import requirements, take_home, take_home_all, take_home_key
from companion.measure import MIME as MEASUREMENT
from companion.notebooks import BookError
from tests.no_network import taken_away

ROOT = Path(__file__).parents[3]
BOOK = Project(ROOT)
CHAPTERS = {chapter.name: chapter for chapter in BOOK.chapters()}
WIRE, METASTABLE = CHAPTERS["02-wire"], CHAPTERS["18-metastable"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")
WHEEL = f"companion-{metadata.version('companion')}-py3-none-any.whl"

each_chapter = pytest.mark.parametrize("chapter", CHAPTERS.values(), ids=CHAPTERS)


@pytest.fixture(scope="module")
def zips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Pack all chapters of the book."""
    return take_home_all(BOOK, tmp_path_factory.mktemp("zips"))


def names(pins: list[str]) -> set[str]:
    return {pin.partition("==")[0] for pin in pins}


def test_chapters_are_packed_into_the_same_bytes_again(zips: dict[str, Path], tmp_path: Path) -> None:
    again = take_home_all(BOOK, tmp_path)
    assert {name: path.read_bytes() for name, path in again.items()} == {
        name: path.read_bytes() for name, path in zips.items()
    }
    alone = take_home(BOOK, METASTABLE, tmp_path / "alone")
    assert alone == tmp_path / "alone" / "18-metastable.zip"
    assert alone.read_bytes() == zips["18-metastable"].read_bytes()


@each_chapter
def test_a_zip_holds_notebook_package_records_pins_and_three_lines(zips: dict[str, Path], chapter: Chapter) -> None:
    with zipfile.ZipFile(zips[chapter.name]) as archive:
        held = archive.namelist()
        assert held == sorted(held)
        records = [name for name in held if name.startswith("data/measurements/")]
        assert records or "measure(" not in chapter.source.read_text("utf-8")
        source = chapter.source.read_text("utf-8")
        folders = [ROOT / name for name in re.findall(r"\.\./(data/\w+)", source)]
        data = [file.relative_to(ROOT).as_posix() for folder in folders for file in folder.rglob("*") if file.is_file()]
        assert set(held) == {chapter.source.name, WHEEL, "requirements.txt", "README.md", *records, *data}
        for name in [*records, *data]:
            assert archive.read(name) == (ROOT / name).read_bytes()
        taken, kept = json.loads(archive.read(chapter.source.name)), json.loads(source)
        for cell, before in zip(taken["cells"], kept["cells"], strict=True):
            written = "".join(before["source"]).replace("../data/", "data/")  # the data lies beside it now
            assert cell == {**before, "source": cell["source"]} and "".join(cell["source"]) == written
        assert archive.read("requirements.txt").decode().splitlines() == requirements(BOOK, chapter)
        lines = archive.read("README.md").decode().splitlines()
    assert len(lines) == 3
    assert WHEEL in lines[0] and chapter.source.name in lines[1]


@each_chapter
def test_its_records_are_those_that_the_notebook_measures(zips: dict[str, Path], chapter: Chapter) -> None:
    cells = json.loads(chapter.source.read_text("utf-8"))["cells"]
    measured = set(re.findall(r'measure\(\s*"([\w.]+)"', "".join("".join(cell["source"]) for cell in cells)))
    with zipfile.ZipFile(zips[chapter.name]) as archive:
        assert {f"data/measurements/{name}.json" for name in measured} <= set(archive.namelist())


# What is to be installed


@each_chapter
def test_requirements_are_lines_of_the_lock_and_nothing_else(chapter: Chapter) -> None:
    pins = requirements(BOOK, chapter)
    assert set(pins) <= set(LOCK.splitlines())
    assert pins == sorted(pins, key=lambda pin: pin.partition("==")[0])
    assert all(str(Requirement(pin).specifier).startswith("==") for pin in pins)


@each_chapter
def test_requirements_hold_all_that_the_installed_packages_say_they_need(chapter: Chapter) -> None:
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    held = names(requirements(BOOK, chapter))
    waiting = {canonicalize_name(Requirement(text).name)
               for text in [*declared["dependencies"], *declared["optional-dependencies"]["notebook"]]}  # fmt: skip
    assert waiting <= held
    for name in held:
        try:
            asked = [Requirement(text) for text in metadata.requires(name) or []]
        except metadata.PackageNotFoundError:  # for another system
            continue
        needed = {canonicalize_name(one.name) for one in asked if not one.marker or one.marker.evaluate({"extra": ""})}
        assert needed <= held, name


def test_a_chapter_is_given_what_its_part_needs_and_not_the_whole_book() -> None:
    wire, metastable = names(requirements(BOOK, WIRE)), names(requirements(BOOK, METASTABLE))
    assert {"grpcio", "starlette", "uvicorn"} <= wire
    assert not {"grpcio", "starlette", "uvicorn"} & metastable
    assert not {"jupyter-book", "sphinx", "pytest", "mypy", "papermill", "langgraph", "playwright"} & (
        wire | metastable
    )


def test_the_number_of_a_chapter_and_not_its_imports_says_which_part_it_belongs_to(locked: Any) -> None:
    locked.chapter("18-first", "from companion.calls import wire")
    assert "duckdb" in names(requirements(locked.project, locked["18-first"]))
    assert "duckdb" not in names(requirements(locked.project, locked["01-first"]))


def test_what_only_another_system_needs_is_there_with_its_marker() -> None:
    pins = requirements(BOOK, METASTABLE)
    assert any(re.fullmatch(r"pywinpty==[\d.]+ ; os_name == 'nt'", pin) for pin in pins)
    assert len([pin for pin in pins if pin.startswith("numpy==")]) == 2  # one for each of two ranges of Python


@pytest.fixture
def locked(book: Any) -> Any:
    """Make a small book with a chapter and the real lock."""
    book.chapter("01-first", "print(seed)")
    (book.root / "requirements.lock").write_text(LOCK, "utf-8")
    return book


@pytest.mark.parametrize("package", ["simpy", "matplotlib"])
def test_a_package_that_the_lock_does_not_pin_is_named(locked: Any, package: str) -> None:
    lock = locked.root / "requirements.lock"
    lock.write_text(re.sub(rf"^{package}==.*\n(    #.*\n)*", "", LOCK, flags=re.M), "utf-8")
    with pytest.raises(
        BookError, match=rf"requirements\.lock: pins no {package}, which the package needs; run `make lock`"
    ):
        requirements(locked.project, locked["01-first"])


def test_a_library_that_the_chapter_ran_with_is_among_its_requirements(locked: Any) -> None:
    path = locked.pretend_executed("01-first")
    assert "fastavro" not in names(requirements(locked.project, locked["01-first"]))
    done = json.loads(path.read_text("utf-8"))
    done["metadata"]["companion_ran_with"] = {"python": "3.11.7", "libraries": {"fastavro": "1.13.1"}, "seed": 11}
    path.write_text(json.dumps(done), "utf-8")
    assert {"fastavro"} <= names(requirements(locked.project, locked["01-first"]))


def test_data_lies_beside_the_notebook_and_is_read_from_there(locked: Any, tmp_path: Path) -> None:
    (locked.root / "data").mkdir()
    (locked.root / "data" / "tides.csv").write_text("hour,metres\n")
    locked.chapter("01-first", "print(open('../data/tides.csv').read())")
    with zipfile.ZipFile(take_home(locked.project, locked["01-first"], tmp_path)) as archive:
        assert archive.read("data/tides.csv") == b"hour,metres\n"
        cells = json.loads(archive.read("01-first.ipynb"))["cells"]
    assert cells[-1]["source"] == "print(open('data/tides.csv').read())"


def test_a_book_without_a_lock_has_nothing_to_take_home(book: Any, tmp_path: Path) -> None:
    book.chapter("01-first")
    assert take_home_all(book.project, tmp_path / "zips") == {}
    assert take_home_key(book.project) == ""


def test_the_key_follows_the_lock_and_the_stored_outputs(locked: Any, tools: Any) -> None:
    keys = [take_home_key(locked.project)]
    assert take_home_key(locked.project) == keys[0]
    locked.chapter("01-first", tools.code("print(seed)", outputs=[tools.shown({"text/plain": "11"})]))
    keys.append(take_home_key(locked.project))
    (locked.root / "requirements.lock").write_text(f"{LOCK}\n", "utf-8")
    keys.append(take_home_key(locked.project))
    assert len(set(keys)) == 3


# At home


def run(command: list[str], home: Path, **variables: str) -> str:
    """Run a command in a folder, without what the environment says of the book; return what it prints."""
    ours = ("COMPANION_", "PYTHON", "VIRTUAL_ENV", "JPY_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(command, cwd=home, env={**environment, **variables}, capture_output=True, text=True,
                          check=False, timeout=900)  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def at_home(zips: dict[str, Path], chapter: Chapter, home: Path) -> Path:
    """Unpack a chapter, and add a cell that says which package it ran on."""
    with zipfile.ZipFile(zips[chapter.name]) as archive:
        archive.extractall(home)
    path = home / chapter.source.name
    notebook = json.loads(path.read_text("utf-8"))
    asks: dict[str, Any] = {"cell_type": "code", "id": "asks", "metadata": {}, "execution_count": None, "outputs": [],
            "source": "import companion\nprint(companion.__file__)"}  # fmt: skip
    notebook["cells"].append(asks)
    path.write_text(json.dumps(notebook), "utf-8")
    return path


def said(cell: dict[str, Any], images: str = "") -> tuple[dict[str, str], list[dict[str, Any]]]:
    """Give what a cell printed, which may come in pieces, and what it showed, with images of one kind or of none."""
    printed: dict[str, str] = {}
    showed: list[dict[str, Any]] = []
    for output in cell["outputs"]:
        if output["output_type"] == "stream":
            printed[output["name"]] = printed.get(output["name"], "") + "".join(output["text"])
        else:
            data = {kind: "".join(part) if isinstance(part, list) else part for kind, part in output["data"].items()}
            showed.append(
                {kind: part for kind, part in data.items() if kind == images or not kind.startswith("image/")}
            )
    return printed, showed


def states(cell: dict[str, Any]) -> list[str]:
    """List the states of the measurements that a cell showed."""
    return [output["metadata"].get(MEASUREMENT, {})["state"] for output in cell["outputs"]
            if MEASUREMENT in output.get("data", {})]  # fmt: skip


def code_cells(path: Path) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]


def compare(notebook: Path, executed: Path, package: Path) -> None:
    """See that a chapter says at home what it says in the book: from that package, and from fresh records."""
    (*stored, _), (*done, last) = code_cells(notebook), code_cells(executed)
    assert Path(said(last)[0]["stdout"]).is_relative_to(package)
    for number, (one, other) in enumerate(zip(stored, done, strict=True), start=1):
        assert said(other) == said(one), f"code cell {number}"
    # a record that is stale in the book is stale here too, and no other
    assert [states(cell) for cell in done] == [states(cell) for cell in stored]


def nbconvert(python: Path | str, notebook: Path) -> list[str]:
    words = ["-m", "nbconvert", "--to", "notebook", "--execute", "--ExecutePreprocessor.timeout=600"]
    return [str(python), *words, "--output", "executed.ipynb", notebook.name]


class Home(NamedTuple):
    """Where a chapter was executed: its notebook before and after, and the folder of its package."""

    notebook: Path
    executed: Path
    site: Path


@pytest.fixture(scope="module")
def home(zips: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Execute a chapter with servers and clients from its zip: in another place, without a network where that can be.

    Libraries are those of this environment; the package is the wheel's, and the records are the zip's.
    """
    place = tmp_path_factory.mktemp("home")
    notebook, site = at_home(zips, WIRE, place / "home"), place / "site"
    if importlib.util.find_spec("pip"):
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        run([*pip, "--no-index", "--no-deps", "--no-compile", "--target", str(site), WHEEL], notebook.parent)
    else:  # an environment made by uv has no pip
        with zipfile.ZipFile(notebook.with_name(WHEEL)) as wheel:
            wheel.extractall(site)
    elsewhere = {"TZ": "Pacific/Chatham", "LANG": "tr_TR.UTF-8", "LC_ALL": "C", "PYTHONHASHSEED": "4294967295"}
    command = [*taken_away()[0], *nbconvert(sys.executable, notebook)]
    run(command, notebook.parent, PYTHONPATH=str(site), COMPANION_FIGURES="svg", **elsewhere)
    return Home(notebook, notebook.with_name("executed.ipynb"), site)


def test_a_chapter_runs_from_its_zip_alone(home: Home) -> None:
    compare(home.notebook, home.executed, home.site)


def test_a_chapter_with_servers_and_clients_runs_without_a_network(home: Home) -> None:
    _, reason = taken_away()
    if reason:
        pytest.skip(reason)
    assert all(cell["execution_count"] for cell in code_cells(home.executed))


def test_two_executions_in_different_places_give_the_same_bytes(home: Home) -> None:
    """Each cell's outputs: text, HTML, and figures as the pages have them."""
    command = [str(Path(sys.executable).with_name("companion")), "book", "execute", "--only", WIRE.name]
    subprocess.run(command, cwd=ROOT, check=True)  # unless it has been executed as it stands
    here, (*there, _) = code_cells(WIRE.executed), code_cells(home.executed)
    assert any("image/svg+xml" in shown for cell in here for shown in said(cell, "image/svg+xml")[1])
    for number, (one, other) in enumerate(zip(here, there, strict=True), start=1):
        assert said(other, "image/svg+xml") == said(one, "image/svg+xml"), f"code cell {number}"


@pytest.mark.soak
@each_chapter
def test_a_chapter_runs_in_an_empty_environment_with_what_its_readme_says(
    zips: dict[str, Path], tmp_path: Path, chapter: Chapter
) -> None:
    without_network, reason = taken_away()
    if reason:
        pytest.skip(reason)
    home = tmp_path / "home"
    notebook = at_home(zips, chapter, home)
    run([sys.executable, "-m", "venv", "env"], home)
    python = home / "env" / "bin" / "python"
    install = re.search(r"`env/bin/python (-m pip install [^`]*)`", (home / "README.md").read_text("utf-8"))
    assert install
    run([str(python), *install[1].split(), "--quiet", "--disable-pip-version-check"], home)
    assert "No broken requirements found" in run([str(python), "-m", "pip", "check"], home)
    opened = re.search(r"`env/bin/python (-m jupyterlab) [^`]*`", (home / "README.md").read_text("utf-8"))
    assert opened and run([str(python), *opened[1].split(), "--version"], home).strip() in LOCK
    run([*without_network, *nbconvert(python, notebook)], home)
    compare(notebook, home / "executed.ipynb", home / "env")
