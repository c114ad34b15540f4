"""The text of a PDF file, page by page; what is a picture of a text has none."""

from __future__ import annotations

import io
import logging
import zlib

from companion.reasoning.rag.chunks import RagError
from companion.reasoning.rag.formats.headings import LONGEST, Content, Heading

MOST_PAGES = 2_000
"""How many pages are read of one file."""

_ODD = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, RecursionError,
        NotImplementedError, OSError, zlib.error)  # fmt: skip
"""What a reader of PDF trips over in a file that is damaged, beside its own errors."""


def pdf(data: bytes) -> Content:
    """Read a PDF file; a page is a section.

    Raises
    ------
    RagError
        If it is damaged, locked, too long, or holds no text; or if pypdf is not installed.
    """
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError:
        raise RagError("pypdf reads PDF files, and is not installed: pip install 'companion[reasoning]'") from None
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it finds odd in a file is no message of ours
    try:
        reader = PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise RagError("locked by a password")
        if (pages := len(reader.pages)) > MOST_PAGES:
            raise RagError(f"{pages:,} pages, and {MOST_PAGES:,} are read at most")
        title = str((reader.metadata and reader.metadata.title) or "")
        texts = [page.extract_text() for page in reader.pages]
    except (PyPdfError, *_ODD) as error:
        raise RagError(f"no PDF that can be read: {type(error).__name__} {' '.join(str(error).split())[:80]}") from None
    return _joined(texts, " ".join(title.split())[:LONGEST])


def _joined(texts: list[str], title: str) -> Content:
    parts, headings, at = list[str](), list[Heading](), 0
    for number, text in enumerate(texts, 1):
        clean = text.encode("utf-8", "replace").decode("utf-8").replace("\0", " ").strip()
        if clean:
            headings.append(Heading(at, at, 1, f"page {number}"))
            parts.append(f"{clean}\n\n")
            at += len(parts[-1])
    if not parts:
        raise RagError("holds no text: its pages may be pictures")
    return Content("".join(parts), title, headings)
