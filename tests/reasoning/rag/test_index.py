"""An index is what its documents are, to the byte; it is verified when opened, and a kill leaves the old one."""

from __future__ import annotations

import hashlib
import json
import os
import random
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest

from companion.reasoning.rag import index as room
from companion.reasoning.rag.chunks import RagError
from companion.reasoning.rag.index import ABOUT, Update, open_index, update
from companion.reasoning.rag.loading import load
from companion.reasoning.rag.splitting import split

RAIN = "# Rain\n\nIt rains in the hills.\n\n## Snow\n\nIn winter it snows.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "documents"
    made.mkdir()
    (made / "rain.md").write_text(RAIN)
    (made / "wind.txt").write_text("Title: Wind\nStatus: Final\n\nThe wind blows from the west. " * 3)
    (made / "broken.ipynb").write_text("{")
    return made


def made(folder: Path, out: Path, size: int = 60) -> Update:
    return update(folder, out, embedding="words", size=size)


def content(out: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in out.iterdir()}


def test_what_was_written_is_what_is_opened(folder: Path, tmp_path: Path) -> None:
    written = made(folder, tmp_path / "index").index
    opened = open_index(tmp_path / "index")
    assert opened.chunks == written.chunks == tuple(chunk for one in load(folder) for chunk in split(one, 60))
    assert (opened.stored == written.stored).all() and opened.stored.dtype == np.float16
    assert (opened.lines, opened.sources, opened.unread) == (written.lines, written.sources, written.unread)
    assert [problem.source for problem in opened.unread] == ["broken.ipynb"]
    assert opened.chunks[-1].metadata["status"] == "Final"


def test_a_second_update_changes_nothing(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = made(folder, tmp_path / "index")
    assert (first.added, first.changed, first.removed, first.embedded) == (2, 0, 0, len(first.index.chunks))
    before = content(tmp_path / "index")
    monkeypatch.setattr(room, "replace_file", lambda *_: pytest.fail("it writes"))
    second = made(folder, tmp_path / "index")
    assert (second.added, second.changed, second.removed, second.embedded) == (0, 0, 0, 0)
    assert content(tmp_path / "index") == before


def test_an_index_brought_up_to_date_is_the_one_made_anew(folder: Path, tmp_path: Path) -> None:
    made(folder, tmp_path / "index")
    (folder / "wind.txt").unlink()
    (folder / "rain.md").write_text(RAIN.replace("snows", "hails"))
    (folder / "fog.md").write_text("# Fog\n\nGrey.")
    second = made(folder, tmp_path / "index")
    assert (second.added, second.changed, second.removed) == (1, 1, 1)
    (folder / "rain.md").write_text(RAIN)
    third = made(folder, tmp_path / "index")
    assert (third.added, third.changed, third.removed) == (0, 1, 0)
    made(folder, tmp_path / "anew")
    assert content(tmp_path / "index") == content(tmp_path / "anew")


def test_minilm_gives_the_same_bytes_in_other_company(folder: Path, tmp_path: Path) -> None:
    for name in ("fog", "ice"):
        (folder / f"{name}.md").write_text(f"# {name}\n\nThere is {name} on the {name} of the sea and of the lakes.")
        update(folder, tmp_path / "index")
    update(folder, tmp_path / "anew")
    assert content(tmp_path / "index") == content(tmp_path / "anew")


def test_processes_give_the_same_bytes(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MANY", 3)
    monkeypatch.setattr(room, "TOGETHER", 2)
    update(folder, tmp_path / "two", size=60, jobs=2)
    monkeypatch.setattr(room, "_in_processes", lambda *_: pytest.fail("one process is enough"))
    update(folder, tmp_path / "one", size=60, jobs=1)
    assert content(tmp_path / "two") == content(tmp_path / "one")
    (folder / "fog.md").write_text("# Fog\n\nGrey.")
    update(folder, tmp_path / "two", size=60, jobs=2)  # one passage is not worth it


def test_a_process_that_is_killed_is_told_in_one_line(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "MANY", 3)
    monkeypatch.setattr(room, "_vectors", lambda texts, embedding: os._exit(9))
    with pytest.raises(RagError, match="one of 2 processes that embed was killed"):
        update(folder, tmp_path / "index", embedding="words", size=60, jobs=2)
    assert not (tmp_path / "index").exists()


def test_an_index_within_its_folder_is_not_indexed_whatever_is_included(folder: Path) -> None:
    for _ in range(2):
        again = update(folder, folder / "index", embedding="words", include=["*"])
    assert [*again.index.sources] == ["rain.md", "wind.txt"]
    assert (again.added, again.changed, again.removed) == (0, 0, 0)


def test_other_settings_make_it_anew_and_say_why(folder: Path, tmp_path: Path) -> None:
    made(folder, tmp_path / "index")
    assert made(folder, tmp_path / "index", 60).anew == ""
    other = made(folder, tmp_path / "index", 50)
    assert other.anew == "it was made by words of chunks of 60 characters, 0 of them twice"
    assert other.embedded == len(other.index.chunks)
    made(folder, tmp_path / "fresh", 50)
    assert content(tmp_path / "index") == content(tmp_path / "fresh")


def test_any_flipped_bit_in_any_file_is_refused_in_one_line(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "index"
    made(folder, out)
    rng = random.Random(11)
    for path in out.iterdir():
        whole = path.read_bytes()
        for place in [0, len(whole) - 1, *(rng.randrange(len(whole)) for _ in range(60))]:
            damaged = bytearray(whole)
            damaged[place] ^= 1 << rng.randrange(8)
            path.write_bytes(damaged)
            with pytest.raises(RagError) as refused:
                open_index(out)
            assert ("\n" not in str(refused.value) and path.name in str(refused.value)) or "index" in str(refused.value)
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(RagError):
            open_index(out)
        path.write_bytes(whole)
    assert open_index(out)


def test_a_damaged_index_is_made_anew_and_says_so(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "index"
    made(folder, out)
    before = content(out)
    (vectors,) = out.glob("vectors-*")
    vectors.write_bytes(vectors.read_bytes()[:-1])
    again = made(folder, out)
    assert "damaged" in again.anew and again.embedded == len(again.index.chunks)
    assert content(out) == before


def test_there_is_no_pickle_in_it(folder: Path, tmp_path: Path) -> None:
    made(folder, tmp_path / "index")
    (vectors,) = (tmp_path / "index").glob("vectors-*")
    assert np.load(vectors, allow_pickle=False).dtype == np.float16


@pytest.mark.parametrize("listed", ["../documents/rain.md", "/etc/passwd", "rain.md"])
def test_an_index_that_lists_another_file_does_not_have_it_read(folder: Path, tmp_path: Path, listed: str) -> None:
    out = tmp_path / "index"
    made(folder, out)
    about = json.loads((out / ABOUT).read_bytes())
    del about["sha256"]
    about["files"] = {listed: "0" * 64, "vectors-0000000000000000.npy": "0" * 64}
    sealed = about | {"sha256": hashlib.sha256(room._dumped(about)).hexdigest()}
    (out / ABOUT).write_bytes(room._dumped(sealed))
    with pytest.raises(RagError, match=r"no index|not there"):
        open_index(out)


@pytest.mark.parametrize("about", ["", "[]", "{}", "null", '{"format": "x", "version": 1, "sha256": ""}', "[" * 99_999])
def test_what_is_no_index_is_refused(tmp_path: Path, about: str) -> None:
    (tmp_path / ABOUT).write_text(about)
    with pytest.raises(RagError, match="make it anew"):
        open_index(tmp_path)


def test_an_index_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RagError, match="not there; is this an index"):
        open_index(tmp_path / "gone")


def test_a_folder_of_something_else_is_not_written_into(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("Dear Ada")
    for out in (tmp_path / "mine", tmp_path / "mine" / "letter.txt"):
        with pytest.raises(RagError, match="neither an index nor an empty folder"):
            made(folder, out)
    assert content(tmp_path / "mine") == {"letter.txt": b"Dear Ada"}


def test_a_folder_without_a_document_leaves_the_old_index(folder: Path, tmp_path: Path) -> None:
    made(folder, tmp_path / "index")
    before = content(tmp_path / "index")
    for path in folder.glob("*.*d*"):
        path.unlink()
    (folder / "wind.txt").write_text("")
    with pytest.raises(RagError, match="no document that can be read"):
        made(folder, tmp_path / "index")
    assert content(tmp_path / "index") == before


KILLED = """
    import os, sys
    from pathlib import Path
    from companion.reasoning.rag import index as room
    writes, whole = int(sys.argv[3]), room.replace_file
    def dying(path, data):
        global writes
        if writes == 0:
            path.with_name(f".{path.name}.0123abcd").write_bytes(data[: len(data) // 2])
            os._exit(9)
        writes -= 1
        whole(path, data)
    room.replace_file = dying
    room.update(Path(sys.argv[1]), Path(sys.argv[2]), embedding="words", size=60)
"""


@pytest.mark.parametrize("writes", [0, 1, 2])
def test_a_kill_before_the_last_write_leaves_the_old_index(folder: Path, tmp_path: Path, writes: int) -> None:
    out = tmp_path / "index"
    old = made(folder, out).index
    (folder / "rain.md").write_text(RAIN.replace("snows", "hails"))
    script = [sys.executable, "-c", textwrap.dedent(KILLED), str(folder), str(out), str(writes)]
    assert subprocess.run(script, check=False, capture_output=True).returncode == 9
    assert open_index(out).chunks == old.chunks
    made(folder, out)
    made(folder, tmp_path / "anew")
    assert content(out) == content(tmp_path / "anew")  # what the killed one left is gone, too


def test_a_kill_of_the_first_update_does_not_stand_in_the_way_of_the_second(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "index"
    script = [sys.executable, "-c", textwrap.dedent(KILLED), str(folder), str(out), "1"]
    assert subprocess.run(script, check=False, capture_output=True).returncode == 9
    assert len(content(out)) == 2
    with pytest.raises(RagError):
        open_index(out)
    made(folder, out)
    made(folder, tmp_path / "anew")
    assert content(out) == content(tmp_path / "anew")


def test_a_search_finds_the_passage_and_its_line(folder: Path, tmp_path: Path) -> None:
    index = made(folder, tmp_path / "index").index
    best, *_ = index.search("When does it snow?", 3)
    assert best.chunk.source == "rain.md" and "snows" in best.chunk.text
    assert index.find("rain.md", RAIN.index("In winter")) == (best.chunk, 7)
    assert index.find("rain.md", 0) == (index.chunks[0], 1)
    assert {each.chunk.source for each in index.search("rain", 5, only={"status": "Final"})} == {"wind.txt"}
    assert index.search("hills", 5, by="words")[0].by == "words"


def test_lines_count_as_an_editor_counts_them(folder: Path, tmp_path: Path) -> None:
    (folder / "long.txt").write_text("".join(f"Line {n} of the poem.\n" for n in range(1, 60)))
    index = made(folder, tmp_path / "index").index
    for chunk, line in zip(index.chunks, index.lines, strict=True):
        if chunk.source == "long.txt":
            assert chunk.text.startswith(f"Line {line} ")
            assert index.find("long.txt", chunk.end - 1) == (chunk, line + chunk.text.count("\n"))


def test_vectors_of_another_length_are_refused(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    index = made(folder, tmp_path / "index").index

    class Other:
        def queries(self, _: list[str]) -> list[list[float]]:
            return [[1.0, 0.0]]

    monkeypatch.setattr(room, "embeddings", lambda name: Other())
    with pytest.raises(RagError, match="words gives 2 numbers, and gave 256"):
        index.search("rain")


def test_progress_is_told_in_characters(folder: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    update(folder, tmp_path / "index", embedding="words", on_step=lambda done, of: told.append((done, of)))
    assert told == sorted(told) and told[-1][0] == told[-1][1] > 0
