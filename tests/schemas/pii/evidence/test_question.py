"""A comment may say whom a field is about."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from companion.schemas.pii.rules.loading import Rules, load_rules
from companion.schemas.pii.verdict import Level, Verdict

Judge = Callable[..., dict[str, Verdict]]


def told(judge: Judge, *comments: str) -> list[str | None]:
    """Judge a phone in a message that says nothing, once with each comment."""
    messages = [f"message Z{n}q {{ string phone = 1; // {comment}\n}}\n" for n, comment in enumerate(comments)]
    return [verdict.pii_type for verdict in judge("".join(messages)).values()]


def test_a_phone_of_a_shop_is_public_whatever_article_stands_before_it(judge: Judge) -> None:
    articles = ["", "the ", "a ", "an ", "our ", "your ", "this ", "each "]
    assert told(judge, *(f"of {article}coffee shop, and so on" for article in articles)) == [None] * len(articles)
    assert told(judge, "of no coffee shop", "of every single coffee shop") == ["PHONE_PERSONAL"] * 2


def test_of_for_by_and_from_say_whose_it_is(judge: Judge) -> None:
    assert told(judge, *(f"rings {word} a shop" for word in ("of", "for", "by", "from"))) == [None] * 4
    assert told(judge, *(f"rings {word} a shop" for word in ("at", "near"))) == ["PHONE_PERSONAL"] * 2
    assert told(judge, "a shop has one of") == ["PHONE_PERSONAL"]


def test_a_person_stays_one_unless_the_comment_ends_with_the_business(judge: Judge) -> None:
    found = judge(
        "message User { double latitude = 1; // latitude of the shop.\n"
        "double longitude = 2; // of the shop in which it was bought\n}"
        "message Zq { string city = 1; // of this patient\n string town = 2;\n}"
    )
    assert [verdict.pii_type for verdict in found.values()] == [None, "LOCATION", "REGION", None]


# Rules about words that nobody uses: one for each that a rule may want the field to be about.

OWN = "version: mine\nrules:\n" + "".join(
    f"  - {{id: {name.replace('_', '-')}, type: {name.upper()}, level: HIGH, why: because of {name}, "
    f"names: [{word}], {more}}}\n"
    for name, word, more in [
        ("person", "zapa", "about: person"),
        ("itself", "zapb", "about: person_itself"),
        ("traced", "zapc", "about: traced"),
        ("no_business", "zapd", "about: no_business"),
        ("no_thing", "zape", "about: no_thing"),
        ("no_object", "zapf", "about: no_object"),
        ("no_machine", "zapg", "about: no_machine"),
        ("no_place", "zaph", "about: no_place"),
        ("whole", "zapi", "whole: true"),
        ("last", "zapj", "last: true"),
        ("two_words", "tutor zapk", "about: person"),
        ("flags", "zapl", "holds: [flag, number]"),
        ("times", "zapm", "holds: [time]"),
        ("texts", "zapn", "holds: [text]"),
    ]
)
OWN += "  - {id: mail, type: EMAIL_PERSONAL, level: MEDIUM, why: it reaches somebody, names: [zapo]}\n"


@pytest.fixture(scope="module")
def own() -> Rules:
    """Give the rules of the package and those above."""
    return load_rules(written=OWN)


ABOUT = {
    # who the message is about, and what came before the word
    "User.zapa": "PERSON", "Zq.zapa": None, "Shop.zapa": None, "Server.zapa": None,
    "User.new_zapa": "PERSON", "User.pp_zapa": "PERSON", "User.plan_zapa": None, "User.ppp_zapa": None,
    "Zq.tutor_zapa": "PERSON", "Zq.plan_tutor_zapa": "PERSON", "User.shop_zapa": None, "Shop.user_zapa": "PERSON",
    "User.photo_zapa": "PERSON",
    "Zq.tutor_zapk": "TWO_WORDS", "Shop.tutor_zapk": "TWO_WORDS", "Zq.plan_tutor_zapk": None,
    # whom it is of itself
    "User.zapb": "ITSELF", "User.new_zapb": None, "UserSettings.zapb": None, "Zq.zapb": None, "Shop.zapb": None,
    # who can be reached
    "User.zapc": "TRACED", "Zq.zapc": None, "Qz.zapc": "TRACED", "Qz.plan_zapc": None,
    "Qz.new_zapc": "TRACED", "Depot.zapc": None, "User.plan_zapc": None, "Zq.user_zapc": "TRACED",
    "Shop.user_zapc": "TRACED",
    # all but
    "Shop.zapd": None, "Zq.zapd": "NO_BUSINESS", "Lighthouse.zapd": None, "Server.zapd": "NO_BUSINESS",
    "User.zapd": "NO_BUSINESS", "User.shop_zapd": None, "Shop.user_zapd": "NO_BUSINESS",
    "Shop.zape": None, "Server.zape": None, "Lighthouse.zape": None, "Zq.zape": "NO_THING", "User.zape": "NO_THING",
    "Shop.zapf": "NO_OBJECT", "Zq.zapf": "NO_OBJECT", "Server.zapf": None, "Lighthouse.zapf": "NO_OBJECT",
    "User.server_zapf": None,
    "Shop.zapg": "NO_MACHINE", "Zq.zapg": "NO_MACHINE", "Server.zapg": None, "Hypervisor.zapg": None,
    "User.server_zapg": None, "User.hypervisor_zapg": None, "Zq.hypervisor_zapg": None, "Zq.plan_zapg": "NO_MACHINE",
    "Shop.zaph": None, "Zq.zaph": "NO_PLACE", "Lighthouse.zaph": None, "Zq.lighthouse_zaph": None,
    "Server.zaph": "NO_PLACE", "User.zaph": "NO_PLACE", "User.lighthouse_zaph": None, "Zq.hypervisor_zaph": "NO_PLACE",
    # where in the name
    "Zq.zapi": "WHOLE", "Zq.zapi_plan": None, "Zq.plan_zapi": None,
    "Zq.zapj": "LAST", "Zq.plan_zapj": "LAST", "Zq.zapj_plan": None,
}  # fmt: skip


def test_a_rule_asks_whom_a_field_is_about(judge: Judge, own: Rules) -> None:
    """Each in a package of its own, for what else is in one may tell of a message."""
    files = {}
    for number, place in enumerate(ABOUT):
        message, _, field = place.partition(".")
        reached = " string email = 2;" if message in ("Qz", "Depot") else ""
        files[f"{number}.proto"] = (
            f'syntax = "proto3"; package p{number};\nmessage {message} {{ string {field} = 1;{reached} }}\n'
        )
    found = judge(files, by=own)
    assert {place: found[place].pii_type for place in ABOUT} == ABOUT


def test_a_value_must_be_of_a_kind_that_the_rule_speaks_of(judge: Judge, own: Rules) -> None:
    found = judge(
        "message Zq { bool zapl = 1; int32 has_zapl = 2; int32 count_zapl = 3; bool has2_zapl = 4; bool has_zapl_2 = 5;"
        " bool show_zapl = 6; string zapl_text = 7; google.protobuf.Timestamp zapm = 8; string zapm_text = 9;"
        " google.protobuf.BoolValue zapl_b = 10; google.protobuf.StringValue zapn = 11; bytes zapn_b = 12;"
        " google.protobuf.Int64Value zapn_c = 13; google.protobuf.Duration zapm_d = 14; }",
        by=own,
    )
    kinds = {name.removeprefix("Zq."): verdict.pii_type for name, verdict in found.items()}
    assert kinds == {
        "zapl": "FLAGS", "has_zapl": None, "count_zapl": None, "has2_zapl": "FLAGS", "has_zapl_2": "FLAGS",
        "show_zapl": None, "zapl_text": None, "zapm": "TIMES", "zapm_text": None, "zapl_b": "FLAGS", "zapn": "TEXTS",
        "zapn_b": None, "zapn_c": None, "zapm_d": "TIMES",
    }  # fmt: skip


def test_a_reason_quotes_the_name_only_where_it_is_written_otherwise(judge: Judge, own: Rules) -> None:
    found = judge("message Zq { string zapn = 1; string planZapn = 2; }", by=own)
    assert [verdict.reason for verdict in found.values()] == ["because of texts", '"plan zapn": because of texts']
    assert {verdict.source for verdict in found.values()} == {found["Zq.zapn"].source}
    assert found["Zq.zapn"].source.startswith("texts (")
    assert {verdict.level for verdict in found.values()} == {Level.HIGH}


MAIL, AT_WORK, PUBLIC = ("EMAIL_PERSONAL", Level.MEDIUM), ("EMAIL_WORK", Level.LOW), (None, Level.PUBLIC)
WORK = {
    "message A { string zapo = 1; }": MAIL,
    "message B { string duty_zapo = 1; }": AT_WORK,
    "message C { string photo_zapo = 1; }": MAIL,
    "message Shop { string zapo = 1; }": AT_WORK,
    "message Employment { string zapo = 1; }": AT_WORK,
    "message Doctor { string zapo = 1; }": AT_WORK,
    "message DoctorVisit { string zapo = 1; }": MAIL,
    "message Workplace { message Zq { string zapo = 1; } }": AT_WORK,
    "message D { string zapo = 1; // at the firm\n}": AT_WORK,
    "message E { string zapo = 1; // at the beach\n}": MAIL,
    "message Tutor { string ssn = 1; }": ("SSN", Level.HIGH),
}


def test_contact_data_of_a_person_at_work_is_lower_and_says_so(judge: Judge, own: Rules) -> None:
    files = {f"{n:02}.proto": f'syntax = "proto3"; package p{n};\n{text}\n' for n, text in enumerate(WORK)}
    found = dict(zip(WORK, judge(files, by=own).values(), strict=True))
    assert {text: (verdict.pii_type, verdict.level) for text, verdict in found.items()} == WORK
    for text, verdict in found.items():
        assert verdict.reason.endswith("; here of a person at work") is (WORK[text] == AT_WORK), text
