"""Chapter 1: what stands on the page as code is what the package does, and its table is the data's."""

from __future__ import annotations

import ast
import inspect
from pathlib import Path
from types import ModuleType
from typing import Any

import nbformat
import pytest

from companion.calls.languages import paradigms, resolution
from companion.calls.languages.history import ERAS, languages, table

CELLS = {
    cell["id"]: cell["source"]
    for cell in nbformat.read(Path(__file__).parents[2] / "chapters" / "01-languages.ipynb", 4).cells
}


class Bare(ast.NodeTransformer):
    """Takes docstrings and annotations away: what is left is what runs."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        self.generic_visit(node)
        node.returns = None
        for argument in [*node.args.args, *node.args.kwonlyargs]:
            argument.annotation = None
        if ast.get_docstring(node) is not None:
            node.body = node.body[1:] or [ast.Pass()]
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        assert node.value is not None
        return ast.Assign([node.target], self.visit(node.value), lineno=node.lineno)


def functions(source: str) -> dict[str, str]:
    tree = Bare().visit(ast.parse(source))
    return {node.name: ast.unparse(node) for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(
    ("module", "names"),
    [
        (paradigms, ["functional", "logic", "objects", "imperative", "dataflow", "airport", "actors", "ignore"]),
        (resolution, ["value", "unify", "solve", "answers"]),
    ],
)
def test_each_program_on_the_page_is_the_packages_without_its_types(module: ModuleType, names: list[str]) -> None:
    page: dict[str, str] = {}
    for source in CELLS.values():
        if source.lstrip().startswith(("from", "import", "def")):
            page |= {name: text for name, text in functions(source).items() if name not in page}
    package = functions(inspect.getsource(module))
    for name in names:
        assert page[name] == package[name]


def test_the_rules_on_the_page_are_the_packages() -> None:
    page: dict[str, Any] = {"flights": []}
    source = CELLS["languages-prolog"]
    exec(source[: source.index("def ask")], page)
    assert [list(rule) for rule in resolution.LEFT] == page["left"]
    assert [list(rule) for rule in resolution.RIGHT] == page["right"]


def test_the_tables_on_the_page_are_those_of_the_data() -> None:
    for key, era in ERAS.items():
        assert table(languages(), key) in CELLS[f"languages-table-{key}"]
        assert f"Used: {era.heading}" in CELLS[f"languages-table-{key}"]


def test_the_article_is_quoted_word_by_word() -> None:
    said = " ".join(CELLS.values())
    for quote in (
        "Every language is a bet on what matters most: Safety vs. speed vs. expressiveness vs. ecosystem vs. hiring",
        "Polyglotism is a superpower: Each language teaches you a different way to think.",
        "the best language is the one your team can maintain",
        "Languages don't die, they fade",
        "The fundamentals never change",
    ):
        assert quote in said
