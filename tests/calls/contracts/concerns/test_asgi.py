"""A pure middleware is a function more; `BaseHTTPMiddleware` is a task more, and no part of a WebSocket."""

import pytest

from companion.calls.contracts.concerns.asgi import LAYERS, TOKEN, answers, seen_outside, tasks


def test_a_pure_middleware_makes_no_task_and_the_other_one_each() -> None:
    assert [tasks("pure", layers) for layers in (0, 1, 3)] == [0, 0, 0]
    assert [tasks("BaseHTTPMiddleware", layers) for layers in (0, 1, 3)] == [0, 1, 3]


@pytest.mark.parametrize("kind", LAYERS)
def test_a_request_without_a_token_is_refused(kind: str) -> None:
    assert answers(kind, "http", TOKEN) == "200"
    assert answers(kind, "http", "") == answers(kind, "http", "Bearer t-no") == "401"


def test_a_websocket_goes_past_the_auth_of_basehttpmiddleware() -> None:
    assert answers("BaseHTTPMiddleware", "websocket", "") == "ada has 100"
    assert answers("pure", "websocket", "") == "refused"
    assert answers("pure", "websocket", TOKEN) == "ada has 100"


def test_what_the_application_notes_in_its_context_reaches_a_pure_middleware_only() -> None:
    assert seen_outside("pure") == "set by the application"
    assert seen_outside("BaseHTTPMiddleware") == "nothing"
