"""The drawing itself: one style, its finding and description, and how a notebook and a page get it."""

from __future__ import annotations

import functools
import io
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ParamSpec

from companion.files import write_output
from companion.import_graph import digest

Given = ParamSpec("Given")

INK = "#0a0b0c"
"""Stands for the theme's text colour: written as ``currentColor`` in an SVG."""

STYLE = {
    "font.family": "sans-serif", "font.size": 10, "axes.titlesize": 11.5, "axes.titleweight": "bold",
    "axes.titlelocation": "left", "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True,
    "grid.alpha": 0.18, "grid.color": INK, "axes.edgecolor": INK, "axes.labelcolor": INK, "text.color": INK,
    "xtick.color": INK, "ytick.color": INK, "legend.frameon": False, "svg.fonttype": "none",
    "svg.hashsalt": "from-sockets-to-agents", "savefig.transparent": True, "figure.dpi": 110,
}  # fmt: skip


@dataclass(frozen=True)
class Figure:
    """A drawing with its finding (`title`), its description (`alt`) and its data (`csv`); notebooks show it."""

    title: str
    alt: str
    drawing: Any
    csv: str = ""

    def savefig(self, file: str | Path) -> None:
        """Write the figure as PNG, SVG or PDF, or its data as CSV, by the file's ending."""
        if str(file).endswith(".csv"):
            write_output(Path(file), self.csv)
            return
        import matplotlib

        with matplotlib.rc_context({**STYLE, "savefig.transparent": False}):
            metadata = {"Date": None} if str(file).endswith(".svg") else None
            with io.BytesIO() as drawn:
                kind = Path(file).suffix.removeprefix(".")
                self.drawing.savefig(drawn, format=kind, bbox_inches="tight", metadata=metadata)
                write_output(Path(file), drawn.getvalue())

    def svg(self, mark: str = "fig") -> str:
        """Give the figure as SVG text that repeats byte for byte and takes the page's text colour."""
        import matplotlib

        with matplotlib.rc_context(STYLE), io.StringIO() as text:
            self.drawing.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None})
            body = text.getvalue()
        body = body[body.index("<svg") :]
        body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.S)
        body = body.replace(INK, "currentColor")
        body = re.sub(r"font-family: [^;\"]*", "font-family: var(--figure-font, sans-serif)", body)
        width, height = (float(re.search(rf'{side}="([\d.]+)pt"', body)[1]) for side in ("width", "height"))  # type: ignore[index]
        opening = f'<svg role="img" aria-label="{_escape(self.alt)}" viewBox="0 0 {width:g} {height:g}" '
        opening += f'style="width:{width * 1.25:.0f}px" xmlns="http://www.w3.org/2000/svg" '
        opening += 'xmlns:xlink="http://www.w3.org/1999/xlink">'
        body = opening + body[body.index(">") + 1 :]
        # Two figures of one page must not share ids: clip paths of the first would cut the second.
        return re.sub(r'(id="|url\(#|xlink:href="#)', rf"\g<1>{mark}-", body)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> tuple[dict[str, Any], dict[str, Any]]:
        if os.environ.get("COMPANION_FIGURES") == "svg":  # set by the pipeline that builds the pages
            bundle = {"image/svg+xml": self.svg("f" + digest(self.alt)[:10]), "text/plain": self.alt}
            return bundle, {"image/svg+xml": {"csv": self.csv}}
        with io.BytesIO() as png:
            self.drawing.savefig(png, format="png", bbox_inches="tight", facecolor="white", transparent=False)
            return {"image/png": png.getvalue(), "text/plain": self.alt}, {"image/png": {"alt": self.alt}}


def styled(draw: Callable[Given, Figure]) -> Callable[Given, Figure]:
    """Draw within the book's style, whatever style the notebook has set."""

    @functools.wraps(draw)
    def within(*args: Given.args, **kwargs: Given.kwargs) -> Figure:
        import matplotlib

        with matplotlib.rc_context(STYLE):
            return draw(*args, **kwargs)

    return within


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
