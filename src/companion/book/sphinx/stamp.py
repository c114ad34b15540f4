"""The stamp at the end of a chapter's page: what it last ran with, and the chapter to take home.

It says nothing of the day or the seconds of a build, so that two builds of one book give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from companion.book.check.form import budget
from companion.book.execution.ran_with import KEY as RAN_WITH
from companion.book.project import Chapter, Project
from companion.book.publish.last_commit import commits, history_key
from companion.book.publish.takehome import FOLDER, take_home_all, take_home_key
from companion.claims import claims_in
from companion.import_graph import digest
from companion.notebooks import BookError, cell_source, read_notebook

if TYPE_CHECKING:  # what asks for the key alone need not wait for Sphinx
    from sphinx.application import Sphinx


@dataclass(frozen=True)
class Stamp:
    """What the stamp of one chapter says; what is not known is None or empty, and left out.

    Attributes
    ----------
    python : str
        The version of Python that the chapter last ran with.
    libraries : dict of str to str
        The versions of the libraries that its code uses, by name.
    seed : int, float, str or None
        Where its random draws came from.
    commit : str or None
        The last commit that touched what it depends on, or that there are uncommitted changes.
    claims : int
        How many numbers of the text are held by its cells.
    run_class : str or None
        How long it runs, of its budget.
    """

    python: str
    libraries: dict[str, str]
    seed: int | float | str | None
    commit: str | None
    claims: int
    run_class: str | None


def setup(app: Sphinx) -> None:
    """Connect the stamps and the zips to Sphinx."""
    from sphinx.util import logging

    logger = logging.getLogger(__name__)
    pages: dict[str, str] = {}

    def prepare(app: Sphinx) -> None:
        if app.builder.format != "html":
            return
        project = Project(Path(app.srcdir).parent)
        try:
            zips = take_home_all(project, Path(app.outdir) / FOLDER)
            pages.update({f"chapters/{name}": stamp_html(stamp, zips.get(name))
                          for name, stamp in read_stamps(project).items()})  # fmt: skip
        except BookError as error:
            logger.warning(str(error))

    def append(app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
        if pagename in pages:
            context["body"] += pages[pagename]

    app.connect("builder-inited", prepare)
    app.connect("html-page-context", append)


def stamp_key(project: Project) -> str:
    """Hash what the stamps and the zips depend on beside the executed chapters: history, package, sources."""
    return digest(history_key(project), take_home_key(project))


def read_stamps(project: Project) -> dict[str, Stamp]:
    """Read the stamps of the executed chapters, by chapter."""
    known = commits(project)
    return {chapter.name: _read(chapter, known.get(chapter.name)) for chapter in project.chapters()
            if chapter.executed.is_file()}  # fmt: skip


def _read(chapter: Chapter, commit: str | None) -> Stamp:
    executed = read_notebook(chapter.executed)
    ran = executed.get("metadata", {}).get(RAN_WITH, {})
    first = next(map(cell_source, executed["cells"]), "")
    declared = budget(first)
    return Stamp(
        python=ran.get("python", ""),
        libraries=dict(sorted(ran.get("libraries", {}).items())),
        seed=ran.get("seed"),
        commit=commit,
        claims=sum(len(claims_in(cell.get("outputs", []))) for cell in executed["cells"]),
        run_class=declared.run_class if declared else None,
    )


def stamp_html(stamp: Stamp, zip_file: Path | None) -> str:
    """Write a stamp as a section of the page, with the chapter's zip if there is one."""
    ran_with = [f"Python {stamp.python}"] if stamp.python else []
    ran_with += [f"{name} {version}" for name, version in stamp.libraries.items()]
    numbers = {0: "", 1: "1 number of the text is held by a cell"}
    lines = {
        "Last ran with": ", ".join(ran_with),
        "Seed": "" if stamp.seed is None else str(stamp.seed),
        "Commit": stamp.commit or "",
        "Claims": numbers.get(stamp.claims, f"{stamp.claims} numbers of the text are held by cells"),
        "Runs in": stamp.run_class or "",
    }
    rows = "".join(f"<div><dt>{name}</dt><dd>{escape(text)}</dd></div>" for name, text in lines.items() if text)
    home = ""
    if zip_file:
        link = f'<a href="../{FOLDER}/{zip_file.name}" download>{zip_file.name}</a>'
        home = f"<p>Take this chapter home: {link} ({_size(zip_file.stat().st_size)})</p>"
    return f'\n<section class="stamp" aria-label="About this chapter">\n<dl>{rows}</dl>{home}\n</section>\n'


def _size(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 999_500 else f"{max(count / 1e3, 1):.0f} kB"
