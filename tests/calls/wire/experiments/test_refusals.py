"""How HTTP/2 ends a call: what the frames say, what the caller is told, and how often the call was carried out."""

from typing import Any

import grpc
import pytest

from companion.calls.wire.experiments.refusals import ENDINGS, go_away, refusals, reset, says_not_executed
from companion.calls.wire.recording.http2 import REFUSED_STREAM, read_frames


@pytest.mark.parametrize("retries", [False, True])
def test_what_the_wire_says_of_a_call_is_true(retries: bool) -> None:
    for ending, found in zip(ENDINGS, refusals(retries), strict=True):
        assert found.ending == ending.name
        assert found.not_executed is not ending.executes
        assert found.executed == int(ending.executes) + (found.sent - 1)
        assert found.executed <= 1  # nothing is sent again that may have been carried out


def test_without_retries_no_call_is_sent_again() -> None:
    assert {found.sent for found in refusals(retries=False)} == {1}


def test_the_library_sends_again_unless_it_is_told_not_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with_retries, channel = refusals(retries=True), grpc.insecure_channel

    def as_it_comes(address: str, options: list[tuple[str, Any]]) -> grpc.Channel:
        return channel(address, options=[option for option in options if option[0] != "grpc.enable_retries"])

    monkeypatch.setattr(grpc, "insecure_channel", as_it_comes)
    assert refusals(retries=False) == with_retries
    assert [found.ending for found in with_retries if found.sent > 1] == [ENDINGS[-1].name]


def test_only_a_refusal_of_this_very_stream_says_that_it_was_not_executed() -> None:
    for data, stream, expected in (
        (b"", 3, False),
        (reset(3, REFUSED_STREAM), 3, True),
        (reset(1, REFUSED_STREAM), 3, False),
        (reset(3, 2), 3, False),
        (go_away(1), 3, True),
        (go_away(3), 3, False),
        (go_away(2**31 - 1), 3, False),  # how a graceful end begins
    ):
        assert says_not_executed(read_frames(data), stream) is expected, data
