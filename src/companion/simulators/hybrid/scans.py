"""The chapter's experiment over a grid: when a part of one's own is enough, and when one must ask another site."""

from __future__ import annotations

from collections.abc import Sequence

from companion.simulators.hybrid.account import play
from companion.sweep import sweep


def share_decided_alone(deposit_share: float, sites: int, seed: int, runs: int = 5) -> float:
    """Give the share of withdrawals that are decided under escrow without asking another site, over some runs."""
    outcomes = [play("escrow", deposit_share=deposit_share, sites=sites, seed=seed + number) for number in range(runs)]
    return 1 - sum(one.asked for one in outcomes) / sum(one.paid + one.refused for one in outcomes)


def where_escrow_pays(
    deposit_shares: Sequence[float], sites: Sequence[int], seed: int = 11, scheduler: str | None = None
) -> dict[tuple[float, float], float]:
    """Run the account with escrow over a grid.

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
        ``{(deposits in %, sites): withdrawals that are decided without asking, in %}``.
    """
    found = sweep(share_decided_alone, {"deposit_share": deposit_shares, "sites": sites, "seed": [seed]}, scheduler)
    return {(100 * share, number): 100 * alone for (share, number, _), alone in found.items()}
