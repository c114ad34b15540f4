"""What a lint takes beside markdown-it alone on the same documents: a ratio, in pairs, which travels between machines.

Both are processes of their own, so both figures hold everything that a user waits for, from start-up to the last line.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

COMPANION = str(Path(sys.executable).with_name("companion"))
PAIRS = 3
ALONE = """
import sys
from pathlib import Path
from markdown_it import MarkdownIt
reader = MarkdownIt("commonmark").enable("table")
print(sum(len(reader.parse(path.read_text("utf-8"))) for path in sorted(Path(sys.argv[1]).glob("*.md"))))
"""


def written(number: int) -> str:
    """Write a post mortem of some hundred lines, of the shapes that real ones have."""
    clocks = [f"{10 + n // 4}:{n % 4 * 15:02}" for n in range(20)]
    parts = {
        "Summary": "The search answers 4,000 requests a second. From 10:00 to 14:45 UTC, 23,000 searches failed.",
        "Impact": "23,000 searches of 4,100 customers failed, about 3 % of the day's.",
        "Timeline": "All times UTC.\n\n" + "\n".join(f"- **{clock}** The on-call engineer looks." for clock in clocks),
        "What happened": "The pool of connections was used up, and the deployment held the rest of it. " * 12,
        "Five whys": "\n".join(f"{n}. Why did step {n} fail?\n   -> The one before gave nothing." for n in range(1, 8)),
        "Detection": "An alarm on errors told us after 9 minutes; one on the pool could have told us after two.",
        "Log": "```text\n" + "10:00:01 error: no connection\n" * 12 + "```",
        "Lessons": "\n".join(f"{n}. A service should watch all that it has {n} of (action {n})." for n in range(1, 9)),
        "Actions": "| # | Action | Owner | Due |\n|---|---|---|---|\n"
        + "\n".join(f"| {n} | Alarm at {70 + n} % of pool {n} | Ines Okafor | 2026-11-{n + 10} |" for n in range(1, 9)),
    }
    head = f"---\ndate: 2026-11-03\nstatus: draft\n---\n# Users could not search for {number} minutes\n"
    return head + "".join(f"\n## {name}\n\n{text}\n" for name, text in parts.items())


def seconds(command: list[str]) -> float:
    start = perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return perf_counter() - start


@pytest.mark.parametrize("number", [1, 1000])
def test_a_lint_beside_markdown_it_alone(
    number: int, tmp_path: Path, benchmark: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    for n in range(number):
        (tmp_path / f"{n:04}.md").write_text(written(n))
    lint = [COMPANION, "postmortem", "lint", str(tmp_path), "--fail-on", "never"]
    alone = [sys.executable, "-c", ALONE, str(tmp_path)]
    said = subprocess.run(lint, check=True, capture_output=True, text=True).stdout  # warm: bytecode is there
    assert said.count(" rules for a draft: ") == number
    pairs = [(seconds(lint), seconds(alone)) for _ in range(PAIRS)]  # paired, so that a busy machine slows both
    ours, theirs = (statistics.median(column) for column in zip(*pairs, strict=True))
    ratio = statistics.median(one / other for one, other in pairs)
    benchmark.extra_info |= {"ratio": round(ratio, 1), "lint_s": round(ours, 2), "markdown_it_s": round(theirs, 2)}
    benchmark.pedantic(seconds, args=(lint,), rounds=1)
    with capsys.disabled():
        print(f"\ndocuments: {number:,}, lint {ours:.2f} s, markdown-it alone {theirs:.2f} s, ratio {ratio:.1f}")
