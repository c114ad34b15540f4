"""Formulas become MathML, or the build says which one does not."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from sphinx.errors import SphinxError

from companion.book.sphinx.mathematics import mathml


@pytest.mark.parametrize(
    ("latex", "elements"),
    [
        (r"\lambda\,(k+1) > \mu \qquad\text{and}\qquad K > \mu\,T .", {"mi", "mo", "mn", "mspace", "mtext"}),
        (r"E[k\text{-th of } N] \;=\; m \sum_{i=0}^{k-1} \frac{1}{N-i} .", {"mfrac", "munderover"}),
        (r"1-e^{-\lambda T}", {"msup"}),
        (r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}", {"mtable", "mtr", "mtd"}),
        (r"\sqrt{\bar{x}}, \quad \hat{y} \approx \sum_i w_i \cdot x_i", {"msqrt", "mover", "msub"}),
    ],
)
def test_a_formula_has_the_elements_that_draw_it(latex: str, elements: set[str]) -> None:
    tree = ET.fromstring(mathml(latex, display=True))
    assert tree.attrib["display"] == "block"
    assert elements <= {element.tag for element in tree.iter()}
    assert tree.findtext(".//annotation") == latex.strip()


@pytest.mark.parametrize("latex", [r"\lamda + 1", r"\frac{1", r"a^b^c"])
def test_a_formula_that_cannot_be_read_is_named(latex: str) -> None:
    with pytest.raises(SphinxError) as refused:
        mathml(latex, display=False)
    assert repr(latex) in str(refused.value)
