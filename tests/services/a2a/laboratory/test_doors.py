from __future__ import annotations

from companion.services.a2a.laboratory import doors
from tests.services.a2a.conftest import Place


def test_the_sdks_door_stands_open_and_ours_lets_in_who_should(place: Place) -> None:
    theirs, begun, ours = doors.both(place.database)
    assert set(theirs.values()) == {200} and begun == 1, "the form of another page began a task"
    assert ours == {
        "as it should be": 200,
        "another Host": 421,
        "another Origin": 403,
        "twelve megabytes": 413,
        "nobody": 401,
        "a form of another page": 403,
    }
