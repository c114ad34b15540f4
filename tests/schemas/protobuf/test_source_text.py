"""Reading a schema as text keeps every byte where it is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.schemas.protobuf.source_text import brackets, imports, line_starts, mask, offset, solid, without_comments

PIECES = st.lists(st.sampled_from(["//", "/*", "*/", '"', "'", "\\", "\n", "a", " ", "[", "]", "\t", "é"]), max_size=30)


@pytest.mark.parametrize(
    ("source", "masked"),
    [
        (b"a // b\nc", b"a     \nc"),
        (b"a /* b\nc */ d", b"a     \n     d"),
        (b'a = "b // c";', b"a = ________;"),
        (b"a = 'b \\' c';", b"a = ________;"),
        (b'"a\\"b" c', b"______ c"),
        (b'"unclosed\nb', b"_________\nb"),
        (b"/* unclosed\nb", b"           \n "),
        (b'// it\'s "one"\n"two"', b"             \n_____"),
    ],
)
def test_comments_and_strings_are_blanked(source: bytes, masked: bytes) -> None:
    assert mask(source) == masked


@given(PIECES)
def test_masking_keeps_every_line_and_column(pieces: list[str]) -> None:
    source = "".join([*pieces, "\n"]).encode()
    masked = mask(source)
    assert len(masked) == len(source)
    assert line_starts(masked) == line_starts(source)
    assert not set(b"\"'") & set(masked)


@given(PIECES)
def test_what_is_left_of_solid_source_is_in_no_comment_and_no_string(pieces: list[str]) -> None:
    source = "".join(pieces).encode()
    kept = solid(source)
    assert len(kept) == len(source)
    assert all(now == then for now, then in zip(kept, source, strict=True) if now not in b"#_")


@given(PIECES)
def test_solid_source_and_masked_source_agree_on_strings_and_on_what_is_left(pieces: list[str]) -> None:
    source = "".join(pieces).encode()
    for now, masked, then in zip(solid(source), mask(source), source, strict=True):
        if now == ord("_"):
            assert masked in b"_\n"
        elif now == ord("#"):
            assert masked in b" \n"
        else:
            assert now == masked == then


def test_comments_and_strings_are_told_apart_in_solid_source() -> None:
    assert solid(b"a // b\n\"c\" 'd' /* e\nf */ g") == b"a ####\n___ ___ ######### g"


def test_imports_are_listed_with_their_lines() -> None:
    source = b'import "a.proto";\n// import "b.proto";\nimport public\n  "c/d.proto"; import weak \'e.proto\';\n'
    assert imports(source) == [("a.proto", 1), ("c/d.proto", 3), ("e.proto", 4)]


def test_an_import_is_read_whatever_its_encoding_and_wherever_it_stands() -> None:
    assert imports(b'\n\nimport "caf\xe9.proto";') == [("caf\N{REPLACEMENT CHARACTER}.proto", 3)]


@pytest.mark.parametrize("source", [b"string import = 1;", b'string a = 1 [(x) = "import \\"b\\";"];', b"import foo;"])
def test_what_is_no_import_is_not_listed(source: bytes) -> None:
    assert imports(source) == []


@pytest.mark.parametrize(
    ("line", "column", "byte"), [(0, 0, 0), (0, 8, 1), (0, 9, 2), (1, 0, 8), (1, 3, 11), (1, 8, 12), (1, 99, 15)]
)
def test_a_tab_leads_to_the_next_multiple_of_eight_columns(line: int, column: int, byte: int) -> None:
    source = b"\tstring\nabc\tde\n"
    assert offset(source, line_starts(source), line, column) == byte


@given(st.lists(st.text(alphabet="a\té ", max_size=20), min_size=1, max_size=4), st.booleans())
def test_every_byte_is_found_at_the_column_that_protoc_gives_it(lines: list[str], ended: bool) -> None:
    source = ("\n".join(lines) + ("\n" if ended else "")).encode()
    starts = line_starts(source)
    for line, text in enumerate(lines):
        column = 0
        for index, byte in enumerate(text.encode()):
            assert offset(source, starts, line, column) == starts[line] + index
            column = (column // 8 + 1) * 8 if byte == ord("\t") else column + 1
        last = starts[line] + len(text.encode())
        assert offset(source, starts, line, column) == last
        assert offset(source, starts, line, column + 99) == min(last + 1, len(source))  # no further than its line


@pytest.mark.parametrize(
    ("field", "found"),
    [
        (b"string a = 1;", None),
        (b"string a = 1 [b = 2];", (13, 19)),
        (b"string a = 1 [(b) = [1, 2]];", (13, 26)),
        (b"string a = 1 [(b) = {c: [1]}];", (13, 28)),
        (b"optional group A = 1 { string b = 2 [c = 3]; }", None),
        (b"optional group A = 1 [b = 2] { string c = 3 [d = 4]; }", (21, 27)),
    ],
)
def test_the_brackets_of_a_field_are_found(field: bytes, found: tuple[int, int] | None) -> None:
    assert brackets(mask(field), 0, len(field)) == found


def test_options_are_shown_on_one_line_without_comments_and_with_their_strings() -> None:
    assert without_comments(b'(a) = "x // y",\n   // why\n  (b) = 1 /* z */') == '(a) = "x // y", (b) = 1'


def test_brackets_outside_the_span_are_none_of_the_fields() -> None:
    source = b"string a = 1 [b = 2]; string c = 3 [d = 4]; string e = 5;"
    assert brackets(source, 21, 43) == (35, 41)
    assert brackets(source, 43, len(source)) is None
    assert brackets(b"] string a = 1 [b = 2]", 0, 22) == (15, 21)


def test_options_in_an_old_encoding_are_shown() -> None:
    assert without_comments(b'(a) = "\xe9"') == '(a) = "\N{REPLACEMENT CHARACTER}"'
