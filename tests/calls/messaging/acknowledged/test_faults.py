"""A broker that is killed under load loses nothing that it acknowledged; one without power does."""

import asyncio

import pytest

from companion.calls.messaging.acknowledged import faults
from companion.calls.messaging.acknowledged.durability import apart
from companion.calls.messaging.acknowledged.faults import (
    GONE,
    Outcome,
    _while_it_lives,
    kill_again_and_again,
)
from companion.calls.messaging.broker import BrokerError, running


def story(kills: int, seed: int, sync: str | None = None, kept: float = 1.0, message_ids: bool = False) -> Outcome:
    with running(sync=sync) as broker:
        return apart(lambda: kill_again_and_again(broker, kills=kills, seed=seed, kept=kept, message_ids=message_ids))


@pytest.mark.parametrize("sync", [None, "always"])
def test_three_kills_lose_nothing_that_was_acknowledged(sync: str | None) -> None:
    outcome = story(3, seed=1, sync=sync)
    assert (outcome.kills, outcome.acknowledged, outcome.lost, outcome.taken_wrongly) == (3, 160, 0, 0)


def test_with_message_ids_nothing_is_stored_twice() -> None:
    outcome = story(3, seed=2, message_ids=True)
    assert (outcome.acknowledged, outcome.lost, outcome.stored_twice, outcome.taken_wrongly) == (160, 0, 0, 0)


def test_a_power_cut_loses_what_was_acknowledged() -> None:
    outcome = story(1, seed=3, kept=0.2)
    assert outcome.acknowledged == 80
    assert outcome.lost > 0


def test_what_goes_wrong_for_another_reason_is_raised() -> None:
    async def wrong() -> None:
        raise ValueError("a mistake of ours")

    async def gone() -> None:
        raise GONE[-1]

    async def play() -> None:
        over = asyncio.Event()
        asyncio.get_running_loop().call_later(0.01, over.set)
        await _while_it_lives(gone(), wrong(), until=over)

    with pytest.raises(ValueError, match="a mistake of ours"):
        asyncio.run(play())


def test_a_story_that_does_not_come_to_its_end_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "PATIENCE", 0.05)

    async def play() -> None:
        await _while_it_lives(asyncio.sleep(100), until=asyncio.Event())

    with pytest.raises(BrokerError, match="not through"):
        asyncio.run(play())


@pytest.mark.soak
@pytest.mark.parametrize("message_ids", [False, True])
@pytest.mark.parametrize("sync", [None, "always"])
@pytest.mark.parametrize("seed", range(3))
def test_twenty_kills_lose_nothing_that_was_acknowledged(seed: int, sync: str | None, message_ids: bool) -> None:
    outcome = story(20, seed, sync=sync, message_ids=message_ids)
    assert (outcome.acknowledged, outcome.lost, outcome.taken_wrongly) == (840, 0, 0)
    assert outcome.delivered_again > 0 and outcome.credulous > 0
    assert (outcome.stored_twice == 0) == message_ids
