"""Let it crash: children that may die, a supervisor that starts them again, and ways to hear of a death.

`children` are real processes, `supervisor` is the loop that keeps them alive, `links` spread a death or report it, and
`node` starts a process on another machine. `scripted` plays the same supervisor against a clock that does not wait, and
`theory` says in closed form what it must do. Processes are stopped by signals: there is none of this on Windows.
"""

from companion.calls.concurrency.supervisor.children import Process
from companion.calls.concurrency.supervisor.supervisor import STRATEGIES, Child, Event, Supervisor

__all__ = ["STRATEGIES", "Child", "Event", "Process", "Supervisor"]
