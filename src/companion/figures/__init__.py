"""Figures: functions of data that return a `Figure`, drawn in one style and described in words.

A figure states its finding in its title. Its alternative text is computed from the data that it draws, so the two
cannot part. In the built book a figure is an inline SVG in the page's own font, whose black is the text colour of the
theme; in a notebook it is a PNG. Lines differ by dash and marker as well as by colour.
"""

from companion.figures.charts import bars, draw, grid, lines
from companion.figures.data import Chart, Panel, Series
from companion.figures.diagrams import Bar, lanes, matrix
from companion.figures.figure import Figure
from companion.figures.sequence import Message, Moment, State, sequence

__all__ = [
    "Bar",
    "Chart",
    "Figure",
    "Message",
    "Moment",
    "Panel",
    "Series",
    "State",
    "bars",
    "draw",
    "grid",
    "lanes",
    "lines",
    "matrix",
    "sequence",
]
