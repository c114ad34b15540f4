"""The conversation between check and answer, both ends in this process."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from companion.exercises.dialogue.answering import Answering
from companion.exercises.dialogue.protocol import Line
from companion.exercises.dialogue.proxies import AnswerError, Proxy
from companion.exercises.dialogue.session import Session, TalkError


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


Talk = Callable[..., dict[str, Any]]


@pytest.fixture
def talk() -> Iterator[Talk]:
    """Give the names that an answer defines, as a check sees them."""
    open_ = []

    def begin(source: str, *names: str, objects: bool = True) -> dict[str, Any]:
        ours, theirs = socket.socketpair()
        open_.append(ours)
        threading.Thread(target=Answering(Line(theirs)).serve, daemon=True).start()
        return Session(Line(ours), objects=objects).run([("<your answer>", source)], list(names))

    yield begin
    for one in open_:
        one.shutdown(socket.SHUT_RDWR)
        one.close()


CLASS = """
class Box:
    limit = 3
    def __init__(self, *items): self.items = list(items)
    def add(self, item): self.items.append(item); return self
    def __len__(self): return len(self.items)
    def __getitem__(self, n): return self.items[n]
    def __contains__(self, item): return item in self.items
    def __enter__(self): return self
    def __exit__(self, *what): self.left = what[0]
    def __add__(self, other): return Box(*self.items, *other.items)
    def __eq__(self, other): return True
    async def later(self): return 7
def squares():
    n = 0
    while True:
        yield n * n
        n += 1
async def soon(x): return x + 1
def apply(function, *args, **kwargs): return function(*args, **kwargs)
def same(x): return x
def fails(): return {}['missing']
def retry(function):
    try:
        return function()
    except ConnectionError as error:
        return f'caught {error}'
def let_through(function): return function()
async def gather(function): return await function(1)
"""


def test_objects_of_the_answers_are_used_like_objects(talk: Talk) -> None:
    box = talk(CLASS, "Box")["Box"]("a", "b")
    assert box.add("c") is not None and len(box) == 3 and box[2] == "c" and "a" in box and "z" not in box
    assert box.items == ["a", "b", "c"] and box.limit == 3
    box.limit = 5
    assert box.limit == 5
    with box as inside:
        assert len(inside) == 3
    assert box.left is None
    assert len(box + box) == 6
    assert "Box" in repr(box)


@pytest.mark.parametrize(
    "use",
    [lambda b: b == 3, lambda b: b != 3, lambda b: b < 3, bool, float, lambda b: f"{b:.2f}", lambda b: b == b],
    ids=["==", "!=", "<", "bool", "float", "format", "itself"],
)  # fmt: skip
def test_an_object_never_judges_itself(use: Any, talk: Talk) -> None:
    box = talk(CLASS, "Box")["Box"]()
    with pytest.raises(AnswerError, match="plain value"):
        use(box)


LIAR = """
class Liar:
    def __contains__(self, item): return True
    def __len__(self): return 3
    def __sub__(self, other): return 0.0
    __rsub__ = __add__ = __getitem__ = __sub__
    def startswith(self, text): return True
    def __iter__(self): return iter([1, 2])
    def __enter__(self): return 'in'
    def __exit__(self, *what): pass
def find(): return Liar()
async def ready(): return True
"""


@pytest.mark.parametrize(
    "use",
    [lambda x: 5 in x, lambda x: x - 5, lambda x: 5 - x, lambda x: x + 5, lambda x: x.startswith("a"),
     lambda x: x[5], lambda x: setattr(x, "a", 5)],
    ids=["in", "-", "r-", "+", "method", "[]", "set"],
)  # fmt: skip
def test_where_no_class_is_asked_for_an_object_is_told_nothing(use: Any, talk: Talk) -> None:
    liar = talk(LIAR, "find", objects=False)["find"]()
    with pytest.raises((AnswerError, TypeError)):
        use(liar)


def test_where_no_class_is_asked_for_an_object_can_be_iterated_and_entered(talk: Talk) -> None:
    liar = talk(LIAR, "find", objects=False)["find"]()
    assert list(liar) == [1, 2]
    with liar as inside:
        assert inside == "in"


def test_a_coroutine_is_not_true(talk: Talk) -> None:
    ready = talk(LIAR, "ready", objects=False)["ready"]
    for use in (bool, lambda later: later == True):  # noqa: E712
        later = ready()
        with pytest.raises(AnswerError, match="does not await"):
            use(later)
        assert asyncio.run(later) is True


def test_an_object_is_in_no_set(talk: Talk) -> None:
    names = talk(CLASS, "Box")
    with pytest.raises(TypeError):
        {names["Box"]()}
    assert not isinstance(names["Box"](), int | float | str | dict | list)
    assert isinstance(names["Box"](), names["Box"])
    with pytest.raises(TypeError):
        names["Box"]() * 2


def test_functions_go_both_ways(talk: Talk) -> None:
    names = talk(CLASS, "apply", "same", "retry", "let_through")
    assert names["apply"](lambda a, b: a + b, 2, b=3) == 5
    assert names["apply"](names["same"], "x") == "x"  # a function of the answer's, back to the answer

    def mine() -> None: ...

    assert names["same"](mine) is mine
    assert names["apply"](lambda f: f(5), names["same"]) == 5  # one that comes back within a call


def test_exceptions_go_both_ways(talk: Talk) -> None:
    class Down(ConnectionError):
        pass

    def down() -> None:
        raise Down("for good")

    names = talk(CLASS, "retry", "let_through", "fails")
    assert names["retry"](down) == "caught for good"
    with pytest.raises(Down):  # the check's own exception comes back as itself
        names["let_through"](down)
    with pytest.raises(KeyError) as caught:
        names["fails"]()
    assert isinstance(caught.value, AnswerError) and "missing" in str(caught.value)
    assert caught.value.described["cell"] == "<your answer>" and caught.value.described["line"] == 22


def test_generators_without_end_are_read_as_far_as_wanted(talk: Talk) -> None:
    numbers = talk(CLASS, "squares")["squares"]()
    assert [next(numbers) for _ in range(5)] == [0, 1, 4, 9, 16]
    assert next(iter(numbers)) == 25
    few = talk("def few():\n    yield 1\n    yield 2", "few")["few"]
    assert list(few()) == [1, 2]


async def as_a_check_does(names: dict[str, Any]) -> list[Any]:
    async def double(x: int) -> int:
        return 2 * x

    return [await names["soon"](1), await names["Box"]().later(), await names["gather"](double)]


def test_coroutines_can_be_awaited(talk: Talk) -> None:
    assert asyncio.run(as_a_check_does(talk(CLASS, "soon", "Box", "gather"))) == [2, 7, 2]


def test_seeded_generators_and_frozen_records_of_the_package_are_carried(talk: Talk) -> None:
    from companion.simulators.metastable import Settings

    names = talk(CLASS + "def draw(rng): return [rng.random() for _ in range(3)]", "draw", "same", "apply")
    expected = random.Random(7)
    assert names["draw"](random.Random(7)) == [expected.random() for _ in range(3)]
    sent = Settings(load=55.0)
    back = names["same"](sent)
    assert type(back) is Settings and back == sent and back is not sent


class Clock:
    """A class as a check defines one."""

    def __init__(self) -> None:
        self.now, self._secret = 0.0, "expected"

    def sleep(self, seconds: float) -> None:
        self.now += seconds


Clock.__module__ = "__main__"  # where a check is executed


def test_an_object_of_a_class_in_the_check_shows_its_public_names(talk: Talk) -> None:
    names = talk(
        CLASS + """
def wait(clock):
    clock.sleep(2.5)
    return clock.now
def spy(clock): return clock._secret
def dig(clock): return clock._get('__class__')
def dig_deeper(clock): return clock.sleep.__globals__
def change(clock): clock.now = 9
""", "wait", "spy", "dig", "dig_deeper", "change", "same")  # fmt: skip
    clock = Clock()
    assert names["wait"](clock) == 2.5 and names["wait"](clock) == 5.0 == clock.now
    assert names["same"](clock) is clock
    for name in ("spy", "dig", "dig_deeper", "change"):
        with pytest.raises(AttributeError):
            names[name](clock)
    assert clock.now == 5.0


def test_other_objects_of_the_check_are_not_handed_over(talk: Talk) -> None:
    same = talk(CLASS, "same")["same"]
    for value in (object(), iter([1]), {"a": object()}):
        with pytest.raises(TypeError, match="cannot be handed to an answer"):
            same(value)


def rogue(replies: list[Any]) -> Session:
    """Begin a conversation with somebody who says what they like."""
    ours, theirs = socket.socketpair()
    line = Line(theirs)

    def speak() -> None:
        for reply in replies:
            line.receive()
            line.send(reply)
        theirs.close()

    threading.Thread(target=speak, daemon=True).start()
    return Session(Line(ours))


ROGUE = [
    {"value": 3}, {"error": 5}, {"value": {"t": "callback", "id": 0}}, {"value": {"t": "object", "id": "x"}},
    {"do": "callback", "id": 99, "args": [], "kwargs": {"t": "dict", "v": []}}, {"do": "callback"},
    {"value": {"t": "dict", "v": [["f", {"t": "record", "class": "os:system", "v": []}]]}}, {"value": nested(200)},
]  # fmt: skip


@pytest.mark.parametrize("reply", ROGUE, ids=lambda reply: str(reply)[:40])
def test_nonsense_ends_the_conversation_and_no_check_can_catch_it(reply: Any) -> None:
    with pytest.raises(TalkError):
        rogue([reply]).run([], ["f"])
    assert not issubclass(TalkError, Exception)


CHANGES = """
def add(account, cents):
    account['cents'] += cents
    account.setdefault('seen', []).append([cents])
    if cents < 0:
        raise ValueError('negative')
def swap(one, other): one[:], other[:] = list(other), list(one)
def shuffle(pair): pair.reverse()
def same(one): return one
def both(one, other): return one is other
def grow(things, data): things.add(4); data.extend(b'x')
def keep(account): return dict(account)
"""


def test_what_an_answer_changes_in_its_arguments_is_changed_for_the_check(talk: Talk) -> None:
    names = talk(CHANGES, "add", "swap", "shuffle", "same", "both", "grow", "keep")
    account: dict[str, Any] = {"cents": 3}
    names["add"](account, 4)
    assert account == {"cents": 7, "seen": [[4]]}
    seen = account["seen"]
    with pytest.raises(ValueError, match="negative"):  # an answer that fails has changed what it has changed
        names["add"](account, -1)
    assert account == {"cents": 6, "seen": [[4], [-1]]} and account["seen"] is seen
    one, other = [1, [2]], [[3]]
    inner = other[0]
    names["swap"](one, other)
    assert one == [[3]] and other == [1, [2]] and one[0] is inner  # the same objects, at other places
    first, second = [1], [2]
    pair = [first, second]
    names["shuffle"](pair)
    assert pair[0] is second and pair[1] is first and (first, second) == ([1], [2])
    assert names["same"](pair) is pair and names["both"](pair, pair) is True
    things, data = {1, 2}, bytearray(b"y")
    names["grow"](things, data)
    assert things == {1, 2, 4} and data == b"yx"
    assert names["keep"](account) == account is not names["keep"](account)


def test_an_argument_that_is_not_changed_is_not_touched(talk: Talk) -> None:
    names = talk(CHANGES, "keep")

    class Watched(dict[str, Any]):
        def clear(self) -> None:
            raise AssertionError("touched")

    names["keep"](Watched(a=[1], b={2}))


def test_a_function_of_an_answer_that_is_put_into_an_argument_is_a_proxy(talk: Talk) -> None:
    given: dict[str, Any] = {}
    talk("def put(d): d['f'] = lambda: True\n", "put", objects=False)["put"](given)
    assert isinstance(given["f"], Proxy)
    with pytest.raises(AnswerError):
        bool(given["f"])


CHANGED = [3, [3], [[0]], [["x", []]], [[99, []]], [[0, 5]], [[0, {"t": "set", "v": []}]], [[True, []]],
           [[0, {"t": "shared", "v": 99}]], {"a": 1}]  # fmt: skip


@pytest.mark.parametrize("changed", CHANGED, ids=str)
def test_nonsense_about_arguments_ends_the_conversation(changed: Any) -> None:
    with pytest.raises(TalkError):
        rogue([{"value": 1, "changed": changed}]).call(0, ([1],), {})


def test_a_coroutine_that_nobody_awaits_says_so(talk: Talk) -> None:
    later = talk(LIAR, "ready", objects=False)["ready"]()
    assert "nobody awaits" in repr(later) and "0x" not in repr(later)
    asyncio.run(later)
