"""The figures of the chapter's far objects."""

from collections.abc import Sequence

from companion.calls.wire.objects.endings import Ending
from companion.calls.wire.objects.invoker import OUTCOMES, Attempt
from companion.figures import Figure, matrix


def figure_cures(attempts: Sequence[Attempt]) -> Figure:
    """Draw what came of each body with each cure."""
    cells = {(attempt.attack, attempt.cure): attempt.outcome for attempt in attempts}
    cures = list(dict.fromkeys(cure for _, cure in cells))
    bad = ("runs", "takes the memory")
    safe = [cure for cure in cures if not any(cells[attack, cure] in bad for attack, other in cells if other == cure)]
    title = f"Of {len(cures) - 1} cures {len(safe)} stops every attack: {', '.join(safe) or 'none'}"
    kinds = {outcome: sign for outcome, sign in OUTCOMES.items() if outcome in cells.values()}
    return matrix(title, "what is posted", "how the server reads it", cells, kinds)


def figure_completion(endings: Sequence[Ending]) -> Figure:
    """Draw what the ORB says of each failed call beside what was done."""
    said = {"NO": "not executed", "MAYBE": "maybe executed"}
    cells = {}
    for ending in endings:
        cells[ending.what, "the ORB says"] = said[ending.completed]
        cells[ending.what, "in truth"] = "executed" if ending.executed else "not executed"
    sure = sum(ending.completed == "NO" for ending in endings)
    title = f"CORBA says of {sure} of {len(endings)} failed calls that they were not executed"
    return matrix(title, "what went wrong", "", cells, {"not executed": "no", "maybe executed": "?", "executed": "yes"})
