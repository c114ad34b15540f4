"""What Thrift's own server does with what no client should send, beside ours."""

from companion.calls.wire.framed.hostile import FRAMES, HEAD, NOTHING, hostile_frames, list_of, ours


def test_the_library_waits_or_counts_where_ours_refuses() -> None:
    rows = hostile_frames()
    assert {row.ours for row in rows} == {"refuses"}
    waits, busy = "waits for the rest", "is busy: nobody is answered"
    assert {row.frame: row.library for row in rows} == dict(zip(FRAMES, (waits, waits, busy), strict=True))


def test_a_list_that_is_short_is_refused_too_if_its_things_have_no_bytes() -> None:
    assert ours(HEAD + list_of(NOTHING, 3) + b"\0", framed=False) == "refuses"
