"""What every operation and every message did in a short run of two cities, for the player that opens the chapter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from companion.player import Trace, play
from companion.simulators.hybrid.model import Operation, Sent, Told, run
from companion.simulators.hybrid.settings import KINDS, Settings

CITIES = ("Berlin", "New York", "Tokyo")

MOST = 10
"""Operations that can be shown at once."""

SCHEMES: tuple[tuple[str, str, str, str], ...] = (
    ("all red", "strong", "strong", "All wait: Berlin decides, when New York has it on record too."),
    ("all blue", "eventual", "double_booking", "Nobody waits: each city answers for itself, and tells the other."),
    ("rooms red", "redblue", "redblue", "Rooms wait for Berlin. Notes and colours do not wait."),
    ("rooms at home", "home", "home", "A room waits for the city that it stands in: even numbers are Berlin's."),
)
"""What the chapter opens with: the words on a button, the mode, the panel's preset, and what the scheme is."""

WORDS = {"done": "saved", "taken": "taken", "given up": "given up", "lost": "taken back"}


@dataclass(frozen=True)
class Film:
    """A run that was listened to: its operations in their order, and all that was sent and told."""

    settings: Settings
    operations: tuple[Operation, ...]
    sent: tuple[Sent, ...]
    told: tuple[Told, ...]

    def wait(self, one: Operation) -> float:
        """Give how long its user waited for an answer (ms)."""
        answer = min(told.at for told in self.told if told.operation == one)
        return 1000 * (answer - one.begun)

    @property
    def lost(self) -> list[Operation]:
        """List the bookings that were confirmed and then taken back."""
        return [told.operation for told in self.told if told.what == "lost"]


def overhear(settings: Settings) -> Film:
    """Run, and keep all that is sent and told."""
    sent, told = list[Sent](), list[Told]()
    run(settings, witness=lambda event: sent.append(event) if isinstance(event, Sent) else told.append(event))
    operations = sorted({one.operation for one in told}, key=lambda one: one.number)
    return Film(settings, tuple(operations), tuple(sent), tuple(told))


def small(mode: str, seed: int) -> Settings:
    """Give the settings of the film: two cities, one second, four slots, and no jitter."""
    return Settings(
        mode=mode, n_sites=2, slots=4, request_rate=10.0, room_share=0.6, note_share=0.2, near_share=0.6, jitter=0.0,
        duration=1.0, seed=seed,
    )  # fmt: skip


def telling(seed: int) -> int:
    """Find the first seed, from this one on, whose second shows the subject.

    That is: each kind of operation, a room near its user and one far away, and a slot that goes to two people where
    nobody waits. Most seconds show no double booking; that is why it is found late in practice, too.
    """
    return next(number for number in range(seed, seed + 100_000) if _shows(overhear(small("eventual", number))))


def _shows(film: Film) -> bool:
    rooms = [one for one in film.operations if one.kind == "room"]
    near = [film.settings.home(one.slot) == one.site for one in rooms]
    chief = [one.site == 0 for one in rooms]
    return (
        7 <= len(film.operations) <= MOST and len({one.kind for one in film.operations}) == 3
        and len(film.lost) == 1 and len({*near}) == len({*chief}) == 2
    )  # fmt: skip


def films(seed: int) -> list[Trace]:
    """Record the same second of wishes under each scheme.

    Parameters
    ----------
    seed : int
        Where the search for it begins.
    """
    found = telling(seed)
    return [_trace(overhear(small(mode, found)), name, preset, what) for name, mode, preset, what in SCHEMES]


def play_bookings(seed: int) -> None:
    """Show rooms, notes and colours in two cities as a picture that moves.

    Parameters
    ----------
    seed : int
        Where the search for a second with a double booking begins.
    """
    alt = (
        "Two cities, and messages that travel between them. Below, a row for each operation: what was asked where, "
        "a bar as long as its user waited, and what the user was told."
    )
    play("bookings", "One second in two cities: who waits for whom", films(seed), alt=alt, unit="ms", speed=100.0)


def _trace(film: Film, name: str, preset: str, what: str) -> Trace:
    end = max(1000 * max(one.arrived for one in film.sent), 1000.0)
    rows = [
        {
            "kind": one.kind, "what": _named(one), "city": one.site, "begun": _ms(one.begun),
            "red": film.settings.coordinated(one.kind),
            "told": [[_ms(told.at), _word(told)] for told in film.told if told.operation == one],
        }
        for one in film.operations
    ]  # fmt: skip
    place = {one.number: row for row, one in enumerate(film.operations)}
    messages = [
        [place[one.operation.number], one.what, one.one, one.other, _ms(one.sent), _ms(one.arrived)]
        for one in film.sent
    ]
    data: dict[str, Any] = {
        "cities": CITIES[:2], "trip": 2 * film.settings.network_latency, "rows": rows, "messages": messages,
    }  # fmt: skip
    whole = 100.0 * (end // 100 + 1)  # a round number, so that the slider ends on it
    return Trace(name, 0.0, whole, tell(film, what, whole), data, preset)


def tell(film: Film, what: str, end: float) -> tuple[tuple[float, str], ...]:
    """Say what there is to see, and when (ms).

    Parameters
    ----------
    film : Film
        The run.
    what : str
        What its scheme is.
    end : float
        When it is over.
    """
    steps = [(0.0, what)]
    slowest = max(film.operations, key=film.wait)
    if film.settings.coordinated(slowest.kind):
        trips = round(film.wait(slowest) / (2 * film.settings.network_latency))
        count = {1: "one round trip", 2: "two round trips"}[trips]
        steps.append((_ms(slowest.begun) + film.wait(slowest),
                      f"{_what(slowest)}, asked for in {CITIES[slowest.site]}, has waited {film.wait(slowest):.0f} ms: "
                      f"{count}."))  # fmt: skip
    if film.settings.coordinated("colour"):
        colour = next(one for one in film.operations if one.kind == "colour")
        steps.append((_ms(colour.begun) + film.wait(colour),
                      f"A colour, picked in {CITIES[colour.site]}, has waited {film.wait(colour):.0f} ms. "
                      "Nobody else is concerned by it."))  # fmt: skip
    for loser in film.lost:
        winner = next(one for one in film.operations if one.target == loser.target and one.kind == "room")
        learnt = next(told.at for told in film.told if told.operation == loser and told.what == "lost")
        steps += [
            (_ms(winner.begun) + film.wait(winner), f"{_what(winner)} is promised in {CITIES[winner.site]}."),
            (_ms(loser.begun) + film.wait(loser),
             f"{1000 * (loser.begun - winner.begun):.0f} ms later {CITIES[loser.site]} promises it too: "
             "the news is still under way."),
            (_ms(learnt), f"The news is there. The earlier booking stands; in {CITIES[loser.site]} somebody has lost "
                          f"{_named(loser)}."),
        ]  # fmt: skip
    steps.append((end, _summary(film)))
    return tuple(sorted((round(moment, 1), words) for moment, words in steps))


def _summary(film: Film) -> str:
    waits = {kind: [film.wait(one) for one in film.operations if one.kind == kind] for kind in KINDS}
    told = [f"{kind}s {_span(waits[kind])}" for kind in waits]
    lost = f"{len(film.lost)} booking was taken back" if film.lost else "no booking was taken back"
    return f"In this second: {', '.join(told)} of waiting; {lost}. {len(film.sent)} messages."


def _span(waits: Sequence[float]) -> str:
    low, high = round(min(waits)), round(max(waits))
    return f"{low} ms" if low == high else f"{low} to {high} ms"


def _named(one: Operation) -> str:
    return f"room {one.slot}" if one.kind == "room" else f"a {one.kind}"


def _what(one: Operation) -> str:
    return _named(one).capitalize()


def _word(told: Told) -> str:
    return "booked" if told.what == "done" and told.operation.kind == "room" else WORDS[told.what]


def _ms(seconds: float) -> float:
    return round(1000 * seconds, 1)
