"""A chain runs its filters in order, and what comes from outside has bounds."""

import zlib
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.contracts.concerns import filters
from companion.calls.contracts.concerns.filters import MOST_UNPACKED, Handler, Request, Response, World, chain


def ask(*names: str, request: Request, world: World | None = None) -> Response:
    there = world or World()
    return chain([filters.FILTERS[name] for name in names], there, lambda one: filters.serve(there, one))(request)


def test_the_first_filter_is_the_outermost() -> None:
    passed: list[str] = []

    def noting(name: str) -> filters.Filter:
        def one(world: World, rest: Handler, request: Request) -> Response:
            passed.append(f"into {name}")
            response = rest(request)
            passed.append(f"out of {name}")
            return response

        return one

    chain([noting("a"), noting("b")], World(), lambda _: Response(200))(Request("/"))
    assert passed == ["into a", "into b", "out of b", "out of a"]


def test_a_chain_without_filters_is_the_service() -> None:
    assert ask(request=Request("/balance", user="bob")) == Response(200, "bob has 7")


def test_a_body_that_unpacks_beyond_the_bound_is_refused_whoever_sends_it() -> None:
    world = World()
    bomb = Request("/", "t-ada", body=zlib.compress(bytes(MOST_UNPACKED + 1)), packed=True)
    assert ask("auth", "unpack", request=bomb, world=world).status == 413
    assert world.unpacked == MOST_UNPACKED


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_whatever_the_body_is_unpacking_answers(body: bytes) -> None:
    assert ask("unpack", request=Request("/", body=body, packed=True)).status in (200, 400, 413)


@settings(max_examples=50)
@given(st.text(max_size=40))
def test_a_sealed_path_is_one_line_of_the_log(path: str) -> None:
    world = World()
    ask("seal", "log", "auth", request=Request(path, "t-ada"), world=world)
    assert len("\n".join(world.log).splitlines()) == 1
    assert "t-ada" not in world.log[0]


def test_what_is_refused_is_not_cached() -> None:
    world = World()
    request = Request("/balance", "t-no")
    assert ask("cache", "auth", request=request, world=world).status == 401
    assert ask("cache", "auth", request=replace(request, token="t-bob"), world=world).status == 200


def test_auth_hands_no_token_on() -> None:
    told = chain([filters.auth], World(), lambda one: Response(200, repr((one.user, one.token, one.sealed))))
    assert told(Request("/", "t-ada", sealed="t-ada")).text == "('ada', '', '')"
