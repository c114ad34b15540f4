"""The calls to the kernel that the sandbox needs and Python does not offer: each does one thing, or raises OSError.

Numbers are Linux's own; the system calls that differ between machines are listed in `seccomp`.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import socket
import stat
import struct
import sys
from functools import cache
from pathlib import Path

CLONE = {"files": 0x00020000, "uts": 0x04000000, "ipc": 0x08000000, "user": 0x10000000, "pid": 0x20000000,
         "network": 0x40000000}  # fmt: skip
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_NOATIME, MS_NODIRATIME, MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE = 1024, 2048, 4096, 8192, 16384, 1 << 18
MS_RELATIME = 1 << 21
_KEPT = {MS_NOSUID: 2, MS_NODEV: 4, MS_NOEXEC: 8, MS_NOATIME: 1024, MS_NODIRATIME: 2048, MS_RELATIME: 4096}
_MOUNT_SETATTR = 442  # since Linux 5.12
_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_CAPBSET_DROP = 1, 38, 24
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | 1 << 14 | 1 << 15  # 14: truncate, 15: ioctl on a device


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def _prctl(option: int, value: int = 0) -> None:
    arguments = [ctypes.c_ulong(number) for number in (value, 0, 0, 0)]
    _check(_libc().prctl(option, *arguments), f"prctl {option}")


def unshare(flags: int) -> None:
    """Leave the namespaces named by the flags for new ones."""
    _check(_libc().unshare(flags), "unshare")


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent dies."""
    _prctl(_PR_SET_PDEATHSIG, 9)


def no_new_privileges() -> None:
    """Give up for good what a program with set-user-id could give."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def drop_capabilities() -> None:
    """Give up every capability, and the right to get one back."""
    for number in range(64):
        try:
            _prctl(_PR_CAPBSET_DROP, number)
        except OSError:  # there is none with this number, or we may not
            break
    header = struct.pack("Ii", 0x20080522, 0)
    _check(_libc().capset(header, struct.pack("6I", 0, 0, 0, 0, 0, 0)), "capset")


def mount(source: str, target: Path, kind: str, flags: int, options: str = "") -> None:
    """Mount something."""
    call = _libc().mount
    call.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]
    result = call(source.encode(), os.fsencode(target), kind.encode(), flags, options.encode() or None)
    _check(result, f"mount {kind or 'again'} {target}")


def bind_read_only(source: Path, target: Path) -> None:
    """Make a file or folder appear at another place, where nobody can write to it."""
    mount(str(source), target, "", MS_BIND | MS_REC)
    attributes = struct.pack("QQQQ", 3, 0, 0, 0)  # read-only, no set-user-id; with all that is mounted within
    path, size = os.fsencode(target), ctypes.c_size_t(len(attributes))
    number, flags = ctypes.c_long(_MOUNT_SETATTR), ctypes.c_uint(0x8000)
    if _libc().syscall(number, ctypes.c_int(-100), path, flags, attributes, size) == 0:
        return
    set_flags = os.statvfs(target).f_flag  # a user namespace may add flags, and must keep those that are set
    kept = sum(flag for flag, shown in _KEPT.items() if set_flags & shown)
    mount("", target, "", MS_BIND | MS_REMOUNT | MS_RDONLY | MS_NOSUID | kept)


def enter_root(root: Path) -> None:
    """Make a folder (a mount) the root of everything, and let go of the old root."""
    os.chdir(root)
    number = _PIVOT_ROOT.get(os.uname().machine)
    try:
        if number is None:
            raise OSError("pivot_root: not known on this machine")
        _check(_libc().syscall(ctypes.c_long(number), b".", b"."), "pivot_root")
        _check(_libc().umount2(b".", 2), "umount")  # 2: at once, whoever uses it
    except OSError:  # the root of a machine that runs from its initial memory disk cannot be exchanged, only covered
        mount(".", Path("/"), "", MS_MOVE)
        os.chroot(".")
    os.chdir("/")


def raise_loopback() -> None:
    """Switch on the loopback interface of a new network namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        (flags,) = struct.unpack_from("h", fcntl.ioctl(control, 0x8913, request), 16)
        fcntl.ioctl(control, 0x8914, struct.pack("16sh14x", b"lo", flags | 1))


def landlock_version() -> int:
    """Give the version of Landlock that this kernel has; 0 if it has none."""
    if sys.platform != "linux":
        return 0
    return max(0, int(_libc().syscall(ctypes.c_long(_CREATE_RULESET), None, ctypes.c_size_t(0), ctypes.c_uint(1))))


def landlock(readable: list[Path], listable: list[Path], writable: list[Path], *, network: bool) -> None:
    """Forbid this process and its children every file but those given, and TCP unless `network` is true.

    What already is open stays open. From version 6 on, processes outside can no longer be sent signals.
    """
    version = landlock_version()
    if version == 0:
        raise OSError("landlock: this kernel has none")
    rights = (1 << (13 + (version >= 2) + (version >= 3) + (version >= 5))) - 1
    ports = 3 if version >= 4 and not network else 0
    scoped = 3 if version >= 6 else 0
    content = struct.pack("QQQ", rights, ports, scoped)[: 8 if version < 4 else 16 if version < 6 else 24]
    made = _libc().syscall(ctypes.c_long(_CREATE_RULESET), content, ctypes.c_size_t(len(content)), ctypes.c_uint(0))
    ruleset = _check(int(made), "landlock")
    for paths, wanted in (
        (readable, _EXECUTE | _READ_FILE | _READ_DIR), (listable, _READ_DIR), (writable, rights & ~(1 << 6 | 1 << 11)),
    ):  # fmt: skip
        for path in paths:
            _allow(ruleset, path, wanted & rights)
    _check(int(_libc().syscall(ctypes.c_long(_RESTRICT_SELF), ctypes.c_int(ruleset), ctypes.c_uint(0))), "landlock")
    os.close(ruleset)


def _allow(ruleset: int, path: Path, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:  # what is not there needs no permission
        return
    if not stat.S_ISDIR(os.fstat(place).st_mode):
        rights &= _FILE_RIGHTS
    rule = struct.pack("=Qi", rights, place)
    number, kind = ctypes.c_long(_ADD_RULE), ctypes.c_int(1)
    result = _libc().syscall(number, ctypes.c_int(ruleset), kind, rule, ctypes.c_uint(0))
    os.close(place)
    _check(int(result), f"landlock {path}")


def install_filter(program: bytes) -> None:
    """Let the kernel ask a program of filter instructions (8 bytes each) about every system call from now on."""
    buffer = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxQ" if struct.calcsize("P") == 8 else "HxxI", len(program) // 8, ctypes.addressof(buffer))
    _check(_libc().prctl(22, ctypes.c_ulong(2), head, ctypes.c_ulong(0), ctypes.c_ulong(0)), "seccomp")
