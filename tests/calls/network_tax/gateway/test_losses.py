"""The list of losses is a test suite: the naive gateway fails each test of it, the told one passes each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from companion.calls.network_tax.gateway.losses import LOSSES, Bench, Loss, bench, kept
from companion.calls.network_tax.gateway.naive import naive
from companion.calls.network_tax.gateway.told import told

each_loss = pytest.mark.parametrize("loss", LOSSES, ids=lambda loss: loss.name)


@pytest.fixture(scope="module")
def naive_bench() -> Iterator[Bench]:
    with bench(naive) as running:
        yield running


@pytest.fixture(scope="module")
def told_bench() -> Iterator[Bench]:
    with bench(told) as running:
        yield running


@each_loss
def test_the_naive_gateway_loses(naive_bench: Bench, loss: Loss) -> None:
    assert not loss.arrives(naive_bench)


@each_loss
def test_the_told_gateway_passes_on(told_bench: Bench, loss: Loss) -> None:
    assert loss.arrives(told_bench)


def test_the_naive_gateway_works_on_the_day_on_which_it_is_tried(naive_bench: Bench) -> None:
    assert naive_bench.put(b'{"owner": "Bob", "balance": 5}', id=3).json() == {
        "id": "3",
        "owner": "Bob",
        "balance": "5",
    }
    assert naive_bench.get("/accounts/3").json()["owner"] == "Bob"
    assert len(naive_bench.get("/accounts/3/entries").json()) == 3


def test_the_list_has_no_name_twice() -> None:
    assert len({loss.name for loss in LOSSES}) == len(LOSSES)


def test_what_is_kept_is_told_for_the_whole_list() -> None:
    assert kept(told) == {loss.name: True for loss in LOSSES}
