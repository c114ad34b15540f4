"""Programs of several ranks are run, bounded and ended; nothing of them is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.calls.coordination import keeper
from companion.calls.coordination.mpi import run as room
from companion.calls.coordination.mpi.run import MPIError, Run, run, why_not

mpi_only = pytest.mark.skipif(why_not() is not None, reason=str(why_not()))


def segments() -> set[str]:
    """Those that belong to nobody any more: other tests may be running programs, too."""
    found = [path for names in keeper.SEGMENTS for path in keeper.SHARED_MEMORY.glob(names)]
    return {path.name for path in found if not keeper._mapped(str(path))}


@mpi_only
def test_ranks_compute_together_and_rank_0_tells() -> None:
    done = run("scattered_sum", 3)
    assert done.result == {"rank": 0, "sum": 500500, "shares": [334, 333, 333], "received": 1336}


@mpi_only
def test_a_program_that_hangs_is_ended_and_leaves_no_shared_memory() -> None:
    before = segments()
    done = run("waits", 2, "barrier", timeout_s=2)
    assert done.hung and segments() <= before
    with pytest.raises(MPIError, match="exit status 124"):
        _ = done.result


@mpi_only
def test_an_exception_in_one_rank_ends_all_and_leaves_no_shared_memory() -> None:
    before = segments()
    done = run("dying", 2, "raise")
    assert done.status == 1 and "has a hole" in done.errors and segments() <= before


@mpi_only
def test_output_is_bounded_and_what_is_no_result_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MAX_OUTPUT", 100)
    program = tmp_path / "talks.py"
    program.write_text('print(\'{"rank": 0, "a": 1}\', "no JSON", "[1]", \'{"rank": "x"}\', "x" * 200_000, sep="\\n")')
    done = run(program, 1)
    assert (done.status, done.told) == (0, [{"rank": 0, "a": 1}])


@mpi_only
@pytest.mark.parametrize(
    ("program", "ranks", "why"), [("no_such", 2, "no such"), ("waits", 0, "from 1"), ("waits", 33, "32")]
)
def test_what_cannot_be_run_is_refused(program: str, ranks: int, why: str) -> None:
    with pytest.raises(MPIError, match=why):
        run(program, ranks)


def test_without_mpi_one_line_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "find_spec", lambda name: None)
    assert "missing" in str(why_not())
    monkeypatch.setattr("sys.platform", "win32")
    assert "Windows" in str(why_not())
    with pytest.raises(MPIError, match="Windows"):
        run("waits", 2)


def test_a_line_of_no_depth_that_can_be_read_is_no_result() -> None:
    assert room._line("[" * 100_000) is None
    assert Run(0, [{"rank": 1}], "").told[0]["rank"] == 1
