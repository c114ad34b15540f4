"""Chapter 23: personal data in Protocol Buffer schemas, found by rules that anyone can read, and marked in place.

    from companion.schemas.pii import scan

    for verdict in scan("protos").verdicts:
        print(verdict.level, verdict.key, verdict.reason)

What is listed in `__all__` is for programs of others; it is imported when it is first asked for, so that a command that
needs none of it starts in no time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from companion.schemas.pii.annotation.marking import annotate
    from companion.schemas.pii.rules.loading import load_rules
    from companion.schemas.pii.scanning import scan
    from companion.schemas.pii.verdict import Level, Verdict

__all__ = ["Level", "Verdict", "annotate", "load_rules", "scan"]

_HOMES = {"Level": "verdict", "Verdict": "verdict", "annotate": "annotation.marking", "load_rules": "rules.loading",
          "scan": "scanning"}  # fmt: skip


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    except ModuleNotFoundError as error:
        if not error.name or error.name.split(".")[0] == "companion":
            raise
        needed = f"{error.name} is not installed, and {__name__}.{name} needs it: pip install 'companion[schemas]'"
        raise ModuleNotFoundError(needed, name=error.name) from None


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
