"""A tuple space over TCP, with the same methods as the space itself, and `wait`."""

from __future__ import annotations

from collections.abc import Iterable

from companion.calls.coordination.linda.space import Field, Fields, Held, Template, checked_fields
from companion.calls.coordination.linda.templates import write_template
from companion.calls.coordination.lines import PATIENCE, Caller, Json, LineError


class SpaceClient:
    """One connection to a space; use it in a ``with`` block.

    Parameters
    ----------
    address : (str, int)
        Where the space is served.

    Attributes
    ----------
    requests : int
        How many requests it has made.
    """

    def __init__(self, address: tuple[str, int]) -> None:
        self._caller = Caller(address)
        self.requests = 0

    def out(self, fields: Iterable[Field]) -> None:
        """Put a tuple in."""
        self._call({"op": "out", "tuple": list(fields)})

    def take(
        self, template: Template, lease: float | None = None, *, wait: bool = False, patience: float = PATIENCE
    ) -> Held | None:
        """Take the oldest tuple that fits, for good or for `lease` seconds.

        Without `wait` the answer is None if there is none. With it the call waits; after `patience` seconds it raises
        `NoAnswer`, and the connection is over.
        """
        return self._find({"op": "in", "lease": lease}, template, wait, patience)

    def read(self, template: Template, *, wait: bool = False, patience: float = PATIENCE) -> Fields | None:
        """Give the oldest tuple that fits, and leave it there."""
        found = self._find({"op": "rd"}, template, wait, patience)
        return None if found is None else found.fields

    def done(self, lease: int, results: Iterable[Iterable[Field]] = ()) -> bool:
        """Be done with a tuple and put the results in, in one step; False if the lease is over."""
        return bool(self._call({"op": "done", "lease": lease, "results": [list(result) for result in results]})["ok"])

    def renew(self, lease: int, seconds: float) -> bool:
        """Hold a tuple for so many seconds from now; False if the lease is over."""
        return bool(self._call({"op": "renew", "lease": lease, "seconds": seconds})["ok"])

    def count(self, template: Template | None = None) -> int:
        """Count the tuples that fit, or all."""
        asked = {} if template is None else {"template": write_template(template)}
        return int(self._call({"op": "count"} | asked)["count"])

    def waiting(self) -> int:
        """Say how many wait for a tuple."""
        return int(self._call({"op": "count"})["waiting"])

    def pass_time(self, seconds: float) -> None:
        """Set the clock of an experiment on by so many seconds."""
        self._call({"op": "pass", "seconds": seconds})

    def close(self) -> None:
        """Close the connection: what it held on lease is back."""
        self._caller.close()

    def __enter__(self) -> SpaceClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _find(self, request: Json, template: Template, wait: bool, patience: float) -> Held | None:
        answer = self._call(request | {"template": write_template(template), "wait": wait}, patience)
        fields, lease = answer.get("tuple"), answer.get("lease")
        if fields is None:
            return None
        if not isinstance(fields, list) or not (lease is None or type(lease) is int):
            raise LineError(f"{answer} is no tuple")
        return Held(checked_fields(fields), lease)

    def _call(self, request: Json, patience: float | None = None) -> Json:
        self.requests += 1
        return self._caller.call(request, patience)
