"""The figure of a question says in words what it draws."""

from __future__ import annotations

from companion.services.mcp.figures import figure_rounds


def test_the_question_goes_by_the_client_and_another_replica_takes_the_answer() -> None:
    figure = figure_rounds()
    assert figure.title == "No server remembers the question: the client carries it"
    told = [
        "client sends replica 1 delete Draft",
        "replica 1 sends client sure? + sealed state",
        "client: asks its person",
        "client sends replica 2 again, with yes + sealed state",
        "replica 2 opens the seal",
        "replica 2 sends client deleted",
    ]
    places = [figure.alt.find(words) for words in told]
    assert -1 not in places and places == sorted(places), figure.alt
