"""A server as a process of its own: `python -m companion.calls.concurrency.servers MODEL`.

It prints ``ready HOST PORT CPU`` when it accepts requests, with the seconds of processor that it has used until then,
and ends at a SIGTERM, at an interrupt, or when its standard input ends; then it prints ``stopped CPU``.
"""

from __future__ import annotations

import argparse
import ctypes
import os
import signal
import sys
import threading

from companion.calls.concurrency.servers.models import Model, ServerError, serving

PR_SET_PDEATHSIG = 1


def cpu() -> float:
    """Give the seconds of processor that this process and the children that it has waited for have used."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return sum(os.times()[:4])
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def main() -> int:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("model", choices=list(Model))
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--language", choices=["python", "perl", "C"], default="python")
    chosen = parser.parse_args()
    if sys.platform == "linux":  # one that is stopped cannot read that its parent is gone: wake it
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGCONT)
    done = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: done.set())
    try:
        with serving(chosen.model, chosen.host, chosen.port, chosen.workers, chosen.language) as (host, port):
            threading.Thread(target=_watch, args=(done,), daemon=True).start()
            print("ready", host, port, cpu(), flush=True)
            done.wait()
    except (OSError, ServerError) as error:
        print("failed", error, flush=True)
        return 2
    print("stopped", cpu(), flush=True)
    return 0


def _watch(done: threading.Event) -> None:
    """End with whoever holds the other end of the standard input."""
    while os.read(0, 4096):
        pass
    done.set()


if __name__ == "__main__":
    status = main()
    sys.stdout.flush()
    os._exit(status)  # threads that still serve somebody are not waited for
