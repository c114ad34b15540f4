"""Whether anything was learned, and what is done about it."""

from companion.operations.postmortems.rules.learning import actions, lessons
from companion.operations.postmortems.rules.outcome import Check

CHECKS: dict[str, Check] = {**lessons.CHECKS, **actions.CHECKS}
