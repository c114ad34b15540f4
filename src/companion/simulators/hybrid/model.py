"""The simulation: sites with a replica each, messages between them, and coordinators.

A *red* operation travels to its coordinator, which decides when a majority of the sites has its record, and back; the
coordinator is the first site, or in the mode ``home`` the city that the room stands in. Any other is answered by the
user's own site, and told to the rest afterwards. Bookings that two sites confirmed for one slot collide when the news
arrives: the earlier one stands (by time, then site), and the other user was promised a room in vain. In the optimistic
mode each site is a client of `rebase`, and the first site has its server.

A partition holds messages back and loses none; whoever needs the coordinator when it begins is not disturbed by it.

Whoever wants to see what happens gives `run` a *witness*: it is told of every message and of every answer.
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

COLOURS = ("blue", "green", "orange", "violet")


@dataclass(frozen=True)
class Operation:
    """What a user at a site wants: `kind` is room, note or colour, `slot` the number of what it is about."""

    number: int
    kind: str
    site: int
    begun: float
    slot: int

    @property
    def target(self) -> str:
        """What is booked, noted or coloured, in words."""
        return f"{self.kind} {self.slot}"


Holder = tuple[float, int, Operation]
"""Who holds a slot: since when (s), by which site, and by which operation."""


@dataclass(frozen=True)
class Sent:
    """A message that a witness hears of: `what` it says, from one site to another; times in s."""

    operation: Operation
    what: str
    one: int
    other: int
    sent: float
    arrived: float


@dataclass(frozen=True)
class Told:
    """What a user is told, `at` a moment (s): ``done``, ``taken``, ``given up`` or, in the end, ``lost``."""

    operation: Operation
    what: str
    at: float


Witness = Callable[[Sent | Told], None]


def _nobody(_: Sent | Told) -> None:
    """Take no notice."""


@dataclass
class World(Clock):
    """What the sites share, and the clock of the run (s)."""

    settings: Settings
    rng: random.Random
    tally: Tally
    arrives: dict[tuple[int, int], float] = field(default_factory=dict)
    booked: list[dict[str, Holder]] = field(default_factory=list)
    twice: set[str] = field(default_factory=set)
    witness: Witness = _nobody

    def distance(self) -> float:
        """Draw how long a message travels between two sites."""
        mean = self.settings.network_latency / 1000
        return mean + (self.rng.expovariate(1.0) * mean * self.settings.jitter if self.settings.jitter else 0.0)

    def severed(self, one: int, other: int) -> bool:
        """Tell whether two sites cannot reach each other now."""
        last = self.settings.n_sites - 1
        return (one == last) != (other == last) and self.settings.cut(self.now)

    def send(
        self, one: int, other: int, operation: Operation, what: str, arrive: Callable[..., None], *args: Any
    ) -> None:
        """Deliver in the order of sending; over a cut link, once it is healed."""
        if one == other:
            self.at(self.now, arrive, *args)
            return
        self.tally.messages += 1
        start = self.settings.healed if self.severed(one, other) else self.now
        moment = max(start + self.distance(), self.arrives.get((one, other), 0.0))
        self.arrives[one, other] = moment
        self.witness(Sent(operation, what, one, other, self.now, moment))
        self.at(moment, arrive, *args)


def run(settings: Settings, progress: Callable[[int], object] | None = None, witness: Witness = _nobody) -> Result:
    """Simulate; `companion.simulators.hybrid.simulate` is the front door."""
    rng = random.Random(settings.seed)
    world = World(settings, random.Random(rng.getrandbits(64)), Tally(settings), witness=witness)
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
        if kind == "room" and settings.near_share and rng.random() < settings.near_share:
            target = _nearby(target, site, settings)
        found.append(Operation(len(found), kind, site, now, target))
    return found


def _nearby(slot: int, site: int, settings: Settings) -> int:
    """Give the slot beside this one whose room stands in the user's own city; the slot itself if there is none."""
    near = slot - settings.home(slot) + site
    near -= settings.n_sites if near >= settings.slots else 0
    return near if near >= 0 else slot


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
    settings, chief, begun = world.settings, world.settings.coordinator(operation.slot), operation.begun
    others = [site for site in range(settings.n_sites) if site != chief]
    reachable = [site for site in others if not world.severed(chief, site)]
    needed = settings.n_sites // 2  # beside the coordinator itself
    there = operation.site == chief
    if world.severed(operation.site, chief) or len(reachable) < needed:
        world.at(begun + settings.timeout / 1000, _give_up, world, operation)
        world.tally.messages += 1
        return
    trips = [(world.distance(), world.distance()) for _ in reachable]
    travel = 0.0 if there else world.distance()
    back = 0.0 if there else world.distance()
    world.tally.messages += 2 * len(reachable) + (0 if there else 2)
    asked = world.now + travel + settings.base_latency / 1000
    decided = asked + sorted(out + home for out, home in trips)[needed - 1]
    if not there:
        world.witness(Sent(operation, "asks", operation.site, chief, world.now, world.now + travel))
    for site, (out, home) in zip(reachable, trips, strict=True):
        world.witness(Sent(operation, "record this", chief, site, asked, asked + out))
        world.witness(Sent(operation, "recorded", site, chief, asked + out, asked + out + home))

    def decide() -> None:
        what = _keep(world, operation, chief)
        if not there:
            world.witness(Sent(operation, what, chief, operation.site, world.now, world.now + back))
        if world.now + back - begun > settings.timeout / 1000:
            world.at(begun + settings.timeout / 1000, _give_up, world, operation)
        else:
            world.after(back, _answer, world, operation, what)

    world.at(decided, decide)


def _give_up(world: World, operation: Operation) -> None:
    world.tally.fail(world.now)
    world.witness(Told(operation, "given up", world.now))


def _answer(world: World, operation: Operation, what: str) -> None:
    world.tally.answer(operation.kind, operation.begun, world.now)
    world.witness(Told(operation, what, world.now))


def _break_promise(world: World, operation: Operation) -> None:
    world.tally.break_promise(world.now)
    world.witness(Told(operation, "lost", world.now))


def _keep(world: World, operation: Operation, chief: int) -> str:
    """Let the coordinator decide: a slot that is taken is refused, which is an answer too."""
    if operation.kind != "room":
        return "done"
    if operation.target in world.booked[chief]:
        world.tally.taken += 1
        return "taken"
    world.booked[chief][operation.target] = (operation.begun, operation.site, operation)
    return "done"


def _answer_here(world: World, operation: Operation) -> None:
    """Answer from the site's own replica, and tell the others."""
    mine = world.booked[operation.site]
    taken = operation.kind == "room" and operation.target in mine
    _answer(world, operation, "taken" if taken else "done")
    if taken:
        world.tally.taken += 1
        return
    if operation.kind == "room":
        mine[operation.target] = (world.now, operation.site, operation)
    for site in range(world.settings.n_sites):
        if site != operation.site:
            holder = mine.get(operation.target)
            world.send(operation.site, site, operation, "news", _hear, world, site, operation, holder)


def _hear(world: World, site: int, operation: Operation, holder: Holder | None) -> None:
    """Merge the news: of two bookings the earlier stands, and whoever else was promised the slot has lost it."""
    if holder is None:
        return
    known = world.booked[site].get(operation.target)
    if known is not None and known != holder:
        if operation.target not in world.twice:
            world.twice.add(operation.target)
            world.tally.double += 1
        loser = max(known, holder, key=_since)
        if loser[1] == site:  # its own user learns of it here
            _break_promise(world, loser[2])
    if known is None or _since(holder) < _since(known):
        world.booked[site][operation.target] = holder


def _since(holder: Holder) -> tuple[float, int]:
    return holder[:2]


def _optimist(world: World) -> Callable[[Operation], None]:
    """Give each site a client that shows at once and asks the server at the first site afterwards."""
    settings, tally = world.settings, world.tally
    server = Server(CALENDAR)
    clients = [Client(f"site {site}", CALENDAR) for site in range(settings.n_sites)]
    shown: dict[tuple[str, int], Operation] = {}
    under_way, behind = set[int](), dict[int, Operation]()
    one_at_a_time = settings.server_sends == "one at a time"

    def perform(operation: Operation) -> None:
        tally.begun[operation.kind] += 1
        name, argument = _mutation_of(operation)
        mutation = clients[operation.site].mutate(name, argument)
        wait = settings.base_latency / 1000
        world.after(wait, _answer, world, operation, "taken" if mutation is None else "done")
        if mutation is None:
            tally.taken += 1
            return
        tally.show(world.now)
        shown[mutation.client, mutation.number] = operation
        world.send(operation.site, 0, operation, name, push, mutation, operation)

    def push(mutation: Mutation, operation: Operation) -> None:
        kept = server.push(mutation)
        world.send(0, operation.site, operation, "kept" if kept else "refused", settle, mutation, kept)
        for other in range(settings.n_sites):
            tell(other, operation)

    def tell(site: int, why: Operation) -> None:
        """Send the state: at once, or when the one before it has arrived, which the server knows without being told."""
        if one_at_a_time and site in under_way:
            behind[site] = why
            return
        under_way.add(site)
        state, seen = server.state, server.seen.get(clients[site].name, 0)
        world.send(0, site, why, "state", pull, site, state, seen)

    def pull(site: int, state: State, seen: int) -> None:
        clients[site].pull(state, seen)
        under_way.discard(site)
        if site in behind:
            tell(site, behind.pop(site))

    def settle(mutation: Mutation, kept: bool) -> None:
        operation = shown.pop((mutation.client, mutation.number))
        tally.settle(operation.begun, world.now)
        if not kept:
            _break_promise(world, operation)

    return perform


def _mutation_of(operation: Operation) -> tuple[str, tuple[str, str]]:
    user = f"user {operation.number}"
    if operation.kind == "room":
        return "book", (operation.target, user)
    if operation.kind == "note":
        return "note", (operation.target, user)
    return "colour", (f"site {operation.site}", COLOURS[operation.number % len(COLOURS)])
