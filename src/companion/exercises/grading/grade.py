"""Grade a class: every exercise of every student, several at a time, whatever was handed in."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import dataclass, field

from companion.exercises.authoring.assignment import Assignment
from companion.exercises.authoring.model import Exercise
from companion.exercises.grading.match import Match, chapters_of, match_answers
from companion.exercises.grading.submissions import Student, Submission, fold, several
from companion.exercises.grading.verdict import Grade, judge, without_run
from companion.exercises.sandbox.isolation import Isolation
from companion.exercises.sandbox.runner import in_parallel, run


@dataclass(frozen=True)
class GradeBook:
    """All grades, in the order of students and exercises, and what was odd about each student's files."""

    grades: list[Grade]
    odd: dict[str, list[str]]
    warnings: list[str] = field(default_factory=list)

    @property
    def ungraded(self) -> int:
        """How many exercises could not be graded: an unreadable notebook, or no means on this system."""
        return sum(grade.verdict in ("unreadable", "not graded") for grade in self.grades)


@dataclass(frozen=True)
class _Task:
    student: str
    assignment: Assignment
    exercise: Exercise
    match: Match | None
    problem: str = ""


def chapters_handed_in(students: list[Student], assignments: list[Assignment]) -> list[Assignment]:
    """Pick the chapters that any student handed something in for."""
    submissions = [submission for student in students for submission in student.submissions]
    named = {chapter for submission in submissions for chapter in chapters_of(submission, assignments)}
    return [assignment for assignment in assignments if assignment.chapter in named]


def grade(
    students: list[Student], assignments: list[Assignment], isolation: Isolation, *, seconds: float | None = None,
    jobs: int = 1, progress: Callable[[Grade], object] = lambda grade: None,
) -> GradeBook:  # fmt: skip
    """Grade all exercises of all students.

    Parameters
    ----------
    students, assignments
        Who, and what.
    isolation
        The layers around each answer.
    seconds
        A limit for every exercise, in place of the exercise's own.
    jobs
        How many answers run at a time.
    progress
        Told of each grade when it is known.
    """
    odd: dict[str, list[str]] = {student.name: list(student.odd) for student in students}
    tasks = [task for student in students for task in _tasks(student, assignments, odd[student.name])]
    slots: queue.SimpleQueue[int] = queue.SimpleQueue()
    for slot in range(jobs):
        slots.put(slot)

    def work(task: _Task) -> Grade:
        slot = slots.get()
        try:
            done = _grade_one(task, isolation, slot, seconds)
        finally:
            slots.put(slot)
        progress(done)
        return done

    return GradeBook(in_parallel(work, tasks, jobs), odd, _warnings(tasks))


def _grade_one(task: _Task, isolation: Isolation, slot: int, seconds: float | None) -> Grade:
    match = task.match
    if match is None:
        verdict = "unreadable" if task.problem else "missing"
        return without_run(task.student, task.exercise, verdict, task.problem, [])
    if not match.cells:
        return without_run(task.student, task.exercise, "not answered" if match.found else "missing", "", match.notes)
    job = task.assignment.job(task.exercise, match.cells, seconds)
    try:
        done = run(job, isolation, slot)
    except OSError as error:  # no space, no more processes: one answer that cannot be run need not stop the others
        return without_run(task.student, task.exercise, "not graded", error.strerror or str(error), match.notes)
    return judge(task.student, task.exercise, match, done, job.seconds)


def _tasks(student: Student, assignments: list[Assignment], odd: list[str]) -> list[_Task]:
    """List a student's exercises, each with the answer found for it."""
    odd += fold([f"{one.path.name}: {one.problem}" for one in student.submissions if one.problem])
    homes = {one.path: chapters_of(one, assignments) for one in student.submissions}
    strays = [one for one in student.submissions if not homes[one.path]]
    tasks = []
    absent = []
    for assignment in assignments:
        here = [one for one in student.submissions if assignment.chapter in homes[one.path]]
        damaged = [one for one in strays if one.problem]
        if not here and not damaged:
            absent.append(assignment.chapter)
        tasks += _chapter(student.name, assignment, here or damaged, odd)
    foreign = [one.path.name for one in strays if not one.problem]
    if absent and foreign:
        odd.append(f"no cell of {several(foreign)} belongs to a chapter graded here: were the answers moved elsewhere?")
    if absent:
        odd.append(f"there is no notebook for {several(absent)}")
    return tasks


def _chapter(student: str, assignment: Assignment, candidates: list[Submission], odd: list[str]) -> list[_Task]:
    """List the exercises of one chapter: of its readable notebooks the one that answers most is graded."""
    unreadable = [one for one in candidates if one.problem]
    found = {one.path: match_answers(one, assignment) for one in candidates if not one.problem}
    if not found:
        problem = f"{unreadable[0].path.name}: {unreadable[0].problem}" if unreadable else ""
        return [_Task(student, assignment, exercise, None, problem) for exercise in assignment.exercises]
    best = max(found, key=lambda path: (
        sum(bool(match.cells) for match in found[path].values()), path.stem == assignment.chapter,
        sum(match.found for match in found[path].values())
    ))  # fmt: skip
    others = [path.name for path in found if path != best]
    if best.stem != assignment.chapter:
        odd.append(f"{best.name}: taken for {assignment.chapter}.ipynb, by its cells")
    if others:
        odd.append(f"{several(others)}: left aside, {best.name} was graded, which answers no fewer exercises")
    if not any(match.found for match in found[best].values()):
        odd.append(f"{best.name}: none of its cells answers an exercise of {assignment.chapter}")
    return [_Task(student, assignment, one, found[best][one.name]) for one in assignment.exercises]


def _warnings(tasks: list[_Task]) -> list[str]:
    matches = [task.match for task in tasks if task.match and task.match.found]
    other = sum(match.other_givens for match in matches)
    if other and 2 * other > len(matches):
        return [f"{other} of {len(matches)} answers stand beside givens of another variant: is --variant right?"]
    return []
