"""Prolog's way through rules: the first goal first, the first rule first, and never twice the same question noticed.

A term is a tuple of words, ``("flight", "SFO", "?where")``; a word that begins with ``?`` is a variable. A rule is a
list: its head, and the goals that it needs. The same two rules answer in every direction, and in Prolog's order it
depends on the order of goals whether they answer at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Term = tuple[str, ...]
Rule = Sequence[Term]
Bindings = dict[str, str]

LEFT: tuple[Rule, ...] = (
    [("reach", "?a", "?b"), ("flight", "?a", "?b")],
    [("reach", "?a", "?c"), ("reach", "?a", "?b"), ("flight", "?b", "?c")],
)
"""A journey is a flight; or a journey, and a flight after it."""

RIGHT: tuple[Rule, ...] = (
    [("reach", "?a", "?b"), ("flight", "?a", "?b")],
    [("reach", "?a", "?c"), ("flight", "?a", "?b"), ("reach", "?b", "?c")],
)
"""A journey is a flight; or a flight, and a journey after it."""


def value(word: str, known: Bindings) -> str:
    """Follow a variable to what it stands for; to itself while that is unknown."""
    while word in known:
        word = known[word]
    return word


def unify(one: Term, other: Term, known: Bindings) -> Bindings | None:
    """Give what must hold beside `known` for two terms to be the same; None if nothing can make them so."""
    if len(one) != len(other):
        return None
    for a, b in zip(one, other, strict=True):
        a, b = value(a, known), value(b, known)
        if a != b and a[0] != "?":
            a, b = b, a
        if a != b and a[0] != "?":
            return None
        if a != b:
            known = {**known, a: b}
    return known


def solve(goals: Sequence[Term], rules: Sequence[Rule], known: Bindings, depth: int = 0) -> Iterator[Bindings]:
    """Give the answers in Prolog's order, one by one; whether there is a last one, nobody knows before.

    Parameters
    ----------
    goals : sequence of Term
        All of these are to hold.
    rules : sequence of Rule
        Tried from the first to the last; a fact is a rule with a head alone.
    known : dict of str to str
        What variables stand for.
    depth : int
        How many rules have been used; it makes each use's variables its own.

    Raises
    ------
    RecursionError
        When the first goals lead back to themselves without end.
    """
    if not goals:
        yield known
        return
    first, *rest = goals
    for rule in rules:
        head, *body = [tuple(w + f"~{depth}" if w[0] == "?" else w for w in term) for term in rule]
        if (found := unify(head, first, known)) is not None:
            body = [tuple(value(word, found) for word in term) for term in body]
            yield from solve([*body, *rest], rules, found, depth + 1)


def answers(goal: Term, rules: Sequence[Rule], flights: Sequence[tuple[str, str]]) -> Iterator[Term]:
    """Ask a question of rules and flights: the goal, with its variables filled in, once for each way to prove it."""
    facts: list[Rule] = [[("flight", a, b)] for a, b in flights]
    for known in solve([goal], [*facts, *rules], {}):
        yield tuple(value(word, known) for word in goal)
