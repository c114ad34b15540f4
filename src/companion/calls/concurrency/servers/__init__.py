"""One small web service under six models of concurrency, from a process for each request to an event loop.

with running("pool", workers=16) as server:
    report = load(server.url("ms=20"), rate=200, seconds=2, connections=256)
"""

from companion.calls.concurrency.servers.models import Model, ServerError, missing, serving
from companion.calls.concurrency.servers.process import Server, running

__all__ = ["Model", "Server", "ServerError", "missing", "running", "serving"]
