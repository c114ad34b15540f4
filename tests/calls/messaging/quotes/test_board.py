"""An instance's board: whoever joins whenever, nothing is missing and nothing steps back."""

import random
from itertools import islice, pairwise

from companion.calls.messaging.quotes.board import Board, Follower
from companion.calls.messaging.quotes.quote import Quote
from companion.calls.messaging.quotes.source import prices


def stream(count: int, seed: int) -> list[Quote]:
    return [Quote(seq, *quote) for seq, quote in enumerate(islice(prices(seed), count), 1)]


def test_of_2000_joins_at_random_moments_none_has_a_hole_or_a_step_back() -> None:
    quotes = stream(1500, seed=1)
    rng = random.Random(2)
    moments = sorted(rng.randrange(20, len(quotes)) for _ in range(2000))
    board = Board()
    joined: list[tuple[int, list[Quote]]] = []
    for moment, quote in enumerate(quotes):
        while moments and moments[0] == moment:
            moments.pop(0)
            seen: list[Quote] = []
            joined.append((moment, seen))
            board.join("ACME", Follower(seen.append))
        board.put(quote)
    acme = [quote for quote in quotes if quote.symbol == "ACME"]
    assert len(joined) == 2000
    for moment, seen in joined:
        before = [quote for quote in acme if quote.seq <= moment]
        assert seen == acme[len(before) - 1 :], "the last one before the join, and each after it"


def test_a_follower_that_is_cut_50_times_misses_nothing_though_one_instance_is_behind() -> None:
    for seed in range(8):
        rng = random.Random(seed)
        quotes = stream(1200, seed)
        boards, heard = (Board(), Board()), [0, 0]
        seen: list[Quote] = []
        follower = Follower(seen.append)
        at = 0
        boards[at].join("ACME", follower)
        cuts = 0
        while min(heard) < len(quotes):
            which = rng.randrange(2)
            for quote in quotes[heard[which] : heard[which] + rng.randrange(12)]:
                boards[which].put(quote)
                heard[which] += 1
            if rng.random() < 0.3:  # cut: it goes on at the other, which is ahead or behind
                boards[at].leave("ACME", follower)
                at = 1 - at
                boards[at].join("ACME", follower)
                cuts += 1
        acme = [quote for quote in quotes if quote.symbol == "ACME"]
        assert cuts >= 50
        assert seen == acme[acme.index(seen[0]) :]


def test_what_is_not_newer_changes_nothing() -> None:
    first, second = Quote(4, "ACME", 1, 1.0), Quote(9, "ACME", 2, 2.0)
    board, seen = Board(), list[Quote]()
    board.join("ACME", Follower(seen.append))
    for quote in (first, second, first, second):
        board.put(quote)
    assert seen == [first, second]
    late = list[Quote]()
    board.join("ACME", Follower(late.append))
    assert late == [second]


def test_who_joins_gets_the_last_quote_and_who_comes_back_what_came_after() -> None:
    board = Board(kept=3)
    for number in range(1, 6):
        board.put(Quote(10 * number, "ACME", number, 1.0))
    assert board.newest == 50 and board.first("ACME") == 30 and board.first("EMCA") is None
    for last, expected in ((0, [5]), (40, [5]), (39, [4, 5]), (50, []), (99, [])):
        seen = list[Quote]()
        board.join("ACME", Follower(seen.append, last))
        assert [quote.number for quote in seen] == expected
    assert board.followers == 5


def test_a_follower_may_leave_while_it_is_told_and_leaves_nothing_behind() -> None:
    board = Board()
    one = Follower(lambda _: board.leave("ACME", one))
    board.join("ACME", one)
    board.join("ACME", Follower(lambda _: None))
    board.put(Quote(1, "ACME", 1, 1.0))
    assert board.followers == 1
    board.leave("ACME", one)
    board.leave("NONE", one)
    assert board.followers == 1


def test_places_of_one_follower_only_grow() -> None:
    rng = random.Random(3)
    seen = list[Quote]()
    follower = Follower(seen.append, 20)
    for _ in range(200):
        follower.offer(Quote(rng.randrange(100), "ACME", 1, 1.0))
    assert all(a.seq < b.seq for a, b in pairwise(seen)) and seen[0].seq > 20
