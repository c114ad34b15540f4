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

BUDGET = '''class RetryBudget:
    def __init__(self, ratio, cap):
        self.ratio, self.cap, self.tokens = ratio, cap, cap
    def first(self):
        FIRST
    def retry(self):
        RETRY
'''  # fmt: skip
SPEND = "if self.tokens < 1:\n            return False\n        self.tokens -= 1\n        return True"
QUEUE = "def longest_queue(servers, mean_service, timeout): return "
SHARED = BUDGET.replace("self.", "RetryBudget.").replace("RETRY", SPEND.replace("self.", "RetryBudget."))
EARN_SHARED = "RetryBudget.tokens = min(RetryBudget.cap, RetryBudget.tokens + RetryBudget.ratio)"

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
    ],
    "budget": [
        (BUDGET.replace("FIRST", "self.tokens += self.ratio").replace("RETRY", SPEND), "a long calm saves up"),
        (BUDGET.replace("FIRST", "pass").replace("RETRY", "return True"), "a retry storm"),
        (BUDGET.replace("FIRST", "pass").replace("RETRY", SPEND), "earn"),
        (SHARED.replace("FIRST", EARN_SHARED), "a shared wallet"),
    ],
    "cure": [
        ("cure = {'policy': 'full_jitter', 'backoff_base': 10.0}", "what removes attempts"),
        ("cure = {'max_retries': 0}", "costs money"),
        ("cure = {'policy': 'shedding', 'shed_margin': 0.0}", "work in vain"),
        ("cure = {'policy': 'magic'}", "the simulator refuses: policy = 'magic' is not accepted"),
    ],
    "spike": [
        ("def deadly_spike(load): return 10.0", "did you count survivors"),
        ("def deadly_spike(load): return 1.0", "would ring for nothing"),
        ("def deadly_spike(load): return 2.5", "a busier service falls sooner"),
    ],
}  # fmt: skip
