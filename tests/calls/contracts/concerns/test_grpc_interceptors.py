"""Interceptors are passed in order, and a client's only by calls of the shape that it is made for."""

from companion.calls.contracts.concerns.grpc_interceptors import refused, seen


def test_interceptors_run_from_the_first_and_a_stream_passes_no_interceptor_of_single_calls() -> None:
    everyone = ["client 1", "client 2", "server 1", "server 2"]
    assert seen() == {"Get": ("OK, 1", everyone), "Watch": ("OK, 2", everyone[2:])}
    assert seen(streams_too=True) == {"Get": ("OK, 1", everyone), "Watch": ("OK, 2", everyone)}


def test_the_servers_auth_refuses_both_shapes_of_call() -> None:
    assert refused() == {
        ("Get", True): "OK, 1",
        ("Get", False): "UNAUTHENTICATED",
        ("Watch", True): "OK, 2",
        ("Watch", False): "UNAUTHENTICATED",
    }
