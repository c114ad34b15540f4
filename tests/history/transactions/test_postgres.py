"""A real PostgreSQL: what each of its levels promises is held against histories of its own."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any

import psycopg
import pytest

from companion.history.transactions import check_transactions
from companion.history.transactions.postgres import LEVELS, Room, clients, play, random_transaction, record
from companion.services.database import running

NOT_OF_SNAPSHOTS = {"internal", "lost-update", "G-single", "G-nonadjacent"}
"""What read committed lets through, and repeatable read does not."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with running() as server:
        yield server.address


@pytest.fixture
def room(address: str) -> Iterator[Room]:
    with clients(address, 3) as made:
        yield made


def found_in(room: Room, isolation: str, histories: int) -> Counter[str]:
    """Count the histories that show each anomaly; of serializable ones, order in time is looked at too."""
    order = "realtime" if isolation == "serializable" else ""
    return Counter(
        name
        for seed in range(histories)
        for name in check_transactions(record(room, isolation, seed=seed).lines, order=order).names
    )


def test_serializable_shows_nothing(room: Room) -> None:
    assert found_in(room, "serializable", 20) == Counter()


def test_repeatable_read_shows_nothing_that_snapshot_isolation_forbids(room: Room) -> None:
    assert found_in(room, "repeatable read", 20).keys() <= {"G2-item"}


def test_read_committed_shows_nothing_that_it_forbids(room: Room) -> None:
    assert found_in(room, "read committed", 20).keys() <= NOT_OF_SNAPSHOTS | {"G2-item"}


@pytest.mark.soak
def test_thousands_of_histories_show_what_each_level_lets_through_and_no_more(room: Room) -> None:
    found = {level: found_in(room, level, 2_000) for level in LEVELS}
    assert found["serializable"] == Counter()
    assert found["repeatable read"].keys() == {"G2-item"}
    assert found["read committed"].keys() <= NOT_OF_SNAPSHOTS | {"G2-item"}
    assert found["read committed"]["G-single"] > 0 and found["read committed"]["lost-update"] > 0


SKEW: list[list[list[Any]]] = [[["r", "y", None], ["append", "x", 1]], [["r", "x", None], ["append", "y", 1]]]
SAME: list[list[Any]] = [["append", "x", 2]]
TORN: list[list[list[Any]]] = [[["append", "x", 1], ["append", "y", 1]], [["r", "x", None], ["r", "y", None]]]


@pytest.mark.parametrize(
    ("isolation", "names", "ends"),
    [
        ("read committed", ["G2-item"], ["ok", "ok"]),
        ("repeatable read", ["G2-item"], ["ok", "ok"]),
        ("serializable", [], ["ok", "fail"]),
    ],
)
def test_write_skew_is_refused_by_serializable_alone(
    address: str, isolation: str, names: list[str], ends: list[str]
) -> None:
    with clients(address, 2) as two:
        recorded = play(two, isolation, SKEW, [0, 1, 0, 1, 0, 1])
    assert [one["type"] for one in recorded.events] == ["invoke", "invoke", *ends]
    assert check_transactions(recorded.lines).names == names


@pytest.mark.parametrize(
    ("isolation", "names"), [("read committed", ["G-single"]), ("repeatable read", []), ("serializable", [])]
)
def test_half_of_what_another_wrote_is_seen_at_read_committed_alone(
    address: str, isolation: str, names: list[str]
) -> None:
    with clients(address, 2) as two:
        recorded = play(two, isolation, TORN, [1, 0, 0, 0, 1, 1])
    assert check_transactions(recorded.lines).names == names


def test_an_append_that_would_wait_for_ever_is_rolled_back(address: str) -> None:
    with clients(address, 2) as two:
        recorded = play(two, "read committed", [TORN[0][:1], SAME], [0, 1, 1, 0])
    assert [one["type"] for one in recorded.events] == ["invoke", "invoke", "fail", "ok"]
    assert recorded.given_up == 1


def test_a_client_without_a_turn_to_commit_is_refused(address: str) -> None:
    with clients(address, 2) as two, pytest.raises(ValueError, match="client 1 needs a turn for each"):
        play(two, "serializable", SKEW, [0, 1, 0, 1, 0])


def test_the_table_is_gone_when_the_clients_are(address: str) -> None:
    with clients(address, 1):
        pass
    with psycopg.connect(address) as connection:
        assert connection.execute("select to_regclass('append_lists')").fetchone() == (None,)


def test_what_is_asked_follows_from_the_seed() -> None:
    def asked(seed: int) -> list[Any]:
        values: dict[str, Iterator[int]] = {key: count(1) for key in "xyz"}
        rng = random.Random(seed)
        return [random_transaction(rng, list("xyz"), 4, values) for _ in range(20)]

    assert asked(1) == asked(1) != asked(2)
    appends = [(key, value) for does in asked(1) for f, key, value in does if f == "append"]
    assert len(appends) == len(set(appends)) > 10


def test_what_is_rolled_back_is_recorded_and_tried_again_with_new_values(room: Room) -> None:
    recorded = record(room, "serializable", seed=1, transactions=30, keys=1)
    kinds = Counter(one["type"] for one in recorded.events)
    assert kinds["fail"] == recorded.retries + recorded.given_up > 0
    assert kinds["invoke"] == kinds["ok"] + kinds["fail"] == 3 * 30 + recorded.retries
    assert check_transactions(recorded.lines, order="realtime").anomalies == ()


def test_a_connection_that_is_lost_leaves_a_transaction_of_which_nobody_knows(address: str) -> None:
    with clients(address, 2) as room:
        stop = threading.Event()

        def cut() -> None:
            with psycopg.connect(address, autocommit=True) as other:
                while not stop.wait(0.02):
                    other.execute(
                        "select pg_terminate_backend(pid) from pg_stat_activity "
                        "where pid <> pg_backend_pid() and query like '%elements%append_lists%' limit 1"
                    )

        cutter = threading.Thread(target=cut)
        cutter.start()
        try:
            recorded = record(room, "serializable", seed=3, transactions=150)
        finally:
            stop.set()
            cutter.join()
    report = check_transactions(recorded.lines)
    unknown = [one for one in recorded.events if one["type"] == "info"]
    assert unknown and report.names == []
    later = recorded.events[recorded.events.index(unknown[0]) + 1 :]
    assert unknown[0]["process"] not in {one["process"] for one in later}
