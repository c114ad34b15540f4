"""The text of a Jupyter notebook: its cells one after the other, prose and code, without what they printed."""

from __future__ import annotations

import json
from typing import Any

from companion.reasoning.rag.chunks import RagError
from companion.reasoning.rag.formats.headings import Content, Heading, markdown_headings


def notebook(text: str) -> Content:
    """Read a notebook; its headings are those of its Markdown cells.

    Raises
    ------
    RagError
        If it is none.
    """
    try:
        read = json.loads(text)
        cells = read["cells"] if "cells" in read else [cell for sheet in read["worksheets"] for cell in sheet["cells"]]
        sources = [(str(cell["cell_type"]), _source(cell)) for cell in cells]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise RagError(f"no notebook: {type(error).__name__} {str(error)[:80]}") from None
    parts, headings, at = list[str](), list[Heading](), 0
    for kind, source in sources:
        if kind in ("markdown", "heading"):
            headings += [
                Heading(each.start + at, min(each.below, len(source)) + at, each.level, each.name)
                for each in markdown_headings(source)
            ]
        parts.append(source + "\n\n")
        at += len(source) + 2
    title = next((each.name for each in headings[:1] if each.level == 1), "")
    return Content("".join(parts), title, headings)


def _source(cell: dict[str, Any]) -> str:
    written = cell["source"] if "source" in cell else cell["input"]
    joined = written if isinstance(written, str) else "".join(written)
    # half of a character that JSON can name and no file can hold
    return joined.encode("utf-8", "replace").decode("utf-8").replace("\r\n", "\n")
