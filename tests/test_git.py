"""Git answers about the folder that was asked about, from a hook, a linked worktree or a submodule too."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from companion import git

IDENTITY = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "protocol.file.allow=always"]
CLEAN = 'syntax = "proto3";\nmessage A { string passport_number = 1; }\n'  # personal, and committed long ago
STILL_CLEAN = CLEAN.replace("}", "int32 size = 2; }")
SSN = CLEAN.replace("}", "string ssn = 2; }")


def run(folder: Path, *words: str, **more: str) -> str:
    environment = git.environment() | more
    done = subprocess.run(["git", "-C", str(folder), *IDENTITY, *words], capture_output=True, text=True, check=True,
                          env=environment)  # fmt: skip
    return done.stdout


def commit(folder: Path, **files: str) -> None:
    (folder / "protos").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "protos" / f"{name}.proto").write_text(text)
    run(folder, "add", ".")
    run(folder, "commit", "-q", "--no-verify", "-m", "change")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "first"
    folder.mkdir()
    run(folder, "init", "-q", "--initial-branch=main")
    commit(folder, a=CLEAN)
    return folder


def hook(folder: Path, script: str) -> None:
    """Put a pre-commit hook into the repository whose working tree the folder is."""
    place = Path(run(folder, "rev-parse", "--path-format=absolute", "--git-common-dir").strip()) / "hooks"
    place.mkdir(exist_ok=True)
    (place / "pre-commit").write_text(f"#!/bin/sh\n{script}\n")
    (place / "pre-commit").chmod(0o755)


def test_the_top_of_a_folder_is_found_and_outside_there_is_none(repository: Path, tmp_path: Path) -> None:
    (repository / "below").mkdir()
    assert git.top_of(repository / "below") == repository.resolve()
    assert git.top_of(tmp_path) is None


def test_a_word_that_a_hook_says_of_its_own_repository_does_not_count_for_another(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    run(other, "init", "-q")
    for name, value in {"GIT_DIR": ".git", "GIT_WORK_TREE": str(other), "GIT_INDEX_FILE": "nowhere",
                        "GIT_PREFIX": "below/"}.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(other)
    assert git.top_of(repository) == repository.resolve()
    assert git.ask(repository, "ls-tree", "--name-only", "HEAD") == b"protos\n"


def test_what_the_user_configured_by_the_environment_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "0")
    assert {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_COUNT"} <= git.environment().keys()


def test_without_git_the_error_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(git.GitError, match="git is not installed here"):
        git.ask(tmp_path, "status")


def test_a_question_that_git_refuses_is_none(repository: Path) -> None:
    assert git.ask(repository, "rev-parse", "--verify", "nothing-of-that-name") is None


# A real hook: `companion pii scan` judges the files of the tree that the commit is made in. The schemas lie in a folder
# below its top, which git takes for the top where `GIT_DIR` is passed on.

SCAN = f"exec {sys.executable} -m companion pii scan protos --changed-since HEAD --fail-on HIGH"


def commit_through_the_hook(folder: Path) -> subprocess.CompletedProcess[str]:
    run(folder, "add", "--all")
    return subprocess.run(["git", "-C", str(folder), *IDENTITY, "commit", "-q", "-m", "change"], capture_output=True,
                          text=True, check=False, env=git.environment())  # fmt: skip


def test_a_hook_stops_a_commit_that_adds_a_personal_field_and_passes_one_that_does_not(repository: Path) -> None:
    hook(repository, SCAN)
    (repository / "protos" / "a.proto").write_text(SSN)
    stopped = commit_through_the_hook(repository)
    assert stopped.returncode != 0 and "ssn" in stopped.stdout + stopped.stderr
    (repository / "protos" / "a.proto").write_text(
        'syntax = "proto3";\nmessage A { string colour = 1; int32 size = 2; }\n'
    )
    assert commit_through_the_hook(repository).returncode == 0


def test_a_hook_in_a_linked_worktree_judges_the_worktrees_files(repository: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    run(repository, "worktree", "add", "-q", "-b", "feature", str(linked))
    hook(repository, SCAN)
    (repository / "protos" / "a.proto").write_text(SSN)  # a change in the main tree is none of the linked one's
    (linked / "protos" / "b.proto").write_text('syntax = "proto3";\nmessage B { int32 size = 1; }\n')
    clean = commit_through_the_hook(linked)
    assert clean.returncode == 0, clean.stdout + clean.stderr
    (linked / "protos" / "b.proto").write_text('syntax = "proto3";\nmessage B { int32 size = 1; string iban = 2; }\n')
    stopped = commit_through_the_hook(linked)
    assert stopped.returncode != 0
    assert "iban" in stopped.stdout + stopped.stderr and "ssn" not in stopped.stdout + stopped.stderr


def test_a_hook_in_a_submodule_judges_the_submodules_files(repository: Path, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    run(outer, "init", "-q")
    run(outer, "submodule", "--quiet", "add", str(repository), "schemas")
    commit(outer, top='syntax = "proto3";\nmessage T { string email = 1; }\n')
    inner = outer / "schemas"
    hook(inner, SCAN)
    (inner / "protos" / "a.proto").write_text(SSN)
    stopped = commit_through_the_hook(inner)
    assert stopped.returncode != 0
    assert "ssn" in stopped.stdout + stopped.stderr and "email" not in stopped.stdout + stopped.stderr
    (inner / "protos" / "a.proto").write_text(STILL_CLEAN)
    assert commit_through_the_hook(inner).returncode == 0
