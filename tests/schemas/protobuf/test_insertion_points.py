"""Text goes into a schema where its author would have put it, and nothing that was there moves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.schemas.protobuf.insertion_points import Insertion, Layout, apply


def spot(text: str) -> tuple[bytes, int, int]:
    """Give a source whose span is marked with `«` and `»`, and the span."""
    start, end = text.encode("latin-1").index(b"\xab"), text.encode("latin-1").index(b"\xbb") - 1
    return text.replace("«", "").replace("»", "").encode("latin-1"), start, end


@given(st.binary(max_size=20), st.lists(st.tuples(st.integers(0, 20), st.binary(min_size=1, max_size=3)), max_size=6))
def test_every_byte_of_the_original_stays_and_insertions_of_one_place_keep_their_order(
    source: bytes, made: list[tuple[int, bytes]]
) -> None:
    made = [(min(at, len(source)), text) for at, text in made]
    expected = b"".join(
        b"".join(text for where, text in made if where == at) + source[at : at + 1] for at in range(len(source) + 1)
    )
    assert apply(source, [Insertion(at, text) for at, text in made]) == expected


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("m { «string a = 1;» }", "m { string a = 1 [o]; }"),
        ("m { «string a = 1 /* ] */ ;» }", "m { string a = 1 [o] /* ] */ ; }"),
        ("«string a = 1 [b = 2];»", "string a = 1 [b = 2, o];"),
        ("«string a = 1 [b = 2 /* x */ ];»", "string a = 1 [b = 2, o /* x */ ];"),
        ('«string a = 1 [b = "],["];»', 'string a = 1 [b = "],[", o];'),
        ("«string a = 1 [(b) = {c: [1, 2]}];»", "string a = 1 [(b) = {c: [1, 2]}, o];"),
        ("«string a = 1 [\n    b = 2\n  ];»", "string a = 1 [\n    b = 2,\n    o\n  ];"),
        ("«string a = 1 [\r\n\tb = 2\r\n];»", "string a = 1 [\r\n\tb = 2,\r\n\to\r\n];"),
        ("«string a = 1 [\n  b = 2 // why\n];»", "string a = 1 [\n  b = 2, // why\n  o\n];"),
        ("«string a = 1 [\n  b = 2 /* w\n hy */\n];»", "string a = 1 [\n  b = 2, /* w\n hy */\n  o\n];"),
        ("«string a = 1 [\n  b = 2];»", "string a = 1 [\n  b = 2,\n  o];"),
        ("«string a = 1 [b = 2,\n    c = 3\n];»", "string a = 1 [b = 2,\n    c = 3,\n    o\n];"),
        (
            "«string a = 1 [\n  (b) = {c: 1, d: [2,\n  3]}\n];»",
            "string a = 1 [\n  (b) = {c: 1, d: [2,\n  3]},\n  o\n];",
        ),
        ("«group A = 1 { string b = 2 [c = 3]; }»", "group A = 1 [o] { string b = 2 [c = 3]; }"),
        ("«group A = 1 [(b) = { c: 1 }] { d }»", "group A = 1 [(b) = { c: 1 }, o] { d }"),
        ("string z = 9 [y = 8]; «string a = 1;»", "string z = 9 [y = 8]; string a = 1 [o];"),
    ],
)
def test_an_option_follows_the_layout_of_a_fields_list(before: str, after: str) -> None:
    source, start, end = spot(before)
    assert apply(source, Layout(source).into_brackets(start, end, b"o")).decode("latin-1") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("«message A {\n  x\n}»", "message A {\n  s\n  x\n}"),
        ("«message A {\r\n\tx\r\n}»", "message A {\r\n\ts\r\n\tx\r\n}"),
        ("«message A { // why\n  x\n}»", "message A { // why\n  s\n  x\n}"),
        ("«message A { /* w\nhy */\n  x\n}»", "message A { /* w\nhy */\n  s\n  x\n}"),
        ("«message A {}»", "message A { s }"),
        ("«message A { x }»", "message A { s x }"),
        ("«message A {x}»", "message A { s x}"),
        ("  «message A {\n  }»", "  message A {\n    s\n  }"),
        ("a {\n\tb\n}\n«message A {\n}»", "a {\n\tb\n}\nmessage A {\n\ts\n}"),
        ("a {\n    b\n}\n  «message A {\n  // none\n  }»", "a {\n    b\n}\n  message A {\n      s\n  // none\n  }"),
        ("«message A {\n  // remark\n\n  x\n}»", "message A {\n  // remark\n\n  s\n  x\n}"),
        ("«message A {\r\n  // remark\r\n\r\n  x\r\n}»", "message A {\r\n  // remark\r\n\r\n  s\r\n  x\r\n}"),
        ("«message A {\n  /* a\n  remark */\n\n  x\n}»", "message A {\n  /* a\n  remark */\n\n  s\n  x\n}"),
        ("«message A {\n  // of x\n  x\n}»", "message A {\n  s\n  // of x\n  x\n}"),
        ("«message A { // beside\n  // of x\n\n  x\n}»", "message A { // beside\n  s\n  // of x\n\n  x\n}"),
        ("«group A = 1 [(b) = { c: 1 }] {\n  x\n}»", "group A = 1 [(b) = { c: 1 }] {\n  s\n  x\n}"),
    ],
)
def test_a_statement_goes_first_into_a_body(before: str, after: str) -> None:
    source, start, end = spot(before)
    assert apply(source, Layout(source).into_body(start, end, b"s")).decode("latin-1") == after


def test_what_has_no_braces_has_no_body() -> None:
    with pytest.raises(ValueError, match="no body here"):
        Layout(b"string a = 1 [b = {}];").brace(0, 22)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("«rpc A(B) returns (C);»", "rpc A(B) returns (C) { o; }"),
        ("«rpc A(B) returns (C) /* x */ ;» // y", "rpc A(B) returns (C) { o /* x */ ; } // y"),
        ("«rpc A(B) returns (C) {}»", "rpc A(B) returns (C) { o; }"),
        ("  «rpc A(B) returns (C) {\n    x\n  }»", "  rpc A(B) returns (C) {\n    o;\n    x\n  }"),
    ],
)
def test_an_option_of_a_method_gets_braces_where_it_has_none(before: str, after: str) -> None:
    source, start, end = spot(before)
    assert apply(source, Layout(source).into_method(start, end, b"o")).decode("latin-1") == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('syntax = "proto3";\nx', 'syntax = "proto3";\n\ni\nx'),
        ('syntax = "proto3";\r\nx', 'syntax = "proto3";\r\n\r\ni\r\nx'),
        ('syntax = "proto3"; x', 'syntax = "proto3"; i x'),
        ('edition = "2024";\nx', 'edition = "2024";\n\ni\nx'),
        ('syntax = "proto3";\npackage a.b;\nx', 'syntax = "proto3";\npackage a.b;\n\ni\nx'),
        ("package a;\nx", "package a;\n\ni\nx"),
        ("message a { string subpackage = 1; }\n", "i\n\nmessage a { string subpackage = 1; }\n"),
        ('import "a";\nimport "b"; // why\nx', 'import "a";\nimport "b"; // why\ni\nx'),
        ('  import public "a";\nx', '  import public "a";\n  i\nx'),
        ('package a;\nimport weak "a";\nx\n// import "b";\n', 'package a;\nimport weak "a";\ni\nx\n// import "b";\n'),
        ('import option "a"; x', 'import option "a"; i x'),
        ('package a;\nimport ___;\nx', 'package a;\n\ni\nimport ___;\nx'),
        ("x", "i\n\nx"),
        ("", "i\n\n"),
        ("\xef\xbb\xbfx", "\xef\xbb\xbfi\n\nx"),
        ("// licence\n\n// of x\nx", "// licence\n\ni\n\n// of x\nx"),
        ("// licence\n\n// more\n \n// of x\nx", "// licence\n\n// more\n \ni\n\n// of x\nx"),
        ("// of x\nx\n\ny", "i\n\n// of x\nx\n\ny"),
    ],
)  # fmt: skip
def test_an_import_goes_behind_the_last_one_or_where_the_first_would_be(before: str, after: str) -> None:
    source = before.encode("latin-1")
    assert apply(source, Layout(source).after_imports(b"i")).decode("latin-1") == after
