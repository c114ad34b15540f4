"""Make the files of a new chapter, so that it begins where the house expects it."""

from __future__ import annotations

import json
import re
from keyword import iskeyword
from pathlib import Path

from companion.book.parts import Part, part_of
from companion.book.project import Project
from companion.notebooks import BookError, notebook_text

TEMPLATE = Path(__file__).parent / "template"
"""A small chapter that runs as it is; what its author is to replace begins with ``(write:``."""


def new_chapter(project: Project, number: str, name: str, part: str = "") -> list[Path]:
    """Make notebook, module and test, and a line in the table of contents.

    Parameters
    ----------
    project : Project
        The book.
    number : str
        Two digits; they decide the part.
    name : str
        A Python identifier in lower case; hyphens in the notebook's name stand for its underscores.
    part : str
        The part, if the author names it; it must be the one that the number belongs to.

    Returns
    -------
    list of Path
        The files made or changed.

    Raises
    ------
    BookError
        If the number, name or part cannot be used, or a file is already there.
    """
    if not re.fullmatch(r"\d\d", number) or not re.fullmatch(r"[a-z][a-z0-9_]*", name) or iskeyword(name):
        raise BookError(f"{number} {name}: give two digits and a lower-case name, such as 08 mcp")
    home = part_of(number)
    own = home.name
    if part and part != own:
        raise BookError(f"--part {part}: chapter {number} belongs to {own}")
    notebook = f"{number}-{name.replace('_', '-')}"
    package = project.root / "src" / "companion" / own
    test = project.root / "tests" / own / f"test_{name}.py"
    files = {project.root / "chapters" / f"{notebook}.ipynb": _notebook(own, number, name)}
    if own == "simulators":  # with parameters, presets and a page, so that it has a panel and a command
        files[package / name / "__init__.py"] = _filled("simulator.txt", own, number, name)
        files[package / name / "page.py"] = _filled("page.txt", own, number, name)
        files[test] = _filled("test_simulator.txt", own, number, name)
    else:
        files[package / f"{name}.py"] = _filled("module.txt", own, number, name)
        files[test] = _filled("test.txt", own, number, name)
    present = [path for path in (*files, package / name, package / f"{name}.py") if path.exists()]
    present += (project.root / "chapters").glob(f"{number}-*.ipynb")
    if present:
        raise BookError(f"{present[0]}: is already there")
    toc = project.book / "_toc.yml"
    entered = _with_entry(toc, notebook, home)
    if not (package / "__init__.py").exists():
        files[package / "__init__.py"] = f'"""The part {own}: one module a chapter."""\n'
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    toc.write_text(entered, "utf-8")
    return [*files, toc]


def _filled(file: str, part: str, number: str, name: str) -> str:
    text = (TEMPLATE / file).read_text("utf-8")
    words = {"NUMBER ·": f"{int(number)} ·", "NUMBER": number, "NAME-HYPHENS": name.replace("_", "-"), "NAME": name,
             "PART": part, "TITLE": name.replace("_", " ").capitalize()}  # fmt: skip
    for word, meant in words.items():
        text = text.replace(word, meant)
    return text


def _notebook(part: str, number: str, name: str) -> str:
    notebook = json.loads(_filled("chapter.ipynb", part, number, name))
    # some cells belong to chapters of one part only
    notebook["cells"] = [c for c in notebook["cells"] if c["metadata"].get("companion", {}).get("only", part) == part]
    for cell in notebook["cells"]:
        cell["id"] = f"{name.replace('_', '-')[:40]}-{cell['id']}"  # tells its chapter
        if "only" in cell["metadata"].get("companion", {}):
            del cell["metadata"]["companion"]
    return notebook_text(notebook)


def _with_entry(toc: Path, notebook: str, part: Part) -> str:
    """Add a chapter to the table of contents, in the order of the numbers; the first of a part opens that part."""
    lines = toc.read_text("utf-8").splitlines()
    listed = [(i, found) for i, line in enumerate(lines) if (found := re.match(r"(.*file: chapters/)(\d\d)", line))]
    if not listed:
        raise BookError(f"{toc}: lists no chapter yet; write the first one into it: chapters/{notebook}")
    lower = [(i + 1, found) for i, found in listed if found[2] < notebook[:2]]
    place, neighbour = lower[-1] if lower else listed[0]
    captions = [i for i, line in enumerate(lines) if re.match(r"\s*- caption:", line)]
    if captions and not any(int(found[2]) in part.chapters for _, found in listed):
        # before the next part, where there is a lower chapter, else before the first chapter's own
        after = [i for i in captions if i >= place] if lower else [i for i in captions if i < place][-1:]
        dash = lines[captions[0]].index("-") * " "
        opened = [f"{dash}- caption: '{part.caption}'", f"{dash}  chapters:", neighbour[1] + notebook]
        place = after[0] if after else len(lines)
        return "\n".join([*lines[:place], *opened, *lines[place:]]) + "\n"
    lines.insert(place, neighbour[1] + notebook)
    return "\n".join(lines) + "\n"
