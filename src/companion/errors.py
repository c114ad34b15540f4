"""The root of every error that this package raises on purpose.

An error carries one line that a person can act on: what is wrong, where, and what would be right. A command prints that
line and exits with status 2; a program of your own catches `CompanionError`.
"""


class CompanionError(Exception):
    """Something that the package refuses to do; the message says why, in one line."""


__all__ = ["CompanionError"]
