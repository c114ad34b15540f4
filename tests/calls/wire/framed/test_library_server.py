"""The child that runs the library's server: it answers, it ends, and it needs no memory for what is announced."""

from companion.calls.wire.framed.hostile import HEAD, STRUCT, list_of
from companion.calls.wire.framed.library_server import GET_ONE, PATIENCE, library_server

MEGABYTES = 64 << 10


def test_two_thousand_million_things_are_announced_and_no_room_is_made() -> None:
    with library_server() as child:
        assert child.answers(PATIENCE)
        before = child.peak_kilobytes()
        assert child.told(HEAD + list_of(STRUCT)) == "waits for the rest"
        assert child.peak_kilobytes() - before < MEGABYTES
        assert child.told(GET_ONE) == "answers"
        assert child.told(b"no message, and a long one") == "hangs up"
    assert child.process.wait(PATIENCE) != 0  # killed
