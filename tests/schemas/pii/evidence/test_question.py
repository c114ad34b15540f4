"""A comment may say whom a field is about."""

from __future__ import annotations

from collections.abc import Callable

from companion.schemas.pii.verdict import Verdict

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
