"""What the checks of chapter 1 go by is right, by other ways to the same answers."""

from __future__ import annotations

from companion.calls.languages import exercises
from companion.calls.languages.history import ERAS, ages, languages
from companion.calls.languages.paradigms import actors, logic


def test_the_median_ages_are_those_of_the_chapter() -> None:
    rows = [(row.name, row.year, row.era) for row in languages()]
    taken = {key: era.taken for key, era in ERAS.items() if era.taken is not None}
    assert exercises.ages_of(rows, taken) == {"first": 12, "web": 0, "mobile": 10, "new": 3}
    assert max(ages(languages(), "first")) == 33


def test_drawn_lists_have_empty_eras_and_unborn_languages_among_them() -> None:
    cases = exercises.some_rows(1, 200)
    assert sum(set(taken) - {era for _, _, era in rows} != set() for rows, taken in cases) > 20
    assert any(born > taken.get(era, 3000) for rows, taken in cases for _, born, era in rows)


def test_where_one_can_come_from_is_what_logic_derives() -> None:
    for flights, end in [*exercises.NETWORKS, *exercises.some_networks(2, 100)]:
        assert exercises.origins_of(flights, end) == {a for a, b in logic(flights) if b == end}


def test_the_bill_is_what_the_actors_really_send() -> None:
    for flights, start in [*exercises.NETWORKS, *exercises.some_networks(3, 20)]:
        sent: list[str] = []
        actors(flights, start, sent.append)
        assert exercises.messages_of(flights, start) == len(sent)


def test_what_is_kept_holds_the_best_of_every_weighted_sum_and_beats_all_that_is_not() -> None:
    for table in [*exercises.TABLES, *exercises.some_tables(4, 100)]:
        kept = exercises.kept_of(table)
        assert bool(kept) == bool(table)
        for weight in (1, 2, 5):
            best = max((sum(mark + (mark > weight) for mark in marks) for marks in table.values()), default=0)
            sums = {sum(mark + (mark > weight) for mark in table[name]) for name in kept}
            assert not table or best in sums
        for name in set(table) - set(kept):
            beaten = [k for k in kept if all(a >= b for a, b in zip(table[k], table[name], strict=True))]
            assert beaten


def test_drawn_tables_have_ties_and_defeats() -> None:
    tables = exercises.some_tables(5, 200)
    assert sum(len(set(t.values())) < len(t) for t in tables) > 30
    assert sum(len(exercises.kept_of(t)) < len(t) for t in tables) > 80
