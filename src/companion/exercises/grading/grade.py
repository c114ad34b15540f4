"""Grade a class: every exercise of every student, several at a time, whatever was handed in."""

from __future__ import annotations

import queue
from collections.abc import Callable
from dataclasses import dataclass, field

from companion.exercises.authoring.assignment import Assignment
from companion.exercises.authoring.model import Exercise
from companion.exercises.grading.match import Match, match_answers, score
from companion.exercises.grading.submissions import Student, Submission
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
    return [
        assignment for assignment in assignments if any(_belongs(submission, assignment) for submission in submissions)
    ]


def grade(
    students: list[Student], assignments: list[Assignment], isolation: Isolation, *, seconds: float | None = None,
    jobs: int = 1, progress: Callable[[Grade], object] = lambda grade: None,
) -> GradeBook:  # fmt: skip
    """Grade all exercises of all students.

    Parameters
    ----------
    students, assignments : list
        Who, and what.
    isolation : Isolation
        The layers around each answer.
    seconds : float, optional
        A limit for every exercise, in place of the exercise's own.
    jobs : int
        How many answers run at a time.
    progress : callable
        Told of each grade when it is known.
    """
    odd: dict[str, list[str]] = {student.name: [] for student in students}
    tasks = [
        task for student in students for assignment in assignments for task in _tasks(student, assignment, odd)
    ]  # fmt: skip
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


def _tasks(student: Student, assignment: Assignment, odd: dict[str, list[str]]) -> list[_Task]:
    """List a student's exercises of a chapter, each with the answer found for it."""
    submission, notes = _pick(student, assignment)
    odd[student.name] += notes
    if submission is None or submission.problem:
        problem = f"{submission.path.name}: {submission.problem}" if submission else ""
        return [_Task(student.name, assignment, exercise, None, problem) for exercise in assignment.exercises]
    matches = match_answers(submission, assignment.exercises, assignment.givens)
    return [
        _Task(student.name, assignment, exercise, matches[exercise.name]) for exercise in assignment.exercises
    ]  # fmt: skip


def _pick(student: Student, assignment: Assignment) -> tuple[Submission | None, list[str]]:
    """Pick the notebook of a chapter among a student's: readable first, then by its name, then by its cells."""
    here = [submission for submission in student.submissions if _belongs(submission, assignment)]
    strays = [submission for submission in student.submissions if submission.problem and submission not in here]
    candidates = here or strays  # one that cannot be read, under another name, may be this one
    if not candidates:
        return None, []
    best = max(candidates, key=lambda one: (
        not one.problem, one.path.stem == assignment.chapter, score(one, assignment.exercises)
    ))  # fmt: skip
    notes = [f"{one.path.name}: {one.problem}" for one in candidates if one.problem]
    if best.path.stem != assignment.chapter and not best.problem:
        notes.append(f"{best.path.name}: taken for {assignment.chapter}.ipynb, by its cells")
    notes += [f"{one.path.name}: left aside, {best.path.name} was graded" for one in here
              if one is not best and not one.problem]  # fmt: skip
    return best, notes


def _belongs(submission: Submission, assignment: Assignment) -> bool:
    return submission.path.stem == assignment.chapter or score(submission, assignment.exercises) > 0


def _warnings(tasks: list[_Task]) -> list[str]:
    matches = [task.match for task in tasks if task.match and task.match.found]
    other = sum(match.other_givens for match in matches)
    if other and 2 * other > len(matches):
        return [f"{other} of {len(matches)} answers stand beside givens of another variant: is --variant right?"]
    return []
