"""JSON to messages and back."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.network_tax.gateway import accounts_pb2 as pb
from companion.calls.network_tax.gateway.bodies import BadBody, parse, to_dict

int64 = st.integers(-(2**63), 2**63 - 1)
text = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
accounts = st.builds(
    pb.Account,
    id=int64,
    owner=text,
    balance=int64,
    frozen=st.booleans(),
    kind=st.integers(0, 3),  # two of them have no name here
    note=st.none() | text,
)


@settings(max_examples=50)
@given(accounts)
def test_an_account_comes_back_from_json_as_it_was(account: pb.Account) -> None:
    written = to_dict(account)
    assert {"id", "owner", "balance", "frozen", "kind"} <= written.keys()
    assert parse(json.dumps(written).encode(), pb.Account()) == account


@settings(max_examples=50)
@given(int64, st.integers(0, 3))
def test_a_whole_number_is_exact_however_it_is_written(number: int, zeros: int) -> None:
    body = f'{{"balance": {number}.{"0" * (zeros + 1)}}}'.encode()
    assert parse(body, pb.Account()).balance == number


@settings(max_examples=50)
@given(st.binary(max_size=60))
def test_bytes_are_an_account_or_one_line_of_refusal(body: bytes) -> None:
    try:
        parse(body, pb.Account())
    except BadBody as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize("written", ["1e2", "100", "100.0", '"100"', "1.00e2"])
def test_a_hundred_is_a_hundred(written: str) -> None:
    assert parse(f'{{"balance": {written}}}'.encode(), pb.Account()).balance == 100


@pytest.mark.parametrize("written", ["0", "0.0", "-0.0", "0e5", "null"])
def test_a_zero_is_a_zero(written: str) -> None:
    assert parse(f'{{"balance": {written}}}'.encode(), pb.Account()).balance == 0


@pytest.mark.parametrize("written", ["0.5", "9007199254740993.5", "1e19", "9223372036854775808.0"])
def test_a_fraction_or_a_number_beyond_64_bits_is_refused_and_not_rounded(written: str) -> None:
    with pytest.raises(BadBody):
        parse(f'{{"balance": {written}}}'.encode(), pb.Account())
