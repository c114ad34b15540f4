"""Patterns leave out what .gitignore's would, and what the repository ignores is no schema of the team's."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from companion import git
from companion.schemas.protobuf.excluding import PatternError, excluded, ignored_below
from companion.schemas.protobuf.sources import collect

PROTO = 'syntax = "proto3";\nmessage User { string ssn = 1; }\n'


@pytest.mark.parametrize(
    ("pattern", "path", "out"),
    [
        ("vendor", "vendor/x/u.proto", True),
        ("vendor/", "a/vendor/u.proto", True),
        ("vendor", "vendored/u.proto", False),
        ("*_test.proto", "a/b/u_test.proto", True),
        ("*_test.proto", "a/b/u_test.proto.proto", False),
        ("/vendor", "a/vendor/u.proto", False),
        ("/vendor", "vendor/u.proto", True),
        ("./vendor", "vendor/u.proto", True),
        ("third_party/y", "third_party/y/u.proto", True),
        ("third_party/y", "a/third_party/y/u.proto", False),
        ("third_party/*/u.proto", "third_party/a/b/u.proto", False),
        ("third_party/**/u.proto", "third_party/u.proto", True),
        ("third_party/**/u.proto", "third_party/a/b/u.proto", True),
        ("**/gen", "a/b/gen/u.proto", True),
        ("a/**", "a/b/u.proto", True),
        ("a/**/**/b", "a/c/b/u.proto", True),
        ("a\\b", "a/b/u.proto", True),
        ("[uv].proto", "v.proto", True),
        ("[!u].proto", "u.proto", False),
        ("**", "u.proto", True),
    ],
)
def test_a_pattern_is_read_as_git_reads_it(pattern: str, path: str, out: bool, tmp_path: Path) -> None:
    assert excluded([pattern]).holds(tmp_path / path, tmp_path) is out


def test_a_pattern_starts_where_the_command_runs_or_in_the_folder_that_is_scanned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path, scanned = Path("protos/v1/gen/u.proto"), Path("protos")
    assert excluded(["protos/v1/gen"]).holds(path, scanned)
    assert excluded(["v1/gen"]).holds(path, scanned)
    assert not excluded(["v1/gen"]).holds(path, Path())
    monkeypatch.chdir(tmp_path.parent)
    assert excluded(["v1/gen"]).holds(tmp_path / path, tmp_path / scanned)


@pytest.mark.parametrize("pattern", ["", "/", "..", "../x", "a/./b", "!vendor", "x" * 600, "a\nb"])
def test_a_pattern_that_can_exclude_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(PatternError) as caught:
        excluded(["good", pattern])
    assert str(caught.value).isprintable() and len(str(caught.value)) < 200


def test_a_hostile_pattern_costs_no_more_than_its_length(tmp_path: Path) -> None:
    deep = Path(*["a" * 200] * 15, "u.proto")
    assert not excluded(["**/a*" * 80, "*a" * 120 + "b"]).holds(tmp_path / deep, tmp_path)


def proto(folder: Path, *places: str) -> None:
    for place in places:
        (folder / place).parent.mkdir(parents=True, exist_ok=True)
        (folder / place).write_text(PROTO)


def run(folder: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(folder), *words], check=True, capture_output=True, env=git.environment())


def judged(*paths: Path, exclude: tuple[str, ...] = ()) -> list[str]:
    sources, problems = collect(paths, exclude=excluded(exclude))
    assert problems == []
    return sorted(source.path.parent.name for source in sources if source.judged)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Make a repository that ignores what it generates, but for one file that is tracked all the same."""
    run(tmp_path, "init", "-q")
    (tmp_path / ".gitignore").write_text("build/\n*.gen.proto\n")
    proto(tmp_path, "protos/u.proto", "build/gen/u.proto", "code/x.gen.proto", "kept/y.gen.proto", "vendor/u.proto")
    run(tmp_path, "add", "-f", "kept", ".gitignore")
    return tmp_path


def test_what_the_repository_ignores_is_left_out_and_what_it_tracks_is_not(repository: Path) -> None:
    assert judged(repository) == ["kept", "protos", "vendor"]
    assert judged(repository, exclude=("vendor",)) == ["kept", "protos"]
    assert judged(repository / "code") == []
    ignored = {Path(path).relative_to(repository).as_posix() for path in ignored_below(repository)}
    assert ignored == {"build", "code", "code/x.gen.proto"}


def test_what_is_ignored_is_read_when_it_is_named(repository: Path) -> None:
    assert judged(repository / "build") == ["gen"]
    assert judged(repository / "build" / "gen" / "u.proto") == ["gen"]


def test_a_repository_inside_has_rules_of_its_own(repository: Path) -> None:
    run(repository / "vendor", "init", "-q")
    (repository / "vendor" / ".gitignore").write_text("out\n")
    proto(repository, "vendor/out/u.proto")
    assert judged(repository) == ["kept", "protos", "vendor"]


def test_without_git_nothing_is_ignored(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(repository))
    assert judged(repository) == ["code", "gen", "kept", "protos", "vendor"]


def test_a_folder_of_which_everything_is_left_out_fails_and_a_file_does_not(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repository)
    _, (folder,) = collect([repository / "vendor"], exclude=excluded(["vendor"]))
    _, (file,) = collect([repository / "vendor" / "u.proto"], exclude=excluded(["vendor"]))
    assert (folder.fatal, file.fatal) == (True, False)
