"""What may run without coordination, and what may not: labels, confluence, CALM, the account, and the rebase."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.simulators.hybrid.account import POLICIES, play
from companion.simulators.hybrid.calm import deadlocked, garbage, orders_that_retract, reachable
from companion.simulators.hybrid.calm import play as ask
from companion.simulators.hybrid.confluence import EXAMPLES, World, conflict
from companion.simulators.hybrid.labels import ACCOUNT, ACCOUNT_NAIVE, label
from companion.simulators.hybrid.rebase import CALENDAR, Client, Mutation, Server
from companion.simulators.hybrid.scans import where_escrow_pays

# Labels and confluence


def test_withdrawals_are_red_and_deposits_and_interest_are_blue() -> None:
    assert {name: verdict.red for name, verdict in label(ACCOUNT).items()} == {
        "deposit": False,
        "withdraw": True,
        "accrue interest": False,
    }


def test_interest_that_is_computed_where_it_is_applied_turns_everything_red() -> None:
    verdicts = label(ACCOUNT_NAIVE)
    assert all(verdict.red for verdict in verdicts.values())
    assert "does not commute" in verdicts["deposit"].why


NEEDS = {
    "a room has one booking",
    "a user picks an id that nobody has",
    "a balance is never negative, and one withdraws",
    "every note belongs to a meeting, and meetings are deleted",
    "at most two colours are chosen",
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_exactly_those_invariants_need_coordination_that_theory_says(name: str) -> None:
    assert (conflict(EXAMPLES[name], steps=2) is not None) == (name in NEEDS)


@pytest.mark.parametrize("name", sorted(NEEDS))
def test_a_conflict_is_made_of_two_histories_that_were_valid_by_themselves(name: str) -> None:
    world = EXAMPLES[name]
    found = conflict(world)
    assert found is not None
    ends = []
    for history in (found.left, found.right):
        state = found.start
        for step in history:
            state = world.changes[step](state)
            assert state is not None and world.valid(state)
        ends.append(state)
    assert world.merge(found.start, *ends) == found.merged and not world.valid(found.merged)


def test_a_world_that_starts_in_an_invalid_state_is_refused() -> None:
    world = World((-1,), {}, lambda start, left, right: start, lambda state: state >= 0)
    with pytest.raises(ValueError, match="starts in a valid state"):
        conflict(world)


# CALM

EDGES = st.lists(st.tuples(*[st.sampled_from(["root", "a", "b", "c", "d"])] * 2), max_size=9, unique=True)


@given(EDGES, st.integers())
def test_a_monotone_query_takes_nothing_back_and_ends_alike_in_every_order(edges: list[Any], seed: int) -> None:
    shuffled = edges[:]
    random.Random(seed).shuffle(shuffled)
    for query in (reachable, deadlocked):
        played = ask(query, shuffled)
        assert not played.retracted
        assert not edges or played.answers[-1] == ask(query, edges).answers[-1]


def test_a_query_about_what_is_not_there_takes_answers_back_in_most_orders() -> None:
    edges = [("root", "a"), ("a", "b"), ("b", "c"), ("c", "a"), ("d", "e")]
    assert garbage(frozenset(edges)) == {"d", "e"}
    assert orders_that_retract(deadlocked, edges, 200, seed=11) == 0
    assert orders_that_retract(garbage, edges, 200, seed=11) > 150


def test_deadlock_is_found_by_whoever_has_the_whole_cycle() -> None:
    assert deadlocked(frozenset({("a", "b"), ("b", "a"), ("c", "a")})) == {"a", "b"}
    assert deadlocked(frozenset({("a", "b"), ("b", "c")})) == frozenset()


# The account


@pytest.mark.parametrize("policy", ["red", "escrow"])
@settings(max_examples=60)  # each simulates
@given(st.integers(0, 2**32 - 1), st.floats(0, 500), st.integers(2, 6), st.integers(0, 400))
def test_red_and_escrowed_withdrawals_never_overdraw(
    policy: str, seed: int, latency: float, sites: int, start: int
) -> None:
    outcome = play(policy, seed=seed, network_latency=latency, sites=sites, start=start, deposit_share=0.4,
                   duration=20.0)  # fmt: skip
    assert outcome.overdrawn == 0 and outcome.lowest >= 0


def test_blue_withdrawals_overdraw_the_more_the_farther_the_sites_are() -> None:
    runs = {
        far: sum(play("blue", network_latency=far, seed=seed).overdrawn for seed in range(10)) for far in (0, 40, 200)
    }
    assert runs[0] == 0 < runs[40] < runs[200]


def test_escrow_asks_far_less_often_than_red_withdrawals_do() -> None:
    red, escrow = (play(policy) for policy in ("red", "escrow"))
    assert escrow.asked < red.asked / 3 and escrow.mean_latency < red.mean_latency / 3
    assert escrow.paid == pytest.approx(red.paid, rel=0.02)


def test_escrow_asks_seldom_where_money_is_plenty_and_as_often_as_red_where_it_is_short() -> None:
    alone = where_escrow_pays([0.3, 0.7], [3, 9], scheduler="here")
    assert alone[70.0, 3] > 99 and alone[70.0, 9] > 97
    assert alone[30.0, 9] == pytest.approx(100 / 9, abs=5)  # as with red, where the first site's own need not ask


def test_an_unknown_policy_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=" | ".join(POLICIES)):
        play("green")


# Optimistic clients


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
