"""The figure says what was found."""

from companion.calls.wire.xml.figures import figure_survivors


def test_the_title_names_what_breaks_each_client() -> None:
    outcomes = {
        (change, way): "200"
        for change in ("nothing", "the path", "the link's name")
        for way in ("path in the code", "address kept", "links followed")
    }
    outcomes |= {("the path", "path in the code"): "404", ("the link's name", "links followed"): "no link"}
    figure = figure_survivors(outcomes)
    assert figure.title == "Links fail when the link's name changes, a path when the path does"
    assert "the path: path in the code 404" in figure.alt
