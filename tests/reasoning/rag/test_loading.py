"""Documents come out of a folder in order; what cannot be read is told, and the rest is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from companion.reasoning.rag import loading
from companion.reasoning.rag.chunks import Document, RagError
from companion.reasoning.rag.loading import Problem, decoded, find, load, read


def write(folder: Path, **files: str | bytes) -> None:
    for name, content in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def loaded(folder: Path, *include: str, exclude: tuple[str, ...] = ()) -> tuple[list[Document], list[str]]:
    problems: list[Problem] = []
    documents = list(load(folder, include, exclude, problems.append))
    return documents, [str(problem) for problem in problems]


def sources(folder: Path, *include: str, exclude: tuple[str, ...] = ()) -> list[str]:
    return [document.source for document in loaded(folder, *include, exclude=exclude)[0]]


def test_documents_come_in_the_order_of_their_names_and_know_their_formats(tmp_path: Path) -> None:
    write(tmp_path, b_dot_md="# Rain\n\nWet.", a_dot_txt="Title: Snow\nBy: Ada\n\nCold.", g_dot_py="code = 1")
    write(tmp_path, c__d_dot_HTML="<h1>Hail</h1>Hard.", e_dot_rst="Fog\n===\n\nGrey.", h_dot_csv="1,2")
    write(tmp_path, f_dot_ipynb='{"cells": [{"cell_type": "markdown", "source": "# Ice"}]}')
    documents, problems = loaded(tmp_path)
    assert [(document.source, document.label) for document in documents] == [
        ("a.txt", "Snow"), ("b.md", "Rain"), ("c/d.HTML", "Hail"), ("e.rst", "Fog"), ("f.ipynb", "Ice"),
    ]  # fmt: skip
    assert documents[0].metadata == {"title": "Snow", "by": "Ada"}
    assert problems == []


def test_a_document_without_a_title_is_called_by_its_files_name() -> None:
    assert read("notes/rain-and_snow.txt", b"It rains, and it snows. It is grey.").label == "rain and snow"


def test_a_place_in_a_text_is_a_place_in_the_file_as_python_reads_it(tmp_path: Path) -> None:
    text = "\ufeff# Größe\r\n\r\nOne.\rTwo.\r\n"
    write(tmp_path, a_dot_md=text)
    (document,) = loaded(tmp_path)[0]
    assert document.text == (tmp_path / "a.md").read_text("utf-8")
    assert document.label == "Größe" and document.text[document.sections[0].start] == "#"


def test_hidden_files_and_folders_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, _dot_git__a_dot_md="no", b__c_dot_md="yes", _dot_d_dot_md="no")
    assert sources(tmp_path) == ["b/c.md"]


def test_links_are_not_followed_and_one_that_leaves_the_folder_is_told(tmp_path: Path) -> None:
    write(tmp_path, in__a_dot_md="yes", out__secret_dot_md="no", out__deep__b_dot_md="no")
    folder = tmp_path / "in"
    (folder / "leaves.md").symlink_to(tmp_path / "out" / "secret.md")
    (folder / "stays.md").symlink_to(folder / "a.md")
    (folder / "nowhere.md").symlink_to("gone.md")
    (folder / "round.md").symlink_to("round.md")
    (folder / "folder").symlink_to(tmp_path / "out", target_is_directory=True)
    documents, problems = loaded(folder)
    assert [document.source for document in documents] == ["a.md"]
    assert problems == [
        "leaves.md: a link that leaves the folder",
        "nowhere.md: a link that leads nowhere",
        "round.md: a link that leads nowhere",
    ]


def test_patterns_choose_by_path_name_or_folder(tmp_path: Path) -> None:
    write(tmp_path, a_dot_md="a", docs__b_dot_md="b", docs__drafts__c_dot_txt="c", code_dot_py="rain = 1")
    assert sources(tmp_path, "*.md") == ["a.md", "docs/b.md"]
    assert sources(tmp_path, "docs/*") == ["docs/b.md", "docs/drafts/c.txt"]
    assert sources(tmp_path, "**/*.md") == ["a.md", "docs/b.md"]
    assert sources(tmp_path, exclude=("drafts",)) == ["a.md", "docs/b.md"]
    assert sources(tmp_path, exclude=("docs/",)) == ["a.md"]
    assert sources(tmp_path, "*.py") == ["code.py"]


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    write(
        tmp_path, a_dot_txt=b"\0\1", b_dot_txt="", c_dot_ipynb="{", d_dot_md="fine", e_dot_pdf="no pdf",
        f_dot_txt=" \n ",
    )  # fmt: skip
    os.mkfifo(tmp_path / "g.md")
    documents, problems = loaded(tmp_path)
    assert [document.source for document in documents] == ["d.md"]
    assert [problem.partition(":")[0] for problem in sorted(problems)] == [
        "a.txt", "b.txt", "c.ipynb", "e.pdf", "f.txt", "g.md",
    ]  # fmt: skip
    assert not [problem for problem in problems if "\n" in problem]


def test_a_file_that_is_too_large_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "LARGEST", 1_000_000)
    write(tmp_path, a_dot_txt="a" * 1_000_001, b_dot_txt="b" * 1_000_000)
    documents, problems = loaded(tmp_path)
    assert [document.source for document in documents] == ["b.txt"]
    assert problems == ["a.txt: more than 1 MB"]


def test_a_folder_with_too_many_files_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "MOST_FILES", 2)
    write(tmp_path, a_dot_md="a", b_dot_md="b", c_dot_md="c")
    with pytest.raises(RagError, match="more than 2 documents"):
        find(tmp_path)


def test_a_folder_that_is_none_is_refused(tmp_path: Path) -> None:
    write(tmp_path, a_dot_md="a")
    with pytest.raises(RagError, match="no such folder"):
        find(tmp_path / "gone")
    with pytest.raises(RagError, match="a file, no folder"):
        find(tmp_path / "a.md")


@pytest.mark.parametrize(
    ("data", "charset", "text"),
    [
        ("Größe".encode(), "", "Größe"),
        ("Größe".encode("latin-1"), "", "Größe"),
        ("Größe".encode("utf-16"), "", "Größe"),
        ("Мир".encode("koi8-r"), "koi8-r", "Мир"),
        ("Größe".encode("latin-1"), "no-such-set", "Größe"),
        (b"a\r\nb\rc", "", "a\nb\nc"),
    ],
)
def test_texts_are_decoded_as_they_say_or_as_utf_8_or_in_western_letters(data: bytes, charset: str, text: str) -> None:
    assert decoded(data, charset) == text
