"""Which isolation layers a system gives is found out by trying."""

from __future__ import annotations

import os

import pytest

from companion.exercises.sandbox import linux_calls, probe
from companion.exercises.sandbox.isolation import LAYERS, Isolation
from companion.exercises.sandbox.probe import find_isolation


def test_a_layer_that_fails_is_left_out_and_the_reason_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = iter([("network", "network: Operation not permitted"), ("pid", "pid: Invalid argument"), ("", "")])
    monkeypatch.setattr(probe, "candidates", lambda: ["pid", "files", "network", "landlock"])
    monkeypatch.setattr(probe, "try_layers", lambda layers: next(failing))
    isolation = find_isolation()
    assert isolation.layers == ("files", "landlock")
    assert isolation.missing["network"] == "network: Operation not permitted"
    assert isolation.missing["seccomp"] == "not on this system"


def test_a_user_that_a_folder_cannot_be_given_to_is_no_layer(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(os, "chown", refuse)
    others = ["landlock"] if linux_calls.landlock_version() else []
    monkeypatch.setattr(probe, "candidates", lambda: ["user", *others])
    isolation = find_isolation()
    assert "user" not in isolation.layers and isolation.missing["user"] == "Invalid argument"


def test_a_sandbox_that_does_not_start_counts_as_no_layer_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe, "candidates", lambda: ["landlock"])
    monkeypatch.setattr(probe, "try_layers", lambda layers: ("start", "no Python"))
    assert find_isolation().layers == ()
    assert not find_isolation().enough


def test_this_systems_layers_are_told(found: Isolation) -> None:
    print(found)
    assert {*found.layers} | found.missing.keys() == {*LAYERS}
    assert all(found.missing.values())
    assert found.line
