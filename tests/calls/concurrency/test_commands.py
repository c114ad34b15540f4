"""`companion serve http` and `companion load`: ready when it says so, and honest about failures."""

from __future__ import annotations

import contextlib
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib import resources

import jsonschema
import pytest
from typer.testing import CliRunner

from companion.calls.concurrency import commands
from companion.calls.concurrency.load import Arrivals
from companion.calls.concurrency.servers import Model, missing, serving
from companion.cli import app

COMMAND = "from companion.cli import main; main()"
SCHEMA = json.loads(resources.files("companion.calls.concurrency.load").joinpath("load.schema.json").read_text())


@contextlib.contextmanager
def started(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-W", "error", "-c", COMMAND, "serve", "http", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize(("model", "number"), [("prefork", signal.SIGTERM), ("actors", signal.SIGINT)])
def test_it_is_ready_when_it_says_so_and_stops_cleanly(model: str, number: signal.Signals) -> None:
    if why := missing(model):
        pytest.skip(why)
    with started("--model", model, "--workers", "2", "--port", "0") as process:
        assert process.stdout is not None and process.stderr is not None
        ready = re.fullmatch(r"ready (http://127\.0\.0\.1:\d+/)\n", process.stderr.readline())
        assert ready is not None
        line = ["load", ready[1], "--rate", "40", "--seconds", "0.1", "--connections", "2", "--json", "-"]
        ran = CliRunner().invoke(app, line)
        assert ran.exit_code == 0
        report = json.loads(ran.stdout)
        jsonschema.validate(report, SCHEMA)
        assert report["answered"] == 4
        process.send_signal(number)
        assert process.wait(20) == 0
        assert (process.stdout.read(), process.stderr.read()) == ("", "")


def test_a_port_in_use_is_one_line_and_exit_2() -> None:
    with serving("threads", "127.0.0.1", 0) as (_, port):
        ran = CliRunner().invoke(app, ["serve", "http", "--port", str(port)])
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr == f"companion serve http: cannot listen at 127.0.0.1:{port}: Address already in use\n"


def test_failed_requests_are_exit_1_and_counted() -> None:
    with serving("pool", "127.0.0.1", 0, workers=1) as (_, port):
        url = f"http://127.0.0.1:{port}/"
        line = ["load", url, "--rate", "30", "--seconds", "0.1", "--connections", "3", "--timeout", "0.8"]
        ran = CliRunner().invoke(app, line)
        assert ran.exit_code == 1
        assert "1 answered, 2 failed (2 timeout)" in ran.stdout
        assert "2 connections never had an answer" in ran.stdout
        ran = CliRunner().invoke(app, [*line, "--close", "--timeout", "20"])
        assert ran.exit_code == 0 and "0 failed" in ran.stdout.replace("3 answered, ", "")
        ran = CliRunner().invoke(
            app, ["load", url, "--rate", "30", "--seconds", "0.1", "--closed", "--connections", "1"]
        )
        assert ran.exit_code == 0 and "corrected" in ran.stdout


@pytest.mark.parametrize(
    "arguments",
    [["ftp://h/"], ["http://h/", "--rate", "0"], ["http://h/", "--rate", "nan"], ["http://h/", "--connections", "0"],
     ["http://h/", "--closed", "--arrivals", "poisson"], ["http://h/\nforged", "--seconds", "1"]],
)  # fmt: skip
def test_a_load_that_cannot_be_made_is_one_line_and_exit_2(arguments: list[str]) -> None:
    ran = CliRunner().invoke(app, ["load", *arguments])
    assert (ran.exit_code, ran.stdout) == (2, "")
    assert ran.stderr.startswith("companion load: ") and ran.stderr.count("\n") == 1


def test_the_choices_of_the_command_line_are_those_of_the_package() -> None:
    """They are written twice so that `--help` imports nothing."""
    assert [one.value for one in commands.Model] == [one.value for one in Model]
    assert [one.value for one in commands.Arrivals] == [one.value for one in Arrivals]
