"""Templates over the wire are the same templates."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.coordination.linda.space import SpaceError
from companion.calls.coordination.linda.templates import read_template, write_template

patterns = (
    st.none()
    | st.sampled_from([int, float, str, bool])
    | st.integers()
    | st.booleans()
    | st.text('aé\n"', max_size=5)
    | st.floats(allow_nan=False, allow_infinity=False)
)


@given(st.lists(patterns, max_size=5))
@settings(max_examples=50)
def test_a_template_comes_back(template: list[int | float | str | bool | type | None]) -> None:
    back = read_template(json.loads(json.dumps(write_template(template))))
    assert back == template and [type(one) for one in back] == [type(one) for one in template]


@pytest.mark.parametrize(
    "words", ["task", None, [[]], [{"type": "bytes"}], [{"any": 1}], [{"type": "int", "any": True}], [None], [{}]]
)
def test_what_is_no_template_is_refused(words: object) -> None:
    with pytest.raises(SpaceError):
        read_template(words)


def test_a_type_that_no_field_has_is_refused() -> None:
    with pytest.raises(SpaceError, match="bytes"):
        write_template([bytes])
