"""The chapter's experiments over many runs: when a part of one's own is enough."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from companion.simulators.hybrid.account import Borrow, from_the_richest, play
from companion.sweep import sweep


@dataclass(frozen=True)
class Decided:
    """How withdrawals fared over some runs: the mean wait (ms), and in % what was decided alone or refused in vain."""

    wait: float
    alone: float
    vain: float


def decided(
    policy: str, deposit_share: float, sites: int, seed: int, runs: int = 10, borrow: Borrow = from_the_richest
) -> Decided:
    """Play some accounts, and take their withdrawals together; no two seeds have an account in common."""
    given: dict[str, Any] = {"deposit_share": deposit_share, "sites": sites, "borrow": borrow}
    outcomes = [play(policy, seed=1000 * seed + number, **given) for number in range(runs)]
    waits = [wait for one in outcomes for wait in one.latencies]
    asked, vain = (sum(getattr(one, what) for one in outcomes) for what in ("asked", "refused_in_vain"))
    return Decided(1000 * fmean(waits), 100 * (1 - asked / len(waits)), 100 * vain / len(waits))


def where_escrow_pays(
    deposit_shares: Sequence[float], sites: Sequence[int], seed: int = 11, scheduler: str | None = None
) -> dict[tuple[str, int, float], Decided]:
    """Run the account, red and with escrow, over a grid.

    Parameters
    ----------
    deposit_shares : sequence of float
        Shares of the operations that deposit.
    sites : sequence of int
        Numbers of sites.
    seed : int
        Where every random draw comes from.
    scheduler : str, optional
        See `companion.sweep`.

    Returns
    -------
    dict
        ``{(policy, sites, deposits in %): how withdrawals fared}``.
    """
    grid = {"policy": ["red", "escrow"], "deposit_share": deposit_shares, "sites": sites, "seed": [seed]}
    found = sweep(decided, grid, scheduler)
    return {(policy, number, 100 * share): told for (policy, share, number, _), told in found.items()}
