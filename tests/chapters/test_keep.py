"""What nbval has executed is kept for the page, as a build would write it, if it is what the notebook stores."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from companion.book.execution.fingerprint import executed_key, without_seconds
from tests.book.conftest import SmallBook

ROOT = Path(__file__).parents[2]


class Validated(NamedTuple):
    """A book that was built, stored and edited, and what nbval said of it; and what the build had made."""

    book: Any
    said: str
    built: str

    def copy(self, name: str) -> Path:
        return Path(self.book[name].executed)


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory) -> Validated:
    book = SmallBook(tmp_path_factory.mktemp("validated") / "small")
    book.chapter(
        "01-good",
        "import sys\nprint('before')\nprint('beside', file=sys.stderr)\nprint('after')",
        "import simpy\nfrom companion.claims import claim\nclaim('tides', 3, 3.1)",
        "from companion.figures import Panel, Series, lines\n"
        "lines('The tide', 'time (h)', [Panel('height (m)', [Series('ebb', [0, 1], [4, 3])])])",
        "print('between')\n6 * 7",
    )
    assert book.run("execute").returncode == book.run("store").returncode == 0
    built = (
        book["01-good"].executed.read_text("utf-8").replace('"Python 3"', '"Python 3 (ipykernel)"')
    )  # as it is stored
    book["01-good"].executed.unlink()
    told(book.chapter("02-differs", "print('as it is')"), "as it is said to be\n")
    told(book.chapter("03-raises", "print('fine')\n1 / 0", "2"), "fine\n")
    words = ["-m", "pytest", "-rf", "--nbval", "-p", "tests.chapters.keep", "-p", "no:cacheprovider"]
    command = [sys.executable, *words, str(book.root / "chapters")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return Validated(book, done.stdout, built)


def told(notebook: Path, text: str) -> None:
    """Let a notebook's second cell of code have printed something, as is stored."""
    content = json.loads(notebook.read_text("utf-8"))
    for count, cell in enumerate((cell for cell in content["cells"] if cell["cell_type"] == "code"), start=1):
        cell["execution_count"] = count
        cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}] if count == 2 else []
    notebook.write_text(json.dumps(content), "utf-8")


def test_what_was_validated_is_kept_as_a_build_would_have_written_it(validated: Validated) -> None:
    kept = validated.copy("01-good").read_text("utf-8")
    assert without_seconds(kept) == without_seconds(validated.built)
    assert "image/svg+xml" in kept and '"simpy"' in kept and '"seed": 11' in kept
    assert all("companion_seconds" in cell["metadata"] for cell in json.loads(kept)["cells"] if "outputs" in cell)


def test_a_build_has_nothing_more_to_execute_and_stores_the_same(validated: Validated) -> None:
    before = validated.copy("01-good").read_bytes(), validated.book["01-good"].source.read_bytes()
    for word in ("execute", "store"):
        done = validated.book.run(word, "--only", "01")
        assert done.returncode == 0, done.stderr
    assert (validated.copy("01-good").read_bytes(), validated.book["01-good"].source.read_bytes()) == before


@pytest.mark.parametrize("name", ["02-differs", "03-raises"])
def test_of_a_chapter_that_differs_or_fails_nothing_is_kept(validated: Validated, name: str) -> None:
    assert re.search(rf"^FAILED .*{name}\.ipynb::Cell 1\b", validated.said, flags=re.M)
    assert executed_key(validated.book[name]) is None
    assert not validated.copy(name).exists()


def test_nothing_lies_beside_the_copies(validated: Validated) -> None:
    found = {path.name for path in validated.book.project.built.iterdir()}
    assert found == {".lock", "01-good.ipynb"}
