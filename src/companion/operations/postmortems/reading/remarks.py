"""What a file says about itself in comments: which rule is silent where and why, and what is restricted.

    <!-- lint off timeline-gap: nobody was at the keyboard between 15:07 and 15:22 -->
    <!-- lint warning action-owner: we open tickets under the owning team -->

At the top of the file, before anything is said, such a remark holds for the whole file; beside words, for these words; alone,
for what comes next, and before a heading for all that stands below it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
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
    said = [block for block in blocks if block.kind != "comment"]
    for block in blocks:
        remark = _REMARK.match(block.text) if block.kind == "comment" else None
        if remark:
            found.append(
                Silence(remark[2], remark[1], remark[3].strip(), _range(block, said, sections, last), block.line)
            )
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


def _range(comment: Block, said: Sequence[Block], sections: Sequence[Section], last: int) -> tuple[int, int] | None:
    beside = [block for block in said if block.line <= comment.line <= block.line + block.text.count("\n")]
    if beside:
        return comment.line, comment.line
    following = [block for block in said if block.line > comment.line]
    if not any(block.line < comment.line for block in said) or not following:
        return None
    after = following[0]
    if after.kind == "heading":
        ends = [one.line for one in sections if one.line > after.line and one.level <= after.level]
        return after.line, min(ends, default=last + 1) - 1
    return after.line, after.line + after.text.count("\n")


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
            ends = [one.line for one in sections if one.line > section.line and one.level <= section.level]
            found.append((section.line, min(ends, default=last + 1) - 1))
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
