"""The film of one cart: the types' own results, told step by step, and what a reader may do by hand."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.parameters import ParameterError
from companion.player import LARGEST
from companion.simulators.crdts.carts import DEEDS, ITEMS, KINDS, LONGEST, Deed, film, tell

SETS = ("naive", "tombstones", "orswot")
DEED = st.one_of(
    st.tuples(st.sampled_from(["add", "remove"]), st.sampled_from("AB"), st.sampled_from(ITEMS)),
    st.tuples(st.just("tell"), st.sampled_from("AB")),
    st.sampled_from([("cut",), ("heal",)]),
)


def ending(kind: str, deeds: Any = DEEDS) -> tuple[list[Any], list[Any]]:
    frame = film(kind, deeds).data["frames"][-1]
    return frame["A"]["carts"], frame["B"]["carts"]


@pytest.mark.parametrize(
    ("kind", "carts"),
    [
        ("naive", [[["bread", ""], ["eggs", ""], ["milk", "back"]]]),
        ("tombstones", [[["bread", ""], ["eggs", ""]]]),
        ("orswot", [[["bread", ""], ["eggs", ""]]]),
        ("lww", [[["eggs", ""], ["milk", "back"], ["bread", "lost"]]]),
        ("register", [[["bread", ""]], [["eggs", ""], ["milk", ""]]]),
    ],
)
def test_the_same_deeds_end_differently_with_each_type(kind: str, carts: list[Any]) -> None:
    assert ending(kind) == (carts, carts)


@given(st.lists(DEED, max_size=12))
def test_a_right_set_brings_nothing_back_and_loses_nothing_whatever_is_done(deeds: list[Deed]) -> None:
    for kind in ("tombstones", "orswot"):
        for frame in film(kind, deeds).data["frames"]:
            assert {mark for copy in "AB" for cart in frame[copy]["carts"] for _, mark in cart} <= {""}


@given(st.sampled_from(sorted(KINDS)), st.lists(DEED, max_size=12))
def test_copies_that_have_told_each_other_agree(kind: str, deeds: list[Deed]) -> None:
    one, other = ending(kind, [*deeds, ("heal",), ("tell", "A"), ("tell", "B")])
    assert one == other


@given(st.sampled_from(sorted(KINDS)), st.lists(DEED, max_size=12))
def test_every_step_has_a_moment_a_sentence_and_the_deeds_up_to_it(kind: str, deeds: list[Deed]) -> None:
    made = film(kind, deeds)
    frames = made.data["frames"]
    times = [time for time, _ in made.steps]
    assert [(frame["at"], frame["say"]) for frame in frames] == list(made.steps)
    assert times == sorted(set(times)) and made.start == times[0] and made.end > times[-1]
    assert all(said.endswith(".") for _, said in made.steps)
    done = [frame["done"] for frame in frames]
    assert done == sorted(done) and set(done) == set(range(len(deeds) + 1))


def test_going_on_from_a_step_is_the_film_of_the_longer_list() -> None:
    whole = film("orswot", DEEDS).data["frames"]
    for number in range(len(DEEDS)):
        part = film("orswot", DEEDS[:number]).data["frames"]
        assert part == whole[: len(part)]


def test_a_message_at_the_cut_changes_nothing() -> None:
    frames = film("naive", [("add", "A", "tea"), ("cut",), ("tell", "A")]).data["frames"]
    assert frames[-1]["lost"] and frames[-1]["B"] == frames[0]["B"]


@pytest.mark.parametrize("kind", SETS)
def test_a_merge_is_shown_row_by_row_and_the_rows_say_what_becomes_of_each_tag(kind: str) -> None:
    frame = next(one for one in film(kind).data["frames"] if one.get("merge", {}).get("row") == 0)
    rows = {row[0]: row[3] for row in frame["merge"]["rows"]}
    assert rows == {"bread A2": "it stays", "eggs B1": "it stays", "milk A1": "it stays" if kind == "naive" else "out"}


def test_all_traces_together_are_light() -> None:
    assert sum(len(json.dumps(film(kind).data)) for kind in KINDS) < LARGEST / 2


def test_a_page_is_told_what_the_film_holds() -> None:
    made = film("lww", [("remove", "B", "milk")])
    told = json.loads(tell(json.dumps({"kind": "lww", "deeds": [["remove", "B", "milk"]]})))
    assert told == json.loads(json.dumps({"name": made.name, "start": made.start, "end": made.end,
                                          "steps": made.steps, "data": made.data}))  # fmt: skip


@pytest.mark.parametrize(
    "deed",
    [(), ("add", "A"), ("add", "C", "milk"), ("add", "A", "gin"), ("tell", "C"), ("cut", "A"), ("steal", "A", "milk")],
)
def test_what_is_no_deed_is_refused(deed: Deed) -> None:
    with pytest.raises(ParameterError, match="is no deed"):
        film("orswot", [deed])


def test_an_unknown_type_and_too_many_deeds_are_refused() -> None:
    with pytest.raises(ParameterError, match="kind = 'gset' is not accepted"):
        film("gset")
    film("orswot", [("cut",)] * LONGEST)
    with pytest.raises(ParameterError, match=f"{LONGEST + 1} deeds"):
        film("orswot", [("cut",)] * (LONGEST + 1))
