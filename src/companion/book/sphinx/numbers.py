"""Every claim of the book in one place: who makes it, how the text says it, and the page that lists them.

The directive ``{numbers}`` makes the page, a table for each chapter and in it one row for each claim.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from companion.book.check.prose import CLAIM_LINK, plain
from companion.book.project import Chapter, Project
from companion.claims import Claim, claims_in
from companion.notebooks import cell_source, read_notebook

PLACE = "claim-place"
"""The class of a link in the list, which says a claim's name or leads to its sentence."""

_FILTER = """\
<p class="numbers-filter" hidden><label for="numbers-words">Show only</label>
<input type="search" id="numbers-words" autocomplete="off" spellcheck="false" placeholder="a chapter, a word, a value">
<output for="numbers-words" aria-live="polite"></output></p>"""


@dataclass(frozen=True)
class Held:
    """A claim, and the chapter that makes it."""

    chapter: str
    claim: Claim


@dataclass(frozen=True)
class Range:
    """What other seeds gave.

    Attributes
    ----------
    seeds : int
        How many.
    low, high : str
        The least and the greatest value, written as far as the text rounds; equal where no seed matters.
    """

    seeds: int
    low: str
    high: str


Spread = Mapping[str, Range]
"""By the claim's name; a claim without a record is not there."""


def setup(app: Sphinx) -> None:
    """Add the directive."""
    app.add_directive("numbers", Numbers)


def book_claims(project: Project) -> dict[str, Held]:
    """Collect the claims of all executed chapters by name.

    Raises
    ------
    ValueError
        If two cells claim under one name.
    """
    found: dict[str, Held] = {}
    for chapter in project.chapters():
        if not chapter.executed.is_file():
            continue
        for cell in read_notebook(chapter.executed)["cells"]:
            for claim in claims_in(cell.get("outputs", [])):
                if claim.name in found:
                    raise ValueError(
                        f"claim {claim.name!r} is made twice: in {found[claim.name].chapter} and {chapter.name}"
                    )
                found[claim.name] = Held(chapter.name, claim)
    return found


def said_in(project: Project) -> dict[str, dict[str, str]]:
    """Give, for each claim and each page that links to it, how that page says the number where it does so first."""
    found: dict[str, dict[str, str]] = {}
    texts = [(f"chapters/{chapter.name}", _prose(chapter)) for chapter in project.chapters()]
    texts += [(page.stem, page.read_text("utf-8")) for page in sorted(project.book.glob("*.md"))]
    for page, text in texts:
        for said, name in CLAIM_LINK.findall(text):
            found.setdefault(name, {}).setdefault(page, plain(said))
    return found


def luck(claim: Claim, spread: Spread) -> str:
    """Say in words what other seeds gave for a claim; nothing where that is not recorded."""
    recorded = spread.get(claim.name)
    if recorded is None:
        return ""
    if recorded.low == recorded.high:
        return (
            f"the same over {recorded.seeds} seeds"
            if recorded.low == claim.written
            else (f"over {recorded.seeds} seeds {recorded.low}")
        )
    return f"over {recorded.seeds} seeds {recorded.low} to {recorded.high}"


class Numbers(SphinxDirective):
    """List every claim of the book, chapter by chapter."""

    def run(self) -> list[nodes.Node]:
        """Make the filter, and a section with a table for each chapter."""
        project = Project(Path(self.env.srcdir).parent)
        spread: Spread = getattr(self.env, "companion_spread", {})
        held, said = book_claims(project), said_in(project)
        made: list[nodes.Node] = [nodes.raw("", _FILTER, format="html")]
        for chapter in project.chapters():
            own = [found.claim for found in held.values() if found.chapter == chapter.name]
            if own:
                section = nodes.section(ids=[nodes.make_id(f"numbers-{chapter.name}")])
                section += nodes.title("", _title(chapter))
                section += self._table(chapter, own, said, spread)
                made.append(section)
        return made

    def _table(
        self, chapter: Chapter, claims: list[Claim], said: dict[str, dict[str, str]], spread: Spread
    ) -> nodes.table:
        seeds = max((spread[claim.name].seeds for claim in claims if claim.name in spread), default=0)
        heads = ["Number", "The text says", "Computed", *([f"Over {seeds} seeds"] if seeds else [])]
        rows = []
        for claim in claims:
            by_page = said.get(claim.name, {})
            text = by_page.get(f"chapters/{chapter.name}") or next(iter(by_page.values()), "")
            cells: list[nodes.Node] = [
                self._link(f"claim-{claim.name}", claim.name.replace("-", " ")),
                self._link(f"said-{claim.name}", text) if text else nodes.Text(""),
                nodes.Text(claim.shown),
            ]
            if seeds:
                known = spread.get(claim.name)
                cells.append(nodes.Text(_range(known) if known else ""))
            rows.append(_row(cells))
        group = nodes.tgroup(cols=len(heads))
        group += [nodes.colspec(colwidth=1) for _ in heads]
        group += [nodes.thead("", _row([nodes.Text(head) for head in heads])), nodes.tbody("", *rows)]
        return nodes.table("", group, classes=["numbers"])

    def _link(self, target: str, text: str) -> pending_xref:
        return pending_xref("", nodes.inline("", text), refdomain="std", reftype="ref", reftarget=target,
                            refexplicit=True, refdoc=self.env.docname, refwarn=True, classes=[PLACE])  # fmt: skip


def _range(known: Range) -> str:
    return known.low if known.low == known.high else f"{known.low} to {known.high}"


def _row(cells: Sequence[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))


def _title(chapter: Chapter) -> str:
    return cell_source(read_notebook(chapter.source)["cells"][0]).partition("\n")[0].lstrip("# ")


def _prose(chapter: Chapter) -> str:
    cells = read_notebook(chapter.source)["cells"]
    return "\n\n".join(cell_source(cell) for cell in cells if cell.get("cell_type") == "markdown")
