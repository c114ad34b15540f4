"""Every claim of the book in one place: who makes it, how the text says it, and the page that lists them.

The directive ``{numbers}`` makes the page, a table for each chapter and in it one row for each claim.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from companion.book.check.luck import Spread, spread_of
from companion.book.check.prose import claim_links, plain
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
        for said, name in claim_links(text):
            found.setdefault(name, {}).setdefault(page, plain(said))
    return found


def book_spread(project: Project) -> dict[str, Spread]:
    """Collect what other seeds gave for the claims of all chapters; a claim that was not recorded is left out."""
    return {name: found for chapter in project.chapters() for name, found in spread_of(chapter).items()}


def under_other_seeds(spread: Spread | None) -> str:
    """Say in words what other seeds gave for a claim; nothing where that is not recorded, or no seed is drawn on."""
    if spread is None or not spread.values:
        return ""
    if not spread.low and not spread.lucky:
        return f"the same under {len(spread.values)} seeds"
    return spread.range.replace("`", "")


class Numbers(SphinxDirective):
    """List every claim of the book, chapter by chapter."""

    def run(self) -> list[nodes.Node]:
        """Make the filter, and a section with a table for each chapter."""
        project = Project(Path(self.env.srcdir).parent)
        held, said, spread = book_claims(project), said_in(project), book_spread(project)
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
        self, chapter: Chapter, claims: list[Claim], said: dict[str, dict[str, str]], spread: dict[str, Spread]
    ) -> nodes.table:
        seeds = max((len(spread[claim.name].values) for claim in claims if claim.name in spread), default=0)
        heads = ["Number", "The text says", "Computed", *([f"Under {seeds} other seeds"] if seeds else [])]
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
                cells.append(nodes.Text(_in_short(spread.get(claim.name))))
            rows.append(_row(cells))
        group = nodes.tgroup(cols=len(heads))
        group += [nodes.colspec(colwidth=1) for _ in heads]
        group += [nodes.thead("", _row([nodes.Text(head) for head in heads])), nodes.tbody("", *rows)]
        return nodes.table("", group, classes=["numbers"])

    def _link(self, target: str, text: str) -> pending_xref:
        return pending_xref("", nodes.inline("", text), refdomain="std", reftype="ref", reftarget=target,
                            refexplicit=True, refdoc=self.env.docname, refwarn=True, classes=[PLACE])  # fmt: skip


def _in_short(spread: Spread | None) -> str:
    """Say it under a heading that has the number of seeds."""
    if spread is None or not spread.values:
        return ""
    if spread.low:
        return "the same" if spread.low == spread.high else f"{spread.low} to {spread.high}"
    return "otherwise under some" if spread.lucky else "the same"


def _row(cells: Sequence[nodes.Node]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))


def _title(chapter: Chapter) -> str:
    return cell_source(read_notebook(chapter.source)["cells"][0]).partition("\n")[0].lstrip("# ")


def _prose(chapter: Chapter) -> str:
    cells = read_notebook(chapter.source)["cells"]
    return "\n\n".join(cell_source(cell) for cell in cells if cell.get("cell_type") == "markdown")
