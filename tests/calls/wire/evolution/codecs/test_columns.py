"""Each codec carries what its own schema says; what it does with another one is the matrix."""

from __future__ import annotations

import random

import pytest

from companion.calls.wire.evolution.changes import BY_NAME, CHANGES, CUSTOMER, customer
from companion.calls.wire.evolution.codecs import soap, thrift, xdr
from companion.calls.wire.evolution.judge import Refused, judge
from companion.calls.wire.evolution.matrix import COLUMNS


@pytest.mark.parametrize("name", [name for name, exchange in COLUMNS.items() if exchange])
def test_a_schema_that_has_not_changed_copes(name: str) -> None:
    exchange = COLUMNS[name]
    assert exchange is not None
    records = [customer(CUSTOMER, random.Random(n)) for n in range(5)]
    received = exchange(CUSTOMER, CUSTOMER, records)
    assert received is not None
    assert [judge(sent, got) for sent, got in zip(records, received, strict=True)] == ["="] * 5


def test_thrift_has_no_float() -> None:
    assert thrift.exchange(CUSTOMER, BY_NAME["balance double to float"].new, []) is None


def test_xdr_writes_in_order_with_strings_padded_to_four() -> None:
    assert xdr.encode(CUSTOMER, {"id": 1, "name": "Ada", "balance": 0.0}).hex() == "000000010000000341646100" + "0" * 16


def test_zeep_logs_what_it_cannot_read_and_we_keep_it_from_the_page(caplog: pytest.LogCaptureFixture) -> None:
    new = BY_NAME["balance double to i64"].new
    (got,) = soap.exchange(CUSTOMER, new, [{"id": 1, "name": "Ada", "balance": 1234.5}])
    assert not isinstance(got, Refused) and got["balance"] is None
    assert caplog.records == []


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_every_schema_can_be_said_in_xml_schema(change: object) -> None:
    from lxml import etree  # type: ignore[import-untyped]

    assert etree.XMLSchema(etree.fromstring(soap.xsd(change.new).encode())) is not None  # type: ignore[attr-defined]
