"""The figure of naming says who has all, and what nearly nobody has."""

from __future__ import annotations

from companion.calls.coordination.naming.figures import figure_lacks
from companion.calls.coordination.naming.leases import LeaseNames
from companion.calls.coordination.naming.names import table
from companion.calls.coordination.naming.nis import NisNames


def test_the_title_names_who_has_all_of_it() -> None:
    figure = figure_lacks(table([NisNames, LeaseNames]))
    assert figure.title == "Only the lease directory has all of it; 1 of 2 know “register”"
    assert "NIS: register lacks it" in figure.alt
