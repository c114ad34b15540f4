"""The isolation layers around an answer: entered by its own process, before it has read a line of the student's.

Each layer may be missing where the system does not give it; `probe` finds out which there are.
This module runs inside the sandboxed process and imports nothing but the standard library and its neighbours.
"""

from __future__ import annotations

import importlib
import os
import resource
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from companion.errors import CompanionError
from companion.exercises.sandbox import linux_calls, seccomp

NAMESPACES = ("pid", "files", "network", "ipc")
SYSTEM = ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/localtime", "/etc/hosts", "/etc/nsswitch.conf")
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
PROOFS = ("companion.parameters", "colorsys", "simpy.util")
"""What an answer must be able to import inside the layers."""


@dataclass(frozen=True)
class Plan:
    """Which layers, and what stays open in them."""

    layers: list[str]
    scratch: str
    uid: int = 0
    readable: list[str] = field(default_factory=list)
    listable: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    seconds: float = 20.0
    memory: int = 1 << 30
    tasks: int = 64


class LayerError(CompanionError):
    """A layer could not be set up: which, and why."""

    def __init__(self, layer: str, reason: str) -> None:
        super().__init__(f"{layer}: {reason}")
        self.layer = layer


@contextmanager
def _layer(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise LayerError(name, error.strerror or str(error)) from error


def leave_namespaces(plan: Plan) -> None:
    """Go into new namespaces; from then on a child process is the first in its own world of processes."""
    wanted = [name for name in NAMESPACES if name in plan.layers]
    if not wanted:
        return
    uid, gid = os.getuid(), os.getgid()
    if uid != 0:
        with _layer(wanted[0]):
            linux_calls.unshare(linux_calls.CLONE["user"])
            Path("/proc/self/setgroups").write_text("deny")
            Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
            Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")
    for name in wanted:
        with _layer(name):
            linux_calls.unshare(linux_calls.CLONE[name])


def enter(plan: Plan, keep: set[int]) -> None:
    """Enter the other layers, the strongest last.

    Parameters
    ----------
    plan
        Which layers.
    keep
        The open files that stay open, beside standard input, output and errors.

    Raises
    ------
    LayerError
        If one of them cannot be put up.
    """
    os.setsid()
    scratch = Path(plan.scratch)
    own = os.getuid()
    tasks = plan.tasks + (0 if own == 0 or _has_own_count(plan) else _tasks_of(own))
    if "files" in plan.layers:
        with _layer("files"):
            scratch = _private_root(plan)
    if "network" in plan.layers:
        with _layer("network"):
            linux_calls.raise_loopback()
    os.chdir(scratch)
    _close_others(keep)
    _limit(plan, tasks)
    os.environ.update(HOME=str(scratch), TMPDIR=str(scratch), MPLCONFIGDIR=str(scratch))
    if "user" in plan.layers:
        with _layer("user"):
            os.setgroups([])
            os.setresgid(plan.uid, plan.uid, plan.uid)
            os.setresuid(plan.uid, plan.uid, plan.uid)
    if sys.platform == "linux":
        _give_up_rights(plan, scratch)
    _prove(plan, scratch)


def _give_up_rights(plan: Plan, scratch: Path) -> None:
    with suppress(OSError):
        linux_calls.die_with_parent()
    if plan.layers:  # without any, not even these: the run is as the grader's own
        with _layer("user" if "user" in plan.layers else plan.layers[0]):
            linux_calls.drop_capabilities()
            linux_calls.no_new_privileges()
    if "landlock" in plan.layers:
        with _layer("landlock"):
            writable = [scratch, *map(Path, DEVICES), *([Path("/dev/shm")] if "processes" in plan.needs else [])]
            readable = [Path(path) for path in (*plan.readable, *SYSTEM, *DEVICES)]
            inner = "loopback" in plan.needs and "network" in plan.layers
            linux_calls.landlock(readable, [Path(path) for path in plan.listable], writable, network=inner)
    if "seccomp" in plan.layers:
        with _layer("seccomp"):
            marks = "files" in plan.layers or "user" in plan.layers  # then nothing of the grader's can be marked
            program = seccomp.program(
                own=os.getpid(), processes="processes" in plan.needs, network="loopback" in plan.needs, marks=marks
            )
            linux_calls.install_filter(program)


def _prove(plan: Plan, scratch: Path) -> None:
    """Do what an answer will: import, and write into its scratch folder."""
    with _layer("user" if "user" in plan.layers else next(iter(plan.layers), "start")):
        (scratch / "proof").touch()
        (scratch / "proof").unlink()
    for name in PROOFS if plan.layers else ():
        try:
            importlib.import_module(name)
        except ImportError as error:
            layer = next(layer for layer in ("user", "landlock", "files", *plan.layers) if layer in plan.layers)
            raise LayerError(layer, f"Python's own files cannot be read behind it ({error})") from error


def _private_root(plan: Plan) -> Path:
    """Build a root folder that holds what an answer may read, and a scratch folder in memory; go there."""
    base = Path(plan.scratch)
    linux_calls.mount("", Path("/"), "", linux_calls.MS_REC | linux_calls.MS_PRIVATE)
    memory = linux_calls.MS_NOSUID | linux_calls.MS_NODEV
    linux_calls.mount("tmpfs", base, "tmpfs", memory, "size=1m,nr_inodes=4096,mode=755")
    placed: list[Path] = []
    for text in sorted({*plan.readable, *SYSTEM, *DEVICES}, key=len):
        path = Path(text)
        if not path.exists() or any(path.is_relative_to(other) for other in placed):
            continue
        target = base / path.relative_to("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.is_symlink() and path.parent in (Path("/"), Path("/etc")):
            target.symlink_to(path.readlink())
            continue
        if path.is_dir():
            target.mkdir(exist_ok=True)
        else:
            target.touch()
        linux_calls.bind_read_only(path, target)
        placed.append(path)
    owner = f"uid={plan.uid},gid={plan.uid}," if "user" in plan.layers else ""
    inside = {"scratch": owner + "mode=700", "dev/shm": "mode=1777"} if "processes" in plan.needs else {}
    for name, options in {"scratch": owner + "mode=700", **inside}.items():
        (base / name).mkdir(parents=True, exist_ok=True)
        linux_calls.mount("tmpfs", base / name, "tmpfs", memory, f"size=64m,nr_inodes=4096,{options}")
    if not (base / "tmp").exists():  # the package itself may lie there
        (base / "tmp").symlink_to("scratch")
    linux_calls.mount("", base, "", linux_calls.MS_REMOUNT | linux_calls.MS_BIND | linux_calls.MS_RDONLY | memory)
    linux_calls.enter_root(base)
    return Path("/scratch")


def _close_others(keep: set[int]) -> None:
    last = 2
    for number in sorted(keep):
        os.closerange(last + 1, number)
        last = number
    os.closerange(last + 1, 65536)


def _limit(plan: Plan, tasks: int) -> None:
    cpu = int(plan.seconds) + 2
    wanted: dict[str, tuple[int, int]] = {
        "RLIMIT_CORE": (0, 0), "RLIMIT_CPU": (cpu, cpu + 1), "RLIMIT_FSIZE": (16 << 20, 16 << 20),
        "RLIMIT_NOFILE": (256, 256), "RLIMIT_DATA": (plan.memory, plan.memory),
        "RLIMIT_AS": (4 * plan.memory, 4 * plan.memory), "RLIMIT_MEMLOCK": (1 << 20, 1 << 20),
        "RLIMIT_MSGQUEUE": (0, 0), "RLIMIT_NPROC": (tasks, tasks),
    }  # fmt: skip
    for name, (soft, hard) in wanted.items():
        number = getattr(resource, name, None)
        if number is None or (name == "RLIMIT_NPROC" and not plan.layers):
            continue
        _, allowed = resource.getrlimit(number)
        if allowed != resource.RLIM_INFINITY:
            soft, hard = min(soft, allowed), min(hard, allowed)
        with suppress(OSError, ValueError):  # macOS has some of these in name only
            resource.setrlimit(number, (soft, hard))


def _has_own_count(plan: Plan) -> bool:
    """Whether the kernel counts this world's processes apart from the grader's: another user, or a user namespace."""
    return any(layer in plan.layers for layer in ("user", *NAMESPACES))


def _tasks_of(uid: int) -> int:
    """Count the threads that a user has now."""
    count = 0
    look: Callable[[Path], int] = lambda path: sum(1 for _ in (path / "task").iterdir())  # noqa: E731
    for path in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            count += look(path) if path.stat().st_uid == uid else 0
    return count
