"""What a file turns off has to say why, and has to name a rule that exists."""

from __future__ import annotations

from companion.operations.postmortems.document import Document
from companion.operations.postmortems.rules.outcome import Check, Mark, Outcome, ids, not_met

LEVELS = ("off", "warning", "error")


def silence(document: Document) -> Outcome:
    """A silence has a reason, and the name of a rule."""
    marks = []
    for one in document.silences:
        if one.rule not in ids():
            fix = "`companion postmortem rules` lists the rules; mend the name, or take the comment out."
            marks.append(Mark(one.line, f"`{one.rule}` is turned {_turned(one.level)}, and is no rule", fix))
        elif one.level not in LEVELS:
            fix = f"Write one of {', '.join(LEVELS)}."
            marks.append(Mark(one.line, f"`{one.rule}` is turned `{one.level}`, which is no level", fix))
        elif not one.reason.strip() and one.level != "error":
            marks.append(Mark(one.line, f"`{one.rule}` is turned {_turned(one.level)} and no reason is given"))
    return not_met(*marks)


def _turned(level: str) -> str:
    return {"warning": "down to a warning", "error": "up to an error"}.get(level, level)


CHECKS: dict[str, Check] = {"silence": silence}
