"""Red or blue: which operations may run without coordination (Li et al. 2012).

An operation is split in two: a *generator* that reads the state at its own site and decides, and the *shadow* that it
emits, which every site applies. Shadows are what is labelled: one may be blue if it commutes with all others and can
never break the invariant wherever it is applied; otherwise it is red. A generator that refuses emits a shadow that
changes nothing, and that is blue. All is decided here over a finite world of states.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

State = TypeVar("State", bound=Hashable)
Shadow = Callable[[State], State]


@dataclass(frozen=True)
class Label:
    """The verdict on a shadow: `red` or not, and `why`, with a state as evidence when it is red."""

    red: bool
    why: str


@dataclass(frozen=True)
class Operations(Generic[State]):
    """What there is to label.

    Attributes
    ----------
    states : sequence
        The valid states of the world.
    generators : mapping of str to callable
        From the state at the origin to the shadow, or None where the operation refuses there: nothing is changed.
    valid : callable
        The invariant.
    """

    states: Sequence[State]
    generators: Mapping[str, Callable[[State], Shadow[State] | None]]
    valid: Callable[[State], bool]


def label(operations: Operations[State]) -> dict[str, Label]:
    """Label the shadows of every operation, with the reason; ``"name, refused"`` is that of an operation that refuses.

    Two shadows must commute wherever both may be applied; a pair that does not turns both red, since one of them alone
    in the order of the red ones would not settle which comes first.
    """
    shadows: dict[str, list[Shadow[State]]] = {}
    for name, generate in operations.generators.items():
        emitted = [generate(state) for state in operations.states]
        shadows[name] = [shadow for shadow in emitted if shadow is not None]
        if None in emitted:
            shadows[f"{name}, refused"] = [_nothing]
    return {name: _labelled(name, shadows, operations) for name in shadows}


def _nothing(state: State) -> State:
    return state


def _labelled(name: str, shadows: Mapping[str, Sequence[Shadow[State]]], world: Operations[State]) -> Label:
    for state in world.states:
        for shadow in shadows[name]:
            after = shadow(state)
            if not world.valid(after):
                return Label(True, f"decided elsewhere and applied to {state!r} it gives {after!r}, which is not valid")
            for other, others in shadows.items():
                for second in others:
                    if second(shadow(state)) != shadow(second(state)):
                        return Label(True, f"on {state!r} it does not commute with {other!r}")
    return Label(False, "it commutes with all and can break nothing")


def _interest_as_a_product(balance: int) -> Shadow[int]:
    return lambda seen: seen + seen // 10


def _interest_as_an_amount(balance: int) -> Shadow[int]:
    amount = balance // 10  # decided at the origin: the shadow adds a number, and additions commute
    return lambda seen: seen + amount


def _withdraw(balance: int) -> Shadow[int] | None:
    return (lambda seen: seen - 60) if balance >= 60 else None


ACCOUNT = Operations[int](
    tuple(range(0, 201, 20)),
    {"deposit": lambda _: lambda seen: seen + 60, "withdraw": _withdraw,
     "accrue interest": _interest_as_an_amount},
    lambda balance: balance >= 0,
)  # fmt: skip
"""The account of the RedBlue paper, with interest turned into an amount where it is computed."""

ACCOUNT_NAIVE = Operations[int](
    ACCOUNT.states, {**ACCOUNT.generators, "accrue interest": _interest_as_a_product}, ACCOUNT.valid
)
"""The same with interest computed wherever it is applied: a product does not commute with a sum."""
