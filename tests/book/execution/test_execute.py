"""What the pipeline does with chapters that go right, and with those that do not."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from companion.book.execution.fingerprint import chapter_key, executed_key, without_seconds
from companion.book.project import find_project
from companion.notebooks import BookError

HELD = (
    "import os, time\nfrom pathlib import Path\n"
    "Path('../kernel').write_text(f'{os.getppid()} {os.getpid()}')\n"
    "while Path('../hold').exists():\n    time.sleep(0.05)\nprint('let go')"
)
"""A cell that says who runs it and waits to be let go."""


def counted(book: Any) -> str:
    """Give a cell that leaves a trace each time that it runs."""
    return f"with open({str(book.root / 'runs')!r}, 'a') as file:\n    file.write('x')"


class Failed(NamedTuple):
    """A book with chapters that fail in every way, after its second build."""

    book: Any
    status: int
    said: str
    pages: dict[str, str]
    old: dict[str, str]

    def told_of(self, name: str) -> str:
        """Give the lines about one chapter: its own, and the indented ones that follow."""
        lines = self.said.splitlines()
        start = next(number for number, line in enumerate(lines) if line.startswith((f"{name}:", f"{name},")) and
                     "executing" not in line)  # fmt: skip
        end = next((n for n in range(start + 1, len(lines)) if not lines[n].startswith("    ")), len(lines))
        return "\n".join(lines[start:end])


@pytest.fixture(scope="module")
def failed(new_book: Callable[[Path], Any], tools: Any, tmp_path_factory: pytest.TempPathFactory) -> Failed:
    """Break most chapters of a book that was built, and build it again."""
    book = new_book(tmp_path_factory.mktemp("failed") / "small")
    bad = {
        "01-raises": ["print('fine')", "def share(of):\n    return 100 / of\n\nshare(0)", "print('not reached')"],
        "02-hangs": ["import time\nwhile True:\n    time.sleep(0.1)"],
        "03-dies": ["import os\nos._exit(3)"],
        "04-exits": ["print('fine')", "import sys\nsys.exit()", "print('left out in silence')"],
        "05-tagged": [tools.code("1 / 0", tags=["raises-exception"]), "print('runs all the same')"],
    }
    for name in [*bad, "06-torn", "07-odd", "08-kernel", "09-good"]:
        book.chapter(name, "print('the first build')")
        book.pretend_executed(name)
    book.write_pages("made by the first build")
    pages = {path.name: path.read_text("utf-8") for path in book.project.html.rglob("*.html")}
    old = {chapter.name: chapter.executed.read_text("utf-8") for chapter in book.project.chapters()}
    for name, cells in bad.items():
        book.chapter(name, *cells)
    book["06-torn"].source.write_text(book["06-torn"].source.read_text()[:-40])
    book["07-odd"].source.write_text('{"nbformat": 4, "cells": ["no cell"]}')
    book["08-kernel"].source.write_text(book["08-kernel"].source.read_text().replace('"python3"', '"cobol"'))
    book.chapter("09-good", "print('the second build')")
    second = book.run("build", "--cell-timeout", "2")
    return Failed(book, second.returncode, second.stderr, pages, old)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("01-raises", "01-raises, cell 4: ZeroDivisionError: division by zero"),
        ("02-hangs", "02-hangs, cell 3: the cell did not end within 2 s (--cell-timeout)"),
        ("03-dies", "03-dies, cell 3: the kernel died while it ran this cell"),
        ("04-exits", "04-exits, cell 4: SystemExit: a cell must not end the chapter"),
        ("05-tagged", "05-tagged, cell 3: ZeroDivisionError: division by zero"),
        ("06-torn", "06-torn: not valid JSON: "),
        ("07-odd", "07-odd: not a notebook of format 4: cell 1 is no cell"),
        ("08-kernel", "08-kernel: there is no kernel named 'cobol'"),
    ],
)
def test_a_failure_names_chapter_and_cell_and_says_why(failed: Failed, name: str, says: str) -> None:
    assert failed.told_of(name).startswith(says)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("01-raises", "def share(of):"),
        ("02-hangs", "import time"),
        ("03-dies", "import os"),
        ("04-exits", "import sys"),
        ("05-tagged", "1 / 0"),
    ],
)
def test_a_failure_shows_how_its_cell_begins(failed: Failed, name: str, line: str) -> None:
    assert failed.told_of(name).splitlines()[1] == f"    the cell begins: {line}"


def test_a_failure_shows_the_last_lines_of_the_traceback(failed: Failed) -> None:
    told = failed.told_of("01-raises").splitlines()
    assert told[-1] == "    ZeroDivisionError: division by zero"
    assert "    ----> 2     return 100 / of" in told
    assert "\x1b" not in failed.said
    assert "site-packages" not in failed.said  # the reader's code, and nothing of the pipeline's


def test_a_failure_exits_with_one_and_says_how_many(failed: Failed) -> None:
    assert failed.status == 1
    assert failed.said.splitlines()[-1] == "8 of the chapters failed; the pages were left as they are"


def test_the_other_chapters_are_finished(failed: Failed) -> None:
    assert failed.book.printed("09-good") == "the second build\n"


def test_a_failed_chapter_keeps_its_old_executed_copy(failed: Failed) -> None:
    now = {chapter.name: chapter.executed.read_text("utf-8") for chapter in failed.book.project.chapters()}
    assert {name for name in now if now[name] != failed.old[name]} == {"09-good"}
    assert {path.name for path in failed.book.project.built.iterdir()} == {".lock", *(f"{name}.ipynb" for name in now)}


def test_the_old_pages_stay_when_a_chapter_fails(failed: Failed) -> None:
    assert {path.name: path.read_text("utf-8") for path in failed.book.project.html.rglob("*.html")} == failed.pages


def test_a_chapter_that_is_mended_builds_again(failed: Failed) -> None:
    failed.book.chapter("03-dies", "print('mended')")
    done = failed.book.run("execute", "--only", "03")
    assert done.returncode == 0, done.stderr
    assert failed.book.printed("03-dies") == "mended\n"


def test_output_without_end_is_stopped_and_names_its_cell(book: Any) -> None:
    path = book.chapter("01-endless", "while True:\n    print('again and again')")
    # The real bound is for a machine's memory; a small one takes the same way through the code.
    program = (
        "import sys\nfrom companion.book.execution import worker\nworker.MAX_OUTPUT = 50_000\n"
        f"request = worker.Request({str(path)!r}, {str(path.with_name('target'))!r}, {{}}, 'key', 60)\n"
        "print(worker.execute(request, lambda cell, of: None))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert "reason='the cell printed more than 50,000 characters', cell=3, line='while True:'" in done.stdout
    assert not path.with_name("target").exists()


def test_a_module_in_the_middle_of_an_edit_fails_its_chapter_alone(book: Any) -> None:
    copy = book.own_package()
    (copy / "unfinished.py").write_text("def half(:\n")
    book.chapter("01-reaches", "from companion import unfinished")
    book.chapter("02-does-not", "print('fine')")
    done = book.run("execute")
    assert done.returncode == 1
    assert "01-reaches, cell 3: SyntaxError: " in done.stderr
    assert book.printed("02-does-not") == "fine\n"


@pytest.mark.usefixtures("without_kernels")
def test_a_chapter_named_twice_is_executed_once(book: Any) -> None:
    book.chapter("18-twice", counted(book))
    done = book.run("execute", "--only", "18", "--only", "twice")
    assert done.returncode == 0, done.stderr
    assert (book.root / "runs").read_text() == "x"


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        ("7", "int 7"),
        ("1e3", "float 1000.0"),
        ("true", "bool True"),
        ("none", "NoneType None"),
        ("ollama/llama3", "str ollama/llama3"),
        ("'7'", "str 7"),
        ("[1, 2]", "list [1, 2]"),
    ],
)
def test_a_parameter_keeps_its_type(given: str, becomes: str) -> None:
    from companion.book.cli.commands import _parse

    value = _parse([f"seed={given}"])["seed"]
    assert f"{type(value).__name__} {value}" == becomes


def test_a_parameter_reaches_the_kernel_and_leaves_the_book_alone(book: Any) -> None:
    book.chapter("01-first", "print(type(seed).__name__, seed)")
    book.chapter("02-second", "print(size)", parameters="size: int = 3")
    done = book.run("execute", "-p", "seed=7.5")
    assert done.returncode == 0, done.stderr
    assert book.printed("01-first", "seed-7.5") == "float 7.5\n"
    # A parameter goes to the chapters that have it; the others are the book's.
    assert book.printed("02-second") == "3\n"
    assert not book["01-first"].executed.exists()


@pytest.mark.usefixtures("without_kernels")
def test_each_set_of_parameters_has_a_copy_beside_the_books_own(book: Any) -> None:
    book.chapter("01-first", "print(type(seed).__name__, seed)")
    book.chapter("02-second", "print(size)", parameters="size: int = 3")
    assert book.run("execute", "-p", "seed=8", "-p", "size=4").returncode == 0
    assert book.run("execute").returncode == 0
    assert (book.printed("01-first"), book.printed("02-second")) == ("int 11\n", "3\n")
    assert (book.printed("01-first", "seed-8"), book.printed("02-second", "size-4")) == ("int 8\n", "4\n")


@pytest.mark.usefixtures("without_kernels")
def test_an_execution_with_other_parameters_says_which_claims_differ_and_where_it_lies(book: Any) -> None:
    claims = ["claim('tides', 281, 270.4 + seed)", "claim('moons', 1, 1)",
              "claim('boats', '1.7e4', 1690 * seed)", "claim('word', 'ebb', 'none')"]  # fmt: skip
    book.chapter("01-first", *claims)
    book.chapter("02-second", counted(book))
    first = ["01-first: 3 of 4 claims came out differently", "  tides: 281 -> 277", "  boats: 17000 -> 12000",
             "  word: ebb -> none", "_build/runs/01-first-seed-7.ipynb"]  # fmt: skip
    done = book.run("execute", "-p", "seed=7")
    assert (done.returncode, done.stdout.splitlines()) == (0, [*first, "_build/runs/02-second-seed-7.ipynb"])
    again = book.run("execute", "--only", "01", "-p", "seed=7")  # from the copy: nothing has changed
    assert (again.returncode, again.stdout.splitlines(), again.stderr) == (0, first, "")
    assert (book.root / "runs").read_text() == "x"
    assert {path.name for path in book.project.runs.iterdir()} == {Path(first[-1]).name, "02-second-seed-7.ipynb"}
    assert not list(book.project.built.glob("*.ipynb"))


def test_a_failure_under_other_parameters_counts_the_cells_that_the_author_sees(book: Any) -> None:
    book.chapter("01-picky", "print(seed)", "assert seed == 11, 'not that one'")
    done = book.run("execute", "-p", "seed=7")
    assert done.returncode == 1
    assert "01-picky, cell 4: AssertionError: not that one" in done.stderr
    assert "    the cell begins: assert seed == 11, 'not that one'" in done.stderr


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["-p", "speed=7"], "-p speed: none of these chapters has a parameter of that name"),
        (["-p", "seed"], "-p seed: write it as NAME=VALUE"),
        (["-p", "=7"], "-p =7: write it as NAME=VALUE"),
        (["-p", "seed={1, 2}"], "-p seed={1, 2}: give a number, a word, true, false, none, or a list of these"),
        (["--only", "99"], "--only 99: no such chapter; there are 01-first"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_status_two(book: Any, words: list[str], says: str) -> None:
    book.chapter("01-first", "print(seed)")
    done = book.run("execute", *words)
    assert (done.returncode, done.stderr, done.stdout) == (2, f"companion book: {says}\n", "")
    assert not book["01-first"].executed.exists()


def test_a_folder_without_a_book_is_one_line_and_exit_status_two(book: Any) -> None:
    (book.root / "_config.yml").unlink()
    done = book.run("build")
    assert done.returncode == 2
    says = f"companion book: {book.root}: no book here or above (a folder with _config.yml and chapters/)"
    assert done.stderr.splitlines() == [says]


def test_a_table_of_contents_that_names_no_notebook_is_refused(book: Any) -> None:
    path = book.chapter("01-first")
    path.unlink()
    with pytest.raises(BookError, match=r"_toc\.yml: names a chapter that has no notebook: .*01-first\.ipynb"):
        find_project(book.root / "book").chapters()


@pytest.mark.usefixtures("without_kernels")
def test_what_has_not_changed_is_not_executed_again(book: Any) -> None:
    book.chapter("01-counted", counted(book))
    runs = book.root / "runs"
    # Forcing executes, and other parameters do once; nothing else.
    for words, expected in [([], 1), ([], 1), (["--force"], 2), (["-p", "seed=7"], 3), (["-p", "seed=7"], 3), ([], 3)]:
        done = book.run("execute", *words)
        assert done.returncode == 0, done.stderr
        assert len(runs.read_text()) == expected


@pytest.mark.usefixtures("without_kernels")
def test_an_executed_copy_that_is_not_whole_is_not_trusted(book: Any) -> None:
    book.chapter("01-counted", counted(book))
    assert book.run("execute").returncode == 0
    executed = book["01-counted"].executed
    whole = executed.read_text()
    for torn in (whole[: len(whole) // 2], "", "[]", "{}", '{"metadata": []}'):
        executed.write_text(torn)
        assert executed_key(book["01-counted"]) is None
    assert book.run("execute").returncode == 0
    assert (book.root / "runs").read_text() == "xx"


def test_an_edit_of_one_module_executes_only_the_chapters_that_import_it(book: Any) -> None:
    copy = book.own_package()
    (copy / "moon.py").write_text("PHASE = 3\n")
    book.chapter("01-moon", "from companion.moon import PHASE\nprint(PHASE)", counted(book))
    book.chapter("02-other", counted(book))
    assert book.run("execute").returncode == 0
    (copy / "moon.py").write_text("PHASE = 4\n")
    done = book.run("execute")
    assert done.returncode == 0, done.stderr
    assert book.printed("01-moon") == "4\n"
    assert (book.root / "runs").read_text() == "xxx"
    assert "02-other" not in done.stderr


def stat(pid: int | str) -> list[str]:
    """Give a process's state and its parent's number; nothing when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:2]
    except (FileNotFoundError, ProcessLookupError):
        return []


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and that nobody has waited for yet does not."""
    return stat(pid)[:1] not in ([], ["Z"])


def children(parent: int) -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*") if stat(path.name)[1:] == [str(parent)]]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes under /proc")
@pytest.mark.parametrize("moment", ["at once", "in a cell", "in the second chapter", "rendering"])
def test_a_build_that_is_killed_leaves_nothing_that_the_next_one_trusts(book: Any, tools: Any, moment: str) -> None:
    book.chapter("01-first", counted(book), "print('one')", *([HELD] if moment == "in a cell" else []))
    book.chapter("02-second", *([HELD] if moment == "in the second chapter" else []), "print('two')")
    (book.root / "hold").touch()
    command = "build" if moment == "rendering" else "execute"  # which the build begins with
    process = book.start(command, "--jobs", "1")
    reached: dict[str, Callable[[], bool]] = {
        "at once": (book.project.built / ".lock").exists,
        "in a cell": (book.root / "kernel").exists,
        "in the second chapter": (book.root / "kernel").exists,
        "rendering": lambda: any(book.project.html.parent.glob("rendering-*/_build")),
    }
    tools.eventually(reached[moment], f"the build comes to the moment {moment!r}")
    below = children(process.pid)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    if (book.root / "kernel").exists():
        tools.eventually(lambda: len((book.root / "kernel").read_text().split()) == 2, "the cell has said who it is")
        below += map(int, (book.root / "kernel").read_text().split())
    assert below or moment == "at once"
    tools.eventually(lambda: not [pid for pid in below if alive(pid)], "the killed build's processes have ended")
    (book.root / "hold").unlink()
    done = book.run(command)
    assert done.returncode == 0, done.stderr
    assert book.printed("01-first").startswith("one\n") and book.printed("02-second").endswith("two\n")
    assert all(executed_key(chapter) == chapter_key(book.project, chapter, {}) for chapter in book.project.chapters())
    if moment == "rendering":
        assert "Chapter 01-first" in book.html("chapters/01-first") and "two" in book.html("chapters/02-second")
        assert [path.name for path in book.project.html.parent.iterdir()] == ["html"]
    assert not [path.name for path in book.project.built.iterdir() if path.name.startswith(".executing")]
    runs = (book.root / "runs").read_text()
    # What the killed build had finished is kept: it was whole.
    assert runs == ("xx" if moment == "in a cell" else "x")


def test_two_builds_at_once_wait_for_each_other(book: Any, tools: Any) -> None:
    book.chapter("01-held", counted(book), HELD)
    hold = book.root / "hold"
    hold.touch()
    first = book.start("execute")
    tools.eventually((book.root / "kernel").exists, "the first build runs its cell")
    second = book.start("execute")
    assert second.stderr is not None
    assert second.stderr.readline() == "another build is under way here; waiting for it\n"
    hold.unlink()
    assert (first.communicate(timeout=60), first.returncode)[1] == 0
    assert (second.communicate(timeout=60), second.returncode)[1] == 0
    assert (book.root / "runs").read_text() == "x"


def test_the_worker_ends_with_whoever_started_it(book: Any, tools: Any) -> None:
    path = book.chapter("01-held", HELD)
    (book.root / "hold").touch()
    request = {"source": str(path), "target": str(path.with_name("target")), "parameters": {}, "key": "k",
               "cell_timeout": 100}  # fmt: skip
    worker = subprocess.Popen([sys.executable, "-m", "companion.book.execution.worker"], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, text=True)  # fmt: skip
    assert worker.stdin is not None
    worker.stdin.write(json.dumps(request) + "\n")
    worker.stdin.flush()
    tools.eventually((book.root / "kernel").exists, "the cell runs")
    worker.stdin.close()
    assert worker.wait(30) == 1
    assert not path.with_name("target").exists()
    kernel = int((book.root / "kernel").read_text().split()[1])
    tools.eventually(lambda: not alive(kernel), "the kernel has ended")


def test_an_executed_copy_tells_no_hour_and_two_of_them_differ_in_seconds_only(book: Any) -> None:
    book.chapter("01-first", "print('done')")
    copies = []
    for _ in range(2):
        assert book.run("execute", "--force").returncode == 0
        copies.append(book["01-first"].executed.read_text("utf-8"))
    assert "iopub" not in copies[0]
    assert without_seconds(copies[0]) == without_seconds(copies[1])
