"""The incident as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.operations.postmortems.document import Document, Entry, Phase, PostmortemError
from companion.operations.postmortems.drawing.scene import Box, Scene, Words, width_of
from companion.operations.postmortems.drawing.timeline import draw_timeline, in_order, lay_out_timeline, tags_of
from companion.operations.postmortems.phases import phases
from companion.operations.postmortems.reading.read import parse
from tests.operations.postmortems.draws import few

SVG = "{http://www.w3.org/2000/svg}"
CHECKOUT = """\
# Users could not check out for 44 minutes

## Timeline

All times PST.

- 14:32 Deployment begins in us-west-2
- **14:38 Error rates spike to 15 %**
- **14:41 Automated alerts fire**
- 14:43 On-call engineer begins investigation
- 15:03 Root cause identified: the pool is exhausted
- 15:07 Rollback initiated
- 15:15 Half of the servers run the old release
- **15:22 Customer impact resolved, errors back to baseline**
"""


def texts(svg: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def overlaps(scene: Scene) -> list[tuple[str, str]]:
    """List the pairs of texts that lie on each other, by the widths that the layout counts with."""
    found = []
    placed = [
        (words.text, words.x - {"start": 0, "middle": 0.5, "end": 1}[words.anchor] * width, width, words.y, words.size)
        for words in scene.shapes
        if isinstance(words, Words) and words.text
        for width in [width_of(words.text, words.size, bold=words.bold)]
    ]
    for n, (one, x, width, y, size) in enumerate(placed):
        for other, other_x, other_width, other_y, other_size in placed[n + 1 :]:
            apart = x + width <= other_x + 0.01 or other_x + other_width <= x + 0.01
            if not apart and y - 0.75 * size < other_y and other_y - 0.75 * other_size < y:
                found.append((one, other))
    return found


def test_the_picture_says_how_long_each_phase_took() -> None:
    said = texts(draw_timeline(parse(CHECKOUT)))
    for name, length in (("to detect", "9 min"), ("to diagnose", "22 min"), ("to restore", "19 min"),
                         ("customers affected", "44 min")):  # fmt: skip
        assert said[said.index(name) + 1] == length


def test_each_entry_has_a_number_on_the_axis_and_below_with_its_words() -> None:
    said = texts(draw_timeline(parse(CHECKOUT)))
    assert all(said.count(str(number)) == 2 for number in range(1, 9))
    assert "Root cause identified: the pool is exhausted" in said


def test_the_picture_has_its_finding_and_all_its_words_as_alternative_text() -> None:
    root = ElementTree.fromstring(draw_timeline(parse(CHECKOUT)))
    title, description = root.find(f"{SVG}title"), root.find(f"{SVG}desc")
    assert title is not None and description is not None
    assert title.text and title.text.startswith("Detected 9 min after the trigger")
    assert "1, 14:32 (trigger): Deployment begins in us-west-2." in (description.text or "")
    assert "8, 15:22 (restored): Customer impact resolved, errors back to baseline." in (description.text or "")
    assert root.get("role") == "img" and root.get("aria-labelledby") == title.get("id")


def test_a_tag_stands_at_the_entry_that_gives_the_moment_and_at_no_other() -> None:
    document = parse(CHECKOUT)
    tags = tags_of(document.timeline, phases(document))
    assert [tag.split(", ")[0] for tag in tags if tag] == ["trigger", "impact", "detected", "diagnosed", "mitigating",
                                                           "restored"]  # fmt: skip


def test_the_picture_follows_the_theme_and_repeats_byte_for_byte() -> None:
    svg = draw_timeline(parse(CHECKOUT))
    assert svg == draw_timeline(parse(CHECKOUT))
    assert "@media (prefers-color-scheme: dark)" in svg
    assert "font-family: system-ui, sans-serif" in svg


def test_what_is_not_told_is_said_to_be_unknown() -> None:
    said = texts(draw_timeline(parse("# X\n\n## Timeline\n\n- 10:00 Deployment begins\n- 10:20 Alert fires\n")))
    assert "no entry tells when the cause was known" in said
    assert "no entry tells when customers first felt it" in said


def test_an_incident_that_is_not_over_has_an_open_end() -> None:
    said = texts(draw_timeline(parse("# X\n\n## Timeline\n\n- 10:00 Error rate rises\n- 10:20 Alert fires\n")))
    assert "end unknown" in said


def test_words_of_the_document_are_no_markup() -> None:
    svg = draw_timeline(parse("# X\n\n## Timeline\n\n- 10:00 `</text><script>alert(1)</script>` &amp; `\x1b[31m`\n"))
    root = ElementTree.fromstring(svg)
    assert {element.tag.removeprefix(SVG) for element in root.iter()} <= {
        "svg", "title", "desc", "style", "rect", "polyline", "polygon", "text"
    }  # fmt: skip
    assert "</text><script>alert(1)</script>" in "".join(texts(svg))


def test_without_a_timeline_there_is_nothing_to_draw() -> None:
    with pytest.raises(PostmortemError, match=r"x\.md: no timeline was recognised"):
        draw_timeline(parse("# X\n\nNothing.\n", "x.md"))


def test_entries_out_of_order_are_sorted_and_one_without_a_time_stays_behind_the_one_above() -> None:
    def entry(line: int, start: float | None) -> Entry:
        return Entry(line, "", start, None, None, "", "", False, frozenset())

    found = in_order([entry(1, 600), entry(2, 580), entry(3, None), entry(4, 590)])
    assert [one.line for one in found] == [2, 3, 4, 1]


times = st.none() | st.integers(0, 3000)
entries = st.tuples(times, times, st.text(max_size=60), st.booleans(), st.sets(st.sampled_from(Phase), max_size=3))


@few
@given(st.lists(entries, min_size=1, max_size=12), st.text(max_size=200))
def test_whatever_the_words_and_times_the_picture_is_xml_within_its_bounds_and_no_text_lies_on_another(
    made: Sequence[tuple[int | None, int | None, str, bool, set[Phase]]], title: str
) -> None:
    timeline = tuple(
        Entry(line, "", start, end if start is not None and end is not None and end >= start else None, None, "", text,
              strong, frozenset(found))
        for line, (start, end, text, strong, found) in enumerate(made, 1)
    )  # fmt: skip
    document = Document("x.md", title, 1, {}, None, "en", (), timeline)
    ElementTree.fromstring(draw_timeline(document))
    scene = lay_out_timeline(document)
    for shape in scene.shapes:
        if isinstance(shape, Words):
            width = width_of(shape.text, shape.size, bold=shape.bold)
            assert shape.y < scene.height
            assert shape.anchor != "start" or shape.x + width <= scene.width
        elif isinstance(shape, Box):
            assert shape.x >= 0 and shape.x + shape.width <= scene.width and shape.y + shape.height <= scene.height
    assert overlaps(scene) == []
