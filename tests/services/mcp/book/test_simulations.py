"""A simulation runs in a process of its own, within bounds, and is gone when its caller is."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest
from typer.testing import CliRunner

from companion.cli import app
from companion.panel.offer import offered
from companion.services.mcp.book import simulations
from companion.services.mcp.book.chapters import NotInTheBook
from companion.services.mcp.book.simulations import (
    Finished,
    SimulationError,
    Simulations,
    read_parameters,
    read_presets,
    run_bounded,
    simulators,
)

T = TypeVar("T")
ROOT = Path(__file__).parents[4]
PYTHON = [sys.executable, "-c"]
FOR_EVER = "import os, sys, time; print(os.getpid(), flush=True); time.sleep(600)"


def run(work: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(work)


async def quiet(seconds: float) -> None:
    pass


def simulate(
    name: str, preset: str = "", parameters: Any = None, seed: int | None = None
) -> tuple[Any, str, list[str]]:
    return run(Simulations(ROOT).run(name, preset, parameters or {}, seed, quiet))


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_the_simulators_are_those_of_the_command() -> None:
    from companion.simulators.commands import simulators as of_the_command

    assert simulators() == of_the_command()


@pytest.mark.parametrize("name", simulators())
def test_every_preset_and_parameter_is_read_from_what_the_command_lists(name: str) -> None:
    offer = offered(f"companion.simulators.{name}")
    presets = read_presets(CliRunner().invoke(app, ["simulate", name, "--list-presets"]).stdout)
    assert presets == {key: preset.help for key, preset in offer.simulator.PRESETS.items()}
    parameters = read_parameters(CliRunner().invoke(app, ["simulate", name, "--list-parameters"]).stdout)
    assert [one["name"] for one in parameters] == [parameter.name for parameter in offer.parameters]
    assert [one["range"] for one in parameters] == [parameter.range for parameter in offer.parameters]
    assert [one["help"] for one in parameters] == [parameter.help for parameter in offer.parameters]
    assert all(one["default"] for one in parameters)


def test_a_simulator_describes_itself() -> None:
    found = run(Simulations(ROOT).describe("hybrid"))
    assert found.presets["planet"].startswith("Seven sites")
    (rate,) = [one for one in found.parameters if one["name"] == "request_rate"]
    assert (rate["default"], rate["range"]) == ("60.0", "0.1 to 2000 operations/s")


def test_a_run_gives_what_the_command_gives_and_the_line_that_gives_it_again() -> None:
    changed = {"load": 60, "budget_ratio": 0.2, "queue_bound": None, "single_flight": True, "policy": "budget"}
    result, command, remarks = simulate("metastable", "recovers", changed, 7)
    assert command == (
        "companion simulate metastable --preset=recovers --parameter=load=60 --parameter=budget_ratio=0.2 "
        "--parameter=queue_bound=none --parameter=single_flight=true --parameter=policy=budget --seed=7"
    )
    again = CliRunner().invoke(app, [*command.split()[1:], "--json", "-"])
    assert result["summary"]["goodput_per_s"] > 55 and str(result["summary"]["goodput_per_s"]) in again.stdout
    assert (result["parameters"]["seed"], result["parameters"]["queue_bound"]) == (7, None)
    assert remarks == []


@pytest.mark.parametrize(
    ("preset", "parameters", "why"),
    [
        ("", {"laod": 60}, "companion simulate metastable: laod is no parameter here: there are policy, "),
        (
            "",
            {"load": -1},
            "companion simulate metastable: load = -1.0 is not accepted: it takes 0 to 10000 requests/s",
        ),
        ("--help", {}, "companion simulate metastable: preset = '--help' is not accepted: it takes collapse | "),
        ("../x", {}, "companion simulate metastable: preset = '../x' is not accepted"),
        (
            "",
            {"policy": "$(touch hacked); `touch hacked`"},
            "companion simulate metastable: policy = '$(touch hacked); ",
        ),
        ("", {"policy": "a=b --json=hacked"}, "companion simulate metastable: policy = 'a=b --json=hacked' is not"),
    ],
)
def test_what_the_command_does_not_accept_it_says_in_its_own_line(preset: str, parameters: Any, why: str) -> None:
    with pytest.raises(SimulationError) as raised:
        simulate("metastable", preset, parameters)
    assert str(raised.value).startswith(why) and "\n" not in str(raised.value)
    assert not (ROOT / "hacked").exists()


@pytest.mark.parametrize("name", ["../metastable", "-h", "metastable;ls", "", "Metastable"])
def test_what_is_no_simulator_starts_no_process(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def never(*_: object) -> Finished:
        raise AssertionError

    monkeypatch.setattr(simulations, "run_bounded", never)
    with pytest.raises(NotInTheBook, match=r"^no simulator .*: there are consistency, crdts, "):
        simulate(name)


def test_a_run_that_takes_too_long_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulations, "SECONDS", 0.5)
    with pytest.raises(SimulationError, match=r"^metastable was not done within 0\.5 s, and was stopped$"):
        simulate("metastable", "", {"duration": 100_000, "load": 10_000})


def pid_once_it_runs(work: Callable[[], Coroutine[Any, Any, Any]], file: Path) -> int:
    """Start something that writes its number into a file, cancel it then, and give the number."""

    async def go() -> int:
        task = asyncio.create_task(work())
        while not file.is_file() or not file.read_text().endswith("\n"):
            await asyncio.sleep(0.01)
            assert not task.done()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return int(file.read_text())

    return run(go())


def test_a_caller_who_leaves_takes_the_process_along(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    code = f"import os, time; open({str(file)!r}, 'w').write(f'{{os.getpid()}}\\n'); time.sleep(600)"
    assert not is_running(pid_once_it_runs(lambda: run_bounded([*PYTHON, code], tmp_path), file))


def test_a_process_that_ignores_being_told_to_stop_is_gone_too(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    code = f"""if True:
        import os, signal, time
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        print("x" * 300_000)
        open({str(file)!r}, 'w').write(f'{{os.getpid()}}\\n')
        time.sleep(600)"""
    assert not is_running(pid_once_it_runs(lambda: run_bounded([*PYTHON, code], tmp_path), file))


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_process_that_prints_without_end_is_stopped(
    stream: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulations, "MOST_BYTES", 100_000)
    code = f"import sys\nwhile True: sys.{stream}.write('x' * 999)"
    with pytest.raises(SimulationError, match=r"^it printed more than 100000 bytes, and was stopped$"):
        run(run_bounded([*PYTHON, code], tmp_path))


LIMITS = pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="this system bounds no other process: no prlimit")


@LIMITS
def test_a_process_that_computes_for_ever_is_ended_by_the_kernel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(simulations, "SECONDS", 0)
    finished = run(run_bounded([*PYTHON, "while True: pass"], tmp_path))
    assert -finished.status in (signal.SIGXCPU, signal.SIGKILL)


@LIMITS
def test_a_process_gets_no_more_memory_than_its_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(simulations, "MOST_MEMORY", 1 << 28)
    finished = run(run_bounded([*PYTHON, "input() if 0 else bytearray(1 << 29)"], tmp_path))
    assert finished.status == 1 and finished.said.endswith("MemoryError\n")


def test_a_command_that_fails_says_no_more_than_its_status(monkeypatch: pytest.MonkeyPatch) -> None:
    async def crash(*_: object) -> Finished:
        return Finished(b"", "Traceback ...\nRuntimeError: secret\n", 1)

    monkeypatch.setattr(simulations, "run_bounded", crash)
    with pytest.raises(
        SimulationError, match=r"^metastable failed, with status 1: it may have needed too much memory$"
    ):
        simulate("metastable")


def test_a_result_that_is_no_json_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    async def nonsense(*_: object) -> Finished:
        return Finished(b"hello", "", 0)

    monkeypatch.setattr(simulations, "run_bounded", nonsense)
    with pytest.raises(SimulationError, match=r"^metastable did not give a result that can be read$"):
        simulate("metastable")


def test_no_more_than_two_run_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = most = 0

    async def counted(*_: object) -> Finished:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.001)
        now -= 1
        return Finished(b"{}", "", 0)

    async def many() -> None:
        runs = Simulations(ROOT)
        await asyncio.gather(*(runs.run("metastable", "", {}, None, quiet) for _ in range(9)))

    monkeypatch.setattr(simulations, "run_bounded", counted)
    run(many())
    assert most == simulations.AT_ONCE


def test_whoever_waits_is_told_that_it_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []

    async def keep(seconds: float) -> None:
        told.append(seconds)

    monkeypatch.setattr(simulations, "TICK_SECONDS", 0.02)
    run(run_bounded([*PYTHON, "import time; time.sleep(0.5)"], tmp_path, keep))
    assert len(told) >= 3 and told == sorted(told)


def test_a_command_reads_nothing_of_what_its_server_reads(tmp_path: Path) -> None:
    finished = run(run_bounded([*PYTHON, "import sys; print(repr(sys.stdin.read()))"], tmp_path))
    assert finished == Finished(b"''\n", "", 0)
