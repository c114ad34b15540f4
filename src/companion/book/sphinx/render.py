"""Render the pages with jupyter-book, into a fresh folder that replaces the old one in a single step."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from companion.book.execution.fingerprint import without_seconds
from companion.book.project import Project
from companion.book.sphinx.live.page_python import vendor_python
from companion.book.sphinx.stamp import stamp_key
from companion.errors import CompanionError
from companion.import_graph import digest, modules_reached
from companion.notebooks import BookError

STAMP = ".companion-key"
"""A file beside the pages that says what they were made of."""

PIPELINE = (__name__, *(f"companion.book.sphinx.{name}" for name in ("extension", "mime", "mathematics", "assets")))
"""What makes the pages; when one of the modules that these reach changes, the pages are made anew."""

VENDOR = {
    "@fontsource/stix-two-math/files/stix-two-math-latin-400-normal.woff2": "fonts/stix-two-math.woff2",
    **{
        f"@fontsource-variable/{font}/files/{font}-latin-wght-{slope}.woff2": f"fonts/{font}-{slope}.woff2"
        for font in ("source-serif-4", "inter", "jetbrains-mono")
        for slope in ("normal", "italic")
    },
    **{
        f"pyodide/{file}": f"pyodide/{{version}}/{file}"
        for file in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide-lock.json", "python_stdlib.zip")
    },
    "d3/dist/d3.min.js": "plot/d3-{version}.min.js",
    "@observablehq/plot/dist/plot.umd.min.js": "plot/plot-{version}.min.js",
}
"""What the pages serve of the npm packages, and under which name; a name with a version may be cached for ever."""

_JUPYTER_BOOK = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()
sys.modules["rfc3987_syntax"] = None  # jsonschema would build a grammar of URIs, for a second, that nothing here uses
from jupyter_book.cli.main import main
main()
"""
# (stdin ends when the build that started it dies; a process left behind would write into the next build's folder)


class RenderError(CompanionError):
    """jupyter-book refused; the message holds its warnings, with notebook cells counted as a reader counts."""


def render(project: Project, *, force: bool = False) -> bool:
    """Render the pages unless nothing changed; return whether anything was done.

    Raises
    ------
    RenderError
        If jupyter-book warns or fails. The old pages stay.
    BookError
        If the npm assets are not installed.
    """
    _vendor(project)
    key = digest(_key(project), vendor_python(project), stamp_key(project))
    stamp = project.html / STAMP
    if not force and stamp.is_file() and stamp.read_text("utf-8") == key:
        return False
    build = project.html.parent
    scratch, old = build / f"rendering-{os.getpid()}", build / "replaced"
    if old.exists() and not project.html.exists():  # a build was killed between the two steps below
        old.rename(project.html)
    for leftover in (old, *build.glob("rendering*")):
        shutil.rmtree(leftover, ignore_errors=True)
    scratch.mkdir(parents=True)
    _run_jupyter_book(project, scratch)
    pages = scratch / "_build" / "html"
    (pages / STAMP).write_text(key, "utf-8")
    if project.html.exists():
        project.html.rename(old)
    pages.rename(project.html)
    shutil.rmtree(old, ignore_errors=True)
    shutil.rmtree(scratch, ignore_errors=True)
    return True


def _run_jupyter_book(project: Project, scratch: Path) -> None:
    command = [sys.executable, "-c", _JUPYTER_BOOK, "build", str(project.book), "--config", str(project.config),
               "--path-output", str(scratch), "-W", "-n", "--keep-going", "-q"]  # fmt: skip
    environment = {**os.environ, "PYTHONWARNINGS": "ignore", "NO_COLOR": "1"}
    ends_with_us, ours = os.pipe()
    try:
        done = subprocess.run(command, stdin=ends_with_us, capture_output=True, text=True, encoding="utf-8",
                              errors="replace", env=environment, cwd=project.root, check=False)  # fmt: skip
    finally:
        os.close(ends_with_us)
        os.close(ours)
    if done.returncode != 0:
        raise RenderError(_explain(done.stdout + done.stderr, project))


def _explain(output: str, project: Project) -> str:
    """Pick the warnings and errors out of jupyter-book's output; lines of a notebook become cells."""
    lines = [line.replace(f"{project.root}{os.sep}", "") for line in output.splitlines()]
    told = [line for line in lines if re.search(r"WARNING|ERROR|CRITICAL|^[\w.]+Error: .", line)] or [
        line for line in lines if line.strip()
    ][-15:]

    def cell(match: re.Match[str]) -> str:
        cell_number, line = divmod(int(match[2]), 10_000)  # myst-nb counts a cell's lines from 2
        return f"{match[1]} cell {cell_number} line {max(line - 1, 1)}:" if cell_number else match[0]

    return "\n".join(
        re.sub(r"(\.ipynb):(\d+):", cell, re.sub(r"\x1b\[[0-9;]*m", "", line)) for line in dict.fromkeys(told)
    )


def _key(project: Project) -> str:
    """Hash all that the pages are made of: prose, executed chapters, settings, the pipeline's code, the lock."""
    files = [
        file
        for file in project.book.rglob("*")
        if file.is_file() and "vendor" not in file.parts and not file.name.startswith(".")
    ]
    files += [
        project.config,
        project.root / "package-lock.json",
        project.root / "requirements.lock",
        *(project.root / "data" / "spread").glob("*.json"),
        *modules_reached(PIPELINE).values(),
    ]
    present = sorted(file for file in files if file.is_file())
    names = (str(file.relative_to(file.parents[1])) for file in present)
    # how long a chapter took is no part of its page
    return digest(*names, *(without_seconds(f.read_text("utf-8")) if f.suffix == ".ipynb" else f for f in present))


def assets_missing(project: Project) -> str:
    """Say what the pages lack that only npm can bring; nothing when it is there, or was copied already."""
    modules = project.root / "node_modules"
    if _vendored(project) or modules.is_dir():
        return ""
    return f"{modules}: not there; run `npm ci` (or `make book`, which does)"


def _vendored(project: Project) -> bool:
    """Whether book/assets/vendor holds what the lock names; a book without assets of its own needs nothing."""
    lock, stamp = project.root / "package-lock.json", project.book / "assets" / "vendor" / STAMP
    return not lock.is_file() or (stamp.is_file() and stamp.read_text("utf-8") == _vendor_key(lock))


def _vendor_key(lock: Path) -> str:
    return digest(lock, str(sorted(VENDOR.items())))


def _vendor(project: Project) -> None:
    """Copy what the pages serve from node_modules into book/assets/vendor, once per version."""
    modules, vendor = project.root / "node_modules", project.book / "assets" / "vendor"
    if _vendored(project):
        return
    missing = assets_missing(project)
    if missing:
        raise BookError(missing)
    shutil.rmtree(vendor, ignore_errors=True)
    for source, target in VENDOR.items():
        package = "/".join(source.split("/")[: 2 if source.startswith("@") else 1])
        version = json.loads((modules / package / "package.json").read_text("utf-8"))["version"]
        origin, place = modules / source, vendor / target.format(version=version)
        place.parent.mkdir(parents=True, exist_ok=True)
        if origin.is_dir():
            shutil.copytree(origin, place)
        else:
            shutil.copyfile(origin, place)
    (vendor / STAMP).write_text(_vendor_key(project.root / "package-lock.json"), "utf-8")
