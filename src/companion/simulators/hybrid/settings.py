"""What can be set: the sites, the distance between them, what users ask for, and which operations are coordinated.

The defaults are the chapter's calendar: three sites 40 ms apart, users who book rooms, add notes and pick colours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from companion.parameters import ParameterError, Preset, check, parameter
from companion.simulators.partition import Partition
from companion.simulators.size import check_size

MODES = ("strong", "redblue", "home", "eventual", "optimistic")
_ASKING = {"mode": ("strong", "redblue", "home")}
KINDS = ("room", "note", "colour")
_CUT_OFF = {"partition_active": (True,)}


@dataclass(frozen=True)
class Settings(Partition):
    """The parameters of one run; `companion.parameters.describe` lists their units, ranges and meaning.

    Raises
    ------
    companion.parameters.ParameterError
        If a value is out of its range, the run too large, or rooms and notes together are more than all.
    """

    # fmt: off
    mode: str = parameter(
        "redblue",
        "Which operations are coordinated: all (strong), rooms alone (redblue), rooms alone and each by the city that "
        "it stands in (home), none (eventual), or none at first, with a server that decides the order afterwards "
        "(optimistic).",
        choices=MODES, label="who waits")
    n_sites: int = parameter(3, "Cities, each with its users and a replica; the first holds the coordinator.",
        unit="sites", minimum=2, maximum=9, useful=(2, 7), label="cities")
    network_latency: float = parameter(40.0, "The time that a message takes from one site to another.",
        unit="ms", minimum=0, maximum=10_000, useful=(0, 200), label="one way between two cities")
    jitter: float = parameter(0.1, "What is added to that on average, as a share of it (exponentially distributed).",
        minimum=0, maximum=10, useful=(0, 1), group="Network", label="jitter, as a share of it")
    base_latency: float = parameter(1.0, "What a site itself needs for an operation.",
        unit="ms", minimum=0, maximum=1000, useful=(0, 20), group="Network", label="work at a city itself")
    timeout: float = parameter(1000.0, "How long a user waits for the coordinator before giving up.",
        unit="ms", minimum=1, maximum=60_000, useful=(100, 5000), group="Network", when=_ASKING,
        label="a user's patience")
    server_sends: str = parameter(
        "at once", "Mode optimistic: whether the server sends each new state at once, or one at a time to a city: the "
        "next when the one before it has arrived.",
        choices=("at once", "one at a time"), group="Network", when={"mode": ("optimistic",)})
    partition_active: bool = parameter(False, "Whether the last site is cut off from the others for a while.",
        label="cut the last city off")
    partition_start: float = parameter(20.0, "When it is cut off.",
        unit="s", minimum=0, maximum=10_000, useful=(0, 60), group="Partition", when=_CUT_OFF, label="from")
    partition_seconds: float = parameter(20.0, "How long it stays cut off.",
        unit="s", minimum=0, maximum=10_000, useful=(0, 60), group="Partition", when=_CUT_OFF, label="for")
    request_rate: float = parameter(60.0, "Operations that all users together begin.",
        unit="operations/s", minimum=0.1, maximum=2000, useful=(1, 200), label="all users together begin")
    room_share: float = parameter(0.2, "The share of them that book a room.", minimum=0, maximum=1, useful=(0, 1),
        label="share that books a room")
    note_share: float = parameter(0.5, "The share that add a note; the rest pick a colour.",
        minimum=0, maximum=1, useful=(0, 1), group="Users", label="share that adds a note")
    near_share: float = parameter(0.0, "The share of room requests that are for a room in the user's own city; "
        "the others are for any room.", minimum=0, maximum=1, useful=(0, 1), group="Users",
        label="share that wants a room nearby")
    slots: int = parameter(2000, "Rooms times hours that can be booked: the fewer, the more users want the same.",
        unit="slots", minimum=1, maximum=1_000_000, useful=(10, 5000), group="Users", label="slots to be had")
    duration: float = parameter(60.0, "How long users ask.",
        unit="s", minimum=1, maximum=10_000, useful=(10, 300), group="Users", label="they ask for")
    seed: int = parameter(11, "Where every random draw comes from.", minimum=0, maximum=2**32 - 1)
    # fmt: on

    def __post_init__(self) -> None:
        check(self)
        check_size(self)
        if self.room_share + self.note_share > 1:
            raise ParameterError(
                f"note_share = {self.note_share:g} is not accepted: beside room_share = {self.room_share:g} it takes "
                f"0 to {1 - self.room_share:g}"
            )

    def coordinated(self, kind: str) -> bool:
        """Tell whether an operation waits for the coordinator before its user is answered."""
        return self.mode == "strong" or (self.mode in ("redblue", "home") and kind == "room")

    def home(self, slot: int) -> int:
        """Tell in which city a slot's room stands: they are dealt out in turn."""
        return slot % self.n_sites

    def coordinator(self, slot: int) -> int:
        """Tell which site decides about a slot, or about the note or colour that has its number."""
        return self.home(slot) if self.mode == "home" else 0


_CUT: dict[str, Any] = {"partition_active": True}
_RUSH: dict[str, Any] = {
    "slots": 400, "request_rate": 200.0, "room_share": 0.6, "note_share": 0.3, "network_latency": 80.0,
    "duration": 20.0,
}  # fmt: skip

PRESETS: Mapping[str, Preset[Settings]] = MappingProxyType(
    {
        "redblue": Preset(Settings, "Rooms are coordinated, notes and colours are not: each pays for what it needs."),
        "home": Preset(
            Settings, "Each room is decided by the city that it stands in, and most users want a room nearby.",
            {"mode": "home", "near_share": 0.9}),
        "strong": Preset(Settings, "Everything is coordinated: a colour costs what a room costs.", {"mode": "strong"}),
        "double_booking": Preset(
            Settings, "Nothing is coordinated when a new week opens and everybody books: two users get one room.",
            {"mode": "eventual", **_RUSH}),
        "optimistic": Preset(
            Settings, "The same rush, shown at once and decided later by a server: some bookings are taken back.",
            {"mode": "optimistic", **_RUSH}),
        "partition_strong": Preset(
            Settings, "The last site is cut off: its users can do nothing at all.", {"mode": "strong", **_CUT}),
        "partition": Preset(
            Settings, "The last site is cut off: its users book no rooms, and do everything else.", _CUT),
        "partition_home": Preset(
            Settings, "The last city is cut off: nobody anywhere can book the rooms that stand in it.",
            {"mode": "home", "near_share": 0.9, **_CUT}),
        "partition_eventual": Preset(
            Settings, "The last site is cut off: nobody notices, until the two halves meet again.",
            {"mode": "eventual", **_CUT}),
        "partition_optimistic": Preset(
            Settings, "The last site is cut off: what its users did is decided when it comes back.",
            {"mode": "optimistic", **_CUT}),
        "optimistic_queue": Preset(
            Settings, "The same rush; the server waits for each state to arrive before it sends the next.",
            {"mode": "optimistic", "server_sends": "one at a time", **_RUSH}),
        "planet": Preset(
            Settings, "Seven sites, 120 ms apart: what is coordinated pays for the distance.",
            {"n_sites": 7, "network_latency": 120.0}),
    }
)  # fmt: skip
