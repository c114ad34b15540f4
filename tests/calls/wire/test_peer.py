"""ONC RPC against a peer that we did not write: rpcgen's code for types.x, over Debian's libtirpc.

Needs `rpcgen`, `gcc` and the headers of libtirpc (Debian: rpcsvc-proto, gcc, libtirpc-dev), and no rpcbind.
"""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from companion.calls.wire import Address, Customer, CustomerStore, RemoteError, connect, serve
from companion.calls.wire.oncrpc import OncRpcClient
from companion.proxy import proxy

PEER = Path(__file__).parent / "peer"
TYPES = Path(__file__).parents[3] / "src/companion/calls/wire/types.x"
INCLUDE = Path("/usr/include/tirpc")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile both sides; skip, saying what is missing, where that cannot be done."""
    missing = [tool for tool in ("rpcgen", "gcc") if shutil.which(tool) is None]
    missing += [] if (INCLUDE / "rpc/rpc.h").exists() else ["the headers of libtirpc"]
    if missing:
        pytest.skip(f"no peer in C to try: {', '.join(missing)} not found")
    place = tmp_path_factory.mktemp("peer")
    shutil.copy(TYPES, place)

    def run(*command: str) -> None:
        subprocess.run(command, cwd=place, check=True, capture_output=True)

    for flag, name in (("-h", "types.h"), ("-c", "types_xdr.c"), ("-l", "types_clnt.c"), ("-m", "types_svc.c")):
        run("rpcgen", flag, "-o", name, "types.x")
    for side, stub in (("client", "types_clnt.c"), ("server", "types_svc.c")):
        sources = (str(PEER / f"{side}.c"), "types_xdr.c", stub)
        run("gcc", "-Wall", "-Wno-unused-variable", "-Werror", f"-I{INCLUDE}", "-I.", "-o", side, *sources, "-ltirpc")
    return place


@pytest.fixture
def c_server(built: Path) -> Iterator[Address]:
    with subprocess.Popen([built / "server"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield Address("127.0.0.1", int(process.stdout.readline()))
        finally:
            process.kill()


def test_its_client_is_served_by_our_server(built: Path) -> None:
    with serve("oncrpc") as address, proxy(address) as wire:
        done = subprocess.run([built / "client", str(wire.address[1])], capture_output=True, text=True, timeout=20)
    assert done.stderr == ""
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "add 1",
        "add 0",
        "get 7 Grace Hopper 12.50",
        "get 0  0.00",
        "null 0",
        "unknown procedure 1",
        "garbage 1",
        "unknown version 1, served are 1 to 2",
        "add with credentials 1",
        "list 2",
        "- 7 Grace Hopper 12.50",
        "- 8 Heidi with a long second name 0.25",
    ]
    with_credentials = wire.to_server(connection=3)  # the fourth connection that the client opens
    assert not with_credentials[0] & 0x80, "its first fragment is not the last"


def test_its_client_gets_a_long_list_from_our_server(built: Path) -> None:
    customers = [Customer(id=id, name=f"number {id}", balance=float(id)) for id in range(100, 1100)]
    with serve("oncrpc", CustomerStore(customers)) as address:
        done = subprocess.run([built / "client", str(address.port)], capture_output=True, text=True, timeout=20)
    lines = done.stdout.splitlines()
    assert "list 1002" in lines
    assert lines[-1] == "- 1099 number 1099 1099.00"


def test_our_client_is_served_by_its_server(c_server: Address) -> None:
    ada = Customer(id=1, name="Ada Lovelace", balance=1234.5)
    with connect("oncrpc", c_server) as client:
        assert client.add(ada) is True
        assert client.add(ada) is False
        assert client.get(1) == ada
        assert client.get(2) is None
        assert client.list() == [ada]


def test_our_client_of_version_1_is_served_by_its_server(c_server: Address) -> None:
    client = OncRpcClient(c_server, version=1)
    client.null()
    assert client.add(Customer(id=1, name="Jörg", balance=-0.5))
    assert client.get(1) == Customer(id=1, name="Jörg", balance=-0.5)
    with pytest.raises(RemoteError, match="PROC_UNAVAIL"):
        client.list()
    client.close()


def test_its_server_refuses_an_unknown_version_as_ours_does(c_server: Address) -> None:
    client = OncRpcClient(c_server, version=9)
    with pytest.raises(RemoteError, match="PROG_MISMATCH: versions 1 to 2 are served"):
        client.null()
    client.close()


def test_our_client_reads_the_fragments_of_its_server(c_server: Address) -> None:
    customers = [Customer(id=id, name="x" * 30, balance=0.5) for id in range(1, 101)]
    with proxy(c_server) as wire, connect("oncrpc", Address(*wire.address)) as client:
        for customer in customers:
            client.add(customer)
        answered = len(wire.to_client())
        assert client.list() == customers
        mark = int.from_bytes(wire.to_client()[answered : answered + 4], "big")
    assert mark < 0x8000_0000  # the first fragment is not the last


def test_both_servers_answer_the_same_bytes(c_server: Address) -> None:
    def talk(address: Address) -> bytes:
        with proxy(address) as wire, connect("oncrpc", Address(*wire.address)) as client:
            client.add(Customer(id=1, name="Ada", balance=1.5))
            client.add(Customer(id=1, name="Ada", balance=1.5))
            client.get(1)
            client.get(2)
            client.list()
            return wire.to_client()

    with serve("oncrpc") as address:
        assert talk(address) == talk(c_server)
