"""The Common Gateway Interface (RFC 3875): a process for each request, which is gone with its answer.

The server puts the request into the environment; the program writes a head and a body to its standard output.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from functools import partial

from companion.calls.concurrency.load.http1 import MOST_BODY, BadMessage, Request, write_response
from companion.calls.concurrency.servers import threads
from companion.calls.concurrency.servers.service import MOST_MS, work_of

PYTHON = """
import os, time
query = dict(pair.split("=") for pair in os.environ["QUERY_STRING"].split("&") if pair)
time.sleep(float(query.get("ms", 0)) / 1000)
end = time.thread_time() + float(query.get("cpu", 0)) / 1000
while time.thread_time() < end:
    pass
print("Content-Type: text/plain\\n\\nok")
"""
"""A script in Python, which imports what every start of Python has imported, and no more."""

PERL = """
my %query = map { split /=/ } split /&/, $ENV{QUERY_STRING};
select(undef, undef, undef, ($query{ms} || 0) / 1000);
my $end = (times)[0] + ($query{cpu} || 0) / 1000;
while ((times)[0] < $end) {}
print "Content-Type: text/plain\\n\\nok\\n";
"""
"""The same in Perl, without the module CGI, which does not come with it any more."""


def command(language: str) -> list[str] | None:
    """Give the command line that runs the script in a language, or None where there is no such language.

    ``C`` is /bin/true, which prints nothing: as little as a process can be.
    """
    if language == "python":
        return [sys.executable, "-I", "-S", "-c", PYTHON]
    found = shutil.which({"perl": "perl", "C": "true"}[language])
    if found is None:
        return None
    return [found, "-e", PERL] if language == "perl" else [found]


def respond(request: Request, line: list[str], scripts: set[subprocess.Popen[bytes]]) -> bytes:
    """Run the script for a request, and write its answer; while it runs, it is among `scripts`.

    Raises
    ------
    BadMessage
        If the request is none that the service knows, or the script fails.
    """
    work = work_of(request)  # so that a script sees two numbers and nothing else
    environment = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": request.method, "SERVER_PROTOCOL": "HTTP/1.1",
                   "QUERY_STRING": f"ms={1000 * work.wait:g}&cpu={1000 * work.compute:g}"}  # fmt: skip
    if "SYSTEMROOT" in os.environ:  # without which Windows starts no Python
        environment["SYSTEMROOT"] = os.environ["SYSTEMROOT"]
    try:
        with subprocess.Popen(line, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as script:  # fmt: skip
            scripts.add(script)
            try:
                out, _ = script.communicate(timeout=3 * MOST_MS / 1000)
            finally:
                script.kill()
                scripts.discard(script)
    except (OSError, subprocess.SubprocessError):
        raise BadMessage("the script failed", 502) from None
    if script.returncode:
        raise BadMessage("the script failed", 502)
    _, _, body = out.partition(b"\n\n")
    return write_response(200, body[:MOST_BODY], keep_alive=request.keep_alive)


def start(listener: socket.socket, workers: int, language: str = "python") -> Callable[[], None]:
    """Serve; `workers` means nothing here. Return what stops it, and ends the scripts that still run."""
    line = command(language)
    if line is None:
        raise OSError(f"there is no {language} here")
    scripts: set[subprocess.Popen[bytes]] = set()
    close = threads.start(listener, workers, partial(respond, line=line, scripts=scripts))

    def stop() -> None:
        close()
        for script in list(scripts):
            script.kill()

    return stop
