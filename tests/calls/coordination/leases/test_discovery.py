"""Finding a lookup service by multicast on loopback, and saying so where that is forbidden."""

import json
import socket
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.coordination.leases.discovery import (
    GROUP,
    LOOPBACK,
    MOST_BYTES,
    announced,
    discover,
    read_answer,
    read_question,
    write_question,
)
from companion.calls.coordination.lines import Address

HERE = Address(LOOPBACK, 4711)


@given(st.text("ab0", max_size=16), st.lists(st.text("ab", max_size=5), max_size=16))
@settings(max_examples=50)
def test_a_question_comes_back(nonce: str, groups: list[str]) -> None:
    assert read_question(write_question(nonce, groups)) == (nonce, groups)


@given(st.binary(max_size=100))
@settings(max_examples=50)
def test_no_datagram_breaks_a_reader(datagram: bytes) -> None:
    assert read_question(datagram) is None
    assert read_answer(datagram, "n") is None


@pytest.mark.parametrize(
    "datagram",
    [
        b"[" * 1400,
        b'{"ask":"n","groups":["a"]}' + b" " * MOST_BYTES,
        b'{"ask":1,"groups":[]}',
        json.dumps({"ask": "n" * 65, "groups": []}).encode(),
        json.dumps({"ask": "n", "groups": ["a"] * 17}).encode(),
    ],
)
def test_what_is_too_much_is_no_question(datagram: bytes) -> None:
    assert read_question(datagram) is None


def test_only_the_answer_to_ones_own_question_counts() -> None:
    right = {"answer": "n", "host": "h", "port": 1}
    assert read_answer(json.dumps(right).encode(), "n") == ("h", 1)
    wrong: list[dict[str, object]] = [{"answer": "m"}, {"port": 0}, {"port": 65_536}, {"port": "1"}, {"host": None}]
    for change in wrong:
        assert read_answer(json.dumps(right | change).encode(), "n") is None


def test_members_of_the_group_answer_and_others_are_silent() -> None:
    before = threading.active_count()
    with announced(HERE, "travel", "public") as port:
        if port is None:
            pytest.skip("this system lets nobody join a multicast group")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(LOOPBACK))
            for nonsense in (b"", b"\xff" * 1400, b"{}"):
                stranger.sendto(nonsense, (GROUP, port))
        assert discover(port, ["travel"]).addresses == [HERE]
        assert discover(port, ["other"], patience=0.05) == ([], "")
    assert threading.active_count() == before


def test_where_it_is_forbidden_one_is_told_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Strict(socket.socket):
        def setsockopt(self, *_: object) -> None:
            raise PermissionError(1, "not permitted")

    monkeypatch.setattr(socket, "socket", Strict)
    with announced(HERE, "travel") as port:
        assert port is None
    assert discover(port, ["travel"]).forbidden == "this system lets nobody join a multicast group"
    assert discover(4711, ["travel"]).forbidden == "this system sends no multicast: not permitted"
