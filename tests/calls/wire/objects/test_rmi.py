"""A registry and its stubs: what they promise, and hostile frames."""

import inspect
import pickle
import socket

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.wire.customers import Malformed, RemoteError, WireError
from companion.calls.wire.experiments.hostile import reader_of
from companion.calls.wire.objects import rmi
from companion.calls.wire.objects.hidden import Desk
from companion.calls.wire.tcp import receiver

PLAIN = st.recursive(
    st.none() | st.integers() | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner) | st.dictionaries(st.integers(), inner, max_size=2),
    max_leaves=4,
)


def test_a_stub_is_an_instance_of_its_interface_with_its_signatures() -> None:
    with rmi.registry({"desk": Desk()}) as server, rmi.Connection(server) as wire:
        desk = rmi.lookup(wire, "desk", Desk)
        assert isinstance(desk, Desk)
        assert inspect.signature(desk.price) == inspect.signature(Desk().price)
        assert desk.price(book="sicp") == desk.price("sicp") == 60
        with pytest.raises(TypeError):
            desk.price("sicp", "and more")  # type: ignore[call-arg]


@given(PLAIN)
@settings(max_examples=20)
def test_plain_values_of_any_shape_survive_a_pickle(value: object) -> None:
    encode, decode = rmi.ENCODINGS["pickle"]
    assert decode(encode(value)) == value


@given(st.binary(max_size=30))
@settings(max_examples=50)
def test_no_bytes_make_an_object_of_a_class_or_another_error(data: bytes) -> None:
    for decode in (rmi.unpickle, rmi.unjson):
        try:
            found = decode(data)
        except Malformed:
            continue
        assert type(found).__module__ == "builtins"


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_pickle_that_names_a_class_is_refused(protocol: int) -> None:
    with pytest.raises(Malformed):
        rmi.unpickle(pickle.dumps(Desk, protocol))


def test_a_hostile_length_is_refused_by_its_four_bytes() -> None:
    with pytest.raises(Malformed, match="4294967295"):
        rmi.receive(reader_of(b"\xff\xff\xff\xff"))


@pytest.mark.parametrize("call", [["desk", "_secret", []], ["desk", "__class__", []], ["none", "echo", [1]], 7, []])
def test_what_is_no_method_of_a_registered_object_is_refused_and_the_server_stays(call: object) -> None:
    with rmi.registry({"desk": Desk()}) as server, rmi.Connection(server) as wire:
        rmi.send(wire.socket, pickle.dumps(call))
        assert pickle.loads(rmi.receive(receiver(wire.socket, 5.0)))[0] == "raised"
        assert wire.call("desk", "echo", ("still here",)) == "still here"


def test_garbage_ends_its_connection_and_no_other() -> None:
    with rmi.registry({"desk": Desk()}) as server, rmi.Connection(server) as bad, rmi.Connection(server) as good:
        rmi.send(bad.socket, b"no pickle")
        bad.socket.settimeout(5.0)
        assert bad.socket.recv(1) == b""
        assert good.call("desk", "price", ("sicp",)) == 60


def test_the_class_of_a_remote_exception_is_a_name_only() -> None:
    with rmi.registry({"desk": Desk()}) as server, rmi.Connection(server) as wire, pytest.raises(RemoteError) as told:
        rmi.lookup(wire, "desk", Desk).price("taocp")
    assert told.value.code == "KeyError" and not isinstance(told.value, KeyError)


def test_a_registry_that_is_left_closes_the_connections_too() -> None:
    with rmi.registry({"desk": Desk()}) as server:
        wire = rmi.Connection(server)
        wire.call("desk", "echo", (1,))
    with wire, pytest.raises((OSError, WireError)):
        wire.socket.settimeout(5.0)
        wire.call("desk", "echo", (1,))
    assert wire.socket.fileno() == -1 and isinstance(wire.socket, socket.socket)
