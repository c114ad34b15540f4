"""A real ORB in processes of its own, and the recording that stands in for it."""

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from companion.calls.wire.customers import Address
from companion.calls.wire.objects import corba, giop
from companion.calls.wire.objects.record_orb import ADA, CALLS
from companion.errors import CompanionError
from tests.calls.wire.objects.test_giop import BODIES


def test_the_recording_is_what_an_orb_sends_today_but_for_the_gaps() -> None:
    if (why := corba.missing()) is not None:
        pytest.skip(why)
    for interface, calls in CALLS.items():
        with corba.conversation(interface, live=True) as live, corba.conversation(interface, live=False) as recorded:
            for operation, *arguments in calls:
                came = []
                for far in (live, recorded):
                    try:
                        came.append(far.call(operation, *arguments))
                    except corba.UserException as error:
                        came.append(str(error))
                assert came[0] == came[1]
                sent, kept = (giop.cut(far.request)[-1] for far in (live, recorded))
                types = BODIES.get(operation, [])
                assert giop.masked(sent, types) == giop.masked(kept, types)
                assert len(live.answer) == len(recorded.answer)


def test_the_recording_refuses_a_call_that_was_not_recorded() -> None:
    with (
        corba.conversation("Customers", live=False) as far,
        pytest.raises(corba.NotRecorded, match="list"),
    ):
        far.call("list")


def test_a_customer_is_added_once_and_found_and_listed(client: corba.Child, served: Address) -> None:
    eve = {"id": 5, "name": "Eve", "balance": 0.5}
    assert corba.call(client, served, "Customers", "add", eve) is True
    assert corba.call(client, served, "Customers", "add", eve | {"name": "Eva"}) is False
    assert corba.call(client, served, "Customers", "get", 5) == eve
    assert eve in corba.call(client, served, "Customers", "list")
    with pytest.raises(corba.UserException, match="NoSuchCustomer") as missing:
        corba.call(client, served, "Customers", "get", 6)
    assert missing.value.code == "NoSuchCustomer"


def test_an_average_of_nothing_is_an_exception_that_the_contract_declares() -> None:
    with corba.conversation("Traffic", live=False) as traffic, pytest.raises(corba.UserException, match="NoData"):
        traffic.call("getAverageSpeed")


@pytest.mark.parametrize("timestamp", [2**31, -(2**31) - 1])
def test_a_moment_beyond_2038_does_not_fit_the_contracts_long(
    client: corba.Child, served: Address, timestamp: int
) -> None:
    data = {"sensor_id": 1, "speed": 1.0, "timestamp": timestamp}
    with pytest.raises(corba.SystemException, match="BAD_PARAM, COMPLETED_NO"):
        corba.call(client, served, "Traffic", "reportData", data)
    corba.call(client, served, "Traffic", "reportData", data | {"timestamp": 2**31 - 1})


def test_children_end_with_a_python_that_is_killed() -> None:
    if (why := corba.missing()) is not None:
        pytest.skip(why)
    program = (
        "from companion.calls.wire.objects import corba; import time\n"
        "child = corba.Child(); child.order(do='plan', then=None); child._next()\n"
        "print(child.process.pid, flush=True); time.sleep(60)"
    )
    source = Path(corba.__file__).parents[4]
    with subprocess.Popen(
        [sys.executable, "-c", program], env=os.environ | {"PYTHONPATH": str(source)}, stdout=subprocess.PIPE
    ) as python:
        assert python.stdout
        child = int(python.stdout.readline())
        python.send_signal(signal.SIGKILL)
        python.wait()
        for _ in range(1000):
            if not alive(child):
                return
            with contextlib.suppress(TimeoutError):
                signal.sigtimedwait([], 0.01)
        pytest.fail("the child outlived its Python by ten seconds")


def alive(process: int) -> bool:
    """Say whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_child_that_dies_is_told_and_not_waited_for() -> None:
    if (why := corba.missing()) is not None:
        pytest.skip(why)
    with corba.orb() as child:
        child.process.kill()
        with pytest.raises((CompanionError, OSError)):
            child.ask(do="plan", then=None)
    assert child.process.returncode == -signal.SIGKILL


def test_the_recording_says_what_made_it_and_holds_all_that_pages_ask() -> None:
    kept = corba.recording()
    assert "omniORB" in kept["made by"]
    assert {name: [entry["call"] for entry in kept["conversations"][name]] for name in CALLS} == CALLS
    assert kept["conversations"]["Customers"][0]["call"][1] == ADA
