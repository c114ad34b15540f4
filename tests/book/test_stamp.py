"""A chapter's page ends with what it last ran with, and says nothing that differs from build to build."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from companion.book.execute import execute
from companion.book.history import UNCOMMITTED, commits, history_key
from companion.book.ran_with import KEY, seed_of, told
from companion.book.render import render
from companion.book.stamp import Stamp, read_stamps, stamp_html

ROOT = Path(__file__).parents[2]
FULL = Stamp("3.11.7", {"httpx": "0.28.1", "simpy": "4.1.1"}, 11, "abc1234", 24, "under a minute")
EMPTY = Stamp("", {}, None, None, 0, None)


def lines(html: str) -> dict[str, str]:
    """Read the lines of the stamp in a page."""
    (section,) = re.findall(r'<section class="stamp".*?</section>', html, re.S)
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", section))


def test_a_stamp_says_what_is_known_in_a_section_with_a_name() -> None:
    html = stamp_html(FULL, None)
    assert '<section class="stamp" aria-label="About this chapter">' in html
    assert lines(html) == {
        "Last ran with": "Python 3.11.7, httpx 0.28.1, simpy 4.1.1",
        "Seed": "11",
        "Commit": "abc1234",
        "Claims": "24 numbers of the text are held by cells",
        "Runs in": "under a minute",
    }


def test_what_is_not_known_is_left_out() -> None:
    assert lines(stamp_html(EMPTY, None)) == {}
    assert lines(stamp_html(replace(EMPTY, seed=0), None)) == {"Seed": "0"}


def test_one_number_is_counted_as_one() -> None:
    assert lines(stamp_html(replace(FULL, claims=1), None))["Claims"] == "1 number of the text is held by a cell"


def test_a_seed_that_is_markup_is_shown_and_not_obeyed() -> None:
    assert lines(stamp_html(replace(EMPTY, seed="<b>"), None)) == {"Seed": "&lt;b&gt;"}


@pytest.mark.parametrize(
    ("count", "says"), [(1, "1 kB"), (1_499, "1 kB"), (999_499, "999 kB"), (999_500, "1.0 MB"), (12_340_000, "12.3 MB")]
)
def test_the_zip_is_offered_with_its_size(tmp_path: Path, count: int, says: str) -> None:
    path = tmp_path / "01-first.zip"
    path.write_bytes(b"\0" * count)
    link = '<a href="../take-home/01-first.zip" download>01-first.zip</a>'
    assert f"<p>Take this chapter home: {link} ({says})</p>" in stamp_html(FULL, path)


# What it ran with


def ran_with(book: Any, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(book[name].executed.read_text("utf-8"))["metadata"][KEY]
    return found


def test_an_execution_keeps_python_the_libraries_used_and_the_seed(book: Any) -> None:
    # uvicorn loads httptools, click and others for itself; json is Python's own; companion is the book's.
    book.chapter("01-first", "import json, uvicorn\nfrom simpy import Environment\nimport companion.claims")
    book.chapter("02-second", "print(seed)", parameters="seed: int = 7")
    outcomes = execute(book.project, book.project.chapters(), parameters={"seed": 3}, jobs=1)
    assert [outcome.failure for outcome in outcomes] == [None, None]
    libraries = {name: metadata.version(name) for name in ("simpy", "uvicorn")}
    assert ran_with(book, "01-first") == {"python": ran_with(book, "02-second")["python"], "libraries": libraries,
                                          "seed": 3}  # fmt: skip
    assert ran_with(book, "02-second")["libraries"] == {}
    assert re.fullmatch(r"3\.\d+\.\d+.*", ran_with(book, "01-first")["python"])
    execute(book.project, [book["02-second"]], jobs=1)
    assert ran_with(book, "02-second")["seed"] == 7


@pytest.mark.parametrize(
    ("source", "seed"),
    [("seed = 11", 11), ("seed: int = 11", 11), ("size = 3\nseed = 'tide'", "tide"), ("size = 3", None),
     ("seed = 2 ** 9", None), ("seed: int", None), ("seed = [1]", None), ("seed = ", None), ("", None)],
)  # fmt: skip
def test_the_seed_is_the_one_that_the_parameters_cell_assigns(tools: Any, source: str, seed: Any) -> None:
    assert seed_of([tools.prose("# T"), tools.code("seed = 5"), tools.code(source, tags=["parameters"])]) == seed


@pytest.mark.parametrize(
    "answer", [{}, {"status": "error"}, {"data": {"text/plain": "NULL"}}, {"data": {"text/plain": "3"}}]
)
def test_a_kernel_that_cannot_say_says_nothing(answer: dict[str, Any]) -> None:
    assert told(answer) == {}


# The commit


def git(root: Path, *words: str) -> str:
    identity = ["-c", "user.name=tide", "-c", "user.email=tide@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(root), *identity, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit(root: Path, message: str = "more") -> str:
    git(root, "add", "-A")
    git(root, "commit", "-q", "--allow-empty", "-m", message)
    return git(root, "log", "-1", "--format=%h")


@pytest.fixture
def kept(book: Any) -> Any:
    """Make a book of two chapters, the first with data, in a repository."""
    book.chapter("01-first", "open('../data/tides of.csv' if 0 else '../data/tides.csv')")
    book.chapter("02-second", "print(seed)")
    (book.root / "data").mkdir()
    (book.root / "data" / "tides.csv").write_text("hour\n")
    (book.root / ".gitignore").write_text("_build/\nbook/chapters/\n")
    git(book.root, "init", "-q")
    return book


def test_a_stamp_names_the_last_commit_that_touched_what_the_chapter_depends_on(kept: Any) -> None:
    start = commit(kept.root)
    assert commits(kept.project) == {"01-first": start, "02-second": start}
    (kept.root / "data" / "tides.csv").write_text("hour\n1\n")
    data = commit(kept.root)
    kept.page("index", "# Another first page\n")
    commit(kept.root)
    assert commits(kept.project) == {"01-first": data, "02-second": start}
    assert git(kept.root, "log", "-1", "--format=%h", "--", "data/tides.csv", "chapters/01-first.ipynb") == data
    (kept.root / "requirements.lock").write_text("simpy==4.1.1\n")
    lock = commit(kept.root)
    assert commits(kept.project) == {"01-first": lock, "02-second": lock}


def test_a_chapter_whose_inputs_differ_from_the_last_commit_says_so(kept: Any) -> None:
    start = commit(kept.root)
    (kept.root / "data" / "tides.csv").write_text("hour\n1\n")
    assert commits(kept.project) == {"01-first": UNCOMMITTED, "02-second": start}
    git(kept.root, "checkout", "-q", "data")
    (kept.root / "requirements.lock").write_text("simpy==4.1.1\n")  # git does not know it yet
    assert commits(kept.project) == {"01-first": UNCOMMITTED, "02-second": UNCOMMITTED}


def test_a_repository_without_a_commit_and_a_folder_without_repository_name_none(kept: Any, book: Any) -> None:
    assert commits(kept.project) == {"01-first": UNCOMMITTED, "02-second": UNCOMMITTED}
    (kept.root / ".git").rename(kept.root / "not-git")
    assert commits(kept.project) == {}
    assert history_key(kept.project) == ""


def test_a_system_without_git_names_no_commit(kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    commit(kept.root)
    monkeypatch.setenv("PATH", "")
    assert commits(kept.project) == {}


def test_a_book_in_a_folder_of_a_repository_is_found_there(new_book: Callable[[Path], Any], tmp_path: Path) -> None:
    book = new_book(tmp_path / "repository" / "books" / "small")
    book.chapter("01-first", "open('data/tides.csv')")
    git(tmp_path / "repository", "init", "-q")
    start = commit(tmp_path / "repository")
    assert commits(book.project) == {"01-first": start}


def test_a_hooks_environment_does_not_lead_to_another_repository(kept: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    start = commit(kept.root)
    monkeypatch.setenv("GIT_DIR", str(kept.root / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(kept.root / "elsewhere" / "index"))
    assert commits(kept.project) == {"01-first": start, "02-second": start}


def test_a_shallow_clone_does_not_take_its_oldest_commit_for_the_last_that_touched_a_file(
    kept: Any, new_book: Callable[[Path], Any], tmp_path: Path
) -> None:
    commit(kept.root)
    commit(kept.root, "the clone begins here")
    kept.chapter("02-second", "print(seed + 1)")
    second = commit(kept.root)
    git(tmp_path, "clone", "-q", "--depth", "2", kept.root.as_uri(), "clone")
    clone = type(kept.project)(tmp_path / "clone")
    assert commits(clone) == {"02-second": second}


def test_the_key_changes_with_the_commit_and_with_what_is_uncommitted(kept: Any) -> None:
    keys = [history_key(kept.project)]
    commit(kept.root)
    keys.append(history_key(kept.project))
    kept.page("index", "# Another first page\n")
    commit(kept.root)
    assert history_key(kept.project) == keys[-1]  # no chapter depends on it
    (kept.root / "data" / "tides.csv").write_text("hour\n1\n")
    keys.append(history_key(kept.project))
    commit(kept.root)
    keys.append(history_key(kept.project))
    assert len(set(keys)) == len(keys)


# The page


def ran(book: Any, name: str, *outputs: list[dict[str, Any]]) -> None:
    """Pretend that a chapter ran, under a budget."""
    path = book.pretend_executed(name, *outputs)
    done = json.loads(path.read_text("utf-8"))
    done["metadata"][KEY] = {"python": "3.11.7", "libraries": {"simpy": "4.1.1"}, "seed": 11}
    done["cells"][0]["source"] += "\n\n**Time:** run 30 s, read 40 minutes."
    path.write_text(json.dumps(done), "utf-8")


@pytest.fixture(scope="module")
def stamped(new_book: Callable[[Path], Any], tools: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Render a book with a lock in a repository."""
    book = new_book(tmp_path_factory.mktemp("stamped") / "small")
    book.chapter("01-first", "claim('ebb', 3, 3)", tools.prose("The [3 metres](#claim-ebb)."))
    (book.root / "requirements.lock").write_bytes((ROOT / "requirements.lock").read_bytes())
    (book.root / ".gitignore").write_text("_build/\nbook/chapters/\n")
    ran(book, "01-first", [tools.claim("ebb", "3", 3)])
    git(book.root, "init", "-q")
    book.start_commit = commit(book.root)
    assert render(book.project)
    return book


def pages(book: Any) -> dict[str, bytes]:
    html = book.project.html
    return {str(path.relative_to(html)): path.read_bytes() for path in html.rglob("*") if path.is_file()}


def test_a_chapters_page_ends_with_its_stamp(stamped: Any) -> None:
    assert lines(stamped.html("chapters/01-first")) == {
        "Last ran with": "Python 3.11.7, simpy 4.1.1",
        "Seed": "11",
        "Commit": stamped.start_commit,
        "Claims": "1 number of the text is held by a cell",
        "Runs in": "under a minute",
    }
    article = re.search(r"<article.*?</article>", stamped.html("chapters/01-first"), re.S)
    assert article and article[0].index("3 metres") < article[0].index('class="stamp"')


def test_only_chapters_have_a_stamp_and_the_search_does_not_find_it(stamped: Any) -> None:
    assert 'class="stamp"' not in stamped.html("index")
    assert "uncommit" not in (stamped.project.html / "searchindex.js").read_text("utf-8")
    assert stamped.start_commit not in (stamped.project.html / "searchindex.js").read_text("utf-8")


def test_the_zip_lies_where_the_page_says(stamped: Any) -> None:
    found = re.search(r'Take this chapter home: <a href="([^"]+)" download>01-first.zip</a> \(\d+ kB\)',
                      stamped.html("chapters/01-first"))  # fmt: skip
    assert found
    zip_file = (stamped.project.html / "chapters" / found[1]).resolve()
    assert zip_file == stamped.project.html.resolve() / "take-home" / "01-first.zip"
    assert zip_file.read_bytes()[:2] == b"PK"


def test_two_builds_give_the_same_bytes(stamped: Any) -> None:
    before = pages(stamped)
    assert render(stamped.project, force=True)
    assert {name for name, content in pages(stamped).items() if before.get(name) != content} == set()
    assert pages(stamped).keys() == before.keys()


def test_a_commit_of_what_a_chapter_depends_on_renders_its_stamp_anew(stamped: Any, tools: Any) -> None:
    assert not render(stamped.project)
    stamped.page("index", "# A small book\n\nAnother day.\n")
    assert render(stamped.project)
    commit(stamped.root)
    assert not render(stamped.project)  # no chapter depends on it
    git(stamped.root, "commit", "-q", "--amend", "--reset-author", "-m", "the same")
    assert not render(stamped.project)
    lock = stamped.root / "requirements.lock"
    lock.write_text(lock.read_text("utf-8") + "\n", "utf-8")
    ran(stamped, "01-first", [tools.claim("ebb", "3", 3)])
    assert render(stamped.project)
    assert lines(stamped.html("chapters/01-first"))["Commit"] == UNCOMMITTED
    last = commit(stamped.root)
    assert render(stamped.project)
    assert lines(stamped.html("chapters/01-first"))["Commit"] == last


def test_a_lock_that_lacks_a_package_fails_the_build_by_name(book: Any) -> None:
    book.chapter("01-first")
    book.pretend_executed("01-first")
    (book.root / "requirements.lock").write_text("simpy==4.1.1\n    # via companion (pyproject.toml)\n", "utf-8")
    done = book.run("build")
    assert done.returncode == 1
    assert re.search(r"WARNING: .*requirements\.lock: pins no [\w-]+, which the package needs", done.stderr)


def test_stamps_are_read_of_the_executed_chapters_only(book: Any) -> None:
    book.chapter("01-first")
    book.chapter("02-second")
    ran(book, "02-second")
    assert read_stamps(book.project) == {
        "02-second": Stamp("3.11.7", {"simpy": "4.1.1"}, 11, None, 0, "under a minute")
    }
