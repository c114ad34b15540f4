"""Which files of a folder are taken for post mortems."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion.operations.postmortems.files import find, said_of


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def names(paths: list[Path]) -> list[str]:
    return [path.as_posix() for path in paths]


def test_a_folder_is_searched_for_markdown_by_all_its_endings_in_order(folder: Path) -> None:
    touch(
        "pm/b.md", "pm/a.markdown", "pm/2026/c.QMD", "pm/d.md.erb", "pm/e.html.md", "pm/f.txt", "pm/md", "pm/index.md"
    )
    found, left_out, _ = find([Path("pm")])
    assert names(found) == [
        "pm/2026/c.QMD", "pm/a.markdown", "pm/b.md", "pm/d.md.erb", "pm/e.html.md", "pm/index.md",
    ]  # fmt: skip
    assert left_out == []


def test_a_folders_own_papers_and_templates_are_left_out_and_named(folder: Path) -> None:
    touch("pm/README.md", "pm/0000-Template.md", "pm/Contributing.md", "pm/code-of-conduct.md", "pm/a.md")
    found, left_out, _ = find([Path("pm")])
    assert names(found) == ["pm/a.md"] and len(left_out) == 4
    assert said_of(left_out).endswith(" and 1 more") and "pm/0000-Template.md" in said_of(left_out)


def test_a_file_that_is_named_is_read_whatever_it_is_called_and_once(folder: Path) -> None:
    touch("pm/README.md", "pm/a.md", "notes.txt")
    found, left_out, _ = find([Path("pm/README.md"), Path("pm"), Path("pm/a.md"), Path("notes.txt"), Path("none.md")])
    assert names(found) == ["pm/README.md", "pm/a.md", "notes.txt", "none.md"] and left_out == []


def test_hidden_files_and_what_others_installed_are_passed_over(folder: Path) -> None:
    touch("pm/.git/x.md", "pm/node_modules/p/x.md", "pm/.draft.md", "pm/a.md")
    assert names(find([Path("pm")])[0]) == ["pm/a.md"]


def test_a_link_to_a_folder_above_is_not_followed(folder: Path) -> None:
    touch("pm/a.md")
    Path("pm/up").symlink_to("..", target_is_directory=True)
    assert names(find([Path("pm")])[0]) == ["pm/a.md"]


def test_what_cannot_be_looked_into_is_named_with_the_reason(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch("papers/README.md", "pm/a.md", "pm/closed/b.md")
    os.mkfifo("pipe")
    look = os.scandir

    def scandir(path: str) -> Iterator[os.DirEntry[str]]:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return look(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = find([Path("papers"), Path("pipe"), Path("pm")])
    assert names(found.read) == ["pm/a.md"]
    assert [(path.as_posix(), why) for path, why in found.closed] == [
        ("papers", "no Markdown in this folder to read"),
        ("pipe", "not a regular file"),
        ("pm/closed", "cannot be read: permission denied"),
    ]
