"""What finds an interaction before it fails: write-read tests, coherence checks, contracts; each must."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.parameters import ParameterError
from companion.simulators.interaction import PRESETS, simulate
from companion.simulators.interaction.checks.coherence import Service, check, service_from
from companion.simulators.interaction.checks.contracts import Contract, Need, verify
from companion.simulators.interaction.checks.semantics import Bank, lost_answer, pay_over_http, serving, two_deposits
from companion.simulators.interaction.records import rehearse
from companion.simulators.interaction.settings import DATA_PLANE
from companion.simulators.interaction.theory import worst_case

# write-read tests


@pytest.mark.parametrize(
    "preset", [name for name in PRESETS if PRESETS[name].settings().failure_scenario in DATA_PLANE]
)
def test_a_write_read_test_fails_where_the_simulation_does_and_only_there(preset: str) -> None:
    rehearsed = rehearse(PRESETS[preset].settings())
    assert (rehearsed["delivered"] < 1000) is (simulate(preset).summary["delivered_share"] != 1)


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
def test_the_cure_of_a_timeout_cures_it(mine: float, yours: float, retries: int, pauses: list[float]) -> None:
    caller, callee = Service("gateway", mine), Service("orders", yours, retries, tuple(pauses[:retries]))
    cures = [problem.cure for problem in check([caller, callee]) if problem.rule == "timeout"]
    assert bool(cures) == (mine < callee.worst)
    for name, value in re.findall(r"(gateway|orders)\.timeout to ([0-9.]+)", "".join(cures)):
        cured = [replace(one, timeout=float(value)) if one.name == name else one for one in (caller, callee)]
        assert "timeout" not in {problem.rule for problem in check(cured)}, cures


def test_the_longest_that_a_service_can_take_counts_every_try_and_every_pause() -> None:
    assert Service("orders", 60, 5).worst == worst_case(60, 5) == 360
    assert Service("orders", 2, 2, (0.5, 1.5)).worst == worst_case(2, 2, backoffs=2.0) == 8


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
    breaches = verify(BILLING, lambda request: {**provider(request), "amount": 12.3})
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
