"""The Python that pages run: which of the package's modules it needs, and the archives that the pages serve.

Pages are rendered anew when one of those modules changes, and only then; the archive's name changes with them, so that
no browser goes on with an old one from its cache.
"""

from __future__ import annotations

import io
import json
import shutil
import tempfile
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Any

from companion.book.project import Project
from companion.book.publish.wheel import build_wheel
from companion.import_graph import digest, imported, modules_reached, parse_cells
from companion.notebooks import read_notebook
from companion.panel import MIME

RUNNERS = ("companion.panel.page", "companion.panel.exercise")
"""What the page's worker calls."""

LIBRARIES = ("simpy",)
"""Pure Python that the package's models import."""

NAMES = "names.json"
"""A file among the archives: what they are called, and the key of their content."""


def in_page(metadata_: dict[str, Any]) -> bool:
    """Whether the exercises of a notebook, of which this is the metadata, can be answered in its page."""
    return metadata_.get("companion", {}).get("page_exercises") is True


def vendor_python(project: Project) -> str:
    """Put the archives that pages need into book/assets/vendor/python; return the key of their content.

    Empty when no page needs them, or the book has no assets of its own.
    """
    roots = modules_wanted(project)
    if not roots or not (project.root / "package-lock.json").is_file():
        return ""
    versions = [f"{library} {metadata.version(library)}" for library in LIBRARIES]
    key = digest(*versions, *modules_reached([*RUNNERS, *roots]).values())
    folder = project.book / "assets" / "vendor" / "python"
    if archives(project).get("key") == key:
        return key
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as scratch:
        wheel = folder / f"companion-{key}.zip"
        shutil.move(build_wheel(Path(scratch)), wheel)
    names = [wheel.name]
    for library in LIBRARIES:
        content = _archive(library)
        names.append(f"{library}-{metadata.version(library)}-{digest(content)[:8]}.zip")
        (folder / names[-1]).write_bytes(content)
    (folder / NAMES).write_text(json.dumps({"key": key, "archives": names}), "utf-8")
    return key


def archives(project: Project) -> dict[str, Any]:
    """Read what `vendor_python` has put there; empty when nothing."""
    file = project.book / "assets" / "vendor" / "python" / NAMES
    read: dict[str, Any] = json.loads(file.read_text("utf-8")) if file.is_file() else {}
    return read


def modules_wanted(project: Project) -> set[str]:
    """List the modules that pages run: of each panel its simulator, of a chapter with exercises all that it imports."""
    wanted: set[str] = set()
    for chapter in project.chapters():
        # Most chapters have neither, and reading a file is much cheaper than parsing it.
        if not chapter.executed.is_file() or not _mentions(chapter.executed):
            continue
        notebook = read_notebook(chapter.executed)
        panels = [
            output["data"][MIME]["module"]
            for cell in notebook["cells"]
            for output in cell.get("outputs", [])
            if MIME in output.get("data", {})
        ]
        wanted |= {name for module in panels for name in (module, f"{module}.page")}
        if in_page(notebook["metadata"]):
            sources = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "code"]
            wanted |= set().union(*map(imported, parse_cells(sources)))
    return wanted


def _mentions(notebook: Path) -> bool:
    content = notebook.read_bytes()
    return MIME.encode() in content or b"page_exercises" in content


def _archive(library: str) -> bytes:
    """Zip the modules of an installed distribution; the same files give the same bytes."""
    with io.BytesIO() as whole:
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(metadata.files(library) or [], key=str):
                if file.suffix == ".py":
                    archive.writestr(zipfile.ZipInfo(file.as_posix()), file.read_binary(), zipfile.ZIP_DEFLATED)
        return whole.getvalue()
