"""The service on the other side: a bank with a file of charges, which knows a key again when it is given one.

Key and charge are one line, written at once. A bank that kept its keys in another place than its charges could itself
be killed between the two.
"""

from __future__ import annotations

import json
from pathlib import Path

from companion.errors import CompanionError


class BankError(CompanionError):
    """A key that stands for another charge."""


class Bank:
    """Charges an account, and appends each charge to a file.

    Parameters
    ----------
    path : Path
        The file of charges.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def charge(self, amount: int, key: str | None = None) -> int:
        """Charge an amount and return the number of the receipt; the same key gets the receipt that it got before.

        Raises
        ------
        BankError
            If the key was used for another amount: whoever sends it has not repeated itself.
        """
        charges = self.charges()
        for number, (charged, old) in enumerate(charges, 1):
            if key is not None and key == old:
                if charged != amount:
                    raise BankError(f"key {key!r}: {charged} was charged for it, not {amount}")
                return number
        with self._path.open("ab", buffering=0) as file:
            file.write(json.dumps([amount, key]).encode() + b"\n")
        return len(charges) + 1

    def charges(self) -> list[tuple[int, str | None]]:
        """Return all charges, oldest first, each with its key."""
        if not self._path.exists():
            return []
        return [(amount, key) for amount, key in map(json.loads, self._path.read_text().splitlines())]


__all__ = ["Bank", "BankError"]
