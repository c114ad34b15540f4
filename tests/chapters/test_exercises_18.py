"""Chapter 18: what a student may well hand in to its exercises, and what the message must then speak of."""

from __future__ import annotations

from tests.chapters.exercise_checks import (  # noqa: F401 - the tests, which read the table below
    test_a_plausible_wrong_answer_is_told_what_is_wrong,
    test_every_exercise_has_been_answered_wrongly_at_least_twice,
    test_most_wrong_answers_fail_by_the_checks_that_a_student_can_see,
    test_no_decoy_passes,
    test_page_and_grader_judge_wrong_answers_alike,
    test_the_solution_passes_and_no_answer_fails,
    test_the_solution_passes_in_any_variant_and_an_answer_that_is_frozen_in_none,
)

FLIGHT = """class SingleFlight:
    def __init__(self):
        self.flights = {}
    def ask(self, key, caller):
        ASK
    def land(self, key):
        LAND
"""
ASK = "first = key not in self.flights\n        self.flights.setdefault(key, []).append(caller)\n        return first"
LAND = "return self.flights.pop(key, [])"
SHARED = FLIGHT.replace("    def __init__(self):\n        self.flights = {}\n", "    flights = {}\n")
ONE_AT_ALL = ASK.replace("not in self.flights", "is not None and not self.flights")
QUEUE = "def longest_queue(servers, mean_service, timeout): return "
CODEL = """class ControlledDelay:
    def __init__(self, target, interval):
        self.target, self.interval = target, interval
        self.over, self.dropping, self.due, self.count, self.began_at = None, False, 0.0, 0, 0
    def drops(self, now, waited, last):
        if last or waited < self.target:
            self.over, self.dropping = None, False
            return False
        if self.over is None:
            self.over = now + self.interval
        if now < self.over:
            return False
        if not self.dropping:
            grown = self.count - self.began_at
            recent = now - self.due < 16 * self.interval
            self.count = self.began_at = grown if grown > 1 and recent else 1
            self.dropping, self.due = True, now + self.interval / self.count**0.5
            return True
        if now < self.due:
            return False
        self.count += 1
        self.due += self.interval / self.count**0.5
        return True
"""


def without(lines: str, instead: str = "") -> str:
    """Give the right class with one of its lines wrong."""
    assert CODEL.count(lines) == 1
    return CODEL.replace(lines, instead)


WRONG: dict[str, list[tuple[str, str]]] = {
    "border": [
        ("safe_load = servers / mean_service", "it stays down"),
        ("safe_load = servers / mean_service / retries", "the first of each request too"),
        ("safe_load = servers * mean_service / (retries + 1)", "turn away callers"),
        ("safe_load = '16'", "give requests a second"),
    ],
    "queue": [
        (QUEUE + "int(servers / mean_service)", "refuse for nothing"),
        (QUEUE + "servers / mean_service * timeout", "no whole number"),
        (QUEUE + "1000", "its end is served too late"),
        (QUEUE + "400", "its end is served too late"),
        (QUEUE + "int(0.6 * servers / mean_service * timeout)", "refuse for nothing"),
        (QUEUE + "int(servers / mean_service * (timeout - mean_service))", "with time to spare"),
        (QUEUE + "int(servers / mean_service * timeout) - servers", "time to spare"),
        (QUEUE + "int(timeout / mean_service) * servers", "with time to spare"),
    ],
    "flight": [
        (FLIGHT.replace("ASK", "return True").replace("LAND", LAND), "a stampede"),
        (FLIGHT.replace("ASK", ASK).replace("LAND", "return self.flights.get(key, [])"), "after its answer has come"),
        (FLIGHT.replace("ASK", ONE_AT_ALL).replace("LAND", LAND), "some wait for ever"),
        (FLIGHT.replace("ASK", ASK).replace("LAND", "return self.flights.pop(key, [])[1:]"), "the answer goes to"),
        (SHARED.replace("ASK", ASK).replace("LAND", LAND), "two fronts share"),
    ],
    "cure": [
        ("cure = {'policy': 'full_jitter', 'backoff_base': 10.0}", "what removes attempts"),
        ("cure = {'max_retries': 0}", "costs money"),
        ("cure = {'policy': 'shedding', 'shed_margin': 0.05}", "work in vain"),
        ("cure = {'policy': 'magic'}", "the simulator refuses: policy = 'magic' is not accepted"),
        ("cure = {'queue_bound': 50}", "the numbers of the preset bounded_queue"),
        ("cure = {'policy': 'codel'}", "the numbers of the preset codel"),
        ("cure = {'policy': 'codel', 'codel_target': 0.05}", "the numbers of the preset codel"),
        ("cure = {'policy': 'codel', 'shed_margin': 0.3}", "the numbers of the preset codel"),
        ("cure = {'queue_bound': 51}", "the numbers of the preset bounded_queue"),
        ("cure = {'queue_bound': 1}", "who is refused"),
        ("cure = {'policy': 'lifo', 'budget_cap': 1.0}", "must be served first"),
        ("cure = {'policy': 'budget', 'budget_ratio': 0.2}", "who is served too late"),
    ],
    "codel": [
        (without("if now < self.over:", "if now < self.over - self.interval:"), "a burst of one interval must pass"),
        (without("self.due += self.interval / self", "self.due = now + self.interval / self"), "after it is due"),
        (without("self.due += self.interval / self.count**0.5", "self.due += self.interval"), "after it is due"),
        (without("self.due += self.interval / self.count**0.5", "pass"), "dropped in six intervals of long waits"),
        (without("self.over, self.dropping = None, False", "pass"), "a new interval begins"),
        (without("last or ", ""), "must be served"),
        (without("waited < self.target", "waited <= self.target"), "target is too long"),
        (without("grown if grown > 1 and recent else 1", "1"), "a long run"),
    ],
}  # fmt: skip
