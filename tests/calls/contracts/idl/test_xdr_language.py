"""The language of rpcgen."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companion.calls.contracts.idl.contracts import ContractError, contracts
from companion.calls.contracts.idl.lexing import DEEPEST
from companion.calls.contracts.idl.xdr_language import parse

TAKEN = {
    "enum k { A = 0, B = 0x1f, C = -2, D = 010 };": {"k": ["enum", [["A", 0], ["B", 31], ["C", -2], ["D", 8]]]},
    "const N = 3; struct s { opaque a[N]; opaque b<>; string c<4>; int d[2]; unsigned hyper e; };": {
        "N": ["const", 3],
        "s": [
            "struct",
            [
                ["a", "opaque", "exactly", "N"],
                ["b", "opaque", "at most", None],
                ["c", "string", "at most", 4],
                ["d", "int", "exactly", 2],
                ["e", "unsigned hyper"],
            ],
        ],
    },
    "union u switch (int k) { case 0: case 1: int x; default: void; };": {
        "u": ["union", [["k", "int"], [[0, 1], ["x", "int"]], ["default", [None, "void"]]]]
    },
    "typedef node *list; struct node { int x; list next; };": {
        "list": ["typedef", "node", "optional"],
        "node": ["struct", [["x", "int"], ["next", "list"]]],
    },
}


@pytest.mark.parametrize("text", TAKEN)
def test_a_definition_is_read(text: str) -> None:
    assert parse(text) == TAKEN[text]


@pytest.mark.skipif(shutil.which("rpcgen") is None, reason="there is no rpcgen on this machine")
@pytest.mark.parametrize("text", [*TAKEN, contracts()["XDR"]])
def test_rpcgen_takes_what_we_take(text: str, tmp_path: Path) -> None:
    (tmp_path / "one.x").write_text(text, "utf-8")
    ran = subprocess.run(["rpcgen", "-h", "one.x"], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.skipif(shutil.which("rpcgen") is None, reason="there is no rpcgen on this machine")
@pytest.mark.parametrize(
    "text", ["struct s { int x = 1; };", "struct s { 3: int x; };", "enum k { };", "program P { } = 1;", "strukt s;"]
)
def test_rpcgen_refuses_what_we_refuse(text: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError):
        parse(text)
    (tmp_path / "one.x").write_text(text, "utf-8")
    ran = subprocess.run(["rpcgen", "-h", "one.x"], cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert ran.returncode != 0


def test_both_versions_of_the_program_are_read() -> None:
    kind, number, versions = parse(contracts()["XDR"])["CUSTOMER_PROG"]
    assert (kind, number) == ("program", 0x20000001)
    assert [(name, number, len(calls)) for name, number, calls in versions] == [
        ("CUSTOMER_VERS", 1, 2),
        ("CUSTOMER_VERS_2", 2, 3),
    ]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("struct s { int x; int x; };", "line 1, column 19: the name 'x' is taken"),
        ("const a = 1; const a = 2;", "the name 'a' is taken"),
        ("struct s { other x; };", "line 1, column 12: there is no type 'other'"),
        ("struct s { string x[3]; };", "no fixed length"),
        ("struct s { string x; };", "length in brackets"),
        ("struct s { unsigned float x; };", "unsigned int or unsigned hyper"),
        ("struct int { int x; };", "is a keyword"),
        ("const a = 08;", "is no number"),
        ("union u switch (int k) { };", "expected 'default'"),
        ("struct s { int x; }", "expected ';'"),
        ("struct s { " + "struct { " * DEEPEST, "deep"),
        ("/* never closed", "no word"),
    ],
)
def test_what_is_refused_is_refused_for_a_reason(text: str, why: str) -> None:
    with pytest.raises(ContractError) as refused:
        parse(text)
    assert why in str(refused.value)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_a_broken_contract_is_read_or_refused_by_line_and_column(data: st.DataObject) -> None:
    text = contracts()["XDR"]
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    broken = text[:start] + data.draw(st.text("<>{}[]();:=*0x1 \n", max_size=5)) + text[end:]
    try:
        parse(broken)
    except ContractError as error:
        assert str(error).startswith("line ")
