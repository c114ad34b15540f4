"""The article's service, and ours, under the same six questions."""

from companion.calls.wire.xml.article import serve, six_questions
from companion.calls.wire.xml.links import browser


def test_the_article_is_wrong_in_six_ways_and_ours_in_none() -> None:
    questions = six_questions()
    assert [row.article for row in questions] == [
        "201, no Location",
        "201, 1 is now Eve",
        "500",
        "201, then GET 404",
        "200, name: Bob",
        "200, 1 says: id 9",
    ]
    assert [row.ours.split(",")[0] for row in questions] == ["201", "409", "422", "422", "422", "409"]


def test_the_copy_finds_and_removes_as_the_article_does() -> None:
    with serve() as address, browser(address) as web:
        assert web.get("/customers/1").json()["name"] == "Ada"
        assert [web.delete("/customers/1").status_code for _ in range(2)] == [204, 404]
        assert web.get("/customers/1").json() == {"error": "Customer not found"}
