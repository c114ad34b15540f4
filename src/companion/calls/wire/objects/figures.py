"""The figure of the chapter's far objects: cures against hostile pickles, and attacks that they do not stop."""

from collections.abc import Sequence

from companion.calls.wire.objects.invoker import OUTCOMES, Attempt
from companion.figures import Figure, matrix


def figure_cures(attempts: Sequence[Attempt]) -> Figure:
    """Draw what came of each body with each cure."""
    cells = {(attempt.attack, attempt.cure): attempt.outcome for attempt in attempts}
    cures = list(dict.fromkeys(cure for _, cure in cells))
    bad = ("runs", "takes the memory")
    safe = [cure for cure in cures if not any(cells[attack, cure] in bad for attack, other in cells if other == cure)]
    title = f"With {len(safe)} of {len(cures) - 1} cures nothing runs and nothing takes the memory: {', '.join(safe)}"
    kinds = {outcome: sign for outcome, sign in OUTCOMES.items() if outcome in cells.values()}
    return matrix(title, "what is posted", "how the server reads it", cells, kinds)
