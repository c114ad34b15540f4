"""The simulation: sites with a replica each, messages between them, and one coordinator at the first site.

A coordinated operation travels to the coordinator, which decides when a majority of the sites has its record, and back.
Any other is answered by the user's own site, and told to the rest afterwards. Bookings that two sites confirmed for one
slot collide when the news arrives: the earlier one stands (by time, then site), and the other user was promised a room
in vain. In the optimistic mode each site is a client of `rebase`, and the first site has its server.

A partition holds messages back and loses none; whoever needs the coordinator when it begins is not disturbed by it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from companion.simulators.clock import Clock
from companion.simulators.hybrid.rebase import CALENDAR, Client, Mutation, Server, State
from companion.simulators.hybrid.result import Result, Tally, conclude
from companion.simulators.hybrid.settings import Settings

Holder = tuple[float, int, str]
"""Who holds a slot: since when (s), by which site, and which user."""

COLOURS = ("blue", "green", "orange", "violet")


@dataclass(frozen=True)
class Operation:
    """What a user at a site wants: `kind` is room, note or colour, `target` the slot, the meeting or the user."""

    number: int
    kind: str
    site: int
    begun: float
    target: str


@dataclass
class World(Clock):
    """What the sites share, and the clock of the run (s)."""

    settings: Settings
    rng: random.Random
    tally: Tally
    arrives: dict[tuple[int, int], float] = field(default_factory=dict)
    booked: list[dict[str, Holder]] = field(default_factory=list)
    twice: set[str] = field(default_factory=set)

    def distance(self) -> float:
        """Draw how long a message travels between two sites."""
        mean = self.settings.network_latency / 1000
        return mean + (self.rng.expovariate(1.0) * mean * self.settings.jitter if self.settings.jitter else 0.0)

    def severed(self, one: int, other: int) -> bool:
        """Tell whether two sites cannot reach each other now."""
        last = self.settings.n_sites - 1
        return (one == last) != (other == last) and self.settings.cut(self.now)

    def send(self, one: int, other: int, arrive: Callable[..., None], *args: Any) -> None:
        """Deliver in the order of sending; over a cut link, once it is healed."""
        if one == other:
            self.at(self.now, arrive, *args)
            return
        self.tally.messages += 1
        start = self.settings.healed if self.severed(one, other) else self.now
        moment = max(start + self.distance(), self.arrives.get((one, other), 0.0))
        self.arrives[one, other] = moment
        self.at(moment, arrive, *args)


def run(settings: Settings, progress: Callable[[int], object] | None = None) -> Result:
    """Simulate; `companion.simulators.hybrid.simulate` is the front door."""
    rng = random.Random(settings.seed)
    world = World(settings, random.Random(rng.getrandbits(64)), Tally(settings))
    world.booked = [{} for _ in range(settings.n_sites)]
    perform = _optimist(world) if settings.mode == "optimistic" else _performer(world)
    for operation in _wishes(settings, rng):
        world.at(operation.begun, perform, operation)
    for second in range(1, int(settings.duration) + 1):
        world.run(second)
        if progress is not None:
            progress(second)
    world.run()
    return conclude(world.tally)


def _wishes(settings: Settings, rng: random.Random) -> list[Operation]:
    """Draw what all users want, as a Poisson stream over the sites."""
    found: list[Operation] = []
    now = 0.0
    while (now := now + rng.expovariate(settings.request_rate)) < settings.duration:
        draw, site, target = rng.random(), rng.randrange(settings.n_sites), rng.randrange(settings.slots)
        kind = "room" if draw < settings.room_share else "colour"
        if settings.room_share <= draw < settings.room_share + settings.note_share:
            kind = "note"
        found.append(Operation(len(found), kind, site, now, f"{kind} {target}"))
    return found


def _performer(world: World) -> Callable[[Operation], None]:
    settings, tally = world.settings, world.tally

    def perform(operation: Operation) -> None:
        tally.begun[operation.kind] += 1
        if settings.coordinated(operation.kind):
            _ask_the_coordinator(world, operation)
        else:
            world.after(settings.base_latency / 1000, _answer_here, world, operation)

    return perform


def _ask_the_coordinator(world: World, operation: Operation) -> None:
    """Travel there, wait for a majority, and travel back; a user who waits too long gives up."""
    settings = world.settings
    others = range(1, settings.n_sites)
    reachable = [site for site in others if not world.severed(0, site)]
    needed = settings.n_sites // 2  # beside the coordinator itself
    there = operation.site == 0
    if world.severed(operation.site, 0) or len(reachable) < needed:
        world.at(operation.begun + settings.timeout / 1000, lambda: world.tally.fail(world.now))
        world.tally.messages += 1
        return
    replies = sorted(world.distance() + world.distance() for _ in reachable)
    travel = 0.0 if there else world.distance()
    back = 0.0 if there else world.distance()
    world.tally.messages += 2 * len(reachable) + (0 if there else 2)
    decided = world.now + travel + settings.base_latency / 1000 + replies[needed - 1]

    def decide() -> None:
        _keep(world, operation)
        if world.now + back - operation.begun > settings.timeout / 1000:
            world.at(operation.begun + settings.timeout / 1000, lambda: world.tally.fail(world.now))
        else:
            world.after(back, lambda: world.tally.answer(operation.kind, operation.begun, world.now))

    world.at(decided, decide)


def _keep(world: World, operation: Operation) -> None:
    """Let the coordinator decide: a slot that is taken is refused, which is an answer too."""
    if operation.kind != "room":
        return
    if operation.target in world.booked[0]:
        world.tally.taken += 1
    else:
        world.booked[0][operation.target] = (operation.begun, operation.site, str(operation.number))


def _answer_here(world: World, operation: Operation) -> None:
    """Answer from the site's own replica, and tell the others."""
    world.tally.answer(operation.kind, operation.begun, world.now)
    mine = world.booked[operation.site]
    if operation.kind == "room":
        if operation.target in mine:
            world.tally.taken += 1
            return
        mine[operation.target] = (world.now, operation.site, str(operation.number))
    for site in range(world.settings.n_sites):
        if site != operation.site:
            holder = mine.get(operation.target)
            world.send(operation.site, site, _hear, world, site, operation, holder)


def _hear(world: World, site: int, operation: Operation, holder: Holder | None) -> None:
    """Merge the news: of two bookings the earlier stands, and whoever else was promised the slot has lost it."""
    if holder is None:
        return
    known = world.booked[site].get(operation.target)
    if known is not None and known != holder:
        if operation.target not in world.twice:
            world.twice.add(operation.target)
            world.tally.double += 1
        loser = max(known, holder)
        if loser[1] == site:  # its own user learns of it here
            world.tally.break_promise(world.now)
    if known is None or holder < known:
        world.booked[site][operation.target] = holder


def _optimist(world: World) -> Callable[[Operation], None]:
    """Give each site a client that shows at once and asks the server at the first site afterwards."""
    settings, tally = world.settings, world.tally
    server = Server(CALENDAR)
    clients = [Client(f"site {site}", CALENDAR) for site in range(settings.n_sites)]
    shown: dict[tuple[str, int], Operation] = {}
    under_way, behind = set[int](), set[int]()

    def perform(operation: Operation) -> None:
        tally.begun[operation.kind] += 1
        name, argument = _mutation_of(operation)
        mutation = clients[operation.site].mutate(name, argument)
        wait = settings.base_latency / 1000
        world.after(wait, lambda: tally.answer(operation.kind, operation.begun, world.now))
        if mutation is None:
            tally.taken += 1
            return
        tally.show(world.now)
        shown[mutation.client, mutation.number] = operation
        world.send(operation.site, 0, push, mutation, operation.site)

    def push(mutation: Mutation, site: int) -> None:
        kept = server.push(mutation)
        world.send(0, site, settle, mutation, kept)
        for other in range(settings.n_sites):
            poke(other)

    def poke(site: int) -> None:
        """Send the state; one at a time to each site, so that a slow link does not carry what is out of date."""
        if site in under_way:
            behind.add(site)
            return
        under_way.add(site)
        state, seen = server.state, server.seen.get(clients[site].name, 0)
        world.send(0, site, pull, site, state, seen)

    def pull(site: int, state: State, seen: int) -> None:
        clients[site].pull(state, seen)
        under_way.discard(site)
        if site in behind:
            behind.discard(site)
            poke(site)

    def settle(mutation: Mutation, kept: bool) -> None:
        operation = shown.pop((mutation.client, mutation.number))
        tally.settle(operation.begun, world.now)
        if not kept:
            tally.break_promise(world.now)

    return perform


def _mutation_of(operation: Operation) -> tuple[str, tuple[str, str]]:
    user = f"user {operation.number}"
    if operation.kind == "room":
        return "book", (operation.target, user)
    if operation.kind == "note":
        return "note", (operation.target, user)
    return "colour", (f"site {operation.site}", COLOURS[operation.number % len(COLOURS)])
