"""A history that can be gone through again and again, with no more than an event in memory where lines decide."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from companion.history.events import HistoryError, Operation
from companion.history.reading import order as orders
from companion.history.reading.formats import Event, events_of
from companion.history.reading.pairing import Remarks, Step, paired
from companion.history.reading.source import again_and_again, chunks
from companion.history.search import MEMORY
from companion.history.specifications import MODELS, Model

Watch = Callable[[str, Path, Iterator[str]], Iterator[str]]
"""Lets somebody see how far the text of a file has been read."""


@dataclass(frozen=True)
class How:
    """How histories are to be read.

    Attributes
    ----------
    model : Model
        What the object is: it says what may be asked, with which values.
    independent : bool
        Whether each value is a pair of a key and the value proper, as Jepsen's independent keys are recorded.
    order : str
        What decides: one of `orders.ORDERS`; empty for the lines, unless times contradict them, which is refused.
    uncertainty : float
        By how much each operation is widened on both sides, in the unit of the times; seconds where they are texts.
    memory : int
        Bytes that may be taken where events are sorted.
    """

    model: Model
    independent: bool = False
    order: str = ""
    uncertainty: float = 0.0
    memory: int = MEMORY


@dataclass(frozen=True)
class History:
    """A history in which one may begin again.

    Attributes
    ----------
    name : str
        The file, or the files.
    places : str
        What its places count: ``"lines"`` or ``"events"``.
    steps : callable
        ``steps(remarks)`` goes through it, and tells the remarks.
    lines : sequence of int
        By place, where that stands in its file; empty where it is the place itself, or there are several files.
    """

    name: str
    places: str
    steps: Callable[[Remarks], Iterator[Step]]
    lines: Sequence[int] = ()


@contextmanager
def opened(files: Sequence[str | Path], how: How, watch: Watch | None = None) -> Iterator[History]:
    """Open one history, of one file, or of several whose events are put in order by their times.

    Parameters
    ----------
    files : sequence of str or Path
        ``-`` is standard input.
    how : How
        What is known of them.
    watch : callable, optional
        Is shown the text as it is read.

    Raises
    ------
    HistoryError
        If one is no history of this model, in one line that names the place and the cure.
    OSError
        If one cannot be read.
    """
    with ExitStack() as stack:
        paths = [stack.enter_context(again_and_again(file)) for file in files]
        named = list(zip(map(str, files), paths, strict=True))
        if len(files) > 1 or how.order in ("time", "index") or how.uncertainty:
            yield _sorted(named, how, watch)
            return
        ((name, path),) = named
        places = events_of(chunks(path))[0]

        def steps(remarks: Remarks) -> Iterator[Step]:
            events = orders.clients(_events(name, path, watch), remarks)
            events = events if how.order else orders.held_against_times(events)
            return paired(events, how.model, independent=how.independent, seen=remarks)

        yield History(name, places, steps)


def _events(name: str, path: Path, watch: Watch | None) -> Iterator[Event]:
    text = chunks(path)
    return events_of(text if watch is None else watch(name, path, text))[1]


def _sorted(named: Sequence[tuple[str, Path]], how: How, watch: Watch | None) -> History:
    """Read all of them, and put their events in order."""
    seen, several = Remarks(), len(named) > 1
    what = how.order if how.order in ("time", "index") and not several else "time"
    found: list[tuple[list[Operation], dict[int, orders.Moment]]] = []
    left, places, pairs = how.memory, "events", True  # of merged files, places count events
    kinds: set[bool] = set()
    for name, path in named:
        remarks = Remarks()
        try:
            places = "events" if several else events_of(chunks(path))[0]
            events = orders.clients(_events(name, path, watch), remarks)
            in_order, moments, texts = orders.by_moment(events, what, left)
            kinds.add(texts)
            if len(kinds) > 1:
                raise HistoryError('"time" is a text in some files and a number in others; give one kind')
            left -= len(in_order) * orders.ROOM
            own = orders.of_file(in_order, name) if several else iter(in_order)
            steps = paired(own, how.model, independent=how.independent, seen=remarks)
            found.append(([one for _, _, one in steps if one is not None], moments))
        except HistoryError as error:
            raise HistoryError(f"{name}: {error}" if several else str(error)) from None
        seen.nemesis += remarks.nemesis
        pairs = pairs and remarks.pairs > 0
        seen.pairs = seen.pairs + remarks.pairs if pairs else 0
    operations, lines = orders.placed(found, orders.widened(how.uncertainty, texts=True in kinds))

    def again(remarks: Remarks) -> Iterator[Step]:
        remarks.nemesis, remarks.pairs = seen.nemesis, seen.pairs
        return steps_of(operations)

    name = " + ".join(name for name, _ in named)
    return History(name, places, again, () if several else lines)


def steps_of(operations: Sequence[Operation]) -> Iterator[Step]:
    """Tell operations as the events that they are made of."""
    events = [(one.invoked, one) for one in operations]
    events += [(one.returned, one) for one in operations if one.returned is not None]
    for place, one in sorted(events, key=lambda event: event[0]):
        if place == one.invoked:
            yield one.key, True, None
        if place == one.returned or one.returned is None:
            yield one.key, False, one


def read_history(
    path: str | Path, model: str | Model = "register", *, independent: bool = False, order: str = ""
) -> list[Operation]:
    """Read a history of one file: JSON (a line an event, or an array), EDN, or Jepsen's log; perhaps packed by gzip.

    Parameters
    ----------
    path : str or Path
        The file; ``-`` is standard input.
    model : str or Model
        One of `MODELS`, which says what may be asked, with which values; or such a model with another initial value.
    independent : bool
        Whether each value is a pair of a key and the value proper, as Jepsen's independent keys are recorded.
    order : str
        What decides the order of events: ``"lines"``, ``"time"`` or ``"index"``. By default it is the lines, which
        are refused where times or indexes contradict them.

    Raises
    ------
    HistoryError
        If it is no history of this model, in one line that names the place and the cure.
    OSError
        If the file cannot be read.
    """
    if isinstance(model, str):
        if model not in MODELS:
            raise HistoryError(f"model {model!r} is not known; give one of {', '.join(MODELS)}")
        model = MODELS[model]
    if order not in ("", *orders.ORDERS):
        raise HistoryError(f"order {order!r} is not known; give one of {', '.join(orders.ORDERS)}")
    with opened([path], How(model, independent, order)) as history:
        found = [one for _, _, one in history.steps(Remarks()) if one is not None]
    return sorted(found, key=lambda operation: operation.invoked)
