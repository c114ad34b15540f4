"""Change a module a little, in every way that mutmut knows, and count how often its tests notice.

    make mutants                                        every module of [tool.mutants] in pyproject.toml
    make mutants MODULES="xdr theory" SAMPLE=50         those whose path has one of the words, 50 mutants each
    make mutants MODULES=metastable/theory CLAIMS=1     its chapter's cells, with their claims, may notice too

Each module is mutated in a folder of its own below _build/mutants, where the mutants are also kept: the name of a
survivor is shown with its change. A mutant counts as killed when a test fails or runs for ever.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
SURVIVED = {0: "survived", 5: "no test", 33: "no test"}  # exit codes of pytest and mutmut
CLAIMS = """
from mutants import run_cells

def test_the_claims_of_the_chapter_hold() -> None:
    run_cells({notebook!r})
"""


def run_cells(notebook: str) -> None:
    """Execute the code cells of a chapter as one script; a claim that no longer holds raises."""
    scope: dict[str, Any] = {"__name__": "__main__"}
    with contextlib.chdir(Path(notebook).parent):  # where a chapter is run, and its data lies beside
        for cell in json.loads(Path(notebook).read_text("utf-8"))["cells"]:
            tags = cell["metadata"].get("tags", [])
            source = "".join(cell["source"])
            if cell["cell_type"] == "code" and "raises-exception" not in tags and not re.search(r"^[%!]", source, re.M):
                exec(compile(source, notebook, "exec"), scope)


def prepare(module: str, entry: dict[str, Any], *, claims: bool) -> Path:
    """Lay out a folder with the package, the module's own tests, and settings for mutmut."""
    room = ROOT / "_build" / "mutants" / module.removesuffix(".py").replace("/", ".")
    shutil.rmtree(room, ignore_errors=True)
    shutil.copytree(ROOT / "src", room / "src", ignore=shutil.ignore_patterns("__pycache__"))
    folders = {folder for test in entry["tests"] for folder in Path(test).parents}
    shared = [str(folder / "conftest.py") for folder in folders if (ROOT / "tests" / folder / "conftest.py").is_file()]
    for test in ["mutants.py", *shared, *entry["tests"]]:
        (room / "tests" / test).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "tests" / test, room / "tests" / test)
    for needed in entry.get("needs", []):
        (room / needed).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / needed).is_dir():
            shutil.copytree(ROOT / needed, room / needed, dirs_exist_ok=True)
        else:
            shutil.copy(ROOT / needed, room / needed)
    selected = [f"tests/{test}" for test in entry["tests"]]
    if claims and "chapter" in entry:
        (notebook,) = (ROOT / "chapters").glob(f"{entry['chapter']}-*.ipynb")
        (room / "tests" / "test_claims_of_the_chapter.py").write_text(CLAIMS.format(notebook=str(notebook)), "utf-8")
        selected.append("tests/test_claims_of_the_chapter.py")
    settings = {
        **PROJECT["tool"]["mutmut"],
        "source_paths": [f"src/companion/{module}"],
        "also_copy": sorted({"src", "data", *(Path(needed).parts[0] for needed in entry.get("needs", []))} - {"tests"}),
        "pytest_add_cli_args_test_selection": selected,
    }
    if "keyword" in entry:
        settings["pytest_add_cli_args"] = [*settings["pytest_add_cli_args"], "-k", entry["keyword"]]
    text = "[tool.mutmut]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in settings.items())
    pytest_settings = PROJECT["tool"]["pytest"]["ini_options"]
    text += '[tool.pytest.ini_options]\npythonpath = ["tests", "."]\n'
    text += "".join(f"{key} = {json.dumps(pytest_settings[key])}\n" for key in ("addopts", "markers"))
    (room / "pyproject.toml").write_text(text, "utf-8")
    return room


def mutants_of(module: str) -> list[str]:
    """Name every mutant of a module; mutmut reads its settings in the working directory."""
    os.chdir(ROOT)
    from mutmut.mutation.file_mutation import mutate_file_contents
    from mutmut.utils.format_utils import get_mutant_name

    path = Path("src/companion") / module
    made = mutate_file_contents(str(path), (ROOT / path).read_text("utf-8"), None, None)
    return [get_mutant_name(path, name) for name in made.mutant_names]


def judge(module: str, entry: dict[str, Any], *, claims: bool, sample: int | None) -> tuple[int, dict[str, str]]:
    """Run the mutants of a module, or some of them; give how many ran, and what became of those that survived."""
    names = mutants_of(module)
    if sample is not None and sample < len(names):
        names = sorted(random.Random(11).sample(names, sample))
    room = prepare(module, entry, claims=claims)
    mutmut = [sys.executable, "-m", "mutmut"]
    env = {**os.environ, "COMPANION_MEASUREMENTS": str(ROOT / "data" / "measurements")}
    with (room / "log.txt").open("w") as log:
        subprocess.run([*mutmut, "run", *names], cwd=room, env=env, stdout=log, stderr=log, check=False)
    kept = room / "mutants" / "src" / "companion" / f"{module}.meta"
    codes = json.loads(kept.read_text("utf-8"))["exit_code_by_key"] if kept.is_file() else {}
    if any(codes.get(name) is None for name in names):
        raise SystemExit(f"{module}: mutmut stopped early; see {room / 'log.txt'}")
    left = {}
    for name in names:
        if codes[name] in SURVIVED:
            shown = subprocess.run([*mutmut, "show", name], cwd=room, capture_output=True, text=True, check=False)
            left[f"{name.removeprefix('companion.')}: {SURVIVED[codes[name]]}"] = "\n".join(
                line for line in shown.stdout.splitlines() if re.match(r"[-+](?![-+])", line)
            )
    return len(names), left


def main() -> None:
    """Judge the modules asked for, and print a score for each; exit 1 when one is below 0.9."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("words", nargs="*", help="words of which a module's path has one; without any, all modules")
    parser.add_argument("--sample", type=int, help="how many mutants of each module; without it, all")
    parser.add_argument("--claims", action="store_true", help="let the claims of the module's chapter kill as well")
    given = parser.parse_args()
    low = 0
    for module, entry in PROJECT["tool"]["mutants"].items():
        if given.words and not any(word in module for word in given.words):
            continue
        ran, left = judge(module, entry, claims=given.claims, sample=given.sample)
        score = 1 - len(left) / ran
        low += score < 0.9
        print(f"{score:.2f}  {ran - len(left):4} of {ran:4}  {module}", flush=True)
        for name, change in left.items():
            print(f"      {name}\n        " + change.replace("\n", "\n        "), flush=True)
    sys.exit(low > 0)


if __name__ == "__main__":
    main()
