"""A sweep gives the same results in the same order whatever ran it, and survives workers that die."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import cloudpickle
import pytest
from distributed import LocalCluster
from hypothesis import given
from hypothesis import strategies as st

from companion.simulators.metastable import simulate
from companion.sweep import HERE, SweepError, sweep

GRID: dict[str, list[Any]] = {"load": [20.0, 70.0], "max_retries": [3, 0], "seed": [1, 2]}


def goodput(**values: Any) -> float:
    return simulate("collapse", duration=90.0, **values).goodput_per_s


def killed_once(folder: str, number: int) -> int:
    """Take the worker down the first time that it is asked for the number 3."""
    mark = Path(folder) / "seen"
    if number == 3 and not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def deadly(number: int) -> int:
    if number == 2:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def refuses(number: int) -> int:
    if number == 2:
        raise ArithmeticError("two is one too many")
    return number


def test_all_cores_give_what_one_process_gives_in_the_order_of_nested_loops() -> None:
    alone = sweep(goodput, GRID, scheduler=HERE)
    assert list(alone)[:3] == [(20.0, 3, 1), (20.0, 3, 2), (20.0, 0, 1)]
    spread = sweep(goodput, GRID)
    assert spread == alone and list(spread) == list(alone)


def test_a_dask_cluster_gives_the_same_in_the_same_order() -> None:
    cloudpickle.register_pickle_by_value(sys.modules[__name__])  # the workers cannot import this file
    given: dict[str, Any] = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**given) as cluster:  # type: ignore[no-untyped-call]  # distributed gives it no types
        spread = sweep(goodput, GRID, scheduler=cluster.scheduler_address)
    alone = sweep(goodput, GRID, scheduler=HERE)
    assert spread == alone and list(spread) == list(alone)


def test_functions_without_a_module_are_swept_too() -> None:
    power = 3
    assert sweep(lambda base: base**power, {"base": [1, 2, 3]}) == {(1,): 1, (2,): 8, (3,): 27}


def test_a_worker_that_dies_is_replaced_and_nothing_is_lost(tmp_path: Path) -> None:
    found = sweep(killed_once, {"folder": [str(tmp_path)], "number": range(8)})
    assert (tmp_path / "seen").exists(), "nobody was killed"
    assert list(found.values()) == [number * number for number in range(8)]


def test_a_point_that_kills_every_worker_is_named() -> None:
    with pytest.raises(SweepError, match=r"number = 2: its worker died 3 times"):
        sweep(deadly, {"number": range(4)})


@pytest.mark.parametrize("scheduler", [None, HERE])
def test_what_the_function_raises_arrives_with_the_name_of_its_point(scheduler: str | None) -> None:
    with pytest.raises(ArithmeticError, match="one too many") as caught:
        sweep(refuses, {"number": range(4)}, scheduler)
    assert caught.value.__notes__[-1] == "in a sweep, at number = 2"


def test_a_cluster_that_is_not_there_is_said_in_one_line() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(SweepError, match=f"no Dask scheduler answers at {address}") as caught:
        sweep(goodput, GRID, scheduler=address)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("values", [[], [1, 2, 1]])
def test_an_axis_that_is_empty_or_repeats_itself_is_refused(values: list[int]) -> None:
    with pytest.raises(ValueError, match="the axis number"):
        sweep(refuses, {"number": values})


@given(st.lists(st.integers(), min_size=1, max_size=4, unique=True), st.lists(st.booleans(), min_size=1, max_size=2,
                                                                              unique=True))  # fmt: skip
def test_every_point_is_there_once(numbers: list[int], flags: list[bool]) -> None:
    found = sweep(lambda number, flag: (number, flag), {"number": numbers, "flag": flags}, HERE)
    assert list(found) == list(found.values()) == [(number, flag) for number in numbers for flag in flags]


def test_no_progress_is_written_where_nobody_watches(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as in a kernel, whose stderr is an output of the page
    sweep(refuses, {"number": [0, 1]})
    assert capfd.readouterr().err == ""
