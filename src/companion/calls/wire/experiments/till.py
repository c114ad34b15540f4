"""A store whose `add` shows how often it was carried out: whoever adds a balance twice has paid twice."""

import threading

from companion.calls.wire.customers import Customer, CustomerStore
from companion.calls.wire.recording.record import ADA

PAYMENT = Customer(id=1, name="Ada Lovelace", balance=10.0)


class Till(CustomerStore):
    """Takes payments: each `add` is carried out, whoever was there before, and counted.

    Attributes
    ----------
    paid : float
        The sum of all balances that were added.
    times : int
        How often something was added.
    """

    def __init__(self) -> None:
        super().__init__([ADA])
        self.paid = 0.0
        self.times = 0
        self._counting = threading.Lock()

    def add(self, customer: Customer) -> bool:
        """Take a payment; always True."""
        with self._counting:
            self.paid += customer.balance
            self.times += 1
        return True
