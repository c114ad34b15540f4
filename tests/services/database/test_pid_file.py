"""What postmaster.pid says is read line by line, and believed only while its server lives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from companion.services.database.pid_file import PidFile, lives, read_pid_file, running_server

WHOLE = "{pid}\n/somewhere/data\n1796098078\n40937\n\n127.0.0.1\n  2154518        12\n{status}   \n"


def write(folder: Path, text: str) -> None:
    (folder / "postmaster.pid").write_text(text)


@pytest.mark.parametrize("status", ["starting", "ready", "stopping"])
def test_process_port_segment_and_status_are_read(tmp_path: Path, status: str) -> None:
    write(tmp_path, WHOLE.format(pid=17, status=status))
    assert read_pid_file(tmp_path) == PidFile(17, 40937, 12, status)


def test_a_server_that_has_just_begun_has_no_segment_and_no_status_yet(tmp_path: Path) -> None:
    write(tmp_path, "17\n/somewhere/data\n1796098078\n40937\n\n")
    assert read_pid_file(tmp_path) == PidFile(17, 40937, -1, "")


@pytest.mark.parametrize("text", ["", "17\n", "17\n/data\n1\n", "x\n/data\n1\n2\n"])
def test_a_file_that_is_just_being_written_is_none(tmp_path: Path, text: str) -> None:
    write(tmp_path, text)
    assert read_pid_file(tmp_path) is None


def test_no_file_is_none(tmp_path: Path) -> None:
    assert read_pid_file(tmp_path) is None and running_server(tmp_path) is None


def test_a_number_that_another_process_has_now_is_no_server(tmp_path: Path) -> None:
    write(tmp_path, WHOLE.format(pid=os.getpid(), status="ready"))
    assert running_server(tmp_path) is None
    write(tmp_path, WHOLE.format(pid=2**22 + 1, status="ready"))
    assert running_server(tmp_path) is None


def test_a_process_lives_if_it_was_started_on_the_directory(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "input(print(flush=True))", "-D", str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"\n"
        assert lives(process.pid, tmp_path) and not lives(process.pid, tmp_path.parent)
        process.communicate(b"\n")
    assert not lives(process.pid, tmp_path)
