"""Which state may follow which.

    submitted ──► working ──► completed, failed, rejected
        │           │  ▲
        │           ▼  │
        │      input-required, auth-required
        ▼           ▼
     canceled    canceled

The A2A specification names the eight states, says which four are final, and leaves the rest to the agent. So this table
is ours. It is small because it is asked where it counts: in the UPDATE that moves a task (see `store`), so that a move
which the table does not have changes no row, whoever attempts it and whenever.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """How far a task is."""

    SUBMITTED = "submitted"
    WORKING = "working"
    INPUT_REQUIRED = "input-required"
    AUTH_REQUIRED = "auth-required"
    COMPLETED = "completed"
    CANCELED = "canceled"
    FAILED = "failed"
    REJECTED = "rejected"

    @property
    def wire(self) -> str:
        """The name of the state in the protocol, such as ``TASK_STATE_WORKING``."""
        return "TASK_STATE_" + self.name


FINAL = frozenset({State.COMPLETED, State.CANCELED, State.FAILED, State.REJECTED})
"""Nothing follows these."""

WAITING = frozenset({State.INPUT_REQUIRED, State.AUTH_REQUIRED})
"""It is the caller's turn."""

MOVES: dict[State, frozenset[State]] = {
    State.SUBMITTED: frozenset({State.WORKING, State.CANCELED, State.REJECTED, State.FAILED}),
    State.WORKING: FINAL | WAITING | {State.WORKING},  # from working to working: progress
    State.INPUT_REQUIRED: frozenset({State.WORKING, State.CANCELED, State.FAILED}),
    State.AUTH_REQUIRED: frozenset({State.WORKING, State.CANCELED, State.FAILED}),
    **dict.fromkeys(FINAL, frozenset[State]()),
}
"""The legal moves: where each state leads."""


def predecessors(state: State) -> list[State]:
    """List the states that lead to one, for the WHERE of the statement that goes there."""
    return [before for before, after in MOVES.items() if state in after]
