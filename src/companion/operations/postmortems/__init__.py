"""Chapter 28: post mortems that teach, read from Markdown, judged by rules that say why, drawn and counted.

    from companion.operations.postmortems import lint, read

    for finding in lint(read("2026-11-03-checkout.md")).findings:
        print(finding.line, finding.rule, finding.message)

What is listed in `__all__` is for programs of others; it is imported when it is first asked for, so that a command that
needs none of it starts in no time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from companion.operations.postmortems.document import PostmortemError
    from companion.operations.postmortems.reading.read import parse, read
    from companion.operations.postmortems.rules.catalogue import rules as all_rules
    from companion.operations.postmortems.rules.lint import lint
    from companion.operations.postmortems.rules.outcome import Verdict

__all__ = ["PostmortemError", "Verdict", "all_rules", "lint", "parse", "read"]

_HOMES = {"PostmortemError": ("document", "PostmortemError"), "Verdict": ("rules.outcome", "Verdict"),
          "all_rules": ("rules.catalogue", "rules"), "lint": ("rules.lint", "lint"), "parse": ("reading.read", "parse"),
          "read": ("reading.read", "read")}  # fmt: skip
"""Where each stands; the rules have another name here, as `rules` is the room in which they stand."""


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, own = _HOMES[name]
    try:
        return getattr(import_module(f"{__name__}.{module}"), own)
    except ModuleNotFoundError as error:
        if not error.name or error.name.split(".")[0] == "companion":
            raise
        needed = f"{error.name} is not installed, and {__name__}.{name} needs it: pip install 'companion[operations]'"
        raise ModuleNotFoundError(needed, name=error.name) from None


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
