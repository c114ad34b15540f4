"""The figure of all wires."""

from companion.calls.wire.framed.figures import figure_bytes


def test_the_wires_are_sorted_and_the_title_says_how_far_the_ends_are_apart() -> None:
    drawn = figure_bytes({"SOAP": (460, 500), "socket": (9, 30), "REST": (139, 172)})
    assert drawn.alt.startswith("Bar chart: The same question takes 25 times as many bytes on SOAP as on socket.")
    assert drawn.alt.index("socket: request") < drawn.alt.index("REST: request") < drawn.alt.index("SOAP: request")
