"""A notebook is its prose and its code, with the headings of its prose."""

from __future__ import annotations

import json

import pytest

from companion.reasoning.rag.chunks import RagError
from companion.reasoning.rag.formats.headings import sections_of
from companion.reasoning.rag.formats.notebooks import notebook

CELLS = [
    {"cell_type": "markdown", "source": ["# Rain\n", "\n", "It rains."]},
    {"cell_type": "code", "source": "# no heading\nrain = 1", "outputs": [{"text": "secret output"}]},
    {"cell_type": "markdown", "source": "## Snow"},
    {"cell_type": "markdown", "source": "Cold."},
]


def test_cells_follow_each_other_without_what_they_printed() -> None:
    content = notebook(json.dumps({"cells": CELLS}))
    assert content.text == "# Rain\n\nIt rains.\n\n# no heading\nrain = 1\n\n## Snow\n\nCold.\n\n"
    assert content.title == "Rain"
    sections = sections_of(content)
    assert [(section.name, content.text[section.start :][:6]) for section in sections] == [
        ("", "# Rain"), ("Snow", "## Sno"),
    ]  # fmt: skip


def test_a_notebook_of_the_third_format_is_read() -> None:
    old = {"worksheets": [{"cells": [{"cell_type": "code", "input": "a = 1"}]}]}
    assert notebook(json.dumps(old)).text == "a = 1\n\n"


def test_half_a_character_does_not_get_in() -> None:
    assert notebook('{"cells": [{"cell_type": "markdown", "source": "a\\ud800b"}]}').text == "a?b\n\n"


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"cells": 3}', '{"cells": [1]}', '{"cells": [{"cell_type": "code"}]}', "[" * 100_000]
)
def test_what_is_no_notebook_is_refused(text: str) -> None:
    with pytest.raises(RagError, match="no notebook"):
        notebook(text)
