"""The till: each payment counts, from however many threads."""

import threading

from companion.calls.wire.experiments.till import PAYMENT, Till


def test_whoever_pays_twice_has_paid_twice() -> None:
    till = Till()
    assert till.add(PAYMENT) and till.add(PAYMENT)
    assert (till.paid, till.times) == (2 * PAYMENT.balance, 2)


def test_no_payment_is_lost_between_threads() -> None:
    till = Till()
    threads = [threading.Thread(target=lambda: [till.add(PAYMENT) for _ in range(500)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert till.times == 4000
