"""Whether a value is about a person is another question than how much harm it does."""

from __future__ import annotations

from collections.abc import Callable

from companion.schemas.pii.evaluation.benchmark import judge as judge_corpus
from companion.schemas.pii.evaluation.corpus import load_corpus
from companion.schemas.pii.rules.loading import Rules
from companion.schemas.pii.verdict import Level, Verdict

Judge = Callable[..., dict[str, Verdict]]

LIBRARY = """
message Loan { string user_id = 1; string shelf = 2; int64 due_at = 3; Fine fine = 4; Money price = 5; }
message Fine { int64 cents = 1; }
message Money { int64 cents = 1; }
message Book { string title = 1; Money price = 2; }
message ListLoansResponse { repeated Loan loans = 1; string next_page_token = 2; }
message Order { Loan loan = 1; int64 total = 2; }
message Kiosk { string api_key = 1; int32 paper = 2; }
message Node { Node next = 1; string colour = 2; }
message Left { Right right = 1; string colour = 2; }
message Right { Left left = 1; string colour = 2; }
"""


def test_what_stands_beside_an_identifier_is_about_the_same_person(judge: Judge) -> None:
    found = judge(LIBRARY)
    assert found["Loan.due_at"].level is Level.PUBLIC
    assert found["Loan.due_at"].about == found["Loan.shelf"].about == "stands beside Loan.user_id"
    assert found["Loan.user_id"].about == "what it holds is personal"


def test_a_record_that_holds_one_persons_record_is_theirs(judge: Judge) -> None:
    assert judge(LIBRARY)["Order.total"].about == "stands beside Order.loan"


def test_what_only_somebodys_records_hold_is_about_them_and_what_others_hold_is_not(judge: Judge) -> None:
    found = judge(LIBRARY)
    assert found["Fine.cents"].about == "Fine is held by Loan only, which is somebody's"
    assert found["Money.cents"].about is None and found["Book.title"].about is None


def test_it_reaches_however_deep_records_hold_each_other(judge: Judge) -> None:
    chain = "".join(f"message M{n} {{ M{n + 1} next = 1; string colour = 2; }}" for n in range(40))
    found = judge(f"message User {{ string email = 1; M0 first = 2; }} {chain} message M40 {{ string colour = 1; }}")
    assert found["M40.colour"].about == "M40 is held by M39 only, which is somebody's"
    assert all(found[f"M{n}.colour"].about for n in range(40))


def test_a_list_of_records_and_a_machine_with_a_secret_are_nobodys(judge: Judge) -> None:
    found = judge(LIBRARY)
    assert found["ListLoansResponse.next_page_token"].about is None
    assert found["ListLoansResponse.loans"].about == "what it holds is personal"
    assert (found["Kiosk.api_key"].level, found["Kiosk.api_key"].about) == (Level.HIGH, None)
    assert found["Kiosk.paper"].about is None


def test_messages_that_hold_each_other_make_nobody_a_person(judge: Judge) -> None:
    found = judge(LIBRARY)
    assert {found[name].about for name in ("Node.colour", "Left.colour", "Right.colour")} == {None}


def test_in_new_trades_it_seldom_misses_and_often_marks_too_much(rules: Rules) -> None:
    harmless = [each for each in judge_corpus(load_corpus("new_trades"), rules)
                if each.field.label.level is Level.PUBLIC]  # fmt: skip
    said = {(each.field.label.person, each.verdict.about is not None) for each in harmless}
    assert len(said) == 4
    theirs = [each.verdict.about is not None for each in harmless if each.field.label.person]
    assert sum(theirs) / len(theirs) > 0.9
