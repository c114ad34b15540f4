"""The laws that a state, its updates and its merge must obey; where one is broken, its name.

They are needed and not enough: `spec` says what a set should hold besides. Reference: Shapiro et al. 2011.
"""

from __future__ import annotations

from typing import Any


def grows(old: Any, new: Any) -> bool:
    """Tell whether an update is an inflation in the type's own order: merging the old into the new changes nothing."""
    return bool(old.merge(new) == new and new.merge(old) == new)


def broken(a: Any, b: Any, c: Any) -> list[str]:
    """Name the laws of a join that three states break.

    Parameters
    ----------
    a, b, c : object
        States of one type that can occur in one execution.

    Returns
    -------
    list of str
        Some of ``idempotent``, ``commutative`` and ``associative``, in this order.
    """
    laws = {
        "idempotent": a.merge(a) == a and a.merge(b).merge(b) == a.merge(b),
        "commutative": a.merge(b) == b.merge(a),
        "associative": a.merge(b).merge(c) == a.merge(b.merge(c)),
    }
    return [name for name, holds in laws.items() if not holds]
