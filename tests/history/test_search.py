"""The search judges histories of known verdict right, and agrees with an independent algorithm on small ones."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.history import MODELS, Operation, check
from companion.history.search import Memory, Search
from companion.history.specifications import UNKNOWN, WRONG

ALL = sorted(MODELS)


def op(process: int, f: str, value: Any, invoked: int, returned: int | None, key: str = "k") -> Operation:
    return Operation(str(process), f, key, value, invoked, returned)


def linearizable(operations: Sequence[Operation], model: str = "register") -> bool | None:
    return check(operations, model).linearizable


def by_configurations(operations: Sequence[Operation], model: str) -> bool:
    """Decide with sets of configurations, forward over the events: no depth-first search, no pruning, no list."""
    step = MODELS[model].step
    events = sorted(
        [(operation.invoked, 0, number) for number, operation in enumerate(operations)]
        + [(operation.returned, 1, number) for number, operation in enumerate(operations)
           if operation.returned is not None]
    )  # fmt: skip
    configurations: set[tuple[frozenset[int], Any]] = {(frozenset(), MODELS[model].initial)}
    for _, kind, number in events:
        if kind == 0:
            configurations = {(waiting | {number}, state) for waiting, state in configurations}
            continue
        reached, todo = set(configurations), list(configurations)
        while todo:
            waiting, state = todo.pop()
            for other in waiting:
                after = step(state, operations[other].f, operations[other].value)
                fresh = (waiting - {other}, after)
                if after is not WRONG and fresh not in reached:
                    reached.add(fresh)
                    todo.append(fresh)
        configurations = {one for one in reached if number not in one[0]}
        if not configurations:
            return False
    return True


def random_value(rng: random.Random, model: str, f: str, most: int) -> Any:
    if model == "mutex":
        return None
    if f in ("read", "dequeue"):
        some = [str(rng.randrange(most)) for _ in range(rng.randrange(3))]
        return {
            "kv": "".join(some),
            "kv-append": tuple(some),
            "set": frozenset(some),
            "counter": rng.randrange(-1, 5),
        }.get(model, rng.choice([None, *some]))
    if f == "cas":
        return (rng.choice([None, "0", "1"]), str(rng.randrange(most)))
    return rng.choice([-1, 0, 1, 2]) if model == "counter" else str(rng.randrange(most))


def unheard(f: str, value: Any) -> Any:
    return UNKNOWN if f == "dequeue" else value


def random_history(
    seed: int, model: str, length: int, *, honest: bool, pending: float = 0.15, most: int = 3
) -> list[Operation]:
    """Draw a history; an honest one is what a real object answered at one moment within each operation."""
    rng = random.Random(seed)
    functions = MODELS[model].functions
    clock = count()
    state: Any = MODELS[model].initial
    done: list[Operation] = []
    busy: dict[int, list[Any]] = {}
    while len(done) + len(busy) < length or busy:
        process = rng.randrange(4)
        if process not in busy:
            if len(done) + len(busy) < length:
                f = rng.choice(functions)
                busy[process] = [f, random_value(rng, model, f, most), next(clock), False]
            continue
        f, value, invoked, took_place = busy[process]
        if not took_place:
            if honest and f == "dequeue":
                busy[process][1] = value = state[0] if state else None
            if honest and f == "read":
                busy[process][1] = state
            elif honest and (after := MODELS[model].step(state, f, value)) is not WRONG:
                if rng.random() < pending and rng.random() < 0.5:  # it never takes place, and nobody knows
                    done.append(op(process, f, unheard(f, value), invoked, None))
                    del busy[process]
                    continue
                state = after
            elif honest:
                del busy[process]  # a cas that failed
                continue
            busy[process][3] = True
        elif rng.random() < pending and f != "read":
            done.append(op(process, f, unheard(f, value), invoked, None))
            del busy[process]
        else:
            done.append(op(process, f, value, invoked, next(clock)))
            del busy[process]
    return done


# Known verdicts


@pytest.mark.parametrize("model", ALL)
def test_a_thousand_honest_histories_are_accepted(model: str) -> None:
    for seed in range(1000):
        assert linearizable(random_history(seed, model, 12, honest=True), model), f"seed {seed}"


IMPOSSIBLE = {
    "register": ("read", "never written"),
    "cas-register": ("read", "never written"),
    "kv": ("read", "never written"),
    "kv-append": ("read", ("never appended",)),
    "set": ("read", frozenset({"never added"})),
    "counter": ("read", 10**6),
    "queue": ("dequeue", "never enqueued"),
}


@pytest.mark.parametrize("model", sorted(IMPOSSIBLE))
def test_a_thousand_histories_with_one_impossible_answer_are_rejected(model: str) -> None:
    for seed in range(1000):
        history = random_history(seed, model, 12, honest=True)
        at = random.Random(seed).randrange(0, 40)
        history.append(op(9, *IMPOSSIBLE[model], at, at + 1))
        assert linearizable(history, model) is False, f"seed {seed}"


@pytest.mark.parametrize("model", ["register", "cas-register"])
def test_a_thousand_histories_with_one_stale_read_at_their_end_are_rejected(model: str) -> None:
    for seed in range(1000):
        history = random_history(seed, model, 10, honest=True)
        end = 1 + max(operation.returned or operation.invoked for operation in history)
        fresh = [op(8, "write", "old", end, end + 1), op(8, "write", "new", end + 2, end + 3)]
        assert linearizable([*history, *fresh, op(9, "read", "new", end + 4, end + 5)], model) is True, f"seed {seed}"
        assert linearizable([*history, *fresh, op(9, "read", "old", end + 4, end + 5)], model) is False, f"seed {seed}"


# Against another algorithm


@pytest.mark.parametrize("model", ALL)
@pytest.mark.parametrize("honest", [True, False])
def test_it_agrees_with_the_search_over_configuration_sets(model: str, honest: bool) -> None:
    verdicts = []
    for seed in range(400):
        history = random_history(seed, model, 7, honest=honest, pending=0.3)
        verdicts.append(linearizable(history, model))
        assert verdicts[-1] == by_configurations(history, model), f"seed {seed}"
    assert all(verdicts) if honest else {*verdicts} == {True, False}


@pytest.mark.parametrize("model", sorted(IMPOSSIBLE))
def test_it_agrees_on_honest_histories_in_which_one_answer_was_changed(model: str) -> None:
    verdicts = []
    for seed in range(400):
        rng = random.Random(seed)
        history = random_history(seed, model, 9, honest=True)
        reads = [number for number, one in enumerate(history) if one.f in ("read", "dequeue") and not one.pending]
        if reads:
            number = rng.choice(reads)
            one = history[number]
            changed = random_value(rng, model, one.f, 3)
            history[number] = op(int(one.process), one.f, changed, one.invoked, one.returned)
        verdicts.append(linearizable(history, model))
        assert verdicts[-1] == by_configurations(history, model), f"seed {seed}"
    assert {*verdicts} == {True, False}


@given(st.integers(0, 2**32), st.sampled_from(ALL), st.booleans())
def test_the_order_that_it_found_explains_the_history(seed: int, model: str, honest: bool) -> None:
    history = random_history(seed, model, 9, honest=honest)
    search = Search(history, MODELS[model])
    if search.run(100_000):
        state = MODELS[model].initial
        for one in search.order:
            state = MODELS[model].step(state, one.f, one.value)
            assert state is not WRONG
        assert {one for one in history if not one.pending} <= {*search.order}
        for earlier, later in zip(search.order, search.order[1:], strict=False):
            assert later.returned is None or earlier.invoked < later.returned


# Cost, in steps


def register_run(seed: int, operations: int, clients: int, pending: float) -> list[Operation]:
    """Let clients use a real register, each operation taking effect at a moment within it."""
    rng = random.Random(seed)
    free = [0.0] * clients
    moments: list[tuple[float, int]] = []
    asked: list[tuple[int, str, float, float, bool]] = []
    for number in range(operations):
        client = min(range(clients), key=lambda one: free[one])
        start = free[client] + rng.expovariate(1.0)
        end = start + rng.expovariate(0.3)
        lost = rng.random() < pending
        asked.append((client, rng.choice(["read", "write"]), start, end, lost))
        if not (lost and rng.random() < 0.5):
            moments.append((rng.uniform(start, end), number))
        free[client] = end
    values: dict[int, Any] = {}
    state: Any = None
    for _, number in sorted(moments):
        if asked[number][1] == "write":
            state = str(number)
        values[number] = state
    times = sorted({time for _, _, start, end, _ in asked for time in (start, end)})
    place = {time: at for at, time in enumerate(times)}
    found = []
    for number, (client, f, start, end, lost) in enumerate(asked):
        if lost and f == "read":
            continue
        value = str(number) if f == "write" else values[number]
        found.append(op(client, f, value, place[start], None if lost else place[end]))
    return found


def test_a_thousand_operations_by_ten_clients_take_few_steps_each() -> None:
    for seed in range(10):
        history = register_run(seed, 1000, 10, 0.02)
        assert sum(one.pending for one in history) > 3
        search = Search(history, MODELS["register"])
        assert search.run(50_000) is True, f"seed {seed}"


def shown_one_by_one(model: str, width: int) -> list[Operation]:
    """Let so many elements come at once, in some order that reads show as they come; and one that nobody sees."""
    added = "append" if model == "kv-append" else "add"
    adds = [op(n, added, str(n), n, 10_000 - n) for n in range(width)]
    kind = tuple if model == "kv-append" else frozenset
    reads = [op(90, "read", kind(str(width - 1 - k) for k in range(n)), 100 + 2 * n, 101 + 2 * n)
             for n in range(width + 1)]  # fmt: skip
    return [*adds, op(91, added, "never seen", 50, None), *reads]


@pytest.mark.parametrize("model", ["set", "kv-append"])
def test_reads_that_show_every_element_leave_nothing_to_try(model: str) -> None:
    history = shown_one_by_one(model, 20)
    search = Search(history, MODELS[model])
    assert search.run(10_000) is True and search.exhausted is False
    assert search.steps == 20 + 21 + 1, "each operation once, and the beginning"
    wrong = [*history, op(92, "read", history[-1].value, 60, 61)]  # all of them, before the reads that show fewer
    search = Search(wrong, MODELS[model])
    assert search.run(10_000) is False and search.steps <= 20 + 21 + 1


def test_a_counter_that_only_grows_is_not_taken_past_what_is_still_to_be_read() -> None:
    """Otherwise all subsets of the adds would be tried; an add of nothing changes nothing of that."""
    adds = [op(n, "add", 2**n, n, 10_000) for n in range(24)]
    for nothing in ([], [op(30, "add", 0, 30, 10_000)]):
        reads = [op(31, "read", 3, 5000, 5001), op(32, "read", 2, 5002, 5003)]
        search = Search([*adds, *nothing, *reads], MODELS["counter"])
        assert search.run(100) is False


def test_deep_histories_need_no_recursion() -> None:
    history = [op(0, "write", str(n), 2 * n, 2 * n + 1) for n in range(5000)]
    assert linearizable(history) is True


def hard(key: str, width: int) -> list[Operation]:
    """A read of what nobody wrote, beside many concurrent counters' adds: all subsets of them look promising."""
    adds = [op(n, "add", 2**n, n, 10_000, key) for n in range(width)]
    return [*adds, op(99, "read", 2**width - 1, 5000, 5001, key), op(98, "read", 2**width - 3, 5002, 5003, key)]


def test_memory_is_bounded() -> None:
    memory = Memory(500_000)
    search = Search(hard("k", 60), MODELS["counter"], memory)
    assert search.run(10**9) is None and search.exhausted
    assert 100 < search.steps <= 500_000 / 400
    assert memory.left == 500_000, "another search may have what it gave up"


def test_an_interrupted_search_ends_like_one_that_was_not() -> None:
    for seed in range(50):
        history = random_history(seed, "register", 12, honest=False)
        slowly, at_once = (Search(history, MODELS["register"]) for _ in range(2))
        while slowly.verdict is None:
            slowly.run(1)
        assert slowly.verdict == at_once.run(10**6) and slowly.steps == at_once.steps
