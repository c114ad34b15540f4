"""A client of a space believes no answer that is none."""

import socket
import threading

import pytest

from companion.calls.coordination.linda.client import SpaceClient
from companion.errors import CompanionError


@pytest.mark.parametrize(
    "answer", [b'{"tuple":"a"}', b'{"tuple":[]}', b'{"tuple":[1],"lease":"1"}', b'{"tuple":[[1]]}', b"{"]
)
def test_an_answer_that_is_no_tuple_is_refused(answer: bytes) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def talk() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(answer + b"\n")

        talking = threading.Thread(target=talk)
        talking.start()
        with SpaceClient(listener.getsockname()) as space, pytest.raises(CompanionError):
            space.take(("a",))
        talking.join()
