"""What the pages load: one stylesheet of the rules that some page uses, and fonts of the glyphs that some page shows.

The theme brings Bootstrap whole, and an icon font of which the book shows a dozen. Both are cut when the pages are
written: a rule stays unless it asks for a class or an id that occurs in no page and in no script. Code is marked up
where it has a colour of its own, and nowhere else.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import tinycss2
from fontTools import subset
from fontTools.ttLib import TTFont
from pygments.formatters import HtmlFormatter
from pygments.token import Name, Punctuation, Text
from sphinx.application import Sphinx
from sphinx.highlighting import PygmentsBridge
from sphinx.util import logging

logger = logging.getLogger(__name__)

STYLES = "pages.css"
"""The stylesheet that the template of the pages asks for, under ``_static``."""

FIRST = ("basic.css", "styles/pydata-sphinx-theme.css")
"""What the theme's own template links before the files that Sphinx knows of."""

MADE_UP = ("bs-tooltip-",)
"""How classes begin that a script puts together from parts."""

NOT_SERVED = ("**/*.map", "**/*.ttf", "**/*.LICENSE.txt", "**/*webpack-macros.html", "scripts/fontawesome.js",
              "locales", "file.png", "minus.png", "plus.png")  # fmt: skip
"""What the theme copies beside the pages and no page asks for."""

PLAIN = (Name, Name.Namespace, Punctuation, Text.Whitespace)
"""Tokens that the book's two styles draw like any text: a third of the elements of a chapter, for nothing."""

MEASURING = re.compile(r'\["pre",".nboutput > .output_area",[^\]]*\]\.join\(", "\)')
"""Where the theme's script lists what may scroll sideways. It measures each block when the page opens, and lays the
whole page out for each; book.js does the same for what comes into view."""


class ColouredFormatter(HtmlFormatter):  # type: ignore[misc]
    """Highlighted code with elements for what has a colour of its own."""

    def format_unencoded(self, tokensource: Iterable[tuple[Any, str]], outfile: Any) -> None:
        """Write the code."""
        super().format_unencoded(((Text if kind in PLAIN else kind, text) for kind, text in tokensource), outfile)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to Sphinx."""
    files: list[str] = []

    def note(app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: Any) -> None:
        found = [str(getattr(file, "filename", file)).removeprefix("_static/") for file in context["css_files"]]
        files.extend(name for name in found if name not in files)

    def finish(app: Sphinx, exception: Exception | None) -> None:
        if exception is None and app.builder.format == "html":
            _finish(Path(app.outdir), [*FIRST, *files])

    PygmentsBridge.html_formatter = ColouredFormatter
    app.connect("html-page-context", note, priority=900)
    app.connect("build-finished", finish, priority=900)  # after the theme has written its last stylesheet
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": False}


def _finish(pages: Path, files: list[str]) -> None:
    static = pages / "_static"
    whole = "".join(_relocated((static / name).read_text("utf-8"), name) for name in files)
    texts = [page.read_text("utf-8") for page in sorted(pages.rglob("*.html")) if static not in page.parents]
    for pattern in NOT_SERVED:
        for path in static.glob(pattern):
            _remove(path)
    _measure_nothing(static / "scripts" / "pydata-sphinx-theme.js")
    scripts = [path.read_text("utf-8") for kind in ("*.js", "*.mjs") for path in sorted(static.rglob(kind))
               if "vendor" not in path.relative_to(static).parts]  # fmt: skip
    styles = trimmed(whole, names_in_pages(texts) | names_in_scripts(scripts))
    for name in files:
        _remove(static / name)
    (static / STYLES).write_text(styles, "utf-8")
    icons = set(re.findall("[\ue000-\uf8ff]", styles))
    for font in (static / "vendor" / "fontawesome").rglob("*.woff2"):
        keep_glyphs(font, icons)
    for font in (static / "vendor" / "fonts").glob("*-math.woff2"):
        keep_glyphs(font, formula_characters(texts))


def _measure_nothing(script: Path) -> None:
    changed, places = MEASURING.subn('".measured-by-the-theme"', script.read_text("utf-8"))
    if places != 1:
        logger.warning("%s: no longer measures blocks as it did; see MEASURING in %s", script.name, __name__)
    script.write_text(changed, "utf-8")


def _remove(path: Path) -> None:
    if path.is_dir():
        for child in path.iterdir():
            _remove(child)
        path.rmdir()
    else:
        path.unlink(missing_ok=True)


def _relocated(css: str, name: str) -> str:
    """Let the addresses in a stylesheet be relative to the folder above it all, and drop what opens a file only."""
    folder = posixpath.dirname(name)

    def moved(match: re.Match[str]) -> str:
        address = match[1].strip("\"'")
        stays = not folder or re.match(r"data:|#|/|\w+:", address)
        return match[0] if stays else f"url({posixpath.normpath(posixpath.join(folder, address))})"

    return re.sub(r"@charset[^;]*;|/\*# sourceMappingURL.*?\*/", "", re.sub(r"url\(([^)]+)\)", moved, css))


# Names


def names_in_pages(pages: Iterable[str]) -> set[str]:
    """List the classes and ids of HTML pages."""
    found: set[str] = set()
    for page in pages:
        for quoted in re.findall(r'\b(?:class|id)="([^"]*)"', page):
            found.update(quoted.split())
    return found


def names_in_scripts(scripts: Iterable[str]) -> set[str]:
    """List every word of scripts that could be a class or an id."""
    return {word for script in scripts for word in re.findall(r"[A-Za-z_][\w-]*", script)}


def formula_characters(pages: Iterable[str]) -> set[str]:
    """List the characters that a font for formulas must draw: those of the pages, and letters as MathML slants them."""
    found = set("()[]{}|,.=+-−∑∏∫√" + "".join(map(chr, range(0x20, 0x7F))))
    for page in pages:
        for formula in re.findall(r"<math\b.*?</math>", page, re.S):
            text = re.sub(r"<[^>]*>", "", formula)
            found.update(re.sub(r"&#x([0-9A-Fa-f]+);", lambda code: chr(int(code[1], 16)), text))
    slanted = {chr(0x1D44E + ord(letter) - ord("a")) for letter in found if "a" <= letter <= "z"}
    slanted |= {chr(0x1D434 + ord(letter) - ord("A")) for letter in found if "A" <= letter <= "Z"}
    slanted |= {chr(0x1D6FC + ord(letter) - ord("α")) for letter in found if "α" <= letter <= "ω"}
    slanted |= {chr(0x1D6E2 + ord(letter) - ord("Α")) for letter in found if "Α" <= letter <= "Ω"}
    return found | slanted | {"ℎ"}


# Rules


def trimmed(css: str, names: set[str]) -> str:
    """Leave out the rules of a stylesheet that can apply to nothing.

    Parameters
    ----------
    css
        The stylesheet.
    names
        Every class and id that there is, or may come to be.
    """
    return "".join(_rules(tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True), names))


def _rules(rules: Iterable[Any], names: set[str]) -> Iterator[str]:
    for rule in rules:
        if rule.type == "qualified-rule":
            kept = [part for part in _split(rule.prelude) if _can_apply(part, names)]
            if kept:
                selectors = ",".join(tinycss2.serialize(part).strip() for part in kept)
                yield f"{selectors}{{{tinycss2.serialize(rule.content).strip()}}}\n"
        elif rule.type == "at-rule" and rule.content is not None and rule.lower_at_keyword in ("media", "supports"):
            inner = "".join(_rules(tinycss2.parse_rule_list(rule.content, True, True), names))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{{inner}}}\n"
        elif rule.type == "error":
            raise ValueError(f"a stylesheet cannot be read, line {rule.source_line}: {rule.message}")
        else:
            yield rule.serialize() + "\n"


def _split(prelude: list[Any]) -> list[list[Any]]:
    """Divide a list of selectors at its commas."""
    parts: list[list[Any]] = [[]]
    for token in prelude:
        if token == ",":
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _can_apply(selector: list[Any], names: set[str]) -> bool:
    """Whether all classes and ids that a selector asks for are there; what stands in brackets is not looked at."""
    for before, token in zip([None, *selector], selector, strict=False):
        asked = token.value if token.type == "hash" or (token.type == "ident" and before == ".") else None
        if asked is not None and asked not in names and not asked.startswith(MADE_UP):
            return False
    return True


# Fonts


def keep_glyphs(font: Path, characters: set[str]) -> None:
    """Cut a font down to some characters, in place; one that has none of them goes.

    Parameters
    ----------
    font
        A WOFF2 file.
    characters
        What it must still be able to draw.
    """
    options = subset.Options(flavor="woff2", layout_features=["*"], notdef_outline=True)
    with TTFont(font, recalcTimestamp=False) as opened:
        present = {ord(one) for one in characters} & opened.getBestCmap().keys()
        if not present:
            font.unlink()
            return
        cutter = subset.Subsetter(options)
        cutter.populate(unicodes=present)
        cutter.subset(opened)
        opened.save(font)
