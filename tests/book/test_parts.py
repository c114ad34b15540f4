"""The parts divide the chapters among them, and each has its libraries in pyproject.toml."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
import yaml

from companion.book.parts import PARTS, PLANNED, part_of
from companion.book.project import find_project
from companion.notebooks import BookError

ROOT = Path(__file__).parents[2]


def test_every_chapter_from_1_to_28_belongs_to_one_part() -> None:
    assert [number for part in PARTS.values() for number in part.chapters] == list(range(1, 29))
    assert [part_of(f"{number:02}").name for number in (1, 7, 8, 14, 22, 23, 28)] == [
        "calls", "calls", "services", "reasoning", "simulators", "schemas", "operations",
    ]  # fmt: skip


@pytest.mark.parametrize("number", ["00", "29", "", "1x", "-1"])
def test_a_number_of_no_chapter_is_refused_by_name(number: str) -> None:
    with pytest.raises(BookError, match=f"^{number}: belongs to no part; the chapters are 01 to 28$"):
        part_of(number)


def test_every_part_has_its_libraries_in_an_extra_of_its_name() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert {name: bool(extras[part.extra]) for name, part in PARTS.items()} == dict.fromkeys(PARTS, True)


def test_the_table_of_contents_and_the_pages_of_the_parts_call_them_by_their_captions_and_numerals() -> None:
    toc = yaml.safe_load((ROOT / "book" / "_toc.yml").read_text("utf-8"))
    captions = {part.caption: part for part in PARTS.values()}
    numerals = ("I", "II", "III", "IV", "V", "VI")
    assert [caption.partition(" · ")[0] for caption in captions] == [*numerals]
    present = [entry for entry in toc["parts"] if any("chapters/" in page["file"] for page in entry["chapters"])]
    assert len(present) >= 3
    for entry in present:
        page = entry["chapters"][0]["file"]
        part = captions[entry["caption"]]
        assert page == f"part-{[*PARTS].index(part.name) + 1}-{part.name}"
        assert (ROOT / "book" / f"{page}.md").read_text("utf-8").startswith(f"# {part.caption}\n")


def test_every_chapter_is_written_or_planned() -> None:
    written = {int(chapter.number) for chapter in find_project(ROOT).chapters()}
    planned = [chapter.number for chapter in PLANNED]
    assert planned == sorted(set(planned))
    assert written | set(planned) == set(range(1, 29))
