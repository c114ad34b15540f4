"""Pickles over HTTP: every attack on every cure, made on a bounded process."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from companion.calls.wire.objects import invoker
from companion.calls.wire.objects.invoker import AGAIN, AN_HONEST_CALL, ATTACKS, CURES, KEY_HOLDER, Attempt


def test_the_recording_is_what_happens_today(attempted: list[Attempt]) -> None:
    assert attempted == invoker.table(live=False)


def outcomes(cure: str) -> dict[str, str]:
    return {one.attack: one.outcome for one in invoker.table(live=False) if one.cure == cure}


def test_every_cure_lets_an_honest_call_through_and_its_replay() -> None:
    assert {outcomes(cure)[AN_HONEST_CALL] for cure in CURES} == {"answers"}
    assert {outcomes(cure)[AGAIN] for cure in CURES} == {"replayed"}


@pytest.mark.parametrize(
    ("cure", "running"),
    [
        ("none", {"os.system", "Python 2's name of eval", "a name with a dot", "builtins.eval", KEY_HOLDER}),
        ("black list", {"Python 2's name of eval", "a name with a dot"}),
        ("white list", {"a name with a dot", "builtins.eval"}),
        ("exact pairs", set()),
        ("signature", {KEY_HOLDER}),
        ("JSON", set()),
    ],
)
def test_a_cure_lets_these_attacks_run_and_no_others(cure: str, running: set[str]) -> None:
    assert {attack for attack, outcome in outcomes(cure).items() if outcome == "runs"} == running


def test_nine_bytes_take_the_memory_wherever_a_strangers_pickle_is_read() -> None:
    assert len(ATTACKS["memo index 2^26"]) == 9
    greedy = {cure for cure in CURES if outcomes(cure)["memo index 2^26"] == "takes the memory"}
    assert greedy == {"none", "black list", "white list", "exact pairs"}


def test_the_target_and_what_an_attack_left_are_gone_afterwards() -> None:
    if not invoker.bounded():
        pytest.skip("this system does not bound a process, so that nothing hostile is run")
    with invoker.target() as server:
        assert server.attack(ATTACKS["os.system"]) == "runs"
        assert (server.folder / "marker").exists()
        assert server.post(b"x" * 70_000)[0] == 413
        assert server.attack(b"") == server.attack(b"\x80") == "refused"
    assert not server.folder.exists()
    with pytest.raises(OSError):
        server.post(b"")


@pytest.mark.skipif(not invoker.bounded(), reason="this system does not bound a process")
def test_a_server_whose_starter_was_killed_takes_its_folder_with_it() -> None:
    lines = "import time\nfrom companion.calls.wire.objects.invoker import ATTACKS, target\nwith target() as server:\n"
    lines += "    print(server.attack(ATTACKS['os.system']), server.folder, flush=True)\n    time.sleep(60)\n"
    with subprocess.Popen([sys.executable, "-c", lines], stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        try:
            outcome, _, folder = starter.stdout.readline().strip().partition(" ")
        finally:
            starter.kill()
    assert outcome == "runs"
    until = time.monotonic() + 20
    while Path(folder).exists() and time.monotonic() < until:
        time.sleep(0.02)
    assert not Path(folder).exists()
