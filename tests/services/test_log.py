"""A log goes on where nobody reads it, says what it has lost, and ends in time."""

from __future__ import annotations

import logging
import os
import re
import time

from companion.services.log import Dropping


def record(text: str) -> logging.LogRecord:
    return logging.LogRecord("a.server", logging.ERROR, "x.py", 1, text, None, None)


def test_lines_are_written_in_their_order_whatever_is_in_them() -> None:
    reading, writing = os.pipe()
    log = Dropping(writing)
    for text in ("first", "é\udcff", "100 % of %s"):
        log.emit(record(text))
    log.flush()
    said = os.read(reading, 10_000).decode().splitlines()
    assert [re.sub(r"^[\d-]+ [\d:,]+ ", "", line) for line in said] == [
        "ERROR a.server: first", "ERROR a.server: é\\udcff", "ERROR a.server: 100 % of %s",
    ]  # fmt: skip


def test_a_pipe_that_nobody_reads_holds_nobody_up_and_what_was_lost_is_counted() -> None:
    reading, writing = os.pipe()
    log = Dropping(writing, most=10)
    began = time.monotonic()
    for number in range(500):
        log.emit(record(f"{number} " + "x" * 1000))  # far more than a pipe takes
    log.flush()
    assert time.monotonic() - began < 30
    said = b""
    while b"at last" not in said:  # somebody comes, and reads
        log.emit(record("at last"))
        said += os.read(reading, 65536)
    kept = len(re.findall(rb"server: \d+ x", said))
    lost = [int(number) for number in re.findall(rb"\((\d+) lines were lost\)", said)]
    assert 0 < kept < 500 and lost and kept + sum(lost) >= 500  # each line is there or counted


def test_who_reads_may_go() -> None:
    reading, writing = os.pipe()
    log = Dropping(writing)
    os.close(reading)
    for _ in range(3):
        log.emit(record("x"))
    log.flush()
