"""What a file says about itself in comments: which rule is silent where and why, and what is restricted.

    <!-- lint off timeline-gap: nobody was at the keyboard between 15:07 and 15:22 -->
    <!-- lint warning action-owner: we open tickets under the owning team -->

At the top of the file, before anything is said, such a remark holds for the whole file; beside words, for these words;
alone, for what comes next, and before a heading for all that stands below it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import Any

from companion.operations.postmortems.document import Block, PostmortemError, Section, Silence

_REMARK = re.compile(r"lint\s+(off|warning|error)\s+([a-z][a-z-]*)\s*(?:[:–—-]\s*|\bbecause\b\s*)?(.*)\Z", re.S)


def silences_of(
    blocks: Sequence[Block], sections: Sequence[Section], last: int, values: Mapping[str, Any], lines: Mapping[str, int]
) -> tuple[Silence, ...]:
    """Read what turns a rule off or down: the front matter's ``lint``, and comments.

    Parameters
    ----------
    blocks, sections
        The document's.
    last
        Its last line.
    values, lines
        The front matter, and the line of each key.
    """
    found = list(_in_front(values.get("lint"), lines.get("lint", 1)))
    said = sorted((block for block in blocks if block.kind != "comment"), key=lambda block: block.line)
    begins = [block.line for block in said]
    ends = list(accumulate((block.line + block.text.count("\n") for block in said), max))
    for block in blocks:
        remark = _REMARK.match(block.text) if block.kind == "comment" else None
        if remark:
            place = bisect_right(begins, block.line)  # of the first block after it
            beside = place > 0 and ends[place - 1] >= block.line
            where = (block.line, block.line) if beside else _next(said, place, sections, last)
            found.append(Silence(remark[2], remark[1], remark[3].strip(), where, block.line))
    return tuple(found)


def _in_front(lint: Any, line: int) -> list[Silence]:
    if not isinstance(lint, Mapping):
        return []
    found = []
    for rule, value in list(lint.items())[:100]:
        said = value if isinstance(value, Mapping) else {"level": value}
        level = "off" if said.get("level", "off") is False else str(said.get("level", "off"))  # YAML reads off as false
        found.append(Silence(str(rule), level, str(said.get("reason") or ""), None, line))
    return found


def _next(said: Sequence[Block], place: int, sections: Sequence[Section], last: int) -> tuple[int, int] | None:
    """Give the lines of what follows a remark that stands alone; None, the whole file, if nothing is said before it."""
    if place in (0, len(said)):
        return None
    after = said[place]
    if after.kind == "heading":
        return after.line, _end(sections, after.line, after.level, last)
    return after.line, after.line + after.text.count("\n")


def _end(sections: Sequence[Section], line: int, level: int, last: int) -> int:
    """Give the last line of what stands below a heading."""
    return next((one.line for one in sections if one.line > line and 0 < one.level <= level), last + 1) - 1


def restricted_of(
    blocks: Sequence[Block], sections: Sequence[Section], last: int, path: str
) -> tuple[tuple[int, int], ...]:
    """List the lines that are restricted: below a heading that ends in ``(restricted)``, or between two comments.

    Raises
    ------
    PostmortemError
        If a passage is opened twice, never closed, or closed without being open.
    """
    found = []
    for section in sections:
        if re.search(r"\(restricted\)\s*$", section.heading, re.I):
            found.append((section.line, _end(sections, section.line, section.level, last)))
    opened: int | None = None
    for block in blocks:
        word = block.text.strip().lower() if block.kind == "comment" else ""
        if word == "restricted":
            if opened is not None:
                raise PostmortemError(
                    f"{path}:{block.line}: restricted since line {opened} already; close it by <!-- /restricted -->"
                )
            opened = block.line
        elif word == "/restricted":
            if opened is None:
                raise PostmortemError(f"{path}:{block.line}: <!-- /restricted --> closes nothing")
            found.append((opened, block.line))
            opened = None
    if opened is not None:
        raise PostmortemError(f"{path}:{opened}: <!-- restricted --> is never closed by <!-- /restricted -->")
    return tuple(sorted(found))
