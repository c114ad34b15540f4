"""The one error of a model that gives no answer, whatever its library would have raised."""

from __future__ import annotations

from companion.errors import CompanionError


class ModelError(CompanionError):
    """A model gave no answer, or none that counts; the message says which model and why, in one line.

    Attributes
    ----------
    is_retryable : bool
        Whether the same question may be answered later. Under this name LangChain's own errors say it too.
    """

    def __init__(self, message: str, *, is_retryable: bool) -> None:
        super().__init__(message)
        self.is_retryable = is_retryable
