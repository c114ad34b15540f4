"""Bytes on each wire: of a call, of a list, and what becomes of a number."""

from companion.calls.wire import PROTOCOLS
from companion.calls.wire.experiments.sizes import call_costs, list_sizes, sample_customers, what_arrives


def test_the_cost_of_a_call_is_known_to_the_byte_where_the_protocol_is_ours() -> None:
    costs = {(cost.protocol, cost.call): cost for cost in call_costs()}
    assert len(costs) == 2 * len(PROTOCOLS)
    for call in ("first", "warm"):
        assert (costs["socket", call].request_bytes, costs["socket", call].answer_bytes) == (9, 30)
        assert (costs["oncrpc", call].request_bytes, costs["oncrpc", call].answer_bytes) == (48, 52)
    assert costs["grpc", "first"].round_trips == 2  # the client waits for the server's settings
    assert costs["grpc", "first"].request_bytes > 5 * costs["grpc", "warm"].request_bytes


def test_the_size_of_a_list_grows_with_the_customers_and_shrinks_with_gzip() -> None:
    rows = {(row.protocol, row.customers): row for row in list_sizes(counts=(1, 100))}
    for protocol in PROTOCOLS:
        assert rows[protocol, 1].plain_bytes < rows[protocol, 100].plain_bytes
        zipped = rows[protocol, 100].gzip_bytes
        if protocol in ("socket", "oncrpc"):
            assert zipped is None and rows[protocol, 100].gzip == "no place to say so"
        else:
            assert zipped is not None and zipped < rows[protocol, 100].plain_bytes / 1.5


def test_the_sample_is_the_same_for_the_same_seed_and_begins_the_same_whatever_its_length() -> None:
    assert sample_customers(10) == sample_customers(100)[:10]
    assert sample_customers(10) != sample_customers(10, seed=3)


def test_only_single_precision_changes_a_balance() -> None:
    arrived = what_arrives([16_777_217.0, 1_234_567.89, 0.5])
    assert arrived.pop("oncrpc") == [16_777_216.0, 1_234_567.875, 0.5]
    assert set(map(tuple, arrived.values())) == {(16_777_217.0, 1_234_567.89, 0.5)}
