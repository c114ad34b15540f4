"""What is new since a commit: only what changed, wherever it lies and whatever its file is called."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from companion import git
from companion.schemas.pii.rules.loading import Rules
from companion.schemas.pii.scanning import scan
from companion.schemas.pii.verdict import Scan

P3 = 'syntax = "proto3";\n'
PERSON = P3 + "package types;\nmessage Person { string first_name = 1; string tax_number = 2; }\n"
ORDER = P3 + 'package shop;\nimport "types/person.proto";\nmessage Order { string id = 1; types.Person buyer = 2; }\n'
LEGACY = P3 + "package shop.old;\nmessage Legacy { string email = 1; string ssn = 2; }\n"
LOGIN = P3 + "package shop;\nmessage Login { string password = 1; }\n"

Since = Callable[..., list[str]]


def run(folder: Path, *words: str) -> str:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always"]
    done = subprocess.run(["git", "-C", str(folder), *identity, *words], capture_output=True, text=True, check=True,
                          env=git.environment())  # fmt: skip
    return done.stdout


def put(folder: Path, **files: str) -> None:
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + ".proto")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def commit(folder: Path, **files: str) -> None:
    put(folder, **files)
    run(folder, "add", "-A", ".")
    run(folder, "commit", "-q", "--allow-empty", "-m", "change")


def repository(folder: Path, **files: str) -> Path:
    folder.mkdir()
    run(folder, "init", "-q", "--initial-branch=main")
    commit(folder, **files)
    return folder


@pytest.fixture
def since(rules: Rules, monkeypatch: pytest.MonkeyPatch) -> Since:
    """Give what names the fields that are new since a commit, in a folder; all problems must be among `said`."""

    def new(folder: Path, commit: str, *paths: str, said: str = "", ref: str | None = None) -> list[str]:
        monkeypatch.chdir(folder)
        found: Scan = scan(paths or ".", rules=rules, changed_since=commit, ref=ref)
        assert all(said and said in problem.message for problem in found.problems), found.problems
        assert bool(said) is bool(found.problems)
        return [verdict.key for verdict in found.verdicts] + [finding.rule for finding in found.findings]

    return new


# Submodules and links


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """Make a repository with a submodule, both clean."""
    repository(tmp_path / "sub", types__person=PERSON)
    made = repository(tmp_path / "app", protos__order=ORDER)
    run(made, "submodule", "--quiet", "add", "../sub", "third_party/types_repo")
    commit(made)
    return made


IN_SUB = "third_party/types_repo/types/person.proto:Person"


def test_in_a_clean_tree_with_a_submodule_nothing_is_new(app: Path, since: Since) -> None:
    assert since(app, "HEAD") == []
    assert since(app, "HEAD", "protos", said='import "types/person.proto" was not found') == []
    assert since(app, "HEAD", "third_party/types_repo") == []


def test_what_a_submodule_brings_with_its_new_commit_is_new(app: Path, since: Since) -> None:
    commit(app / "third_party" / "types_repo", types__person=PERSON.replace("}", "string ssn = 3; }"))
    assert since(app, "HEAD") == [f"{IN_SUB}.ssn"]
    commit(app)
    assert since(app, "HEAD") == []
    assert since(app, "HEAD~1") == [f"{IN_SUB}.ssn"]
    assert since(app, "HEAD~1", ref="HEAD") == [f"{IN_SUB}.ssn"]


def test_a_submodule_in_a_submodule_is_read_too(app: Path, tmp_path: Path, since: Since) -> None:
    outermost = repository(tmp_path / "outermost")
    run(outermost, "submodule", "--quiet", "add", "../app", "app")
    run(outermost, "submodule", "--quiet", "update", "--init", "--recursive")
    commit(outermost)
    assert since(outermost, "HEAD") == []
    put(outermost, app__third_party__types_repo__types__person=PERSON.replace("}", "string ssn = 3; }"))
    assert since(outermost, "HEAD") == [f"app/{IN_SUB}.ssn"]


def test_a_commit_that_a_submodule_has_not_got_is_told(app: Path, since: Since) -> None:
    inner = app / "third_party" / "types_repo"
    run(app, "update-index", "--cacheinfo", f"160000,{'1' * 40},third_party/types_repo")
    run(app, "commit", "-q", "-m", "a commit that nobody has")
    assert since(app, "HEAD", said="the submodule lacks the commit 111111111111") == [
        "protos/order.proto:Order.buyer", f"{IN_SUB}.first_name", f"{IN_SUB}.tax_number",
    ]  # fmt: skip
    run(app, "submodule", "--quiet", "deinit", "-f", "third_party/types_repo")
    assert not (inner / "types").exists()
    put(app, protos__order=LOGIN)
    assert since(app, "HEAD") == ["protos/order.proto:Login.password"]


def test_a_tracked_link_to_a_schema_is_not_new(tmp_path: Path, since: Since) -> None:
    made = repository(tmp_path / "one", common__person=PERSON)
    (made / "protos").mkdir()
    (made / "protos" / "person.proto").symlink_to("../common/person.proto")
    (made / "protos" / "a.proto").symlink_to("person.proto")
    commit(made)
    for paths in (["protos"], ["."], ["protos/a.proto"]):
        assert since(made, "HEAD", *paths) == []


# Renames


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    """Make a repository with one schema."""
    return repository(tmp_path / "one", protos__old=LEGACY)


def test_a_file_that_moved_brings_nothing_new(legacy: Path, since: Since) -> None:
    run(legacy, "mv", "protos/old.proto", "protos/new.proto")
    assert since(legacy, "HEAD") == []
    commit(legacy)
    assert since(legacy, "HEAD~1") == []
    assert since(legacy, "HEAD~1", "protos/new.proto") == []  # as a hook names it


def test_a_file_that_came_from_outside_of_what_is_scanned_brings_nothing_new(legacy: Path, since: Since) -> None:
    (legacy / "other").mkdir()
    run(legacy, "mv", "protos/old.proto", "other/new.proto")
    assert since(legacy, "HEAD", "other") == []
    commit(legacy)
    assert since(legacy, "HEAD~1", "other", ref="HEAD") == []


def test_a_field_that_is_added_on_the_way_is_new_alone(legacy: Path, since: Since) -> None:
    run(legacy, "mv", "protos/old.proto", "protos/new.proto")
    put(legacy, protos__new=LEGACY.replace("}", "string password = 3; }"))
    assert since(legacy, "HEAD") == ["protos/new.proto:Legacy.password"]


def test_a_message_that_moved_alone_is_not_new_and_a_copy_is(legacy: Path, since: Since) -> None:
    put(legacy, protos__old=P3 + "package shop.old;\n", protos__parts=LEGACY)
    assert since(legacy, "HEAD") == []
    put(legacy, protos__old=LEGACY, protos__parts=LEGACY)
    assert since(legacy, "HEAD") == ["protos/parts.proto:Legacy.email", "protos/parts.proto:Legacy.ssn"]


def test_another_package_makes_another_message(legacy: Path, since: Since) -> None:
    run(legacy, "mv", "protos/old.proto", "protos/new.proto")
    put(legacy, protos__new=LEGACY.replace("shop.old", "bank.old"))
    assert since(legacy, "HEAD") == ["protos/new.proto:Legacy.email", "protos/new.proto:Legacy.ssn"]


def test_a_finding_about_a_method_moves_with_its_file(tmp_path: Path, since: Since) -> None:
    service = "service Shop { rpc ListLegacies(Empty) returns (All); }\nmessage Empty {}\n"
    text = f"{LEGACY}{service}message All {{ repeated Legacy all = 1; }}\n"
    made = repository(tmp_path / "one", protos__old=text)
    put(made, protos__twice=text.replace("shop.old", "twice"))
    assert "list-returns-high" in since(made, "HEAD")
    (made / "protos" / "twice.proto").unlink()
    run(made, "mv", "protos/old.proto", "protos/new.proto")
    assert since(made, "HEAD") == []


# Branches


def test_a_branch_is_compared_with_the_commit_at_which_it_left(legacy: Path, since: Since) -> None:
    run(legacy, "checkout", "-q", "-b", "topic")
    commit(legacy, protos__login=LOGIN)
    run(legacy, "checkout", "-q", "main")
    commit(legacy, protos__old=LEGACY.replace("string ssn = 2; ", ""))  # main loses a field that the branch still has
    run(legacy, "checkout", "-q", "topic")
    assert since(legacy, "main") == ["protos/login.proto:Login.password"]
    run(legacy, "checkout", "-q", "main")
    assert since(legacy, "main", ref="topic") == ["protos/login.proto:Login.password"]


def test_without_a_commit_in_common_the_commit_itself_is_compared_with_and_that_is_told(
    legacy: Path, since: Since
) -> None:
    run(legacy, "checkout", "-q", "--orphan", "other")
    commit(legacy, protos__login=LOGIN)
    said = "main and HEAD have no commit in common here (a shallow clone?); compared with main itself"
    assert since(legacy, "main", said=said) == ["protos/login.proto:Login.password"]


# What is left out


def test_what_is_excluded_is_left_out_of_both_sides(
    legacy: Path, rules: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(legacy, vendor__login=LOGIN, protos__login=LOGIN.replace("package shop", "package other"))
    monkeypatch.chdir(legacy)
    found = scan(".", rules=rules, changed_since="HEAD", exclude=["vendor"])
    assert [verdict.key for verdict in found.verdicts] == ["protos/login.proto:Login.password"]
    found = scan(".", rules=rules, ref="HEAD", exclude=["protos/old.proto"])
    assert found.verdicts == () and any(problem.fatal for problem in found.problems)
