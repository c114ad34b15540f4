"""The generated code of the customers is what protoc makes of their contract."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from companion.calls import wire
from companion.calls.wire import customer_pb2 as pb

FOLDER = Path(wire.__file__).parent
SOURCE = FOLDER.parents[2]


def test_protoc_makes_the_generated_code_that_is_committed(tmp_path: Path) -> None:
    pytest.importorskip("grpc_tools")
    proto = FOLDER / "customer.proto"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{SOURCE}", f"--python_out={tmp_path}", str(proto)]
    subprocess.run(command, check=True)
    made = tmp_path / proto.relative_to(SOURCE).with_name("customer_pb2.py")
    assert made.read_text() == Path(pb.__file__).read_text()
