"""Which system calls an answer may not make: a filter for the kernel, built as a short program of its own machine."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterable

# Other processes, and what belongs to the whole machine.
# Each name: its number on x86_64 and on aarch64; -1 where there is no such call.
_CALLS: dict[str, tuple[int, int]] = {
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "kcmp": (312, 272), "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "setsid": (112, 157), "setpgid": (109, 154),
    "setpriority": (141, 140), "setns": (308, 268), "unshare": (272, 97), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51),
    "move_mount": (429, 429), "open_tree": (428, 428), "fsopen": (430, 430), "fsmount": (432, 432),
    "mount_setattr": (442, 442), "open_tree_attr": (467, 467),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "io_uring_setup": (425, 425),
    "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264), "kexec_load": (246, 104),
    "init_module": (175, 105), "finit_module": (313, 273), "reboot": (169, 142), "swapon": (167, 224),
    "fork": (57, -1), "vfork": (58, -1),
}  # fmt: skip
# The marks of files, which Landlock leaves to their owner.
_MARKS: dict[str, tuple[int, int]] = {
    "chmod": (90, -1), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, -1),
    "lchown": (94, -1), "fchown": (93, 55), "fchownat": (260, 54), "utime": (132, -1), "utimes": (235, -1),
    "futimesat": (261, -1), "utimensat": (280, 88), "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "setxattrat": (463, 463), "removexattrat": (466, 466), "file_setattr": (469, 469),
}  # fmt: skip
# Those that are allowed with some arguments only.
_SOME: dict[str, tuple[int, int]] = {
    "clone": (56, 220), "clone3": (435, 435), "socket": (41, 198), "kill": (62, 129), "tgkill": (234, 131),
    "prlimit64": (302, 261), "sched_setaffinity": (203, 122),
}  # fmt: skip
_FORKS = {"fork", "vfork"}
_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
_CLONE_THREAD, _AF_INET, _AF_INET6 = 0x00010000, 2, 10
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16


def known_machine() -> bool:
    """Whether the numbers of this machine's system calls are known here."""
    return os.uname().machine in _MACHINES


def program(*, own: int, processes: bool, network: bool, marks: bool) -> bytes:
    """Build the filter.

    Parameters
    ----------
    own
        The process that may be sent signals: its own number.
    processes
        Whether it may start processes; threads it always may.
    network
        Whether it may open internet sockets; others it never may.
    marks
        Whether it may change the permissions, owners and times of files.
    """
    column, architecture = _MACHINES[os.uname().machine]
    refused = {**_CALLS, **({} if marks else _MARKS)}
    denied = [calls[column] for name, calls in refused.items() if not (processes and name in _FORKS)]
    number = {name: calls[column] for name, calls in _SOME.items()}
    code = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, architecture), _refuse(), (_LOAD, 0, 0, _NUMBER)]
    code += [(_AT_LEAST, 0, 1, 0x40000000), _refuse()]  # the calls of another machine under our own name
    for call in sorted(call for call in denied if call >= 0):
        code += [(_EQUAL, 0, 1, call), _refuse()]
    if not processes:
        code += [(_EQUAL, 0, 1, number["clone3"]), _refuse(errno.ENOSYS)]  # then the C library falls back to clone
        code += _only(number["clone"], [(_ANY_BIT, _CLONE_THREAD)])
    families = [(_EQUAL, _AF_INET), (_EQUAL, _AF_INET6)] if network else []
    code += _only(number["socket"], families)
    if not processes:
        for name in ("kill", "tgkill"):
            code += _only(number[name], [(_EQUAL, own)])
        for name in ("prlimit64", "sched_setaffinity"):
            code += _only(number[name], [(_EQUAL, 0), (_EQUAL, own)])
    code.append((_RETURN, 0, 0, _ALLOW))
    return b"".join(struct.pack("HBBI", *instruction) for instruction in code)


def _refuse(number: int = errno.EPERM) -> tuple[int, int, int, int]:
    return (_RETURN, 0, 0, _ERROR | number)


def _only(call: int, tests: Iterable[tuple[int, int]]) -> list[tuple[int, int, int, int]]:
    """Refuse a call unless its first argument passes one of the tests."""
    wanted = list(tests)
    body = [(_LOAD, 0, 0, _FIRST_ARGUMENT)]
    body += [(kind, len(wanted) - place, 0, value) for place, (kind, value) in enumerate(wanted)]
    body += [_refuse(), (_RETURN, 0, 0, _ALLOW)]
    return [(_EQUAL, 0, len(body), call), *body]
