"""The chapter's stage: a repository in which commands run, whose output says nothing of where it lies."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from companion.schemas.pii.demo.repository import Repository

SCHEMA = 'syntax = "proto3";\nmessage Person {\n  string ssn = 1;\n}\n'


@pytest.fixture
def repository() -> Iterator[Repository]:
    with Repository() as made:
        yield made


def test_a_command_is_shown_with_what_it_says(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    repository.write("protos/person.proto", SCHEMA)
    assert repository.read("protos/person.proto") == SCHEMA
    assert repository.run("git status --short") == 0
    assert capsys.readouterr().out == "$ git status --short\n?? protos/\n"


def test_an_exit_status_is_shown_when_it_is_not_zero(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.write("person.proto", SCHEMA)
    assert repository.run("companion pii scan person.proto --fail-on HIGH") == 1
    said = capsys.readouterr().out
    assert "Person.ssn" in said and said.endswith("[exit 1]\n")


def test_no_shell_is_involved(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    assert repository.run("git --version; touch owned") != 0
    repository.run("git config alias.a $(touch owned)")
    assert [path.name for path in repository.folder.iterdir()] == [".git"]
    assert "unknown option: --version;" in capsys.readouterr().out


def test_paths_below_the_repository_do_not_say_where_it_lies(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    repository.run("git rev-parse --absolute-git-dir")
    assert capsys.readouterr().out.splitlines()[1:] == [".git"]


def test_long_output_is_cut_and_what_is_left_out_is_counted(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in "abcde":
        repository.write(f"{name}.txt", name)
    repository.run("git status --short", lines=2)
    assert capsys.readouterr().out.splitlines() == [
        "$ git status --short",
        "?? a.txt",
        "?? b.txt",
        "... and 3 more lines",
    ]
    repository.run("git status --short", last=2)
    assert capsys.readouterr().out.splitlines() == [
        "$ git status --short", "... after 3 lines:", "?? d.txt", "?? e.txt",
    ]  # fmt: skip


def test_a_commit_has_the_same_name_wherever_it_is_made() -> None:
    names = []
    for _ in range(2):
        with Repository() as made:
            made.write("a.txt", "a")
            made.commit("one")
            names.append((made.folder / ".git" / "refs" / "heads" / "main").read_text())
    assert names[0] == names[1]


def test_nothing_is_left_behind() -> None:
    with Repository() as made:
        folder = made.folder
        assert folder.is_dir()
    assert not folder.exists()


def test_without_git_it_says_what_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(FileNotFoundError, match="needs git: install it"):
        Repository()
