"""A scene as SVG: for both themes, readable without colour, with its words as alternative text."""

from __future__ import annotations

import hashlib
from xml.etree import ElementTree

from companion.operations.postmortems.drawing.scene import Box, Scene, Stroke, Words, plain

INK, PAPER = "#14181d", "#ffffff"
DARK_INK, DARK_PAPER = "#e7eaee", "#14181d"

KINDS: dict[str, tuple[str, float, float, str]] = {
    "box": ("", 0, 1, ""),
    "last": ("", 0, 2.6, ""),
    "detect": ("#2f7dd1", 0.5, 1, ""),
    "diagnose": ("#a35bc4", 0.5, 1, ""),
    "restore": ("#12906f", 0.5, 1, ""),
    "impact": ("#d4600b", 0.6, 1, ""),
    "open": ("#d4600b", 0.25, 1, "5 3"),
    "pill": ("", 0, 1, ""),
    "line": ("", 0, 1, ""),
    "guide": ("", 0, 0.6, "2 4"),
    "axis": ("", 0, 1.6, ""),
}
"""For each kind its fill (none if empty), how much of it is seen, the width of its line, and its dashes."""


def as_svg(scene: Scene) -> str:
    """Write a scene as an SVG file that also stands in a page by itself.

    It brings its own paper, so that it can be read wherever it is shown, and follows the reader's theme. Words of the
    document become text only: nothing of them is markup, a style or an address.
    """
    mark = "pm" + hashlib.sha256(scene.alt.encode("utf-8", "backslashreplace")).hexdigest()[:10]
    root = ElementTree.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "id": mark,
            "viewBox": f"0 0 {scene.width:g} {scene.height:g}",
            "width": f"{scene.width:g}",
            "height": f"{scene.height:g}",
            "role": "img",
            "aria-labelledby": f"{mark}-title",
            "aria-describedby": f"{mark}-desc",
            "style": "max-width:100%;height:auto",
        },
    )
    ElementTree.SubElement(root, "title", {"id": f"{mark}-title"}).text = plain(scene.finding)
    ElementTree.SubElement(root, "desc", {"id": f"{mark}-desc"}).text = plain(scene.alt)
    ElementTree.SubElement(root, "style").text = _style(mark)
    ElementTree.SubElement(root, "rect", {"class": "paper", "width": "100%", "height": "100%"})
    for shape in scene.shapes:
        match shape:
            case Box():
                _box(root, shape)
            case Stroke():
                _stroke(root, shape)
            case Words():
                _words(root, shape)
    ElementTree.indent(root, " ")
    return ElementTree.tostring(root, encoding="unicode") + "\n"


def _style(mark: str) -> str:
    lines = [f"#{mark} text {{ font-family: system-ui, sans-serif; }}"]
    for name, (fill, seen, width, dashes) in KINDS.items():
        painted = f"fill: {fill}; fill-opacity: {seen:g};" if fill else "fill: none;"
        dashed = f" stroke-dasharray: {dashes};" if dashes else ""
        lines.append(f"#{mark} .{name} {{ {painted} stroke-width: {width:g};{dashed} }}")
    lines.append(_theme(mark, INK, PAPER))
    lines.append(f"@media (prefers-color-scheme: dark) {{ {_theme(mark, DARK_INK, DARK_PAPER)} }}")
    return "\n" + "\n".join(lines) + "\n"


def _theme(mark: str, ink: str, paper: str) -> str:
    drawn = ", ".join(f"#{mark} .{name}" for name in KINDS)
    return (
        f"#{mark} .paper, #{mark} .pill {{ fill: {paper}; }} #{mark} text, #{mark} .head {{ fill: {ink}; }} "
        f"{drawn} {{ stroke: {ink}; }}"
    )


def _box(root: ElementTree.Element, box: Box) -> None:
    place = {"x": box.x, "y": box.y, "width": box.width, "height": box.height, "rx": box.radius}
    ElementTree.SubElement(root, "rect", {"class": box.kind} | {name: f"{value:.1f}" for name, value in place.items()})


def _stroke(root: ElementTree.Element, stroke: Stroke) -> None:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in stroke.points)
    ElementTree.SubElement(root, "polyline", {"class": stroke.kind, "points": points})
    if stroke.head:
        (x, y) = stroke.points[-1]
        tip = f"{x:.1f},{y:.1f} {x - 4:.1f},{y - 7:.1f} {x + 4:.1f},{y - 7:.1f}"
        ElementTree.SubElement(root, "polygon", {"class": "head", "points": tip})


def _words(root: ElementTree.Element, words: Words) -> None:
    how = {"x": f"{words.x:.1f}", "y": f"{words.y:.1f}", "font-size": f"{words.size:g}"}
    how |= {"font-weight": "bold"} if words.bold else {}
    how |= {"font-style": "italic"} if words.italic else {}
    how |= {"text-anchor": words.anchor} if words.anchor != "start" else {}
    ElementTree.SubElement(root, "text", how).text = plain(words.text)
