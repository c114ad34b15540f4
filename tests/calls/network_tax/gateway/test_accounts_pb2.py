"""The generated code is what protoc makes, and its types are those that it has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from companion.calls.network_tax import gateway
from companion.calls.network_tax.gateway import accounts_pb2 as pb

FOLDER = Path(gateway.__file__).parent
SOURCE = FOLDER.parents[3]


def test_protoc_makes_the_generated_code_that_is_committed(tmp_path: Path) -> None:
    pytest.importorskip("grpc_tools")
    proto = FOLDER / "accounts.proto"
    command = [sys.executable, "-m", "grpc_tools.protoc", f"-I{SOURCE}", f"--python_out={tmp_path}", str(proto)]
    subprocess.run(command, check=True)
    made = tmp_path / proto.relative_to(SOURCE).with_name("accounts_pb2.py")
    assert made.read_text() == (FOLDER / "accounts_pb2.py").read_text()


def test_the_types_that_are_written_by_hand_are_the_ones_that_are_generated() -> None:
    text = (FOLDER / "accounts_pb2.pyi").read_text()
    for name, message in pb.DESCRIPTOR.message_types_by_name.items():
        assert f"class {name}(Message)" in text
        assert all(f"    {field.name}: " in text for field in message.fields)
