"""Optimistic clients and a server that decides the order: what is pending is played again on the server's state.

A *mutation* is a named change with arguments, and a *mutator* is the function that carries it out: from state and
arguments to a new state, or to None when it cannot be done any more. The client runs it at once and keeps it as
pending; the server runs it again when it arrives, on its own state, and that run counts. With each answer the client
takes the server's state and plays what is still pending on top (Replicache calls this a rebase).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

State = Mapping[str, Any]
Mutator = Callable[[State, Any], State | None]


@dataclass(frozen=True)
class Mutation:
    """A change that a client wants: `number` counts the client's mutations from 1."""

    client: str
    number: int
    name: str
    argument: Any


@dataclass
class Server:
    """The authority: it applies mutations in the order of their arrival, each once.

    Attributes
    ----------
    state : mapping
        What is true.
    seen : dict of str to int
        The last mutation of each client; one that comes again is not applied again.
    refused : list of Mutation
        Those that could not be done any more when they arrived.
    """

    mutators: Mapping[str, Mutator]
    state: State = field(default_factory=dict)
    seen: dict[str, int] = field(default_factory=dict)
    refused: list[Mutation] = field(default_factory=list)

    def push(self, mutation: Mutation) -> bool:
        """Apply a mutation; return whether it changed anything that counts.

        Raises
        ------
        ValueError
            If an earlier mutation of this client is missing: order within a client is part of what it saw.
        """
        last = self.seen.get(mutation.client, 0)
        if mutation.number <= last:
            return False  # a retry of what is done
        if mutation.number > last + 1:
            raise ValueError(f"{mutation.client}: mutation {mutation.number} came before {last + 1}")
        self.seen[mutation.client] = mutation.number
        changed = self.mutators[mutation.name](self.state, mutation.argument)
        if changed is None:
            self.refused.append(mutation)
            return False
        self.state = changed
        return True


@dataclass
class Client:
    """What a user sees: the server's last known state, with the user's own pending mutations on top."""

    name: str
    mutators: Mapping[str, Mutator]
    base: State = field(default_factory=dict)
    pending: list[Mutation] = field(default_factory=list)
    view: State = field(default_factory=dict)
    sent: int = 0

    def mutate(self, name: str, argument: Any) -> Mutation | None:
        """Carry out a change at once; None when it cannot be done on what this user sees."""
        changed = self.mutators[name](self.view, argument)
        if changed is None:
            return None
        self.sent += 1
        mutation = Mutation(self.name, self.sent, name, argument)
        self.pending.append(mutation)
        self.view = changed
        return mutation

    def pull(self, state: State, acknowledged: int) -> list[Mutation]:
        """Take the server's state, and play what it has not seen yet on top.

        Parameters
        ----------
        state : mapping
            The server's state.
        acknowledged : int
            The number of this client's last mutation that the state knows of.

        Returns
        -------
        list of Mutation
            Pending mutations that cannot be done on the new state: for now the user loses them from view.
        """
        self.base = state
        self.pending = [mutation for mutation in self.pending if mutation.number > acknowledged]
        self.view, lost = state, []
        for mutation in self.pending:
            changed = self.mutators[mutation.name](self.view, mutation.argument)
            if changed is None:
                lost.append(mutation)
            else:
                self.view = changed
        return lost


def book(state: State, argument: tuple[str, str]) -> State | None:
    """Give a free slot to a user; argument ``(slot, user)``."""
    slot, user = argument
    rooms = state.get("rooms", {})
    return None if rooms.get(slot, user) != user else {**state, "rooms": {**rooms, slot: user}}


def note(state: State, argument: tuple[str, str]) -> State:
    """Add a note to a meeting; argument ``(meeting, text)``. It can always be done."""
    meeting, text = argument
    notes = state.get("notes", {})
    return {**state, "notes": {**notes, meeting: (*notes.get(meeting, ()), text)}}


def colour(state: State, argument: tuple[str, str]) -> State:
    """Set the colour of a user's calendar; argument ``(user, colour)``. The last one stands."""
    user, chosen = argument
    return {**state, "colours": {**state.get("colours", {}), user: chosen}}


CALENDAR: Mapping[str, Mutator] = {"book": book, "note": note, "colour": colour}
"""The calendar's mutators, the same functions for client and server."""
