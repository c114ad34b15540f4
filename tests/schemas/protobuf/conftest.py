"""Schemas that a test writes and reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from companion.schemas.protobuf.model import Problem, Schema
from companion.schemas.protobuf.reader import read_schemas


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., tuple[list[Schema], list[Problem]]]:
    """Give what writes schemas and reads them: one text, named `a.proto`, or a mapping of names to texts."""

    def make(files: str | bytes | Mapping[str, str | bytes]) -> tuple[list[Schema], list[Problem]]:
        for name, content in ({"a.proto": files} if isinstance(files, str | bytes) else files).items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        return read_schemas([tmp_path])

    return make
