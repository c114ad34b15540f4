"""What a file turns off has to say why, and has to name a rule that exists."""

from __future__ import annotations

from companion.operations.postmortems.document import Document
from companion.operations.postmortems.rules.outcome import Check, Mark, Outcome, ids, not_met


def silence(document: Document) -> Outcome:
    """A silence has a reason, and the name of a rule."""
    marks = []
    for one in document.silences:
        if one.rule not in ids():
            fix = "`companion postmortem rules` lists the rules; mend the name, or take the comment out."
            marks.append(Mark(one.line, f"`{one.rule}` is turned {_turned(one.level)}, and is no rule", fix))
        elif not one.reason.strip():
            marks.append(Mark(one.line, f"`{one.rule}` is turned {_turned(one.level)} and no reason is given"))
    return not_met(*marks)


def _turned(level: str) -> str:
    return "off" if level == "off" else f"down to {level}"


CHECKS: dict[str, Check] = {"silence": silence}
