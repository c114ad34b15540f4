"""The figures of the queries: what a way to load costs, and what a pool makes of queries that are sent at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from companion.calls.network_tax.queries.watched import Bill
from companion.figures import Figure, Panel, Series, bars, lines


def figure_loading(bills: Mapping[str, Bill[Any]]) -> Figure:
    """Draw queries and bytes for each way to load, as `people.LOADERS` names them."""
    fewest = min(bills, key=lambda name: bills[name].queries)
    lightest = min(bills, key=lambda name: bills[name].bytes_down)
    times = bills[fewest].bytes_down / bills[lightest].bytes_down
    title = f"{fewest} sends {bills[fewest].queries} query and {times:.1f} times the bytes of {lightest}"
    groups = {
        name: {"queries": bill.queries, "kB to the client": round(bill.bytes_down / 1000, 1)}
        for name, bill in bills.items()
    }
    return bars(title, "queries, and kB to the client", groups, log=True)


def figure_pools(pools: Sequence[int], naive: Sequence[float], loaders: Sequence[float]) -> Figure:
    """Draw how long a request takes over the size of the server's pool, asked naively and by loaders."""
    title = (
        f"Naive resolvers take {naive[0]:g} round trips over {pools[0]} connection and {naive[-1]:g} over {pools[-1]};"
        f" loaders {loaders[0]:g} and {loaders[-1]:g}"
    )
    series = [Series("naive", pools, naive, points=True), Series("loaders", pools, loaders, points=True)]
    return lines(title, "connections in the pool", [Panel("round trips", series, log=True)], log_x=True)


__all__ = ["figure_loading", "figure_pools"]
