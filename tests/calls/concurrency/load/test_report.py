"""A report counts whom its percentiles cannot know."""

import json
import math
from importlib import resources
from typing import Any

import jsonschema
import pytest

from companion.calls.concurrency.load import Report, Sample

SCHEMA = json.loads(resources.files("companion.calls.concurrency.load").joinpath("load.schema.json").read_text())


def report(samples: list[Sample], **changes: Any) -> Report:
    asked: dict[str, Any] = {"url": "http://h/", "rate": 10.0, "seconds": 1.0, "connections": 3, "closed": False}
    return Report(**asked | changes, samples=samples)


MIXED = [
    Sample(0, 0.0, 0.1, 0.2),
    Sample(1, 0.1, 0.1, 1.1, 0.0, "timeout"),
    Sample(0, 0.2, 0.2, 0.25, 0.02),
    Sample(1, 0.3, None, 1.3, 0.0, "timeout"),
    Sample(2, 0.4, 0.4, 0.5, 0.0, "status 500"),
]


def test_an_open_loop_is_timed_from_the_plan_and_a_closed_one_from_the_sending() -> None:
    assert report(MIXED).latencies == pytest.approx([0.2, 0.05])
    assert report(MIXED, closed=True).latencies == pytest.approx([0.1, 0.05])


def test_connections_without_one_answer_are_starved_whatever_the_percentiles_say() -> None:
    found = report(MIXED)
    assert (found.answered, found.failed, found.starved) == (2, 3, 2)
    assert found.errors == {"status 500": 1, "timeout": 2}
    assert found.p(50) == pytest.approx(0.05)
    assert found.p_of_all(50) == math.inf


def test_lateness_is_the_generators_own() -> None:
    assert report(MIXED).late == 0.02
    assert "did not keep its schedule: late by p99 20.0 ms" in "\n".join(report(MIXED).lines())
    assert "kept its schedule" in "\n".join(report(MIXED[:1]).lines())
    assert report(MIXED[:1]).kept and not report(MIXED).kept


def test_a_generator_that_is_busy_all_the_time_has_not_kept_its_schedule() -> None:
    """It reads answers late, and takes its own slowness for the server's."""
    found = report(MIXED[:1], busy=0.97)
    assert not found.kept and "did not keep its schedule: late by p99 0.0 ms, busy 97 %" in "\n".join(found.lines())


def test_a_correction_uses_the_interval_that_each_client_meant() -> None:
    one = report([Sample(0, 0.0, 0.0, 1.0)], closed=True, rate=10.0, connections=1)
    assert one.p_corrected(50) == pytest.approx(0.5)  # 0.1 to 1.0


@pytest.mark.parametrize("samples", [MIXED, MIXED[1:2], MIXED[:1]])
@pytest.mark.parametrize("closed", [False, True])
def test_what_it_gives_programs_is_what_the_schema_describes(samples: list[Sample], closed: bool) -> None:
    found = json.loads(json.dumps(report(samples, closed=closed).as_json(), allow_nan=False))
    jsonschema.validate(found, SCHEMA)
    assert found["requests"] == found["answered"] + found["failed"] == len(samples)


def test_nobody_answered_is_said_in_words() -> None:
    assert "no answer" in "\n".join(report(MIXED[1:2]).lines())
