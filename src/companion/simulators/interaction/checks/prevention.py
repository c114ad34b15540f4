"""Six checks before any traffic, each held against every preset: which failure does which of them find?

A write-read test, a schema registry (with Avro's own rules, and with strict ones), a coherence check, contract tests,
and a judge of recorded histories, as in the chapter about consistency. Where calls are at fault, the contract test and
the history check look at staged calls (`semantics`), not at the simulation's.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from types import MappingProxyType
from typing import Any

from companion.history import Operation
from companion.history import check as check_history
from companion.simulators.interaction import PRESETS
from companion.simulators.interaction.checks import coherence
from companion.simulators.interaction.checks.contracts import Contract, Need, Rule, verify
from companion.simulators.interaction.checks.registry import IncompatibleSchema, Registry, Schema
from companion.simulators.interaction.checks.semantics import Bank, lost_answer, two_deposits
from companion.simulators.interaction.records import COLUMN, EXACT, Item, UpstreamRefusal, conversion_of, rehearse
from companion.simulators.interaction.settings import DATA_PLANE, PLANES, Settings

MILLIS = {"type": "long", "logicalType": "timestamp-millis"}
CENTS = {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}
EXAMPLES = 20
"""Records that a consumer's contract asks about."""
LIFETIME = 70 * 365.25 * 24 * 3600
"""The seconds from 1900 to 1970: no birth that B keeps is further from 1970."""


Finding = bool | None
"""Whether a check finds something; None where it has nothing to look at."""


def write_read(settings: Settings) -> Finding:
    """Write odd records as A does and read them as B does: is one not what was meant?"""
    return rehearse(settings)["delivered"] < 1000 if settings.failure_scenario in DATA_PLANE else None


def declared(settings: Settings) -> tuple[Schema, Schema]:
    """Give what A says that it writes and what B says that it reads, in Avro's terms, where records travel.

    Avro has one encoding for text, so a name in any other travels as bytes.
    """
    if settings.shared_schema:
        return "string", "string"
    if settings.failure_scenario == "metadata":
        return ["string", MILLIS], ["string", "long"]
    if settings.failure_scenario == "types":
        return ("double", CENTS) if settings.numbers == "amounts" else ("long", "double")
    writes, reads = ("string" if name == "utf-8" else "bytes" for name in settings.encodings.split(" to "))
    return writes, reads


def registry(settings: Settings, *, strict: bool = False) -> Finding:
    """Register B's schema after A's: is it refused?"""
    if settings.failure_scenario not in DATA_PLANE:
        return None
    writer, reader = declared(settings)
    shared = Registry("backward", strict=strict)
    shared.register("records", writer)
    try:
        shared.register("records", reader)
    except IncompatibleSchema:
        return True
    return False


def coherent(settings: Settings) -> Finding:
    """Compare the timeouts, retries and keys along the chain of calls: does something contradict?"""
    return None if settings.failure_scenario in DATA_PLANE else bool(coherence.check(coherence.ends_of(settings)))


def contract(settings: Settings) -> Finding:
    """Hold A to what B needs of a field's form, or B to what A needs of a payment sent again: is a need not met?"""
    if settings.failure_scenario == "api":
        return _paid_again(settings)
    if settings.failure_scenario not in DATA_PLANE:
        return None
    conversion, rng = conversion_of(settings), random.Random(settings.seed)
    items = tuple(conversion.draw(rng, True) for _ in range(EXAMPLES))

    def answer(item: Item) -> Mapping[str, Any]:
        try:
            return {"value": conversion.write(settings, item)}
        except UpstreamRefusal:
            return {}

    return bool(verify(Contract("B", "A", items, (Need("value", *_form(settings)),)), answer))


def _form(settings: Settings) -> tuple[str, Rule]:
    """Give the form in which B can use a field, and no more: in words, and the test of the bytes that A writes."""
    if settings.failure_scenario == "schema":
        encoding = "utf-8" if settings.shared_schema else settings.encodings.split(" to ")[1]
        return f"text in {encoding}", lambda sent: _decodes(sent, encoding)
    if settings.failure_scenario == "metadata":
        return "text, or the seconds of a birth since 1900", _holds(lambda value: abs(value) <= LIFETIME)
    if settings.numbers == "amounts":
        return "a number that its column holds", _holds(lambda value: value % COLUMN == 0)
    return "digits as text, or a number that a float holds", _holds(lambda value: abs(value) <= EXACT)


def _holds(rule: Callable[[Decimal], bool]) -> Rule:
    """Make a rule about the number in A's bytes; B takes a text for what it says."""
    return lambda sent: all(
        isinstance(value, str) or rule(value)
        for value in json.loads(sent, parse_float=Decimal, parse_int=Decimal).values()
    )


def _decodes(sent: bytes, encoding: str) -> bool:
    try:
        sent.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _paid_again(settings: Settings) -> bool:
    bank = Bank(keyed=settings.delivery == "exactly_once")

    def pay(key: str) -> Mapping[str, Any]:
        bank.pay(key, 100)
        return {"balance": bank.balance}

    try:
        need = Need("balance", "100, however often payment 1 comes", lambda balance: balance == 100)
        return bool(verify(Contract("A", "B", ("payment 1", "payment 1"), (need,)), pay))
    finally:
        bank.database.close()


def history(settings: Settings) -> Finding:
    """Record payments whose answers are lost and deposits that meet: is one of the histories not linearizable?

    A counter is asked for what it holds after additions that were each acknowledged once.
    """
    if settings.failure_scenario != "api":
        return None
    _, paid = lost_answer(keyed=settings.delivery == "exactly_once") if settings.loss else (1, 100)
    deposited = two_deposits(locked=settings.thread_safe)
    return not (_explained([100], paid) and _explained([100, 100], deposited))


def _explained(added: Sequence[int], read: int) -> bool:
    """Tell whether a counter to which concurrent callers added so much may hold what was read afterwards."""
    both = [Operation(f"caller {number}", "add", "cents", value, 0, 1) for number, value in enumerate(added)]
    return check_history([*both, Operation("auditor", "read", "cents", read, 2, 3)], "counter").linearizable is True


CHECKS: Mapping[str, Callable[[Settings], Finding]] = MappingProxyType(
    {
        "write-read test": write_read,
        "registry": registry,
        "strict registry": partial(registry, strict=True),
        "coherence check": coherent,
        "contract test": contract,
        "history check": history,
    }
)
"""Each tells whether it finds something wrong with a configuration, if it has anything to look at."""


def findings() -> dict[tuple[str, str], Finding]:
    """Tell for each preset and each check whether it finds something; None where it has nothing to look at."""
    return {(preset, name): check(PRESETS[preset].settings()) for preset in PRESETS for name, check in CHECKS.items()}


STUDIED = {"data": 61, "management": 39, "control": 20}
"""How many of the 120 failures of Tang et al. (EuroSys 2023, table 2) were of each plane."""


def weighed(found: Mapping[tuple[str, str], Finding], failing: Sequence[str]) -> dict[str, dict[str, float]]:
    """Give for each check what it finds of each plane, in percent of all failures if planes are as common as `STUDIED`.

    A check counts in a plane by the share of that plane's failing presets that it finds.
    """
    planes = {preset: PLANES[PRESETS[preset].settings().failure_scenario] for preset in failing}
    sizes, every = Counter(planes.values()), sum(STUDIED.values())
    caught = Counter((check, planes[preset]) for preset in failing for check in CHECKS if found[preset, check])
    return {
        check: {
            f"{plane} plane": 100 * weight / every * caught[check, plane] / sizes[plane]
            for plane, weight in STUDIED.items()
        }
        for check in CHECKS
    }
