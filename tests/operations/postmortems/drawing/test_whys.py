"""The tree of whys as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.operations.postmortems.document import Document, PostmortemError, Why
from companion.operations.postmortems.drawing.scene import Box, Scene, Words, width_of
from companion.operations.postmortems.drawing.whys import draw_whys, lay_out_whys
from companion.operations.postmortems.reading.read import parse
from tests.operations.postmortems.draws import few

SVG = "{http://www.w3.org/2000/svg}"
CHECKOUT = """\
# Users could not check out

## Five whys

1.1. Why did customers see errors?
   -> The servers could not connect to the database
1.2. Why could they not connect?
   -> New code made ten times as many queries
2.1. Why did detection take 9 minutes?
   -> We only monitor error rates
3.1. Why did rollback take 15 minutes?
   -> Manual approval was required
"""


def boxes(scene: Scene) -> list[Box]:
    return [shape for shape in scene.shapes if isinstance(shape, Box)]


def test_each_branch_is_a_column_and_each_chain_goes_down() -> None:
    title, *rest = boxes(lay_out_whys(parse(CHECKOUT)))
    columns = sorted({box.x for box in rest})
    assert [sum(box.x == x for box in rest) for x in columns] == [2, 1, 1]
    assert all(box.y > title.y + title.height for box in rest)
    assert [box.kind for box in rest] == ["box", "last", "last", "last"]


def test_a_box_holds_the_question_with_its_number_and_the_answer() -> None:
    svg = draw_whys(parse(CHECKOUT))
    said = " ".join(element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text"))
    assert "1.2 Why could they not connect?" in said
    assert "→ New code made ten times as many queries" in said


def test_the_tree_has_all_its_words_as_alternative_text() -> None:
    scene = lay_out_whys(parse(CHECKOUT))
    assert scene.finding == "3 branches of whys, the deepest 2 deep"
    assert "Branch 3. 3.1 Why did rollback take 15 minutes? → Manual approval was required." in scene.alt


def test_without_whys_there_is_nothing_to_draw() -> None:
    with pytest.raises(PostmortemError, match=r"x\.md: no whys were recognised"):
        draw_whys(parse("# X\n\nNothing.\n", "x.md"))


whys = st.tuples(st.integers(1, 9), st.text(max_size=90), st.text(max_size=90))


@few
@given(st.lists(whys, min_size=1, max_size=12), st.text(max_size=200))
def test_whatever_the_words_no_box_lies_on_another_and_each_line_stays_in_its_box(
    made: Sequence[tuple[int, str, str]], title: str
) -> None:
    found = tuple(Why(n, "", str(branch), n, asked, said) for n, (branch, asked, said) in enumerate(made, 1))
    document = Document("x.md", title, 1, {}, None, "en", (), (), found)
    ElementTree.fromstring(draw_whys(document))
    scene = lay_out_whys(document)
    for one, other in combinations(boxes(scene), 2):
        assert (one.x + one.width <= other.x or other.x + other.width <= one.x
                or one.y + one.height <= other.y or other.y + other.height <= one.y)  # fmt: skip
    for words in (shape for shape in scene.shapes if isinstance(shape, Words)):
        right = words.x + width_of(words.text, words.size, bold=words.bold)
        assert any(box.x <= words.x and right <= box.x + box.width and box.y < words.y <= box.y + box.height
                   for box in boxes(scene))  # fmt: skip
