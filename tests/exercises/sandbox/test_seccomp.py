"""The numbers of system calls are those of the kernel's own headers, and none of a family is forgotten."""

from __future__ import annotations

import os
import re
import struct
from pathlib import Path

import pytest

from companion.exercises.sandbox import linux_calls, seccomp

HEADERS = {
    "x86_64": [Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm/unistd_64.h")],
    "aarch64": [Path("/usr/include/aarch64-linux-gnu/asm/unistd_64.h"), Path("/usr/include/asm-generic/unistd.h")],
}
MACHINES = sorted(HEADERS)
MARKS = r"f?l?chmod|chmodat|chown|utime|(set|remove)xattr|file_setattr"
"""What changes the permissions, owners, times or attributes of files."""


def numbers(machine: str) -> dict[str, int]:
    """Read the numbers of a machine's system calls from the kernel's headers."""
    header = next((path for path in HEADERS[machine] if path.is_file()), None)
    if header is None:
        pytest.skip(f"no kernel headers for {machine} here: {' or '.join(map(str, HEADERS[machine]))}")
    return {name: int(number) for name, number in re.findall(r"#define __NR_(\w+)\s+(\d+)\b", header.read_text())}


@pytest.mark.parametrize("machine", MACHINES)
def test_system_calls_have_the_numbers_of_the_kernels_headers(machine: str) -> None:
    column = seccomp._MACHINES[machine][0]
    known = numbers(machine)
    ours = {name: calls[column] for name, calls in {**seccomp._CALLS, **seccomp._MARKS, **seccomp._SOME}.items()}
    assert {name: number for name, number in ours.items() if name in known and known[name] != number} == {}
    assert {name for name, number in ours.items() if number == -1} & known.keys() == set()
    assert len(ours.keys() & known.keys()) > 40
    for name, number in (("mount_setattr", linux_calls._MOUNT_SETATTR),
                         ("pivot_root", linux_calls._PIVOT_ROOT[machine]),
                         ("landlock_create_ruleset", linux_calls._CREATE_RULESET),
                         ("landlock_add_rule", linux_calls._ADD_RULE),
                         ("landlock_restrict_self", linux_calls._RESTRICT_SELF)):  # fmt: skip
        assert known.get(name, number) == number, name


@pytest.mark.parametrize("machine", MACHINES)
def test_no_call_that_marks_files_is_forgotten(machine: str) -> None:
    known = {name for name in numbers(machine) if not name.endswith("_time64")}  # those are for machines of 32 bits
    assert {name for name in known if re.search(MARKS, name)} <= seccomp._MARKS.keys()


@pytest.mark.parametrize("processes", [True, False])
def test_the_filter_is_a_program_that_ends_on_every_path(processes: bool) -> None:
    if not seccomp.known_machine():
        pytest.skip(f"the numbers of {os.uname().machine} are not known here")
    program = seccomp.program(own=7, processes=processes, network=True, marks=False)
    code = list(struct.iter_unpack("HBBI", program))
    for place, (kind, true, false, _) in enumerate(code):
        if kind in (seccomp._EQUAL, seccomp._AT_LEAST, seccomp._ANY_BIT):
            assert place + 1 + max(true, false) < len(code)
    assert code[-1][0] == seccomp._RETURN and len(code) < 4096
