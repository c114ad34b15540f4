"""Chapter 22: what stands on the page as code is what the package does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from companion.simulators.hybrid.confluence import EXAMPLES, conflict
from companion.simulators.hybrid.labels import ACCOUNT, ACCOUNT_NAIVE, label

CELLS = {
    cell["id"]: cell["source"]
    for cell in nbformat.read(Path(__file__).parents[2] / "chapters" / "22-hybrid.ipynb", 4).cells
}


def lines(name: str) -> Any:
    """Run one cell of the chapter, and give what it defines under its own name."""
    found: dict[str, Any] = {}
    exec(CELLS[f"hybrid-{name}"], found)
    return found[name]


@pytest.mark.parametrize("world", [ACCOUNT, ACCOUNT_NAIVE], ids=["amount", "product"])
def test_the_labels_on_the_page_are_the_packages(world: Any) -> None:
    def whole(generate: Any) -> Any:
        return lambda state: generate(state) or (lambda seen: seen)  # the page has a shadow for a refusal, too

    generators = {name: whole(generate) for name, generate in world.generators.items()}
    ours = {name for name, verdict in label(world).items() if verdict.red}
    assert lines("red")(world.states, generators, world.valid) == ours


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("steps", [1, 2])
def test_the_search_on_the_page_finds_a_clash_where_the_package_does(name: str, steps: int) -> None:
    world = EXAMPLES[name]
    found, ours = lines("meet")(world, steps), conflict(world, steps)
    assert (found is None) == (ours is None)
    if found is not None:
        assert any(not world.valid(world.merge(start, *found)) for start in world.starts)
