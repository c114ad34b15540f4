"""The commit that last touched what a chapter depends on is found, whatever the state of the repository."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from companion.book.publish.last_commit import UNCOMMITTED, commits, history_key


@pytest.fixture
def kept(book: Any, tools: Any) -> Any:
    """Make a book of two chapters, the first with data, in a repository."""
    book.chapter("01-first", "open('../data/tides of.csv' if 0 else '../data/tides.csv')")
    book.chapter("02-second", "print(seed)")
    (book.root / "data").mkdir()
    (book.root / "data" / "tides.csv").write_text("hour\n")
    (book.root / ".gitignore").write_text("_build/\nbook/chapters/\n")
    tools.git(book.root, "init", "-q")
    return book


def test_a_stamp_names_the_last_commit_that_touched_what_the_chapter_depends_on(kept: Any, tools: Any) -> None:
    start = tools.commit(kept.root)
    assert commits(kept.project) == {"01-first": start, "02-second": start}
    (kept.root / "data" / "tides.csv").write_text("hour\n1\n")
    data = tools.commit(kept.root)
    kept.page("index", "# Another first page\n")
    tools.commit(kept.root)
    assert commits(kept.project) == {"01-first": data, "02-second": start}
    assert tools.git(kept.root, "log", "-1", "--format=%h", "--", "data/tides.csv", "chapters/01-first.ipynb") == data
    (kept.root / "requirements.lock").write_text("simpy==4.1.1\n")
    lock = tools.commit(kept.root)
    assert commits(kept.project) == {"01-first": lock, "02-second": lock}


def test_a_chapter_whose_inputs_differ_from_the_last_commit_says_so(kept: Any, tools: Any) -> None:
    start = tools.commit(kept.root)
    (kept.root / "data" / "tides.csv").write_text("hour\n1\n")
    assert commits(kept.project) == {"01-first": UNCOMMITTED, "02-second": start}
    tools.git(kept.root, "checkout", "-q", "data")
    (kept.root / "requirements.lock").write_text("simpy==4.1.1\n")  # git does not know it yet
    assert commits(kept.project) == {"01-first": UNCOMMITTED, "02-second": UNCOMMITTED}


def test_a_repository_without_a_commit_and_a_folder_without_repository_name_none(kept: Any) -> None:
    assert commits(kept.project) == {"01-first": UNCOMMITTED, "02-second": UNCOMMITTED}
    (kept.root / ".git").rename(kept.root / "not-git")
    assert commits(kept.project) == {}
    assert history_key(kept.project) == ""


def test_a_system_without_git_names_no_commit(kept: Any, tools: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tools.commit(kept.root)
    monkeypatch.setenv("PATH", "")
    assert commits(kept.project) == {}


def test_a_book_in_a_folder_of_a_repository_is_found_there(
    new_book: Callable[[Path], Any], tools: Any, tmp_path: Path
) -> None:
    book = new_book(tmp_path / "repository" / "books" / "small")
    book.chapter("01-first", "open('data/tides.csv')")
    tools.git(tmp_path / "repository", "init", "-q")
    start = tools.commit(tmp_path / "repository")
    assert commits(book.project) == {"01-first": start}


def test_a_hooks_environment_does_not_lead_to_another_repository(
    kept: Any, tools: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = tools.commit(kept.root)
    monkeypatch.setenv("GIT_DIR", str(kept.root / "elsewhere"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(kept.root / "elsewhere" / "index"))
    assert commits(kept.project) == {"01-first": start, "02-second": start}


def test_a_shallow_clone_does_not_take_its_oldest_commit_for_the_last_that_touched_a_file(
    kept: Any, tools: Any, new_book: Callable[[Path], Any], tmp_path: Path
) -> None:
    tools.commit(kept.root)
    tools.commit(kept.root, "the clone begins here")
    kept.chapter("02-second", "print(seed + 1)")
    second = tools.commit(kept.root)
    tools.git(tmp_path, "clone", "-q", "--depth", "2", kept.root.as_uri(), "clone")
    clone = type(kept.project)(tmp_path / "clone")
    assert commits(clone) == {"02-second": second}


def test_the_key_changes_with_the_commit_and_with_what_is_uncommitted(kept: Any, tools: Any) -> None:
    keys = [history_key(kept.project)]
    tools.commit(kept.root)
    keys.append(history_key(kept.project))
    kept.page("index", "# Another first page\n")
    tools.commit(kept.root)
    assert history_key(kept.project) == keys[-1]  # no chapter depends on it
    (kept.root / "data" / "tides.csv").write_text("hour\n1\n")
    keys.append(history_key(kept.project))
    tools.commit(kept.root)
    keys.append(history_key(kept.project))
    assert len(set(keys)) == len(keys)
