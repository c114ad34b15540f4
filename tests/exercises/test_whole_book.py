"""The real book, handed out and graded as a class would have it: right, wrong and mangled notebooks get their marks.

Right answers run in the sandbox, which must let them do all that they need. What the checks say of wrong ones does not
depend on it, so these run in this process.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from companion.exercises.authoring.assignment import Assignment, assignment, read_secret
from companion.exercises.authoring.decoys import decoys
from companion.exercises.authoring.model import Exercise
from companion.exercises.authoring.release import write_release
from companion.exercises.grading.grade import GradeBook, grade
from companion.exercises.grading.submissions import find_students
from companion.exercises.sandbox.isolation import UNPROTECTED, Isolation
from tests.exercises.classroom import run_here

ROOT = Path(__file__).parents[2]
CHAPTERS = sorted((ROOT / "chapters").glob("*.ipynb"))
Change = Callable[[dict[str, Any]], str]


def as_it_is(content: dict[str, Any]) -> str:
    return "{chapter}.ipynb"


def stripped(content: dict[str, Any]) -> str:
    """What a tool leaves that knows neither ids nor metadata, under a name of its own."""
    for cell in content["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    content["nbformat_minor"] = 0
    return "Copy_of_{chapter}.ipynb"


def reordered(content: dict[str, Any]) -> str:
    content["cells"].reverse()
    return "{chapter} (1).ipynb"


def without_tasks(content: dict[str, Any]) -> str:
    content["cells"] = [cell for cell in content["cells"] if cell["cell_type"] == "code"]
    return "final/FINAL.ipynb"


MANGLED: dict[str, Change] = {
    "01": reordered, "02": stripped, "03": stripped, "04": reordered, "05": stripped, "06": as_it_is, "07": reordered,
    "08": reordered, "09": stripped,
    "10": stripped, "11": as_it_is,
    "14": reordered, "15": reordered,
    "18": as_it_is, "19": reordered, "20": as_it_is, "21": as_it_is, "22": without_tasks, "23": stripped,
    "28": reordered,
}  # fmt: skip


def wrong(exercise: Exercise) -> str:
    """Give an answer that always gives the same: the first result of the solution, or nothing at all."""
    nothing = "\n".join(f"{name} = None" for name in exercise.answered)
    return next(iter(decoys(exercise).values()), nothing)


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory, isolation: Isolation) -> tuple[list[Assignment], GradeBook]:
    """Hand out the book, let three students answer, and grade them: two in the sandbox, the one who is wrong here."""
    place = tmp_path_factory.mktemp("class")
    secret = read_secret(place / "secret.txt", make=True)
    assignments = [assignment(path, "7", secret) for path in CHAPTERS]
    write_release(place / "class", assignments)
    for one in assignments:
        students = (place / "class" / "students" / f"{one.chapter}.ipynb").read_text("utf-8")
        answers = json.loads((place / "class" / "answers" / f"{one.chapter}.ipynb").read_text("utf-8"))
        name = MANGLED[one.chapter[:2]](answers)
        hand_in(place / "ada" / name.format(chapter=one.chapter), answers)
        content = json.loads(students)
        for cell in content["cells"]:
            if cell["metadata"].get("companion", {}).get("role") == "answer":
                cell["source"] = wrong(next(e for e in one.exercises if e.answer.id == cell["id"]))
        hand_in(place / "bob" / f"{one.chapter}.ipynb", content)
        hand_in(place / "cid" / f"{one.chapter}.ipynb", json.loads(students))
    boxed = grade(find_students([place / "ada", place / "cid"]), assignments, isolation, jobs=2)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("companion.exercises.grading.grade.run", run_here)
        here = grade(find_students([place / "bob"]), assignments, UNPROTECTED)
    return assignments, GradeBook(boxed.grades + here.grades, boxed.odd | here.odd, boxed.warnings + here.warnings)


def hand_in(path: Path, content: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content), "utf-8")


def of(graded: tuple[list[Assignment], GradeBook], student: str) -> dict[str, str]:
    return {f"{one.chapter[:2]}-{one.exercise}": f"{one.verdict} {one.message}".strip()
            for one in graded[1].grades if one.student == student}  # fmt: skip


def test_right_answers_have_all_the_marks_however_their_notebooks_look(graded: Any) -> None:
    verdicts = of(graded, "ada")
    assert len(verdicts) == sum(len(one.exercises) for one in graded[0]) > 20
    assert {name: verdict for name, verdict in verdicts.items() if verdict != "passed"} == {}


def test_an_answer_that_always_gives_the_same_has_no_marks(graded: Any) -> None:
    verdicts = of(graded, "bob")
    allowed = ("failed", "error")
    assert {name: verdict for name, verdict in verdicts.items() if not verdict.startswith(allowed)} == {}


def test_an_untouched_notebook_has_no_marks_and_nothing_is_odd_about_it(graded: Any) -> None:
    assert {*of(graded, "cid").values()} == {"not answered"}
    assert graded[1].odd["cid"] == [] == graded[1].odd["bob"]
    assert graded[1].warnings == []


def test_readmes_command_hands_out_the_chapter_that_it_once_refused(tmp_path: Path) -> None:
    secret = str(tmp_path / "secret.txt")
    words = ["--out", str(tmp_path / "class"), "--variant", "7", "--secret", secret, "--only", "21"]
    command = [str(Path(sys.executable).with_name("companion")), "exercises", "release", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "secret.txt").stat().st_mode & 0o077 == 0
    assert len(list((tmp_path / "class").glob("*/21-*.ipynb"))) == 2
