"""An import is the file of that whole name, and what is not there is told with the reason."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from companion import git
from companion.schemas.protobuf.excluding import excluded
from companion.schemas.protobuf.model import Problem, Schema
from companion.schemas.protobuf.reader import read_schemas
from companion.schemas.protobuf.sources import collect, missing_submodule

Read = Callable[..., tuple[list[Schema], list[Problem]]]
P3 = 'syntax = "proto3";\n'
RULES = (
    'syntax = "proto2";\nPACKAGEimport "google/protobuf/descriptor.proto";\n'
    "message FieldRules { optional bool required = 1; }\n"
    "extend google.protobuf.FieldOptions { optional FieldRules field = 1159; }\n"
)
BUYER = (
    P3 + 'package shop;\nimport "validate/validate.proto";\n'
    "message Buyer { string email = 1 [(validate.rules).string.email = true]; }\n"
)


def run(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always"]
    subprocess.run(
        ["git", "-C", str(folder), *identity, *words], check=True, capture_output=True, env=git.environment()
    )


def names(schemas: list[Schema]) -> set[str]:
    return {f"{message.name}.{field.name}" for each in schemas for message in each.messages for field in message.fields}


# Imports


@pytest.mark.parametrize("place", ["api/buf", "third_party/protovalidate/proto/buf", "buf"])
def test_a_missing_import_is_no_file_whose_own_name_is_longer(read: Read, place: str) -> None:
    there = {f"{place}/validate/validate.proto": RULES.replace("PACKAGE", "package buf.validate;\n")}
    schemas, problems = read({**there, "shop/old.proto": BUYER})
    assert problems == []  # everybody imports it, so that its absence is no news
    assert "Buyer.email" in names(schemas)


def test_a_file_without_a_package_has_the_longest_name_that_others_import_it_by(read: Read) -> None:
    user = P3 + 'package other;\nimport "buf/validate/validate.proto";\nmessage Other { string a = 1; }\n'
    files = {"x/buf/validate/validate.proto": RULES.replace("PACKAGE", ""), "y/user.proto": user}
    schemas, problems = read({**files, "shop/old.proto": BUYER})
    assert problems == []
    assert {"Buyer.email", "Other.a"} <= names(schemas)


def test_a_vendored_file_is_found_by_its_whole_name_below_a_root_that_nobody_told(read: Read) -> None:
    person = P3 + "package types.v1;\nmessage Person { string ssn = 1; }\n"
    order = P3 + 'import "types/v1/person.proto";\nmessage Order { types.v1.Person buyer = 1; }\n'
    schemas, problems = read({"third_party/repo/types/v1/person.proto": person, "shop/order.proto": order})
    assert problems == []
    assert {"Person.ssn", "Order.buyer"} <= names(schemas)


def test_a_file_under_a_folder_above_comes_before_one_that_only_ends_so(tmp_path: Path) -> None:
    for place, text in {
        "a/b/x.proto": P3 + 'import "t/y.proto";\nmessage X { Y y = 1; }\n',
        "a/b/vendor/t/y.proto": P3 + "message Y { string vendored = 1; }\n",
        "a/t/y.proto": P3 + "message Y { string own = 1; }\n",
    }.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(text)
    sources, _ = collect([tmp_path])
    (x,) = [source for source in sources if source.path.name == "x.proto"]
    assert x.found["t/y.proto"].path == tmp_path / "a" / "t" / "y.proto"
    sources, _ = collect([tmp_path / "a" / "b" / "x.proto"], [tmp_path / "a" / "b" / "vendor"])
    assert sources[0].found["t/y.proto"].path == tmp_path / "a" / "b" / "vendor" / "t" / "y.proto"


def test_what_is_excluded_lends_its_types_all_the_same(tmp_path: Path) -> None:
    for place, text in {
        "shop/order.proto": P3 + 'import "types/v1/person.proto";\nmessage Order { types.v1.Person buyer = 1; }\n',
        "third_party/repo/types/v1/person.proto": P3 + "package types.v1;\nmessage Person { string ssn = 1; }\n",
        "third_party/repo/types/v1/unused.proto": P3 + "message Unused { string ssn = 1; }\n",
    }.items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_text(text)
    schemas, problems = read_schemas([tmp_path], exclude=excluded(["third_party"]))
    assert problems == []
    assert {Path(schema.path).name: schema.judged for schema in schemas} == {"order.proto": True, "person.proto": False}


# Links and submodules


@pytest.fixture
def outer(tmp_path: Path) -> Path:
    """Make a clone whose submodule `vendor` is not checked out."""
    for name in ("inner", "origin"):
        (tmp_path / name).mkdir()
        run(tmp_path / name, "init", "-q", "--initial-branch=main")
    (tmp_path / "inner" / "common.proto").write_text(P3 + "message Common { string ssn = 1; }\n")
    run(tmp_path / "inner", "add", ".")
    run(tmp_path / "inner", "commit", "-q", "-m", "one")
    run(tmp_path / "origin", "submodule", "--quiet", "add", str(tmp_path / "inner"), "vendor")
    run(tmp_path / "origin", "commit", "-q", "-m", "one")
    run(tmp_path, "clone", "-q", "origin", "clone")
    return tmp_path / "clone"


HINT = "; the submodule vendor is not checked out: `git submodule update --init vendor`"


def test_a_link_into_a_submodule_that_is_not_checked_out_names_it(outer: Path) -> None:
    (outer / "protos").mkdir()
    (outer / "protos" / "a.proto").symlink_to("../vendor/common.proto")
    _, (problem,) = collect([outer / "protos"])
    assert problem.path == (outer / "protos" / "a.proto").as_posix()
    assert problem.message == f"a symbolic link to ../vendor/common.proto, where there is nothing{HINT}"


def test_a_folder_that_is_a_link_to_nowhere_is_named_too(outer: Path) -> None:
    (outer / "protos").symlink_to("vendor/protos")
    _, (problem,) = collect([outer / "protos" / "a.proto"])
    assert f"below {(outer / 'protos').as_posix()}, a symbolic link to vendor/protos, where there is" in problem.message
    assert problem.message.endswith(HINT)


def test_a_file_of_a_submodule_that_is_not_checked_out_names_it(outer: Path) -> None:
    _, (problem,) = collect([outer / "vendor" / "common.proto"])
    assert problem.message == f"no such file or folder{HINT}"
    run(outer, "submodule", "--quiet", "update", "--init")
    assert missing_submodule(outer / "vendor" / "common.proto") == ""
