"""A program that outlives its process: replay from a journal, and what a replay does to the world.

`replay` is the engine, `journal` the file that it reads and writes, `bank` stands for the service that is paid through
it, and `kills` runs all three in processes that are killed at every step.
"""

from companion.calls.concurrency.durable.journal import Journal, JournalError, Step
from companion.calls.concurrency.durable.replay import NonDeterminism, run

__all__ = ["Journal", "JournalError", "NonDeterminism", "Step", "run"]
