"""The one service that every wire of this chapter carries: add a customer, get one, list them all.

The shape is the Sun RPC example's: an identifier, a name of at most 30 bytes, a balance. Each protocol is a different
way to ask these three questions from another process, so everything that they share is here: what a customer is, where
customers are kept, what a client can do, and the errors that a caller sees whatever the wire.
"""

import threading
from collections.abc import Iterable
from typing import Annotated, Any, NamedTuple, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from companion.errors import CompanionError

MAX_NAME_BYTES = 30  # string name<30> in the Sun RPC example; the bound counts bytes, not letters
MAX_ID = 2**31 - 1
MAX_CUSTOMERS = 10_000  # a list of them all fits one message of every wire


class Customer(BaseModel):
    """One customer.

    Parameters
    ----------
    id : int
        From 1 to 2147483647. Zero is not a customer: one of the wires says "not found" with it.
    name : str
        At most 30 bytes of UTF-8.
    balance : float
        Any finite number.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    id: Annotated[int, Field(ge=1, le=MAX_ID)]
    name: str
    balance: Annotated[float, Field(allow_inf_nan=False)]

    @field_validator("name")
    @classmethod
    def _name_fits(cls, name: str) -> str:
        size = len(name.encode())
        if size > MAX_NAME_BYTES:
            raise ValueError(f"the name has {size} bytes, at most {MAX_NAME_BYTES} fit")
        return name


Customers = list[Customer]  # has a name of its own because `list` means the method inside the classes below


class Address(NamedTuple):
    """Where a server listens."""

    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


class Client(Protocol):
    """What a client of any wire can do. A call that fails raises a `WireError` and nothing else."""

    def add(self, customer: Customer) -> bool:
        """Add a customer; False when the identifier is taken."""
        ...

    def get(self, id: int) -> Customer | None:
        """Return the customer with this identifier, or None."""
        ...

    def list(self) -> Customers:
        """Return all customers in the order of their identifiers."""
        ...

    def close(self) -> None:
        """Close the connection."""
        ...


class WireError(CompanionError):
    """A call failed. The subclasses say what a caller can know about it."""


class ConnectionLost(WireError):
    """The peer is not there, or went away. Whether it carried out the call is unknown."""


class NotConnected(ConnectionLost):
    """No connection came about, so nothing was sent: the call was not carried out."""


class Timeout(WireError):
    """No complete answer came in time. Whether the peer carried out the call is unknown."""


class MalformedReply(WireError):
    """The peer answered with bytes that are not the protocol."""


class CannotEncode(WireError):
    """The customer does not fit this wire; nothing was sent."""


class RemoteError(WireError):
    """The server answered that it did not carry out the call.

    Parameters
    ----------
    code : str
        The protocol's own name for the reason, as `422`, `INVALID_ARGUMENT` or `GARBAGE_ARGS`.
    message : str
        What the server said beside it.
    """

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message


class Malformed(CompanionError, ValueError):
    """Bytes that break the rules of a wire, found by either side."""


class InvalidCustomer(CompanionError, ValueError):
    """Fields that make no customer; the message names the first one at fault."""


class StoreFull(CompanionError):
    """The store holds as many customers as it may."""


class CustomerStore:
    """Customers in memory, for any number of threads.

    Parameters
    ----------
    customers : Iterable of Customer
        What the store holds from the start.
    """

    def __init__(self, customers: Iterable[Customer] = ()) -> None:
        self._lock = threading.Lock()
        self._customers = {customer.id: customer for customer in customers}

    def add(self, customer: Customer) -> bool:
        """Add a customer; False when the identifier is taken.

        Raises
        ------
        StoreFull
            When there is no room for one more: a server that keeps whatever it is sent has no bound on its memory.
        """
        with self._lock:
            if customer.id in self._customers:
                return False
            if len(self._customers) >= MAX_CUSTOMERS:
                raise StoreFull(f"the store holds {MAX_CUSTOMERS} customers, and no more")
            self._customers[customer.id] = customer
            return True

    def get(self, id: int) -> Customer | None:
        """Return the customer with this identifier, or None."""
        with self._lock:
            return self._customers.get(id)

    def list(self) -> Customers:
        """Return all customers in the order of their identifiers."""
        with self._lock:
            return sorted(self._customers.values(), key=lambda customer: customer.id)


def customer_of(fields: Any) -> Customer:
    """Make a customer of fields that came over a wire.

    Parameters
    ----------
    fields : mapping
        `id`, `name` and `balance`, of whatever types they arrived with.

    Raises
    ------
    InvalidCustomer
        When they make no customer.
    """
    try:
        return Customer.model_validate(fields)
    except ValidationError as error:
        raise InvalidCustomer(first_fault(error)) from error


def first_fault(error: ValidationError) -> str:
    """Say in one line what is wrong with a customer's fields."""
    fault = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    message = fault["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message
