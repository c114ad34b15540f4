"""The CORBA column, by real calls; on other systems than Linux there is no wheel, and the tests say so."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from companion.calls.wire.evolution.changes import BY_NAME, CUSTOMER
from companion.calls.wire.evolution.codecs import corba
from companion.calls.wire.evolution.judge import Refused

ADA = {"id": 1, "name": "Ada", "balance": 1234.5}


@pytest.fixture(autouse=True)
def _there() -> None:
    if why := corba.missing():
        pytest.skip(why)


def test_a_surplus_field_closes_the_connection_for_the_calls_behind_it() -> None:
    told = corba.innocent_calls(ADA)
    assert told == {"put": "closed", "ping 1": "closed", "ping 2": "closed", "ping 3": "closed"}
    assert set(corba.innocent_calls({"id": 1, "name": "Ada"}).values()) == {"answered"}


def test_what_is_sent_arrives_and_processes_end_with_their_context() -> None:
    with corba.desks() as exchange:
        assert exchange(CUSTOMER, CUSTOMER, [ADA, ADA]) == [ADA, ADA]
        refused = exchange(CUSTOMER, BY_NAME["remove last"].new, [ADA])
        assert refused == [Refused("COMM_FAILURE, COMPLETED_MAYBE")]
        with corba.desk(CUSTOMER) as desk:
            process = desk._process
            os.kill(process.pid, 0)
    assert process.returncode is not None
    with pytest.raises(ProcessLookupError):
        os.kill(process.pid, 0)


def test_a_process_ends_when_its_input_does_and_leaves_no_folder() -> None:
    with corba.desk(CUSTOMER) as desk:
        assert desk._process.stdin is not None
        desk._process.stdin.close()
        assert desk._process.wait(timeout=60) == 0
        assert isinstance(desk._process.args, list) and not Path(str(desk._process.args[-1])).exists()
        desk._process.stdin = None


def test_a_process_that_has_ended_is_reported_and_not_waited_for() -> None:
    with corba.desk(CUSTOMER) as desk:
        desk._process.kill()
        desk._process.wait()
        with pytest.raises(corba.CorbaError, match="has ended"):
            desk.ask(do="seen")
