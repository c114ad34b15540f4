"""A measurement is read from its record, taken anew on demand, and known to be stale when its code has changed."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from companion import measure as module
from companion.import_graph import digest
from companion.measure import MIME, Measurement, measure, records_folder, source_key

Says = list[tuple[str, str]]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep records in a folder of the test's own."""
    monkeypatch.setenv("COMPANION_MEASUREMENTS", str(tmp_path / "measurements"))
    monkeypatch.delenv("COMPANION_MEASURE", raising=False)
    return tmp_path / "measurements"


@pytest.fixture(autouse=True)
def displayed(monkeypatch: pytest.MonkeyPatch) -> Says:
    """Collect the text and the state of what is displayed."""
    shown: Says = []

    def display(bundle: dict[str, Any], *, raw: bool, metadata: dict[str, Any]) -> None:
        assert raw
        shown.append((bundle["text/plain"], metadata[MIME]["state"]))

    monkeypatch.setattr("IPython.display.display", display)
    return shown


counter = itertools.count()


def speed() -> dict[str, float]:
    return {"per_s": float(next(counter))}


def record(monkeypatch: pytest.MonkeyPatch, name: str = "tide.speed", **options: Any) -> Measurement:
    with monkeypatch.context() as within:
        within.setenv("COMPANION_MEASURE", "record")
        return measure(name, speed, **options)


def test_what_is_not_recorded_is_measured_and_says_so(displayed: Says, folder: Path) -> None:
    found = measure("tide.speed", speed)
    assert not found.recorded
    assert displayed == [("tide.speed: measured now, not recorded", "not recorded")]
    assert not folder.exists()


def test_recording_writes_the_figures_with_machine_versions_and_date(
    monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    values = iter([3.0, 1.0, 2.123456789])
    with monkeypatch.context() as within:
        within.setenv("COMPANION_MEASURE", "record")
        taken = measure("tide.speed", lambda: {"per_s": next(values)}, runs=3, libraries=("simpy",))
    written = json.loads((folder / "tide.speed.json").read_text())
    assert written["figures"] == {"per_s": 2.12346}  # the median, to six digits
    assert written["spread"] == {"per_s": [1.0, 3.0]}
    assert written["runs"] == 3
    assert set(written["machine"]) == {"processor", "cores", "system"} and all(written["machine"].values())
    assert set(written["versions"]) == {"python", "simpy"}
    assert written["machine"]["cores"] == str(os.cpu_count())
    assert written["date"].count("-") == 2
    assert "recorded" not in written
    assert taken["per_s"] == 2.12346
    assert [path.name for path in folder.iterdir()] == ["tide.speed.json"]


def test_a_record_is_read_and_not_measured_again(monkeypatch: pytest.MonkeyPatch, displayed: Says) -> None:
    taken = record(monkeypatch)
    after = next(counter)
    found = measure("tide.speed", speed)
    assert next(counter) == after + 1
    assert found == taken and found.recorded
    assert displayed[1] == (f"tide.speed: {found.place}", "recorded")
    assert found.place.startswith(f"{found.date}, {os.cpu_count()} cores of ")


def test_live_measures_now_and_leaves_the_record_alone(
    monkeypatch: pytest.MonkeyPatch, displayed: Says, folder: Path
) -> None:
    taken = record(monkeypatch)
    before = (folder / "tide.speed.json").read_bytes()
    found = measure("tide.speed", speed, live=True)
    assert found["per_s"] > taken["per_s"]
    assert (folder / "tide.speed.json").read_bytes() == before
    assert displayed[-1] == ("tide.speed: measured now", "measured now")


def test_recording_again_replaces_the_record(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    first, second = record(monkeypatch), record(monkeypatch)
    assert second["per_s"] > first["per_s"]
    assert measure("tide.speed", speed)["per_s"] == second["per_s"]


def test_one_measurement_can_be_recorded_without_the_rest(folder: Path) -> None:
    first = measure("tide.own", speed, runs=1, record=True)
    assert first.recorded and measure("tide.own", speed, runs=1) == first
    assert measure("tide.own", speed, runs=1, record=True)["per_s"] > first["per_s"]


def test_a_stale_record_says_so_beside_its_text_which_stays(
    monkeypatch: pytest.MonkeyPatch, displayed: Says, folder: Path
) -> None:
    record(monkeypatch)
    path = folder / "tide.speed.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "source": "of another day"}))
    measure("tide.speed", speed)
    # nbval compares the text, so that a changed module marks the page and breaks no test.
    assert [text for text, _ in displayed] == [displayed[0][0]] * 2
    assert displayed[1][1] == "stale"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a package of the name companion, of which measurements then know."""
    made = tmp_path / "companion"
    made.mkdir()
    (made / "__init__.py").write_text("")
    (made / "moon.py").write_text("from companion import tides\n")
    (made / "tides.py").write_text("HEIGHT = 4\n")
    (made / "harbour.py").write_text("BOATS = 7\n")
    monkeypatch.setattr("companion.import_graph.PACKAGE", made)
    return made


def in_a_notebook(tmp_path: Path, source: str, **names: Any) -> Callable[[], Any]:
    """Define a function as a notebook's cell does: in a namespace of its own, with a file that inspect can read."""
    path = tmp_path / f"cell_{digest(source)}.py"
    path.write_text(textwrap.dedent(source))
    space: dict[str, Any] = {"__name__": "__main__", **names}
    exec(compile(path.read_text(), str(path), "exec"), space)
    function: Callable[[], Any] = space["speed"]
    return function


class Imported:
    """Stands for what another cell imported from a module."""

    def __init__(self, module: str) -> None:
        self.__module__ = module


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def speed():\n    from companion.moon import rise\n    return rise()\n", {}),
        ("def speed():\n    return rise()\n", {"rise": Imported("companion.moon")}),
        ("def speed():\n    return {n: rise(n) for n in range(3)}\n", {"rise": Imported("companion.moon")}),
        (
            "def speed():\n    def one():\n        return rise()\n    return one()\n",
            {"rise": Imported("companion.moon")},
        ),
    ],
    ids=["it imports", "a name of another cell", "a name in a comprehension", "a name in an inner function"],
)
def test_the_key_changes_with_the_modules_that_the_function_reaches_and_no_others(
    tmp_path: Path, package: Path, source: str, names: dict[str, Any]
) -> None:
    function = in_a_notebook(tmp_path, source, **names)
    before = source_key(function)
    (package / "harbour.py").write_text("BOATS = 8\n")
    (package / "__init__.py").write_text('__version__ = "2"\n')
    assert source_key(function) == before
    (package / "tides.py").write_text("HEIGHT = 50\n")  # through moon
    assert source_key(function) != before


def test_the_key_changes_with_the_function_itself(tmp_path: Path) -> None:
    one = in_a_notebook(tmp_path, "def speed():\n    return {'per_s': 1}\n")
    same = in_a_notebook(tmp_path, "def speed():\n    return {'per_s': 1}\n")
    other = in_a_notebook(tmp_path, "def speed():\n    return {'per_s': 2}\n")
    assert source_key(one) == source_key(same) != source_key(other)


def test_the_key_is_the_same_wherever_the_package_lies(
    tmp_path: Path, package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = in_a_notebook(tmp_path, "def speed():\n    from companion.moon import rise\n    return rise()\n")
    before = source_key(function)
    moved = shutil.copytree(package, tmp_path / "elsewhere" / "companion")
    monkeypatch.setattr("companion.import_graph.PACKAGE", moved)
    assert source_key(function) == before
    (moved / "moon.py").write_text("")  # it is the copy that was read
    assert source_key(function) != before


@pytest.fixture
def from_a_wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run the package as an installed wheel does, in a folder of the reader's; return that folder."""
    site = tmp_path / "env" / "lib" / "python" / "site-packages" / "companion"
    monkeypatch.setattr(module, "PACKAGE", site)
    monkeypatch.setattr(module, "FOLDER", site.parents[1] / "data" / "measurements")
    monkeypatch.delenv("COMPANION_MEASUREMENTS")
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.chdir(home)
    return home


def test_the_repositorys_records_are_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COMPANION_MEASUREMENTS")
    (tmp_path / "data" / "measurements").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert records_folder() == module.FOLDER


def test_a_folder_that_the_environment_names_comes_first(from_a_wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (from_a_wheel / "data" / "measurements").mkdir(parents=True)
    monkeypatch.setenv("COMPANION_MEASUREMENTS", str(from_a_wheel / "mine"))
    assert records_folder() == from_a_wheel / "mine"


def test_a_wheel_finds_the_records_beside_the_notebook_or_above_it(
    from_a_wheel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = from_a_wheel / "data" / "measurements"
    folder.mkdir(parents=True)
    assert records_folder() == folder
    (from_a_wheel / "notes" / "today").mkdir(parents=True)
    monkeypatch.chdir(from_a_wheel / "notes" / "today")
    assert records_folder() == folder


def test_a_record_is_not_stale_because_the_package_comes_from_a_wheel(
    from_a_wheel: Path, monkeypatch: pytest.MonkeyPatch, displayed: Says, folder: Path
) -> None:
    with monkeypatch.context() as within:
        within.setenv("COMPANION_MEASUREMENTS", str(folder))
        taken = record(monkeypatch)
    shutil.copytree(folder, from_a_wheel / "data" / "measurements")
    assert measure("tide.speed", speed) == taken
    assert displayed[-1] == (f"tide.speed: {taken.place}", "recorded")


def test_a_wheel_records_into_the_readers_folder(from_a_wheel: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record(monkeypatch)
    assert (from_a_wheel / "data" / "measurements" / "tide.speed.json").is_file()


def test_every_record_of_the_book_can_be_read() -> None:
    records = sorted(module.FOLDER.glob("*.json"))
    assert records
    for path in records:
        read = Measurement(**json.loads(path.read_text("utf-8")))
        assert read.name == path.stem
        assert read.figures and read.place
        assert all(low <= read.figures[name] <= high for name, (low, high) in read.spread.items())
