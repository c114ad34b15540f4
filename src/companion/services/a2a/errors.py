"""What this room refuses, each refusal by its name."""

from __future__ import annotations

from companion.errors import CompanionError


class TaskError(CompanionError, RuntimeError):
    """Something about a task that cannot be."""


class UnknownTask(TaskError):
    """There is no such task, or it is somebody else's: from outside, the two look alike."""


class IllegalMove(TaskError):
    """The task's state does not lead where somebody wanted it."""


class LostLease(TaskError):
    """Another server has taken this task since: what is written now would be the word of a server that is out."""


class MessageRefused(TaskError):
    """The message cannot go to this task."""


class TargetRefused(CompanionError, ValueError):
    """Notifications are not sent there."""


class CallFailed(CompanionError, RuntimeError):
    """An agent answered a call with an error, or did not answer."""
