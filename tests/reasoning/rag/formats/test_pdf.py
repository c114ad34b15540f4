"""A PDF is read page by page; what cannot be read is refused in one line."""

from __future__ import annotations

import random

import pytest

from companion.reasoning.rag.chunks import RagError
from companion.reasoning.rag.formats import pdf as room
from companion.reasoning.rag.formats.headings import sections_of
from companion.reasoning.rag.formats.pdf import pdf

pytest.importorskip("pypdf", reason="pypdf is not installed: PDF files are not read here")


def made(*pages: str, title: str = "") -> bytes:
    """Write a PDF by hand: a catalogue, pages, each with a line of text, and a font."""
    count = len(pages)
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(count))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {count} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for n, text in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET" if text else ""
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >>"
            f" /Contents {5 + 2 * n} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    objects.append(f"<< /Title ({title}) >>")
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size, start = len(objects) + 1, len(data)
    data += f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n".encode()
    return data + f"<< /Size {size} /Root 1 0 R /Info {size - 1} 0 R >>\nstartxref\n{start}\n%%EOF\n".encode()


def test_pages_are_sections_and_the_title_is_the_files() -> None:
    content = pdf(made("It rains.", "", "It snows.", title="The weather"))
    assert content.title == "The weather"
    assert content.text == "It rains.\n\nIt snows.\n\n"
    assert [(each.name, content.text[each.start : each.end].strip()) for each in sections_of(content)] == [
        ("page 1", "It rains."), ("page 3", "It snows."),
    ]  # fmt: skip


def test_pages_without_text_are_said_to_be_pictures() -> None:
    with pytest.raises(RagError, match="no text: its pages may be pictures"):
        pdf(made("", ""))


def test_a_file_of_too_many_pages_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "MOST_PAGES", 2)
    with pytest.raises(RagError, match="3 pages, and 2 are read at most"):
        pdf(made("a", "b", "c"))


def test_damaged_files_are_refused_and_raise_nothing_else() -> None:
    whole = made("It rains.", "It snows.")
    rng = random.Random(11)
    for _ in range(60):
        damaged = bytearray(whole[: rng.randrange(1, len(whole) + 1)])
        for _ in range(rng.randrange(8)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        try:
            assert pdf(bytes(damaged)).text
        except RagError as error:
            assert "\n" not in str(error)


def test_without_the_library_it_is_said_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pypdf", None)
    with pytest.raises(RagError, match="pip install"):
        pdf(made("It rains."))
