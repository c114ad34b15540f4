"""Whether a document asks why, and judges how the incident was handled."""

from companion.operations.postmortems.rules.analysis import response, whys
from companion.operations.postmortems.rules.outcome import Check

CHECKS: dict[str, Check] = {**whys.CHECKS, **response.CHECKS}
