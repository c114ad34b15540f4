"""A service that answers for itself by multicast DNS, as a process.

python -m companion.calls.coordination.naming.mdns_worker NAME HOST:PORT TTL KEY=VALUE...
"""

from __future__ import annotations

import socket
import sys
from typing import Any

from zeroconf import ServiceInfo, Zeroconf

from companion.calls.coordination.naming.children import questions, say

KIND = "_traffic._tcp.local."


def main(name: str, address: str, ttl: str, *pairs: str) -> None:
    """Answer until standard input ends, then say goodbye."""
    host, _, port = address.rpartition(":")
    lifetimes: dict[str, Any] = {"host_ttl": int(ttl), "other_ttl": int(ttl)} if int(ttl) else {}  # 0: the library's
    service = ServiceInfo(
        KIND, f"{name}.{KIND}", addresses=[socket.inet_aton(host)], port=int(port), server=f"{name}.local.",
        properties=dict(pair.split("=", 1) for pair in pairs), **lifetimes,
    )  # fmt: skip
    network = Zeroconf(interfaces=["127.0.0.1"])
    try:
        network.register_service(service)
        say(ready=True)
        for _ in questions():
            network.update_service(service)
            say(ready=True)
        network.unregister_service(service)
    finally:
        network.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
