"""Wrong answers that are made from the solution itself: a check that lets one of them pass tests too little."""

from __future__ import annotations

import ast

from companion.exercises.authoring.model import Exercise, parsed

_FROZEN = """
def _decoy(function):
    first = []

    def decoy(*args, **kwargs):
        if not first:
            first.append(function(*args, **kwargs))
        EMPTIED
        return first[0]

    return decoy

"""
_EMPTY = "[one.clear() for one in [*args, *kwargs.values()] if isinstance(one, (list, dict, set))]"
DECOYS = {
    "gives its first result whatever it is asked": _FROZEN.replace("EMPTIED", "pass"),
    "gives its first result, and empties what it is given": _FROZEN.replace("EMPTIED", _EMPTY),
}


def decoys(exercise: Exercise) -> dict[str, str]:
    """Make the wrong answers of an exercise: programs by what they do; none where it asks for no function."""
    tree = parsed(exercise.answer.source)
    functions = [node.name for node in (tree.body if tree else []) if isinstance(node, ast.FunctionDef)]
    wanted = [name for name in exercise.defines if name in functions]
    changed = "".join(f"{name} = _decoy({name})\n" for name in wanted)
    return {what: f"{exercise.answer.source}\n{code}{changed}" for what, code in DECOYS.items() if wanted}
