"""The house stays easy to find your way in: what the layout promises, file by file."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

from companion.book.check.checks import MAX_IGNORED
from companion.book.parts import PARTS, part_of
from companion.import_graph import imported, module_file, parse_cells

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "companion"
NOTEBOOKS = sorted((ROOT / "chapters").glob("*.ipynb"))
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
MODULES = [path for path in sorted(PACKAGE.rglob("*.py")) if not path.name.endswith(("_pb2.py", "_pb2_grpc.py"))]

ARROWS = {("reasoning", "services"), ("operations", "simulators"), ("operations", "schemas"), ("calls", "services")}
"""Which part may import which other; part I borrows the PostgreSQL that part II starts."""


# The environment

APART = {"e5", "local-llm", "scanners"}
"""Extras that the book can do without: too heavy for everyone's environment."""


def requirements() -> set[str]:
    extras = PROJECT["optional-dependencies"]
    return {text for texts in [PROJECT["dependencies"], *(extras[name] for name in extras.keys() - APART - {"all"})]
            for text in texts if Requirement(text).name != PROJECT["name"]}  # fmt: skip


def test_the_extra_all_takes_in_every_extra_that_is_not_apart() -> None:
    (everything,) = PROJECT["optional-dependencies"]["all"]
    assert Requirement(everything).name == PROJECT["name"]
    assert Requirement(everything).extras == set(PROJECT["optional-dependencies"]) - {"all"} - APART


def test_the_environment_for_conda_lists_exactly_the_requirements() -> None:
    listed = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    (from_pip,) = [entry["pip"] for entry in listed if isinstance(entry, dict)]
    assert from_pip[-1] == "-e ."
    assert sorted(from_pip[:-1]) == sorted(requirements())
    assert f"python{PROJECT['requires-python']}" in listed


def pins() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (ROOT / "requirements.lock").read_text("utf-8").splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            name, version = line.partition(";")[0].strip().split("==")
            found.setdefault(re.sub(r"\[.*\]", "", name), []).append(version)
    return found


def test_the_lock_satisfies_every_requirement() -> None:
    locked = pins()
    for requirement in map(Requirement, requirements()):
        versions = locked.get(re.sub(r"[-_.]+", "-", requirement.name).lower())
        assert versions, f"{requirement.name} is not in requirements.lock: run `make lock`"
        assert all(requirement.specifier.contains(version) for version in versions), f"{requirement}: {versions}"


@pytest.mark.parametrize("name", ["requirements.lock", "environment.yml"])
def test_a_lock_names_no_address(name: str) -> None:
    assert "://" not in (ROOT / name).read_text("utf-8")


each_npm = pytest.mark.parametrize("folder", [ROOT, ROOT / "tests" / "conformance"], ids=["pages", "conformance"])


@each_npm
def test_the_npm_lock_names_no_address(folder: Path) -> None:
    locked = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]
    assert [name for name, package in locked.items() if "resolved" in package] == []
    # which npm itself sees to, on any machine
    assert "omit-lockfile-registry-resolved=true" in (folder / ".npmrc").read_text("utf-8").splitlines()


@each_npm
def test_the_npm_lock_agrees_with_its_manifest(folder: Path) -> None:
    manifest = json.loads((folder / "package.json").read_text("utf-8"))
    locked = json.loads((folder / "package-lock.json").read_text("utf-8"))["packages"]
    wanted = manifest.get("dependencies", {}) | manifest["devDependencies"]
    found = {name: locked[f"node_modules/{name}"] for name in wanted}
    versions = {name: package["version"] for name, package in found.items()}
    aliases = {
        name: f"npm:{package['name']}@{package['version']}" for name, package in found.items() if "name" in package
    }
    assert versions | aliases == wanted  # exact pins, no ranges


def test_licence_citation_package_and_pages_name_the_same_authors() -> None:
    config = yaml.safe_load((ROOT / "_config.yml").read_text("utf-8"))
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text("utf-8"))
    authors = config["author"]
    assert [author["name"] for author in PROJECT["authors"]] == [authors]
    assert [author["name"] for author in cited["authors"]] == [authors]
    assert f"Copyright (c) {config['copyright']} {authors}\n" in (ROOT / "LICENSE").read_text("utf-8")
    assert (cited["license"], PROJECT["license"]) == ("MIT", "MIT")
    assert cited.get("repository-code", "") == config["sphinx"]["config"]["html_theme_options"]["repository_url"]


# The package


def dotted(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(path: Path) -> Iterator[str]:
    """List the modules of the package that a module names in its imports, each by the longest name that is a file."""
    name = dotted(path)
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):  # what only a type checker reads is no import
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            node.body = []
    for target in imported(tree, name if path.name == "__init__.py" else name.rpartition(".")[0]):
        if module_file(target) is not None and target != name:
            yield target


@cache
def edges() -> dict[str, set[str]]:
    """Give the modules that each module uses; nobody may change the answer."""
    found = {dotted(path): set(imports_of(path)) for path in MODULES}
    for targets in found.values():
        # `from companion.a import b` names a and, where b is a module, a.b: then it is b that is used
        targets -= {target.rpartition(".")[0] for target in targets}
    return found


def part(module: str) -> str:
    """Give the part (or room) of a module: the first name below the package."""
    return module.split(".")[1] if "." in module else ""


def test_parts_import_each_other_only_along_the_arrows() -> None:
    found = {(part(name), part(target)) for name, targets in edges().items() for target in targets}
    between = {(one, other) for one, other in found if one != other and {one, other} <= PARTS.keys()}
    assert between <= ARROWS


def test_shared_rooms_do_not_know_the_parts() -> None:
    # But for the command line, which lists their commands.
    rooms = {name: targets for name, targets in edges().items() if part(name) not in {*PARTS, "cli"}}
    assert len(rooms) > 10
    assert {name: parts for name, targets in rooms.items() if (parts := {*map(part, targets)} & PARTS.keys())} == {}


def test_every_import_within_the_package_leads_to_a_module_that_is_there() -> None:
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_bytes())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) and not node.level else []
            for name in names:
                assert name.split(".")[0] != "companion" or module_file(name), f"{dotted(path)} imports {name}"


def test_imports_make_no_circle() -> None:
    try:
        TopologicalSorter(edges()).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def rooms_of(folder: str) -> dict[str, set[str]]:
    """Draw the arrows between what lies directly in a folder: its modules, and its folders as wholes."""
    found: dict[str, set[str]] = {}
    below = f"{folder}."
    for name, targets in edges().items():
        if name.startswith(below):
            room = name.removeprefix(below).partition(".")[0]
            inside = {target.removeprefix(below).partition(".")[0] for target in targets if target.startswith(below)}
            found.setdefault(room, set()).update(inside - {room})
    return found


FOLDERS = sorted({dotted(path) for path in MODULES if path.name == "__init__.py"})


@pytest.mark.parametrize("folder", FOLDERS)
def test_folders_make_no_circle(folder: str) -> None:
    try:
        TopologicalSorter(rooms_of(folder)).prepare()
    except CycleError as error:
        pytest.fail(f"{folder}: {' -> '.join(error.args[1])}")


MOST_MODULES = 15
MOST_LINES = 500


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_holds_no_more_modules_than_one_remembers(folder: str) -> None:
    beside = PACKAGE.joinpath(*folder.split(".")[1:]).glob("*.py")
    modules = {path for path in beside if path in MODULES and path.name not in ("__init__.py", "__main__.py")}
    assert len(modules) <= MOST_MODULES


@pytest.mark.parametrize("path", MODULES, ids=dotted)
def test_a_module_tells_one_story_and_says_which(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.count("\n") <= MOST_LINES
    assert ast.get_docstring(ast.parse(text)), "its first line says what it is for"


# The notebooks


def cells(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))["cells"]
    return found


def tagged(path: Path, tag: str) -> list[int]:
    return [n for n, cell in enumerate(cells(path), start=1) if tag in cell["metadata"].get("tags", [])]


def code(path: Path) -> list[tuple[int, dict[str, Any]]]:
    return [(n, cell) for n, cell in enumerate(cells(path), start=1) if cell["cell_type"] == "code"]


def test_every_chapter_has_a_module_a_test_and_a_notebook_of_one_name() -> None:
    assert NOTEBOOKS
    for path in NOTEBOOKS:
        number, _, name = path.stem.replace("-", "_").partition("_")
        home = part_of(number).name
        assert module_file(f"companion.{home}.{name}"), path.stem
        tests = ROOT / "tests" / home
        assert [*tests.glob(f"test_{name}*.py"), *tests.glob(f"{name}/test_*.py")], path.stem


def imported_by_chapters() -> set[str]:
    """Name the modules, not the folders of such, that some chapter's code imports itself."""
    sources = ["".join(cell["source"]) for path in NOTEBOOKS for _, cell in code(path)]
    found = {name: module_file(name) for tree in parse_cells(sources) for name in imported(tree)}
    return {name for name, file in found.items() if file is not None and file.name != "__init__.py"}


@pytest.mark.parametrize("module", sorted(imported_by_chapters()))
def test_a_module_that_a_chapter_imports_has_a_test_file_of_its_name(module: str) -> None:
    *folders, name = module.split(".")[1:]
    assert ROOT.joinpath("tests", *folders, f"test_{name}.py").is_file()


each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@each_notebook
def test_a_notebook_opens_with_its_title(path: Path) -> None:
    first = cells(path)[0]
    assert first["cell_type"] == "markdown" and "".join(first["source"]).startswith("# ")


@each_notebook
def test_a_notebooks_parameters_stand_in_its_first_code_cell_and_only_there(path: Path) -> None:
    assert tagged(path, "parameters") == [code(path)[0][0]]


@each_notebook
def test_a_notebooks_cells_are_short(path: Path) -> None:
    lengths = {number: len("".join(cell["source"]).splitlines()) for number, cell in enumerate(cells(path), start=1)}
    assert {number: length for number, length in lengths.items() if length > 30} == {}


@each_notebook
def test_nbval_compares_all_but_three_cells_at_most(path: Path) -> None:
    assert len(tagged(path, "nbval-ignore-output")) <= MAX_IGNORED
    assert tagged(path, "nbval-skip") == []


@each_notebook
def test_every_code_cell_was_executed_in_order(path: Path) -> None:
    counts = [cell["execution_count"] for _, cell in code(path)]
    assert counts == list(range(1, len(counts) + 1))


@each_notebook
def test_outputs_hold_text_and_no_image_and_no_error(path: Path) -> None:
    for number, cell in code(path):
        for output in cell["outputs"]:
            assert output["output_type"] != "error", f"cell {number}"
            assert not [kind for kind in output.get("data", {}) if kind.startswith("image/")], f"cell {number}"
            assert "text" in output or "text/plain" in output["data"], f"cell {number}"


# What is committed

# Written in halves, since this file is committed too.
HOSTS = ["pypi" + ".org", "python" + "hosted.org", "registry." + "npmjs", "registry." + "yarnpkg", "proxy." + "golang",
         "conda." + "anaconda"]  # fmt: skip
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:home|Users|root|work|workspace|private|mnt)" + r"/[\w.-]+")


@pytest.fixture(scope="module")
def committed() -> dict[Path, str]:
    """Read the files that git knows, and those that it would take in."""
    git = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(git, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git repository, or no git here: what is committed is not known")
    paths = [ROOT / name for name in listed.split("\0") if name]
    assert ROOT / "pyproject.toml" in paths
    return {path: path.read_text("utf-8", errors="replace") for path in paths if path.is_file()}


def test_no_committed_file_holds_the_host_of_a_registry(committed: dict[Path, str]) -> None:
    assert [
        f"{path.relative_to(ROOT)}: {host}" for path, text in committed.items() for host in HOSTS if host in text
    ] == []


def test_no_committed_file_holds_the_path_of_a_machine(committed: dict[Path, str]) -> None:
    found = {path.relative_to(ROOT).as_posix(): MACHINE_PATH.findall(text) for path, text in committed.items()}
    assert {name: paths for name, paths in found.items() if paths} == {}
    assert [path for path, text in committed.items() if str(ROOT) in text] == []
