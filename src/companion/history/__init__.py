"""Histories of operations, and whether they are linearizable.

    from companion.history import check, read_history

    verdict = check(read_history("run.jsonl", "register"), "register")

Standard library only, so that the simulators can judge their own histories inside a web page; the command and the
figures import more, when they are asked for.
"""

from companion.history.check import KeyVerdict, Verdict, check
from companion.history.events import HistoryError, Operation
from companion.history.reading import read_history
from companion.history.specifications import MODELS

__all__ = ["MODELS", "HistoryError", "KeyVerdict", "Operation", "Verdict", "check", "read_history"]
