"""What finds an interaction before it fails: write-read tests, a registry, coherence checks, contracts; each must."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.parameters import ParameterError
from companion.simulators.interaction import PRESETS, simulate
from companion.simulators.interaction.coherence import Service, check, service_from
from companion.simulators.interaction.contracts import Contract, Need, verify, verify_all
from companion.simulators.interaction.libraries import fastavro
from companion.simulators.interaction.registry import LOSSY, IncompatibleSchema, Registry, misfits
from companion.simulators.interaction.semantics import Bank, lost_answer, pay_over_http, serving, two_deposits
from companion.simulators.interaction.settings import DATA_PLANE
from companion.simulators.interaction.streams import rehearse

# write-read tests


@pytest.mark.parametrize(
    "preset", [name for name in PRESETS if PRESETS[name].settings().failure_scenario in DATA_PLANE]
)
def test_a_write_read_test_fails_where_the_simulation_does_and_only_there(preset: str) -> None:
    rehearsed = rehearse(PRESETS[preset].settings())
    assert (rehearsed["delivered"] < 1000) is (simulate(preset).summary["delivered_share"] != 1)


# the registry


def record(**fields: Any) -> dict[str, Any]:
    """Give a record schema; a field given as (type, default) has a default."""
    entries = [
        {"name": name, "type": kind[0], "default": kind[1]} if isinstance(kind, tuple) else {"name": name, "type": kind}
        for name, kind in fields.items()
    ]
    return {"type": "record", "name": "user", "fields": entries}


MILLIS = {"type": "long", "logicalType": "timestamp-millis"}
AMOUNT = {"type": "bytes", "logicalType": "decimal", "precision": 18, "scale": 2}
CENTS = {**AMOUNT, "scale": 4}


@pytest.mark.parametrize(
    ("mode", "old", "new", "why"),
    [
        ("backward", record(id="long"), record(id="long", name="string"), "name: the writer has no such field"),
        ("forward", record(id="long", name="string"), record(id="long"), "name: the writer has no such field"),
        ("full", record(id="int"), record(id="long"), "id: long cannot be read as int"),
        ("backward", record(id="string"), record(id="long"), "id: string cannot be read as long"),
        ("backward", record(a=["null", "long"]), record(a="long"), "a: null cannot be read as long"),
        ("forward", record(a="long"), record(a=["null", "long"]), "a: null cannot be read as long"),
        ("backward", record(a={"type": "array", "items": "string"}), record(a={"type": "array", "items": "int"}), "a"),
        ("full", {"type": "enum", "name": "e", "symbols": ["A"]}, {"type": "enum", "name": "e", "symbols": ["A", "B"]},
         "B is no symbol"),
        ("backward", {"type": "fixed", "name": "f", "size": 4}, {"type": "fixed", "name": "f", "size": 8}, "4 bytes"),
        ("backward", record(a=["null", "string"]), record(a=["null", "long"]), "a: string is none of null, long"),
    ],
)  # fmt: skip
def test_a_schema_that_does_not_fit_is_refused_and_told_where(mode: str, old: Any, new: Any, why: str) -> None:
    registry = Registry(mode)
    registry.register("users", old)
    with pytest.raises(IncompatibleSchema) as refused:
        registry.register("users", new)
    assert str(refused.value).startswith("users does not fit its version 1: ")
    assert why in str(refused.value)
    assert Registry("none").register("users", new)


def test_what_fits_gets_a_number_of_its_own_and_the_same_schema_keeps_it() -> None:
    registry = Registry("full")
    first = registry.register("users", record(id="long"))
    second = registry.register("users", record(id="long", name=("string", "")))
    assert (first, second, registry.register("users", record(id="long"))) == (1, 2, 1)
    assert registry.register("orders", record(id="string")) == 3


@pytest.mark.parametrize(
    ("old", "new"),
    [(record(born="long"), record(born=MILLIS)), (record(n="long"), record(n="double")),
     (record(a=AMOUNT), record(a=CENTS))],
)  # fmt: skip
def test_a_strict_registry_refuses_what_the_rules_allow_and_values_do_not_survive(old: Any, new: Any) -> None:
    loose = Registry("backward")
    assert (loose.register("s", old), loose.register("s", new)) == (1, 2)
    strict = Registry("backward", strict=True)
    strict.register("s", old)
    with pytest.raises(IncompatibleSchema):
        strict.register("s", new)


SAMPLES: Mapping[str, Any] = {
    "null": None, "boolean": True, "int": 7, "long": 2**53 + 1, "float": 0.5, "double": 0.1, "string": "é",
    "bytes": b"ab",
}  # fmt: skip


def through(writer: Any, reader: Any, value: Any) -> Any:
    file = BytesIO()
    fastavro.schemaless_writer(file, writer, value)
    file.seek(0)
    return fastavro.schemaless_reader(file, writer, reader)


@pytest.mark.parametrize("writer", sorted(SAMPLES))
@pytest.mark.parametrize("reader", sorted(SAMPLES))
def test_the_rules_are_those_by_which_a_real_reader_reads(writer: str, reader: str) -> None:
    if misfits(writer, reader):
        with pytest.raises(fastavro.read.SchemaResolutionError):
            through(writer, reader, SAMPLES[writer])
        return
    value = through(writer, reader, SAMPLES[writer])
    if {writer, reader} != {"string", "bytes"} and (writer, reader) not in LOSSY:
        assert value == SAMPLES[writer]


KINDS = st.sampled_from(["int", "long", "float", "double", "string", "boolean", ("null", "string"), ("null", "long")])
FIELDS = st.dictionaries(st.sampled_from("abc"), st.tuples(KINDS, st.booleans()), min_size=1)


def schema_of(fields: Mapping[str, tuple[Any, bool]]) -> dict[str, Any]:
    """Make a record; a field that may be null can have null as its default."""
    made = {name: list(kind) if isinstance(kind, tuple) else kind for name, (kind, _) in sorted(fields.items())}
    return record(**{
        name: (kind, None) if isinstance(kind, list) and fields[name][1] else kind for name, kind in made.items()
    })  # fmt: skip


@settings(deadline=None, max_examples=200)
@given(FIELDS, FIELDS)
def test_what_the_registry_passes_a_real_reader_reads(old: Any, new: Any) -> None:
    writer, reader = schema_of(old), schema_of(new)
    value = {entry["name"]: SAMPLES[entry["type"][1] if isinstance(entry["type"], list) else entry["type"]]
             for entry in writer["fields"]}  # fmt: skip
    if not misfits(writer, reader):
        assert through(writer, reader, value).keys() == {entry["name"] for entry in reader["fields"]}


# coherence


GATEWAY = Service("gateway", timeout=30, retries=3)
ORDERS = Service("orders", timeout=60, retries=5, idempotent=True)


@pytest.mark.parametrize(
    ("chain", "rule", "where", "cure"),
    [
        ([GATEWAY, ORDERS], "timeout", ("gateway.timeout", "orders.timeout"), "set gateway.timeout to 360 or more"),
        ([Service("a", 10), Service("b", 4, 1, (3.0,))], "timeout", ("a.timeout", "b.timeout"), "b.timeout to 3.5"),
        ([Service("a", 10, 2), Service("b", 1)], "idempotency", ("a.retries", "b.idempotent"), "by its key"),
        ([Service("a", 99, 3), Service("b", 9, 3, idempotent=True)], "retries", ("a.retries", "b.retries"), "but b"),
        ([Service("a", 9, keep_alive=60), Service("b", 1, idle_timeout=60)], "keep-alive",
         ("a.keep_alive", "b.idle_timeout"), "below 60"),
        ([Service("a", 9, sends=2**20), Service("b", 1, accepts=10**6)], "message size", ("a.sends", "b.accepts"),
         "b.accepts to 1048576"),
        ([Service("a", 9, batch=500), Service("b", 1, batch_limit=100)], "batch", ("a.batch", "b.batch_limit"),
         "a.batch to 100"),
    ],
)  # fmt: skip
def test_a_contradiction_names_both_settings_and_the_cure(
    chain: list[Service], rule: str, where: tuple[str, str], cure: str
) -> None:
    found = {problem.rule: problem for problem in check(chain)}
    assert found[rule].where == where
    assert cure in found[rule].cure


def test_what_goes_together_is_passed() -> None:
    chain = [
        Service("gateway", 400, keep_alive=50, sends=1000, batch=10),
        Service("orders", 60, 5, idle_timeout=60, accepts=1000, batch_limit=10),
        Service("database", 60, idempotent=True),
    ]
    assert check(chain) == []


@given(
    st.floats(0.01, 100), st.floats(0.01, 100), st.integers(0, 5), st.lists(st.floats(0, 30), min_size=5, max_size=5)
)
@settings(max_examples=1000, deadline=None, derandomize=True)
def test_the_cure_of_a_timeout_cures_it(mine: float, yours: float, retries: int, pauses: list[float]) -> None:
    caller, callee = Service("gateway", mine), Service("orders", yours, retries, tuple(pauses[:retries]))
    cures = [problem.cure for problem in check([caller, callee]) if problem.rule == "timeout"]
    assert bool(cures) == (mine < callee.worst)
    for name, value in re.findall(r"(gateway|orders)\.timeout to ([0-9.]+)", "".join(cures)):
        cured = [replace(one, timeout=float(value)) if one.name == name else one for one in (caller, callee)]
        assert "timeout" not in {problem.rule for problem in check(cured)}, cures


def test_a_chain_is_read_from_a_file() -> None:
    text = '[[service]]\nname = "a"\ntimeout = 1\nretries = 1\nbackoffs = [0.5]\n[[service]]\nname = "b"\ntimeout = 2\n'
    chain = [service_from(values) for values in tomllib.loads(text)["service"]]
    assert chain[0] == Service("a", 1, 1, (0.5,))
    assert [problem.rule for problem in check(chain)] == ["timeout", "idempotency"]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "a", "timeout": 1, "timeuot": 2}, "timeuot is no setting"),
        ({"name": "a"}, "needs timeout"),
        ({"name": "a", "timeout": 0}, "timeout must be above 0"),
        ({"name": "a", "timeout": 1, "retries": 2, "backoffs": [1]}, "1 backoffs"),
    ],
)
def test_a_service_that_makes_no_sense_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        service_from(values)


# contracts


def provider(request: Any) -> dict[str, Any]:
    return {"id": str(request), "amount": "12.30", "born": "1980-05-17", "new": True}


BILLING = Contract("billing", "accounts", (1, 2**53 + 1), (
    Need("amount", "decimal text", lambda value: isinstance(value, str)),
    Need("id", "text", lambda value: isinstance(value, str)),
))  # fmt: skip


def test_a_provider_may_add_but_not_change_what_a_consumer_reads() -> None:
    assert verify(BILLING, provider) == []
    breaches = verify_all([BILLING], lambda request: {**provider(request), "amount": 12.3})
    assert [breach.request for breach in breaches] == [1, 2**53 + 1]
    assert "billing needs amount to be decimal text; accounts answers 1 with" in str(breaches[0])


def test_a_field_that_is_gone_breaks_the_contract() -> None:
    assert {breach.need.field for breach in verify(BILLING, lambda request: {"id": "1"})} == {"amount"}


# the control plane, with real things


def test_a_lost_answer_pays_twice_without_a_key_and_once_with_it() -> None:
    assert lost_answer(keyed=False) == (2, 200)
    assert lost_answer(keyed=True) == (2, 100)


def test_who_never_hears_an_answer_is_told_so_and_the_payment_was_made() -> None:
    bank = Bank(keyed=True, lost_answers=9)
    with serving(bank) as port, pytest.raises(ConnectionError, match="no answer in 3 attempts"):
        pay_over_http(port, "payment 1", 100, retries=2)
    assert bank.balance == 100
    bank.database.close()


@pytest.mark.parametrize("_", range(20))
def test_two_threads_lose_a_deposit_without_a_lock_and_none_with_it_every_time(_: int) -> None:
    assert (two_deposits(locked=False), two_deposits(locked=True)) == (100, 200)
