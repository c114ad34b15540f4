"""Optimistic clients: what they see before the server has decided, and after."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.simulators.hybrid.rebase import CALENDAR, Client, Mutation, Server


def test_a_booking_that_the_server_gave_to_another_vanishes_with_the_rebase() -> None:
    server, ann, ben = Server(CALENDAR), Client("ann", CALENDAR), Client("ben", CALENDAR)
    first, second = ann.mutate("book", ("room 1", "Ann")), ben.mutate("book", ("room 1", "Ben"))
    assert first and second and ben.view["rooms"] == {"room 1": "Ben"}
    assert server.push(first) and not server.push(second)
    assert ben.pull(server.state, acknowledged=0) == [second]  # the answer to Ben's own is still under way
    assert ben.view["rooms"] == {"room 1": "Ann"}
    ben.pull(server.state, server.seen["ben"])
    assert ben.pending == [] and server.refused == [second]


def test_a_mutation_that_arrives_twice_counts_once_and_a_gap_is_refused() -> None:
    server = Server(CALENDAR)
    one = Mutation("ann", 1, "note", ("standup", "bring coffee"))
    assert server.push(one) and not server.push(one)
    assert server.state["notes"] == {"standup": ("bring coffee",)}
    with pytest.raises(ValueError, match="mutation 3 came before 2"):
        server.push(Mutation("ann", 3, "note", ("standup", "x")))


WISH = st.tuples(
    st.integers(0, 2),
    st.sampled_from(["book", "note", "colour"]),
    st.sampled_from(["x", "y"]),
    st.sampled_from(["mutate", "push", "pull"]),
)


@given(st.lists(WISH, max_size=40))
def test_when_all_is_delivered_every_client_sees_the_servers_state(wishes: list[Any]) -> None:
    server = Server(CALENDAR)
    clients = [Client(str(number), CALENDAR) for number in range(3)]
    sent: dict[str, list[Mutation]] = {client.name: [] for client in clients}
    for number, name, target, step in wishes:
        client = clients[number]
        if step == "mutate":
            made = client.mutate(name, (target, client.name))
            sent[client.name] += [made] if made else []
        elif step == "push" and sent[client.name]:
            server.push(sent[client.name].pop(0))
        elif step == "pull":
            client.pull(server.state, server.seen.get(client.name, 0))
            assert all(mutation.number > server.seen.get(client.name, 0) for mutation in client.pending)
    for client in clients:
        for mutation in sent[client.name]:
            server.push(mutation)
    for client in clients:
        client.pull(server.state, server.seen.get(client.name, 0))
        assert client.view == server.state and client.pending == []
