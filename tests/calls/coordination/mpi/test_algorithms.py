"""The chapter's lines and the package's are the same: what is shown is what runs over MPI."""

from __future__ import annotations

import pytest

from companion.calls.coordination.mpi.algorithms import ALGORITHMS, Receive, Send


def test_a_rank_is_asked_one_step_after_another() -> None:
    steps = ALGORITHMS["binomial"](1, 4, None)
    assert next(steps) == Receive(0)
    assert steps.send("news") == Send(3, "news")
    with pytest.raises(StopIteration) as end:
        steps.send(None)
    assert end.value.value == "news"
