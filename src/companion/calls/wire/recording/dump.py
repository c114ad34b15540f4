"""Annotated dumps: each byte of a recorded call beside what it means.

    annotated(exchange)

shows a request and its answer. What is masked in a row appears as ··.
"""

import html
import itertools
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from companion.calls.wire.recording.annotate import annotate
from companion.calls.wire.recording.notes import Row
from companion.calls.wire.recording.record import Exchange

WIDTH = 12  # bytes a line; with the letters beside them a line fits a page
LETTERS = 42
# On a narrow screen the meaning finds no room beside the bytes, and moves below them.
STYLE = (
    ".dump{font:0.76rem/1.5 var(--pst-font-family-monospace,monospace);margin:0 0 .9rem;padding:0 .9rem}"
    ".dump>div{display:flex;flex-wrap:wrap;column-gap:2ch;margin:.1rem 0}"
    ".dump span{flex:0 0 4ch;opacity:.75}.dump code{flex:0 0 35ch;max-width:calc(100% - 6ch);font:inherit;"
    "background:none;border:0;padding:0;color:inherit;white-space:normal}"
    ".dump p{flex:1 1 24ch;margin:0;overflow-wrap:anywhere}"
    "@media(max-width:40rem){.dump{padding:0}.dump p{flex-basis:100%;padding-left:6ch;font-weight:600}"
    ".dump code{flex-shrink:1}}"
)


@dataclass(frozen=True)
class Dump:
    """Rows of bytes and meanings, as text where there is nothing but text, and as HTML in a page or a notebook.

    Parameters
    ----------
    blocks : sequence of sequences of Row
        What to show, one block below the other.
    """

    blocks: Sequence[Sequence[Row]]

    def __repr__(self) -> str:
        return "\n\n".join(map(as_text, self.blocks))

    def _repr_html_(self) -> str:
        return f"<style>{STYLE}</style>" + "".join(map(as_html, self.blocks))


def annotated(exchange: Exchange) -> Dump:
    """Explain a recorded call and its answer, byte by byte."""
    return Dump([annotate(exchange, "request"), annotate(exchange, "answer")])


def as_text(rows: Sequence[Row]) -> str:
    """Write rows as text: offset, bytes, meaning."""
    lines = []
    for row in rows:
        pairs = pairs_of(row)
        bytes_ = [" ".join(pairs[first : first + WIDTH]) for first in range(0, len(pairs), WIDTH)]
        words = textwrap.wrap(row.meaning, LETTERS, break_on_hyphens=False)
        for line, (shown, meaning) in enumerate(itertools.zip_longest(bytes_, words, fillvalue="")):
            offset = f"{row.offset + WIDTH * line:04x}" if shown else "    "
            lines.append(f"{offset}  {shown:<{3 * WIDTH}} {meaning}".rstrip())
    return "\n".join(lines)


def as_html(rows: Sequence[Row]) -> str:
    """Write rows as HTML, a line each: offset, bytes, meaning."""
    cells = [(f"{row.offset:04x}", " ".join(pairs_of(row)), html.escape(row.meaning)) for row in rows]
    lines = [f"<div><span>{at}</span><code>{shown}</code><p>{meaning}</p></div>" for at, shown, meaning in cells]
    return f'<div class="dump">{"".join(lines)}</div>'


def pairs_of(row: Row) -> list[str]:
    """Return each byte of a row as two digits, or as two dots where it is masked."""
    start, end = row.masked
    return ["··" if start <= place < end else f"{byte:02x}" for place, byte in enumerate(row.data)]
