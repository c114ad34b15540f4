"""What a stub hides."""

from companion.calls.wire.objects.hidden import LINES, after_the_end, stub_cost, surprises


def test_a_list_is_sorted_here_and_a_copy_of_it_there() -> None:
    found = {line.line: line for line in surprises()}
    assert len(found) == len(LINES)
    assert found["sort(numbers); numbers"].local == "[1, 2, 3]"
    assert found["sort(numbers); numbers"].pickled == found["sort(numbers); numbers"].json == "[3, 1, 2]"
    same = found["same(one, one)"]
    assert (same.local, same.pickled, same.json) == ("True", "True", "False")  # a pickle is one graph
    assert found["echo((1, 2))"].json == "[1, 2]" and found["echo((1, 2))"].pickled == "(1, 2)"
    assert found['echo({1: "a"})'].json == "{'1': 'a'}"
    assert "caught" in found["except KeyError"].local and "RemoteError" in found["except KeyError"].pickled


def test_a_stopped_server_answers_the_connection_that_is_open() -> None:
    assert after_the_end() == {"the open connection": "60", "a new connection": "ConnectionRefusedError"}


def test_the_cost_of_a_stub_is_its_times_over_a_local_call() -> None:
    cost = stub_cost()
    assert cost["times"] == cost["remote_us"] / cost["local_us"]
    assert cost["local_us"] > 0
