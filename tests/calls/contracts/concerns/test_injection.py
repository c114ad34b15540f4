"""A container builds what constructors ask for, keeps it as its scope says, and names the path of what fails."""

import pytest

from companion.calls.contracts.concerns.injection import Container, Scope, Unbuildable


class Store:
    pass


class Memory(Store):
    pass


class Service:
    def __init__(self, store: Store, size: int = 3) -> None:
        self.store, self.size = store, size


class Chicken:
    def __init__(self, egg: "Egg") -> None:
        self.egg = egg


class Egg:
    def __init__(self, chicken: Chicken) -> None:
        self.chicken = chicken


class Untyped:
    def __init__(self, store) -> None:  # type: ignore[no-untyped-def]
        self.store = store


def test_what_a_constructor_asks_for_is_built_first_and_its_defaults_are_left_alone() -> None:
    service = Container({Service: (Service, "once"), Store: (Memory, "once")}).get(Service)
    assert type(service.store) is Memory and service.size == 3


def test_scopes_say_how_long_an_object_lives() -> None:
    bound: dict[type, tuple[type, Scope]] = {Service: (Service, "request"), Store: (Memory, "once")}
    program = Container(bound)
    first, second = program.request(), program.request()
    assert first.get(Service) is first.get(Service) is not second.get(Service)
    assert first.get(Store) is second.get(Store) is program.get(Store)
    each = Container({Store: (Memory, "each time")})
    assert each.get(Store) is not each.get(Store)


def test_a_cycle_is_refused_with_its_path() -> None:
    with pytest.raises(Unbuildable, match="a cycle: Chicken -> Egg -> Chicken"):
        Container({Chicken: (Chicken, "once"), Egg: (Egg, "once")}).get(Chicken)


def test_what_lives_on_cannot_keep_what_is_a_requests() -> None:
    program = Container({Service: (Service, "once"), Store: (Memory, "request")})
    with pytest.raises(Unbuildable, match="Store is a request's, and there is none: Service -> Store"):
        program.request().get(Service)


def test_what_cannot_be_known_is_named() -> None:
    with pytest.raises(Unbuildable, match="nothing is bound to Store: Service -> Store"):
        Container({Service: (Service, "once")}).get(Service)
    with pytest.raises(Unbuildable, match="store has no type: Untyped"):
        Container({Untyped: (Untyped, "once")}).get(Untyped)


def test_a_function_may_build_too() -> None:
    def make(store: Store) -> Service:
        return Service(store, 9)

    built = Container({Service: (make, "once"), Store: (Memory, "once")}).get(Service)
    assert built.size == 9 and type(built.store) is Memory
