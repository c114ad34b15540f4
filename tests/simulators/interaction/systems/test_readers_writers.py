"""Each system that writes a format, and each that reads it, used as their documentation says."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.simulators.interaction.systems.readers_writers import READERS, WRITERS

PAIRS = [(name, writer, reader) for name in WRITERS for writer in WRITERS[name] for reader in READERS[name]]


def test_every_format_that_is_written_is_read() -> None:
    assert WRITERS.keys() == READERS.keys()
    assert all(WRITERS[name] and READERS[name] for name in WRITERS)


@pytest.mark.parametrize(("name", "writer", "reader"), PAIRS)
def test_small_integers_arrive_between_any_two_systems_as_the_numbers_that_they_are(
    name: str, writer: str, reader: str, tmp_path: Path
) -> None:
    path = str(tmp_path / f"t.{name}")
    WRITERS[name][writer](path, [1, -7])
    assert READERS[name][reader](path) == [1, -7]
