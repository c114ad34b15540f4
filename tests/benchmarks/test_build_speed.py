"""What the pipeline gains over jupyter-book alone: the same small book in the same environment, run by run."""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

pytestmark = pytest.mark.soak

RUNS = 3
CONFIG = """\
title: A small book
only_build_toc_files: true
execute: {{execute_notebooks: "{execute}"}}
html: {{use_repository_button: false, use_issues_button: false}}
sphinx:
  config:
    language: en
    extensions: [sphinx_comments, myst_nb, jupyter_book, sphinx_external_toc, sphinx_book_theme,
                 companion.book.sphinx.extension]
"""
# A chapter computes, as the real ones do: a machine with one core gains nothing from jobs side by side.
CELLS = ["# {name}", "seed = 11", "from companion.simulators.metastable import simulate", *(
    [f"print(round(simulate('collapse', seed=seed + {n}, duration=240.0).totals['attempts']))" for n in range(10)]
)]  # fmt: skip
NAMES = ["01-ebb", "02-flood", "03-neap", "04-spring"]


def make_book(root: Path, execute: str) -> None:
    """Write a book of four chapters, with or without execution by jupyter-book itself."""
    (root / "chapters").mkdir(parents=True)
    (root / "book").mkdir()
    (root / "_config.yml").write_text(CONFIG.format(execute=execute))
    (root / "book" / "index.md").write_text("# A small book\n")
    entries = "".join(f"  - file: chapters/{name}\n" for name in NAMES)
    (root / "book" / "_toc.yml").write_text(f"format: jb-book\nroot: index\nchapters:\n{entries}")
    metadata = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
                "language_info": {"name": "python"}}  # fmt: skip
    for name in NAMES:
        cells: list[dict[str, Any]] = [
            {"cell_type": "code", "id": f"c{n}", "source": source.format(name=name), "outputs": [],
             "execution_count": None, "metadata": {"tags": ["parameters"]} if n == 1 else {}}
            for n, source in enumerate(CELLS)
        ]  # fmt: skip
        cells[0] = {"cell_type": "markdown", "id": "c0", "source": cells[0]["source"], "metadata": {}}
        notebook = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
        (root / "chapters" / f"{name}.ipynb").write_text(json.dumps(notebook))


def seconds(work: Callable[[], None]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def run(command: list[str], root: Path) -> None:
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


class Ours:
    """The small book under `companion book`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        make_book(root, "off")

    def book(self, *words: str) -> None:
        run([str(Path(sys.executable).with_name("companion")), "book", *words], self.root)

    def build(self) -> None:
        self.book("build", "--jobs", "2")

    def clean(self) -> None:
        for folder in ("_build", "book/chapters"):
            shutil.rmtree(self.root / folder, ignore_errors=True)

    def render(self) -> None:
        """Build after an edit that touches a page and no chapter."""
        with (self.root / "book" / "index.md").open("a") as page:
            page.write("\nAnother line.\n")
        self.build()


@pytest.fixture
def ours(tmp_path: Path) -> Ours:
    """Make the small book for `companion book build`."""
    return Ours(tmp_path / "ours")


@pytest.fixture
def plain(tmp_path: Path) -> Callable[[], None]:
    """Give `jupyter-book build` of the same chapters, which lie where it looks for them."""
    root = tmp_path / "plain"
    make_book(root, "force")
    shutil.copytree(root / "chapters", root / "book" / "chapters")
    program = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", program, "build", str(root / "book"), "--config", str(root / "_config.yml"),
               "--path-output", str(root), "--all", "-q"]  # fmt: skip
    return lambda: run(command, root)


def test_a_clean_build_gains_on_plain_and_a_rebuild_takes_a_tenth_of_it(
    ours: Ours, plain: Callable[[], None], benchmark: Any
) -> None:
    measured: dict[str, list[float]] = {"plain": [], "clean": [], "unchanged": [], "rendering": [], "bound": []}
    for _ in range(RUNS):  # paired, so that a busy machine slows all of them
        ours.clean()
        measured["plain"].append(seconds(plain))
        measured["clean"].append(seconds(ours.build))
        measured["unchanged"].append(seconds(ours.build))
        measured["rendering"].append(seconds(ours.render))
        chapters = [seconds(lambda name=name: ours.book("execute", "--force", "--only", name)) for name in NAMES]  # type: ignore[misc]
        measured["bound"].append(measured["rendering"][-1] + 1.2 * max(*chapters, sum(chapters) / 2))
    benchmark.pedantic(ours.build, rounds=1)
    median = {name: statistics.median(values) for name, values in measured.items()}
    benchmark.extra_info.update({f"{name}_s": round(value, 2) for name, value in median.items()})
    ratios = {name: median["clean"] / median[name] for name in ("plain", "bound")}
    ratios["unchanged"] = median["unchanged"] / median["clean"]
    benchmark.extra_info["clean_to_plain"] = round(ratios["plain"], 3)
    benchmark.extra_info["clean_to_bound"] = round(ratios["bound"], 3)
    benchmark.extra_info["unchanged_to_clean"] = round(ratios["unchanged"], 3)
    # Ratios of one run on one machine: they travel, seconds do not.
    assert ratios["plain"] < 1
    assert ratios["bound"] <= 1
    assert ratios["unchanged"] <= 0.1
