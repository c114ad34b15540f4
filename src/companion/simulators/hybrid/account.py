"""An account at several sites, whose withdrawals are blue, red, or paid from an allowance of the site's own.

Deposits are always blue: they commute, and can break nothing. A withdrawal commutes too, but two sites that each see
100 and each pay out 60 have broken the invariant together. A *red* withdrawal is what it is in the calendar: it travels
to the first site, which answers when a majority has its record. What is blue even there is a refusal, which changes
nothing: a site that sees too little refuses at once (Li et al. 2012). With *escrow* (O'Neil 1986) every site holds a
part of the balance and pays from that; only who runs short asks another site for some of its.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import fsum

from companion.simulators.clock import Clock

POLICIES = ("blue", "red", "escrow")


@dataclass
class Outcome:
    """What a run gave; amounts in units of money.

    Attributes
    ----------
    paid, refused : int
        Withdrawals.
    asked : int
        Withdrawals that had to wait for another site.
    lowest : int
        The lowest that the account ever stood, all sites' operations counted at once.
    overdrawn : int
        Withdrawals that were paid although the account held less.
    refused_in_vain : int
        Withdrawals that were refused although the account held enough.
    latencies : list of float
        What each withdrawal waited, in s.
    """

    paid: int = 0
    refused: int = 0
    asked: int = 0
    lowest: int = 0
    overdrawn: int = 0
    refused_in_vain: int = 0
    latencies: list[float] = field(default_factory=list)

    @property
    def mean_latency(self) -> float:
        """The mean wait of a withdrawal, in s."""
        return fsum(self.latencies) / len(self.latencies) if self.latencies else 0.0


Borrow = Callable[[Sequence[int], int, int], Mapping[int, int]]
"""From all allowances, the site that is short, and the amount to pay: how much to ask of which other sites."""


def from_the_richest(allowances: Sequence[int], site: int, amount: int) -> dict[int, int]:
    """Ask the site that holds most for half of it, and for the amount at least."""
    richest = max((other for other in range(len(allowances)) if other != site), key=lambda at: allowances[at])
    return {richest: max(amount, allowances[richest] // 2)}


@dataclass
class Bank(Clock):
    """The sites: what each has heard of the balance, its allowance, and what is on its way. Times in s."""

    distance: float
    balance: int
    views: list[int]
    allowances: list[int]
    borrow: Borrow
    outcome: Outcome

    def book(self, site: int, amount: int) -> None:
        """Change the balance at a site, and tell the others."""
        self.balance += amount
        self.outcome.lowest = min(self.outcome.lowest, self.balance)
        self.views[site] += amount
        for other in range(len(self.views)):
            if other != site:
                self.after(self.distance, self._hear, other, amount)

    def _hear(self, site: int, amount: int) -> None:
        self.views[site] += amount

    def pay(self, site: int, amount: int, waited: float) -> None:
        """Pay a withdrawal, whatever the account holds."""
        self.outcome.paid += 1
        self.outcome.overdrawn += self.balance < amount
        self.outcome.latencies.append(waited)
        self.book(site, -amount)

    def refuse(self, amount: int, waited: float) -> None:
        """Refuse a withdrawal."""
        self.outcome.refused += 1
        self.outcome.refused_in_vain += self.balance >= amount
        self.outcome.latencies.append(waited)


def play(
    policy: str, *, sites: int = 3, network_latency: float = 40.0, start: int = 600, amount: int = 60,
    rate: float = 20.0, deposit_share: float = 0.5, duration: float = 60.0, seed: int = 11,
    borrow: Borrow = from_the_richest,
) -> Outcome:  # fmt: skip
    """Let users deposit and withdraw.

    Parameters
    ----------
    policy : {"blue", "red", "escrow"}
        How withdrawals are decided.
    sites : int
        Each with a replica; the first decides what is red, with a majority of them.
    network_latency : float
        From one site to another, in ms.
    start, amount : int
        The balance at first, and what each operation moves.
    rate : float
        Operations/s, a Poisson stream over the sites.
    deposit_share : float
        The share of deposits.
    duration : float
        Seconds.
    seed : int
        Where every draw comes from.
    borrow : callable
        With escrow: whom a site asks that runs short, and for how much. It gets what nobody knows in real life, all
        allowances at that moment; what it asks for may be gone when the question arrives.

    Raises
    ------
    ValueError
        If there is no such policy, or fewer than two sites, or a site borrows from itself or less than nothing.
    """
    if policy not in POLICIES:
        raise ValueError(f"policy = {policy!r} is not accepted: it takes {' | '.join(POLICIES)}")
    if sites < 2:
        raise ValueError(f"sites = {sites} is not accepted: it takes 2 or more")
    rng = random.Random(seed)
    share, left = divmod(start, sites)
    allowances = [share + (site < left) for site in range(sites)]
    bank = Bank(network_latency / 1000, start, [start] * sites, allowances, borrow, Outcome(lowest=start))
    withdraw = {"blue": _blue, "red": _red, "escrow": _escrow}[policy]
    time = 0.0
    while (time := time + rng.expovariate(rate)) < duration:
        site, deposit = rng.randrange(sites), rng.random() < deposit_share
        bank.at(time, _deposit if deposit else withdraw, bank, site, amount)
    bank.run()
    return bank.outcome


def _deposit(bank: Bank, site: int, amount: int) -> None:
    bank.allowances[site] += amount
    bank.book(site, amount)


def _blue(bank: Bank, site: int, amount: int) -> None:
    if bank.views[site] >= amount:
        bank.pay(site, amount, 0.0)
    else:
        bank.refuse(amount, 0.0)


def _red(bank: Bank, site: int, amount: int) -> None:
    if bank.views[site] < amount:
        bank.refuse(amount, 0.0)
        return
    away = 0.0 if site == 0 else bank.distance
    wait = 2 * away + 2 * bank.distance  # there and back, and between the first site and a majority
    bank.outcome.asked += 1

    def decide() -> None:
        if bank.views[0] >= amount:  # what the first site has not heard of is deposits alone: it errs on the safe side
            bank.pay(0, amount, wait)
        else:
            bank.refuse(amount, wait)

    bank.after(away, decide)


def _escrow(bank: Bank, site: int, amount: int) -> None:
    if bank.allowances[site] >= amount:
        bank.allowances[site] -= amount
        bank.pay(site, amount, 0.0)
        return
    asked = bank.borrow(tuple(bank.allowances), site, amount)
    if site in asked or any(wanted < 0 or other not in range(len(bank.views)) for other, wanted in asked.items()):
        raise ValueError(f"site {site} borrows {dict(asked)!r}: it takes other sites, and 0 or more of each")
    if not asked:
        bank.refuse(amount, 0.0)
        return
    bank.outcome.asked += 1
    missing = set(asked)

    def lend(other: int) -> None:
        lent = min(bank.allowances[other], asked[other])
        bank.allowances[other] -= lent
        bank.after(bank.distance, borrowed, other, lent)

    def borrowed(other: int, lent: int) -> None:
        bank.allowances[site] += lent
        missing.discard(other)
        if missing:
            return
        if bank.allowances[site] >= amount:
            bank.allowances[site] -= amount
            bank.pay(site, amount, 2 * bank.distance)
        else:
            bank.refuse(amount, 2 * bank.distance)

    for other in asked:
        bank.after(bank.distance, lend, other)
