"""What a scan takes beside protoc alone on the same files: a ratio, in pairs, which travels between machines.

Both are processes of their own, so both figures hold everything that a user waits for, from start-up to the last line.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
ACCOUNT = ROOT / "data" / "pii" / "account.proto"
COMPANION = str(Path(sys.executable).with_name("companion"))
PAIRS = 5
KINDS = {
    "email": "string", "display_name": "string", "created_at": "int64", "ssn": "string", "status": "bool",
    "card_number": "string", "quantity": "int32", "birth_date": "string", "note": "string", "sku": "string",
}  # fmt: skip


def write_services(folder: Path, number: int = 100, messages: int = 5, fields: int = 20) -> Path:
    """Write schemas that import each other: with the defaults a hundred of a hundred fields."""
    kinds = list(KINDS.items())
    for n in range(number):
        lines = ['syntax = "proto3";', f"package load.s{n};", *([f'import "s{n // 2}.proto";'] if n else [])]
        for m in range(messages):
            lines.append(f"// What service {n} keeps.\nmessage M{m} {{")
            lines += [f"  {kinds[f % 10][1]} {kinds[f % 10][0]}_{f} = {f + 1};" for f in range(fields - 1)]
            last = f"load.s{n // 2}.M{m}" if n else "string"
            lines.append(f"  {last} other = {fields}; // of the one before\n}}")
        (folder / f"s{n}.proto").write_text("\n".join(lines) + "\n")
    return folder


def protoc(folder: Path, out: Path) -> list[str]:
    names = sorted(str(path) for path in folder.glob("*.proto"))
    known = files("grpc_tools") / "_proto"
    return [sys.executable, "-m", "grpc_tools.protoc", f"-I{folder}", f"-I{known}", "--include_source_info",
            f"--descriptor_set_out={out}", *names]  # fmt: skip


def seconds(command: list[str]) -> float:
    start = perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return perf_counter() - start


def account(folder: Path) -> Path:
    (folder / ACCOUNT.name).write_bytes(ACCOUNT.read_bytes())
    return folder


@pytest.mark.parametrize(("make", "fields"), [(account, 84), (write_services, 10_000)], ids=["account", "services"])
def test_a_scan_beside_protoc_alone(
    make: Callable[[Path], Path], fields: int, tmp_path: Path, benchmark: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make(tmp_path)
    scan = [COMPANION, "pii", "scan", str(folder)]
    alone = protoc(folder, tmp_path / "set.pb")
    said = subprocess.run(scan, check=True, capture_output=True, text=True).stdout  # warm: files read, bytecode there
    assert f"judged {fields:,} fields" in said
    pairs = [(seconds(scan), seconds(alone)) for _ in range(PAIRS)]  # paired, so that a busy machine slows both
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    benchmark.extra_info |= {"ratio": round(ratio, 1), "scan_s": round(ours, 2), "protoc_s": round(theirs, 2)}
    benchmark.pedantic(seconds, args=(scan,), rounds=1)
    with capsys.disabled():
        print(f"\n{fields:,} fields: scan {ours:.2f} s, protoc alone {theirs:.2f} s, ratio {ratio:.1f}")
