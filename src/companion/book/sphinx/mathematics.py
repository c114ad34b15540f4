"""Formulas as MathML, which browsers draw by themselves: a page with mathematics loads one font and no script."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from math_core import LatexError, LatexToMathML
from sphinx.application import Sphinx
from sphinx.errors import SphinxError
from sphinx.util.math import get_node_equation_number

_CONVERTER = LatexToMathML(annotation=True, fancy_error=False)
# (with the LaTeX inside, for whoever copies a formula)


def setup(app: Sphinx) -> dict[str, Any]:
    """Offer ``mathml`` as a value of Sphinx's setting ``html_math_renderer``."""
    app.add_html_math_renderer("mathml", (_visit_inline, None), (_visit_block, None))
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}


def mathml(latex: str, *, display: bool) -> str:
    """Translate LaTeX.

    Parameters
    ----------
    latex
        A formula, without dollar signs.
    display
        Whether it stands on a line of its own.

    Raises
    ------
    SphinxError
        If a command is not known, or the formula is not well formed.
    """
    try:
        return _CONVERTER.convert_with_local_state(latex, displaystyle=display)
    except LatexError as error:
        raise SphinxError(f"the formula {latex!r} cannot be read: {error}") from error


def _visit_inline(visitor: Any, node: nodes.math) -> None:
    visitor.body.append(mathml(node.astext(), display=False))
    raise nodes.SkipNode


def _visit_block(visitor: Any, node: nodes.math_block) -> None:
    visitor.body.append(visitor.starttag(node, "div", CLASS="math"))
    visitor.body.append(mathml(node.astext(), display=True))
    if node["number"]:
        visitor.body.append(f'<span class="eqno">({get_node_equation_number(visitor, node)})')
        visitor.add_permalink_ref(node, "Link to this equation")
        visitor.body.append("</span>")
    visitor.body.append("</div>\n")
    raise nodes.SkipNode
