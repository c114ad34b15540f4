"""What the exercises are checked against is what PostgreSQL does, and what a connection can lose."""

from __future__ import annotations

import random

import pytest

from companion.services.tenancy.exercises import ALL_ROWS, Feed, Policy, shown, some_policies
from companion.services.tenancy.leaks import Laboratory


def in_sql(number: int, policy: Policy) -> str:
    kind = "permissive" if policy.permissive else "restrictive"
    test = f"{policy.column} = '{policy.value}'"
    said = f"with check ({test})" if policy.command == "insert" else f"using ({test})"
    return f"create policy p{number} on things as {kind} for {policy.command} {said};"


@pytest.mark.parametrize("seed", range(25))
def test_policies_are_combined_as_postgresql_does(lab: Laboratory, seed: int) -> None:
    policies = some_policies(random.Random(seed))
    lab.renew()
    lab.change(
        "create table things (tenant text, state text); grant select on things to companion_app;"
        "alter table things enable row level security; insert into things values "
        + ", ".join(f"('{row['tenant']}', '{row['state']}')" for row in ALL_ROWS)
    )
    lab.change("".join(in_sql(number, policy) for number, policy in enumerate(policies)))
    with lab.request() as connection:
        rows = connection.execute("select tenant, state from things").fetchall()
    assert {*rows} == {(row["tenant"], row["state"]) for row in ALL_ROWS if shown(policies, row)}


def test_a_feed_forgets_what_it_heard_when_it_breaks_off_and_others_go_on() -> None:
    broke = []
    for seed in range(40):
        feed = Feed(random.Random(seed), breaks=1)
        try:
            feed.listen()
            feed.load()
        except ConnectionError:
            assert feed.heard == [] and not feed.listening
            broke.append(seed)
    assert 5 < len(broke) < 40


def test_what_is_revoked_after_listening_is_heard() -> None:
    feed = Feed(random.Random(1))
    feed.listen()
    before = dict(feed._all)
    for _ in range(20):
        feed.load()
    assert {number for number, _ in feed.heard} >= feed._all.keys() - before.keys()
