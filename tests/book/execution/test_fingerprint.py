"""A chapter's key changes with everything that decides what its executed copy looks like, and with nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from companion.book.execution import fingerprint
from companion.book.execution.fingerprint import KEY, chapter_files, chapter_key, executed_key, without_seconds


@pytest.fixture
def copied(book: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let keys be computed over a copy of the package, which a test may edit."""
    copy: Path = book.own_package()
    monkeypatch.setattr("companion.import_graph.PACKAGE", copy)
    monkeypatch.setattr(fingerprint, "PACKAGE", copy)
    return copy


def keys(book: Any) -> dict[str, str]:
    return {chapter.name: chapter_key(book.project, chapter, {}) for chapter in book.project.chapters()}


def changed(book: Any, before: dict[str, str]) -> set[str]:
    return {name for name, key in keys(book).items() if key != before[name]}


def touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text((path.read_text() if path.exists() else "") + "\n# another line\n")


def test_a_module_changes_the_key_of_the_chapters_that_reach_it(book: Any, copied: Path) -> None:
    (copied / "tides.py").write_text("from companion import moon\n")
    (copied / "moon.py").write_text("PHASE = 3\n")
    book.chapter("01-direct", "from companion import moon")
    book.chapter("02-through", "import companion.tides")
    book.chapter("03-relative", "%matplotlib inline\nfrom companion.tides import moon as m")
    book.chapter("04-neither", "import companion.parameters")
    before = keys(book)
    touch(copied / "moon.py")
    assert changed(book, before) == {"01-direct", "02-through", "03-relative"}
    before = keys(book)
    touch(copied / "parameters.py")
    assert changed(book, before) == {"04-neither"}


def test_a_file_beside_a_module_that_names_it_changes_the_key(book: Any, copied: Path) -> None:
    (copied / "wirelike.py").write_text("SCHEMA = 'customers.proto'\n")
    (copied / "customers.proto").write_text("message Customer {}\n")
    book.chapter("01-reaches", "from companion import wirelike")
    book.chapter("02-does-not", "print('customers.proto')")
    before = keys(book)
    touch(copied / "customers.proto")
    assert changed(book, before) == {"01-reaches"}


@pytest.mark.parametrize("path", ["data/harbour.csv", "../data/harbour.csv"])
def test_a_data_file_changes_the_key_of_the_chapter_that_names_it(book: Any, path: str) -> None:
    book.chapter("01-names", f"open({path!r})")
    book.chapter("02-does-not", "open('data/other.csv')")
    before = keys(book)
    touch(book.root / "data" / "harbour.csv")  # appears
    assert changed(book, before) == {"01-names"}
    before = keys(book)
    touch(book.root / "data" / "harbour.csv")
    assert changed(book, before) == {"01-names"}


def test_a_measurement_changes_the_key_of_the_chapter_that_reads_it(book: Any) -> None:
    book.chapter("01-reads", "measure('wire.speed', f)")
    book.chapter("02-does-not", "measure('wire.size', f)")
    before = keys(book)
    touch(book.root / "data" / "measurements" / "wire.speed.json")
    assert changed(book, before) == {"01-reads"}


def test_a_pin_changes_the_keys_of_the_chapters_that_use_it(book: Any) -> None:
    book.chapter("01-calls")
    book.chapter("18-simulates")
    book.chapter("23-imports", "import hypothesis.strategies")
    lock = book.root / "requirements.lock"
    asked = "".join(f"{pin}\n    # via companion (pyproject.toml)\n"
                    for pin in ("duckdb==2.0", "grpcio==1.85", "hypothesis==6.140", "simpy==4.1"))  # fmt: skip
    text = f"{asked}sortedcontainers==2.4\n    # via hypothesis\n"
    before = keys(book)
    lock.write_text(text)
    assert changed(book, before) == {"01-calls", "18-simulates", "23-imports"}
    before = keys(book)
    for pin, reached in [
        ("grpcio==1.85", {"01-calls"}),
        ("duckdb==2.0", {"18-simulates"}),
        ("sortedcontainers==2.4", {"23-imports"}),
        ("simpy==4.1", {"01-calls", "18-simulates", "23-imports"}),
    ]:
        lock.write_text(text.replace(pin, f"{pin}.1"))
        assert changed(book, before) == reached
    lock.write_text(text + "\npytest==9.0\n    # via companion (pyproject.toml)\n")
    assert changed(book, before) == set()


def test_another_version_of_python_changes_every_key(book: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    book.chapter("01-first")
    before = keys(book)
    monkeypatch.setattr("platform.python_version", lambda: "3.99.1")
    assert changed(book, before) == {"01-first"}


def test_each_parameter_and_each_of_its_values_has_a_key(book: Any) -> None:
    book.chapter("01-first")
    given: list[dict[str, Any]] = [{}, {"seed": 7}, {"seed": "7"}, {"seed": 8}, {"sees": 7}, {"seed": 7, "size": 3}]
    found = [chapter_key(book.project, book["01-first"], parameters) for parameters in given]
    assert len(set(found)) == len(given)
    assert chapter_key(book.project, book["01-first"], {"size": 3, "seed": 7}) == found[-1]


def test_a_picture_attached_to_a_cell_belongs_to_the_key(book: Any, tools: Any) -> None:
    cell = tools.prose("![a tide](attachment:tide.png)")
    keys_of = []
    for picture in ({}, {"tide.png": {"image/png": "ebb"}}, {"tide.png": {"image/png": "flood"}}):
        book.chapter("01-first", {**cell, "attachments": picture})
        keys_of.append(keys(book)["01-first"])
    assert len(set(keys_of)) == 3


def test_the_order_of_cells_and_their_type_belong_to_the_key(book: Any, tools: Any) -> None:
    found = []
    for cells in (["a = 1", "b = 2"], ["b = 2", "a = 1"], ["a = 1", tools.prose("b = 2")], ["a = 1\nb = 2"]):
        book.chapter("01-first", *cells)
        found.append(keys(book)["01-first"])
    assert len(set(found)) == 4


def test_a_module_that_moves_changes_the_key_with_the_same_content(book: Any, copied: Path) -> None:
    (copied / "moon.py").write_text("PHASE = 3\n")
    book.chapter("01-first", "import companion.moon, companion.mars")
    before = keys(book)
    (copied / "moon.py").rename(copied / "mars.py")
    assert changed(book, before) == {"01-first"}


def test_an_asset_that_moves_changes_the_key_with_the_same_content(book: Any, copied: Path) -> None:
    for room in ("ebb", "flood"):
        (copied / room).mkdir()
        (copied / room / "__init__.py").write_text("SCHEMA = 'tide.proto'\n")
    (copied / "ebb" / "tide.proto").write_text("message Tide {}\n")
    book.chapter("01-first", "import companion.ebb, companion.flood")
    before = keys(book)
    (copied / "ebb" / "tide.proto").rename(copied / "flood" / "tide.proto")
    assert changed(book, before) == {"01-first"}


def test_the_kernel_and_the_tags_belong_to_the_key_and_stored_outputs_do_not(book: Any, tools: Any) -> None:
    path = book.chapter("01-first", "print(1)")
    before = keys(book)
    # what an editor adds when it meets the kernel
    path.write_text(path.read_text().replace('{"name": "python"}', '{"name": "python", "version": "3.11.7"}'))
    assert changed(book, before) == set()
    book.chapter("01-first", tools.code("print(1)", outputs=[tools.shown({"text/plain": "1"})]))
    assert changed(book, before) == set()
    book.chapter("01-first", tools.code("print(1)", tags=["hide-input"]))
    assert changed(book, before) == {"01-first"}
    book.chapter("01-first", "print(1)")
    path.write_text(path.read_text().replace('"language_info": {"name": "python"}', '"language_info": {}'))
    assert changed(book, before) == {"01-first"}
    book.chapter("01-first", "print(1)")
    path.write_text(path.read_text().replace('"name": "python3"', '"name": "cobol"'))
    assert changed(book, before) == {"01-first"}


def test_a_folder_that_a_chapter_names_is_data_with_all_that_it_holds(book: Any) -> None:
    book.chapter("01-reads", "print('../data/corpus')")
    book.chapter("02-does-not", "print('../data/other')")
    inner = book.root / "data" / "corpus" / "part" / "one.proto"
    inner.parent.mkdir(parents=True)
    inner.write_text("message A {}")
    assert chapter_files(book.project, book["01-reads"]) == [inner.resolve()]
    before = keys(book)
    touch(inner)
    assert changed(book, before) == {"01-reads"}


def test_strings_that_are_no_file_names_are_no_trouble(book: Any) -> None:
    strings = ["a\0b.csv", "data/\0", "data/" + "é" * 150 + ".csv", ".", "..", "data/..", "data/", "～" * 190 + "."]
    book.chapter("01-strings", *(f"print({text!r})" for text in strings))
    assert chapter_files(book.project, book["01-strings"]) == []


def test_an_executed_copy_keeps_its_key_whatever_letters_it_has(book: Any, tools: Any) -> None:
    book.chapter("01-first", "print('tide')")
    chapter = book["01-first"]
    assert executed_key(chapter) is None
    path = book.pretend_executed("01-first")
    whole = json.loads(path.read_text("utf-8"))
    whole["cells"][0]["source"] = "é, ü and 潮"
    path.write_text(json.dumps(whole, ensure_ascii=False), "utf-8")
    assert executed_key(chapter) == whole["metadata"][KEY] == chapter_key(book.project, chapter, {})


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"metadata": {}}', '{"metadata": []}', '{"metadata": null}'])
def test_a_copy_that_is_not_whole_has_no_key(book: Any, text: str) -> None:
    book.chapter("01-first", "print('tide')")
    path = book.pretend_executed("01-first")
    path.write_text(text, "utf-8")
    assert executed_key(book["01-first"]) is None
    path.write_text(json.dumps({"metadata": {KEY: 7}}), "utf-8")
    assert executed_key(book["01-first"]) is None


def test_the_order_in_which_an_editor_writes_metadata_is_no_change(book: Any) -> None:
    path = book.chapter("01-first", "print('tide')")
    before = keys(book)
    whole = json.loads(path.read_text("utf-8"))
    whole["cells"][1]["metadata"] = {"tags": ["parameters"], "a": 1}
    path.write_text(json.dumps(whole), "utf-8")
    assert changed(book, before) == {"01-first"}
    before = keys(book)
    whole["cells"][1]["metadata"] = {"a": 1, "tags": ["parameters"]}
    path.write_text(json.dumps(whole), "utf-8")
    assert changed(book, before) == set()
    chapter = book["01-first"]
    assert chapter_key(book.project, chapter, {"a": 1, "b": 2}) == chapter_key(book.project, chapter, {"b": 2, "a": 1})


def test_executions_that_took_another_time_have_the_same_text() -> None:
    told = '{{"companion_seconds": {}, "other_seconds": 1.5, "text": "companion_seconds: 2"}}'
    assert {without_seconds(told.format(time)) for time in ("0.012", "31", "1e-05", "0")} == {told.format(0)}
