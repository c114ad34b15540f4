"""Names under omniNames: where there is none, one line says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from companion.calls.coordination.naming import corba
from companion.calls.coordination.naming.corba import CorbaNames
from companion.calls.coordination.naming.names import Lacks


def test_without_omniorb_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corba, "find_spec", lambda name: None)
    assert "no wheel" in str(corba.why_not())
    with pytest.raises(Lacks, match="no wheel"):
        CorbaNames()


@pytest.mark.skipif(corba.why_not() is not None, reason=str(corba.why_not()))
def test_a_start_that_fails_leaves_no_folder_and_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corba, "WORKER", "no_such_module")
    names = CorbaNames()
    folder = Path(names._folder.name)
    with pytest.raises(corba.ChildError), names:
        pass
    assert not folder.exists() and names._server is None
