"""The stories of a dead service: what was recorded is what comes out, where it can."""

from __future__ import annotations

import json

import pytest

from companion.calls.coordination.naming import corba, mdns, stories

RECORD = json.loads(stories.RECORD.read_text("utf-8"))


@pytest.mark.skipif(corba.why_not() is not None, reason=str(corba.why_not()))
def test_a_naming_service_lists_the_dead_over_its_own_death() -> None:
    assert stories.corba_story() == RECORD["corba"]


@pytest.mark.skipif(mdns.why_not() is not None, reason=str(mdns.why_not()))
def test_only_who_says_goodbye_goes() -> None:
    assert stories.mdns_story() == RECORD["mdns"]


def test_a_card_is_revalidated_only_by_the_living() -> None:
    told = stories.card_story()
    assert told["statuses"] == [200, 304, "ConnectError"]
    assert told["has an ETag"] and told["Cache-Control"] is None and told["still known to its client"]


def test_where_a_library_is_missing_the_record_speaks(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(corba, "why_not", lambda: "CORBA is not run here.")
    monkeypatch.setattr(mdns, "why_not", lambda: "Multicast is not run here.")
    assert {name: story() for name, story in stories.STORIES.items()} == RECORD
    assert capsys.readouterr().out == "CORBA is not run here. Recorded:\nMulticast is not run here. Recorded:\n"
