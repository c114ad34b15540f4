"""The test files that a chapter's author runs: those of the modules that the chapter reaches."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from companion.book.execution.fingerprint import reached
from companion.book.project import Chapter, Project
from companion.import_graph import module_file
from companion.notebooks import read_notebook


def mirrored_tests(project: Project, chapter: Chapter) -> list[Path]:
    """List the test files of the modules that a chapter reaches.

    `tests/simulators/test_metastable_theory.py` belongs to the module `companion.simulators.metastable.theory` if there
    is one, else to `companion.simulators.metastable`, whose other tests lie in a folder of its name. What tests a whole
    part, or the book itself, belongs to no chapter.
    """
    modules = reached(project, read_notebook(chapter.source)).modules.keys()
    tests = project.root / "tests"
    return [file for file in sorted(tests.rglob("test_*.py")) if mirrors(file.relative_to(tests), modules)]


def mirrors(file: Path, modules: Iterable[str]) -> bool:
    """Whether a test file, named from the folder of tests, belongs to one of these modules."""
    room = ["companion", *file.parts[:-1]]
    words = file.stem.removeprefix("test_").split("_")
    for stop in range(len(words), 0, -1):  # the longest name that is a module
        for name in (["_".join(words[:stop]), "_".join(words[stop:])], ["_".join(words[:stop])]):
            module = ".".join([*room, *filter(None, name)])
            if module_file(module) is not None:
                return module in modules
    return len(room) > 2 and ".".join(room) in modules
