"""Contracts: what a consumer reads, checked against what a provider answers."""

from __future__ import annotations

from typing import Any

from companion.simulators.interaction.checks.contracts import Contract, Need, verify


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
