"""The isolation layers around an answer on one system, and what remains possible without the others."""

from __future__ import annotations

from dataclasses import dataclass

from companion.exercises.sandbox import linux_calls

LAYERS = {
    "user": "another user",
    "pid": "a world of processes of its own (PID namespace)",
    "files": "a root folder of its own (mount namespace)",
    "network": "a network of its own without any way out (network namespace)",
    "ipc": "its own shared memory (IPC namespace)",
    "landlock": "files and TCP closed by Landlock",
    "seccomp": "system calls filtered (seccomp)",
}
FIRST_UID = 60706  # no distribution and no systemd gives numbers from here to 61183 to anyone


@dataclass(frozen=True)
class Isolation:
    """The layers that isolate answers on this system; `missing` says why each of the others is not there."""

    layers: tuple[str, ...]
    missing: dict[str, str]

    @property
    def enough(self) -> bool:
        """Whether answers can neither read or change the grader's files nor touch its processes."""
        files = {"files", "landlock", "user"} & {*self.layers}
        processes = {"pid", "user"} & {*self.layers} or {"landlock", "seccomp"} <= {*self.layers}
        return bool(files) and bool(processes)

    @property
    def loopback(self) -> bool:
        """Whether an answer may be given a network that leads nowhere but to itself."""
        return "network" in self.layers or not self.layers

    @property
    def line(self) -> str:
        """The layers in one line."""
        described = [LAYERS[layer] for layer in self.layers]
        return "; ".join(described) or "none: answers ran as the grader's own user, unprotected"

    @property
    def remains(self) -> list[str]:
        """What answers still can do, in sentences."""
        if not self.layers:
            return ["An answer can read and change whatever you can, the solutions and hidden tests among it."]
        has = {*self.layers}
        said = []
        if not {"files", "landlock"} & has:
            said.append("An answer can read every file that any user of this machine may read; close the folders "
                        "of the book and of the submissions to others (chmod o-rx).")  # fmt: skip
        if not {"user", "pid"} & has:
            said.append("Answers run as your own user; only Landlock and the filter of system calls keep them from "
                        "your processes.")  # fmt: skip
        if not {"network", "seccomp"} & has:
            landlock = "landlock" in has and linux_calls.landlock_version() >= 4
            said.append("An answer can use the network" + (", but not over TCP." if landlock else "."))
        if not {"files", "seccomp"} & has:
            said.append("An answer can talk to services of this machine through their local sockets.")
        if "network" not in has:
            said.append("Exercises that need the loopback network are not graded here.")
        if "pid" not in has and "seccomp" not in has:
            said.append("A process that an answer leaves behind may live on after grading.")
        if "seccomp" not in has:
            said.append("Answers can start processes, each with the whole allowance of memory.")
        return said


UNPROTECTED = Isolation((), dict.fromkeys(LAYERS, "--unprotected"))
