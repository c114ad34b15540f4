"""The addresses that a gateway gives to a method are read from its source."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.schemas.protobuf.http_rules import bindings


def read(rule: str) -> list[tuple[str, str, str]]:
    return list(bindings(f"rpc A(B) returns (C) {{ option (google.api.http) = {{ {rule} }}; }}".encode()))


def test_http_rules_are_read_with_all_their_bindings() -> None:
    rule = b"""rpc A(B) returns (C) {
      option deprecated = true;
      option (google.api.http) = {
        post: "/v1/{name=people/*}:" "move" // get: "/no"
        additional_bindings { get: '/v1/{ssn}' }
        additional_bindings: { custom: { kind: "HEAD", path: "/v1/head" } body: "person" };
        body: "*"
      };
      option (other) = { get: "/not/this" };
    }"""
    assert sorted(bindings(rule)) == [
        ("CUSTOM", "/v1/head", "person"),
        ("GET", "/v1/{ssn}", ""),
        ("POST", "/v1/{name=people/*}:move", "*"),
    ]
    assert list(bindings(b"rpc A(B) returns (C);")) == []


@pytest.mark.parametrize("verb", ["get", "put", "post", "delete", "patch"])
def test_every_verb_is_read(verb: str) -> None:
    assert read(f'{verb}: "/v1" body: "b"') == [(verb.upper(), "/v1", "b")]
    assert read(f'body: "b", {verb} = "/v1"') == [(verb.upper(), "/v1", "b")]


@pytest.mark.parametrize(
    ("method", "found"),
    [
        ('option (google.api.http).get = "/v1";', [("GET", "/v1", "")]),
        ('option ( .google.api.http ).post = "/v1"; get = "/no"', [("POST", "/v1", "")]),
        ('option (google.api.http).get = "/a"; option (google.api.http).body = "b";', [("GET", "/a", "b")]),
        ('option (google.api.httpx).get = "/v1";', []),
        ('// option (google.api.http).get = "/v1";', []),
        ('option (google.api.http) = { get: "/a;b}c{d" };', [("GET", "/a;b}c{d", "")]),
        ("option (google.api.http) = { selector: 'get: \"/no\"' get: '/v1' };", [("GET", "/v1", "")]),
        ('option (google.api.http) = { forget: "/no" get: "/v1" };', [("GET", "/v1", "")]),
        ("option (google.api.http) = { };", []),
    ],
)
def test_a_rule_is_read_however_it_is_written(method: str, found: list[tuple[str, str, str]]) -> None:
    assert list(bindings(f"rpc A(B) returns (C) {{ {method} }}".encode())) == found


def test_each_binding_has_its_own_body() -> None:
    more = 'additional_bindings { put: "/b" body: "c" } additional_bindings { delete: "/d" }'
    assert read(f'post: "/a" {more} body: "*"') == [("POST", "/a", "*"), ("PUT", "/b", "c"), ("DELETE", "/d", "")]


def test_a_custom_verb_belongs_to_the_rule_around_it() -> None:
    assert read('custom { kind: "HEAD" path: "/a" } body: "b"') == [("CUSTOM", "/a", "b")]


@given(st.lists(st.text(alphabet="/abc{}=*:.-;", min_size=1), min_size=1, max_size=3), st.sampled_from("\"'"))
def test_an_address_is_given_back_as_it_was_written(parts: list[str], quote: str) -> None:
    written = " ".join(f"{quote}{part}{quote}" for part in parts)
    assert read(f"get: {written}") == [("GET", "".join(parts), "")]
