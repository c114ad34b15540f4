"""A load generator that keeps its own time: requests are planned, and timed from the moment that was planned.

report = load("http://127.0.0.1:8000/?ms=20", rate=200, seconds=5, connections=64)
print(report.p(99), report.starved, report.errors)
"""

from companion.calls.concurrency.load.plan import Arrivals, LoadError, corrected, percentile, plan
from companion.calls.concurrency.load.report import Report, Sample
from companion.calls.concurrency.load.run import load

__all__ = ["Arrivals", "LoadError", "Report", "Sample", "corrected", "load", "percentile", "plan"]
