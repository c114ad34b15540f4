"""The duplicate-request cache: each message is carried out once, while the cache has a place for it."""

import threading
import time
from collections import Counter, OrderedDict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.calls.wire.duplicates import DuplicateRequestCache


def counting(seen: Counter[bytes]) -> DuplicateRequestCache:
    return bounded(seen, 1000)


def bounded(seen: Counter[bytes], size: int) -> DuplicateRequestCache:
    def answer(message: bytes) -> bytes:
        seen[message] += 1
        return message.upper() + b"%d" % seen[message]

    return DuplicateRequestCache(answer, size)


@given(st.lists(st.binary(max_size=3)))
def test_each_message_is_carried_out_once_and_has_one_answer(messages: list[bytes]) -> None:
    seen = Counter[bytes]()
    cache = counting(seen)
    answers = [cache(message) for message in messages]
    assert set(seen.values()) <= {1}
    assert answers == [message.upper() + b"1" for message in messages]


@given(st.lists(st.sampled_from([b"a", b"b", b"c", b"d"])), st.integers(1, 4))
def test_it_forgets_as_a_queue_of_so_many_places_does(messages: list[bytes], size: int) -> None:
    seen, expected = Counter[bytes](), Counter[bytes]()
    cache, places = bounded(seen, size), OrderedDict[bytes, None]()
    for message in messages:
        cache(message)
        if message not in places:
            expected[message] += 1
            places[message] = None
            if len(places) > size:
                places.popitem(last=False)
    assert seen == expected


def test_a_repetition_that_overtakes_waits_for_the_first_answer() -> None:
    begun, go_on = threading.Event(), threading.Event()
    seen: list[bytes] = []

    def answer(message: bytes) -> bytes:
        seen.append(message)
        begun.set()
        assert go_on.wait(10)
        return b"done"

    cache = DuplicateRequestCache(answer, 1)
    answers: list[bytes] = []
    threads = [threading.Thread(target=lambda: answers.append(cache(b"pay"))) for _ in range(3)]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    time.sleep(0.05)  # the others have come by now, or will find the answer
    go_on.set()
    for thread in threads:
        thread.join()
    assert seen == [b"pay"] and answers == [b"done"] * 3


def test_what_could_not_be_answered_is_not_tried_again() -> None:
    tried: list[bytes] = []

    def answer(message: bytes) -> bytes:
        tried.append(message)
        raise ValueError("no call")

    cache = DuplicateRequestCache(answer, 1)
    for _ in range(2):
        with pytest.raises(ValueError, match="no call"):
            cache(b"?")
    assert tried == [b"?"]


def test_a_cache_has_a_place() -> None:
    with pytest.raises(ValueError, match="size = 0 is not accepted"):
        DuplicateRequestCache(bytes, 0)
