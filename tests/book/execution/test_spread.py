"""Claims are tried under other seeds: what leads to them is run, kept seed by seed, and recorded."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from companion.book.execution.spread import Record, read_record, record_file, record_spread, source_key, uses_seed
from companion.notebooks import BookError

CLAIMS = "claim('tide', 22, 2 * seed)\nclaim('word', 'ebb', 'ebb')"
IMPORT = "from companion.claims import claim\n"


quick = pytest.mark.usefixtures("without_kernels")


def counted(book: Any) -> str:
    """Give a cell that leaves a trace of its seed."""
    return f"with open({str(book.root / 'ran')!r}, 'a') as file:\n    file.write(f'{{seed}} ')"


def tides(
    book: Any, tools: Any, *, before: str = "", claims: str = CLAIMS, after: str = "1 / (seed - 11) and 1 / 0"
) -> Any:
    """Write a chapter that counts its runs, claims, and would fail after its last claim under any other seed."""
    claiming = tools.code(claims, outputs=[tools.claim("tide", "22", 22), tools.claim("word", "ebb", "ebb")])
    exercise = tools.code("raise RuntimeError('nobody answers this here')")
    exercise["metadata"] = {"companion": {"exercise": "tide", "role": "answer"}}
    book.chapter("18-tides", before or counted(book), exercise, claiming, after)
    return book["18-tides"]


def ran(book: Any) -> list[int]:
    file = book.root / "ran"
    return sorted(map(int, file.read_text().split())) if file.is_file() else []


@quick
def test_what_leads_to_the_claims_is_run_under_other_seeds_and_recorded(book: Any, tools: Any) -> None:
    chapter = tides(book, tools)
    told: list[tuple[int, int]] = []
    found = record_spread(
        book.project, [chapter], seeds=3, jobs=1, progress=lambda chapter, done, of: told.append((done, of))
    )
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert ran(book) == [1, 2, 3]
    key = source_key(book.project, chapter)
    assert found == {"18-tides": Record(key, (1, 2, 3), {"tide": (2, 4, 6), "word": ("ebb",) * 3}, {})}
    assert read_record(chapter) == found["18-tides"]
    lines = record_file(chapter).read_text("utf-8").splitlines()
    assert record_file(chapter) == book.root / "data" / "spread" / "18-tides.json"
    assert lines[2] == '  "tide": [2, 4, 6],' and lines[-2] == f' "source": "{key}"'


@quick
def test_a_run_that_was_interrupted_goes_on_and_the_books_own_seed_is_no_other(book: Any, tools: Any) -> None:
    chapter = tides(book, tools)
    record_spread(book.project, [chapter], seeds=2, jobs=1)
    (record,) = record_spread(book.project, [chapter], seeds=11, jobs=2).values()
    assert ran(book) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12]
    assert record.seeds == (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12)
    assert record.claims["tide"][-1] == 24
    tides(book, tools, before=f"{counted(book)}\nseed = seed + 1")
    record_spread(book.project, [chapter], seeds=1, jobs=1)
    assert ran(book)[:2] == [1, 1]  # other code: what was kept counts no more


@quick
def test_a_seed_under_which_the_chapter_fails_has_a_reason_and_no_value(book: Any, tools: Any) -> None:
    chapter = tides(book, tools, before="assert seed != 2, 'not that one'")
    (record,) = record_spread(book.project, [chapter], seeds=3, jobs=1).values()
    assert record.seeds == (1, 3)
    assert record.claims["tide"] == (2, 6)
    assert record.failed == {"2": "cell 3: AssertionError: not that one"}


@quick
def test_a_chapter_that_does_not_use_its_seed_is_not_run(book: Any, tools: Any) -> None:
    book.chapter(
        "18-tides", tools.code("claim('tide', 22, 22)", outputs=[tools.claim("tide", "22", 22)]), "print(seed)"
    )
    book.chapter("19-none", "print(seed)")
    found = record_spread(book.project, book.project.chapters(), seeds=3)
    assert found == {"18-tides": Record(source_key(book.project, book["18-tides"]), (), {}, {})}
    assert read_record(book["18-tides"]) == found["18-tides"]
    assert read_record(book["19-none"]) is None
    with_data = tools.code("open('data/tides.csv')\nclaim('tide', 22, 22)", outputs=[tools.claim("tide", "22", 22)])
    book.chapter("18-tides", with_data)
    key = source_key(book.project, book["18-tides"])
    (book.root / "data" / "tides.csv").write_text("hour\n")
    assert source_key(book.project, book["18-tides"]) == key  # no seed reaches it


@quick
def test_a_stale_record_is_kept_when_some_of_its_seeds_come_out_as_before(book: Any, tools: Any) -> None:
    chapter = tides(book, tools)
    (first,) = record_spread(book.project, [chapter], seeds=4, jobs=1).values()
    tides(book, tools, before=f"{counted(book)}  # the same, with a remark")
    (kept,) = record_spread(book.project, [chapter], seeds=4, confirm=2, jobs=1).values()
    assert ran(book) == [1, 1, 2, 2, 3, 4]
    assert kept == replace(first, source=source_key(book.project, chapter), confirmed_by=(1, 2))
    assert read_record(chapter) == kept
    assert list(record_spread(book.project, [chapter], seeds=4, confirm=1).values()) == [kept]  # nothing is run
    (whole,) = record_spread(book.project, [chapter], seeds=4, jobs=1).values()
    assert whole == replace(kept, confirmed_by=())
    assert ran(book) == [1, 1, 2, 2, 3, 3, 4, 4]


@quick
def test_a_claim_that_was_given_up_leaves_the_record_and_a_new_one_needs_all_seeds(book: Any, tools: Any) -> None:
    chapter = tides(book, tools)
    record_spread(book.project, [chapter], seeds=3, jobs=1)
    one = CLAIMS.replace("\nclaim('word', 'ebb', 'ebb')", "")
    book.chapter("18-tides", tools.code(one, outputs=[tools.claim("tide", "22", 22)]))
    (kept,) = record_spread(book.project, [chapter], seeds=3, confirm=1, jobs=1).values()
    assert (kept.claims, kept.confirmed_by) == ({"tide": (2, 4, 6)}, (1,))
    tides(book, tools)
    (whole,) = record_spread(book.project, [chapter], seeds=3, confirm=1, jobs=1).values()
    assert (set(whole.claims), whole.confirmed_by) == ({"tide", "word"}, ())


@quick
def test_a_stale_record_that_no_longer_holds_is_made_anew(book: Any, tools: Any) -> None:
    chapter = tides(book, tools)
    record_spread(book.project, [chapter], seeds=3, jobs=1)
    tides(book, tools, before="seed = seed + (seed == 2)")
    (made,) = record_spread(book.project, [chapter], seeds=3, confirm=2, jobs=1).values()
    assert (made.claims["tide"], made.confirmed_by) == ((2, 6, 6), ())
    (more,) = record_spread(book.project, [chapter], seeds=4, confirm=2, jobs=1).values()
    assert (more.seeds, more.confirmed_by) == ((1, 2, 3, 4), ())


@pytest.mark.parametrize(
    ("source", "uses"),
    [("simulate(seed=seed)", True), ("f(seed + 1)", True), ("simulate(seed=7)", False), ("seed = 7", False),
     ("print('seed')", False), ("seed.x = 1", True), ("%time f(seed)", False), ("run.seed", False)],
)  # fmt: skip
def test_a_cell_uses_the_seed_when_it_reads_that_name(tools: Any, source: str, uses: bool) -> None:
    assert uses_seed([tools.prose("seed"), tools.code(source)]) is uses


def test_a_record_is_stale_when_what_leads_to_the_claims_has_changed_and_not_when_the_rest_has(
    book: Any, tools: Any
) -> None:
    (book.root / "data").mkdir()
    (book.root / "data" / "tides.csv").write_text("hour\n")
    chapter = tides(book, tools, before="open('../data/tides.csv')\nimport companion.claims, companion.sweep")
    key = source_key(book.project, chapter)
    tides(book, tools, before="open('../data/tides.csv')\nimport companion.claims, companion.sweep", after="another")
    assert source_key(book.project, chapter) == key
    (book.root / "data" / "tides.csv").write_text("hour\n1\n")
    assert source_key(book.project, chapter) != key
    (book.root / "data" / "tides.csv").write_text("hour\n")
    assert source_key(book.project, chapter) == key
    tides(book, tools, before="open('../data/tides.csv')\nimport companion.claims")
    assert source_key(book.project, chapter) != key


def test_rooms_that_compute_no_value_leave_a_record_fresh(
    book: Any, tools: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = book.own_package()
    monkeypatch.setattr("companion.import_graph.PACKAGE", copy)
    chapter = tides(book, tools, before="import companion.figures, companion.sweep")
    key = source_key(book.project, chapter)
    for shown in ("__init__.py", "claims.py", "figures/charts.py"):
        (copy / shown).write_text((copy / shown).read_text("utf-8") + "\n# another line\n", "utf-8")
        assert source_key(book.project, chapter) == key
    (copy / "sweep.py").write_text((copy / "sweep.py").read_text("utf-8") + "\n# another line\n", "utf-8")
    assert source_key(book.project, chapter) != key


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"claims": [], "seeds": [], "failed": {}, "source": ""}'])
def test_a_file_that_is_no_record_is_named(book: Any, tools: Any, text: str) -> None:
    chapter = tides(book, tools)
    record_file(chapter).parent.mkdir(parents=True)
    record_file(chapter).write_text(text, "utf-8")
    with pytest.raises(BookError, match=r"data/spread/18-tides\.json: is no record of a spread"):
        read_record(chapter)


def test_the_command_says_what_varies_and_what_was_lucky(book: Any, tools: Any) -> None:
    tides(book, tools, claims=IMPORT + CLAIMS)
    book.chapter("23-none", tools.code("claim('still', 1, 1)", outputs=[tools.claim("still", "1", 1)]))
    done = book.run("spread", "--seeds", "2", "--jobs", "1")
    assert (done.returncode, done.stderr) == (0, "18-tides: executing 2 seeds\n")
    assert done.stdout.splitlines() == [
        "18-tides: 1 of 2 claims vary over 2 seeds; 1 lucky",
        "  tide: 22 here, 2 to 4 under 2 seeds",
        "23-none: 1 claim; no cell that leads to them uses the seed",
    ]
    assert json.loads(record_file(book["18-tides"]).read_text("utf-8"))["seeds"] == [1, 2]


@quick
def test_the_command_names_the_seeds_under_which_a_chapter_fails(book: Any, tools: Any) -> None:
    tides(book, tools, before="assert seed > 1")
    done = book.run("spread", "--only", "18", "--seeds", "2")
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1].startswith("  under seed 1 it fails: cell 3: AssertionError")
