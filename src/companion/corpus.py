"""A text that every reader has: the reference documentation inside the libraries that this book installs.

A page is what `help` shows of one public function, method, property or class of pandas, NumPy, NetworkX or Matplotlib.
Its title is the name by which you call it. Nothing is copied: the pages are read from the libraries that are installed,
so that other versions give other pages.

Members are found by `dir`, which sees what a class has inherited; what the class itself defines, `vars`, lacks
`DataFrame.rolling` and many others.
"""

from __future__ import annotations

import importlib
import inspect
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

SHORTEST = 200
"""In characters: a shorter docstring says little more than its name."""

PLACES = {
    "pandas": "pandas DataFrame Series Series.str Series.dt Series.cat Index MultiIndex Timestamp"
    " api.typing.DataFrameGroupBy api.typing.Rolling api.typing.Resampler io.formats.style.Styler"
    " offsets plotting testing",
    "numpy": "numpy ndarray linalg fft random.Generator polynomial.Polynomial polynomial.polynomial ma strings"
    " lib.stride_tricks lib.recfunctions lib.scimath testing rec ufunc",
    "networkx": "networkx Graph DiGraph MultiGraph MultiDiGraph algorithms.approximation algorithms.community"
    " algorithms.bipartite algorithms.isomorphism algorithms.flow algorithms.connectivity",
    "matplotlib": "matplotlib pyplot axes.Axes figure.Figure axis.Axis artist.Artist text.Text lines.Line2D path.Path"
    " legend colorbar colors ticker dates patches patheffects image collections gridspec transforms animation cm"
    " widgets style contour quiver scale projections.polar table tri",
}
"""Where each library's pages are looked for, in this order; a page that is there twice keeps its first name."""

LIBRARIES = tuple(PLACES)


@dataclass(frozen=True)
class Page:
    """One docstring under the dotted name that one would import or call it by."""

    title: str
    body: str


@cache
def pages(library: str) -> tuple[Page, ...]:
    """Give the pages of a library, in the order of their titles.

    Raises
    ------
    ImportError
        If the library is not installed.
    KeyError
        If it is not one of `LIBRARIES`.
    """
    by_text: dict[str, str] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what is going to be removed, and is looked at
        for place in PLACES[library].split():
            for title, body in _members(library if place == library else f"{library}.{place}"):
                by_text.setdefault(body, title)
    return tuple(sorted((Page(title, body) for body, title in by_text.items()), key=lambda page: page.title))


def _members(place: str) -> Iterator[tuple[str, str]]:
    """Find the documented members of a module or class."""
    home = _find(place)
    for name in dir(home):
        member = getattr(home, name, None)
        if name.startswith("_") or not (callable(member) or inspect.isdatadescriptor(member)):
            continue
        if inspect.ismodule(home) and not _belongs(member, place):
            continue
        body = inspect.getdoc(member) or ""
        if len(body) > SHORTEST:
            yield f"{place}.{name}", body


def _find(place: str) -> object:
    library, *rest = place.split(".")
    found: object = importlib.import_module(library)
    for depth, name in enumerate(rest, 1):
        if not hasattr(found, name):
            importlib.import_module(".".join([library, *rest[:depth]]))
        found = getattr(found, name)
    return found


def _belongs(member: object, place: str) -> bool:
    """Tell what a module offers from what it has imported for its own use, which has another public home."""
    home = getattr(member, "__module__", None) or place  # written in C, it may not say
    return f"{home}.".startswith(f"{place}.") or "._" in home or home == place.partition(".")[0]
