"""The lines that stand on the chapter's page do what the package does."""

from __future__ import annotations

from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import nbformat
import pytest
from hypothesis import given

from companion.history import check
from companion.parameters import chosen
from companion.simulators.consistency import PRESETS, promises
from companion.simulators.consistency.hands_on.build import HALF_WRITTEN, outcome
from companion.simulators.consistency.hands_on.trace import listened
from companion.simulators.consistency.model import record
from tests.simulators.consistency.test_promises import small_histories

CHAPTER = Path(__file__).parents[3] / "chapters" / "19-consistency.ipynb"


def lines_of(cell: str, **given: Any) -> dict[str, Any]:
    """Run a cell of the page by itself."""
    notebook = nbformat.read(CHAPTER, as_version=4)
    (source,) = (one.source for one in notebook.cells if one.id == cell)
    with redirect_stdout(StringIO()):
        exec(source, given)
    return given


QUORUM_READ = lines_of("consistency-002a")["quorum_read"]
PAGE = lines_of("consistency-map-lines")


@pytest.mark.parametrize("level", ["one", "majority", "all"])
def test_a_quorum_read_is_the_simulators(level: str) -> None:
    settings = chosen("majority", PRESETS, {
        "consistency_level": level, "n_clients": 5, "n_keys": 1, "duration": 1.0, "think_time": 12.0})  # fmt: skip
    cluster, records = listened(settings)
    versions = {None: -1.0} | {one.value: one.begun for one in records if one.f == "write"}
    reads = [one for one in records if one.f == "read" and one.returned is not None]
    for one in reads:
        replies = [sent for sent in cluster.noted if sent.kind == "reply" and sent.of == one.invoked]
        answers = [(sent.arrives, versions[sent.value], sent.value) for sent in replies]
        assert QUORUM_READ(answers, settings.quorums[0]) == (one.ended, one.value)
    assert len(reads) > 5


@pytest.mark.parametrize("write_back", [False, True])
def test_a_read_that_writes_back_is_the_builders_and_the_simulators(write_back: bool) -> None:
    read = lines_of("consistency-017a")["read"]
    replicas = [(1, 1), (0, None), (0, None)]
    values = [read(replicas, (0, 1), write_back), read(replicas, (1, 2), write_back)]
    assert values == [one.value for one in outcome(HALF_WRITTEN, write_back=write_back)[0][1:]]
    level = "majority+writeback" if write_back else "majority"
    runs = [
        record(chosen("lone_read", PRESETS, {"consistency_level": level, "seed": seed, "duration": 60.0}), [40] * 4)
        for seed in range(10)
    ]
    histories = [[one.operation for one in run if one.f == "write" or one.returned is not None] for run in runs]
    assert all(check(history).linearizable for history in histories) is write_back


@given(small_histories())
def test_the_definitions_of_linearizable_and_sequential_are_the_packages(history: Any) -> None:
    for mine, before in ((promises.linearizable, "real_time"), (promises.sequential, "same_process")):
        assert PAGE["explained"](history, PAGE[before]) is mine(history)


def test_who_answers_when_a_primary_confirms_itself_is_whoever_a_majority_follows() -> None:
    read_index = lines_of("consistency-read-index")["read_index"]
    primary = {"term": 2, "value": "new"}
    for followers in range(5):
        others = [{"term": 2}] * followers + [{"term": 3}] * (4 - followers)
        assert (read_index(primary, others, 3) == "new") is (followers >= 2)
