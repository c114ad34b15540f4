"""What was recorded is what comes out, and it speaks where MPI cannot be run."""

from __future__ import annotations

import platform
import sys

import pytest

from companion.calls.coordination.mpi.recorded import EXPERIMENTS, eager_limit, outcome, recorded
from companion.calls.coordination.mpi.run import MPIError, why_not


def test_every_experiment_of_the_chapter_is_in_the_record() -> None:
    for program, ranks, arguments, aborting in EXPERIMENTS:
        recorded(program, ranks, *arguments, aborting=aborting)
    with pytest.raises(MPIError, match="no such record"):
        recorded("article_sum", 5)


def test_where_mpi_cannot_be_run_the_record_speaks_and_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert outcome("article_sum", 4).result["sum"] == 500500
    (line,) = capsys.readouterr().out.splitlines()
    assert "not run here" in line and "Recorded 20" in line


def test_the_record_of_an_mpi_that_runs_like_the_recorded_one_agrees() -> None:
    if why_not() or (sys.platform, platform.machine()) != ("linux", "x86_64"):
        pytest.skip("the record is of MPICH on Linux x86-64")
    for program, ranks, *arguments in (("mismatches", 2), ("collectives", 4, "linear", "binomial", "doubling")):
        assert (
            outcome(str(program), int(ranks), *map(str, arguments)).told
            == recorded(str(program), int(ranks), *map(str, arguments)).told
        )


def test_the_eager_limit_is_between_what_passed_and_what_hung() -> None:
    small, large = (recorded("waits", 2, "send", size) for size in ("4000", "40000"))
    assert not small.hung and large.hung
    assert 4000 <= eager_limit() < 40000
